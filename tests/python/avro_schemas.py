"""Schemas for tests of types."""

from __future__ import annotations

from typing import Any

ENUM = {"type": "enum", "name": "E", "symbols": ["C", "A", "B"]}
POINT = {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "string"}]}
UUID = {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}
DURATION = {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}


def field(kind: Any, name: str = "x") -> dict[str, Any]:
    return {"type": "record", "name": "Top", "fields": [{"name": name, "type": kind}]}


def logical(base: Any, name: str, **attributes: Any) -> dict[str, Any]:
    return {"type": base, "logicalType": name, **attributes}


def fixed(size: int, **attributes: Any) -> dict[str, Any]:
    return {"type": "fixed", "name": "F", "size": size, **attributes}


def record(**fields: Any) -> dict[str, Any]:
    """Return the schema of a record with these fields."""
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": type_} for name, type_ in fields.items()]}
