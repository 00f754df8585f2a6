"""Changes a schema as other writers write schemas, so that the encoding of values stays the same."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from .model import PRIMITIVES, full_name

_NAMED = ("record", "error", "enum", "fixed")


def as_others_write(schema: Any, rng: random.Random) -> Any:
    """Return the schema with Iceberg's `adjust-to-utc`, with types that are defined again, and without a name at top.

    Three schemas of four stay as they are.
    """
    if rng.random() < 0.75:
        return schema
    changed = _Changes(rng).change(copy.deepcopy(schema), "")
    return _without_name(changed) if rng.random() < 0.5 else changed


def _without_name(schema: Any) -> Any:
    """Give a record at top level an empty name, as Polars does, unless something may refer to it."""
    if not isinstance(schema, dict) or schema["type"] != "record":
        return schema
    inside, _, simple = full_name(schema["name"], schema.get("namespace"), "").rpartition(".")
    return schema if json.dumps(schema).count(simple) > 1 else schema | {"name": "", "namespace": inside}


class _Changes:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._complete: dict[str, dict[str, Any]] = {}  # definitions by full name
        self._left = 3  # definitions that may be repeated; each may hold others

    def change(self, schema: Any, space: str) -> Any:
        if isinstance(schema, list):
            return [self.change(branch, space) for branch in schema]
        if isinstance(schema, str):
            return schema if schema in PRIMITIVES else self._reference(schema, space)
        kind = schema["type"]
        if isinstance(kind, (dict, list)):
            return schema | {"type": self.change(kind, space)}
        if kind == "long" and self._rng.random() < 0.5:
            return schema | {"adjust-to-utc": self._rng.choice((False, False, False, True, None, 0, "false"))}
        for key in ("items", "values"):
            if key in schema:
                schema = schema | {key: self.change(schema[key], space)}
        return self._definition(schema, space) if kind in _NAMED else schema

    def _definition(self, schema: dict[str, Any], space: str) -> dict[str, Any]:
        name = full_name(schema["name"], schema.get("namespace"), space)
        inside = name.rpartition(".")[0]
        if "fields" in schema:
            fields = [field | {"type": self.change(field["type"], inside)} for field in schema["fields"]]
            schema = schema | {"fields": fields}
        self._complete[name] = schema
        return schema

    def _reference(self, name: str, space: str) -> Any:
        full = full_name(name, None, space)
        if full not in self._complete or self._left == 0 or self._rng.random() < 0.3:
            return name
        self._left -= 1
        inside, _, simple = full.rpartition(".")
        return copy.deepcopy(self._complete[full]) | {"name": simple, "namespace": inside, "doc": "again", "x": None}
