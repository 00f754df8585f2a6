"""Types and options as Python code, for messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import polars as pl

from jetliner._columns.casts import instance_of, is_map
from jetliner._options.cast_rules import CastRules


def schema_code(schema: Mapping[str, pl.DataType]) -> str:
    """Return the code of a dictionary of types."""
    return "{" + ", ".join(f"{name!r}: {type_code(dtype)}" for name, dtype in schema.items()) + "}"


def type_code(dtype: pl.DataType) -> str:
    """Return the code of a type, such as `pl.List(pl.Int64)`."""
    arguments: list[str] = []
    if isinstance(dtype, pl.Datetime):
        arguments = [repr(dtype.time_unit)] + ([repr(dtype.time_zone)] if dtype.time_zone else [])
    elif isinstance(dtype, pl.Duration):
        arguments = [repr(dtype.time_unit)]
    elif isinstance(dtype, pl.Decimal):
        arguments = [repr(dtype.precision), repr(dtype.scale)]
    elif isinstance(dtype, pl.Enum):
        arguments = [repr(dtype.categories.to_list())]
    elif isinstance(dtype, pl.Array):
        arguments = [type_code(instance_of(dtype.inner)), repr(dtype.size)]
    elif isinstance(dtype, pl.List):
        arguments = [type_code(instance_of(dtype.inner))]
    elif isinstance(dtype, pl.Struct):
        arguments = [schema_code({field.name: instance_of(field.dtype) for field in dtype.fields})]
    elif is_map(dtype):
        entry: Any = dtype
        arguments = [type_code(instance_of(entry.key)), type_code(instance_of(entry.value))]
    name = f"pl.{type(dtype).__name__}"
    return f"{name}({', '.join(arguments)})" if arguments else name


def casts_code(rules: CastRules) -> str:
    """Return the code of pl.ScanCastOptions; "" if no cast is allowed."""
    forbidden = CastRules()
    arguments = []
    for field in fields(rules):
        words = sorted(getattr(rules, field.name) - getattr(forbidden, field.name))
        if words:
            arguments.append(f"{field.name}={words[0]!r}" if len(words) == 1 else f"{field.name}={words!r}")
    return f"pl.ScanCastOptions({', '.join(arguments)})" if arguments else ""
