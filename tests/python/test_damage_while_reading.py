"""Files that change while they are read, memory that runs out, and errors in forked processes."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, blocks_of, open_files, sales, sales_frame, write_file
from conftest import WriteSales
from jetliner import AvroReader
from processes import run_python

# --- written to, cut, replaced and removed while it is read ---


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of several megabytes, so that most of it is read after the first batch."""
    path = tmp_path_factory.mktemp("large") / "large.avro"
    write_file(path, SALES_SCHEMA, sales(2000), block_rows=2000)
    content = path.read_bytes()
    start = blocks_of(path)[0].offset
    return content[:start] + content[start:] * 400


LARGE_ROWS = 800_000


@pytest.fixture(params=[1, 3], ids=["one thread", "threads"])
def n_threads(request: pytest.FixtureRequest) -> int:
    return request.param


def test_file_that_grows_is_read_as_it_was_when_opened(large: bytes, tmp_path: Path, n_threads: int) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(large)
    reader = AvroReader(path, batch_size=1000, n_threads=n_threads)
    next(reader)
    with path.open("ab") as file:
        file.write(large[-1_000_000:])
    assert 1000 + sum(batch.height for batch in reader) == LARGE_ROWS


def test_file_still_being_written(large: bytes, tmp_path: Path, n_threads: int) -> None:
    """A writer has put down a part of a block when the file is opened: as if it had been cut there."""
    path = tmp_path / "x.avro"
    path.write_bytes(large[:-1000])
    batches: list[pl.DataFrame] = []
    with pytest.raises(jetliner.ParseError, match="truncated") as caught:
        batches.extend(AvroReader(path, batch_size=1000, n_threads=n_threads))
    assert caught.value.variant == "UnexpectedEof"
    assert sum(batch.height for batch in batches) == LARGE_ROWS - 2000
    reader = AvroReader(path, ignore_errors=True, n_threads=n_threads)
    assert sum(batch.height for batch in reader) == LARGE_ROWS - 2000
    assert reader.error_count == 1
    # The writer goes on; who opens the file again gets the rest.
    with path.open("ab") as file:
        file.write(large[-1000:])
    assert jetliner.read_avro(path, n_threads=n_threads).height == LARGE_ROWS


@pytest.mark.parametrize("ignore_errors", [False, True])
def test_file_truncated_during_a_read(large: bytes, tmp_path: Path, n_threads: int, ignore_errors: bool) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(large)
    reader = AvroReader(path, batch_size=1000, n_threads=n_threads, ignore_errors=ignore_errors)
    batches = [next(reader)]
    os.truncate(path, len(large) // 2)
    if ignore_errors:
        batches += reader
        assert reader.error_count == 1
    else:
        with pytest.raises(jetliner.JetlinerError) as caught:
            batches.extend(reader)
        assert isinstance(caught.value, (jetliner.ParseError, jetliner.SourceError))
        assert caught.value.path == str(path)
    rows = sum(batch.height for batch in batches)
    assert 0.4 * LARGE_ROWS < rows < LARGE_ROWS
    assert_frame_equal(pl.concat(batches).head(2000), sales_frame(2000))
    assert reader.is_finished
    assert str(path) not in open_files()


def test_file_replaced_or_removed_during_a_read(large: bytes, tmp_path: Path, n_threads: int) -> None:
    """The file that was opened is read to its end, whatever its name leads to meanwhile."""
    path = tmp_path / "x.avro"
    path.write_bytes(large)
    reader = AvroReader(path, batch_size=1000, n_threads=n_threads)
    next(reader)
    other = tmp_path / "other.avro"
    other.write_bytes(b"no Avro file")
    other.replace(path)
    assert 1000 + sum(batch.height for batch in reader) == LARGE_ROWS
    path.write_bytes(large)
    reader = AvroReader(path, batch_size=1000, n_threads=n_threads)
    next(reader)
    path.unlink()
    assert 1000 + sum(batch.height for batch in reader) == LARGE_ROWS


def test_later_file_removed_or_damaged_during_a_read(large: bytes, tmp_path: Path, n_threads: int) -> None:
    """Only the first file stays open from the start; of the others the headers are known."""
    paths = [tmp_path / "a.avro", tmp_path / "b.avro"]
    for change in ("removed", "emptied", "cut"):
        for path in paths:
            path.write_bytes(large)
        reader = jetliner.MultiAvroReader(list(paths), batch_size=1000, n_threads=n_threads)
        batches = [next(reader)]
        if change == "removed":
            paths[1].unlink()
        else:
            os.truncate(paths[1], 0 if change == "emptied" else 5)
        with pytest.raises(jetliner.JetlinerError) as caught:
            batches.extend(reader)
        assert caught.value.path == str(paths[1])  # type: ignore[attr-defined]
        assert sum(batch.height for batch in batches) == LARGE_ROWS


# --- memory that runs out ---


@pytest.mark.parametrize("threads", [1, 3])
def test_memory_that_runs_out_is_an_error_of_the_family(large: bytes, tmp_path: Path, threads: int) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(large)
    script = """
        import resource, sys, jetliner
        path, threads = sys.argv[1], int(sys.argv[2])
        jetliner.read_avro(path, n_rows=10, n_threads=threads)
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        limit = (int(status["VmSize"].split()[0]) + 60 * 1024) * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        reader = jetliner._core.Reader([path] * 20, n_threads=threads, batch_size=10**9)
        try:
            while reader.next() is not None:
                pass
        except jetliner.JetlinerError as error:
            # A thread that cannot be started for want of memory for its stack is a SourceError.
            print(type(error).__name__, error.variant, reader.is_finished, reader.next())
            assert error.message
        else:
            print("enough memory")
    """
    result = run_python(script, str(path), str(threads))
    assert result.returncode == 0, result.stderr
    name, variant, *rest = result.stdout.split()
    assert (name, variant) in {("JetlinerError", "OutOfMemory"), ("SourceError", "Io")}
    assert rest == ["True", "None"]
    if threads == 1:
        assert variant == "OutOfMemory"


# --- forked processes ---


def test_errors_in_a_forked_process(write_sales: WriteSales, large: bytes, tmp_path: Path) -> None:
    """What was known before the fork is there after close(); what cannot be known is an error, not a wait for ever."""
    path = tmp_path / "x.avro"
    path.write_bytes(large[:-1000])
    script = """
        import os, signal, sys, threading, warnings, jetliner
        warnings.simplefilter("ignore", DeprecationWarning)
        idle = jetliner.AvroReader(sys.argv[1], ignore_errors=True)
        list(idle)
        frames = []
        def iterate():
            for _ in range(20):
                frames.extend(jetliner.AvroReader(sys.argv[1], ignore_errors=True, n_threads=3, batch_size=1000))
        busy = jetliner.AvroReader(sys.argv[1], ignore_errors=True, n_threads=3, batch_size=1000)
        threads = [
            threading.Thread(target=iterate, daemon=True),
            threading.Thread(target=list, args=(busy,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        for _ in range(20):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                idle.close()
                busy.close()
                ok = idle.error_count == len(idle.errors) == 1
                try:
                    busy.errors
                except jetliner.SourceError as error:
                    ok = ok and "fork" in str(error)
                frames.clear()  # memory of chunks that workers share goes back
                os._exit(7 if ok else 1)
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 7, status
        print("done", flush=True)
        os._exit(0)
    """
    result = run_python(script, str(path))
    assert result.returncode == 0, result.stderr
    assert "done" in result.stdout, result.stderr
