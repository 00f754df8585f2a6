"""`enum_as`, `map_as` and `utf8`: what becomes of Avro's types where there is a choice."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import HAS_MAP, long, text
from conftest import WriteAvro, WriteRaw, WriteSales

READERS = ("read_avro", "scan_avro", "AvroReader", "MultiAvroReader", "read_avro_schema")

SYMBOLS = ["RED", "A_COLOUR_OF_A_LONG_NAME", "BLUE"]
COLOUR = {"type": "enum", "name": "Colour", "symbols": SYMBOLS}
ENUMS: dict[str, Any] = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "e", "type": COLOUR},
        {"name": "n", "type": ["null", "Colour"]},
        {"name": "l", "type": {"type": "array", "items": ["null", "Colour"]}},
        {"name": "m", "type": {"type": "map", "values": "Colour"}},
        {"name": "s", "type": {"type": "record", "name": "S", "fields": [{"name": "x", "type": "Colour"}]}},
        {"name": "u", "type": ["null", "int", "Colour"]},
    ],
}


def enum_rows(count: int) -> list[dict[str, Any]]:
    at = random.Random(count)
    symbol = lambda: at.choice(SYMBOLS)  # noqa: E731
    return [
        {
            "e": symbol(),
            "n": at.choice([None, symbol()]),
            "l": [at.choice([None, symbol()]) for _ in range(at.randrange(4))],
            "m": {f"k{i}": symbol() for i in range(at.randrange(3))},
            "s": {"x": symbol()},
            "u": at.choice([None, 7, symbol()]),
        }
        for _ in range(count)
    ]


def enum_schema(dtype: Any) -> pl.Schema:
    entries = pl.List(pl.Struct({"key": pl.String, "value": dtype}))
    return pl.Schema(
        {
            "e": dtype,
            "n": dtype,
            "l": pl.List(dtype),
            "m": entries,
            "s": pl.Struct({"x": dtype}),
            "u": pl.Struct({"int": pl.Int32, "Colour": dtype}),
        }
    )


def as_texts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what Polars makes of rows as fastavro gives them."""
    made = []
    for row in rows:
        new = dict(row)
        new["m"] = [{"key": key, "value": value} for key, value in row["m"].items()]
        union = row["u"]
        new["u"] = (
            None
            if union is None
            else {
                "int": union if isinstance(union, int) else None,
                "Colour": union if isinstance(union, str) else None,
            }
        )
        made.append(new)
    return made


def call(name: str, path: str, **options: Any) -> Any:
    return getattr(jetliner, name)([path] if name == "MultiAvroReader" else path, **options)


def frame_of(name: str, path: str, **options: Any) -> pl.DataFrame:
    found = call(name, path, **options)
    if isinstance(found, pl.LazyFrame):
        return found.collect()
    if isinstance(found, pl.Schema):
        return pl.DataFrame(schema=found)
    return found if isinstance(found, pl.DataFrame) else pl.concat(found)


# --- enum_as ---------------------------------------------------------------------------------------------------------

DTYPES = {"enum": pl.Enum(SYMBOLS), "categorical": pl.Categorical(), "string": pl.String()}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("enum_as", DTYPES)
def test_enums_become_what_is_asked_for(name: str, enum_as: str, write_avro: WriteAvro) -> None:
    rows = enum_rows(500)
    path = write_avro("e.avro", ENUMS, rows, block_rows=100)
    frame = frame_of(name, path, enum_as=enum_as)
    assert frame.schema == enum_schema(DTYPES[enum_as])
    if name != "read_avro_schema":
        assert frame.to_dicts() == as_texts(rows)


def test_enums_are_enums_by_default(write_avro: WriteAvro) -> None:
    path = write_avro("e.avro", ENUMS, enum_rows(10))
    assert_frame_equal(jetliner.read_avro(path), jetliner.read_avro(path, enum_as="enum"))


@pytest.mark.parametrize("enum_as", DTYPES)
def test_enums_in_many_small_batches_and_by_several_threads(enum_as: str, write_avro: WriteAvro) -> None:
    rows = enum_rows(3000)
    path = write_avro("e.avro", ENUMS, rows, block_rows=50)
    options: Any = {"enum_as": enum_as}
    batches = list(jetliner.AvroReader(path, batch_size=7, n_threads=3, **options))
    assert pl.concat(batches).to_dicts() == as_texts(rows)
    query = jetliner.scan_avro(path, batch_size=100, **options).filter(pl.col("e") == SYMBOLS[1]).select("n", "e")
    found = pickle.loads(pickle.dumps(query)).collect()
    assert found.to_dicts() == [{"n": row["n"], "e": row["e"]} for row in rows if row["e"] == SYMBOLS[1]]


def test_categories_of_files_with_the_same_symbols_come_together(write_avro: WriteAvro) -> None:
    paths = [write_avro(f"{i}.avro", ENUMS, enum_rows(20 + i)) for i in range(3)]
    frame = jetliner.read_avro(paths, enum_as="categorical", columns=["e"])
    expected = [row["e"] for i in range(3) for row in enum_rows(20 + i)]
    assert frame["e"].to_list() == expected
    assert frame.group_by("e").len().sort("e")["len"].sum() == len(expected)


@pytest.mark.parametrize("enum_as", DTYPES)
def test_enums_by_a_reader_schema(enum_as: str, write_avro: WriteAvro) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "e", "type": COLOUR}]}
    rows = [{"e": symbol} for symbol in SYMBOLS] * 3
    path = write_avro("e.avro", schema, rows)
    symbols = ["BLUE", "other", "RED"]
    colour = {"type": "enum", "name": "Colour", "symbols": symbols, "default": "other"}
    fields = [
        {"name": "e", "type": colour},
        {"name": "d", "type": ["Colour", "null"], "default": "BLUE"},
        {"name": "x", "type": {"type": "map", "values": "Colour"}, "default": {"k": "RED"}},
    ]
    reader = {"type": "record", "name": "R", "fields": fields}
    frame = jetliner.read_avro(path, reader_schema=reader, enum_as=enum_as)  # type: ignore[arg-type]
    dtype = pl.Enum(symbols) if enum_as == "enum" else DTYPES[enum_as]
    assert frame.schema == {"e": dtype, "d": dtype, "x": pl.List(pl.Struct({"key": pl.String, "value": dtype}))}
    with Path(path).open("rb") as file:
        expected = list(fastavro.reader(file, reader))
    assert frame.select("e", "d").to_dicts() == [{"e": row["e"], "d": row["d"]} for row in expected]
    assert frame["x"].to_list() == [[{"key": "k", "value": "RED"}]] * 9


# --- map_as ----------------------------------------------------------------------------------------------------------

MAPS: dict[str, Any] = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "m", "type": {"type": "map", "values": "long"}},
        {"name": "n", "type": ["null", {"type": "map", "values": ["null", "string"]}]},
        {"name": "mm", "type": {"type": "map", "values": {"type": "map", "values": "double"}}},
        {"name": "l", "type": {"type": "array", "items": {"type": "map", "values": "boolean"}}},
        {
            "name": "r",
            "type": {
                "type": "map",
                "values": {"type": "record", "name": "V", "fields": [{"name": "x", "type": "int"}]},
            },
        },
        {"name": "e", "type": {"type": "map", "values": COLOUR}},
    ],
}


def map_rows(count: int) -> list[dict[str, Any]]:
    at = random.Random(count)
    keys = lambda: [f"key {'that is long ' * at.randrange(2)}{i}" for i in range(at.randrange(4))]  # noqa: E731
    return [
        {
            "m": {key: at.randrange(1 << 40) for key in keys()},
            "n": at.choice([None, {key: at.choice([None, "text"]) for key in keys()}]),
            "mm": {key: {inner: at.random() for inner in keys()} for key in keys()},
            "l": [{key: at.random() < 0.5 for key in keys()} for _ in range(at.randrange(3))],
            "r": {key: {"x": at.randrange(99)} for key in keys()},
            "e": {key: at.choice(SYMBOLS) for key in keys()},
        }
        for _ in range(count)
    ]


@pytest.mark.skipif(not HAS_MAP, reason="this Polars has no Map; test_map_without_polars_map is for it")
@pytest.mark.parametrize("name", READERS)
def test_maps_become_maps(name: str, write_avro: WriteAvro) -> None:
    rows = map_rows(300)
    path = write_avro("m.avro", MAPS, rows, block_rows=64)
    frame = frame_of(name, path, map_as="map", enum_as="string")
    of = lambda value: pl.Map(pl.String, value)  # noqa: E731
    assert frame.schema == {
        "m": of(pl.Int64),
        "n": of(pl.String),
        "mm": of(of(pl.Float64)),
        "l": pl.List(of(pl.Boolean)),
        "r": of(pl.Struct({"x": pl.Int32})),
        "e": of(pl.String),
    }
    if name != "read_avro_schema":
        assert frame.to_dicts() == rows


@pytest.mark.skipif(not HAS_MAP, reason="this Polars has no Map; test_map_without_polars_map is for it")
def test_one_file_as_lists_and_as_maps(write_avro: WriteAvro) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "m", "type": {"type": "map", "values": "int"}}]}
    path = write_avro("m.avro", schema, [{"m": {"a": 1}}])
    dtypes = [jetliner.scan_avro(path, map_as=how).collect_schema()["m"] for how in ("list", "map", "list")]
    assert [isinstance(dtype, pl.List) for dtype in dtypes] == [True, False, True]


@pytest.mark.skipif(not HAS_MAP, reason="this Polars has no Map; test_map_without_polars_map is for it")
def test_maps_equal_those_that_polars_makes_of_lists(write_avro: WriteAvro) -> None:
    path = write_avro("m.avro", MAPS, map_rows(200))
    frame = jetliner.read_avro(path, map_as="map", columns=["m", "n"])
    assert_frame_equal(jetliner.read_avro(path, columns=["m", "n"]).cast(dict(frame.schema)), frame)
    values = jetliner.scan_avro(path, map_as="map").select(pl.col("m").map.get("key 0")).collect()
    assert values["m"].to_list() == [row["m"].get("key 0") for row in map_rows(200)]


@pytest.mark.skipif(not HAS_MAP, reason="this Polars has no Map; test_map_without_polars_map is for it")
def test_keys_that_occur_again_are_as_polars_resolves_them(write_raw: WriteRaw) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "m", "type": {"type": "map", "values": "int"}}]}
    at = random.Random(3)
    data = b""
    lists = []
    for _ in range(400):
        entries = [
            (f"key {at.randrange(12)}" + " of some length" * at.randrange(2), i) for i in range(at.randrange(25))
        ]
        lists.append([{"key": key, "value": value} for key, value in entries])
        block = long(len(entries)) + b"".join(text(key) + long(value) for key, value in entries) if entries else b""
        data += block + long(0)
    path = write_raw("m.avro", schema, [(400, data)])
    as_list = jetliner.read_avro(path)
    assert as_list["m"].to_list() == lists
    as_map = jetliner.read_avro(path, map_as="map")
    assert_frame_equal(as_map, as_list.cast(dict(as_map.schema)))
    with Path(path).open("rb") as file:
        assert as_map.to_dicts() == list(fastavro.reader(file))


@pytest.mark.skipif(not HAS_MAP, reason="this Polars has no Map; test_map_without_polars_map is for it")
def test_maps_by_a_reader_schema(write_avro: WriteAvro) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "m", "type": {"type": "map", "values": "int"}}]}
    rows = [{"m": {"a": 1, "b": 2}}, {"m": {}}]
    path = write_avro("m.avro", schema, rows)
    fields = [
        {"name": "d", "type": {"type": "map", "values": "int"}, "default": {"x": 1}},
        {"name": "m", "type": ["null", {"type": "map", "values": ["null", "double"]}]},
    ]
    reader = {"type": "record", "name": "R", "fields": fields}
    frame = jetliner.read_avro(path, reader_schema=reader, map_as="map")
    assert frame.to_dicts() == [{"d": {"x": 1}, "m": {"a": 1.0, "b": 2.0}}, {"d": {"x": 1}, "m": {}}]


@pytest.mark.parametrize("name", READERS)
def test_map_without_polars_map(name: str, write_sales: WriteSales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pl, "Map", raising=False)
    with pytest.raises(jetliner.ConfigurationError, match=r"map_as='map' needs a version of Polars that has pl\.Map"):
        call(name, write_sales("s.avro"), map_as="map")
    assert frame_of(name, write_sales("s.avro"), map_as="list").width == 3


# --- utf8 ------------------------------------------------------------------------------------------------------------

TEXTS: dict[str, Any] = {
    "type": "record",
    "name": "R",
    "fields": [
        {"name": "s", "type": "string"},
        {"name": "n", "type": ["null", "string"]},
        {"name": "m", "type": {"type": "map", "values": "string"}},
        {"name": "next", "type": ["null", "R"]},
    ],
}

# Of all kinds: ASCII, continuations, leads of 2, 3 and 4 bytes, bytes that never occur.
PIECES = [b"a", b"text ", b"\xc3\xa9", b"\xe2\x82\xac", b"\xf0\x9f\x98\x80", *(bytes([byte]) for byte in range(256))]


def random_bytes(at: random.Random) -> bytes:
    return b"".join(at.choice(PIECES) for _ in range(at.choice([0, 1, 3, 12, 13, 40])))


def replaced(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def test_utf8_is_replaced_as_python_does_it(write_raw: WriteRaw) -> None:
    at = random.Random(1)
    values = [random_bytes(at) for _ in range(5000)]
    for first in range(0x7E, 0x100):  # all pairs of the bytes that matter, and triples of some
        values += [bytes([first, second]) for second in range(0x7E, 0x100)]
        values += [bytes([first, second, third]) for second in (0x80, 0x90, 0xA0, 0xBF) for third in (0x41, 0x80, 0xC0)]
    path = write_raw("s.avro", "string", [(len(values), b"".join(text(value) for value in values))])
    frame = jetliner.read_avro(path, utf8="replace")
    assert frame["value"].to_list() == [replaced(value) for value in values]


@pytest.mark.parametrize("ignore_errors", [False, True])
@pytest.mark.parametrize("threads", [1, 3])
def test_utf8_is_replaced_in_keys_unions_and_json(write_raw: WriteRaw, ignore_errors: bool, threads: int) -> None:
    at = random.Random(2)
    blocks = []
    expected = []

    def row() -> tuple[bytes, dict[str, Any]]:
        s, n, key, value = (random_bytes(at) for _ in range(4))
        head = text(s) + long(1) + text(n) + long(1) + text(key) + text(value) + long(0)
        return head, {"s": replaced(s), "n": replaced(n), "m": (replaced(key), replaced(value))}

    for _ in range(20):
        data = b""
        for _ in range(50):
            outer, outer_text = row()
            inner, inner_text = row()
            data += outer + long(1) + inner + long(0)
            key, value = outer_text["m"]
            inner_key, inner_value = inner_text["m"]
            outer_text["m"] = [{"key": key, "value": value}]
            expected.append((outer_text, {**inner_text, "m": {inner_key: inner_value}, "next": None}))
        blocks.append((50, data))
    path = write_raw("t.avro", TEXTS, blocks)
    reader = jetliner.AvroReader(path, utf8="replace", ignore_errors=ignore_errors, n_threads=threads)
    rows = pl.concat(reader).to_dicts()
    assert reader.error_count == 0
    assert [{key: row[key] for key in "snm"} for row in rows] == [outer for outer, _ in expected]
    assert [json.loads(row["next"]) for row in rows] == [inner for _, inner in expected]


@pytest.mark.parametrize("name", ["read_avro", "scan_avro", "AvroReader", "MultiAvroReader"])
def test_utf8_is_strict_by_default(name: str, write_raw: WriteRaw) -> None:
    path = write_raw("s.avro", "string", [(2, text("fine") + text(b"not \xff"))])
    for options in ({}, {"utf8": "strict"}):
        with pytest.raises((jetliner.DecodeError, pl.exceptions.ComputeError), match="not valid UTF-8"):
            frame_of(name, path, **options)
    assert frame_of(name, path, utf8="replace")["value"].to_list() == ["fine", "not \ufffd"]


def test_bytes_that_are_read_as_text_by_a_reader_schema(write_raw: WriteRaw) -> None:
    at = random.Random(4)
    values = [random_bytes(at) for _ in range(500)]
    path = write_raw("b.avro", "bytes", [(500, b"".join(text(value) for value in values))])
    frame = jetliner.read_avro(path, reader_schema="string", utf8="replace")
    assert frame["value"].to_list() == [replaced(value) for value in values]
    with pytest.raises(jetliner.DecodeError, match="not valid UTF-8"):
        jetliner.read_avro(path, reader_schema="string")


# --- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("option", ["enum_as", "map_as", "utf8", "invalid_values"])
def test_values_that_are_none_of_the_choices(name: str, option: str, write_sales: WriteSales) -> None:
    path = write_sales("s.avro")
    if name == "read_avro_schema" and option in ("utf8", "invalid_values"):
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            call(name, path, **{option: "strict"})
        return
    with pytest.raises(jetliner.ConfigurationError, match=f"{option} must be one of .*, got 'other'"):
        call(name, path, **{option: "other"})
    for value in (None, 1, ["enum"], b"list"):
        with pytest.raises(TypeError, match=f"{option} must be one of"):
            call(name, path, **{option: value})
