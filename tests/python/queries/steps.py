"""Random operations on a LazyFrame, one at a time.

A maker sees the frame before the operation. So names and types fit, and no result is too large. A maker returns None if
it has no operation for the frame.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from . import predicates
from .values import aggregate, value

#: Maximum rows of a result.
MOST_ROWS = 100_000
_SLICES = (0, 1, 2, 10, 100, 1000)


@dataclass
class Step:
    """An operation: its text, its function, and whether it keeps a guaranteed order of rows."""

    text: str
    apply: Callable[[pl.LazyFrame], pl.LazyFrame]
    keeps_order: bool = True


Maker = Callable[[pl.DataFrame, random.Random, bool], Step | None]


def _sortable(frame: pl.DataFrame) -> list[str]:
    return [
        name
        for name, dtype in frame.schema.items()
        if dtype.is_integer() or dtype.is_temporal() or dtype in (pl.String, pl.Boolean) or dtype.is_decimal()
    ]


def keys(frame: pl.DataFrame) -> list[str]:
    """Return the columns to group and join by."""
    return [name for name, dtype in frame.schema.items() if dtype.is_integer() or dtype in (pl.String, pl.Boolean)]


def filter_(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    expr: pl.Expr | None = None
    roll = rng.random()
    if ordered and roll < 0.07:
        expr = predicates.of_whole_columns(frame, rng)
    elif roll < 0.1:
        expr = predicates.by_function(frame.head(0), rng) if frame.height <= MOST_ROWS // 10 else None
    if expr is None:
        expr = predicates.predicate(frame, rng)
    if rng.random() < 0.1:
        return Step(f".remove({expr})", lambda lf: lf.remove(expr))
    if rng.random() < 0.15:
        other = predicates.predicate(frame, rng, 1)
        return Step(f".filter({expr}, {other})", lambda lf: lf.filter(expr, other))
    return Step(f".filter({expr})", lambda lf: lf.filter(expr))


def select(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    names = rng.sample(frame.columns, rng.randint(1, min(frame.width, 8)))
    if rng.random() < 0.6:
        return Step(f".select({names})", lambda lf: lf.select(names))
    expr = value(frame, rng, ordered=ordered).alias("v")
    kept = [name for name in names if name != "v"]
    # With a column next to it, a literal is as long as the frame.
    kept = kept or [name for name in frame.columns if name != "v"][:1]
    return Step(f".select({kept}, {expr})", lambda lf: lf.select(*kept, expr)) if kept else None


def with_columns(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    name = rng.choice(("v", "w", rng.choice(frame.columns)))
    expr = value(frame, rng, ordered=ordered).alias(name)
    return Step(f".with_columns({expr})", lambda lf: lf.with_columns(expr))


def drop_or_rename(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    name = rng.choice(frame.columns)
    if rng.random() < 0.5 and frame.width > 1:
        return Step(f".drop({name!r})", lambda lf: lf.drop(name))
    new = name + "_"
    if new in frame.columns:
        return None
    return Step(f".rename({name!r}: {new!r})", lambda lf: lf.rename({name: new}))


def length(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    return Step(".select(len())", lambda lf: lf.select(pl.len().alias("v")))


def slice_(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    if not ordered:
        return None
    count = rng.choice((*_SLICES, frame.height // 2, frame.height, frame.height + 1))
    offset = rng.choice((0, 1, 7, frame.height // 2, frame.height - 1, frame.height + 1))
    few = rng.random() < 0.3
    # Polars reverses lists without items into lists of Null.
    may_reverse = not any(dtype.is_nested() for dtype in frame.dtypes)
    return rng.choice(
        (
            Step(f".head({count})", lambda lf: lf.head(count)),
            Step(f".limit({count})", lambda lf: lf.limit(count)),
            Step(f".tail({count})", lambda lf: lf.tail(count)),
            Step(f".slice({offset}, {count})", lambda lf: lf.slice(offset, count)),
            Step(f".slice({-offset}, {count})", lambda lf: lf.slice(-offset, count)),
            *((Step(".first()", lambda lf: lf.first()), Step(".last()", lambda lf: lf.last())) if few else ()),
            Step(".gather_every(3, 1)", lambda lf: lf.gather_every(3, 1)),
            *((Step(".reverse()", lambda lf: lf.reverse()),) if may_reverse else ()),
        )
    )


def sort(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    names = _sortable(frame)
    if not names:
        return None
    by = rng.sample(names, rng.randint(1, min(len(names), 3)))
    descending = [rng.random() < 0.4 for _ in by]
    nulls_last, stable = rng.random() < 0.5, rng.random() < 0.7
    text = f".sort({by}, descending={descending}, nulls_last={nulls_last}, maintain_order={stable})"
    return Step(
        text,
        lambda lf: lf.sort(by, descending=descending, nulls_last=nulls_last, maintain_order=stable),
        keeps_order=stable,
    )


def group_by(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    names = keys(frame)
    if not names:
        return None
    by = rng.sample(names, rng.randint(1, min(len(names), 2)))
    others = [name for name in frame.columns if name not in by]
    some = rng.sample(others, min(len(others), rng.randint(0, 3)))
    aggs = [aggregate(name, frame.schema[name], rng, ordered=ordered).alias(f"of {name}") for name in some]
    aggs.append(pl.len().alias("rows"))
    stable = rng.random() < 0.6
    text = f".group_by({by}, maintain_order={stable}).agg({', '.join(map(str, aggs))})"
    return Step(text, lambda lf: lf.group_by(by, maintain_order=stable).agg(aggs), keeps_order=stable)


def aggregates(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    some = rng.sample(frame.columns, rng.randint(1, min(frame.width, 4)))
    aggs = [aggregate(name, frame.schema[name], rng, ordered=ordered).alias(f"of {name}") for name in some]
    return Step(f".select({', '.join(map(str, aggs))})", lambda lf: lf.select(aggs))


def unique(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    names = keys(frame)
    if names and rng.random() < 0.7:
        subset = rng.sample(names, rng.randint(1, min(len(names), 3)))
        if ordered:
            keep = rng.choice(("first", "last", "none"))
            stable = rng.random() < 0.7
            text = f".unique({subset}, keep={keep!r}, maintain_order={stable})"
            return Step(text, lambda lf: lf.unique(subset, keep=keep, maintain_order=stable), keeps_order=stable)
        return Step(f".unique({subset}, keep='none')", lambda lf: lf.unique(subset, keep="none"), keeps_order=False)
    if names != frame.columns:
        return None
    return Step(".unique()", lambda lf: lf.unique(), keeps_order=False)


def nulls(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    some = rng.sample(frame.columns, rng.randint(1, min(frame.width, 3)))
    numbers = [name for name in some if frame.schema[name].is_numeric()]
    if numbers and rng.random() < 0.4:
        filled = pl.col(numbers).fill_null(0)
        return Step(f".with_columns({filled})", lambda lf: lf.with_columns(filled))
    return Step(f".drop_nulls({some})", lambda lf: lf.drop_nulls(some))


def unnest(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    """Explode a list, or unnest a struct."""
    names = [name for name, dtype in frame.schema.items() if isinstance(dtype, (pl.List, pl.Struct))]
    if not names:
        return None
    name = rng.choice(names)
    dtype = frame.schema[name]
    if isinstance(dtype, pl.List):
        if (frame[name].list.len().sum() or 0) + frame.height > MOST_ROWS:
            return None
        return Step(f".explode({name!r})", lambda lf: lf.explode(name))
    assert isinstance(dtype, pl.Struct)
    fields = [field.name for field in dtype.fields]
    if not fields or set(fields) & (set(frame.columns) - {name}):
        return None
    return Step(f".unnest({name!r})", lambda lf: lf.unnest(name))


def row_index(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    if not ordered or "n th" in frame.columns:
        return None
    offset = rng.choice((0, 5))
    return Step(f".with_row_index('n th', {offset})", lambda lf: lf.with_row_index("n th", offset))


def with_itself(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    """Use the same LazyFrame twice in one plan. Polars may run it once."""
    names = keys(frame)
    roll = rng.random()
    if roll < 0.5 or not names:
        a, b = predicates.predicate(frame, rng, 1), predicates.predicate(frame, rng, 1)
        if 2 * frame.height > MOST_ROWS:
            return None
        if roll < 0.2:
            return Step(f"concat([it, it.filter({b})])", lambda lf: pl.concat([lf, lf.filter(b)]))
        if roll < 0.3 and ordered:
            return Step(f"concat([it.head(3), it.tail(3)]).filter({a})",
                        lambda lf: pl.concat([lf.head(3), lf.tail(3)]).filter(a))  # fmt: skip
        return Step(f"concat([it.filter({a}), it.filter({b})])", lambda lf: pl.concat([lf.filter(a), lf.filter(b)]))
    by = rng.choice(names)
    return join_step(frame, frame, by, "it", lambda lf: lf, rng)


def join_step(
    frame: pl.DataFrame,
    other: pl.DataFrame,
    by: str,
    text: str,
    scan: Callable[[pl.LazyFrame], pl.LazyFrame],
    rng: random.Random,
) -> Step | None:
    """Join with another plan, which may contain the same LazyFrame."""
    how = rng.choice(("inner", "left", "full", "semi", "anti", "inner", "left", "right"))
    left, right = frame[by].value_counts(name="left"), other[by].value_counts(name="right")
    pairs = left.join(right, on=by).select((pl.col("left").cast(pl.Int64) * pl.col("right")).sum()).item()
    if how not in ("semi", "anti") and pairs + frame.height + other.height > MOST_ROWS:
        return None
    # Columns in both frames get a suffix. The name with suffix must be new.
    names = [*frame.columns, *(f"{name}_r" for name in other.columns)]
    if len(set(names)) != len(names):
        return None
    # The join asks for no order: the streaming engine does not always keep it if a slice follows.
    return Step(
        f".join({text}, on={by!r}, how={how!r})",
        lambda lf: lf.join(scan(lf), on=by, how=how, suffix="_r"),  # type: ignore[arg-type]
        keeps_order=False,
    )


#: Weights and makers.
MAKERS: tuple[tuple[int, Maker], ...] = (
    (14, filter_),
    (7, select),
    (6, with_columns),
    (2, drop_or_rename),
    (1, length),
    (6, slice_),
    (3, sort),
    (3, group_by),
    (1, aggregates),
    (2, unique),
    (2, nulls),
    (4, unnest),
    (2, row_index),
    (3, with_itself),
)


def random_step(frame: pl.DataFrame, rng: random.Random, ordered: bool) -> Step | None:
    """Return one random operation."""
    if not frame.columns:
        return None
    weights, makers = zip(*MAKERS, strict=True)
    return rng.choices(makers, weights)[0](frame, rng, ordered)
