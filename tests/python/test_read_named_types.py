"""Named types: used again, with unusual names, recursive, and schemas that are not valid."""

from __future__ import annotations

import datetime as dt
import json
import struct
import warnings
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_files import double, floats, long, text
from avro_schemas import DURATION, ENUM, POINT, UUID, field, fixed, logical
from conftest import WriteAvro, WriteRaw

UTC = dt.UTC


# --- names ---


def test_named_types_used_again_map_like_their_definition(write_raw: WriteRaw) -> None:
    schema = {
        "type": "record",
        "name": "Top",
        "namespace": "n",
        "fields": [
            {"name": "p1", "type": POINT},
            {"name": "p2", "type": ["null", "P"]},
            {"name": "e1", "type": ENUM},
            {"name": "e2", "type": "n.E"},
            {"name": "f1", "type": fixed(1)},
            {"name": "f2", "type": {"type": "array", "items": "F"}},
        ],
    }
    point = long(1) + text("a")
    data = point + long(1) + point + long(0) + long(1) + b"x" + long(1) + b"y" + long(0)
    frame = jetliner.read_avro(write_raw("x.avro", schema, [(1, data)]))
    assert frame.schema["p1"] == frame.schema["p2"] == pl.Struct({"x": pl.Int32, "y": pl.String})
    assert frame.schema["e1"] == frame.schema["e2"] == pl.Enum(["C", "A", "B"])
    assert frame.row(0) == ({"x": 1, "y": "a"}, {"x": 1, "y": "a"}, "C", "A", b"x", [b"y"])


@pytest.mark.parametrize("name", ["with-dash", "with space", "größe", "a.b-c.d", "1digit", "日本"])
def test_unusual_names_of_types_are_accepted(write_raw: WriteRaw, name: str) -> None:
    schema = field({"type": "enum", "name": name, "symbols": ["A"]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert jetliner.read_avro(write_raw("x.avro", schema, [(1, long(0))]))["x"].to_list() == ["A"]


@pytest.mark.parametrize(
    "kind",
    [
        "Undefined",
        [ENUM, {**ENUM}],
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "a", "type": "int"}]},
        {"type": "array"},
        {"type": "fixed", "name": "F", "size": -1},
        {"type": "enum", "name": "E", "symbols": ["A", "A"]},
    ],
    ids=["undefined", "duplicate type", "duplicate field", "no items", "negative size", "duplicate symbol"],
)
def test_schemas_that_are_not_valid(write_raw: WriteRaw, kind: Any) -> None:
    with pytest.raises(jetliner.SchemaError):
        jetliner.read_avro(write_raw("x.avro", field(kind), []))


def test_doc_aliases_defaults_and_unknown_attributes_do_not_matter(write_raw: WriteRaw) -> None:
    schema = {
        "type": "record",
        "name": "Top",
        "doc": "words",
        "aliases": ["Old"],
        "connect.name": {"any": ["thing"]},
        "fields": [
            {"name": "a", "type": "int", "default": {"not": "an int"}, "order": "ignore", "aliases": ["b"], "x": None},
            {"name": "Top2", "type": ["null", "string"], "default": None, "doc": ""},
        ],
    }
    frame = jetliner.read_avro(write_raw("x.avro", schema, [(1, long(1) + long(1) + text("s"))]))
    assert frame.to_dicts() == [{"a": 1, "Top2": "s"}]


# --- recursion ---


def test_recursive_record_is_json(write_avro: WriteAvro) -> None:
    schema = {
        "type": "record",
        "name": "Node",
        "fields": [
            {"name": "v", "type": "long"},
            {"name": "next", "type": ["null", "Node"]},
            {"name": "all", "type": {"type": "array", "items": "Node"}},
            {"name": "by_name", "type": {"type": "map", "values": "Node"}},
        ],
    }
    leaf = {"v": 2, "next": None, "all": [], "by_name": {}}
    path = write_avro("x.avro", schema, [{"v": 1, "next": leaf, "all": [leaf], "by_name": {"k": leaf}}, leaf])
    frame = jetliner.read_avro(path)
    assert frame.schema == pl.Schema(
        {
            "v": pl.Int64,
            "next": pl.String,
            "all": pl.List(pl.String),
            "by_name": pl.List(pl.Struct({"key": pl.String, "value": pl.String})),
        }
    )
    first, second = frame.to_dicts()
    assert json.loads(first["next"]) == leaf
    assert [json.loads(item) for item in first["all"]] == [leaf]
    assert [(entry["key"], json.loads(entry["value"])) for entry in first["by_name"]] == [("k", leaf)]
    assert second == {"v": 2, "next": None, "all": [], "by_name": []}


def test_json_of_recursive_values(write_raw: WriteRaw) -> None:
    kinds: list[tuple[str, Any, bytes, Any]] = [
        ("bytes", "bytes", text(b"\xff\x00\x01"), "/wAB"),
        ("fixed", fixed(4), b"abcd", "YWJjZA=="),
        ("enum", ENUM, long(1), "A"),
        ("decimal", logical("bytes", "decimal", precision=5, scale=2), text(b"\x04\xd2"), "12.34"),
        ("big", logical("bytes", "big-decimal"), text(text(b"\x85") + long(5)), "-0.00123"),
        ("uuid", UUID, bytes(15) + b"\xab", "00000000-0000-0000-0000-0000000000ab"),
        ("date", logical("int", "date"), long(5), 5),
        ("time", logical("long", "time-micros"), long(6), 6),
        ("at", logical("long", "timestamp-nanos"), long(-7), -7),
        ("duration", DURATION, struct.pack("<III", 1, 2, 3), {"months": 1, "days": 2, "milliseconds": 3}),
        ("nan", "double", double(float("nan")), None),
        ("inf", "float", floats(float("inf")), None),
        ("half", "double", double(0.5), 0.5),
        ("yes", "boolean", b"\x01", True),
        ("union", ["null", "int", "string"], long(2) + text('quo"te\n'), 'quo"te\n'),
        ("record", POINT, long(1) + text("é"), {"x": 1, "y": "é"}),
        ("map", {"type": "map", "values": "int"}, long(1) + text("k") + long(5) + long(0), {"k": 5}),
        ("array", {"type": "array", "items": "int"}, long(1) + long(5) + long(0), [5]),
    ]  # fmt: skip
    schema = {
        "type": "record",
        "name": "Node",
        "fields": [
            *({"name": name, "type": kind} for name, kind, _, _ in kinds),
            {"name": "next", "type": ["null", "Node"]},
        ],
    }
    data = b"".join(encoded for _, _, encoded, _ in kinds)
    frame = jetliner.read_avro(write_raw("x.avro", schema, [(1, data + long(1) + data + long(0))]))
    expected = {name: value for name, _, _, value in kinds}
    assert json.loads(frame["next"][0]) == {**expected, "next": None}
