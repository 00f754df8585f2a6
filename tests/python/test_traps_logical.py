"""Logical types and scalar values as other readers got them wrong."""

from __future__ import annotations

import datetime
import io
import struct
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_schemas import logical
from differential.encode import encode_bytes, encode_long
from differential.files import avro, encoded, outcome, record, save
from jetliner.exceptions import DecodeError


def column(kind: Any, values: list[Any], tmp_path: Path) -> pl.Series:
    """Raw values of one type, read."""
    schema = record(v=kind)
    return jetliner.read_avro(save(tmp_path, avro(schema, encoded(schema, *({"v": value} for value in values)))))["v"]


def refused(kind: Any, data: bytes, tmp_path: Path, good: Any, kept: int = 2) -> DecodeError:
    """The error of a second row with these bytes; with ignore_errors `kept` of the other two stay."""
    schema = record(v=kind)
    path = save(tmp_path, avro(schema, (3, encoded(schema, {"v": good})[1] + data + encoded(schema, {"v": good})[1])))
    with pytest.raises(DecodeError) as caught:
        jetliner.read_avro(path)
    assert (caught.value.block_index, caught.value.record_index) == (0, 1)
    assert jetliner.read_avro(path, ignore_errors=True).height == kept
    return caught.value


DECIMALS = {
    b"": 0,
    b"\x00": 0,
    b"\x00\x00\x00": 0,
    b"\xff": -1,
    b"\xff\xff\xff\xff": -1,
    b"\x80": -128,
    b"\x00\x80": 128,
    b"\x7f": 127,
    bytes(30) + b"\x01\x02": 258,  # more bytes than 16, all of them sign
    b"\xff" * 30 + b"\x01\x02": -65278,
    (10**38 - 1).to_bytes(16, "big"): 10**38 - 1,
    (1 - 10**38).to_bytes(17, "big", signed=True): 1 - 10**38,
}


def test_decimal_is_twos_complement_of_any_length(tmp_path: Path) -> None:
    values = column(logical("bytes", "decimal", precision=38, scale=3), list(DECIMALS), tmp_path)
    assert values.dtype == pl.Decimal(38, 3)
    assert values.to_physical().to_list() == list(DECIMALS.values())
    assert values[5] == Decimal("-0.128")


@pytest.mark.parametrize("size", range(1, 41))
def test_decimal_on_fixed_of_any_length(size: int, tmp_path: Path) -> None:
    precision = min(38, len(str(2 ** (8 * size - 1) - 1)) - 1)
    kind = {"type": "fixed", "name": "F", "size": size, "logicalType": "decimal", "precision": precision, "scale": 1}
    largest = 10**precision - 1
    numbers = [0, 1, -1, largest, -largest]
    values = column(kind, [number.to_bytes(size, "big", signed=True) for number in numbers], tmp_path)
    assert values.dtype == pl.Decimal(precision, 1)
    assert values.to_physical().to_list() == numbers


@pytest.mark.parametrize(
    "data",
    [
        (1000).to_bytes(2, "big"),
        (-1000).to_bytes(2, "big", signed=True),
        (10**38).to_bytes(16, "big"),
        b"\x01" + bytes(40),
    ],
)
def test_decimal_beyond_its_precision_is_an_error(data: bytes, tmp_path: Path) -> None:
    refused(logical("bytes", "decimal", precision=3, scale=1), encode_bytes(data), tmp_path, b"\x01")


def test_decimal_of_more_than_38_digits_is_text(tmp_path: Path) -> None:
    number = 12345678901234567890123456789012345678901234567890
    data = [x.to_bytes(21, "big", signed=True) for x in (number, -number, 5, 0)]
    values = column(logical("bytes", "decimal", precision=50, scale=10), data, tmp_path)
    assert values.dtype == pl.String
    text = "1234567890123456789012345678901234567890.1234567890"
    assert values.to_list() == [text, f"-{text}", "0.0000000005", "0.0000000000"]


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"precision": 0},
        {"precision": -3},
        {"precision": "9.0"},
        {"precision": 2.5},
        {"precision": 4, "scale": 5},
        {"precision": 4, "scale": -1},
        {"precision": 4, "scale": None},
        {"scale": 2},
    ],
    ids=repr,
)
def test_malformed_decimal_is_its_base_type(attributes: dict[str, Any], tmp_path: Path) -> None:
    values = column(logical("bytes", "decimal", **attributes), [b"\x01"], tmp_path)
    assert (values.dtype, values.to_list()) == (pl.Binary, [b"\x01"])


@pytest.mark.parametrize(
    ("base", "name", "value"),
    [
        ("string", "date", "2020-01-01"),
        ("long", "date", 5),
        ("int", "timestamp-millis", 5),
        ("string", "timestamp-micros", "x"),
        ("int", "time-micros", 5),
        ("long", "time-millis", 5),
        ("int", "decimal", 5),
        ("bytes", "uuid", b"x"),
        ("string", "duration", "x"),
        ("long", "no-such-type", 5),
        ("double", "", 1.5),
    ],
)
def test_unknown_or_misplaced_logical_type_is_its_base_type(base: str, name: str, value: Any, tmp_path: Path) -> None:
    values = column(logical(base, name), [value], tmp_path)
    dtypes = {"string": pl.String, "long": pl.Int64, "int": pl.Int32, "bytes": pl.Binary, "double": pl.Float64}
    assert (values.dtype, values.to_list()) == (dtypes[base], [value])


@pytest.mark.parametrize(("name", "size"), [("uuid", 15), ("duration", 16), ("uuid", 0), ("duration", 11)])
def test_fixed_of_another_size_is_binary(name: str, size: int, tmp_path: Path) -> None:
    values = column({"type": "fixed", "name": "F", "size": size, "logicalType": name}, [bytes(size)], tmp_path)
    assert (values.dtype, values.to_list()) == (pl.Binary, [bytes(size)])


@pytest.mark.parametrize("kind", ["timestamp", "local-timestamp"])
@pytest.mark.parametrize(("unit", "polars_unit"), [("millis", "ms"), ("micros", "us"), ("nanos", "ns")])
def test_timestamps_are_instants_or_local_and_keep_their_number(
    kind: str, unit: str, polars_unit: Any, tmp_path: Path
) -> None:
    numbers = [0, 1, -1, 2**63 - 1, -(2**63)]
    values = column(logical("long", f"{kind}-{unit}"), numbers, tmp_path)
    assert values.dtype == pl.Datetime(polars_unit, "UTC" if kind == "timestamp" else None)
    assert values.to_physical().to_list() == numbers


def test_microseconds_of_the_year_5919_do_not_pass_through_nanoseconds(tmp_path: Path) -> None:
    when = datetime.datetime(5919, 7, 8, 9, 10, 11, 123456)
    micros = (when - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
    assert column(logical("long", "local-timestamp-micros"), [micros], tmp_path).to_list() == [when]


def test_timestamp_is_the_same_instant_as_in_python(tmp_path: Path) -> None:
    when = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC)
    millis = int(when.timestamp() * 1000)
    assert column(logical("long", "timestamp-millis"), [millis], tmp_path).to_list() == [when]


@pytest.mark.parametrize(
    ("base", "name", "day"), [("int", "time-millis", 86_400_000), ("long", "time-micros", 86_400_000_000)]
)
def test_time_of_day(base: str, name: str, day: int, tmp_path: Path) -> None:
    values = column(logical(base, name), [0, day // 2, day - 1], tmp_path)
    assert values.dtype == pl.Time
    assert values.to_physical().to_list() == [0, 43_200 * 10**9, 86_400 * 10**9 - 86_400 * 10**9 // day]
    for outside in (-1, day + 1, 20 * day, -(2**31)):
        refused(logical(base, name), encode_long(outside), tmp_path, 0)


def test_uuid_of_both_bases(tmp_path: Path) -> None:
    assert column(logical("string", "uuid"), ["ANY text, unchanged"], tmp_path).to_list() == ["ANY text, unchanged"]
    values = column(
        {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"},
        [bytes.fromhex("00112233445566778899AABBCCDDEEFF"), bytes(16)],
        tmp_path,
    )
    expected = ["00112233-4455-6677-8899-aabbccddeeff", "00000000-0000-0000-0000-000000000000"]
    assert (values.dtype, values.to_list()) == (pl.String, expected)


SPAN = {"type": "fixed", "name": "Span", "size": 12, "logicalType": "duration"}


def test_duration_is_three_unsigned_little_endian_numbers(tmp_path: Path) -> None:
    spans = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 2**32 - 1), (0, 2**26, 2**31), (2**20, 3, 4)]
    values = column(SPAN, [struct.pack("<III", *span) for span in spans], tmp_path)
    assert values.dtype == pl.Duration("us")
    expected = [((months * 30 + days) * 86_400_000 + millis) * 1000 for months, days, millis in spans]
    assert values.to_physical().to_list() == expected


@pytest.mark.parametrize("span", [(2**32 - 1, 0, 0), (0, 2**32 - 1, 0), (2**32 - 1, 2**32 - 1, 2**32 - 1)])
def test_duration_beyond_64_bits_is_an_error(span: tuple[int, int, int], tmp_path: Path) -> None:
    refused(SPAN, struct.pack("<III", *span), tmp_path, bytes(12))


BIG = logical("bytes", "big-decimal")


def big(unscaled: bytes, scale: int) -> bytes:
    return encode_bytes(unscaled) + encode_long(scale)


def test_big_decimal_has_exactly_its_scale(tmp_path: Path) -> None:
    data = {
        big(b"\x00", 2): "0.00",
        big(b"\x85", 5): "-0.00123",
        big(b"\x7b", 0): "123",
        big(b"\x7b", 3): "0.123",
        big(b"\x7b", 1): "12.3",
        big((10**60).to_bytes(26, "big"), 60): "1." + "0" * 60,
        big(b"", 1): "0.0",
        big(b"\x7b", -2): "12300",
    }
    values = column(BIG, list(data), tmp_path)
    assert (values.dtype, values.to_list()) == (pl.String, list(data.values()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02",
        b"\x04\x01",
        encode_long(-1) + b"\x02",
        encode_long(2**62) + b"\x01\x02",
        big(b"\x01", 2**31 - 1),
        big(b"\x01", -(2**31)),
        big(b"\x01", 2**40),
        big(b"\x01", 2) + b"rest",
        encode_bytes(b"\x01") + b"\x80" * 11,
    ],
    ids=["empty", "no number", "cut", "negative", "huge", "scale", "negative scale", "long scale", "rest", "varint"],
)
def test_malformed_big_decimal_is_an_error_and_cheap(data: bytes, tmp_path: Path) -> None:
    started = time.monotonic()
    refused(BIG, encode_bytes(data), tmp_path, big(b"\x01", 1))
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        b"\xff",
        b"abc\x80",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
        b"long enough \xe9 text",
        b"x" * 100 + b"\xf0",
    ],
)
def test_invalid_utf8_is_an_error_that_names_column_and_row(text: bytes, tmp_path: Path) -> None:
    schema = record(before="int", name="string", inside={"type": "array", "items": {"type": "map", "values": "string"}})
    good = b"\x02" + encode_bytes("é漢😀".encode())
    nested = encode_long(1) + encode_long(1) + encode_bytes(b"k") + encode_bytes(text) + b"\x00\x00"
    key = encode_long(1) + encode_long(1) + encode_bytes(text) + encode_bytes(b"v") + b"\x00\x00"
    rows = {
        "name": b"\x02" + encode_bytes(text) + b"\x00",
        "inside": good + nested,
        "inside keys": good + key,
    }
    for field, row in rows.items():
        path = save(tmp_path, avro(schema, (1, good + b"\x00"), (3, good + b"\x00" + row + good + b"\x00")))
        with pytest.raises(DecodeError) as caught:
            jetliner.read_avro(path)
        error = caught.value
        assert (error.variant, error.block_index, error.record_index) == ("InvalidUtf8", 1, 1)
        assert field.split()[0] in error.message
        assert jetliner.read_avro(path, ignore_errors=True)["before"].to_list() == [1, 1]


def test_nulls_are_not_empty_texts(tmp_path: Path) -> None:
    values = column(["null", "string"], [(0, None), (1, ""), (1, "\0"), (0, None)], tmp_path)
    assert values.to_list() == [None, "", "\0", None]


@pytest.mark.parametrize(
    "data", [encode_long(2**31), encode_long(-(2**31) - 1), encode_long(2**62), b"\xff" * 5 + b"\x01"]
)
def test_int_must_fit_32_bits(data: bytes, tmp_path: Path) -> None:
    refused("int", data, tmp_path, 1, kept=1)


@pytest.mark.parametrize("data", [b"\x80" * 10 + b"\x00", b"\xff" * 10 + b"\x01", b"\xff" * 20])
def test_long_has_ten_bytes_at_most(data: bytes, tmp_path: Path) -> None:
    assert refused("long", data, tmp_path, 1, kept=1).variant in ("InvalidVarint", "InvalidData")


def test_extremes_of_numbers(tmp_path: Path) -> None:
    longs = [2**63 - 1, -(2**63), 0, -1]
    assert column("long", longs, tmp_path).to_list() == longs
    ints = [2**31 - 1, -(2**31), 0, -1]
    assert column("int", ints, tmp_path).to_list() == ints
    doubles = [float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.7976931348623157e308]
    assert repr(column("double", doubles, tmp_path).to_list()) == repr(doubles)
    floats = [float("nan"), float("inf"), -0.0, 1.401298464324817e-45, 3.4028234663852886e38]
    assert repr(column("float", floats, tmp_path).to_list()) == repr(floats)


def test_bits_of_a_nan_stay(tmp_path: Path) -> None:
    schema = record(v="double", f="float")
    row = struct.pack("<Q", 0x7FF8_0000_DEAD_BEEF) + struct.pack("<I", 0xFFC0_1234)
    frame = jetliner.read_avro(save(tmp_path, avro(schema, (1, row))))
    # Python's floats may quieten a NaN; an uncompressed Arrow file holds the bits as they are.
    kept = io.BytesIO()
    frame.write_ipc(kept, compression="uncompressed")
    assert row[:8] in kept.getvalue()
    assert row[8:] in kept.getvalue()


@pytest.mark.parametrize("byte", [0x02, 0x7F, 0x80, 0xFF])
def test_boolean_is_zero_or_one(byte: int, tmp_path: Path) -> None:
    """Another byte is an error, or true; never a bit that is neither."""
    path = save(tmp_path, avro(record(v="boolean"), (2, bytes([1, byte]))))
    result = outcome(jetliner.read_avro, path)
    if isinstance(result, pl.DataFrame):
        assert result["v"].to_list() == [True, True]
    else:
        assert isinstance(result, DecodeError)
        assert result.record_index == 1
