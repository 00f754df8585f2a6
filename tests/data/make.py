"""Makes the files of this directory; run it from anywhere, ``--java`` for those of Avro's Java tools as well."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "python"))

from differential import java, oracle  # noqa: E402
from differential.codecs import CODECS  # noqa: E402
from differential.container import SYNC, block, container, header  # noqa: E402
from differential.encode import Encoder  # noqa: E402
from differential.generate import ValueGenerator  # noqa: E402
from differential.model import parse  # noqa: E402


def record(name: str, **fields: Any) -> dict[str, Any]:
    """A record schema."""
    return {"type": "record", "name": name, "fields": [{"name": key, "type": kind} for key, kind in fields.items()]}


def logical(base: str, name: str, **attributes: Any) -> dict[str, Any]:
    """A logical type on an unnamed type."""
    return {"type": base, "logicalType": name, **attributes}


def fixed(name: str, size: int, **attributes: Any) -> dict[str, Any]:
    """A fixed."""
    return {"type": "fixed", "name": name, "size": size, **attributes}


def array(items: Any) -> dict[str, Any]:
    """An array."""
    return {"type": "array", "items": items}


def mapping(values: Any) -> dict[str, Any]:
    """A map."""
    return {"type": "map", "values": values}


COLORS = {"type": "enum", "name": "Color", "symbols": ["red", "green", "a_symbol_of_many_letters"]}
ROW = record("Row", id="long", text="string", part=["null", "double"], numbers=array("int"), color=COLORS)

TYPES: dict[str, Any] = {
    "primitives": record(
        "Primitives",
        nothing="null",
        boolean="boolean",
        int="int",
        long="long",
        float="float",
        double="double",
        bytes="bytes",
        string="string",
        fixed=fixed("Five", 5),
        no_bytes=fixed("Zero", 0),
        color=COLORS,
    ),
    "logical": record(
        "Logical",
        date=logical("int", "date"),
        time_millis=logical("int", "time-millis"),
        time_micros=logical("long", "time-micros"),
        millis=logical("long", "timestamp-millis"),
        micros=logical("long", "timestamp-micros"),
        nanos=logical("long", "timestamp-nanos"),
        local_millis=logical("long", "local-timestamp-millis"),
        local_micros=logical("long", "local-timestamp-micros"),
        local_nanos=logical("long", "local-timestamp-nanos"),
        uuid=logical("string", "uuid"),
        uuid_fixed=fixed("Uuid", 16, logicalType="uuid"),
        duration=fixed("Span", 12, logicalType="duration"),
        unknown=logical("long", "no-such-type"),
        misplaced=logical("string", "date"),
    ),
    "decimals": record(
        "Decimals",
        money=logical("bytes", "decimal", precision=12, scale=2),
        widest=logical("bytes", "decimal", precision=38, scale=38),
        wider=logical("bytes", "decimal", precision=50, scale=5),
        small=fixed("Small", 2, logicalType="decimal", precision=4, scale=1),
        padded=fixed("Padded", 20, logicalType="decimal", precision=30, scale=10),
        big=logical("bytes", "big-decimal"),
        malformed=logical("bytes", "decimal", precision=2, scale=3),
    ),
    "nested": record(
        "Nested",
        point=record("Point", x="double", y=["null", "float"]),
        points=array(["null", "Point"]),
        matrix=array(array("long")),
        maybe=["null", record("Deep", words=array(["string", "null"]), empty=record("Empty"))],
        by_name=mapping(array(record("Entry", when=logical("long", "timestamp-micros"), color=["null", COLORS]))),
        nulls=array("null"),
    ),
    "unions": record(
        "Unions",
        first=["null", "int"],
        second=["string", "null"],
        one=["long"],
        none=["null"],
        many=["int", "string", "null", array("int"), mapping("string"), fixed("U.F", 3), record("U.R", a="int")],
        without_null=["bytes", "double", COLORS],
    ),
    "recursive": record(
        "Tree",
        label="string",
        left=["null", "Tree"],
        children=array("Tree"),
        named=mapping("Tree"),
        other=["null", record("Other", back=["null", "Tree"], more=["Other", "null"], day=logical("int", "date"))],
    ),
    "names": {
        "type": "record",
        "name": "Names",
        "namespace": "com.example",
        "aliases": ["Former", "org.example.Former"],
        "doc": "Ein Verzeichnis von Namen: é, 漢字, 😀",
        "fields": [
            {"name": "string", "type": "string", "default": "\u00fc", "order": "descending"},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"], "default": "A"}},
            {"name": "again", "type": "Kind", "aliases": ["once_more"]},
            {"name": "inner", "type": {"type": "record", "name": "other.Inner", "fields": [
                {"name": "key", "type": fixed("Key", 4)}, {"name": "kind", "type": "com.example.Kind"}]}},
            {"name": "key", "type": ["null", "other.Key"], "default": None, "x-note": {"any": ["thing"]}},
        ],
    },
    "top-int": "int",
    "top-enum": COLORS,
    "top-array": array(["null", "string"]),
    "top-map": mapping(record("Value", n="long")),
    "top-union": ["null", "string", "long"],
}  # fmt: skip


def generated(schema: Any, seed: int, count: int, codec: str = "null", rows_per_block: int = 3) -> bytes:
    """A file of the test's own encoder with random values and random block structure."""
    rng = random.Random(seed)
    values, encoder, node = ValueGenerator(rng), Encoder(rng), parse(schema)
    rows: list[bytes] = []
    while len(rows) < count:
        row = encoder.encode(node, values.value(node))
        if len(row) < 300:  # small files: they are cut at every byte
            rows.append(row)
    return container(schema, rows, codec=codec, rows_per_block=rows_per_block, rng=rng)


def fastavro_file(codec: str) -> bytes:
    """A file of fastavro's writer."""
    values, node = ValueGenerator(random.Random(77)), parse(ROW)
    return oracle.write(ROW, node, [values.value(node) for _ in range(12)], codec, 100, SYNC)


def blocks_without_rows() -> bytes:
    """Blocks of no rows before, between and after others."""
    rows = [Encoder().encode(parse("long"), i) for i in range(3)]
    data = header("long", "deflate") + block("deflate", 0, b"")
    return (
        data
        + block("deflate", 3, b"".join(rows))
        + block("deflate", 0, b"")
        + block("deflate", 1, rows[0]) * 2
        + (block("deflate", 0, b""))
    )


def files() -> dict[str, Callable[[], bytes]]:
    """Every file that this script makes itself: its name, and how."""
    made: dict[str, Callable[[], bytes]] = {}
    for i, codec in enumerate(CODECS):
        made[f"codec-{codec}.avro"] = lambda i=i, codec=codec: generated(ROW, 100 + i, 9, codec)
        made[f"fastavro-{codec}.avro"] = lambda codec=codec: fastavro_file(codec)
    for i, (name, schema) in enumerate(TYPES.items()):
        made[f"type-{name}.avro"] = lambda i=i, schema=schema: generated(schema, 200 + i, 8)
    made["no-rows.avro"] = lambda: container(ROW, [], codec="snappy")
    made["no-codec.avro"] = lambda: container("string", [b"\x02a", b"\x00"], codec=None)
    made["blocks-without-rows.avro"] = blocks_without_rows
    made["rows-without-bytes.avro"] = lambda: container(record("Void", n="null", e=record("Nothing")), [b""] * 5)
    return made


def java_files(directory: Path) -> None:
    """The files of Java; their sync markers are random, so they differ each time."""
    schema = record(
        "ofjava.Row",
        id="long",
        text="string",
        day=logical("int", "date"),
        maybe=["null", "string", "double"],
        list=array(["null", record("Item", price="double", tags=mapping("bytes"))]),
        next=["null", "Row"],
    )
    with tempfile.TemporaryDirectory() as temporary:
        plain = Path(temporary) / "plain.avro"
        java.random_file(schema, plain, count=6, codec="null", seed=5)
        for codec in CODECS:
            java.recode(plain, directory / f"java-{codec}.avro", codec)


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--java", action="store_true", help="those of Avro's Java tools too")
    options = parser.parse_args()
    for name, make in files().items():
        (HERE / name).write_bytes(make())
    if options.java:
        java_files(HERE)


if __name__ == "__main__":
    main()
