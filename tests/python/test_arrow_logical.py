"""The logical types `arrow.*` of the Rust crate arrow-avro. fastavro does not know them: it writes the base type."""

from __future__ import annotations

import datetime as dt
import struct
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_schemas import fixed, logical
from conftest import WriteAvro

#: The type in Avro, values in the file, Polars' type, and the values there.
TYPES: dict[str, tuple[Any, list[Any], Any, list[Any]]] = {
    "int8": (logical("int", "arrow.int8"), [-128, 0, 127], pl.Int8(), [-128, 0, 127]),
    "int16": (logical("int", "arrow.int16"), [-32768, 0, 32767], pl.Int16(), [-32768, 0, 32767]),
    "uint8": (logical("int", "arrow.uint8"), [0, 128, 255], pl.UInt8(), [0, 128, 255]),
    "uint16": (logical("int", "arrow.uint16"), [0, 32768, 65535], pl.UInt16(), [0, 32768, 65535]),
    "uint32": (logical("long", "arrow.uint32"), [0, 2**31, 2**32 - 1], pl.UInt32(), [0, 2**31, 2**32 - 1]),
    "uint64": (logical("long", "arrow.uint64"), [0, 1, 2**63 - 1], pl.UInt64(), [0, 1, 2**63 - 1]),
    "uint64 in 8 bytes": (
        fixed(8, logicalType="arrow.uint64"),
        [struct.pack("<Q", number) for number in (0, 258, 2**64 - 1)],
        pl.UInt64(),
        [0, 258, 2**64 - 1],
    ),
    "float16": (logical("float", "arrow.float16"), [0.5, -65504.0, 2.0**-24], pl.Float16(), [0.5, -65504.0, 2.0**-24]),
    "float16 in 2 bytes": (
        fixed(2, logicalType="arrow.float16"),
        [struct.pack("<e", number) for number in (0.5, -65504.0, float("inf"))],
        pl.Float16(),
        [0.5, -65504.0, float("inf")],
    ),
    "time32-second": (
        logical("int", "arrow.time32-second"),
        [0, 1, 86_399],
        pl.Time(),
        [dt.time(), dt.time(second=1), dt.time(23, 59, 59)],
    ),
    "time64-nanosecond": (
        logical("long", "arrow.time64-nanosecond"),
        [0, 1000, 86_399_999_999_000],
        pl.Time(),
        [dt.time(), dt.time(microsecond=1), dt.time(23, 59, 59, 999_999)],
    ),
    **{
        f"duration-{unit}": (
            logical("long", f"arrow.duration-{unit}"),
            [-per_second, 0, 3 * per_second],
            pl.Duration(polars_unit),
            [dt.timedelta(seconds=-1), dt.timedelta(), dt.timedelta(seconds=3)],
        )
        for unit, per_second, polars_unit in (
            ("seconds", 1, "ms"),
            ("millis", 10**3, "ms"),
            ("micros", 10**6, "us"),
            ("nanos", 10**9, "ns"),
        )
    },
    "timestamp-second": (
        logical("long", "arrow.timestamp-second"),
        [-1, 0, 86_400],
        pl.Datetime("ms", "UTC"),
        [dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=n) for n in (-1, 0, 86_400)],
    ),
    "local-timestamp-second": (
        logical("long", "arrow.local-timestamp-second"),
        [-1, 0, 86_400],
        pl.Datetime("ms"),
        [dt.datetime(1970, 1, 1) + dt.timedelta(seconds=n) for n in (-1, 0, 86_400)],
    ),
    "date64": (
        logical("long", "arrow.date64"),
        [-86_400_000, 0, 86_400_000],
        pl.Datetime("ms"),
        [dt.datetime(1969, 12, 31), dt.datetime(1970, 1, 1), dt.datetime(1970, 1, 2)],
    ),
}


def record(**fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": kind} for name, kind in fields.items()]}


@pytest.mark.parametrize("kind", TYPES)
def test_values(kind: str, write_avro: WriteAvro) -> None:
    avro, written, dtype, values = TYPES[kind]
    named = isinstance(avro["type"], str) and avro["type"] == "fixed"
    again = "F" if named else avro
    schema = record(v=avro, n=["null", again], l={"type": "array", "items": ["null", again]})
    rows = [{"v": value, "n": value if i % 2 else None, "l": [value, None]} for i, value in enumerate(written)]
    path = write_avro("a.avro", schema, rows)
    expected = pl.DataFrame(
        {
            "v": pl.Series(values, dtype=dtype),
            "n": pl.Series([value if i % 2 else None for i, value in enumerate(values)], dtype=dtype),
            "l": pl.Series([[value, None] for value in values], dtype=pl.List(dtype)),
        }
    )
    assert jetliner.read_avro_schema(path) == expected.schema
    assert_frame_equal(jetliner.read_avro(path), expected)
    assert_frame_equal(jetliner.scan_avro(path).collect(engine="streaming"), expected)


@pytest.mark.parametrize("kind", TYPES)
def test_filters_and_projections(kind: str, write_avro: WriteAvro) -> None:
    avro, written, dtype, values = TYPES[kind]
    schema = record(text="string", v=avro, id="int")
    rows = [{"text": "x" * (i % 50), "v": written[i % 3], "id": i} for i in range(3000)]
    path = write_avro("a.avro", schema, rows)
    frame = jetliner.read_avro(path)
    one = pl.lit(pl.Series([values[2]], dtype=dtype)).first()
    query = jetliner.scan_avro(path).filter(pl.col("v") == one, pl.col("id") % 10 == 2)
    wanted = frame.filter(pl.int_range(pl.len()) % 3 == 2, pl.col("id") % 10 == 2)
    assert wanted.height == 100
    assert_frame_equal(query.collect(), wanted)
    assert_frame_equal(query.select("v").collect(), wanted.select("v"))
    assert_frame_equal(query.select("id").collect(), wanted.select("id"))
    assert_frame_equal(jetliner.read_avro(path, columns=["v"]), frame.select("v"))


@pytest.mark.parametrize(
    ("writer", "reader", "dtype"),
    [
        ("int", logical("int", "arrow.int8"), pl.Int8()),
        ("int", logical("long", "arrow.uint64"), pl.UInt64()),
        ("int", logical("float", "arrow.float16"), pl.Float16()),
        (logical("int", "arrow.int8"), "long", pl.Int64()),
        (logical("long", "arrow.uint32"), "double", pl.Float64()),
    ],
)
def test_reader_schemas(writer: Any, reader: Any, dtype: pl.DataType, write_avro: WriteAvro) -> None:
    path = write_avro("a.avro", record(v=writer), [{"v": 5}, {"v": 100}])
    frame = jetliner.read_avro(path, reader_schema=record(v=reader))
    assert_frame_equal(frame, pl.DataFrame({"v": pl.Series([5, 100], dtype=dtype)}))


def test_files_of_other_sizes_are_read_together_with_casts(write_avro: WriteAvro) -> None:
    paths = [
        write_avro("1.avro", record(v=logical("int", "arrow.int16")), [{"v": -300}]),
        write_avro("2.avro", record(v=logical("int", "arrow.int8")), [{"v": 7}]),
        write_avro("3.avro", record(v=logical("int", "arrow.uint8")), [{"v": 255}]),
    ]
    with pytest.raises(jetliner.SchemaError, match=r"arrow\.int8 of int instead of arrow\.int16 of int"):
        jetliner.scan_avro(paths).collect()
    frame = jetliner.scan_avro(paths, cast_options=pl.ScanCastOptions(integer_cast="upcast")).collect()
    assert_frame_equal(frame, pl.DataFrame({"v": pl.Series([-300, 7, 255], dtype=pl.Int16)}))
    alike = [
        write_avro("4.avro", record(v=logical("long", "arrow.uint64")), [{"v": 1}]),
        write_avro("5.avro", record(v=fixed(8, logicalType="arrow.uint64")), [{"v": b"\xff" * 8}]),
    ]
    frame = jetliner.scan_avro(alike, missing_columns="insert").collect()
    assert_frame_equal(frame, pl.DataFrame({"v": pl.Series([1, 2**64 - 1], dtype=pl.UInt64)}))


def test_json_of_recursive_types_has_numbers(write_avro: WriteAvro) -> None:
    schema = record(
        u=fixed(8, logicalType="arrow.uint64"),
        h={"type": "fixed", "name": "H", "size": 2, "logicalType": "arrow.float16"},
        s=logical("long", "arrow.timestamp-second"),
        next=["null", "R"],
    )
    inner = {"u": b"\xff" * 8, "h": struct.pack("<e", -2.5), "s": 5, "next": None}
    path = write_avro("a.avro", schema, [{**inner, "next": inner}])
    assert jetliner.read_avro(path)["next"].to_list() == ['{"u":18446744073709551615,"h":-2.5,"s":5,"next":null}']
