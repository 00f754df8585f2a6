"""An Avro schema as a tree of names and types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_NAMED = ("record", "error", "enum", "fixed")


def tree(schema: Any) -> Iterator[str]:
    """Yield the lines of a schema. Types that are used again are only named."""
    yield _title(schema)
    yield from _lines(_children(schema), "")


def _lines(children: list[tuple[str, Any]], indent: str) -> Iterator[str]:
    for number, (name, schema) in enumerate(children, 1):
        is_last = number == len(children)
        yield f"{indent}{'└── ' if is_last else '├── '}{name}: {_title(schema)}"
        yield from _lines(_children(schema), indent + ("    " if is_last else "│   "))


def _children(schema: Any) -> list[tuple[str, Any]]:
    """Return what is to be shown below a type: the fields of the record in it, or the branches of a union."""
    inner = _inner(schema)
    if isinstance(inner, list):
        return [(_short(branch), branch) for branch in inner if branch != "null" and _children(branch)]
    if isinstance(inner, dict) and inner.get("type") in ("record", "error"):
        return [(str(field.get("name")), field.get("type")) for field in inner.get("fields", [])]
    return []


def _inner(schema: Any) -> Any:
    """Return the type within null unions, arrays and maps."""
    if isinstance(schema, list):
        branches = [branch for branch in schema if branch != "null"]
        return _inner(branches[0]) if len(branches) == 1 else schema
    if isinstance(schema, dict):
        kind = schema.get("type")
        if kind == "array":
            return _inner(schema.get("items"))
        if kind == "map":
            return _inner(schema.get("values"))
        if isinstance(kind, (dict, list)):
            return _inner(kind)
    return schema


def _title(schema: Any) -> str:
    """Return a type in a few words."""
    if isinstance(schema, list):
        branches = [branch for branch in schema if branch != "null"]
        text = " | ".join(map(_title, branches)) or "null"
        return f"{text} (or null)" if branches and len(branches) < len(schema) else text
    if not isinstance(schema, dict):
        return str(schema)
    kind = schema.get("type")
    if isinstance(kind, (dict, list)):
        return _title(kind)
    if kind == "array":
        return f"array of {_title(schema.get('items'))}"
    if kind == "map":
        return f"map of {_title(schema.get('values'))}"
    text = str(kind)
    if kind in _NAMED:
        text += f" {schema.get('name')}"
    if kind == "enum":
        text += f" ({', '.join(map(str, schema.get('symbols', [])))})"
    if kind == "fixed":
        text += f" ({schema.get('size')} bytes)"
    if (logical := schema.get("logicalType")) is not None:
        text += f" ({logical}{_decimal(schema) if logical == 'decimal' else ''})"
    return text


def _decimal(schema: dict[str, Any]) -> str:
    return f" {schema.get('precision')}, {schema.get('scale', 0)}"


def _short(schema: Any) -> str:
    """Return the name of a branch of a union."""
    if isinstance(schema, dict):
        return str(schema.get("name") if schema.get("type") in _NAMED else schema.get("type"))
    return str(schema)
