"""Random expressions for new columns, and aggregates whose value does not depend on the order of rows."""

from __future__ import annotations

import random

import polars as pl

from .predicates import of_values, predicate


def value(frame: pl.DataFrame, rng: random.Random, *, ordered: bool) -> pl.Expr:
    """Return an expression with one value per row, without a name of its own."""
    name = rng.choice(frame.columns)
    values = frame[name]
    column = pl.col(name)
    roll = rng.random()
    if roll < 0.08:
        return pl.lit(rng.choice((1, "a", None, 2.5, True)))
    if roll < 0.2:
        return of_values(column, values, rng)
    if roll < 0.3:
        return pl.when(predicate(frame, rng, 0)).then(column)
    if ordered and roll < 0.4:
        return rng.choice((column.shift(rng.choice((1, -1, 5))), column.is_first_distinct(), pl.int_range(pl.len())))
    return inside(column, values.dtype, rng)


def inside(column: pl.Expr, dtype: pl.DataType, rng: random.Random) -> pl.Expr:
    """Return an expression of one column."""
    if isinstance(dtype, pl.Struct) and dtype.fields:
        chosen = rng.choice(dtype.fields)
        assert isinstance(chosen.dtype, pl.DataType)
        field = column.struct.field(chosen.name)
        return field if rng.random() < 0.5 else inside(field, chosen.dtype, rng)
    if isinstance(dtype, pl.List):
        if dtype.inner in (pl.Int32, pl.Int64) and rng.random() < 0.5:
            return rng.choice((column.list.sum(), column.list.max(), column.list.sort()))
        first = column.list.get(rng.choice((0, -1)), null_on_oob=True)
        return rng.choice((column.list.len(), first, column.list.reverse(), column.list.head(1)))
    if dtype.is_integer():
        wide = column.cast(pl.Int64)
        return rng.choice((wide + 1, wide * 3 - 7, wide // 10, wide % 7, -wide, wide / 4, wide.cast(pl.String)))
    if dtype.is_float():
        return rng.choice(
            (column * 2, column - 1, column.fill_nan(0), column.abs(), column.cast(pl.Int64, strict=False))
        )
    if dtype == pl.String:
        return rng.choice((column.str.to_uppercase(), column.str.len_bytes(), column + "-", column.str.slice(1, 4)))
    if dtype == pl.Boolean:
        return rng.choice((~column, column.cast(pl.Int32), column.fill_null(value=False)))
    if isinstance(dtype, (pl.Date, pl.Datetime)):
        return rng.choice((column.dt.year(), column.dt.weekday(), column.dt.to_string("%Y/%m")))
    if isinstance(dtype, pl.Enum):
        return rng.choice((column.cast(pl.String), column.to_physical()))
    return rng.choice((column, column.is_null()))


def aggregate(name: str, dtype: pl.DataType, rng: random.Random, *, ordered: bool) -> pl.Expr:
    """Return an aggregate of a whole column."""
    column = pl.col(name)
    choices = [column.count(), column.null_count()]
    if ordered:
        choices += [column.first(), column.last()]
    if dtype.is_integer():
        choices += [column.cast(pl.Int64).sum(), column.min(), column.max(), column.n_unique(), column.mean().floor()]
    elif dtype.is_float():
        choices += [column.fill_nan(0).min(), column.fill_nan(0).max()]
    elif dtype == pl.Boolean:
        choices += [column.any(), column.all(), column.sum()]
    elif dtype == pl.String or dtype.is_temporal():
        choices += [column.min(), column.max(), column.n_unique()]
    elif isinstance(dtype, pl.List):
        choices += [column.list.len().sum()]
    return rng.choice(choices)
