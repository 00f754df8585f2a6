"""Files that are not whole: cut, put together, changed while they are read. What strict reading says, what is saved."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, SYNC, blocks_of, long, open_files, sales, sales_frame, text, write_file
from conftest import WriteRaw, WriteSales
from jetliner import AvroReader

CODECS = ["null", "deflate", "snappy", "bzip2", "xz", "zstandard"]
EACH_CODEC = pytest.mark.parametrize("codec", CODECS)


def read_damaged(path: str | Path, batch_size: int = 100_000) -> tuple[pl.DataFrame, list[jetliner.BadBlockError]]:
    """Read with `ignore_errors`; check what every such read keeps to."""
    reader = AvroReader(path, ignore_errors=True, batch_size=batch_size)
    frames = list(reader)
    errors = reader.errors
    assert reader.error_count == len(errors)
    for error in errors:
        assert "skipped" in error.message
        assert error.filepath == str(path)
    return pl.concat([sales_frame(0), *frames]), errors


def strict_error(path: str | Path) -> tuple[pl.DataFrame, jetliner.JetlinerError]:
    """Read strictly; return the rows before the error, and the error."""
    frames = [sales_frame(0)]
    with pytest.raises(jetliner.JetlinerError) as caught:
        frames.extend(AvroReader(path, batch_size=1))
    return pl.concat(frames), caught.value


# --- cut, and with a part missing ---


@EACH_CODEC
def test_file_cut_short(write_sales: WriteSales, codec: str) -> None:
    path = write_sales(rows=100, codec=codec, block_rows=10)
    blocks = blocks_of(path)
    Path(path).write_bytes(Path(path).read_bytes()[: blocks[6].data_offset + 3])
    rows, error = strict_error(path)
    assert_frame_equal(rows, sales_frame(60))
    assert isinstance(error, jetliner.ParseError)
    assert error.variant == "UnexpectedEof"
    assert error.file_offset == blocks[6].offset
    rows, errors = read_damaged(path)
    assert_frame_equal(rows, sales_frame(60))
    assert [(bad.block_index, bad.file_offset) for bad in errors] == [(6, blocks[6].offset)]
    assert f"skipped {blocks[6].data_offset + 3 - blocks[6].offset} bytes" in errors[0].message


def test_file_cut_between_two_blocks_is_a_shorter_file(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    Path(path).write_bytes(Path(path).read_bytes()[: blocks_of(path)[6].offset])
    assert_frame_equal(jetliner.read_avro(path), sales_frame(60))
    assert read_damaged(path)[1] == []


@EACH_CODEC
@pytest.mark.parametrize("where", ["within a block", "across blocks", "whole blocks"])
def test_missing_middle(write_sales: WriteSales, codec: str, where: str) -> None:
    path = write_sales(rows=200, codec=codec, block_rows=20)
    blocks = blocks_of(path)
    start, end, lost = {
        "within a block": (blocks[3].data_offset + 2, blocks[3].data_offset + 20, [3]),
        "across blocks": (blocks[3].data_offset + 2, blocks[6].data_offset + 5, [3, 4, 5, 6]),
        "whole blocks": (blocks[3].offset, blocks[5].offset, [3, 4]),
    }[where]
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[:start] + content[end:])
    whole = pl.concat([sales_frame(20, 20 * i) for i in range(10) if i not in lost])
    rows, errors = read_damaged(path)
    assert_frame_equal(rows, whole)
    if where == "whole blocks":
        # Nothing tells that they were there.
        assert errors == []
        assert_frame_equal(jetliner.read_avro(path), whole)
        return
    assert len(errors) == 1
    rows, error = strict_error(path)
    assert_frame_equal(rows, sales_frame(60))
    assert error.path == path  # type: ignore[attr-defined]


# --- put together with cat ---


def joined(tmp_path: Path, *parts: str | bytes) -> str:
    path = tmp_path / "joined.avro"
    path.write_bytes(b"".join(part if isinstance(part, bytes) else Path(part).read_bytes() for part in parts))
    return str(path)


@EACH_CODEC
def test_cat_of_files_with_different_markers(write_sales: WriteSales, tmp_path: Path, codec: str) -> None:
    first = write_sales("a.avro", 50, codec=codec, block_rows=10)
    second = write_sales("b.avro", 50, start=50, codec=codec, block_rows=10)
    path = joined(tmp_path, first, second)
    rows, error = strict_error(path)
    assert_frame_equal(rows, sales_frame(50))
    assert isinstance(error, jetliner.ParseError)
    assert "another Avro header" in error.message
    assert error.file_offset == Path(first).stat().st_size
    rows, errors = read_damaged(path)
    assert_frame_equal(rows, sales_frame(100))
    assert [bad.kind for bad in errors] == ["BlockParseFailed"]
    assert errors[0].file_offset == Path(first).stat().st_size
    assert f"skipped {blocks_of(second)[0].offset} bytes" in errors[0].message


def test_cat_of_files_with_the_same_marker(write_raw: WriteRaw, tmp_path: Path) -> None:
    parts = [write_raw(f"{i}.avro", "long", [(2, long(2 * i) + long(2 * i + 1))]) for i in range(3)]
    path = joined(tmp_path, *parts)
    with pytest.raises(jetliner.ParseError, match="another Avro header"):
        jetliner.read_avro(path)
    assert jetliner.read_avro(path, ignore_errors=True)["value"].to_list() == list(range(6))


def test_cat_of_files_with_different_schemas_never_mixes_them_up(write_raw: WriteRaw, tmp_path: Path) -> None:
    """The second file's bytes would pass for rows of the first: both are two numbers, and the markers are the same."""
    first = write_raw("a.avro", "long", [(2, long(1) + long(2))])
    second = write_raw("b.avro", "int", [(2, long(3) + long(4))])
    path = joined(tmp_path, first, second)
    with pytest.raises(jetliner.ParseError, match="another Avro header"):
        jetliner.read_avro(path)
    reader = AvroReader(path, ignore_errors=True)
    assert pl.concat(reader)["value"].to_list() == [1, 2]
    (error,) = reader.errors
    assert "another schema" in error.message
    assert f"skipped {Path(second).stat().st_size} bytes" in error.message


def test_cat_after_a_file_that_was_cut(write_sales: WriteSales, tmp_path: Path) -> None:
    first = write_sales("a.avro", 50, block_rows=10)
    second = write_sales("b.avro", 50, start=50, block_rows=10)
    path = joined(tmp_path, Path(first).read_bytes()[:-20], second)
    rows, error = strict_error(path)
    assert_frame_equal(rows, sales_frame(40))
    assert isinstance(error, jetliner.ParseError)
    rows, errors = read_damaged(path)
    assert_frame_equal(rows, pl.concat([sales_frame(40), sales_frame(50, 50)]))
    assert len(errors) == 1


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


# --- more damage than is kept ---


def test_errors_are_bounded_and_counted_beyond(tmp_path: Path) -> None:
    """Millions of bad blocks: memory does not grow with them, time grows as they do."""
    schema = b'"boolean"'
    header = b"Obj\x01" + long(1) + long(11) + b"avro.schema" + long(len(schema)) + schema + long(0) + SYNC
    bad = long(1) + long(1) + b"\x07" + SYNC
    good = long(1) + long(1) + b"\x01" + SYNC

    def read(count: int, n_threads: int) -> tuple[float, int]:
        path = tmp_path / "bad.avro"
        path.write_bytes(header + good + bad * count + good)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        reader = jetliner._core.Reader([str(path)], ignore_errors=True, n_threads=n_threads)  # type: ignore[attr-defined]
        rows = 0
        while (batch := reader.next()) is not None:
            rows += batch.num_rows
        assert rows == 2
        assert reader.num_bad_blocks == count
        assert len(reader.bad_blocks()) == min(count, 10_000)
        assert [error.block_index for error in reader.bad_blocks()[:3]] == [1, 2, 3]
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        return time.process_time() - start, grown * 1024

    read(150_000, 1)
    for n_threads in (1, 3):
        short, _ = read(150_000, n_threads)
        seconds, grown = read(1_200_000, n_threads)
        assert grown < 100 << 20
        assert seconds < 8 * 2.5 * short + 1


def test_damage_of_the_framing_is_bounded_too(tmp_path: Path) -> None:
    schema = b'"boolean"'
    header = b"Obj\x01" + long(1) + long(11) + b"avro.schema" + long(len(schema)) + schema + long(0) + SYNC
    path = tmp_path / "bad.avro"
    bad = long(1) + long(1 << 50) + SYNC  # larger than the file
    path.write_bytes(header + bad * 50_000 + long(1) + long(1) + b"\x01" + SYNC)
    for n_threads in (1, 3):
        reader = AvroReader(path, ignore_errors=True, n_threads=n_threads)
        assert pl.concat(reader)["value"].to_list() == [True]
        assert reader.error_count == 50_000
        assert len(reader.errors) == 10_000
        assert all(f"skipped {len(bad)} bytes" in error.message for error in reader.errors)


# --- memory that runs out ---


def run_python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


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


# Rows that are not read do not count, although a filter need not look at what is wrong with them.
@pytest.mark.parametrize("n_threads", [1, 2])
def test_a_filter_does_not_change_which_rows_count(write_raw: WriteRaw, n_threads: int) -> None:
    schema = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "x", "type": "long"}, {"name": "s", "type": "string"}],
    }
    blocks = []
    for block in range(300):
        rows = [long(block * 100 + i) + text(b"\xff" if (block, i) == (200, 0) else b"fine") for i in range(100)]
        blocks.append((100, b"".join(rows)))
    path = write_raw("damaged.avro", schema, blocks)
    predicate = pl.col("x") >= 0

    def scan(**options: Any) -> pl.LazyFrame:
        return jetliner.scan_avro(path, ignore_errors=True, n_threads=n_threads, **options)

    for lazy in (scan(row_index_name="i"), scan(n_rows=20_010), scan().head(20_010)):
        assert_frame_equal(lazy.filter(predicate).collect(), lazy.collect().filter(predicate))


# --- blocks that claim no rows ---


@EACH_CODEC
@pytest.mark.parametrize("n_threads", [1, 3])
def test_block_that_claims_no_rows_but_has_data_is_damage(write_sales: WriteSales, codec: str, n_threads: int) -> None:
    path = Path(write_sales(rows=30, codec=codec, block_rows=10))
    content = bytearray(path.read_bytes())
    block = blocks_of(path)[1]
    assert content[block.offset] == 20  # ten rows
    content[block.offset] = 0
    path.write_bytes(content)
    with pytest.raises(jetliner.DecodeError, match="claims no records, but has"):
        list(AvroReader(path, n_threads=n_threads))
    reader = AvroReader(path, ignore_errors=True, n_threads=n_threads)
    assert_frame_equal(pl.concat(reader), pl.concat([sales_frame(10), sales_frame(30)[20:]]))
    assert [(error.block_index, error.kind) for error in reader.errors] == [(1, "RecordDecodeFailed")]
    for keeps in (True, False):
        scan = jetliner.scan_avro(path, ignore_errors=True, n_threads=n_threads)
        kept = scan.filter((pl.col("user_id") >= 0) == keeps).collect()
        assert kept.height == (20 if keeps else 0)
        with pytest.raises((jetliner.DecodeError, pl.exceptions.ComputeError), match="claims no records"):
            jetliner.scan_avro(path).filter((pl.col("user_id") >= 0) == keeps).collect()


@EACH_CODEC
def test_block_without_rows_may_hold_what_its_codec_writes_for_nothing(write_raw: WriteRaw, codec: str) -> None:
    nothing = {
        "null": b"",
        "deflate": b"\x03\x00",
        "snappy": b"\x00\x00\x00\x00\x00",
        "bzip2": bytes.fromhex("425a683917724538509000000000"),
        "xz": bytes.fromhex("fd377a585a000004e6d6b446000000001cdf44211fb6f37d010000000004595a"),
        "zstandard": bytes.fromhex("28b52ffd2000010000"),
    }[codec]
    path = write_raw("nothing.avro", "int", [(0, nothing)], metadata={"avro.codec": codec.encode()})
    reader = AvroReader(path)
    assert list(reader) == []
    assert jetliner.count_rows(path) == 0
