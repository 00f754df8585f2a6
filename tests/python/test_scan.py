"""scan_avro in queries: the whole frame, projection, predicates, engines, plans that scan twice."""

from __future__ import annotations

import copy
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import long, sales_frame, text
from conftest import WriteAvro, WriteRaw, WriteSales
from entry_points import EACH_ENGINE
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan


class Spy:
    """What Polars asked the scan for, and how many rows it got."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[dict[str, Any]] = []
        original = AvroScan.__call__

        def call(scan: AvroScan, with_columns: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Any:
            seen = {"columns": with_columns, "predicate": predicate, "n_rows": n_rows, "read": [], "heights": []}
            self.calls.append(seen)
            for frame in original(scan, with_columns, predicate, n_rows, batch_size):
                seen["read"].append(frame.columns)
                seen["heights"].append(frame.height)
                yield frame

        monkeypatch.setattr(AvroScan, "__call__", call)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    return Spy(monkeypatch)


# --- the whole frame ---


@EACH_ENGINE
def test_collect(path: str, engine: Any) -> None:
    assert_frame_equal(jetliner.scan_avro(path).collect(engine=engine), sales_frame(1000))


def test_is_a_lazy_frame_with_the_schema_of_the_file(path: str) -> None:
    lf = jetliner.scan_avro(path)
    assert isinstance(lf, pl.LazyFrame)
    assert lf.collect_schema() == sales_frame(0).schema == jetliner.read_avro_schema(path)


@EACH_ENGINE
@pytest.mark.parametrize("batch_size", [1, 7, 1000, 10**9])
def test_batch_size_never_changes_results(path: str, engine: Any, batch_size: int) -> None:
    assert_frame_equal(jetliner.scan_avro(path, batch_size=batch_size).collect(engine=engine), sales_frame(1000))


def test_frames_never_exceed_batch_size(path: str) -> None:
    scan = AvroScan(Table([path], ReadOptions(batch_size=64), sales_frame(0).schema))
    for hint in (None, 1, 10, 64, 100_000):
        heights = [frame.height for frame in scan(None, None, None, hint)]
        assert max(heights) == min(hint or 64, 64)
        assert sum(heights) == 1000


@EACH_ENGINE
def test_file_without_rows_gives_an_empty_frame_with_the_full_schema(write_sales: WriteSales, engine: Any) -> None:
    lf = jetliner.scan_avro(write_sales(rows=0), row_index_name="i", include_file_paths="p")
    frame = lf.collect(engine=engine)
    assert frame.height == 0
    assert frame.schema == pl.Schema({"i": pl.UInt32, **sales_frame(0).schema, "p": pl.String})
    assert lf.select("amount").collect(engine=engine).schema == pl.Schema({"amount": pl.Float64})
    assert lf.filter(pl.col("amount") > 1).collect(engine=engine).schema == frame.schema


def test_collected_twice_and_cloned(path: str) -> None:
    lf = jetliner.scan_avro(path).filter(pl.col("user_id") < 10)
    for query in (lf, lf, lf.clone(), copy.copy(lf), copy.deepcopy(lf)):
        assert_frame_equal(query.collect(), sales_frame(10))


# --- projection ---


@EACH_ENGINE
def test_select_decides_the_order(path: str, engine: Any, spy: Spy) -> None:
    frame = jetliner.scan_avro(path).select("status", "user_id").collect(engine=engine)
    assert_frame_equal(frame, sales_frame(1000).select("status", "user_id"))
    assert sorted(spy.calls[0]["read"][0]) == ["status", "user_id"]


@EACH_ENGINE
def test_columns_not_selected_are_not_decoded(write_raw: WriteRaw, engine: Any) -> None:
    # The text is no UTF-8: only who decodes it finds out.
    schema = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "bad", "type": "string"}, {"name": "good", "type": "int"}],
    }
    path = write_raw("x.avro", schema, [(10, b"".join(text(b"\xff\xfe") + long(i) for i in range(10)))])
    assert jetliner.scan_avro(path).select("good").collect(engine=engine)["good"].to_list() == list(range(10))
    with pytest.raises((jetliner.DecodeError, pl.exceptions.ComputeError)):
        jetliner.scan_avro(path).collect(engine=engine)


@EACH_ENGINE
def test_added_columns_are_only_made_where_they_are_asked_for(path: str, engine: Any, spy: Spy) -> None:
    lf = jetliner.scan_avro(path, row_index_name="i", include_file_paths="p")
    frame = lf.select("p", "user_id").collect(engine=engine)
    assert frame.columns == ["p", "user_id"]
    assert spy.calls[0]["read"][0] == ["user_id", "p"]


@EACH_ENGINE
def test_selecting_only_the_row_index(path: str, engine: Any) -> None:
    frame = jetliner.scan_avro(path, row_index_name="i", row_index_offset=5).select("i").collect(engine=engine)
    assert frame["i"].to_list() == list(range(5, 1005))


@EACH_ENGINE
def test_selecting_only_the_path_column(path: str, engine: Any) -> None:
    frame = jetliner.scan_avro(path, include_file_paths="p").select("p").collect(engine=engine)
    assert frame["p"].to_list() == [path] * 1000


@EACH_ENGINE
def test_length_is_the_full_number_of_rows(path: str, engine: Any) -> None:
    for lf in (jetliner.scan_avro(path), jetliner.scan_avro(path, row_index_name="i", include_file_paths="p")):
        assert lf.select(pl.len()).collect(engine=engine).item() == 1000
        assert lf.filter(pl.col("user_id") >= 100).select(pl.len()).collect(engine=engine).item() == 900


@EACH_ENGINE
def test_literal_column_alone(path: str, engine: Any) -> None:
    frame = jetliner.scan_avro(path).select(pl.lit(1).alias("one"), pl.len().alias("n")).collect(engine=engine)
    assert frame.rows() == [(1, 1000)]


def test_no_column_asked_for_keeps_the_number_of_rows(path: str) -> None:
    scan = AvroScan(Table([path], ReadOptions(), sales_frame(0).schema))
    assert sum(frame.height for frame in scan([], None, None, None)) == 1000


@EACH_ENGINE
def test_nested_field_of_a_struct(write_avro: WriteAvro, engine: Any) -> None:
    inner = {"type": "record", "name": "In", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "string"}]}
    schema = {"type": "record", "name": "Out", "fields": [{"name": "in", "type": inner}, {"name": "z", "type": "long"}]}
    path = write_avro("n.avro", schema, [{"in": {"x": i, "y": str(i)}, "z": i} for i in range(50)])
    lf = jetliner.scan_avro(path).filter(pl.col("z") > 40).select(pl.col("in").struct.field("y"))
    assert lf.collect(engine=engine)["y"].to_list() == [str(i) for i in range(41, 50)]


# --- predicates ---

PREDICATES = [
    pl.col("status") == "active",
    (pl.col("user_id") > 100) & (pl.col("amount") < 300.0),
    pl.col("user_id").is_in([3, 5, 999]),
    pl.col("status").str.starts_with("in") | pl.col("amount").is_null(),
    pl.col("user_id") < 0,
    pl.lit(value=True),
    pl.lit(value=False),
]


@EACH_ENGINE
@pytest.mark.parametrize("predicate", PREDICATES, ids=str)
def test_filter(path: str, engine: Any, predicate: pl.Expr) -> None:
    expected = sales_frame(1000).filter(predicate)
    lf = jetliner.scan_avro(path, batch_size=99)
    assert_frame_equal(lf.filter(predicate).collect(engine=engine), expected)
    assert_frame_equal(lf.filter(predicate).select("amount").collect(engine=engine), expected.select("amount"))


@EACH_ENGINE
def test_filter_is_applied_inside_the_source(path: str, engine: Any, spy: Spy) -> None:
    jetliner.scan_avro(path).filter(pl.col("user_id") == 7).collect(engine=engine)
    assert spy.calls[0]["predicate"] is not None
    assert sum(spy.calls[0]["heights"]) == 1


@EACH_ENGINE
def test_predicate_on_a_column_that_is_not_selected(path: str, engine: Any) -> None:
    frame = jetliner.scan_avro(path).filter(pl.col("status") == "active").select("user_id").collect(engine=engine)
    assert frame["user_id"].to_list() == list(range(0, 1000, 3))


@EACH_ENGINE
def test_predicate_that_cannot_be_parsed_is_applied_by_the_engine(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path).filter(
        pl.col("user_id").map_elements(lambda value: value % 100 == 1, return_dtype=pl.Boolean)
    )
    assert lf.collect(engine=engine)["user_id"].to_list() == list(range(1, 1000, 100))


@EACH_ENGINE
def test_predicate_on_row_index_and_path(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path, row_index_name="i", include_file_paths="p")
    frame = (
        lf.filter((pl.col("i") % 100 == 0) & pl.col("p").str.ends_with(".avro"))
        .select("user_id")
        .collect(engine=engine)
    )
    assert frame["user_id"].to_list() == list(range(0, 1000, 100))


@EACH_ENGINE
def test_join_of_two_scans(path: str, engine: Any) -> None:
    left = jetliner.scan_avro(path)
    right = jetliner.scan_avro(path, n_rows=10).select("user_id", pl.col("amount").alias("other"))
    frame = left.join(right, on="user_id").sort("user_id").collect(engine=engine)
    assert frame["other"].to_list() == [i * 0.5 for i in range(10)]


@EACH_ENGINE
def test_source_that_is_scanned_twice_in_one_plan(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path)
    both = pl.concat([lf.filter(pl.col("user_id") < 5), lf.filter(pl.col("user_id") >= 995)])
    assert both.collect(engine=engine)["user_id"].to_list() == [*range(5), *range(995, 1000)]
    joined = lf.join(lf, on="user_id", suffix="_2").select(pl.len(), pl.col("amount_2").sum())
    assert joined.collect(engine=engine).rows() == [(1000, sum(i * 0.5 for i in range(1000)))]


@EACH_ENGINE
def test_self_concatenation(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path).head(3)
    assert pl.concat([lf, lf]).collect(engine=engine)["user_id"].to_list() == [0, 1, 2, 0, 1, 2]


def test_collect_all(path: str) -> None:
    lf = jetliner.scan_avro(path)
    frames = pl.collect_all([lf.select(pl.col("amount").sum()), lf.filter(pl.col("user_id") < 3), lf])
    assert frames[0].item() == sum(i * 0.5 for i in range(1000))
    assert frames[1].height == 3
    assert_frame_equal(frames[2], sales_frame(1000))


@EACH_ENGINE
def test_group_by_equals_the_eager_frame(path: str, engine: Any) -> None:
    def query(lf: pl.LazyFrame) -> pl.LazyFrame:
        return lf.group_by("status").agg(pl.len(), pl.col("amount").mean()).sort("status")

    assert_frame_equal(
        query(jetliner.scan_avro(path)).collect(engine=engine), query(sales_frame(1000).lazy()).collect()
    )


def test_head_is_passed_down(path: str, spy: Spy) -> None:
    jetliner.scan_avro(path).head(10).collect()
    assert spy.calls[0]["n_rows"] == 10
    assert sum(spy.calls[0]["heights"]) == 10
