"""Files written, recoded and read by Apache Avro's Java tools: jetliner reads what their ``tojson`` prints.

A start of the JVM takes a second, so there are few files with many types each.
"""

from __future__ import annotations

import datetime
import decimal
import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from differential import container, java
from differential.codecs import CODECS
from differential.compare import difference
from differential.encode import Encoder
from differential.expect import table
from differential.generate import SchemaGenerator, ValueGenerator
from differential.model import Node, parse
from writing.schema_case import is_recursive

pytestmark = pytest.mark.java

# Random bytes are seldom a decimal of the declared precision, a big-decimal, or a duration that 64 bits of microseconds
# can hold; those come from the test's own encoder, and Java recodes them.
NOT_RANDOM = ("decimal", "big-decimal", "duration")


EVERY_TYPE: dict[str, Any] = {
    "flag": True,
    "small": 1,
    "unsigned": 2**63 - 1,
    "number": -1,
    "real": 1.5,
    "text": "ü",
    "data": b"\x00",
    "date": datetime.date(2020, 1, 2),
    "time": datetime.time(1, 2, 3),
    "instant": datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC),
    "local": datetime.datetime(2020, 1, 2),
    "span": datetime.timedelta(seconds=1),
    "amount": decimal.Decimal("1.25"),
    "code": "A",
    "items": [1, None],
    "part": {"a": 1, "b": "text"},
}


class JavaValues(ValueGenerator):
    """Without the float -0.0, of which ``tojson`` prints 0.0 (of the double it prints the sign)."""

    float_edges = tuple(edge for edge in ValueGenerator.float_edges if str(edge) != "-0.0")


def many_types(seed: int, fields: int = 12, *, recursive: bool = True) -> dict[str, Any]:
    """A record of several generated schemas, each in a namespace of its own."""
    rng = random.Random(seed)
    types = []
    while len(types) < fields:
        schema = SchemaGenerator(rng, max_depth=3, max_nodes=10, arrow=False).schema()
        if not recursive and is_recursive(parse(schema)):
            continue
        place = f"field{len(types)}"
        types.append({"name": place, "type": in_namespace(schema, place)})
    return {"type": "record", "name": "top.ManyTypes", "fields": types}


def in_namespace(schema: Any, place: str) -> Any:
    """The schema with every full name below ``place``, so that several generated ones do not clash."""
    names = {node.name for node in _nodes(parse(schema)) if node.name}

    def qualify(part: Any, enclosing: str) -> Any:
        if isinstance(part, str):
            full = f"{enclosing}.{part}" if enclosing and "." not in part else part
            return f"{place}.{full}" if full in names else part
        if isinstance(part, list):
            return [qualify(branch, enclosing) for branch in part]
        inner = dict(part)
        if "name" in part:
            space = part.get("namespace", enclosing)
            full = part["name"] if "." in part["name"] or not space else f"{space}.{part['name']}"
            enclosing = full.rpartition(".")[0]
            inner.pop("namespace", None)
            inner["name"] = f"{place}.{full}"
        for key in ("items", "values"):
            if key in inner:
                inner[key] = qualify(inner[key], enclosing)
        if "fields" in inner:
            inner["fields"] = [field | {"type": qualify(field["type"], enclosing)} for field in inner["fields"]]
        if isinstance(inner["type"], (dict, list)):
            return qualify(inner["type"], enclosing)  # Java does not take {"type": {"type": ...}}
        return inner

    return qualify(schema, "")


def _nodes(root: Node) -> list[Node]:
    found: list[Node] = []
    todo = [root]
    while todo:
        node = todo.pop()
        if node not in found:
            found.append(node)
            todo += [child for _, child in node.fields] + node.branches + ([node.items] if node.items else [])
    return found


def without_logical(schema: Any, names: tuple[str, ...]) -> Any:
    """The schema without these logical types."""
    if isinstance(schema, list):
        return [without_logical(branch, names) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: without_logical(value, names) if key != "default" else value for key, value in schema.items()}
    if "fields" in kept:
        kept["fields"] = [without_logical(field, names) for field in kept["fields"]]
    if kept.get("logicalType") in names:
        del kept["logicalType"]
    return kept


def check(schema: Any, path: Path) -> None:
    """Jetliner and Java read the file alike, and so does the test's own decoder, which knows the order of maps."""
    node = parse(schema)
    decoded = container.read(path.read_bytes()).rows
    rows = java.in_order_of(java.to_json(node, path), decoded)
    assert repr(rows) == repr(decoded)
    expected = table(node, rows)
    assert expected.height > 0
    assert difference(expected, jetliner.read_avro(path)) is None
    assert jetliner.read_avro_schema(path) == expected.schema


@pytest.mark.parametrize(("seed", "codec"), list(enumerate(CODECS, start=1)))
def test_random_files_of_java(seed: int, codec: str, tmp_path: Path) -> None:
    schema = without_logical(many_types(seed), NOT_RANDOM)
    path = tmp_path / "java.avro"
    # `random` cannot write xz.
    java.random_file(schema, path, count=200, codec="null" if codec == "xz" else codec, seed=seed)
    if codec == "xz":
        java.recode(path, path := tmp_path / "java-xz.avro", codec)
    check(schema, path)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": ["null", "string", {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}]},
        {"type": "map", "values": {"type": "fixed", "name": "a.F", "size": 5}},
        ["null", "long", {"type": "record", "name": "R", "fields": [{"name": "next", "type": ["null", "R"]}]}],
    ],
    ids=["array", "map", "union"],
)
def test_random_files_of_java_whose_top_is_no_record(schema: Any, tmp_path: Path) -> None:
    path = tmp_path / "java.avro"
    java.random_file(schema, path, count=300, codec="snappy", seed=5)
    check(schema, path)


@pytest.fixture(scope="module")
def own_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """A file of the test's encoder with all logical types."""
    schema = many_types(100, fields=20)
    schema["fields"] += [
        {"name": "decimal", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 9}]},
        {"name": "money", "type": {"type": "fixed", "name": "M", "size": 9, "logicalType": "decimal", "precision": 20}},
        {"name": "wide", "type": {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 30}},
        {"name": "big", "type": {"type": "bytes", "logicalType": "big-decimal"}},
        {"name": "span", "type": {"type": "fixed", "name": "S", "size": 12, "logicalType": "duration"}},
        {"name": "uuid", "type": {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}},
    ]
    return schema, write_own(schema, tmp_path_factory.mktemp("own") / "own.avro", "null", 7)


def write_own(schema: Any, path: Path, codec: str, seed: int) -> Path:
    rng = random.Random(seed)
    values, encoder, node = JavaValues(rng), Encoder(rng), parse(schema)
    rows = [encoder.encode(node, values.value(node)) for _ in range(150)]
    path.write_bytes(container.container(schema, rows, codec=codec, rows_per_block=40, rng=rng, for_java=True))
    return path


@pytest.mark.parametrize("codec", CODECS)
def test_our_files_recoded_by_java(own_file: tuple[Any, Path], codec: str, tmp_path: Path) -> None:
    schema, source = own_file
    path = tmp_path / f"{codec}.avro"
    java.recode(source, path, codec)
    check(schema, path)


@pytest.mark.parametrize("codec", CODECS)
def test_our_files_read_by_java(codec: str, tmp_path: Path) -> None:
    """Java reads what the test's encoder writes: arrays, maps and metadata in several blocks with negative counts."""
    schema = many_types(200 + CODECS.index(codec), fields=8)
    check(schema, write_own(schema, tmp_path / "own.avro", codec, 8))


def test_files_joined_by_java(own_file: tuple[Any, Path], tmp_path: Path) -> None:
    """``concat`` copies blocks as they are behind one header."""
    schema, source = own_file
    path = tmp_path / "joined.avro"
    java.run("concat", source, source, path)
    frame = jetliner.read_avro(path)
    once = jetliner.read_avro(source)
    assert frame.height == 2 * once.height
    expected = table(parse(schema), 2 * container.read(source.read_bytes()).rows)
    assert difference(expected, frame) is None


@pytest.mark.parametrize(("seed", "codec"), list(enumerate(CODECS, start=1)))
def test_files_that_jetliner_writes(seed: int, codec: str, tmp_path: Path) -> None:
    schema = without_logical(many_types(seed, recursive=False), NOT_RANDOM)
    source, path = tmp_path / "java.avro", tmp_path / "jetliner.avro"
    java.random_file(schema, source, count=100, codec="null", seed=seed)
    frame = jetliner.read_avro(source)
    jetliner.write_avro(frame, path, schema=schema, compression=codec, block_bytes=2000)
    check(schema, path)
    assert_frame_equal(jetliner.read_avro(path), frame)
    assert int(java.run("count", path)) == 100
    assert json.loads(java.run("getschema", path)) == json.loads(java.run("getschema", source))


def test_java_accepts_the_schema_of_every_type(tmp_path: Path) -> None:
    path = tmp_path / "types.avro"
    frame = pl.DataFrame({name: [value, None] for name, value in EVERY_TYPE.items()}).with_columns(
        pl.col("small").cast(pl.Int8), pl.col("unsigned").cast(pl.UInt64), pl.col("code").cast(pl.Enum(["A", "B"]))
    )
    jetliner.write_avro(frame, path)
    assert json.loads(java.run("getschema", path))["fields"] == jetliner.avro_schema(frame)["fields"]
    assert int(java.run("count", path)) == 2
    assert len(java.run("tojson", path).splitlines()) == 2
