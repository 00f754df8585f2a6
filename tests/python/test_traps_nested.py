"""Arrays, maps, unions, records and names as other readers got them wrong."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from differential.compare import difference, physical
from differential.container import block, header
from differential.encode import encode_bytes, encode_long
from differential.expect import table
from differential.files import avro, encoded, outcome, record, save
from differential.model import parse
from jetliner.exceptions import DecodeError, JetlinerError, SchemaError

END = b"\x00"
INTS = {"type": "array", "items": "int"}


def items(count: int, *values: int, size: int | None = None) -> bytes:
    """A block of an array of small ints; a negative count is followed by the size."""
    data = b"".join(encode_long(value) for value in values)
    return encode_long(count) + (encode_long(len(data) if size is None else size) if count < 0 else b"") + data


def read_rows(schema: Any, rows: list[bytes], tmp_path: Path, **options: Any) -> pl.DataFrame:
    return jetliner.read_avro(save(tmp_path, avro(schema, (len(rows), b"".join(rows)))), **options)


ARRAYS = {
    "one block": items(3, 1, 2, 3) + END,
    "negative first": items(-3, 1, 2, 3) + END,
    "negative second": items(1, 1) + items(-2, 2, 3) + END,
    "negative last of three": items(1, 1) + items(1, 2) + items(-1, 3) + END,
    "negative all": items(-1, 1) + items(-1, 2) + items(-1, 3) + END,
}


@pytest.mark.parametrize("case", ARRAYS)
def test_negative_counts_with_sizes_in_any_block(case: str, tmp_path: Path) -> None:
    schema = record(a=INTS, after="string")
    row = ARRAYS[case] + encode_bytes(b"end")
    frame = read_rows(schema, [row] * 3, tmp_path)
    assert frame["a"].to_list() == [[1, 2, 3]] * 3
    # When skipped as well: the same bytes are consumed.
    assert read_rows(schema, [row] * 3, tmp_path, columns=["after"])["after"].to_list() == ["end"] * 3


def test_negative_counts_in_maps(tmp_path: Path) -> None:
    def entries(count: int, *keys: bytes) -> bytes:
        data = b"".join(encode_bytes(key) + encode_long(len(key)) for key in keys)
        return encode_long(count) + (encode_long(len(data)) if count < 0 else b"") + data

    schema = record(m={"type": "map", "values": "int"}, after="int")
    row = entries(1, b"x") + entries(-2, b"yy", b"") + entries(-1, b"zzz") + END + b"\x0e"
    frame = read_rows(schema, [row] * 2, tmp_path)
    expected = [
        {"key": "x", "value": 1},
        {"key": "yy", "value": 2},
        {"key": "", "value": 0},
        {"key": "zzz", "value": 3},
    ]
    assert frame["m"].to_list() == [expected] * 2
    assert read_rows(schema, [row] * 2, tmp_path, columns=["after"])["after"].to_list() == [7, 7]


def test_entries_of_a_map_with_one_key_twice_stay_in_file_order(tmp_path: Path) -> None:
    schema = record(m={"type": "map", "values": "int"})
    row = (
        encode_long(3)
        + encode_bytes(b"k")
        + b"\x02"
        + encode_bytes(b"a")
        + b"\x04"
        + encode_bytes(b"k")
        + b"\x06"
        + END
    )
    entries = read_rows(schema, [row], tmp_path)["m"].to_list()[0]
    assert [(entry["key"], entry["value"]) for entry in entries] == [("k", 1), ("a", 2), ("k", 3)]


@pytest.mark.parametrize("kind", ["null", {"type": "fixed", "name": "F", "size": 0}, record()])
@pytest.mark.parametrize("count", [2**30, 2**62, -(2**62)])
def test_forged_count_of_items_without_bytes(kind: Any, count: int, tmp_path: Path) -> None:
    if isinstance(kind, dict) and kind["type"] == "record":
        kind = {**kind, "name": "Inner"}
    schema = record(a={"type": "array", "items": kind}, after="int")
    row = encode_long(count) + (encode_long(0) if count < 0 else b"") + END + b"\x0e"
    path = save(tmp_path, avro(schema, (1, row)))
    started = time.monotonic()
    with pytest.raises(DecodeError):
        jetliner.read_avro(path)
    assert time.monotonic() - started < 5
    # Skipping may refuse it as well; or pass over it, which costs nothing where there is a size.
    result = outcome(jetliner.read_avro, path, columns=["after"])
    if isinstance(result, pl.DataFrame):
        assert result["after"].to_list() == [7]
    else:
        assert isinstance(result, DecodeError)
        assert result.record_index == 0
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("items_type", ["int", "double", "string", INTS, {"type": "fixed", "name": "F", "size": 1000}])
@pytest.mark.parametrize("count", [10**6, 2**40, 2**62, -(2**62), -(2**63)])
def test_forged_count_of_items_with_bytes(items_type: Any, count: int, tmp_path: Path) -> None:
    schema = record(a={"type": "array", "items": items_type}, after="int")
    row = encode_long(count) + (encode_long(2**40) if count < 0 else b"") + b"\x02\x02\x02\x02" + END
    path = save(tmp_path, avro(schema, (1, row)))
    started = time.monotonic()
    for columns in (None, ["after"]):
        with pytest.raises(DecodeError) as caught:
            jetliner.read_avro(path, columns=columns)
        assert (caught.value.block_index, caught.value.record_index) == (0, 0)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("size", [-1, 2**62, -(2**63), 1000])
def test_forged_size_of_a_skipped_block(size: int, tmp_path: Path) -> None:
    schema = record(a=INTS, after="int")
    row = items(-2, 1, 2, size=size) + END + b"\x0e"
    with pytest.raises(DecodeError):
        read_rows(schema, [row], tmp_path, columns=["after"])


@pytest.mark.parametrize("length", [-1, -(2**63), 6, 2**31, 2**62, 2**63 - 1])
@pytest.mark.parametrize("kind", ["string", "bytes"])
def test_forged_length(kind: str, length: int, tmp_path: Path) -> None:
    schema = record(s=kind, after="int")
    row = encode_long(length) + b"abc\x02"
    for columns in (None, ["after"]):
        with pytest.raises(DecodeError):
            read_rows(schema, [row], tmp_path, columns=columns)


def test_validity_belongs_to_the_list_not_to_its_blocks(tmp_path: Path) -> None:
    """Nullable lists in several blocks, between null and empty ones."""
    schema = record(a=["null", {"type": "array", "items": ["int", "null"]}])

    def item(value: int | None) -> bytes:
        return b"\x02" if value is None else b"\x00" + encode_long(value)

    split = (
        b"\x02" + encode_long(2) + item(1) + item(None) + encode_long(1) + item(None) + encode_long(1) + item(2) + END
    )
    null, empty = b"\x00", b"\x02" + END
    frame = read_rows(schema, [null, split, null, empty, split, split, null], tmp_path)
    full = [1, None, None, 2]
    assert frame["a"].to_list() == [None, full, None, [], full, full, None]
    assert frame["a"].null_count() == 3


UNIONS: dict[str, tuple[Any, list[Any], Any, list[Any]]] = {
    "null second": (["int", "null"], [(0, 5), (1, None)], pl.Int32(), [5, None]),
    "one branch": (["string"], [(0, "x")], pl.String(), ["x"]),
    "null only": (["null"], [(0, None)], pl.Null(), [None]),
    "null in the middle": (
        ["int", "null", "string"],
        [(2, "s"), (1, None), (0, 3)],
        pl.Struct({"int": pl.Int32, "string": pl.String}),
        [{"int": None, "string": "s"}, None, {"int": 3, "string": None}],
    ),
    "no null": (
        [{"type": "fixed", "name": "a.F", "size": 1}, INTS],
        [(1, [1]), (0, b"z")],
        pl.Struct({"a.F": pl.Binary, "array": pl.List(pl.Int32)}),
        [{"a.F": None, "array": [1]}, {"a.F": b"z", "array": None}],
    ),
}


@pytest.mark.parametrize("case", UNIONS)
def test_unions(case: str, tmp_path: Path) -> None:
    union, raw, dtype, expected = UNIONS[case]
    schema = record(u=union, list={"type": "array", "items": "a.F" if case == "no null" else "int"})
    path = save(tmp_path, avro(schema, encoded(schema, *({"u": value, "list": []} for value in raw))))
    frame = jetliner.read_avro(path)
    assert frame.schema["u"] == dtype
    assert frame["u"].to_list() == expected


@pytest.mark.parametrize("index", [-1, 2, 3, 2**31, 2**62, -(2**63)])
def test_index_of_a_branch_out_of_range(index: int, tmp_path: Path) -> None:
    schema = record(u=["null", "int"], after="int")
    for columns in (None, ["after"]):
        with pytest.raises(DecodeError):
            read_rows(schema, [encode_long(index) + b"\x02\x02"], tmp_path, columns=columns)


@pytest.mark.parametrize("index", [-1, 3, 255, 256, 2**31 - 1, 2**31, 2**62])
def test_index_of_a_symbol_out_of_range(index: int, tmp_path: Path) -> None:
    schema = record(before="int", e={"type": "enum", "name": "E", "symbols": ["A", "B", "C"]})
    good, bad = b"\x02" + encode_long(2), b"\x02" + encode_long(index)
    path = save(tmp_path, avro(schema, (3, good + bad + good)))
    with pytest.raises(DecodeError) as caught:
        jetliner.read_avro(path)
    assert (caught.value.block_index, caught.value.record_index) == (0, 1)
    assert "e" in caught.value.message
    assert jetliner.read_avro(path, ignore_errors=True)["e"].to_list() == ["C"]


DEEP: dict[str, Any] = record(
    outer=[
        "null",
        {
            "type": "record",
            "name": "Outer",
            "fields": [
                {
                    "name": "inner",
                    "type": {
                        "type": "array",
                        "items": [
                            {
                                "type": "record",
                                "name": "Inner",
                                "fields": [
                                    {"name": "x", "type": ["null", "string"]},
                                    {"name": "y", "type": {"type": "map", "values": ["long", "null"]}},
                                ],
                            },
                            "null",
                        ],
                    },
                },
                {"name": "last", "type": "Inner"},
            ],
        },
    ]
)


@pytest.mark.parametrize("batch_size", range(1, 13))
def test_nullable_records_in_arrays_in_nullable_records_stay_aligned(batch_size: int, tmp_path: Path) -> None:
    """A null on the edge of a batch is still null, and nothing leaks from one batch to the next."""
    node = parse(DEEP)
    full = {"x": (1, "a string of many letters"), "y": {"k": (0, 1), "n": (1, None)}}
    none = {"x": (0, None), "y": {}}
    rows = [
        {"outer": value}
        for value in (
            (0, None),
            (1, {"inner": [(0, full), (1, None), (0, none)], "last": none}),
            (1, {"inner": [], "last": full}),
            (0, None),
            (0, None),
            (1, {"inner": [(1, None)] * 4, "last": none}),
            (1, {"inner": [(0, full)] * 3, "last": full}),
            (0, None),
        )
    ]
    data = header(DEEP, "null") + b"".join(
        block("null", *encoded(DEEP, *rows[i : i + 3])) for i in range(0, len(rows), 3)
    )
    path = save(tmp_path, data)
    with jetliner.AvroReader(path, batch_size=batch_size) as reader:
        batches = list(reader)
    at = 0
    for batch in batches:
        assert difference(table(node, rows[at : at + batch.height]), batch) is None
        at += batch.height
    assert at == len(rows)
    assert difference(table(node, rows), pl.concat(batches)) is None


RECURSIVE = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "n", "type": "int"}, {"name": "next", "type": ["null", "Node"]}],
}


def test_named_type_used_twice_is_not_recursion(tmp_path: Path) -> None:
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "v", "type": "int"}]}
    schema = record(a=inner, b="Inner", c={"type": "array", "items": "Inner"}, d=RECURSIVE, e=["null", "Node"])
    node = {"n": 1, "next": (1, {"n": 2, "next": (0, None)})}
    row = {"a": {"v": 1}, "b": {"v": 2}, "c": [{"v": 3}], "d": node, "e": (1, node)}
    frame = jetliner.read_avro(save(tmp_path, avro(schema, encoded(schema, row))))
    struct = pl.Struct({"v": pl.Int32})
    tree = pl.Struct({"n": pl.Int32, "next": pl.String})
    assert frame.schema == pl.Schema({"a": struct, "b": struct, "c": pl.List(struct), "d": tree, "e": tree})
    for name in ("d", "e"):
        assert json.loads(frame[name].struct.field("next").item()) == {"n": 2, "next": None}


def test_field_called_like_its_type_or_a_primitive(tmp_path: Path) -> None:
    schema = {
        "type": "record",
        "name": "a.Row",
        "fields": [
            {"name": "Row", "type": {"type": "enum", "name": "Kind", "symbols": ["int", "string"]}},
            {"name": "Kind", "type": "Kind"},
            {"name": "int", "type": "string"},
            {"name": "string", "type": ["null", "a.Kind"]},
        ],
    }
    row = {"Row": "int", "Kind": "string", "int": "x", "string": (1, "int")}
    frame = jetliner.read_avro(save(tmp_path, avro(schema, encoded(schema, row))))
    assert frame.rows() == [("int", "string", "x", "int")]


@pytest.mark.parametrize(
    "default",
    [None, 5, -1.5, "text", [1, {"a": None}], {"any": {"deep": []}}, True, "\u0000ÿ", 10**400],
    ids=repr,
)
@pytest.mark.parametrize("kind", ["int", ["null", "string"], ["string", "null"], "bytes", INTS, RECURSIVE])
def test_default_of_any_kind_does_not_matter(kind: Any, default: Any, tmp_path: Path) -> None:
    if isinstance(default, int) and abs(default) > 10**300:
        default = 10**20
    schema = {"type": "record", "name": "R", "fields": [{"name": "f", "type": kind, "default": default}]}
    path = save(tmp_path, header(schema, "null"))
    assert jetliner.read_avro(path).schema == table(parse(schema), []).schema


def nested_schema(depth: int, kind: str) -> str:
    """The text of a schema of many levels; its own text, as Python's JSON would give up."""
    if kind == "array":
        return '{"type":"array","items":' * depth + '"int"' + "}" * depth
    if kind == "union":
        return '["null",{"type":"array","items":' * depth + '"int"' + "}]" * depth
    opening = "".join(f'{{"type":"record","name":"R{i}","fields":[{{"name":"f","type":' for i in range(depth))
    return opening + '"int"' + "}]}" * depth


@pytest.mark.parametrize("kind", ["array", "union", "record"])
@pytest.mark.parametrize("depth", [10, 30, 1000, 100_000])
def test_schema_of_many_levels(kind: str, depth: int, tmp_path: Path) -> None:
    """Some levels are read, too many are an error, none are a stack overflow."""
    path = save(tmp_path, header(nested_schema(depth, kind).encode(), "null"))
    if depth <= 30:
        assert jetliner.read_avro(path).height == 0
        return
    for read in (jetliner.read_avro, jetliner.read_avro_schema, jetliner.scan_avro, jetliner.AvroReader):
        with pytest.raises(SchemaError):
            read(path)


@pytest.mark.parametrize("depth", [5, 100, 10_000, 1_000_000])
@pytest.mark.parametrize("columns", [None, ["after"]])
def test_data_of_many_levels(depth: int, columns: list[str] | None, tmp_path: Path) -> None:
    """Recursive types nest as deep as the data says: a limit and an error, no stack overflow, skipped or not."""
    schema = record(head=RECURSIVE, after="int")
    row = b"\x02" + b"\x02\x02" * depth + b"\x00" + b"\x0e"
    path = save(tmp_path, avro(schema, (1, row)))
    if depth <= 100:
        frame = jetliner.read_avro(path, columns=columns)
        assert frame["after"].to_list() == [7]
        if columns is None:
            text = frame["head"].struct.field("next").item()
            assert text.count('"next"') == depth
        return
    with pytest.raises(DecodeError):
        jetliner.read_avro(path, columns=columns)


def test_union_bomb_of_recursion_is_bounded(tmp_path: Path) -> None:
    """A record that holds itself twice with nothing between never ends: no value of it exists."""
    schema = {"type": "record", "name": "Endless", "fields": [{"name": "again", "type": "Endless"}]}
    path = save(tmp_path, avro(schema, (1, b"\x00" * 100)))
    with pytest.raises(JetlinerError):
        jetliner.read_avro(path)


SKIPPED: dict[str, tuple[Any, list[Any]]] = {
    "enum": ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, ["A", "B"]),
    "fixed": ({"type": "fixed", "name": "F", "size": 7}, [b"1234567"]),
    "fixed of no bytes": ({"type": "fixed", "name": "Z", "size": 0}, [b""]),
    "union": (["long", "null", "string", INTS], [(0, 2**40), (1, None), (2, "text"), (3, [1, 2])]),
    "map": ({"type": "map", "values": ["null", "string"]}, [{}, {"a": (0, None), "b": (1, "x" * 300)}]),
    "recursive": (RECURSIVE, [{"n": 1, "next": (1, {"n": 2, "next": (1, {"n": 3, "next": (0, None)})})}]),
    "array of records": ({"type": "array", "items": RECURSIVE}, [[], [{"n": 1, "next": (0, None)}] * 9]),
    "null": ("null", [None]),
    "boolean": ("boolean", [True, False]),
    "varint": ("long", [0, -(2**63), 2**63 - 1]),
    "floats": (["float", "double"], [(0, 1.0), (1, 2.0)]),
    "decimal": ({"type": "bytes", "logicalType": "decimal", "precision": 5}, [b"", b"\x01\x02"]),
}


def again_of(kind: Any) -> Any:
    if isinstance(kind, dict) and kind["type"] == "array":
        return {"type": "array", "items": again_of(kind["items"])}
    return kind["name"] if isinstance(kind, dict) and "name" in kind else kind


@pytest.mark.parametrize("case", SKIPPED)
def test_skipping_consumes_what_reading_does(case: str, tmp_path: Path) -> None:
    """Between two columns that are read, before them, behind them, and inside a record inside an array."""
    kind, values = SKIPPED[case]
    schema = record(first=kind, a="int", middle="null", b="string", last="null")
    for at in (2, 4):  # a named type is defined once and then referred to
        schema["fields"][at]["type"] = again_of(kind)
    rows = [
        {"first": value, "a": i, "middle": values[-1 - i], "b": f"row {i}", "last": value}
        for i, value in enumerate(values)
    ] * 3
    path = save(tmp_path, avro(schema, encoded(schema, *rows)))
    full = jetliner.read_avro(path)
    assert difference(table(parse(schema), rows), full) is None
    for columns in (["a"], ["b"], ["a", "b"], ["middle"], ["first", "last"], ["last"], ["first", "b"]):
        part = jetliner.read_avro(path, columns=columns)
        assert part.schema == full.select(columns).schema
        assert repr(physical(part)) == repr(physical(full.select(columns)))
