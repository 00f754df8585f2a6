"""The types of the columns that are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from jetliner.exceptions import SchemaError


def empty_frame(schema: pl.Schema) -> pl.DataFrame:
    """Return a frame of this schema without rows, for the core to see the types.

    Raises
    ------
    SchemaError
        A column has Python objects.
    """
    for name, dtype in schema.items():
        _check(name, dtype)
    return pl.DataFrame(schema=schema)


def _check(name: str, dtype: pl.DataType) -> None:
    if isinstance(dtype, pl.Object):
        msg = (
            f"column {name!r} has Python objects, for which Avro has no type: drop it, or make text of it with "
            "map_elements(str, return_dtype=pl.String)"
        )
        raise SchemaError(msg, "UnsupportedType", None, name)
    if isinstance(dtype, (pl.List, pl.Array)):
        _check(name, dtype.inner)  # type: ignore[arg-type]
    elif isinstance(dtype, pl.Struct):
        for field in dtype.fields:
            _check(f"{name}.{field.name}", field.dtype)  # type: ignore[arg-type]


def polars_schema(schema: Any) -> pl.Schema | None:
    """Return a schema of Polars (pl.Schema, or a dict of names and types); None if it is something else."""
    if isinstance(schema, pl.Schema):
        return schema
    if not isinstance(schema, Mapping) or not schema:
        return None
    is_type = [isinstance(dtype, pl.DataType) or _is_type_class(dtype) for dtype in schema.values()]
    return pl.Schema(schema) if all(is_type) else None


def _is_type_class(dtype: Any) -> bool:
    return isinstance(dtype, type) and issubclass(dtype, pl.DataType)


def check_frame(frame: Any) -> None:
    """Check that it is a DataFrame."""
    if not isinstance(frame, pl.DataFrame):
        msg = f"Expected a DataFrame, got {type(frame).__name__}{records_hint(frame)}"
        raise TypeError(msg)


def records_hint(frame: Any) -> str:
    """Return what makes a frame of records, for the end of a message; "" if these are none."""
    return ": pl.DataFrame(records) makes one" if isinstance(frame, (Mapping, list, tuple)) else ""


def check_same_columns(frame: pl.DataFrame, first: pl.Schema, number: int, path: str | None) -> None:
    """Check that a frame has the columns of the first one, in any order, of the same types.

    Parameters
    ----------
    frame, number
        The frame, and its number from 0.
    first
        The schema of the first frame.
    path
        The target, for the message.

    Raises
    ------
    SchemaError
        It has others.
    """
    schema = frame.schema
    for name, dtype in first.items():
        if name not in schema:
            msg = f"it has no column {name!r}, which the first frame has"
        elif schema[name] != dtype:
            msg = f"its column {name!r} is {schema[name]}, that of the first frame is {dtype}: cast it"
        else:
            continue
        break
    else:
        others = [name for name in schema if name not in first]
        if not others:
            return
        msg = f"it has a column {others[0]!r}, which the first frame does not have"
    msg = f"frame {number} (counted from 0) does not fit the first frame: {msg}"
    raise SchemaError(msg, "IncompatibleSchemas", path)
