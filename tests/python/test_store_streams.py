"""Servers that send whole files only: how much of an answer is copied to the disk."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import sales_frame
from conftest import WriteAvro, WriteSales
from store_tests import OF_POLARS, clean_environment  # noqa: F401
from stores.web import WebServer

PIECE = bytes(1 << 16)
READS: list[Callable[[str], Any]] = [
    jetliner.read_avro,
    jetliner.scan_avro,
    jetliner.read_avro_schema,
    jetliner.read_avro_metadata,
    jetliner.count_rows,
    jetliner.AvroReader,
]


class Endless:
    """A server whose answers never end.

    Attributes
    ----------
    most_bytes
        The most bytes that a connection took. The system keeps some MB of them in its buffers.
    """

    def __init__(self, first: bytes, headers: bytes, *, is_chunked: bool) -> None:
        self.most_bytes = 0
        self._first = first
        self._headers = headers
        self._is_chunked = is_chunked
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/a.avro"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._send, args=(client,), daemon=True).start()

    def _send(self, client: socket.socket) -> None:
        sent = 0
        with client, contextlib.suppress(OSError):
            client.recv(1 << 16)
            client.sendall(b"HTTP/1.1 200 OK\r\n" + self._headers + b"\r\n")
            piece = self._first
            while sent < 1 << 30:
                client.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if self._is_chunked else piece)
                sent += len(piece)
                self.most_bytes = max(self.most_bytes, sent)
                piece = PIECE


@pytest.fixture(params=[b"", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 99999999999\r\n"])
def endless(request: pytest.FixtureRequest) -> Iterator[Callable[[bytes], Endless]]:
    servers: list[Endless] = []

    def start(first: bytes) -> Endless:
        servers.append(Endless(first, request.param, is_chunked=b"chunked" in request.param))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.mark.parametrize("read", READS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("first", [b"\0", b"O", b"<html>", b"\x1f\x8b"])
def test_what_is_no_avro_file_is_not_copied_to_its_end(
    read: Callable[[str], Any], first: bytes, endless: Callable[[bytes], Endless]
) -> None:
    server = endless(first)
    with pytest.raises(jetliner.ParseError) as caught:
        read(server.url)
    assert caught.value.variant == "InvalidMagic"
    assert caught.value.path == server.url
    assert server.most_bytes < 32 << 20


def test_a_schema_takes_the_first_bytes_only(
    endless: Callable[[bytes], Endless], write_sales: WriteSales, write_avro: WriteAvro
) -> None:
    small = Path(write_sales(rows=3)).read_bytes()
    server = endless(small)
    assert jetliner.read_avro_schema(server.url) == sales_frame(0).schema
    assert jetliner.scan_avro(server.url).collect_schema() == sales_frame(0).schema
    assert server.most_bytes < 32 << 20


def test_a_header_that_is_longer_than_the_first_bytes(web: WebServer, write_avro: WriteAvro) -> None:
    schema = {"type": "record", "name": "R", "doc": "x" * 3_000_000, "fields": [{"name": "a", "type": "long"}]}
    content = Path(write_avro("long.avro", schema, [{"a": number} for number in range(100)])).read_bytes()
    file = web.add("a.avro", content, ranges=False)
    assert jetliner.read_avro_schema(file.url).names() == ["a"]
    assert jetliner.scan_avro(file.url).collect()["a"].sum() == sum(range(100))


def test_an_object_that_is_replaced(web: WebServer, write_sales: WriteSales) -> None:
    file = web.add("a.avro", Path(write_sales(rows=9000)).read_bytes(), ranges=False)
    scan = jetliner.scan_avro(file.url)
    assert_frame_equal(scan.collect(), sales_frame(9000))
    file.data = Path(write_sales(rows=8000)).read_bytes()
    with pytest.raises((jetliner.SourceError, *OF_POLARS), match="has changed"):
        scan.collect()


def test_nothing_stays_on_the_disk(
    web: WebServer, write_sales: WriteSales, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = web.add("a.avro", Path(write_sales(rows=9000)).read_bytes(), ranges=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = list(tmp_path.iterdir())
    assert jetliner.read_avro(file.url).height == 9000
    assert list(tmp_path.iterdir()) == before
