"""One seed, one pipeline, all checks."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from .pipeline import Pipeline, eager, plain_source, random_pipeline, table_of
from .tables import LARGE_ROWS, RANDOM, Tables
from .ways import ELSEWHERE, ENGINES, OTHERS, Way, elsewhere, parquet_keeps


class MismatchError(AssertionError):
    """A query over scan_avro and the same query over the frame give different rows."""


@dataclass
class Case:
    """The pipeline of a seed, and a generator for further choices."""

    seed: int
    pipeline: Pipeline
    rng: random.Random


def make_case(seed: int, tables: Tables) -> Case:
    rng = random.Random(f"query {seed}")
    table = table_of(tables, seed, rng)
    return Case(seed, random_pipeline(table, tables, rng), rng)


def difference(expected: pl.DataFrame, got: pl.DataFrame, ordered: bool) -> str | None:
    """Return the first difference, or None. If not `ordered`, rows are compared as a multiset."""
    if got.schema != expected.schema:
        return f"schema {got.schema}\n  instead of {expected.schema}"
    if got.height != expected.height:
        return f"{got.height} rows instead of {expected.height}"
    if expected.equals(got):
        return None
    wanted, found = _rows(expected), _rows(got)
    if not ordered:
        wanted.sort()
        found.sort()
    for i, (a, b) in enumerate(zip(wanted, found, strict=True)):
        if a != b:
            return f"row {i} of {expected.height}:\n  {b[:500]}\n  instead of\n  {a[:500]}"
    return None


def _rows(frame: pl.DataFrame) -> list[str]:
    """Return a text for each row. Dates stay numbers, since Python's dates do not cover the range of Avro's."""
    columns = [series.to_physical().to_list() for series in frame]
    return [repr(row) for row in zip(*columns, strict=True)] if columns else ["()"] * frame.height


def _ways(case: Case, executor: Executor | None) -> dict[str, Way]:
    large = case.pipeline.source.table.frame.height > LARGE_ROWS
    ways = dict(ENGINES)
    others = dict(OTHERS)
    if not all(parquet_keeps(dtype) for dtype in case.pipeline.frame.dtypes):
        del others["sink_parquet"]
    if executor is not None:
        others |= {name: elsewhere(executor, engine) for name, engine in ELSEWHERE.items()}
    for name in case.rng.sample(sorted(others), 1 if large else 3):
        ways[name] = others[name]
    return ways


def _found(pipeline: Pipeline, way: Way, lf: pl.LazyFrame) -> str | None:
    """Run a query in one way; return what is wrong, or None."""
    try:
        got = way(lf)
    except (Exception, pl.exceptions.PanicException) as error:
        return f"{type(error).__name__}: {error}"
    return difference(pipeline.frame, got, pipeline.ordered)


def run_case(seed: int, tables: Tables, executor: Executor | None = None) -> Counter[str]:
    """Make and check the case of a seed; return counts, or raise MismatchError."""
    case = make_case(seed, tables)
    pipeline = case.pipeline
    height, before = pipeline.frame.height, pipeline.source.frame().height
    counts: Counter[str] = Counter(cases=1, refused=pipeline.refused)
    counts[f"table: {RANDOM if pipeline.source.table.name.startswith(RANDOM) else pipeline.source.table.name}"] += 1
    counts.update(f"option: {name}" for name in pipeline.source.options)
    counts.update(f"step: {text.split('(')[0]}" for text in pipeline.texts)
    counts["compared in order" if pipeline.ordered else "compared without order"] += 1
    share = height / before if before else 0
    counts[f"result: {'none' if not height else 'below 1 %' if share < 0.01 else 'more'}"] += 1
    try:
        for name, way in _ways(case, executor).items():
            counts[f"way: {name}"] += 1
            found = _found(pipeline, way, pipeline.build())
            if found is None:
                continue
            # Not our error if Polars gives other rows over its own frame, too, or over any source of that frame.
            if any(_found(pipeline, way, pipeline.build(scan)) is not None for scan in (eager, plain_source)):
                counts["Polars disagrees with itself"] += 1
                counts[f"Polars disagrees with itself: seed {seed}, {name}: {found.splitlines()[0][:200]}"] += 1
                continue
            raise MismatchError(f"{name}: {found}")
    finally:
        remove_random(pipeline)
    return counts


def remove_random(pipeline: Pipeline) -> None:
    """Remove the file that was made for this seed only."""
    if pipeline.source.table.name.startswith(RANDOM):
        for path in pipeline.source.table.paths:
            Path(path).unlink(missing_ok=True)


def describe(seed: int, tables: Tables) -> str:
    """Describe a seed: its pipeline, and the command that runs it again."""
    pipeline = make_case(seed, tables).pipeline
    again = f"from tests/python run `python -m queries --seed {seed}`"
    try:
        return f"seed {seed}: {again}\n{pipeline}\n{pipeline.build().explain()}"
    finally:
        remove_random(pipeline)
