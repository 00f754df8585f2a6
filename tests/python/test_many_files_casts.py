"""Files with other types than the first: schema and cast_options, as pl.scan_parquet."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from conftest import WriteAvro
from parquet_twins import IS_MODEL, Twins, array, casts, enum, logical, record

pytestmark = pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")


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


def test_enums_that_grow(twins: Twins) -> None:
    twins.write("1", {"e": enum("A", "B")}, [{"e": "A"}])
    twins.write("2", {"e": enum("A", "B", "C")}, [{"e": "C"}])
    for options in ({}, {"missing_columns": "insert"}):
        with pytest.raises(jetliner.SchemaError):
            jetliner.read_avro(twins.avro(), **options)  # type: ignore[arg-type]
    for enum_as in ("string", "categorical"):
        frame = jetliner.read_avro(twins.avro(), missing_columns="insert", enum_as=enum_as)  # type: ignore[arg-type]
        assert frame["e"].to_list() == ["A", "C"]
