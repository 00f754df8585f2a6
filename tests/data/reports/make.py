#!/usr/bin/env python3
"""Writes the files of this folder, with bytes of its own. Needs nothing but Python.

The files are small copies of what other writers write, after reports in public bug trackers. `cases.json` says what is
right for each: types and rows, or an error. `tests/python/test_reports.py` reads them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MARK = bytes(range(1, 17))
NULL = b"\0"  # the first branch of a union
END = b"\0"  # of an array or a map


def long(n: int) -> bytes:
    """Write a long. Numbers beyond 64 bits are written as a writer does that does not check them."""
    zigzag, out = (n << 1) if n >= 0 else ((-n - 1) << 1) | 1, b""
    while zigzag > 127:
        out, zigzag = out + bytes([zigzag & 127 | 128]), zigzag >> 7
    return out + bytes([zigzag])


def text(value: str | bytes) -> bytes:
    """Write a string, or bytes."""
    data = value.encode() if isinstance(value, str) else value
    return long(len(data)) + data


def some(data: bytes) -> bytes:
    """Write the second branch of a union, which follows null."""
    return long(1) + data


def record(fields: list[tuple[str, Any]], name: str = "R", **more: Any) -> dict[str, Any]:
    """Return the schema of a record."""
    return {"type": "record", "name": name, "fields": [{"name": n, "type": t} for n, t in fields], **more}


def file(schema: Any, rows: list[bytes], meta: dict[str, str] | None = None, mark: bytes = MARK) -> bytes:
    """Return a file of one block."""
    schema = schema if isinstance(schema, str) else json.dumps(schema)
    entries = {"avro.schema": schema, **({"avro.codec": "null"} if meta is None else meta)}
    head = b"Obj\x01" + long(len(entries)) + b"".join(text(k) + text(v) for k, v in entries.items()) + b"\0" + mark
    data = b"".join(rows)
    return head + long(len(rows)) + long(len(data)) + data + mark


def anonymous() -> dict[str, bytes]:
    """Named types with an empty name."""
    inner = record([("x", "int"), ("y", ["null", "string"])], "")
    point = record([("x", "int")], "")
    several = record(
        [
            ("p", point),
            ("q", ["null", record([("s", "string"), ("p", point)], "", namespace="ns")]),
            ("e", {"type": "enum", "name": "", "symbols": ["a", "b"]}),
            ("f", {"type": "map", "values": {"type": "fixed", "name": "", "size": 1}}),
        ],
        "",
    )
    return {
        # As pl.DataFrame.write_avro(file) writes it: no name, no codec, and a marker that is always the same.
        "anonymous_record.avro": file(
            record([("a", ["null", "long"]), ("b", ["null", "string"])], ""),
            [some(long(1)) + some(text("x")), NULL + some(text("y"))],
            {},
            b"\1\2\3\4" * 4,
        ),
        "anonymous_nested.avro": file(
            record([("id", "int"), ("items", {"type": "array", "items": inner})]),
            [long(1) + long(2) + long(5) + some(text("p")) + long(6) + NULL + END, long(2) + END],
        ),
        "anonymous_fixed.avro": file(
            record([("f", {"type": "fixed", "name": "", "size": 2}), ("b", "int")]), [b"ab" + long(5)]
        ),
        "anonymous_several.avro": file(
            several,
            [
                long(1) + some(text("s") + long(2)) + long(1) + long(1) + text("k") + b"z" + END,
                long(3) + NULL + long(0) + END,
            ],
        ),
    }


def timestamps() -> dict[str, bytes]:
    """Timestamps without a zone, as Iceberg writes them."""

    def stamp(unit: str, *adjust: Any) -> dict[str, Any]:
        attributes = {"adjust-to-utc": adjust[0]} if adjust else {}
        return {"type": "long", "logicalType": f"timestamp-{unit}", **attributes}

    return {
        "adjust_to_utc.avro": file(
            record(
                [
                    ("naive", stamp("micros", False)),
                    ("utc", stamp("micros", True)),
                    ("plain", stamp("micros")),
                    ("nested", ["null", {"type": "array", "items": ["null", stamp("micros", False)]}]),
                ]
            ),
            [
                long(0) + long(0) + long(0) + some(long(2) + some(long(1_000_000)) + NULL + END),
                long(-1) + long(-1) + long(-1) + NULL,
            ],
        ),
        "plain_micros.avro": file(record([("t", stamp("micros"))]), [long(3)]),
        "adjust_other_units.avro": file(
            record(
                [
                    ("ms", stamp("millis", False)),
                    ("ns", ["null", stamp("nanos", False)]),
                    ("m", {"type": "map", "values": stamp("millis", False)}),
                    ("text", stamp("micros", "false")),
                    ("zero", stamp("micros", 0)),
                    ("nothing", stamp("micros", None)),
                ]
            ),
            [long(5) + some(long(7_000)) + long(1) + text("k") + long(9) + END + long(1) + long(2) + long(3)],
        ),
    }


def maps() -> dict[str, bytes]:
    """Maps with keys that are no strings."""

    def pairs(name: str, logical: bool) -> dict[str, Any]:
        item = record([("key", "int"), ("value", ["null", "long"])], name)
        return {"type": "array", "items": item, **({"logicalType": "map"} if logical else {})}

    def some_pairs(*entries: tuple[int, int | None]) -> bytes:
        items = b"".join(long(k) + (NULL if v is None else some(long(v))) for k, v in entries)
        return long(len(entries)) + items + END

    return {
        "map_as_array.avro": file(
            record([("m", ["null", pairs("k1_v2", True)]), ("l", pairs("k3_v4", False))]),
            [some(some_pairs((7, 8), (9, None))) + some_pairs((1, 2)), NULL + END, some(END) + END],
        )
    }


def schemas() -> dict[str, bytes]:
    """What else the schemas of other writers hold."""
    half = r"\ud83d"
    point = {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int", "default": 1}]}
    again = point | {"doc": "again", "fields": [{"name": "x", "type": "int", "doc": "other", "default": 2}]}
    decimal = {"logicalType": "decimal", "precision": "5", "scale": "2"}
    return {
        "surrogate_default.avro": file(
            f'{{"type": "record", "name": "R", "fields": [{{"name": "s", "type": "string", "default": "{half}"}}]}}',
            [text("a"), text("")],
        ),
        "surrogates.avro": file(
            f'{{"type": "record", "name": "R", "doc": "{half}", "{half}": "{half}", "aliases": ["{half}"], "fields": ['
            f'{{"name": "s", "type": "string", "doc": "{half}"}},'
            f'{{"name": "m", "type": {{"type": "map", "values": "string"}}, "default": {{"{half}": "{half}"}}}}]}}',
            [text("a") + END],
        ),
        "defined_twice.avro": file(
            record([("a", point), ("b", ["null", again]), ("c", "P")]), [long(3) + NULL + long(4)]
        ),
        "defined_twice_in_two_ways.avro": file(
            record([("a", point), ("b", record([("x", "long")], "P"))]), [long(3) + long(4)]
        ),
        # As arrow-avro and polars-avro write a column of nulls.
        "null_null.avro": file(
            record([("n", ["null", "null"]), ("l", {"type": "array", "items": ["null", "null"]}), ("i", "int")]),
            [long(0) + long(2) + long(1) + long(0) + END + long(5), long(1) + END + long(6)],
        ),
        # As Hive writes decimals.
        "quoted_decimal.avro": file(
            record(
                [
                    ("b", {"type": "bytes"} | decimal),
                    ("f", {"type": "fixed", "name": "F", "size": 3} | decimal),
                    ("other", {"type": "bytes"} | decimal | {"scale": "2.0"}),
                ]
            ),
            [text(b"\x30\x39") + b"\xff\xff\xff" + text(b"\1")],
        ),
        # Avro's Java library reads it.
        "comments.avro": file(
            '// ours\n{"type": "record", /* a */ "name": "R", "fields": [{"name": "//s", "type": "string"}]}',
            [text("a")],
        ),
    }


def numbers() -> dict[str, bytes]:
    """Numbers that are too large."""
    return {
        "ten_byte_long.avro": file(
            record([("id", "long"), ("s", "string")]),
            [long(1) + text("good"), long(9876543210123456789) + text("too large for a long")],
        ),
        "ten_byte_item.avro": file(
            record([("l", {"type": "array", "items": "long"})]), [long(1) + long(1 << 63) + END]
        ),
        "eleven_byte_long.avro": file(record([("id", "long")]), [long(1 << 70)]),
    }


def main(folder: Path) -> None:
    """Write all files."""
    for name, data in (anonymous() | timestamps() | maps() | schemas() | numbers()).items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
