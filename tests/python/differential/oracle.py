"""fastavro, as an independent reader and writer."""

from __future__ import annotations

import copy
import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import fastavro
import fastavro.read

from .model import Node

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _raw_values() -> Iterator[None]:
    """Turn off fastavro's logical types: Python's datetimes cannot hold all raw values."""
    readers = fastavro.read.LOGICAL_READERS
    saved = dict(readers)
    readers.clear()
    try:
        yield
    finally:
        readers.update(saved)


def read(data: bytes) -> list[Any]:
    """Return the rows by fastavro; its exceptions pass through."""
    with _raw_values():
        return list(fastavro.reader(io.BytesIO(data), return_named_type=True))


def read_by(data: bytes, reader_schema: Any) -> list[Any]:
    """Return the rows by a reader schema; exceptions of fastavro pass through."""
    with _raw_values():
        return list(fastavro.reader(io.BytesIO(data), copy.deepcopy(reader_schema)))


def plainer(schema: Any) -> Any:
    """Return a schema with the same encoding, without logical types, and with ``{"type": {"type": ...}}`` unpacked."""
    if isinstance(schema, list):
        return [plainer(branch) for branch in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(schema["type"], (dict, list)):
        return plainer(schema["type"])
    kept = {
        key: value for key, value in schema.items() if key not in ("logicalType", "precision", "scale", "adjust-to-utc")
    }
    for key in ("items", "values"):
        if key in kept:
            kept[key] = plainer(kept[key])
    if "fields" in kept:
        kept["fields"] = [field | {"type": plainer(field["type"])} for field in kept["fields"]]
    return kept


def as_read(node: Node, raw: Any) -> Any:
    """Return a raw value in the form of ``read``: only unions of named types have their branch."""
    kind = node.kind
    if kind == "union":
        branch = node.branches[raw[0]]
        value = as_read(branch, raw[1])
        return (branch.name, value) if branch.name else value
    if kind == "record":
        return {name: as_read(child, raw[name]) for name, child in node.fields}
    if kind == "array":
        return [as_read(node.child, item) for item in raw]
    if kind == "map":
        return {key: as_read(node.child, item) for key, item in raw.items()}
    return raw


def _as_written(node: Node, raw: Any) -> Any:
    """Return a raw value in the form of fastavro's writer, with the branch of a union in a tuple."""
    kind = node.kind
    if kind == "union":
        branch = node.branches[raw[0]]
        value = _as_written(branch, raw[1])
        return value if branch.kind in ("null", "array", "map") else (branch.branch_name, value)
    if kind == "record":
        return {name: _as_written(child, raw[name]) for name, child in node.fields}
    if kind == "array":
        return [_as_written(node.child, item) for item in raw]
    if kind == "map":
        return {key: _as_written(node.child, item) for key, item in raw.items()}
    return raw


def write(schema: Any, node: Node, rows: list[Any], codec: str, sync_interval_bytes: int, sync: bytes) -> bytes:
    """Let fastavro write a container file; its exceptions pass through."""
    out = io.BytesIO()
    written = [_as_written(node, row) for row in rows]
    fastavro.writer(out, schema, written, codec=codec, sync_interval=sync_interval_bytes, sync_marker=sync)
    return out.getvalue()
