"""Answers that have more bytes than the range that was asked for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import jetliner
from jetliner import _core
from jetliner._files.fetchers import start_fetchers
from jetliner._stores.client import Fetched

HUGE_BYTES = 1 << 40
PART = bytes(1 << 20)


class Endless(BaseHTTPRequestHandler):
    """Announces the range that was asked for, and sends zeros until nobody takes them."""

    protocol_version = "HTTP/1.1"
    sent_bytes = 0

    def do_GET(self) -> None:
        first, last = self.headers["Range"].removeprefix("bytes=").split("-")
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{HUGE_BYTES}")
        self.send_header("Content-Length", str(HUGE_BYTES))
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Sat, 28 Nov 2026 00:00:00 GMT")
        self.end_headers()
        try:
            for _ in range(2000):
                self.wfile.write(PART)
                type(self).sent_bytes += len(PART)
        except OSError:
            pass
        self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        Endless.sent_bytes = 0
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("read", [jetliner.read_avro_schema, jetliner.read_avro])
def test_an_endless_answer_of_a_store_is_left(port: int, read: object) -> None:
    pytest.importorskip("obstore")
    options = {
        "aws_endpoint_url": f"http://127.0.0.1:{port}",
        "aws_access_key_id": "id",
        "aws_secret_access_key": "secret",
        "aws_region": "eu-central-1",
        "max_retries": "0",
    }
    started = time.monotonic()
    with pytest.raises(jetliner.SourceError, match="more bytes than it was asked for"):
        read("s3://bucket/x.avro", storage_options=options)  # type: ignore[operator]
    assert time.monotonic() - started < 10
    assert Endless.sent_bytes < 200 << 20


def test_parts_beyond_the_range_are_not_kept() -> None:
    kept: list[int] = []

    def fetch(job: _core.RangeJob) -> Fetched:
        before = sys.getrefcount(PART)
        for number in range(1000):
            job.write(number * len(PART), PART)
        kept.append(sys.getrefcount(PART) - before)
        return Fetched(b"", HUGE_BYTES, "1")

    store = start_fetchers(fetch, most=1, chunk_bytes=None, max_ahead_bytes=1 << 20)
    with pytest.raises(jetliner.SourceError, match="got 1048576 bytes of the 65536"):
        _core.Inspector("x.avro", read_chunk_size=None, max_block_size=None, ignore_errors=False, store=store)
    assert kept == [1]
