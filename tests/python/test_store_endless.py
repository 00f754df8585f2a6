"""Answers that have more bytes than the range that was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import jetliner
from store_tests import payload_file

HUGE_BYTES = 1 << 40
PART = bytes(1 << 20)


class Endless(BaseHTTPRequestHandler):
    """Announces the range that was asked for, and sends zeros until nobody takes them."""

    protocol_version = "HTTP/1.1"
    sent_bytes = 0

    def do_GET(self) -> None:
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        self.head(f"bytes {first}-{last}/{HUGE_BYTES}", HUGE_BYTES)
        try:
            for _ in range(2000):
                self.wfile.write(PART)
                type(self).sent_bytes += len(PART)
        except OSError:
            pass
        self.close_connection = True

    def head(self, content_range: str, content_length: int) -> None:
        self.send_response(206)
        self.send_header("Content-Range", content_range)
        self.send_header("Content-Length", str(content_length))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sat, 28 Nov 2026 00:00:00 GMT")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Print nothing."""


class TooLong(Endless):
    """Sends small ranges as they are, and large ones twice."""

    content = payload_file(3000)

    def do_GET(self) -> None:
        first, last = (int(place) for place in self.headers["Range"].removeprefix("bytes=").split("-"))
        data = self.content[first : last + 1]
        if len(data) > 1 << 20:
            data += data
        self.head(f"bytes {first}-{min(last + 1, len(self.content)) - 1}/{len(self.content)}", len(data))
        self.wfile.write(data)


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[dict[str, str]]:
    """Give `storage_options` for a server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield {
            "aws_endpoint_url": f"http://127.0.0.1:{server.server_port}",
            "aws_access_key_id": "id",
            "aws_secret_access_key": "secret",
            "aws_region": "eu-central-1",
            "max_retries": "0",
        }
        server.shutdown()


@pytest.fixture
def options() -> Iterator[dict[str, str]]:
    Endless.sent_bytes = 0
    with served(Endless) as options:
        yield options


# Ranges of more than 1 MiB are taken as a whole. So only the answers before them are bounded.
def test_a_large_range_with_too_many_bytes() -> None:
    pytest.importorskip("obstore")
    with served(TooLong) as options, pytest.raises(jetliner.SourceError, match="more bytes than it was asked for"):
        jetliner.read_avro("s3://bucket/x.avro", storage_options=options)


@pytest.mark.parametrize("read", [jetliner.read_avro_schema, jetliner.read_avro])
def test_an_endless_answer_of_a_store_is_left(options: dict[str, str], read: object) -> None:
    pytest.importorskip("obstore")
    started = time.monotonic()
    with pytest.raises(jetliner.SourceError, match="more bytes than it was asked for"):
        read("s3://bucket/x.avro", storage_options=options)  # type: ignore[operator]
    assert time.monotonic() - started < 10
    assert Endless.sent_bytes < 200 << 20
