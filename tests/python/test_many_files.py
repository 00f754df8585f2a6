"""Files with other columns than the first: missing_columns, extra_columns, schema, cast_options, as pl.scan_parquet."""

from __future__ import annotations

import pickle
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from conftest import WriteAvro, WriteSales
from parquet_twins import IS_MODEL, Twins, array, dtype_of, enum, logical, record

pytestmark = pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")


@pytest.fixture
def twins(tmp_path: Path) -> Twins:
    return Twins(tmp_path)


def casts(**words: Any) -> pl.ScanCastOptions:
    return pl.ScanCastOptions(**words)


AB = {"a": "long", "b": "string"}
ROW = {"a": 1, "b": "x"}

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


# --- casts ---

I32, I64, F32, F64, S = pl.Int32(), pl.Int64(), pl.Float32(), pl.Float64(), pl.String()
CASTS: list[tuple[Any, Any, pl.DataType, dict[str, Any]]] = [
    ("int", 1, I64, {}),
    ("int", 1, I64, {"integer_cast": "upcast"}),
    ("long", 1, I32, {"integer_cast": "upcast"}),
    ("long", 1, pl.Int128(), {"integer_cast": "upcast"}),
    ("int", 1, pl.UInt64(), {"integer_cast": "upcast"}),
    ("int", 1, F64, {"integer_cast": "upcast"}),
    ("int", 1, F64, {"integer_cast": "allow-float"}),
    ("long", 2**53 + 1, F32, {"integer_cast": "allow-float"}),
    ("int", 1, pl.Decimal(20, 0), {"integer_cast": "upcast"}),
    ("float", 1.5, F64, {"float_cast": "upcast"}),
    ("float", 1.5, F64, {"float_cast": "downcast"}),
    ("float", 1.5, F64, {"float_cast": ["downcast", "upcast"]}),
    ("double", 1e300, F32, {"float_cast": "downcast"}),
    ("double", 1.5, F32, {"float_cast": "upcast"}),
    ("double", 1.5, I64, {"float_cast": "downcast"}),
    (logical("decimal", precision=9, scale=2), Decimal("1.25"), pl.Decimal(20, 2), {}),
    (logical("decimal", precision=9, scale=2), Decimal("1.25"), pl.Decimal(20, 2), {"integer_cast": "upcast"}),
    (logical("decimal", precision=9, scale=2), Decimal("1.25"), pl.Decimal(20, 3), {"integer_cast": "upcast"}),
    (logical("decimal", precision=9, scale=2), Decimal("1.25"), pl.Decimal(8, 2), {"integer_cast": "upcast"}),
    *[
        (logical(f"local-timestamp-{have}s"), -1500, pl.Datetime(want), {"datetime_cast": word})  # type: ignore[arg-type]
        for have in ("milli", "micro")
        for want in ("ms", "us", "ns")
        for word in (
            "forbid",
            "upcast",
            "downcast",
            "nanosecond-downcast",
            "microsecond-downcast",
            "microsecond-upcast",
            "millisecond-upcast",
            "convert-timezone",
        )
    ],
    (logical("timestamp-micros"), 1, pl.Datetime("us", "Europe/Berlin"), {"datetime_cast": "convert-timezone"}),
    (logical("timestamp-micros"), 1, pl.Datetime("us"), {"datetime_cast": "convert-timezone"}),
    (logical("local-timestamp-micros"), 1, pl.Datetime("us", "UTC"), {"datetime_cast": "convert-timezone"}),
    (logical("local-timestamp-micros"), 1, pl.Datetime("us", "UTC"), {"datetime_cast": "upcast"}),
    (logical("timestamp-micros"), 1, pl.Datetime("ns", "Europe/Berlin"), {"datetime_cast": "convert-timezone"}),
    (
        logical("timestamp-micros"),
        1,
        pl.Datetime("ns", "Europe/Berlin"),
        {"datetime_cast": ["convert-timezone", "upcast"]},
    ),
    (logical("local-timestamp-micros"), 1, pl.Datetime("us", "UTC"), {}),
    (logical("timestamp-micros"), 1, pl.Datetime("us"), {}),
    (logical("timestamp-micros"), 1, pl.Datetime("us", "Europe/Berlin"), {}),
    (logical("local-timestamp-micros"), 1, pl.Datetime("us", "Europe/Berlin"), {"datetime_cast": "upcast"}),
    (logical("date"), 1, pl.Datetime("us"), {"datetime_cast": "upcast"}),
    (enum("x", "y"), "x", pl.Enum(["x", "y", "z"]), {"categorical_to_string": "allow"}),
    (enum("x", "y"), "x", S, {}),
    ("null", None, I32, {}),
    ("int", 1, pl.Null(), {}),
    ("bytes", b"x", S, {}),
    ("string", "x", pl.Binary(), {}),
    (array("int"), [1], pl.List(I64), {}),
    (array("int"), [1], pl.List(I64), {"integer_cast": "upcast"}),
    (array("null"), [], pl.List(I64), {}),
    (array("null"), [None], pl.List(pl.Struct({"x": I64})), {}),
    (record(x="int", y="string"), {"x": 1, "y": "s"}, pl.Struct({"y": S, "x": I32}), {}),
    (record(x="int"), {"x": 1}, pl.Struct({"x": I32, "y": S}), {}),
    (record(x="int"), {"x": 1}, pl.Struct({"y": S, "x": I32}), {"missing_struct_fields": "insert"}),
    (record(x="int", y="string"), {"x": 1, "y": "s"}, pl.Struct({"x": I32}), {}),
    (record(x="int", y="string"), {"x": 1, "y": "s"}, pl.Struct({"x": I32}), {"extra_struct_fields": "ignore"}),
    (
        record(x="int"),
        {"x": 1},
        pl.Struct({"q": S}),
        {"extra_struct_fields": "ignore", "missing_struct_fields": "insert"},
    ),
    (record(x="int"), {"x": 1}, pl.Struct({"x": I64}), {}),
    (record(x="int"), {"x": 1}, pl.Struct({"x": I64}), {"integer_cast": "upcast"}),
    (["null", record(x="int")], None, pl.Struct({"x": I64}), {"integer_cast": "upcast"}),
    (
        array(["null", record(x="int")]),
        [{"x": 1}, None],
        pl.List(pl.Struct({"w": S, "x": I64})),
        {"integer_cast": "upcast", "missing_struct_fields": "insert"},
    ),
]


@pytest.mark.parametrize(("avro", "value", "want", "words"), CASTS)
def test_casts_are_those_of_polars(twins: Twins, avro: Any, value: Any, want: pl.DataType, words: Any) -> None:
    twins.write("1", {"f": avro}, [{"f": value}, {"f": value}])
    options = {"cast_options": casts(**words)} if words else {}
    try:
        twins.compare(schema={"f": want}, **options)
    except jetliner.SchemaError as error:
        assert error.variant == "IncompatibleSchemas"  # noqa: PT017 (or no error at all: as Polars says)


def test_enums_become_strings(twins: Twins) -> None:
    # Further than Polars goes, which allows it for Categorical alone. Enums are what Avro has.
    twins.write("1", {"f": enum("x", "y")}, [{"f": "y"}])
    twins.write("2", {"f": enum("x", "z", "y")}, [{"f": "y"}, {"f": "z"}])
    twins.write("3", {"f": "string"}, [{"f": "w"}])
    lazy = jetliner.scan_avro(twins.avro(), schema={"f": pl.String}, cast_options=casts(categorical_to_string="allow"))
    assert lazy.collect()["f"].to_list() == ["y", "y", "z", "w"]


def test_a_datetime_that_becomes_too_large_is_an_error(write_avro: WriteAvro, tmp_path: Path) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "t", "type": logical("local-timestamp-millis")}]}
    for name, value in (("1", 5), ("2", 2**62)):
        write_avro(f"data/{name}.avro", schema, [{"t": value}])
    options: Any = {"schema": {"t": pl.Datetime("us")}, "cast_options": casts(datetime_cast="upcast")}
    with pytest.raises(jetliner.DecodeError, match="does not fit") as caught:
        jetliner.read_avro(tmp_path / "data", **options)
    assert caught.value.path == str(tmp_path / "data" / "2.avro")
    assert jetliner.read_avro(tmp_path / "data" / "1.avro", **options)["t"].to_physical().to_list() == [5000]


ALL_CASTS = {
    "integer_cast": ["upcast", "allow-float"],
    "float_cast": ["upcast", "downcast"],
    "datetime_cast": ["upcast", "downcast", "convert-timezone"],
    "missing_struct_fields": "insert",
    "extra_struct_fields": "ignore",
}
SEVERAL: list[tuple[list[tuple[Any, Any]], pl.DataType]] = [
    ([("int", 1), ("long", 2**40), ("int", -1)], I64),
    ([("int", 1), ("long", 2**40), ("float", 0.5), ("double", 0.1)], F64),
    ([("long", 3), ("float", 0.5)], F32),
    ([("double", 1.1), ("float", 0.5)], F32),
    ([(logical("timestamp-millis"), -1), (logical("timestamp-micros"), -1)], pl.Datetime("us", "UTC")),
    ([(logical("timestamp-micros"), -1), (logical("local-timestamp-millis"), -1)], pl.Datetime("ms", "Europe/Berlin")),
    ([(record(x="int"), {"x": 1}), (record(y="string", x="long"), {"x": 2, "y": "s"})], pl.Struct({"x": I64, "y": S})),
    (
        [(record(t=logical("timestamp-millis")), {"t": 1}), (record(t=logical("timestamp-micros")), {"t": 1})],
        pl.Struct({"t": pl.Datetime("us", "UTC"), "n": I32}),
    ),
    (
        [(array(record(x="int")), [{"x": 1}]), (array(record(y="int")), [{"y": 2}, {"y": 3}])],
        pl.List(pl.Struct({"y": I64, "x": I64})),
    ),
    ([("null", None), ("int", 4), (["null", "long"], None)], I64),
]


@pytest.mark.parametrize(("files", "want"), SEVERAL)
def test_files_of_several_types_in_one_read(twins: Twins, files: list[tuple[Any, Any]], want: pl.DataType) -> None:
    for number, (avro, value) in enumerate(files):
        twins.write(str(number), {"a": "long", "f": avro}, [{"a": number, "f": value}] * 3)
    options = {"schema": {"f": want, "a": pl.Int64()}, "cast_options": casts(**ALL_CASTS)}
    frame = twins.compare(row_index_name="i", **options)
    assert frame["a"].to_list() == [number for number in range(len(files)) for _ in range(3)]
    twins.compare(lambda lazy: lazy.select("f"), **options)
    twins.compare(lambda lazy: lazy.filter(pl.col("f").is_not_null(), pl.col("a") > 0).select("a"), **options)
    assert_frame_equal(jetliner.read_avro(twins.avro(), **options), frame.drop("i"))


def test_the_first_file_decides_where_no_schema_is_given(twins: Twins) -> None:
    twins.write("1", {"f": "long"}, [{"f": 1}])
    twins.write("2", {"f": "int"}, [{"f": 2}])
    upcast = {"cast_options": casts(integer_cast="upcast")}
    assert twins.compare(**upcast).rows() == [(1,), (2,)]
    with pytest.raises(jetliner.SchemaError, match="'f' is Int64 in this file, not Int32; there is no safe cast"):
        twins.compare(source=["2.*", "1.*"], **upcast)


PATTERNS = ("*", "^.*$", "^w$", "")


@pytest.mark.parametrize("name", PATTERNS)
def test_names_that_polars_takes_for_patterns_are_names(twins: Twins, name: str) -> None:
    """Avro's own writers refuse such names, others do not."""
    row = {name: 1, "w": 10}
    twins.write("1", {name: "long", "w": "long"}, [row])
    twins.write("2", {"w": "long"}, [{"w": 20}])
    options: dict[str, Any] = {"missing_columns": "insert"}
    assert twins.compare(**options).rows() == [(1, 10), (None, 20)]
    options["schema"] = {"w": pl.Int64, name: pl.Float64}
    options["cast_options"] = casts(integer_cast="allow-float")
    assert twins.compare(**options).rows() == [(10, 1.0), (20, None)]
    twins.compare(lambda lazy: lazy.filter(pl.col("w") > 10), **options)


@pytest.mark.parametrize("name", PATTERNS)
def test_names_of_fields_that_polars_takes_for_patterns_are_names(twins: Twins, name: str) -> None:
    twins.write("1", {"s": record(**{name: "int", "b": "int"})}, [{"s": {name: 1, "b": 2}}])
    wide = pl.Struct({"b": pl.Int64, name: pl.Int64})
    options = {"schema": {"s": wide}, "cast_options": casts(integer_cast="upcast")}
    assert jetliner.read_avro(twins.avro(), **options)["s"].to_list() == [{"b": 2, name: 1}]


def test_names_of_variants_are_no_names_of_columns(twins: Twins) -> None:
    """Where two types of a column are read side by side, the core calls the second one "a (2)"."""
    for name, unit, year in (("1", "micros", 2020), ("2", "millis", 2021)):
        value = datetime(year, 1, 1)
        twins.write(name, {"a": logical(f"local-timestamp-{unit}")}, [{"a": value}])
    for other in (pl.Datetime("ms"), pl.Int64(), pl.Boolean()):
        for names in (("a", "a (2)"), ("a (2)", "a")):
            schema = {name: pl.Datetime("us") if name == "a" else other for name in names}
            options: dict[str, Any] = {"schema": schema, "missing_columns": "insert"}
            options["cast_options"] = casts(datetime_cast="millisecond-upcast")
            frame = twins.compare(**options)
            assert [value.year for value in frame["a"]] == [2020, 2021]
            assert frame["a (2)"].null_count() == 2
            twins.compare(lambda lazy: lazy.filter(pl.col("a (2)").is_null(), pl.col("a").dt.year() > 2020), **options)


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


def test_names_that_occur_twice_are_refused(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    for options in ({"row_index_name": "a"}, {"include_file_paths": "b"}):
        with pytest.raises(jetliner.SchemaError) as caught:
            jetliner.scan_avro(twins.avro(), missing_columns="insert", **options)
        assert caught.value.variant == "Duplicate"


def test_dtypes_of_the_twins_are_those_of_the_reader(twins: Twins) -> None:
    fields = {"a": array(record(x="int", t=logical("timestamp-micros"))), "e": enum("x")}
    twins.write("1", fields, [])
    assert jetliner.read_avro_schema(twins.avro()) == pl.Schema({name: dtype_of(avro) for name, avro in fields.items()})


@pytest.mark.parametrize("enum_as", ["enum", "categorical", "string"])
def test_enums_and_maps_that_differ(write_avro: WriteAvro, tmp_path: Path, enum_as: Any) -> None:
    def write(number: int, symbols: list[str], values: str, row: dict[str, Any]) -> None:
        fields = [
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": symbols}},
            {"name": "m", "type": {"type": "map", "values": values}},
        ]
        write_avro(f"data/{number}.avro", {"type": "record", "name": "R", "fields": fields}, [row])

    write(1, ["a", "b"], "int", {"e": "b", "m": {"k": 1}})
    write(2, ["a", "b", "c"], "long", {"e": "c", "m": {"k": 2**40}})  # grown
    write(3, ["c", "b", "a"], "int", {"e": "c", "m": {}})  # turned
    frame = jetliner.read_avro(
        tmp_path / "data",
        enum_as=enum_as,
        schema={"e": pl.String, "m": pl.List(pl.Struct({"key": pl.String, "value": pl.Int64}))},
        cast_options=casts(integer_cast="upcast", categorical_to_string="allow"),
    )
    assert frame["e"].to_list() == ["b", "c", "c"]
    assert frame["m"].to_list() == [[{"key": "k", "value": 1}], [{"key": "k", "value": 2**40}], []]


# A long became a double on the way to a float, and so another float than in a file by itself.
def test_long_beside_float_is_rounded_once(twins: Twins) -> None:
    value = 2**60 + 2**36 + 1
    for number, (avro, x) in enumerate([("long", value), ("float", 0.5)]):
        twins.write(str(number), {"f": avro}, [{"f": x}])
    options = {"schema": {"f": F32}, "cast_options": casts(integer_cast="allow-float", float_cast="downcast")}
    frame = twins.compare(**options)
    assert frame["f"].to_list() == [pl.Series([value]).cast(pl.Float32).item(), 0.5]


def test_structs_without_fields(twins: Twins) -> None:
    twins.write("1", {"r": record(x="int"), "a": "int"}, [{"r": {"x": 1}, "a": 1}])
    twins.write("2", {"r": ["null", record(y="int")], "a": "int"}, [{"r": {"y": 1}, "a": 2}, {"r": None, "a": 3}])
    options = {"schema": {"r": pl.Struct({}), "a": I32}, "cast_options": casts(extra_struct_fields="ignore")}
    null = None if IS_MODEL else {}  # Polars 1 has no null of such a type
    assert twins.compare(**options)["r"].to_list() == [{}, {}, null]


def test_a_name_for_the_row_index_that_only_an_ignored_column_has(twins: Twins) -> None:
    twins.write("1", {"b": "string"}, [{"b": "y"}])
    twins.write("2", AB, [ROW])
    assert twins.compare(extra_columns="ignore", row_index_name="a").rows() == [(0, "y"), (1, "x")]
    with pytest.raises(jetliner.SchemaError, match="already a column named 'b'"):
        jetliner.scan_avro(twins.avro(), extra_columns="ignore", row_index_name="b")


def test_paths_that_are_not_text_are_refused_at_the_call(write_sales: WriteSales, tmp_path: Path) -> None:
    Path(write_sales("a.avro")).rename(tmp_path / "\udcff.avro")
    for options in ({"missing_columns": "insert"}, {"hive_schema": {}}, {}):
        with pytest.raises(jetliner.ConfigurationError, match="valid text"):
            jetliner.scan_avro(tmp_path, include_file_paths="path", **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("function", [jetliner.read_avro, jetliner.scan_avro])
def test_files_that_differ_are_refused_with_the_ways_out(twins: Twins, function: Any) -> None:
    twins.write("1", {"b": "string"}, [{"b": "y"}])
    twins.write("2", AB, [ROW])
    with pytest.raises(jetliner.SchemaError, match=r"mismatch.*'a'.*extra_columns.*reader_schema") as caught:
        function(twins.avro())
    assert caught.value.variant == "IncompatibleSchemas"
    assert str(caught.value.path).endswith("2.avro")
    assert caught.value.schema_context == "a" or caught.value.schema_context is None


def test_enums_that_grow(twins: Twins) -> None:
    twins.write("1", {"e": enum("A", "B")}, [{"e": "A"}])
    twins.write("2", {"e": enum("A", "B", "C")}, [{"e": "C"}])
    for options in ({}, {"missing_columns": "insert"}):
        with pytest.raises(jetliner.SchemaError):
            jetliner.read_avro(twins.avro(), **options)  # type: ignore[arg-type]
    for enum_as in ("string", "categorical"):
        frame = jetliner.read_avro(twins.avro(), missing_columns="insert", enum_as=enum_as)  # type: ignore[arg-type]
        assert frame["e"].to_list() == ["A", "C"]
