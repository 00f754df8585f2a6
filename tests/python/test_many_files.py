"""Files with other columns than the first: missing_columns, extra_columns, schema, as pl.scan_parquet."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro
from parquet_twins import AB, ROW, Twins, array, casts, dtype_of, enum, logical, record

pytestmark = pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")


# --- missing and extra columns ---


def test_missing_columns(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    twins.write("2", {"b": "string"}, [{"b": "y"}])
    with pytest.raises(jetliner.SchemaError, match=r"mismatch.*'a'"):
        twins.compare()
    frame = twins.compare(missing_columns="insert")
    assert frame.rows() == [(1, "x"), (None, "y")]
    twins.compare(lambda lazy: lazy.select("a"), missing_columns="insert")
    twins.compare(lambda lazy: lazy.filter(pl.col("a").is_null()).select("b"), missing_columns="insert")
    twins.compare(lambda lazy: lazy.select(pl.len()), missing_columns="insert")


def test_extra_columns(twins: Twins) -> None:
    twins.write("1", {"b": "string"}, [{"b": "y"}])
    twins.write("2", AB, [ROW])
    with pytest.raises(jetliner.SchemaError, match=r"mismatch.*'a'") as caught:
        twins.compare()
    assert str(caught.value.path).endswith("2.avro")
    with pytest.raises(jetliner.SchemaError, match="extra_columns='ignore'"):
        twins.compare(missing_columns="insert")
    assert twins.compare(extra_columns="ignore").rows() == [("y",), ("x",)]


def test_fields_in_another_order(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    twins.write("2", {"b": "string", "a": "long"}, [{"a": 2, "b": "y"}])
    for options in ({}, {"missing_columns": "insert"}, {"extra_columns": "ignore"}):
        assert twins.compare(**options).rows() == [(1, "x"), (2, "y")]


def test_files_without_a_column_in_common(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    twins.write("2", {"z": "long"}, [{"z": 1}, {"z": 2}])
    both = {"missing_columns": "insert", "extra_columns": "ignore"}
    assert twins.compare(**both).rows() == [(1, "x"), (None, None), (None, None)]
    twins.compare(lambda lazy: lazy.select("b"), **both)


def test_row_index_path_limits_and_slices(twins: Twins) -> None:
    for number in range(4):
        fields = {"a": "long"} if number % 2 else AB
        twins.write(
            str(number),
            fields,
            [{"a": number * 10 + row, "b": "x"} for row in range(3)]
            if fields is AB
            else [{"a": number * 10 + row} for row in range(3)],
        )
    options = {"missing_columns": "insert", "row_index_name": "i", "include_file_paths": "p"}
    twins.compare(**options)
    twins.compare(row_index_offset=7, **options)
    twins.compare(lambda lazy: lazy.select("p", "i"), **options)
    twins.compare(lambda lazy: lazy.select("b", "i"), **options)
    twins.compare(lambda lazy: lazy.slice(2, 5), **options)
    twins.compare(lambda lazy: lazy.tail(4), **options)
    twins.compare(lambda lazy: lazy.filter(pl.col("b").is_null()), **options)
    twins.compare(n_rows=7, **options)
    twins.compare(lambda lazy: lazy.filter(pl.col("i") > 2), n_rows=7, **options)


def test_the_order_of_files_may_alternate(twins: Twins) -> None:
    for number in range(50):
        twins.write(
            f"{number:02}", AB if number % 2 else {"b": "string"}, [{"b": "y", **({"a": number} if number % 2 else {})}]
        )
    frame = twins.compare(missing_columns="insert", schema={"a": pl.Int64, "b": pl.String})
    assert frame["a"].null_count() == 25


# --- schema ---


def test_schema_decides_order_and_columns(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    b, a, c = {"b": pl.String}, {"a": pl.Int64}, {"c": pl.Date}
    assert twins.compare(schema={**b, **a}).columns == ["b", "a"]
    assert twins.compare(schema=pl.Schema({**b, **a})).columns == ["b", "a"]
    with pytest.raises(jetliner.SchemaError, match=r"'c'.*missing_columns='insert'"):
        twins.compare(schema={**b, **a, **c})
    assert twins.compare(schema={**b, **c, **a}, missing_columns="insert").rows() == [("x", None, 1)]
    with pytest.raises(jetliner.SchemaError, match=r"'a'.*extra_columns='ignore'"):
        twins.compare(schema=b)
    assert twins.compare(schema=b, extra_columns="ignore").rows() == [("x",)]
    only_missing = {"schema": c, "extra_columns": "ignore", "missing_columns": "insert"}
    assert twins.compare(**only_missing).rows() == [(None,)]
    twins.compare(lambda lazy: lazy.select(pl.len()), **only_missing)
    with pytest.raises(jetliner.SchemaError, match="'a' is Int64 in this file, not String"):
        twins.compare(schema={**b, "a": pl.String})


def test_schema_of_a_first_file_that_lacks_a_column(twins: Twins) -> None:
    twins.write("1", {"a": "int"}, [{"a": 1}])
    twins.write("2", {"a": "long", "b": array("int")}, [{"a": 2, "b": [3]}])
    frame = twins.compare(
        schema={"b": pl.List(pl.Int64), "a": pl.Int64},
        missing_columns="insert",
        cast_options=casts(integer_cast="upcast"),
    )
    assert frame.rows() == [(None, 1), ([3], 2)]


@pytest.mark.parametrize(
    ("schema", "error"),
    [
        ({}, jetliner.ConfigurationError),
        (["a"], TypeError),
        ({"a": None}, TypeError),
        ({"a": int}, TypeError),
        ({"a": pl.List}, TypeError),
        ({1: pl.Int8}, TypeError),
    ],
)
def test_schemas_that_are_none(twins: Twins, schema: Any, error: type[Exception]) -> None:
    twins.write("1", AB, [ROW])
    with pytest.raises(error, match="schema"):
        jetliner.scan_avro(twins.avro(), schema=schema)


def test_errors_name_what_helps(twins: Twins) -> None:
    twins.write("1", {"f": "int"}, [{"f": 1}])
    twins.write("2", {"f": "long"}, [{"f": 2}])
    with pytest.raises(jetliner.SchemaError, match=r"expect Int64 by schema= and cast_options="):
        jetliner.scan_avro(twins.avro(), cast_options=casts(integer_cast="upcast"))
    wide = {"schema": {"f": pl.Int64}, "cast_options": casts(integer_cast="upcast")}
    assert twins.compare(**wide).rows() == [(1,), (2,)]
    twins.write("3", {"f": "long", "g": "long"}, [{"f": 2, "g": 3}])
    with pytest.raises(jetliner.SchemaError, match="schema= with all columns reads it"):
        jetliner.scan_avro(twins.avro(), missing_columns="insert", **wide)
    wide["schema"] = {"f": pl.Int64, "g": pl.Int64}
    assert twins.compare(missing_columns="insert", **wide).rows() == [(1, None), (2, None), (2, 3)]


def test_errors_of_enums_that_differ_name_what_helps(write_avro: WriteAvro, in_tmp: Path) -> None:
    for number, symbol in enumerate("ab"):
        enum = {"type": "enum", "name": "E", "symbols": [symbol]}
        schema = {"type": "record", "name": "R", "fields": [{"name": "e", "type": enum}]}
        write_avro(f"{number}.avro", schema, [{"e": symbol}])
    for options in ({}, {"missing_columns": "insert"}):
        with pytest.raises(jetliner.SchemaError, match="enum_as='string'"):
            jetliner.scan_avro("*.avro", **options)
    frame = jetliner.scan_avro("*.avro", missing_columns="insert", enum_as="string").collect()
    assert frame["e"].to_list() == ["a", "b"]


def test_struct_fields_follow_the_first_file(twins: Twins) -> None:
    twins.write("1", {"f": record(x="long")}, [{"f": {"x": 1}}])
    twins.write("2", {"f": record(x="long", y="long")}, [{"f": {"x": 2, "y": 3}}])
    twins.write("3", {"f": record(y="long")}, [{"f": {"y": 4}}])
    with pytest.raises(jetliner.SchemaError, match="additional"):
        twins.compare(cast_options=casts(missing_struct_fields="insert"))
    with pytest.raises(jetliner.SchemaError, match="missing"):
        twins.compare(cast_options=casts(extra_struct_fields="ignore"))
    frame = twins.compare(cast_options=casts(missing_struct_fields="insert", extra_struct_fields="ignore"))
    assert frame["f"].to_list() == [{"x": 1}, {"x": 2}, {"x": None}]


# --- the options themselves ---


@pytest.mark.parametrize("function", [jetliner.scan_avro, jetliner.read_avro])
@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"missing_columns": "fill"}, jetliner.ConfigurationError, "missing_columns"),
        ({"missing_columns": None}, TypeError, "missing_columns"),
        ({"extra_columns": "drop"}, jetliner.ConfigurationError, "extra_columns"),
        ({"cast_options": {"integer_cast": "upcast"}}, TypeError, "cast_options"),
        ({"cast_options": casts(integer_cast="x")}, jetliner.ConfigurationError, "integer_cast"),
        ({"hive_partitioning": "auto"}, TypeError, "hive_partitioning"),
        ({"try_parse_hive_dates": 1}, TypeError, "try_parse_hive_dates"),
        ({"hive_schema": ["y"]}, TypeError, "hive_schema"),
        ({"schema": "x.avsc"}, TypeError, "got str: for an Avro schema use reader_schema"),
        ({"schema": {"type": "record"}}, TypeError, "got 'record': for an Avro schema use reader_schema"),
        ({"schema": {"type": 3}}, TypeError, "got 3$"),
        ({"hive_schema": {"y": pl.Int8}, "hive_partitioning": False}, jetliner.ConfigurationError, "hive_schema"),
        ({"reader_schema": '"int"', "schema": {"value": pl.Int8}}, jetliner.ConfigurationError, "exclude"),
        ({"reader_schema": '"int"', "missing_columns": "insert"}, jetliner.ConfigurationError, "exclude"),
        ({"reader_schema": '"int"', "extra_columns": "ignore"}, jetliner.ConfigurationError, "exclude"),
        ({"reader_schema": '"int"', "cast_options": casts()}, jetliner.ConfigurationError, "exclude"),
    ],
)
def test_options_are_checked_before_any_file_is_touched(
    function: Any, options: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        function("absent.avro", **options)


# --- the rest of the house ---


def test_queries_can_be_pickled(twins: Twins) -> None:
    twins.write("1", {"a": "int"}, [{"a": 1}])
    twins.write("2", {"b": "int"}, [{"b": 2}])
    lazy = jetliner.scan_avro(
        twins.avro(),
        schema={"a": pl.Int64, "b": pl.Int64},
        missing_columns="insert",
        cast_options=casts(integer_cast="upcast"),
    )
    assert pickle.loads(pickle.dumps(lazy)).collect().rows() == [(1, None), (None, 2)]


def test_read_avro_selects_columns(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    twins.write("2", {"b": "string"}, [{"b": "y"}])
    insert: Any = {"missing_columns": "insert"}
    assert jetliner.read_avro(twins.avro(), columns=["b", "a"], **insert).columns == ["a", "b"]
    assert jetliner.read_avro(twins.avro(), columns=[0], row_index_name="i", **insert).rows() == [(0, 1), (1, None)]
    assert jetliner.read_avro(twins.avro(), n_rows=1, **insert).rows() == [(1, "x")]
    with pytest.raises(jetliner.SchemaError, match="column"):
        jetliner.read_avro(twins.avro(), columns=["c"], **insert)
    with pytest.raises(IndexError, match="out of range"):
        jetliner.read_avro(twins.avro(), columns=[2], **insert)


def test_files_without_rows_give_an_empty_frame_with_the_schema(twins: Twins) -> None:
    twins.write("1", AB, [])
    schema: Any = {"a": pl.Int64(), "c": pl.Date()}
    for options in ({"row_index_name": "i"}, {}):
        frame = twins.compare(schema=schema, missing_columns="insert", extra_columns="ignore", **options)
        assert frame.height == 0
    read = jetliner.read_avro(twins.avro(), schema=schema, missing_columns="insert", extra_columns="ignore")
    assert read.schema == pl.Schema(schema)


def test_damage_is_skipped_in_files_that_differ(twins: Twins) -> None:
    twins.write("1", AB, [ROW] * 3)
    twins.write("2", {"b": "string"}, [{"b": "y"}] * 3)
    path = Path(twins.avro("1.avro"))
    content = path.read_bytes()
    path.write_bytes(content[:-20] + bytes(4) + content[-16:])
    with pytest.raises((jetliner.JetlinerError, pl.exceptions.ComputeError)):
        jetliner.scan_avro(twins.avro(), missing_columns="insert").collect()
    frame = jetliner.scan_avro(twins.avro(), missing_columns="insert", ignore_errors=True).collect()
    assert frame["b"].to_list()[-3:] == ["y"] * 3


def test_a_file_that_changed_since_the_scan_was_made_is_checked_again(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    lazy = jetliner.scan_avro(twins.avro(), extra_columns="ignore")
    twins.write("1", {"b": "string"}, [{"b": "y"}])
    with pytest.raises((jetliner.SchemaError, pl.exceptions.ComputeError), match="no column 'a'"):
        lazy.collect()


def test_dtypes_of_the_twins_are_those_of_the_reader(twins: Twins) -> None:
    fields = {"a": array(record(x="int", t=logical("timestamp-micros"))), "e": enum("x")}
    twins.write("1", fields, [])
    assert jetliner.read_avro_schema(twins.avro()) == pl.Schema({name: dtype_of(avro) for name, avro in fields.items()})


@pytest.mark.parametrize("function", [jetliner.read_avro, jetliner.scan_avro])
def test_files_that_differ_are_refused_with_the_ways_out(twins: Twins, function: Any) -> None:
    twins.write("1", {"b": "string"}, [{"b": "y"}])
    twins.write("2", AB, [ROW])
    with pytest.raises(jetliner.SchemaError, match=r"mismatch.*'a'.*extra_columns.*reader_schema") as caught:
        function(twins.avro())
    assert caught.value.variant == "IncompatibleSchemas"
    assert str(caught.value.path).endswith("2.avro")
    assert caught.value.schema_context == "a" or caught.value.schema_context is None
