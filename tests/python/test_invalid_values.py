"""`invalid_values`, and what values that have no place in Polars cost with `ignore_errors`: only their record."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import HAS_MAP, floats, long, text
from conftest import WriteRaw

READERS = ("read_avro", "scan_avro", "AvroReader", "MultiAvroReader")
ENGINES: tuple[Any, ...] = ("in-memory", "streaming")
HINT = 'invalid_values="null" reads null instead'
DAY_MILLIS = 86_400_000
DAY = DAY_MILLIS * 1000

TIME = {"type": "long", "logicalType": "time-micros"}
#: A type, an encoded value that it has no place for, a sound one, what Polars shows for it, its type, and the error.
KINDS: dict[str, tuple[Any, bytes, bytes, Any, Any, str]] = {
    "time-micros": (TIME, long(DAY), long(1), datetime.time(microsecond=1), pl.Time(), "time of day is outside"),
    "time-millis": (
        {"type": "int", "logicalType": "time-millis"},
        long(DAY_MILLIS),
        long(DAY_MILLIS - 1000),
        datetime.time(23, 59, 59),
        pl.Time(),
        "time of day is outside",
    ),
    "negative time": (TIME, long(-1), long(0), datetime.time(), pl.Time(), "time of day is outside"),
    "decimal bytes": (
        {"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 1},
        text((1000).to_bytes(2, "big")),
        text((999).to_bytes(2, "big")),
        Decimal("99.9"),
        pl.Decimal(3, 1),
        "decimal has more digits than its declared precision",
    ),
    "decimal fixed": (
        {"type": "fixed", "name": "F", "size": 4, "logicalType": "decimal", "precision": 3, "scale": 1},
        (-1000).to_bytes(4, "big", signed=True),
        (-999).to_bytes(4, "big", signed=True),
        Decimal("-99.9"),
        pl.Decimal(3, 1),
        "decimal has more digits than its declared precision",
    ),
    "decimal as text": (
        {"type": "bytes", "logicalType": "decimal", "precision": 50},
        text(b"\x01" * 1025),
        text(b"\x05"),
        "5",
        pl.String(),
        "decimal is too large to be written as text",
    ),
    "big-decimal": (
        {"type": "bytes", "logicalType": "big-decimal"},
        text(b"\xff"),
        text(text(b"\x05") + long(1)),
        "0.5",
        pl.String(),
        "big-decimal is not an unscaled value followed by a scale",
    ),
    "duration": (
        {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
        b"\xff" * 12,
        b"\0" * 8 + b"\x01\0\0\0",
        datetime.timedelta(milliseconds=1),
        pl.Duration("us"),
        "duration does not fit 64 bits",
    ),
    "arrow.uint8": (
        {"type": "int", "logicalType": "arrow.uint8"},
        long(256),
        long(255),
        255,
        pl.UInt8(),
        "arrow.uint8 is outside",
    ),
    "arrow.uint64": (
        {"type": "long", "logicalType": "arrow.uint64"},
        long(-1),
        long(1),
        1,
        pl.UInt64(),
        "arrow.uint64 is negative",
    ),
    "arrow.float16": (
        {"type": "float", "logicalType": "arrow.float16"},
        floats(0.1),
        floats(0.5),
        0.5,
        pl.Float16(),
        "arrow.float16 is no number of 16 bits",
    ),
    "arrow.timestamp-second": (
        {"type": "long", "logicalType": "arrow.timestamp-second"},
        long(2**62),
        long(1),
        datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.UTC),
        pl.Datetime("ms", "UTC"),
        "seconds do not fit 64 bits of milliseconds",
    ),
}


def frame_of(name: str, source: Any, **options: Any) -> pl.DataFrame:
    """Read a file in one of the ways that there are."""
    if name == "read_avro":
        return jetliner.read_avro(source, **options)
    if name == "scan_avro":
        return jetliner.scan_avro(source, **options).collect()
    if name == "AvroReader":
        return pl.concat(jetliner.AvroReader(source, **options))
    return pl.concat(jetliner.MultiAvroReader([source], **options))


def one_field(kind: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [{"name": "v", "type": kind}]}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_value_without_a_place_is_an_error_or_null(name: str, kind: str, write_raw: WriteRaw) -> None:
    avro, bad, good, value, dtype, problem = KINDS[kind]
    path = write_raw("v.avro", one_field(avro), [(3, good + bad + good)])
    with pytest.raises((jetliner.DecodeError, pl.exceptions.ComputeError)) as caught:
        frame_of(name, path)
    assert f"field 'v': {problem}" in str(caught.value)
    assert HINT in str(caught.value)
    frame = frame_of(name, path, invalid_values="null")
    assert frame.schema == {"v": dtype}
    assert frame["v"].to_list() == [value, None, value]
    assert frame_of(name, path, ignore_errors=True)["v"].to_list() == [value, value]


@pytest.mark.parametrize("kind", KINDS)
def test_null_at_every_depth(kind: str, write_raw: WriteRaw) -> None:
    avro, bad, good, value, _, _ = KINDS[kind]
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": avro}, {"name": "y", "type": "long"}]}
    shapes: list[tuple[Any, bytes, Any]] = [
        (["null", avro], long(1) + bad, None),
        ({"type": "array", "items": avro}, long(2) + bad + good + long(0), [None, value]),
        (
            {"type": "map", "values": avro},
            long(2) + text("a") + bad + text("b") + good + long(0),
            [{"key": "a", "value": None}, {"key": "b", "value": value}],
        ),
        (inner, bad + long(7), {"x": None, "y": 7}),
        (
            ["null", {"type": "array", "items": inner}],
            long(1) + long(1) + bad + long(7) + long(0),
            [{"x": None, "y": 7}],
        ),
    ]
    for shape, data, expected in shapes:
        path = write_raw("v.avro", one_field(shape), [(1, data)])
        assert jetliner.read_avro(path, invalid_values="null")["v"].to_list() == [expected]
    # In a union of several types no field of the struct is set.
    path = write_raw("u.avro", one_field(["null", "string", TIME]), [(2, long(2) + long(DAY) + long(2) + long(0))])
    assert jetliner.read_avro(path, invalid_values="null")["v"].to_list() == [
        {"string": None, "long": None},
        {"string": None, "long": datetime.time()},
    ]


@pytest.mark.skipif(not HAS_MAP, reason="this version of Polars has no Map")
def test_null_values_of_a_map(write_raw: WriteRaw) -> None:
    data = long(2) + text("a") + long(DAY) + text("b") + long(0) + long(0)
    path = write_raw("m.avro", one_field({"type": "map", "values": TIME}), [(1, data)])
    frame = jetliner.read_avro(path, invalid_values="null", map_as="map")
    entries = frame["v"].cast(pl.List(pl.Struct({"key": pl.String, "value": pl.Time})))
    assert entries.to_list() == [[{"key": "a", "value": None}, {"key": "b", "value": datetime.time()}]]


def test_null_in_the_text_of_recursive_records(write_raw: WriteRaw) -> None:
    avro, bad, good, value, _, _ = KINDS["big-decimal"]
    schema = one_field(avro)
    schema["fields"].append({"name": "next", "type": ["null", "R"]})
    path = write_raw("r.avro", schema, [(1, good + long(1) + bad + long(0))])
    frame = jetliner.read_avro(path, invalid_values="null")
    assert frame.rows() == [(value, '{"v":null,"next":null}')]


def test_a_symbol_that_the_reader_schema_lacks(write_raw: WriteRaw) -> None:
    path = write_raw(
        "e.avro", one_field({"type": "enum", "name": "E", "symbols": ["A", "B"]}), [(2, long(0) + long(1))]
    )
    reader_schema = one_field({"type": "enum", "name": "E", "symbols": ["B"]})
    with pytest.raises(jetliner.DecodeError, match=HINT):
        jetliner.read_avro(path, reader_schema=reader_schema)
    frame = jetliner.read_avro(path, reader_schema=reader_schema, invalid_values="null")
    assert frame["v"].to_list() == [None, "B"]
    assert jetliner.read_avro(path, reader_schema=reader_schema, ignore_errors=True)["v"].to_list() == ["B"]


def test_other_options_that_decide_about_columns(write_raw: WriteRaw) -> None:
    """Files that differ, and partitions, take other ways through the package."""
    first = write_raw("a.avro", one_field(TIME), [(1, long(DAY))])
    more = one_field(TIME)
    more["fields"].append({"name": "w", "type": "long"})
    second = write_raw("b.avro", more, [(1, long(5) + long(6))])
    frame = jetliner.read_avro([first, second], invalid_values="null", extra_columns="ignore")
    assert frame["v"].to_list() == [None, datetime.time(microsecond=5)]
    frame = jetliner.scan_avro([second, first], invalid_values="null", missing_columns="insert").collect()
    assert frame.rows() == [(datetime.time(microsecond=5), 6), (None, None)]


# --- ignore_errors ---------------------------------------------------------------------------------------------------

ROWS = {
    "type": "record",
    "name": "R",
    "fields": [{"name": "n", "type": "long"}, {"name": "t", "type": TIME}, {"name": "s", "type": "string"}],
}


def rows(first: int, count: int, bad: set[int]) -> bytes:
    return b"".join(long(n) + long(DAY if n in bad else n) + text(f"row {n}") for n in range(first, first + count))


def expected(numbers: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"n": numbers, "t": [n * 1000 for n in numbers], "s": [f"row {n}" for n in numbers]},
        schema={"n": pl.Int64, "t": pl.Int64, "s": pl.String},
    ).with_columns(pl.col("t").cast(pl.Time))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", READERS)
def test_the_rows_after_an_invalid_value_are_kept(name: str, threads: int, write_raw: WriteRaw) -> None:
    bad = {3, 4, 9, 10, 19}
    path = write_raw("r.avro", ROWS, [(10, rows(0, 10, bad)), (10, rows(10, 10, bad)), (5, rows(20, 5, bad))])
    good = [n for n in range(25) if n not in bad]
    frame = frame_of(name, path, ignore_errors=True, n_threads=threads)
    assert_frame_equal(frame, expected(good))


def test_each_invalid_value_is_reported(write_raw: WriteRaw) -> None:
    bad = {3, 10, 19}
    path = write_raw("r.avro", ROWS, [(10, rows(0, 10, bad)), (10, rows(10, 10, bad))])
    for reader in (
        jetliner.AvroReader(path, ignore_errors=True),
        jetliner.MultiAvroReader([path], ignore_errors=True),
    ):
        assert sum(batch.height for batch in reader) == 17
        assert reader.error_count == len(reader.errors) == 3
        assert [(error.block_index, error.record_index) for error in reader.errors] == [(0, 3), (1, 0), (1, 9)]
        for error in reader.errors:
            assert error.kind == "RecordDecodeFailed"
            assert error.filepath == path
            assert "field 't': time of day is outside 0 to 24 hours; skipped this record" in error.message
            assert HINT in error.message


def test_nothing_is_reported_where_null_is_read(write_raw: WriteRaw) -> None:
    path = write_raw("r.avro", ROWS, [(10, rows(0, 10, {3}))])
    reader = jetliner.AvroReader(path, ignore_errors=True, invalid_values="null")
    assert pl.concat(reader)["t"].null_count() == 1
    assert reader.error_count == 0


def test_many_invalid_values_are_reported_together(write_raw: WriteRaw) -> None:
    count = 50_000
    path = write_raw("r.avro", ROWS, [(count, rows(0, count, set(range(0, count, 2))))])
    reader = jetliner.AvroReader(path, ignore_errors=True)
    assert sum(batch.height for batch in reader) == count // 2
    assert reader.error_count == 101
    assert reader.errors[-1].record_index is None
    assert "skipped 24900 more records of the block with invalid values" in reader.errors[-1].message


def test_invalid_value_in_a_cut_block(write_raw: WriteRaw) -> None:
    """If the rest of the block is not whole rows, the value may be the first sign of that."""
    path = write_raw("r.avro", ROWS, [(10, rows(0, 10, {3})[:-1]), (10, rows(10, 10, set()))])
    reader = jetliner.AvroReader(path, ignore_errors=True)
    assert pl.concat(reader)["n"].to_list() == [0, 1, 2, *range(10, 20)]
    assert reader.error_count == 1
    assert "the rest of the block's" in reader.errors[0].message


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("options", [{"ignore_errors": True}, {"invalid_values": "null"}])
def test_queries(engine: Any, options: dict[str, Any], write_raw: WriteRaw) -> None:
    bad = set(range(100, 60_000, 1009))
    blocks = [(3000, rows(first, 3000, bad)) for first in range(0, 60_000, 3000)]
    path = write_raw("r.avro", ROWS, blocks)
    frame = jetliner.read_avro(path, **options)
    assert frame.height == 60_000 - (len(bad) if "ignore_errors" in options else 0)
    lazy = jetliner.scan_avro(path, **options)
    queries: list[Any] = [
        lambda f: f,
        lambda f: f.filter(pl.col("t") > datetime.time(0, 0, 0, 30_000)),
        lambda f: f.filter(pl.col("t").is_null()),
        lambda f: f.filter(pl.col("n") % 1009 == 100, pl.col("t").is_not_null()),
        lambda f: f.filter(pl.col("t").is_not_null()).filter(pl.col("n") % 7 == 3),
        lambda f: f.select("t", "n").head(4321),
        lambda f: f.with_row_index("i").filter(pl.col("t") < datetime.time(0, 0, 0, 5_000)),
        lambda f: f.select(pl.col("t").count(), pl.col("n").sum()),
        lambda f: f.tail(10),
    ]
    for query in queries:
        assert_frame_equal(query(lazy).collect(engine=engine), query(frame))
    # A column that is not read has no invalid values.
    sound = lazy.filter(pl.col("n") % 2 == 0).select("n").collect(engine=engine)
    assert sound["n"].to_list() == list(range(0, 60_000, 2))
    indexed = jetliner.scan_avro(path, row_index_name="i", n_rows=500, **options).collect(engine=engine)
    assert_frame_equal(indexed, frame.head(500).with_row_index("i"))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_filter_that_chooses_invalid_rows(engine: Any, write_raw: WriteRaw) -> None:
    """The filter does not look at the column with the invalid values: they are met when the other columns are read."""
    bad = set(range(5, 30_000, 1000))
    path = write_raw("r.avro", ROWS, [(3000, rows(first, 3000, bad)) for first in range(0, 30_000, 3000)])
    lazy = jetliner.scan_avro(path, ignore_errors=True)
    found = lazy.filter(pl.col("n") % 500 == 5).collect(engine=engine)
    assert_frame_equal(found, expected([n for n in range(5, 30_000, 500) if n not in bad]))


def test_counting_goes_by_headers(write_raw: WriteRaw) -> None:
    path = write_raw("r.avro", ROWS, [(10, rows(0, 10, {3}))])
    assert jetliner.count_rows(path) == 10
    if not pl.__version__.startswith("1."):  # that one reads a column to count rows
        assert jetliner.scan_avro(path).select(pl.len()).collect().item() == 10
