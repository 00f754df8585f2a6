"""scan_avro in queries: projection, predicates, limits, engines, plans that scan twice, and what is freed."""

from __future__ import annotations

import copy
import gc
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import blocks_of, damage, long, open_files, sales_frame, text
from conftest import WriteAvro, WriteRaw, WriteSales
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan

ENGINES = ["in-memory", "streaming"]
EACH_ENGINE = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture
def path(write_sales: WriteSales) -> str:
    return write_sales(rows=1000, block_rows=30)


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


def test_head_is_passed_down(path: str, spy: Spy) -> None:
    jetliner.scan_avro(path).head(10).collect()
    assert spy.calls[0]["n_rows"] == 10
    assert sum(spy.calls[0]["heights"]) == 10


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


# --- errors and resources ---


def test_header_and_schema_errors_are_raised_at_the_call(tmp_path: Path, write_sales: WriteSales) -> None:
    with pytest.raises(jetliner.FileNotFoundError):
        jetliner.scan_avro(tmp_path / "absent.avro")
    bad = tmp_path / "bad.avro"
    bad.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(jetliner.ParseError):
        jetliner.scan_avro([write_sales(), bad])


@EACH_ENGINE
def test_data_errors_are_raised_at_collect(path: str, engine: Any) -> None:
    damage(path, blocks_of(path)[20].sync_offset, b"damaged")
    lf = jetliner.scan_avro(path)
    if pl.__version__.startswith("1."):
        # Polars 1.x wraps what a source raises, and keeps the text.
        with pytest.raises((jetliner.ParseError, pl.exceptions.ComputeError), match="sync marker"):
            lf.collect(engine=engine)
        return
    with pytest.raises(jetliner.ParseError, match="sync marker") as caught:
        lf.collect(engine=engine)
    assert caught.value.path == path
    assert caught.value.variant == "InvalidSyncMarker"


@EACH_ENGINE
def test_ignore_errors_skips_damaged_blocks(path: str, engine: Any) -> None:
    blocks = blocks_of(path)
    damage(path, blocks[20].sync_offset, b"damaged")
    frame = jetliner.scan_avro(path, ignore_errors=True).collect(engine=engine)
    rows = frame["user_id"].to_list()
    assert rows == sorted(set(rows))
    assert set(range(1000)) - set(rows) <= set(range(600, 660))
    assert frame.height < 1000


@EACH_ENGINE
def test_file_that_vanishes_before_collect(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path)
    Path(path).unlink()
    with pytest.raises((jetliner.FileNotFoundError, pl.exceptions.ComputeError), match=r"(?i)no such file|not found"):
        lf.collect(engine=engine)


@EACH_ENGINE
@pytest.mark.parametrize("kind", ["int", "string", ["null", "string"]])
def test_file_whose_schema_changes_before_collect(
    write_sales: WriteSales, write_avro: WriteAvro, engine: Any, kind: Any
) -> None:
    lf = jetliner.scan_avro(write_sales("x.avro"))
    fields = [{"name": name, "type": kind} for name in ("user_id", "amount", "status")]
    rows = [dict.fromkeys(("user_id", "amount", "status"), 1 if kind == "int" else "a")]
    write_avro("x.avro", {"type": "record", "name": "Sale", "fields": fields}, rows)
    for query in (lf, lf.select("user_id")):
        with pytest.raises((jetliner.SchemaError, pl.exceptions.ComputeError), match="schema of the file has changed"):
            query.collect(engine=engine)


@EACH_ENGINE
def test_files_are_closed_after_a_query(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path, batch_size=10)
    assert path not in open_files()
    for query in (lf, lf.head(5), lf.filter(pl.col("user_id") > 10).head(5), lf.slice(500, 1)):
        query.collect(engine=engine)
        gc.collect()
    # A generator that Polars dropped on another thread may be freed with the next query only.
    pl.LazyFrame({"a": [1]}).collect(engine=engine)
    gc.collect()
    assert path not in open_files()


def test_abandoned_generator_closes_the_file(path: str) -> None:
    frames = AvroScan(Table([path], ReadOptions(batch_size=10), sales_frame(0).schema))(None, None, None, None)
    next(frames)
    assert path in open_files()
    del frames
    gc.collect()
    assert path not in open_files()


def test_interpreter_exits_with_an_abandoned_query(path: str) -> None:
    script = """
        import sys, jetliner
        batches = jetliner.scan_avro(sys.argv[1], batch_size=10).collect_batches(maintain_order=True)
        print(next(iter(batches)).height > 0)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), path], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.stdout, result.returncode) == ("True\n", 0)
    if not pl.__version__.startswith("1."):  # in Polars 1.x a worker thread of its own complains at the end
        assert result.stderr == ""


def test_declared_schema_and_frames_agree_to_the_letter(write_avro: WriteAvro) -> None:
    import datetime as dt

    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
            {"name": "m", "type": {"type": "map", "values": "int"}},
        ],
    }
    now = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    path = write_avro("t.avro", schema, [{"at": now, "local": now.replace(tzinfo=None), "e": "B", "m": {"k": 1}}])
    lf = jetliner.scan_avro(path)
    expected = pl.Schema(
        {
            "at": pl.Datetime("us", "UTC"),
            "local": pl.Datetime("ms"),
            "e": pl.Enum(["A", "B"]),
            "m": pl.List(pl.Struct({"key": pl.String, "value": pl.Int32})),
        }
    )
    assert lf.collect_schema() == expected
    for engine in ENGINES:
        assert lf.collect(engine=engine).schema == expected  # type: ignore[call-overload]
    assert lf.filter(pl.col("at") == now, pl.col("e") == "B").collect().height == 1
