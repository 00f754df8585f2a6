"""A random pipeline: a function of its scans, and the expected frame, made step by step."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl
from polars.io.plugins import register_io_source

from .source import Source, random_source
from .steps import MOST_ROWS, Step, filter_, join_step, keys, random_step
from .tables import LARGE_ROWS, LARGE_TABLES, RANDOM, SMALL_TABLES, Table, Tables

Scan = Callable[[Source], pl.LazyFrame]


@dataclass
class Pipeline:
    """Steps on a scan. Each step is given as a function of `Scan`, which makes the scans that it needs."""

    source: Source
    frame: pl.DataFrame
    steps: list[Callable[[Scan], Step]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    ordered: bool = True
    refused: int = 0

    def build(self, scan: Scan = Source.scan) -> pl.LazyFrame:
        """Build the query; `scan` makes a LazyFrame of every source."""
        lf = scan(self.source)
        for step in self.steps:
            lf = step(scan).apply(lf)
        return lf

    def add(self, make: Callable[[Scan], Step], *, keeps_none: bool) -> None:
        """Append a step, unless Polars refuses it, or it leaves no row although `keeps_none` is false."""
        step = make(eager)
        try:
            frame = step.apply(self.frame.lazy()).collect()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            self.refused += 1
            return
        if any(len(column) != frame.height for column in frame):
            self.refused += 1  # Polars has lost rows of a struct without fields
            return
        if frame.height > MOST_ROWS or (not frame.height and self.frame.height and not keeps_none):
            return
        self.frame = frame
        self.steps.append(make)
        self.texts.append(step.text)
        self.ordered = self.ordered and step.keeps_order

    def __str__(self) -> str:
        return "\n  ".join([str(self.source), *self.texts])


def eager(source: Source) -> pl.LazyFrame:
    """Return the source as a frame in memory."""
    return source.frame().lazy()


def plain_source(source: Source) -> pl.LazyFrame:
    """Return the source's frame by way of an IO source of a few lines."""
    frame = source.frame()

    def read(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        some = frame if n_rows is None else frame.head(n_rows)
        some = some if predicate is None else some.filter(predicate)
        yield some if with_columns is None else some.select(with_columns)

    return register_io_source(read, schema=frame.schema)


def table_of(tables: Tables, seed: int, rng: random.Random) -> Table:
    """Choose a table: mostly a small one, sometimes a random schema."""
    roll = rng.random()
    if roll < 0.17:
        return tables.random(seed)
    return tables[rng.choice(LARGE_TABLES if roll < 0.35 else SMALL_TABLES)]


def random_pipeline(table: Table, tables: Tables, rng: random.Random) -> Pipeline:
    """Make a pipeline with the generator of a seed."""
    source = random_source(table, rng)
    pipeline = Pipeline(source, source.frame())
    most = 3 if table.frame.height > LARGE_ROWS else 6
    wanted = rng.randint(1, most)
    for _ in range(3 * wanted):
        if len(pipeline.steps) == wanted:
            break
        make = _with_another(pipeline, tables, rng) if rng.random() < 0.08 else None
        if make is None:
            first = filter_ if not pipeline.steps and rng.random() < 0.4 else random_step
            step = first(pipeline.frame, rng, pipeline.ordered)
            if step is None:
                continue
            make = _alone(step)
        pipeline.add(make, keeps_none=rng.random() < 0.3)
    return pipeline


def _alone(step: Step) -> Callable[[Scan], Step]:
    return lambda scan: step


def _with_another(pipeline: Pipeline, tables: Tables, rng: random.Random) -> Callable[[Scan], Step] | None:
    """Join or concatenate another scan: the same table with other options, or another table."""
    frame = pipeline.frame
    if rng.random() < 0.4 and not pipeline.source.table.name.startswith(RANDOM):
        other = random_source(pipeline.source.table, rng)
        if set(frame.columns) <= set(other.frame().columns) and frame.height <= MOST_ROWS // 2:
            names = frame.columns
            if other.frame().select(names).schema != frame.schema:
                return None
            return lambda scan: Step(
                f"concat([it, {other}.select(...)])", lambda lf: pl.concat([lf, scan(other).select(names)])
            )
    other = random_source(tables[rng.choice(("flat", "many", "nested", "damaged"))], rng)
    right = other.frame()
    common = [name for name in keys(frame) if right.schema.get(name) == frame.schema[name]]
    if not common:
        return None
    by = rng.choice(common)
    state = rng.getstate()

    def make(scan: Scan) -> Step:
        again = random.Random()
        again.setstate(state)  # the same choices for every kind of scan
        step = join_step(frame, right, by, str(other), lambda lf: scan(other), again)
        return step or Step("", lambda lf: lf)

    return make if make(eager).text else None
