"""read_avro, scan_avro and count_rows tell once what ignore_errors has skipped."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_files import blocks_of, damage
from conftest import WriteRaw, WriteSales
from jetliner._query.small_files import SMALL_BYTES

LISTED = "AvroReader and MultiAvroReader list the damages in `errors`"


def warnings_of(call: Callable[[], Any]) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        call()
    return [warning for warning in seen if issubclass(warning.category, UserWarning)]


def texts_of(call: Callable[[], Any]) -> list[str]:
    return [str(warning.message) for warning in warnings_of(call)]


@pytest.fixture(params=[100, 20_000], ids=["small", "large"])
def damaged(request: pytest.FixtureRequest, write_sales: WriteSales, in_tmp: Path) -> int:
    """Three files of which two are damaged; the number of rows that are left."""
    rows: int = request.param
    for name in ("a.avro", "b.avro", "c.avro"):
        write_sales(name, rows=rows, block_rows=rows // 10)
    for name, blocks in (("b.avro", (2, 6)), ("c.avro", (3,))):
        offsets = [block.sync_offset for block in blocks_of(name)]
        for block in blocks:
            damage(name, offsets[block], b"damaged")
    assert (Path("a.avro").stat().st_size > SMALL_BYTES) == (rows > 100)
    with jetliner.MultiAvroReader(["a.avro", "b.avro", "c.avro"], ignore_errors=True) as reader:
        return sum(batch.height for batch in reader)


TEXT = "ignore_errors: 3 damaged places skipped, and the rows that were there, in 'b.avro' (2), 'c.avro' (1); "


def text_of_all() -> str:
    """Return the warning about all files: it ends with the first damage, as a reader lists it."""
    with jetliner.AvroReader("b.avro", ignore_errors=True) as reader:
        list(reader)
        return f"{TEXT}the first: {reader.errors[0]}; {LISTED}"


def test_read_avro_warns_once_at_the_line_of_the_caller(damaged: int) -> None:
    text = text_of_all()
    assert "; skipped " in text
    frames = []
    seen = warnings_of(lambda: frames.append(jetliner.read_avro("?.avro", ignore_errors=True)))
    assert [str(warning.message) for warning in seen] == [text]
    assert seen[0].filename == __file__
    assert frames[0].height == damaged
    (one,) = texts_of(lambda: jetliner.read_avro("c.avro", ignore_errors=True))
    start = "ignore_errors: 1 damaged place skipped, and the rows that were there, in 'c.avro' (1); details: block 3, "
    assert one.startswith(start)
    assert one.endswith(LISTED)
    assert texts_of(lambda: jetliner.read_avro("?.avro", ignore_errors=True, missing_columns="insert")) == [text]


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_scan_avro_warns_once_for_each_collect(damaged: int, engine: Any) -> None:
    text = text_of_all()
    queries: list[pl.LazyFrame] = []
    assert texts_of(lambda: queries.append(jetliner.scan_avro("?.avro", ignore_errors=True))) == []
    query = queries[0]
    for lazy in (
        query,
        query.filter(pl.col("user_id") >= 0),
        query.filter(pl.col("user_id") < 3),
        query.group_by("status").len(),
        query.select(pl.len()),
    ):
        for _ in range(2):
            assert texts_of(lambda lazy=lazy: lazy.collect(engine=engine)) == [text]  # type: ignore[misc]


# It named a line of Polars: queries run on its threads.
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_the_warning_of_a_query_names_a_line_of_the_caller(damaged: int, engine: Any) -> None:
    query = jetliner.scan_avro("?.avro", ignore_errors=True)
    copied: pl.LazyFrame = pickle.loads(pickle.dumps(query))
    for lazy in (query, query.filter(pl.col("user_id") >= 0), copied):
        (seen,) = warnings_of(lambda lazy=lazy: lazy.collect(engine=engine))  # type: ignore[misc]
        line = Path(seen.filename).read_text().splitlines()[seen.lineno - 1]
        assert seen.filename == __file__
        assert "scan_avro(" in line or ".collect(" in line


def test_count_rows_warns_once(damaged: int) -> None:
    assert texts_of(lambda: jetliner.count_rows("?.avro", ignore_errors=True)) == [text_of_all()]


# The file of Polars has one block. The warning about its loss said "1 damaged place", as if little were lost.
def test_the_rows_of_a_lost_block_are_told(in_tmp: Path) -> None:
    pl.DataFrame({"a": range(1000)}).write_avro("x.avro", compression="snappy")
    (block,) = blocks_of("x.avro")
    damage("x.avro", block.data_offset, b"\xff" * 12)
    (text,) = texts_of(lambda: jetliner.read_avro("x.avro", ignore_errors=True))
    assert "DecompressionFailed(snappy)" in text
    assert f"; skipped {block.sync_offset + 16 - block.offset} bytes, a block that claims 1000 rows; " in text


def test_nothing_is_told_where_nothing_was_skipped(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("a.avro")
    for ignore_errors in (False, True):
        assert texts_of(lambda: jetliner.read_avro("a.avro", ignore_errors=ignore_errors)) == []  # noqa: B023
        assert texts_of(lambda: jetliner.scan_avro("a.avro", ignore_errors=ignore_errors).collect()) == []  # noqa: B023
    damage("a.avro", blocks_of("a.avro")[0].sync_offset, b"damaged")
    with pytest.raises(jetliner.ParseError):
        jetliner.read_avro("a.avro")


def test_readers_list_and_do_not_warn(damaged: int) -> None:
    readers: list[jetliner.AvroReader] = [jetliner.AvroReader("b.avro", ignore_errors=True)]
    assert texts_of(lambda: list(readers[0])) == []
    assert readers[0].error_count == 2


def test_many_damaged_files_are_not_all_named(write_sales: WriteSales, in_tmp: Path) -> None:
    for number in range(6):
        name = f"{number}.avro"
        write_sales(name, rows=100, block_rows=10)
        damage(name, blocks_of(name)[2].sync_offset, b"damaged")
    text = "in '0.avro' (1), '1.avro' (1), '2.avro' (1), {}; "
    assert text.format("3 other files") in texts_of(lambda: jetliner.read_avro("?.avro", ignore_errors=True))[0]
    assert text.format("1 other file") in texts_of(lambda: jetliner.read_avro("[0-3].avro", ignore_errors=True))[0]


def test_a_warning_that_is_an_error_closes_the_files(damaged: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="3 damaged places"):
            jetliner.read_avro("?.avro", ignore_errors=True)
        with pytest.raises(UserWarning, match="ammount"):
            jetliner.AvroReader("a.avro", projected_columns=["ammount"])
        with pytest.raises(Exception, match="3 damaged places"):  # of Polars, with the text of the warning
            jetliner.scan_avro("?.avro", ignore_errors=True).collect()
    open_files = [link.readlink().name for link in Path("/proc/self/fd").iterdir() if link.exists()]
    assert not {"a.avro", "b.avro", "c.avro"} & set(open_files)


# A reader keeps the first damages only. The numbers of the files did not add up, and a file was not named.
def test_more_damage_than_readers_keep(write_raw: WriteRaw, in_tmp: Path) -> None:
    bad = (1, b"\x07")
    paths = [write_raw("a.avro", "boolean", [bad] * 10_001), write_raw("b.avro", "boolean", [bad] * 2)]
    (text,) = texts_of(lambda: jetliner.read_avro(paths, ignore_errors=True))
    assert text.startswith(
        "ignore_errors: 10003 damaged places skipped, and the rows that were there; "
        f"the first 10000 of them are in {paths[0]!r} (10000); the first: block 0, record 0, "
    )
