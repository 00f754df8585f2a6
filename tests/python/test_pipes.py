"""Pipes where a path is expected: read once, from front to back; what would need them twice says so."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import open_files, sales_frame
from conftest import WriteSales

Feed = Callable[[bytes], str]


@pytest.fixture
def feed(tmp_path: Path) -> Feed:
    """Write bytes to a named FIFO, from another thread."""

    def start(content: bytes) -> str:
        path = tmp_path / "fifo"
        os.mkfifo(path)

        def write() -> None:
            with path.open("wb") as pipe:
                pipe.write(content)

        threading.Thread(target=write, daemon=True).start()
        return str(path)

    return start


@pytest.fixture
def content(write_sales: WriteSales) -> bytes:
    """More than a pipe holds at a time."""
    return Path(write_sales(rows=20_000, block_rows=1000, codec="deflate")).read_bytes()


def test_fifo_is_read_like_a_file(feed: Feed, content: bytes) -> None:
    path = feed(content)
    frame = jetliner.read_avro(path, include_file_paths="path", n_threads=3)
    assert_frame_equal(frame.drop("path"), sales_frame(20_000))
    assert frame["path"].unique().to_list() == [path]


def test_columns_by_index_need_the_pipe_only_once(feed: Feed, content: bytes) -> None:
    assert jetliner.read_avro(feed(content), columns=[0]).columns == ["user_id"]


def test_readers_of_pipes(feed: Feed, content: bytes, write_sales: WriteSales) -> None:
    before = open_files()
    path = feed(content)
    with jetliner.AvroReader(path, batch_size=3000) as reader:
        assert sum(batch.height for batch in reader) == 20_000
    threading.Thread(target=lambda: Path(path).write_bytes(content), daemon=True).start()
    with jetliner.MultiAvroReader([write_sales("more.avro", 5), path]) as reader:
        assert_frame_equal(pl.concat(reader), pl.concat([sales_frame(5), sales_frame(20_000)]))
    del reader
    assert open_files() - before == set()  # what was put aside is gone


@pytest.mark.parametrize("entry", [jetliner.scan_avro, jetliner.read_avro_schema])
def test_calls_that_would_use_up_a_pipe_leave_it_alone(entry: Callable[[str], object], tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(jetliner.SourceError, match="only once") as caught:
        entry(str(path))
    assert caught.value.path == str(path)


def test_damage_in_a_pipe_has_the_pipes_name(feed: Feed, content: bytes) -> None:
    path = feed(content[:-100])
    with pytest.raises(jetliner.ParseError) as caught:
        jetliner.read_avro(path)
    assert caught.value.path == path


@pytest.mark.parametrize("bytes_given", [b"", b"no Avro file"])
def test_pipe_with_nothing_to_read(feed: Feed, bytes_given: bytes) -> None:
    error = jetliner.ParseError if bytes_given else jetliner.SourceError
    with pytest.raises(error, match=r"magic|no bytes"):
        jetliner.read_avro(feed(bytes_given))


# Such a pipe filled the disk.
def test_pipe_that_never_ends_and_is_no_avro_file() -> None:
    script = "import jetliner, sys\ntry: jetliner.read_avro('/dev/stdin')\nexcept jetliner.ParseError: sys.exit(3)"
    with subprocess.Popen(["yes"], stdout=subprocess.PIPE) as endless:
        done = subprocess.run([sys.executable, "-c", script], stdin=endless.stdout, check=False, timeout=120)
        endless.kill()
    assert done.returncode == 3


def test_standard_input(content: bytes, tmp_path: Path) -> None:
    script = "import jetliner; print(jetliner.read_avro('/dev/stdin').height)"
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, input=content, capture_output=True, check=True).stdout == b"20000\n"
    # A second pass finds nothing, and says why that may be.
    twice = script + "; jetliner.read_avro('/dev/stdin')"
    result = subprocess.run([sys.executable, "-c", twice], input=content, capture_output=True, check=False)
    assert result.stdout == b"20000\n"
    assert b"SourceError: the pipe gave no bytes" in result.stderr
    # Redirected from a file, it is one.
    path = tmp_path / "x.avro"
    path.write_bytes(content)
    scan = "import jetliner; print(jetliner.scan_avro('/dev/stdin').collect().height)"
    with path.open("rb") as file:
        result = subprocess.run([sys.executable, "-c", scan], stdin=file, capture_output=True, check=True)
    assert result.stdout == b"20000\n"


def test_no_room_for_a_pipes_bytes(feed: Feed, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    path = feed(content)
    with pytest.raises(jetliner.SourceError, match="could not be read or put aside") as caught:
        jetliner.read_avro(path)
    assert caught.value.path == path


def test_disk_that_is_full_while_a_pipe_is_put_aside(content: bytes, tmp_path: Path) -> None:
    script = """
import resource, signal, sys, jetliner
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))
try:
    jetliner.read_avro("/dev/stdin")
except jetliner.SourceError as error:
    sys.exit(3 if "put aside" in str(error) else 4)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    process.communicate(content)
    assert process.returncode == 3


def test_descriptors_that_run_out_while_they_are_copied() -> None:
    # Each descriptor is copied. The second copy finds no number below the limit; the first one must not stay open.
    script = """
import os, resource, sys
from jetliner import SourceError, _core

spooled = {name: (os.open(os.devnull, os.O_RDONLY), 0, 0) for name in ("a", "b")}
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
is_open = lambda number: os.path.exists(f"/proc/self/fd/{number}")
free = [number for number in range(100) if not is_open(number)][:2]
resource.setrlimit(resource.RLIMIT_NOFILE, (free[1], most))
try:
    _core.Reader(["a", "b"], descriptors=spooled)
except SourceError:
    sys.exit(5 if is_open(free[0]) else 3)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 3


def test_devices_are_no_files() -> None:
    with pytest.raises(jetliner.SourceError, match="not a regular file"):
        jetliner.read_avro("/dev/zero")
