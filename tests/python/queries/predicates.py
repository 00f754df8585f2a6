"""Random predicates over a frame. Comparisons take their values from the frame, so they keep a chosen share of rows."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import polars as pl

#: Shares of rows that comparisons keep.
SHARES = (0.0, 0.002, 0.008, 0.05, 0.3, 0.5, 0.7, 0.95, 0.999, 1.0)

#: Columns that are not in the files. Filters on them decide which files are opened and how rows are counted.
MADE = ("path", "year", "city", "row", "index")

Maker = Callable[[pl.Expr, pl.Series, random.Random], pl.Expr]


def predicate(frame: pl.DataFrame, rng: random.Random, depth: int = 2) -> pl.Expr:
    """Return a predicate that fits the frame."""
    roll = rng.random()
    if depth > 0 and roll < 0.35:
        return _combined(frame, rng, depth)
    if roll < 0.40:
        return pl.lit(rng.choice((True, False, None)), dtype=pl.Boolean)
    if roll < 0.45:
        return _across(frame, rng)
    made = [name for name in MADE if name in frame.columns]
    name = rng.choice(made if made and rng.random() < 0.3 else frame.columns)
    return of_values(pl.col(name), frame[name], rng)


def _combined(frame: pl.DataFrame, rng: random.Random, depth: int) -> pl.Expr:
    a = predicate(frame, rng, depth - 1)
    kind = rng.choice(("and", "or", "and", "or", "not", "xor", "when", "all", "any"))
    if kind == "not":
        return ~a
    b = predicate(frame, rng, depth - 1)
    if kind == "and":
        return a & b
    if kind == "or":
        return a | b
    if kind == "xor":
        return a.xor(b)
    if kind == "when":
        return pl.when(a).then(b).otherwise(predicate(frame, rng, 0))
    return pl.all_horizontal(a, b) if kind == "all" else pl.any_horizontal(a, b)


def _across(frame: pl.DataFrame, rng: random.Random) -> pl.Expr:
    """Compare two columns of one type."""
    name = rng.choice(frame.columns)
    others = [other for other, dtype in frame.schema.items() if dtype == frame.schema[name] and _is_scalar(dtype)]
    if not others:
        return pl.col(name).is_null()
    other = rng.choice(others)
    return rng.choice((pl.col(name) <= pl.col(other), pl.col(name).eq_missing(pl.col(other))))


def of_whole_columns(frame: pl.DataFrame, rng: random.Random) -> pl.Expr | None:
    """Return a predicate that depends on other rows. Polars must not push it down to a source."""
    name = rng.choice(frame.columns)
    dtype = frame.schema[name]
    column = pl.col(name)
    if dtype.is_integer():
        return rng.choice(
            (
                column > column.max() - rng.randrange(1, 50),
                column == column.min().over(column % 3),
                column.cum_sum() % 2 == 0,
                column.shift(1) < column,
                pl.len().over(column) > 1,
            )
        )
    if dtype in (pl.String, pl.Boolean, pl.Date):
        return rng.choice((column.is_first_distinct(), column.is_duplicated(), column != column.shift(1)))
    return None


def by_function(frame: pl.DataFrame, rng: random.Random) -> pl.Expr | None:
    """Return a predicate that calls Python."""
    names = [name for name, dtype in frame.schema.items() if dtype.is_integer()]
    if not names:
        return None
    name, rest = rng.choice(names), rng.randrange(5)
    if rng.random() < 0.5:
        return pl.col(name).map_elements(_has_an_even_digit, return_dtype=pl.Boolean)
    return pl.col(name).map_batches(lambda values: values % 5 == rest, return_dtype=pl.Boolean, is_elementwise=True)


def _has_an_even_digit(value: int) -> bool:
    return any(digit in str(value) for digit in "02468")


def _is_scalar(dtype: pl.DataType) -> bool:
    return not dtype.is_nested() and dtype != pl.Null


def of_values(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    """Return a predicate of a column, or of a part of it. `values` are the values of the column."""
    dtype = values.dtype
    if rng.random() < 0.12:
        return rng.choice((column.is_null(), column.is_not_null()))
    if isinstance(dtype, pl.Struct):
        if not dtype.fields:
            return column.is_not_null()
        name = rng.choice(dtype.fields).name
        return of_values(column.struct.field(name), values.struct.field(name), rng)
    if isinstance(dtype, pl.List):
        return _of_lists(column, values, dtype, rng)
    for kind, makers in _MAKERS:
        if kind(dtype):
            return rng.choice(makers)(column, values, rng)
    return column.is_null()


def _of_lists(column: pl.Expr, values: pl.Series, dtype: pl.List, rng: random.Random) -> pl.Expr:
    roll = rng.random()
    if roll < 0.4:
        return _compared(column.list.len(), values.list.len(), rng)
    if roll < 0.7:
        at = rng.choice((0, 1, -1))
        inner = values.list.get(at, null_on_oob=True)
        return of_values(column.list.get(at, null_on_oob=True), inner, rng)
    inner_dtype = dtype.inner
    items = values.explode().drop_nulls()
    if inner_dtype in (pl.Int32, pl.Int64, pl.String) and len(items):
        return column.list.contains(items[rng.randrange(len(items))])
    return column.list.len() == 0


def _compared(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    """Return a comparison that keeps about one of SHARES. The kept rows are scattered unless the values are sorted."""
    known = values.drop_nulls()
    if known.dtype.is_float():
        known = known.drop_nans()
    if not len(known):
        return rng.choice((column.is_null(), column == column))
    share = rng.choice(SHARES)
    bounds = known.sort()
    last = len(bounds) - 1
    if rng.random() < 0.35:
        first = rng.randint(0, last)
        closed: Any = rng.choice(("both", "left", "right", "none"))
        return column.is_between(
            _lit(bounds, first), _lit(bounds, min(last, first + round(share * last))), closed=closed
        )
    if rng.random() < 0.5:
        bound = _lit(bounds, min(last, round(share * last)))
        return rng.choice((column < bound, column <= bound, ~(column > bound)))
    bound = _lit(bounds, last - min(last, round(share * last)))
    return rng.choice((column > bound, column >= bound, bound < column))


def _lit(values: pl.Series, at: int) -> pl.Expr:
    if values.dtype.is_temporal():  # Python's types have a smaller range, and no nanoseconds
        return pl.lit(values.to_physical()[at]).cast(values.dtype)
    return pl.lit(values[at], dtype=values.dtype)


def _any_value(values: pl.Series, rng: random.Random) -> pl.Expr:
    return _lit(values, rng.randrange(len(values))) if len(values) else pl.lit(None, dtype=values.dtype)


def _equal(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    value = _any_value(values, rng)
    return rng.choice((column == value, column != value, column.eq_missing(value), column.ne_missing(value)))


def _is_in(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    count = rng.choice((0, 1, 3, 20))
    # Not values[i]: Python's dates have a smaller range.
    chosen = values.gather([rng.randrange(len(values)) for _ in range(count)] if len(values) else [])
    return column.is_in(chosen.implode(), nulls_equal=rng.random() < 0.5)


def _modulo(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    divisor = rng.choice((2, 3, 10, 1000))
    remainder = column % divisor == rng.randrange(min(divisor, 10))
    return remainder if rng.random() < 0.5 else ~remainder


def _arithmetic(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    factor = rng.choice((-3, 2, 7))
    wide = pl.Float64 if values.dtype.is_float() else pl.Int64
    return _compared(column.cast(wide) * factor + 1, values.cast(wide) * factor + 1, rng)


def _text(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    known = values.drop_nulls()
    text = known[rng.randrange(len(known))] if len(known) else "a"
    return rng.choice(
        (
            column.str.starts_with(text[:1]),
            column.str.ends_with(text[-2:]),
            column.str.contains(text[1:3], literal=True),
            column.str.contains("^[a-m]"),
            column.str.len_chars() > len(text),
            column.str.to_uppercase() == text.upper(),
            column.str.slice(0, 3) == text[:3],
            column + "!" == text + "!",
        )
    )


def _itself(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    return rng.choice((column, ~column, column.fill_null(value=True), column.eq_missing(other=True)))


def _not_a_number(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    return rng.choice((column.is_nan(), column.is_not_nan(), column.is_finite(), column.round(0) == column))


def _date(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    return rng.choice((column.dt.month() <= rng.randint(1, 12), column.dt.year() == 2020, column.dt.day() > 15))


def _name(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    known = values.drop_nulls()
    value = known[rng.randrange(len(known))] if len(known) else "none"
    text = column.cast(pl.String)
    return rng.choice((text == value, text.str.contains("E", literal=True), text.is_in(["RED", "none"])))


def _bytes(column: pl.Expr, values: pl.Series, rng: random.Random) -> pl.Expr:
    return rng.choice((column.bin.size() > rng.randrange(4), column.bin.starts_with(b"\x00"), column == b""))


_MAKERS: tuple[tuple[Callable[[pl.DataType], bool], tuple[Maker, ...]], ...] = (
    (lambda dtype: dtype.is_integer(), (_compared, _compared, _compared, _equal, _is_in, _modulo, _arithmetic)),
    (lambda dtype: dtype.is_float(), (_compared, _compared, _equal, _is_in, _arithmetic, _not_a_number)),
    (lambda dtype: dtype == pl.String, (_compared, _equal, _is_in, _text, _text, _text)),
    (lambda dtype: dtype == pl.Boolean, (_itself, _equal)),
    (lambda dtype: dtype == pl.Date, (_compared, _equal, _is_in, _date)),
    (lambda dtype: isinstance(dtype, pl.Datetime), (_compared, _equal, _date)),
    (lambda dtype: isinstance(dtype, pl.Duration) or dtype == pl.Time, (_compared, _equal)),
    (lambda dtype: dtype.is_decimal(), (_compared, _equal)),
    (lambda dtype: isinstance(dtype, (pl.Enum, pl.Categorical)), (_name, _equal)),
    (lambda dtype: dtype == pl.Binary, (_bytes, _equal)),
)
