"""Comparisons of columns with values that engines hand over, as expressions of Polars.

Only comparisons that mean the same in Polars and in the engine are made. All others stay with the engine: it then
filters the rows that it gets.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64)
_LARGEST = 2**63 - 1

#: By the name of the operation. Each takes a column and a value.
_OPERATIONS: dict[str, Callable[[pl.Expr, Any], pl.Expr]] = {
    "eq": pl.Expr.eq,
    "ne": pl.Expr.ne,
    "lt": pl.Expr.lt,
    "le": pl.Expr.le,
    "gt": pl.Expr.gt,
    "ge": pl.Expr.ge,
    "eq_missing": pl.Expr.eq_missing,
    "in": lambda column, values: column.is_in(values),
    "starts_with": lambda column, text: column.str.starts_with(text),
    "ends_with": lambda column, text: column.str.ends_with(text),
    "contains": lambda column, text: column.str.contains(text, literal=True),
}


def comparison(
    schema: pl.Schema, name: str, operation: str, value: Any, *, nan_is_largest: bool = True
) -> pl.Expr | None:
    """Return the comparison of a column with a value; None if Polars and the engine could differ.

    Parameters
    ----------
    schema
        The columns.
    name, operation, value
        What is compared, by the names in `_OPERATIONS`; a list of values for "in".
    nan_is_largest
        Whether NaN is larger than all numbers, as in Polars. Else comparisons with NaN are false, as in Arrow.
    """
    dtype = schema.get(name)
    values = list(value) if operation == "in" and isinstance(value, Sequence) else [value]
    if dtype is None or not all(_fits(dtype, one) for one in values):
        return None
    if operation in ("starts_with", "ends_with", "contains") and dtype != pl.String:
        return None
    column = pl.col(name)
    compared = _OPERATIONS[operation](column, values if operation == "in" else pl.lit(value, dtype=dtype))
    if not nan_is_largest and dtype == pl.Float64 and operation in ("gt", "ge"):
        return compared & column.is_not_nan()
    return compared


def _fits(dtype: pl.DataType, value: Any) -> bool:
    """Tell whether a value is of the type of a column, so that no cast is needed, which engines may do differently."""
    kind = type(value)
    if kind is bool:
        return dtype == pl.Boolean
    if kind is int:
        return isinstance(dtype, _INTEGERS) and abs(value) <= _LARGEST
    if kind is float:
        return dtype == pl.Float64 and not math.isnan(value)
    if kind is str:
        return dtype == pl.String
    if kind is dt.datetime:
        return (
            isinstance(dtype, pl.Datetime)
            and dtype.time_unit == "us"
            and _has_zone(dtype) == (value.tzinfo is not None)
        )
    return kind is dt.date and dtype == pl.Date


def _has_zone(dtype: pl.Datetime) -> bool:
    return dtype.time_zone is not None
