"""Every Avro type: its dtype and its values, in every place."""

from __future__ import annotations

import datetime as dt
import struct
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_files import double, floats, long, text
from avro_schemas import ENUM, POINT, field, fixed, logical
from conftest import WriteAvro, WriteRaw

UTC = dt.UTC


EPOCH = dt.datetime(1970, 1, 1)
MAP_OF_INT = pl.List(pl.Struct({"key": pl.String, "value": pl.Int32}))
# Schema of a field, encoded values, Polars' type, values.
TABLE: dict[str, tuple[Any, list[bytes], Any, list[Any]]] = {
    "null": ("null", [b"", b""], pl.Null, [None, None]),
    "boolean": ("boolean", [b"\x00", b"\x01"], pl.Boolean, [False, True]),
    "int": ("int", [long(v) for v in (0, -1, 2**31 - 1, -(2**31))], pl.Int32, [0, -1, 2**31 - 1, -(2**31)]),
    "long": ("long", [long(v) for v in (0, -1, 2**63 - 1, -(2**63))], pl.Int64, [0, -1, 2**63 - 1, -(2**63)]),
    "float": ("float", [floats(1.5), floats(float("-inf"))], pl.Float32, [1.5, float("-inf")]),
    "double": ("double", [double(0.1), double(float("inf"))], pl.Float64, [0.1, float("inf")]),
    "bytes": ("bytes", [text(b"\xff\x00"), text(b"")], pl.Binary, [b"\xff\x00", b""]),
    "fixed": (fixed(3), [b"\xff\x00\x01"], pl.Binary, [b"\xff\x00\x01"]),
    "fixed of zero bytes": (fixed(0), [b"", b""], pl.Binary, [b"", b""]),
    "string": (
        "string",
        [text("a"), text(""), text("zwölf Zeichen und mehr: 日本語 🚀")],
        pl.String,
        ["a", "", "zwölf Zeichen und mehr: 日本語 🚀"],
    ),
    "enum": (ENUM, [long(1), long(0), long(2)], pl.Enum(["C", "A", "B"]), ["A", "C", "B"]),
    "array": (
        {"type": "array", "items": "int"},
        [long(2) + long(5) + long(6) + long(0), long(0)],
        pl.List(pl.Int32),
        [[5, 6], []],
    ),
    "map": (
        {"type": "map", "values": "int"},
        [long(2) + text("b") + long(1) + text("a") + long(2) + long(0), long(0)],
        MAP_OF_INT,
        [[{"key": "b", "value": 1}, {"key": "a", "value": 2}], []],
    ),
    "record": (POINT, [long(1) + text("a")], pl.Struct({"x": pl.Int32, "y": pl.String}), [{"x": 1, "y": "a"}]),
    "null first": (["null", "int"], [long(0), long(1) + long(5)], pl.Int32, [None, 5]),
    "null second": (["int", "null"], [long(1), long(0) + long(5)], pl.Int32, [None, 5]),
    "union of null only": (["null"], [long(0)], pl.Null, [None]),
    "union with one branch": (["string"], [long(0) + text("a")], pl.String, ["a"]),
    "union of several branches": (
        ["int", "null", "string"],
        [long(0) + long(5), long(1), long(2) + text("a")],
        pl.Struct({"int": pl.Int32, "string": pl.String}),
        [{"int": 5, "string": None}, None, {"int": None, "string": "a"}],
    ),
    "union with named types": (
        [{**POINT, "namespace": "n.s"}, fixed(1), {"type": "array", "items": "long"}],
        [long(0) + long(1) + text("a"), long(1) + b"\x07", long(2) + long(1) + long(9) + long(0)],
        pl.Struct(
            {"n.s.P": pl.Struct({"x": pl.Int32, "y": pl.String}), "F": pl.Binary, "array": pl.List(pl.Int64)}
        ),
        [
            {"n.s.P": {"x": 1, "y": "a"}, "F": None, "array": None},
            {"n.s.P": None, "F": b"\x07", "array": None},
            {"n.s.P": None, "F": None, "array": [9]},
        ],
    ),
    "date": (logical("int", "date"), [long(0), long(-1)], pl.Date, [dt.date(1970, 1, 1), dt.date(1969, 12, 31)]),
    "time-millis": (
        logical("int", "time-millis"),
        [long(0), long(86_399_999)],
        pl.Time,
        [dt.time(0), dt.time(23, 59, 59, 999000)],
    ),
    "time-micros": (
        logical("long", "time-micros"),
        [long(1), long(86_399_999_999)],
        pl.Time,
        [dt.time(0, 0, 0, 1), dt.time(23, 59, 59, 999999)],
    ),
    "timestamp-millis": (
        logical("long", "timestamp-millis"),
        [long(1), long(-1)],
        pl.Datetime("ms", "UTC"),
        [(EPOCH + dt.timedelta(milliseconds=n)).replace(tzinfo=UTC) for n in (1, -1)],
    ),
    "timestamp-micros": (
        logical("long", "timestamp-micros"),
        [long(1), long(-1)],
        pl.Datetime("us", "UTC"),
        [(EPOCH + dt.timedelta(microseconds=n)).replace(tzinfo=UTC) for n in (1, -1)],
    ),
    "timestamp-nanos": (
        logical("long", "timestamp-nanos"),
        [long(1000), long(-1000)],
        pl.Datetime("ns", "UTC"),
        [(EPOCH + dt.timedelta(microseconds=n)).replace(tzinfo=UTC) for n in (1, -1)],
    ),
    "local-timestamp-millis": (
        logical("long", "local-timestamp-millis"),
        [long(1)],
        pl.Datetime("ms"),
        [EPOCH + dt.timedelta(milliseconds=1)],
    ),
    "local-timestamp-micros": (
        logical("long", "local-timestamp-micros"),
        [long(1)],
        pl.Datetime("us"),
        [EPOCH + dt.timedelta(microseconds=1)],
    ),
    "local-timestamp-nanos": (
        logical("long", "local-timestamp-nanos"),
        [long(1000)],
        pl.Datetime("ns"),
        [EPOCH + dt.timedelta(microseconds=1)],
    ),
    "decimal on bytes": (
        logical("bytes", "decimal", precision=10, scale=2),
        [text(b"\x04\xd2"), text(b"\xff"), text(b""), text(b"\x00" * 20 + b"\x01"), text(b"\xff" * 20)],
        pl.Decimal(10, 2),
        [Decimal("12.34"), Decimal("-0.01"), Decimal("0.00"), Decimal("0.01"), Decimal("-0.01")],
    ),
    "decimal on fixed": (
        fixed(4, logicalType="decimal", precision=6, scale=3),
        [b"\x00\x00\x04\xd2", b"\xff\xff\xff\xff"],
        pl.Decimal(6, 3),
        [Decimal("1.234"), Decimal("-0.001")],
    ),
    "decimal of precision 38": (
        logical("bytes", "decimal", precision=38),
        [text((10**38 - 1).to_bytes(16, "big")), text((-(10**38) + 1).to_bytes(16, "big", signed=True))],
        pl.Decimal(38, 0),
        [Decimal(10**38 - 1), Decimal(-(10**38) + 1)],
    ),
    "uuid on string": (
        logical("string", "uuid"),
        [text("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6")],
        pl.String,
        ["F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"],
    ),
    "uuid on fixed": (
        fixed(16, logicalType="uuid"),
        [bytes.fromhex("F81D4FAE7DEC11D0A76500A0C91E6BF6")],
        pl.String,
        ["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"],
    ),
    "duration": (
        fixed(12, logicalType="duration"),
        [struct.pack("<III", 1, 2, 3), struct.pack("<III", 0, 0, 2**32 - 1)],
        pl.Duration("us"),
        [dt.timedelta(days=32, milliseconds=3), dt.timedelta(milliseconds=2**32 - 1)],
    ),
    "big-decimal": (
        logical("bytes", "big-decimal"),
        [text(text(unscaled) + long(scale)) for unscaled, scale in ((b"\x00", 2), (b"\x85", 5), (b"\x04\xd2", 0))],
        pl.String,
        ["0.00", "-0.00123", "1234"],
    ),
    "unknown logical type": (logical("long", "no-such-type"), [long(5)], pl.Int64, [5]),
    "date on a string": (logical("string", "date"), [text("a")], pl.String, ["a"]),
    "duration on fixed of another size": (fixed(2, logicalType="duration"), [b"ab"], pl.Binary, [b"ab"]),
    "decimal with scale above precision": (
        logical("bytes", "decimal", precision=2, scale=3),
        [text(b"\x01")],
        pl.Binary,
        [b"\x01"],
    ),
    "logical type of an array is ignored": (
        {"type": "array", "items": "int", "logicalType": "set"},
        [long(1) + long(5) + long(0)],
        pl.List(pl.Int32),
        [[5]],
    ),
    "logical type of a map is ignored": (
        {"type": "map", "values": "int", "logicalType": "table"},
        [long(1) + text("k") + long(5) + long(0)],
        MAP_OF_INT,
        [[{"key": "k", "value": 5}]],
    ),
    "type in type": ({"type": {"type": {"type": "int"}}}, [long(5)], pl.Int32, [5]),
    "error is like record": (
        {**POINT, "type": "error"},
        [long(1) + text("")],
        pl.Struct({"x": pl.Int32, "y": pl.String}),
        [{"x": 1, "y": ""}],
    ),
    "array with negative counts": (
        {"type": "array", "items": "int"},
        [long(1) + long(5) + long(-2) + long(2) + long(6) + long(7) + long(0)],
        pl.List(pl.Int32),
        [[5, 6, 7]],
    ),
    "map with negative counts": (
        {"type": "map", "values": "int"},
        [long(-1) + long(3) + text("k") + long(5) + long(0)],
        MAP_OF_INT,
        [[{"key": "k", "value": 5}]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_type_in_a_field(write_raw: WriteRaw, case: str) -> None:
    schema, encoded, dtype, values = TABLE[case]
    path = write_raw("x.avro", field(schema), [(len(values), b"".join(encoded))])
    expected = pl.Schema({"x": dtype})
    assert jetliner.read_avro_schema(path) == expected
    frame = jetliner.read_avro(path)
    assert frame.schema == expected
    assert frame["x"].to_list() == values
    assert jetliner.scan_avro(path).collect().equals(frame)


@pytest.mark.parametrize("case", TABLE)
def test_type_at_top_level(write_raw: WriteRaw, case: str) -> None:
    schema, encoded, dtype, values = TABLE[case]
    path = write_raw("x.avro", schema, [(len(values), b"".join(encoded))])
    frame = jetliner.read_avro(path)
    if isinstance(schema, dict) and schema["type"] in ("record", "error"):
        assert frame.schema == pl.Schema(dtype.to_schema())
        assert frame.to_dicts() == values
    else:
        assert frame.schema == pl.Schema({"value": dtype})
        assert frame["value"].to_list() == values


@pytest.mark.parametrize("case", TABLE)
@pytest.mark.parametrize("null_first", [True, False])
def test_type_that_is_nullable(write_raw: WriteRaw, case: str, null_first: bool) -> None:
    schema, encoded, dtype, values = TABLE[case]
    if isinstance(schema, list) or schema == "null":
        schema = {"type": "record", "name": "Box", "fields": [{"name": "in", "type": schema}]}
        dtype, values = pl.Struct({"in": dtype}), [{"in": value} for value in values]
    union = ["null", schema] if null_first else [schema, "null"]
    branch, null = (long(1), long(0)) if null_first else (long(0), long(1))
    data = null + b"".join(branch + value + null for value in encoded)
    path = write_raw("x.avro", field(union), [(2 * len(values) + 1, data)])
    frame = jetliner.read_avro(path)
    assert frame.schema == pl.Schema({"x": dtype})
    assert frame["x"].to_list() == [None, *(cell for value in values for cell in (value, None))]


@pytest.mark.parametrize("case", TABLE)
def test_type_in_arrays_and_maps_and_records(write_raw: WriteRaw, case: str) -> None:
    schema, encoded, dtype, values = TABLE[case]
    inner = {
        "type": "record",
        "name": "In",
        "fields": [{"name": "list", "type": {"type": "array", "items": schema}}, {"name": "end", "type": "int"}],
    }
    outer = {"type": "map", "values": inner}
    items = long(len(encoded)) + b"".join(encoded) + long(0)
    path = write_raw("x.avro", field(outer), [(1, long(1) + text("k") + items + long(77) + long(0))])
    frame = jetliner.read_avro(path)
    value = pl.Struct({"list": pl.List(dtype), "end": pl.Int32})
    assert frame.schema == pl.Schema({"x": pl.List(pl.Struct({"key": pl.String, "value": value}))})
    assert frame["x"].to_list() == [[{"key": "k", "value": {"list": values, "end": 77}}]]


@pytest.mark.parametrize("case", TABLE)
def test_skipping_a_type_consumes_what_reading_it_would(write_raw: WriteRaw, case: str) -> None:
    schema, encoded, _, values = TABLE[case]
    names = ("before", "x", "after")
    kinds = ("int", schema, "string")
    record = {
        "type": "record",
        "name": "Top",
        "fields": [{"name": name, "type": kind} for name, kind in zip(names, kinds, strict=True)],
    }
    data = b"".join(long(i) + value + text(str(i)) for i, value in enumerate(encoded))
    path = write_raw("x.avro", record, [(len(values), data)])
    everything = jetliner.read_avro(path)
    for columns in (["before"], ["after"], ["before", "after"], ["x"], ["x", "after"]):
        assert jetliner.read_avro(path, columns=columns).equals(everything.select(columns))


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 100])
def test_nulls_in_nested_columns_stay_aligned_over_batches(write_avro: WriteAvro, batch_size: int) -> None:
    texts = {"type": "array", "items": ["null", "string"]}
    fields = [{"name": "a", "type": ["int", "null"]}, {"name": "b", "type": texts}]
    inner = {"type": "record", "name": "In", "fields": fields}
    schema = field(["null", {"type": "array", "items": ["null", inner]}])

    def item(i: int, k: int) -> Any:
        return None if k % 2 else {"a": None if k % 3 else i, "b": [None, str(i)][: k % 3]}

    rows = [{"x": None if i % 5 == 0 else [item(i, k) for k in range(i % 4)]} for i in range(50)]
    path = write_avro("x.avro", schema, rows, block_rows=7)
    batches = list(jetliner.AvroReader(path, batch_size=batch_size))
    assert [value for batch in batches for value in batch["x"].to_list()] == [row["x"] for row in rows]
