"""Partition directories: hive_partitioning, hive_schema, try_parse_hive_dates, as pl.scan_parquet."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro
from parquet_twins import AB, Twins, logical


@pytest.fixture
def by_month(twins: Twins) -> Twins:
    for row, (year, month) in enumerate([(2023, 1), (2023, 12), (2024, 1), (2024, 2)]):
        twins.write(f"y={year}/m={month}/f", AB, [{"a": row, "b": "x"}, {"a": row + 10, "b": "y"}])
    return twins


# --- when ---


def test_a_directory_has_partition_columns_by_default(by_month: Twins) -> None:
    frame = by_month.compare()
    assert frame.schema == pl.Schema({"a": pl.Int64, "b": pl.String, "y": pl.Int64, "m": pl.Int64})
    assert frame["m"].to_list() == [1, 1, 12, 12, 1, 1, 2, 2]
    by_month.compare(source="y=2024")  # has m, not y
    by_month.compare(hive_partitioning=False)
    by_month.compare(hive_partitioning=True)
    by_month.compare(source=[""])


@pytest.mark.parametrize("switch", [None, True, False])
@pytest.mark.parametrize(
    "source",
    [["y=2024", "y=2023"], "**/*.*", "y=2024/*/*.*", "y=2024/m=1/f.*", ["y=2024/m=1/f.*", "y=2023/m=1/f.*"]],
)
def test_other_sources_have_them_where_asked_for(by_month: Twins, source: Any, switch: bool | None) -> None:
    by_month.compare(source=source, hive_partitioning=switch)


def test_hive_schema_asks_for_them(by_month: Twins) -> None:
    by_month.compare(source="**/*.*", hive_schema={"y": pl.Int16, "m": pl.String})


def test_read_avro_has_them_too(by_month: Twins) -> None:
    frame = by_month.compare()
    assert jetliner.read_avro(by_month.avro()).to_dicts() == frame.to_dicts()
    assert jetliner.read_avro(by_month.avro(), columns=["m", "a"]).columns == ["a", "m"]
    assert jetliner.read_avro(by_month.avro(), columns=[2]).to_series().to_list() == [2023] * 4 + [2024] * 4


def test_directories_above_the_source_do_not_count(twins: Twins) -> None:
    twins.write("x=9/sub/y=1/f", AB, [{"a": 1, "b": "x"}])
    assert twins.compare(source="x=9/sub", hive_partitioning=True).columns == ["a", "b", "y"]
    assert twins.compare(source="x=9/sub/**/*.*", hive_partitioning=True).columns == ["a", "b", "x", "y"]


def test_directories_in_between_are_no_partitions(twins: Twins) -> None:
    twins.write("raw/y=1/sub/m=2/f", AB, [{"a": 1, "b": "x"}])
    assert twins.compare().columns == ["a", "b", "y", "m"]


def test_a_name_of_a_file_is_no_partition(twins: Twins) -> None:
    twins.write("y=1", AB, [{"a": 1, "b": "x"}])
    assert twins.compare(hive_partitioning=True).columns == ["a", "b"]


def test_keys_in_another_order(twins: Twins) -> None:
    twins.write("m=1/y=2/f", AB, [{"a": 1, "b": "x"}])
    twins.write("y=3/m=4/f", AB, [{"a": 1, "b": "x"}])
    assert twins.compare().select("m", "y").rows() == [(1, 2), (4, 3)]


# --- queries ---


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_queries_over_partitions(by_month: Twins, engine: Any) -> None:
    added = {"row_index_name": "i", "include_file_paths": "p"}
    queries: list[Any] = [
        lambda lazy: lazy,
        lambda lazy: lazy.select("m"),
        lambda lazy: lazy.select("m", "a", "y"),
        lambda lazy: lazy.select(pl.len()),
        lambda lazy: lazy.filter(pl.col("m") == 1),
        lambda lazy: lazy.filter(pl.col("m") == 1, pl.col("a") > 5).select("b"),
        lambda lazy: lazy.filter(pl.col("m") == 99),
        lambda lazy: lazy.filter(pl.col("a") > 10).select("y"),
        lambda lazy: lazy.filter((pl.col("m") == 1) | (pl.col("a") == 13)),
        lambda lazy: lazy.filter(pl.col("m") < pl.col("a")),
        lambda lazy: lazy.group_by("y", maintain_order=True).agg(pl.col("a").sum()),
        lambda lazy: lazy.slice(3, 3),
        lambda lazy: lazy.filter(pl.col("y") == 2024).head(3),
        lambda lazy: lazy.head(3).filter(pl.col("y") == 2024),
        lambda lazy: lazy.join(lazy.filter(pl.col("m") == 1), on=["y", "a"], maintain_order="left"),
    ]
    for query in queries:
        for options in ({}, added, {"n_rows": 5}, {"n_rows": 5, **added}):
            frame = by_month.compare(query, **options)
            there = jetliner.scan_avro(by_month.avro(), **options)
            assert query(there).collect(engine=engine).shape == frame.shape


def test_batches_go_over_partitions(twins: Twins) -> None:
    for part in range(30):
        twins.write(f"k={part:02}/f", {"a": "int"}, [{"a": row} for row in range(part % 4)])
    for batch_size in (1, 7, 1000):
        twins_frame = jetliner.scan_avro(twins.avro(), batch_size=batch_size).collect()
        assert twins_frame.to_dicts() == twins.compare().to_dicts()


def test_row_index_path_and_order_of_columns(by_month: Twins) -> None:
    frame = by_month.compare(row_index_name="i", include_file_paths="p", row_index_offset=5)
    assert frame.columns == ["i", "a", "b", "y", "m", "p"]


def test_queries_can_be_pickled(by_month: Twins) -> None:
    lazy = jetliner.scan_avro(by_month.avro()).filter(pl.col("m") == 12)
    assert pickle.loads(pickle.dumps(lazy)).collect()["a"].to_list() == [1, 11]


# --- types ---

VALUES: dict[str, list[str]] = {
    "int": ["1", "02", "-5"],
    "larger than 64 bits": ["9223372036854775808", "1"],
    "float": ["1", "1.5", "2e3"],
    "text": ["a", "1"],
    "date": ["2024-01-01", "2024-02-01"],
    "day first": ["01-02-2024", "13-02-2024"],
    "date and text": ["2024-01-01", "x"],
    "date and datetime": ["2024-01-01", "2024-01-02 03:00:00"],
    "datetime": ["2024-01-01 10:00:00", "2024-01-01 11:00:00.123456"],
    "datetime with escapes": ["2024-01-01T10%3A00%3A00", "2024-01-02T00%3A00%3A00"],
    "datetime with zone": ["2024-01-01 10:00:00Z", "2024-01-01 11:00:00Z"],
    "null": ["1", "__HIVE_DEFAULT_PARTITION__"],
    "null date": ["2024-01-01", "__HIVE_DEFAULT_PARTITION__"],
    "only null": ["__HIVE_DEFAULT_PARTITION__"],
    "escapes": ["a%20b", "%C3%A9", "a%2Fb", "100%25"],
    "boolean": ["true", "false"],
    "plus": ["+1", "2"],
    "spaces": ["%201", "2"],
    "not a number": ["inf", "nan"],
    "quotes": ["%22a%22", "1"],
    "lines": ["a%0Ab", "1"],
    "returns": ["1%0D", "2"],
    "commas": ["1%2C5", "2"],
}


@pytest.mark.parametrize("dates", [True, False])
@pytest.mark.parametrize("kind", list(VALUES))
def test_types_are_inferred_as_polars_does(twins: Twins, kind: str, dates: bool) -> None:
    for number, value in enumerate(VALUES[kind]):
        twins.write(f"k={value}/{number}", {"a": "long"}, [{"a": number}])
    if kind == "returns":
        # Polars takes the end of the line for one; what is not a number stays text here.
        assert jetliner.read_avro(twins.avro())["k"].to_list() == ["1\r", "2"]
        return
    twins.compare(try_parse_hive_dates=dates)


def test_a_time_of_day_is_text(twins: Twins) -> None:
    twins.write("k=10:00:00/f", {"a": "long"}, [{"a": 1}])
    assert jetliner.read_avro(twins.avro())["k"].to_list() == ["10:00:00"]  # Polars 2.1 raises


def test_what_follows_the_first_equals_sign_is_the_value(twins: Twins) -> None:
    twins.write("k=1=2/f", {"a": "long"}, [{"a": 1}])
    assert jetliner.read_avro(twins.avro())["k"].to_list() == ["1=2"]


@pytest.mark.parametrize(
    ("dtype", "value"),
    [
        (pl.Int8, "5"),
        (pl.Int8, "300"),
        (pl.Int8, "x"),
        (pl.Int8, "1.5"),
        (pl.Int8, "%201"),
        (pl.UInt128 if hasattr(pl, "UInt128") else pl.UInt8, "5"),
        (pl.String, "01"),
        (pl.Boolean, "true"),
        (pl.Boolean, "1"),
        (pl.Date, "2024-01-01"),
        (pl.Date, "x"),
        (pl.Datetime, "2024-01-01 10:00:00"),
        (pl.Datetime("ms"), "2024-01-01"),
        (pl.Datetime("ms", "Europe/Berlin"), "2024-01-01 10:00:00"),
        (pl.Float32, "1"),
        (pl.Float64, "inf"),
        (pl.Decimal(9, 2), "1.25"),
        (pl.Categorical, "1"),
        (pl.Enum(["1", "2"]), "1"),
        (pl.Enum(["2"]), "1"),
        (pl.Duration, "5"),
        (pl.Binary, "x"),
        (pl.Null, "1"),
    ],
)
def test_hive_schema_gives_the_type(twins: Twins, dtype: Any, value: str) -> None:
    twins.write(f"k={value}/f", {"a": "long"}, [{"a": 1}])
    try:
        twins.compare(hive_schema={"k": dtype})
    except jetliner.SchemaError as error:
        assert error.path == twins.avro(f"k={value}")  # noqa: PT017 (or no error at all: as Polars says)
        assert error.schema_context == "k"  # noqa: PT017


def test_hive_schema_must_have_every_column_and_may_have_more(by_month: Twins) -> None:
    frame = by_month.compare(hive_schema={"m": pl.Int8, "z": pl.Date, "y": pl.Int16})
    assert frame.columns == ["a", "b", "y", "m"]
    with pytest.raises(jetliner.SchemaError, match="'m'"):
        by_month.compare(hive_schema={"y": pl.Int16})


# --- columns that files and directories both have ---


def test_the_directory_wins_over_the_file(twins: Twins) -> None:
    twins.write("a=7/f", AB, [{"a": 1, "b": "x"}])
    twins.write("a=8/f", AB, [{"a": 2, "b": "x"}])
    frame = twins.compare()
    assert frame.rows() == [(7, "x"), (8, "x")]
    assert frame.columns == ["a", "b"]
    twins.compare(lambda lazy: lazy.filter(pl.col("a") == 8))


def test_the_type_is_that_of_the_file(twins: Twins) -> None:
    twins.write("b=7/f", AB, [{"a": 1, "b": "x"}])
    assert twins.compare().rows() == [(1, "7")]
    assert twins.compare(hive_schema={"b": pl.Int16}).rows() == [(1, 7)]
    twins.compare(schema={"b": pl.String, "a": pl.Int64})


def test_a_value_that_is_not_of_the_type_of_the_file(twins: Twins) -> None:
    twins.write("a=x/f", AB, [{"a": 1, "b": "x"}])
    with pytest.raises(jetliner.SchemaError, match="'x' is not a value of type Int64"):
        twins.compare()


def test_some_files_may_lack_it(twins: Twins) -> None:
    twins.write("a=7/f", AB, [{"a": 1, "b": "x"}])
    twins.write("a=8/f", {"b": "string"}, [{"b": "y"}])
    assert twins.compare().columns == ["a", "b"]


def test_some_files_may_have_it_in_addition(twins: Twins) -> None:
    twins.write("a=7/f", {"b": "string"}, [{"b": "y"}])
    twins.write("a=8/f", AB, [{"a": 1, "b": "x"}])
    assert twins.compare().columns == ["b", "a"]


# --- with schema, and with other manners ---


def test_schema_may_have_partition_columns(by_month: Twins) -> None:
    schema = {"b": pl.String, "a": pl.Int64}
    assert by_month.compare(schema=schema).columns == ["b", "a", "y", "m"]
    assert by_month.compare(schema={"y": pl.Int16, **schema}).columns == ["y", "b", "a", "m"]
    assert by_month.compare(schema={"y": pl.String, **schema})["y"][0] == "2023"


def test_missing_and_extra_columns_in_partitions(twins: Twins) -> None:
    twins.write("k=1/f", AB, [{"a": 1, "b": "x"}])
    twins.write("k=2/f", {"b": "string"}, [{"b": "y"}])
    twins.write("k=3/f", {"b": "string", "c": "int"}, [{"b": "y", "c": 1}])
    assert twins.compare(missing_columns="insert", extra_columns="ignore")["k"].to_list() == [1, 2, 3]
    twins.compare(lambda lazy: lazy.select("a", "k"), missing_columns="insert", extra_columns="ignore")


def test_reader_schema_in_partitions(write_avro: WriteAvro, tmp_path: Path) -> None:
    for key, avro in (("1", "int"), ("2", "long")):
        schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": avro}]}
        write_avro(f"data/k={key}/f.avro", schema, [{"a": int(key)}])
    reader_schema = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "z", "type": "string", "default": "d"}, {"name": "a", "type": "double"}],
    }
    lazy = jetliner.scan_avro(tmp_path / "data", reader_schema=reader_schema)
    assert lazy.collect().rows() == [("d", 1.0, 1), ("d", 2.0, 2)]
    assert lazy.select("k").collect().to_series().to_list() == [1, 2]
    assert lazy.filter(pl.col("k") == 2).select("z").collect().rows() == [("d",)]


def test_names_that_occur_twice_are_refused(by_month: Twins) -> None:
    for options in ({"row_index_name": "m"}, {"include_file_paths": "y"}):
        with pytest.raises(jetliner.SchemaError) as caught:
            jetliner.scan_avro(by_month.avro(), **options)
        assert caught.value.variant == "Duplicate"


# --- bad directories ---


@pytest.mark.parametrize(
    ("files", "place", "text"),
    [
        (["y=1/f", "y=/f"], "y=", "no value"),
        (["y=1/f", "=1/f"], "=1", "no key"),
        (["y=1/y=2/f"], "y=1/y=2", "twice"),
        (["y=%FF/f"], "y=%FF", "not valid text"),
        (["y=1/f", "y=1/m=2/f"], "y=1/m=2/f.avro", "differ from file to file"),
        (["f", "y=1/f"], "y=1/f.avro", "has none"),
        (["y=1/f", "z=1/f"], "z=1/f.avro", "differ from file to file"),
        (["y=1/f", "y=1/m=1/f", "y=2/f"], "y=1/m=1/f.avro", "y/m"),
    ],
)
@pytest.mark.parametrize("function", [jetliner.scan_avro, jetliner.read_avro])
def test_bad_directories_are_errors_that_name_the_place(
    twins: Twins, function: Any, files: list[str], place: str, text: str
) -> None:
    for name in files:
        twins.write(name, AB, [{"a": 1, "b": "x"}])
    with pytest.raises(jetliner.SchemaError, match=text) as caught:
        function(twins.avro())
    assert caught.value.path == twins.avro(place)
    assert function(twins.avro(), hive_partitioning=False) is not None


def test_the_type_of_a_later_file_is_checked_when_it_is_read(twins: Twins) -> None:
    twins.write("k=1/f", {"a": "long"}, [{"a": 1}])
    twins.write("k=2/f", {"a": logical("date")}, [{"a": 1}])
    lazy = jetliner.scan_avro(twins.avro())
    assert lazy.filter(pl.col("k") == 1).collect().height == 1
    with pytest.raises((jetliner.SchemaError, pl.exceptions.ComputeError), match="'a' is Date in this file, not Int64"):
        lazy.collect()
    with pytest.raises(jetliner.SchemaError, match="'a' is Date"):
        jetliner.read_avro(twins.avro())
