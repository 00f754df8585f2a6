"""Bytes and open files where a path is expected."""

from __future__ import annotations

import array
import contextlib
import copy
import gzip
import io
import mmap
import pickle
import random
import re
import socket
import subprocess
import sys
import threading
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import open_files, sales_frame
from conftest import WriteSales

ROWS = 3000
Make = Callable[[], Any]


@pytest.fixture
def path(write_sales: WriteSales) -> Path:
    return Path(write_sales(rows=ROWS, block_rows=100))


@pytest.fixture
def content(path: Path) -> bytes:
    return path.read_bytes()


class Unnamed:
    """An open file with few methods, which reads a few bytes at a time."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    def read(self, size: int = -1) -> Any:
        return self._file.read(min(size, 777) if size > 0 else size)


class Seekable(Unnamed):
    """The same, which can seek."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def in_gzip(path: Path, content: bytes) -> gzip.GzipFile:
    packed = path.with_suffix(".gz")
    packed.write_bytes(gzip.compress(content))
    return gzip.open(packed)


def in_zip(path: Path, content: bytes) -> Any:
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("member.avro", content)
    return zipfile.ZipFile(packed).open("member.avro")


KINDS: dict[str, Callable[[Path, bytes], Any]] = {
    "bytes": lambda path, content: content,
    "bytearray": lambda path, content: bytearray(content),
    "memoryview": lambda path, content: memoryview(content),
    "memoryview with steps": lambda path, content: memoryview(bytes(b for byte in content for b in (byte, 0)))[::2],
    "array": lambda path, content: array.array("B", content),
    "mmap": lambda path, content: mapped(path),
    "BytesIO": lambda path, content: io.BytesIO(content),
    "file": lambda path, content: path.open("rb"),
    "file without buffer": lambda path, content: path.open("rb", buffering=0),
    "gzip file": in_gzip,
    "zip member": in_zip,
    "own class": lambda path, content: Seekable(content),
}
EACH_KIND = pytest.mark.parametrize("kind", KINDS)


@EACH_KIND
def test_every_entry_point_reads_every_kind(kind: str, path: Path, content: bytes) -> None:
    wanted = sales_frame(ROWS)

    def source() -> Any:
        return KINDS[kind](path, content)

    assert_frame_equal(jetliner.read_avro(source()), wanted)
    assert jetliner.read_avro_schema(source()) == wanted.schema
    assert jetliner.count_rows(source()) == ROWS
    metadata = jetliner.read_avro_metadata(source(), blocks=True)
    assert metadata.blocks is not None
    assert metadata.blocks["rows"].sum() == ROWS
    with jetliner.AvroReader(source(), batch_size=700) as reader:
        assert_frame_equal(pl.concat(reader), wanted)
    with jetliner.MultiAvroReader([source(), source()]) as several:
        assert sum(batch.height for batch in several) == 2 * ROWS
    scan = jetliner.scan_avro(source())
    assert_frame_equal(scan.collect(), wanted)
    assert_frame_equal(scan.filter(pl.col("user_id") % 2 == 0).collect(), wanted.filter(pl.col("user_id") % 2 == 0))
    assert scan.select(pl.len()).collect().item() == ROWS
    assert scan.head(5).collect().height == 5


def test_a_buffer_is_free_once_it_is_read(content: bytes) -> None:
    def partly(buffer: bytearray) -> None:
        reader = jetliner.AvroReader(buffer, batch_size=10)
        next(reader)
        del reader

    reads: list[Callable[[bytearray], object]] = [
        jetliner.read_avro,
        partly,
        jetliner.count_rows,
        jetliner.read_avro_schema,
        jetliner.read_avro_metadata,
        lambda buffer: jetliner.scan_avro(buffer).head(3).collect(),
    ]
    for data in (content, content[: len(content) // 2], b"nonsense"):
        for read in reads:
            buffer = bytearray(data)
            with contextlib.suppress(jetliner.JetlinerError):
                read(buffer)
            buffer.append(0)  # BufferError as long as somebody has it


def test_a_buffer_that_changes_while_it_is_read(content: bytes) -> None:
    buffer = bytearray(content)
    has_ended = threading.Event()

    def change() -> None:
        random_bytes = random.Random(7)
        while not has_ended.is_set():
            buffer[random_bytes.randrange(500, len(buffer))] = random_bytes.randrange(256)

    thread = threading.Thread(target=change)
    thread.start()
    for _ in range(30):
        with contextlib.suppress(jetliner.JetlinerError):
            jetliner.read_avro(buffer)
        with warnings.catch_warnings(), contextlib.suppress(jetliner.JetlinerError):
            warnings.simplefilter("ignore", UserWarning)  # of damage
            jetliner.read_avro(buffer, ignore_errors=True)
    has_ended.set()
    thread.join()


def test_streams_are_read_once(content: bytes) -> None:
    wanted = sales_frame(ROWS)
    assert_frame_equal(jetliner.read_avro(Unnamed(content)), wanted)
    assert jetliner.count_rows(Unnamed(content)) == ROWS
    with jetliner.AvroReader(Unnamed(content)) as reader:
        assert_frame_equal(pl.concat(reader), wanted)
    for once in (jetliner.scan_avro, jetliner.read_avro_schema):
        with pytest.raises(jetliner.SourceError, match="cannot seek, which can be read only once"):
            once(Unnamed(content))


def test_a_socket(content: bytes) -> None:
    ours, theirs = socket.socketpair()

    def send() -> None:
        theirs.sendall(content)
        theirs.close()

    sender = threading.Thread(target=send)
    sender.start()
    with ours, ours.makefile("rb") as file:
        assert_frame_equal(jetliner.read_avro(file), sales_frame(ROWS))
    sender.join()


@pytest.mark.parametrize("kind", ["BytesIO", "file", "own class"])
def test_reading_starts_at_the_position_of_the_call(kind: str, path: Path, content: bytes) -> None:
    path.write_bytes(b"four" + content)
    file = KINDS[kind](path, b"four" + content)
    file.seek(4)
    scan = jetliner.scan_avro(file)
    file.seek(1)
    for _ in range(2):
        assert scan.collect().height == ROWS


def test_a_file_stays_open_and_may_be_closed_by_its_owner(path: Path) -> None:
    before = open_files()
    with path.open("rb") as file:
        scan = jetliner.scan_avro(file)
        assert not file.closed
    assert scan.collect().height == ROWS  # it has a descriptor of its own
    del scan
    assert open_files() == before


def test_an_object_that_is_closed_too_early(write_sales: WriteSales) -> None:
    memory = io.BytesIO(Path(write_sales(rows=20_000, block_rows=1000)).read_bytes())
    reader = jetliner.AvroReader(memory)
    memory.close()
    with pytest.raises(jetliner.SourceError, match="closed file") as caught:
        list(reader)
    assert isinstance(caught.value.__cause__, ValueError)


def test_paths_of_objects(path: Path, content: bytes) -> None:
    named = path.open("rb")
    sources = [content, named, io.BytesIO(content), content]
    frame = jetliner.read_avro(sources, include_file_paths="path")
    assert frame["path"].unique(maintain_order=True).to_list() == ["<bytes>", str(path), "<bytes 2>", "<bytes 3>"]
    named.close()


def test_an_error_names_the_object() -> None:
    with pytest.raises(jetliner.ParseError) as caught:
        jetliner.read_avro(b"no Avro file at all")
    assert caught.value.path == "<bytes>"
    with pytest.raises(jetliner.SourceError, match="size"):
        jetliner.read_avro(b"")


@pytest.mark.parametrize("sources", [[b"bytes", "path"], ["path", b"bytes"]])
def test_paths_and_objects_are_not_mixed(sources: list[Any]) -> None:
    with pytest.raises(TypeError, match="Expected an object with bytes at index"):
        jetliner.read_avro(sources)


def test_open_text_files(path: Path) -> None:
    with path.open() as text, pytest.raises(TypeError, match="binary mode"):
        jetliner.read_avro(text)
    with pytest.raises(TypeError, match="binary mode"):
        jetliner.read_avro(io.StringIO("Obj"))


@pytest.mark.parametrize(
    ("answer", "message"),
    [(None, "returned None"), ("text", "binary mode"), (b"x" * 100_000, "returned 100000 bytes")],
)
def test_what_read_must_not_return(answer: Any, message: str, content: bytes) -> None:
    class Wrong(Seekable):
        def read(self, size: int = -1) -> Any:
            return answer

    with pytest.raises(jetliner.SourceError, match=message):
        jetliner.read_avro(Wrong(content))


@pytest.mark.parametrize("method", ["read", "seek", "tell"])
def test_an_exception_of_the_object_is_the_cause(method: str, content: bytes) -> None:
    error = RuntimeError("out of order")

    def fail(*_: Any) -> Any:
        raise error

    file = Seekable(content)
    setattr(file, method, fail)
    with pytest.raises(jetliner.SourceError, match=re.escape("RuntimeError: out of order")) as caught:
        jetliner.read_avro(file)
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("after_bytes", [70_000, 300_000, 1_000_000])
def test_an_exception_in_the_middle_is_not_the_end(after_bytes: int, write_sales: WriteSales) -> None:
    content = Path(write_sales(rows=100_000, block_rows=1000)).read_bytes()

    class Failing(Seekable):
        def read(self, size: int = -1) -> Any:
            if self.tell() > after_bytes:
                raise OSError("the disk is gone")
            return super().read(size)

    reader = jetliner.AvroReader(Failing(content), batch_size=1000, ignore_errors=True)
    with pytest.raises(jetliner.SourceError, match="the disk is gone") as caught:
        list(reader)
    assert isinstance(caught.value.__cause__, OSError)
    assert not reader.errors


def test_an_object_that_grows_has_changed(content: bytes) -> None:
    file = io.BytesIO(content)
    scan = jetliner.scan_avro(file)
    file.seek(0, io.SEEK_END)
    file.write(content)
    with pytest.raises((jetliner.SourceError, pl.exceptions.ComputeError), match="bytes at first") as caught:
        scan.collect()
    if isinstance(caught.value, jetliner.SourceError):  # Polars 1.x raises an error of its own
        assert caught.value.variant == "Changed"


def test_closing_a_reader_whose_object_waits(write_sales: WriteSales) -> None:
    content = Path(write_sales(rows=100_000, block_rows=1000)).read_bytes()
    stall = threading.Event()

    class Stalled(Seekable):
        def read(self, size: int = -1) -> Any:
            if self.tell() > 500_000:
                stall.wait(60)
            return super().read(size)

    reader = jetliner.AvroReader(Stalled(content), batch_size=10)
    next(reader)
    started = time.monotonic()
    threading.Timer(0.2, reader.close).start()
    list(reader)
    assert time.monotonic() - started < 30
    stall.set()


def test_a_scan_of_an_object_cannot_be_pickled(content: bytes) -> None:
    scan = jetliner.scan_avro(content)
    for query in (scan, scan.filter(pl.col("user_id") > 5).select("amount"), copy.deepcopy(scan)):
        with pytest.raises(TypeError, match="another process does not have the object"):
            pickle.dumps(query)
        assert isinstance(query, pl.LazyFrame)
        assert query.collect().height > 0
    with pytest.raises(pl.exceptions.ComputeError, match="another process does not have the object"):
        scan.serialize()


def test_fetchers_end_with_their_reader(content: bytes) -> None:
    def fetchers() -> int:
        return sum(thread.name == "jetliner fetcher" for thread in threading.enumerate())

    before = fetchers()
    reader = jetliner.AvroReader(io.BytesIO(content))
    assert fetchers() == before + 1
    reader.close()
    del reader
    deadline = time.monotonic() + 30
    while fetchers() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert fetchers() == before


def test_a_forked_process_ends_although_it_has_no_fetchers(content: bytes) -> None:
    code = (
        "import io, os, sys, jetliner\n"
        "content = sys.stdin.buffer.read()\n"
        "reader = jetliner.AvroReader(io.BytesIO(content), batch_size=10)\n"
        "next(reader)\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    del reader\n"
        "    assert jetliner.read_avro(io.BytesIO(content)).height == 3000\n"
        "    sys.exit(7)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], input=content, check=True, timeout=120)
