"""scan_avro with limits, of several files, and into sinks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import blocks_of, damage, sales_frame
from conftest import WriteSales
from entry_points import EACH_ENGINE
from jetliner import _core
from jetliner._columns.frames import to_frame
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan

# --- limits ---

SLICES = {
    "head(0)": lambda lf: lf.head(0),
    "head(10)": lambda lf: lf.head(10),
    "head(5000)": lambda lf: lf.head(5000),
    "limit(31)": lambda lf: lf.limit(31),
    "tail(10)": lambda lf: lf.tail(10),
    "tail(5000)": lambda lf: lf.tail(5000),
    "slice(95, 10)": lambda lf: lf.slice(95, 10),
    "slice(995, 100)": lambda lf: lf.slice(995, 100),
    "slice(-10, 5)": lambda lf: lf.slice(-10, 5),
    "slice(2000, 5)": lambda lf: lf.slice(2000, 5),
    "first": lambda lf: lf.first(),
    "last": lambda lf: lf.last(),
    "head.tail": lambda lf: lf.head(100).tail(5),
    "filter.head": lambda lf: lf.filter(pl.col("user_id") % 2 == 1).head(7),
    "head.filter": lambda lf: lf.head(100).filter(pl.col("user_id") % 2 == 1),
    "head.filter.head": lambda lf: lf.head(100).filter(pl.col("user_id") % 2 == 1).head(3),
    "filter.tail": lambda lf: lf.filter(pl.col("status") == "pending").tail(4),
    "filter.slice": lambda lf: lf.filter(pl.col("status") == "pending").slice(10, 4),
    "select.head": lambda lf: lf.select("amount").head(10),
    "gather_every": lambda lf: lf.gather_every(100),
    "reverse.head": lambda lf: lf.reverse().head(3),
    "with_row_index.filter": lambda lf: lf.with_row_index("n").filter(pl.col("n") > 990),
}


@EACH_ENGINE
@pytest.mark.parametrize("name", SLICES)
@pytest.mark.parametrize("batch_size", [13, 100_000])
def test_slices_equal_those_of_the_eager_frame(path: str, engine: Any, name: str, batch_size: int) -> None:
    expected = SLICES[name](sales_frame(1000).lazy()).collect()
    assert_frame_equal(SLICES[name](jetliner.scan_avro(path, batch_size=batch_size)).collect(engine=engine), expected)


@EACH_ENGINE
@pytest.mark.parametrize(("n_rows", "head"), [(10, 5), (5, 10), (0, 5), (5, 0), (7, 7), (10_000, 3), (3, 10_000)])
def test_n_rows_and_head_give_the_smaller(path: str, engine: Any, n_rows: int, head: int) -> None:
    frame = jetliner.scan_avro(path, n_rows=n_rows).head(head).collect(engine=engine)
    assert_frame_equal(frame, sales_frame(1000).head(min(n_rows, head)))


@EACH_ENGINE
def test_n_rows_counts_rows_before_the_filter(path: str, engine: Any) -> None:
    frame = jetliner.scan_avro(path, n_rows=10).filter(pl.col("user_id") >= 8).collect(engine=engine)
    assert frame["user_id"].to_list() == [8, 9]


def test_n_rows_and_predicate_from_polars_together(path: str) -> None:
    scan = AvroScan(Table([path], ReadOptions(), sales_frame(0).schema))
    frame = pl.concat(scan(["user_id"], pl.col("user_id") % 2 == 0, 11, 4))
    assert frame["user_id"].to_list() == [0, 2, 4, 6, 8, 10]


def test_head_stops_reading_early(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=10)
    damage(path, blocks_of(path)[50].sync_offset, b"damaged")
    assert_frame_equal(jetliner.scan_avro(path).head(100).collect(), sales_frame(100))
    assert_frame_equal(jetliner.scan_avro(path, n_rows=100).collect(), sales_frame(100))
    with pytest.raises((jetliner.ParseError, pl.exceptions.ComputeError)):
        jetliner.scan_avro(path).head(511).collect()


# --- several files ---


@EACH_ENGINE
def test_several_files_with_row_index_and_path(write_sales: WriteSales, in_tmp: Path, engine: Any) -> None:
    for i in range(5):
        write_sales(f"{i}.avro", 20, start=i * 20)
    lf = jetliner.scan_avro("*.avro", row_index_name="i", include_file_paths="p", batch_size=33)
    frame = lf.collect(engine=engine)
    assert_frame_equal(frame.select("user_id", "amount", "status"), sales_frame(100))
    assert frame["i"].to_list() == list(range(100))
    assert frame["p"].to_list() == [f"{i // 20}.avro" for i in range(100)]
    last = lf.filter(pl.col("p") == "4.avro").select("i").collect(engine=engine)
    assert last["i"].to_list() == list(range(80, 100))


# --- sinks and batches ---


def test_sink_parquet(path: str, tmp_path: Path) -> None:
    jetliner.scan_avro(path).filter(pl.col("status") == "active").sink_parquet(tmp_path / "out.parquet")
    expected = sales_frame(1000).filter(pl.col("status") == "active")
    assert_frame_equal(pl.read_parquet(tmp_path / "out.parquet"), expected)


def test_sink_batches_and_collect_batches(path: str) -> None:
    lf = jetliner.scan_avro(path).filter(pl.col("user_id") >= 500)
    got: list[pl.DataFrame] = []
    lf.sink_batches(got.append)  # type: ignore[arg-type]
    assert_frame_equal(pl.concat(got).sort("user_id"), sales_frame(500, start=500))
    assert_frame_equal(pl.concat(lf.collect_batches()).sort("user_id"), sales_frame(500, start=500))


def test_batches_of_a_query_are_bounded_by_their_memory(write_sales: WriteSales) -> None:
    path = write_sales(rows=200_000, block_rows=5000)
    reader = _core.Reader([path], batch_bytes=1 << 20, buffer_bytes=1 << 20)
    frames = []
    while (batch := reader.next()) is not None:
        frames.append(to_frame(batch))
    assert len(frames) > 3
    assert all(frame.height < 100_000 and frame.estimated_size() < 4 << 20 for frame in frames)
    assert_frame_equal(pl.concat(frames), jetliner.read_avro(path))
