"""The Avro schema of rows that come from Avro files, of which some columns may be left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jetliner._cli.failures import tell

if TYPE_CHECKING:
    import polars as pl

_NAMED = ("record", "error", "enum", "fixed")
_PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")


def output_schema(text: str, rows: pl.LazyFrame) -> str | None:
    """Return the schema to write rows by: that of their files, with the fields that are left.

    Columns that are not from the files, such as those of partitions, get fields of their own. None: Avro files cannot
    be written by the schema, because it is recursive.

    Parameters
    ----------
    text
        The schema of the files.
    rows
        The rows.
    """
    from jetliner import avro_schema
    from jetliner._columns.schema_dict import parsed

    schema = parsed(text, "")
    types = _Types()
    types.collect(schema, "")
    if types.is_recursive:
        tell("warning: the schema is recursive: the new one has JSON text in place of recursive types")
        return None
    names = rows.collect_schema().names()
    if not isinstance(schema, dict) or schema.get("type") not in ("record", "error"):
        return text
    fields = {field["name"]: field for field in schema["fields"]}
    if list(fields) == names:
        return text
    if any(name not in fields for name in names):
        fields = {**{field["name"]: field for field in avro_schema(rows)["fields"]}, **fields}
    space = _space_of(schema, "")
    chosen = [{**fields[name], "type": types.defined(fields[name]["type"], space)} for name in names]
    return json.dumps({**schema, "fields": chosen})


def with_fields(schema: Any, names: list[str]) -> Any:
    """Return the schema of a record with some of its fields, in this order. Names that it does not have are left out.

    Schemas that are recursive, or no records, stay as they are.
    """
    types = _Types()
    types.collect(schema, "")
    if types.is_recursive or not isinstance(schema, dict) or schema.get("type") not in ("record", "error"):
        return schema
    fields = {field["name"]: field for field in schema["fields"]}
    space = _space_of(schema, "")
    chosen = [{**fields[name], "type": types.defined(fields[name]["type"], space)} for name in names if name in fields]
    return {**schema, "fields": chosen} if chosen else schema


class _Types:
    """The named types of a schema, by their full names.

    Attributes
    ----------
    is_recursive
        Whether a type refers to one that encloses it.
    """

    def __init__(self) -> None:
        self.is_recursive = False
        self._types: dict[str, dict[str, Any]] = {}
        self._enclosing: list[str] = []
        self._written: set[str] = set()

    def collect(self, schema: Any, space: str) -> None:
        """Find the named types in a schema, which lies in a namespace."""
        if isinstance(schema, list):
            for branch in schema:
                self.collect(branch, space)
        elif isinstance(schema, str):
            self.is_recursive |= _full_name(schema, space) in self._enclosing
        elif schema.get("type") in _NAMED:
            name = _full_name(schema["name"], schema.get("namespace", space))
            self._types[name] = schema
            self._enclosing.append(name)
            for field in schema.get("fields", ()):
                self.collect(field["type"], _space_of(schema, space))
            self._enclosing.pop()
        else:
            for key in ("type", "items", "values"):
                if key in schema:
                    self.collect(schema[key], space)

    def defined(self, schema: Any, space: str) -> Any:
        """Return a schema in which each named type is defined where it comes first."""
        if isinstance(schema, list):
            return [self.defined(branch, space) for branch in schema]
        if isinstance(schema, str):
            name = _full_name(schema, space)
            definition = self._types.get(name)
            if definition is None or name in self._written:
                return schema if definition is None else name
            moved = {**definition, "name": name.rpartition(".")[2], "namespace": name.rpartition(".")[0]}
            return self.defined(moved, space)
        if schema.get("type") in _NAMED:
            self._written.add(_full_name(schema["name"], schema.get("namespace", space)))
            if "fields" not in schema:
                return schema
            inner = _space_of(schema, space)
            fields = [{**field, "type": self.defined(field["type"], inner)} for field in schema["fields"]]
            return {**schema, "fields": fields}
        parts = {key: self.defined(schema[key], space) for key in ("type", "items", "values") if key in schema}
        return {**schema, **parts}


def _full_name(name: str, space: str) -> str:
    if "." in name or not space or name in _PRIMITIVES:
        return name
    return f"{space}.{name}"


def _space_of(schema: dict[str, Any], space: str) -> str:
    """Return the namespace within a named type."""
    name, given = schema["name"], schema.get("namespace", space)
    return str(name.rpartition(".")[0] if "." in name else given)
