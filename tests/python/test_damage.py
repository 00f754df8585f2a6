"""Files that are not whole: cut, put together, with more damage than is kept; what is said, what is saved."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SYNC, blocks_of, long, sales_frame, text
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
