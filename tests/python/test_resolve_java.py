"""Pairs of schemas resolved by Apache Avro's Java tools: jetliner reads what ``tojson --reader-schema-file`` prints.

A start of the JVM takes a second: many generated pairs are fields of one record, and what raises comes in few cases.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

import jetliner
from differential import container, java
from differential.compare import difference
from differential.encode import Encoder
from differential.expect import table
from differential.generate import SchemaGenerator
from differential.model import parse
from differential.mutate import Mutator
from differential.resolve import ReaderSchema, Resolver, UnresolvableError
from test_java import JavaValues, in_namespace

pytestmark = pytest.mark.java


def pairs(seed: int, count: int) -> tuple[Any, Any, list[dict[str, Any]]]:
    """A writer's and a reader's record of so many generated types each, and rows that resolve."""
    rng = random.Random(f"java {seed}")
    fields: list[tuple[dict[str, Any], dict[str, Any]]] = []
    columns: list[list[Any]] = []
    while len(fields) < count:
        place = f"field{len(fields)}"
        writer = in_namespace(SchemaGenerator(rng, max_depth=3, max_nodes=8).schema(), place)
        schema = Mutator(rng, rate=0.4, space=f"{place}.added", for_java=True).schema(writer)
        node, reader, values = parse(writer), ReaderSchema(schema), JavaValues(rng)
        rows = [values.value(node) for _ in range(8)]
        try:
            resolver = Resolver(node, reader)
            resolved = [resolver.resolve(row) for row in rows]
        except UnresolvableError:
            continue
        if not all(_java_agrees(reader.node, value) for value in resolved):
            continue
        fields.append(({"name": place, "type": writer}, {"name": place, "type": schema}))
        columns.append(rows)
    rows = [{field["name"]: column[i] for (field, _), column in zip(fields, columns, strict=True)} for i in range(8)]
    top = {"type": "record", "name": "top.Many"}
    shuffled = rng.sample(fields, len(fields))
    return top | {"fields": [one for one, _ in fields]}, top | {"fields": [other for _, other in shuffled]}, rows


def _java_agrees(node: Any, value: Any) -> bool:
    """Not of the float -0.0, of which ``tojson`` prints 0.0: an int or a double may have become one."""
    if node.kind == "union":
        return _java_agrees(node.branches[value[0]], value[1])
    if node.kind == "record":
        return all(_java_agrees(child, value[name]) for name, child in node.fields)
    if node.kind in ("array", "map"):
        return all(_java_agrees(node.child, item) for item in (value if node.kind == "array" else value.values()))
    return not (node.kind == "float" and repr(value) == "-0.0")


def write(schema: Any, rows: list[Any], path: Path) -> Path:
    rng = random.Random(1)
    node = parse(schema)
    encoded = [Encoder(rng).encode(node, row) for row in rows]
    path.write_bytes(container.container(schema, encoded, codec="null", rows_per_block=3, rng=rng, for_java=True))
    return path


def java_rows(path: Path, reader: Any, schema_path: Path) -> list[Any]:
    schema_path.write_text(json.dumps(reader))
    lines = java.run("tojson", "--reader-schema-file", schema_path, path).decode().split("\n")
    return [java.from_json(parse(reader), json.loads(line)) for line in lines if line]


@pytest.mark.parametrize("seed", range(6))
def test_generated_pairs(seed: int, tmp_path: Path) -> None:
    writer, reader, rows = pairs(seed, 25)
    path = write(writer, rows, tmp_path / "pairs.avro")
    resolver = Resolver(parse(writer), ReaderSchema(reader))
    ours = [resolver.resolve(row) for row in rows]
    theirs = [
        java.in_order_of(row, own) for row, own in zip(java_rows(path, reader, tmp_path / "r.avsc"), ours, strict=True)
    ]
    assert repr(theirs) == repr(ours)
    assert difference(table(parse(reader), ours), jetliner.read_avro(path, reader_schema=reader)) is None


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": list(fields), **more}


def field(kind: Any, **more: Any) -> dict[str, Any]:
    return {"name": "f", "type": kind, **more}


ENUM = {"type": "enum", "name": "E", "symbols": ["a", "b"]}
FIXED = {"type": "fixed", "name": "F", "size": 2}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
FIXED_DECIMAL = DECIMAL | {"type": "fixed", "name": "D", "size": 2}


@pytest.mark.parametrize(
    ("writer", "reader", "raw"),
    [
        ("string", record(field("int")), "x"),
        ("long", record(field("int")), 1),
        ("int", record({"name": "g", "type": "int"}), 1),
        ("int", record(field("int"), {"name": "g", "type": "int", "default": "x"}), 1),
        (ENUM, record(field(ENUM | {"symbols": ["a"]})), "b"),
        (ENUM, record(field(ENUM | {"name": "Other"})), "a"),
        (FIXED, record(field(FIXED | {"size": 3})), b"ab"),
        (["null", "int"], record(field("int")), (0, None)),
        ("int", record(field(["null", "string"])), 1),
        (DECIMAL, record(field(FIXED_DECIMAL)), b"a"),
    ],
    ids=[
        "types", "narrower", "no such field", "default", "symbol", "name of an enum", "size", "branch", "union",
        "bytes to fixed",
    ],
)  # fmt: skip
def test_both_raise(writer: Any, reader: Any, raw: Any, tmp_path: Path) -> None:
    path = write(record(field(writer)), [{"f": raw}], tmp_path / "f.avro")
    with pytest.raises(RuntimeError, match="Exception"):
        java_rows(path, reader, tmp_path / "r.avsc")
    with pytest.raises((jetliner.SchemaError, jetliner.DecodeError)):
        jetliner.read_avro(path, reader_schema=reader)


# Where Java reads something and the specification says otherwise, or leaves open what is meant (docs/avro-support.md).
@pytest.mark.parametrize(
    ("writer", "reader", "raw", "java_reads", "ours"),
    [
        # "Both schemas are records with the same (unqualified) name."
        (
            record(field(record(field("int"), name="Inner"))), record(field(record(field("int"), name="Other"))),
            {"f": {"f": 1}}, {"f": {"f": 1}}, "add the alias \"Inner\" to the reader's record \"Other\"",
        ),
        # Two schemas that are decimals match if their scales and precisions match; else bytes are not what they were.
        (
            record(field(DECIMAL)), record(field(DECIMAL | {"scale": 1})), {"f": b"a"}, {"f": b"a"},
            "cannot be read as bytes",
        ),
        # "Arrays whose item types match", even where there are no items.
        (
            record(field({"type": "array", "items": "int"})), record(field({"type": "array", "items": "string"})),
            {"f": []}, {"f": []}, "int cannot be read as string",
        ),
        # One name for two fields: Java takes the alias of the last.
        (
            record(field("int")), record({"name": "a", "type": "int", "aliases": ["f"], "default": 0},
                                         {"name": "b", "type": "int", "aliases": ["f"], "default": 0}),
            {"f": 1}, {"a": 0, "b": 1}, "is an alias of the field",
        ),
        # The default is a long, Java cuts it to an int.
        (
            record(field("int")), record({"name": "g", "type": ["int", "long"], "default": 2**40}), {"f": 1},
            {"g": (0, 0)}, [{"int": None, "long": 2**40}],
        ),
    ],
    ids=["name of a record", "decimals", "empty array", "one alias twice", "default of a union"],
)  # fmt: skip
def test_java_is_of_another_opinion(
    writer: Any, reader: Any, raw: Any, java_reads: Any, ours: Any, tmp_path: Path
) -> None:
    path = write(writer, [raw], tmp_path / "f.avro")
    assert java_rows(path, reader, tmp_path / "r.avsc") == [java_reads]
    if isinstance(ours, str):
        with pytest.raises(jetliner.SchemaError, match=ours):
            jetliner.read_avro(path, reader_schema=reader)
    else:
        assert jetliner.read_avro(path, reader_schema=reader)["g"].to_list() == ours


def test_java_does_not_see_aliases_of_fields_in_another_namespace(tmp_path: Path) -> None:
    """The unqualified names of the records match, so the fields' aliases count."""
    writer = record(field("int"), namespace="a")
    reader = record({"name": "g", "type": "int", "aliases": ["f"]}, namespace="b")
    path = write(writer, [{"f": 1}], tmp_path / "f.avro")
    with pytest.raises(RuntimeError, match="missing required field g"):
        java_rows(path, reader, tmp_path / "r.avsc")
    assert jetliner.read_avro(path, reader_schema=reader)["g"].to_list() == [1]
    assert java_rows(path, reader | {"aliases": ["a.R"]}, tmp_path / "r.avsc") == [{"g": 1}]


@pytest.mark.parametrize("namespace", ["", "n"])
def test_both_read_a_record_at_top_level_by_any_name(namespace: str, tmp_path: Path) -> None:
    writer = record(field("int"), {"name": "next", "type": ["null", "R"]})
    reader = record(field("long"), {"name": "next", "type": ["null", "Other"]}, name="Other", namespace=namespace)
    path = write(writer, [{"f": 1, "next": (1, {"f": 2, "next": (0, None)})}], tmp_path / "f.avro")
    assert java_rows(path, reader, tmp_path / "r.avsc") == [{"f": 1, "next": (1, {"f": 2, "next": (0, None)})}]
    assert jetliner.read_avro(path, reader_schema=reader).rows() == [(1, '{"f":2,"next":null}')]


def test_both_read_comments_in_schemas(tmp_path: Path) -> None:
    path = Path(__file__).parents[1] / "data" / "reports" / "comments.avro"
    assert java.run("tojson", path).split() == [b'{"//s":"a"}']
    assert jetliner.read_avro(path).rows() == [("a",)]
