"""Files for the tests of engines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from avro_files import SYNC, long, text
from test_read_types import TABLE

#: Kinds of `TABLE`, in the order of the columns of `write_kinds`.
KINDS = list(TABLE)
ROWS = 6


def column_name(kind: str) -> str:
    return kind.replace(" ", "_").replace("-", "_")


def write_kinds(path: Path, kinds: list[str]) -> str:
    """Write a file that has a column of each kind, and a block for each row."""
    fields = [
        {"name": column_name(kind), "type": _named_apart(TABLE[kind][0], f"_{index}")}
        for index, kind in enumerate(kinds)
    ]
    schema = {"type": "record", "name": "Kinds", "fields": fields}
    content = b"Obj\x01" + long(1) + text("avro.schema") + text(json.dumps(schema)) + long(0) + SYNC
    for row in range(ROWS):
        values = [TABLE[kind][1] for kind in kinds]
        data = b"".join(one[row % len(one)] for one in values)
        content += long(1) + long(len(data)) + data + SYNC
    path.write_bytes(content)
    return str(path)


def write_damaged_text(path: Path, rows: int = 100) -> str:
    """Write a file with the columns `n` and `t`. The text of row 50, in the sixth block, is not valid UTF-8."""
    fields = [{"name": "n", "type": "long"}, {"name": "t", "type": "string"}]
    schema = {"type": "record", "name": "Damaged", "fields": fields}
    content = b"Obj\x01" + long(1) + text("avro.schema") + text(json.dumps(schema)) + long(0) + SYNC
    for first in range(0, rows, 10):
        data = b"".join(
            long(row) + text(b"\xff\xfe" if row == 50 else f"text {row}") for row in range(first, first + 10)
        )
        content += long(10) + long(len(data)) + data + SYNC
    path.write_bytes(content)
    return str(path)


def _named_apart(schema: Any, end: str) -> Any:
    """Make the names of types differ from those of other columns."""
    if isinstance(schema, list):
        return [_named_apart(branch, end) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    apart = {key: _named_apart(value, end) for key, value in schema.items() if key in ("type", "items", "values")}
    if "fields" in schema:
        apart["fields"] = [{**field, "type": _named_apart(field["type"], end)} for field in schema["fields"]]
    if schema["type"] in ("record", "enum", "fixed", "error"):
        apart["name"] = schema["name"] + end
    return {**schema, **apart}
