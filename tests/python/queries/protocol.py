"""Calls the source directly, as Polars calls it, with random columns, predicate, limit and batch size."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import polars as pl

from jetliner._query import io_source

from .case import MismatchError, difference
from .pipeline import table_of
from .predicates import predicate
from .source import Source, random_source
from .tables import LARGE_ROWS, Tables

Call = Callable[[list[str] | None, pl.Expr | None, int | None, int | None], Iterator[pl.DataFrame]]


def source_of(source: Source) -> Call:
    """What scan_avro hands to Polars."""
    with mock.patch.object(io_source, "register_io_source") as register:
        source.scan()
    made: Call = register.call_args.args[0]
    return made


def run_protocol_case(seed: int, tables: Tables) -> None:
    """Raise MismatchError if the source does not give the rows that it was asked for."""
    rng = random.Random(f"protocol {seed}")
    source = random_source(table_of(tables, seed, rng), rng)
    call, frame = source_of(source), source.frame()
    for _ in range(2 if frame.height > LARGE_ROWS else 6):
        names = None if rng.random() < 0.3 else rng.sample(frame.columns, rng.randint(1, frame.width))
        wanted = frame if names is None else frame.select(name for name in frame.columns if name in names)
        expr = predicate(wanted, rng) if rng.random() < 0.9 else None
        n_rows = rng.choice((None, None, None, 0, 1, frame.height // 3, frame.height, 10**9))
        least = max(1, frame.height // 200)
        batch_size = rng.choice((None, least, least + 4, max(1, frame.height // 3), 10**6))
        expected = wanted if n_rows is None else wanted.head(n_rows)
        if expr is not None:
            expected = expected.filter(expr)
        asked = f"{source}\n  columns={names}, predicate={expr}, n_rows={n_rows}, batch_size={batch_size}"
        frames = list(call(names, expr, n_rows, batch_size))
        found = difference(expected, _joined(wanted, frames), ordered=True)
        if found is not None:
            raise MismatchError(f"seed {seed}: {asked}\n  {found}")
        most = min(batch_size or 10**9, source.options.get("batch_size", 100_000))
        if any(part.height > most for part in frames):
            raise MismatchError(f"seed {seed}: {asked}\n  frames of {[part.height for part in frames]} rows")


def _joined(empty: pl.DataFrame, frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Concatenate the frames, with the columns in the order of the source."""
    columns: Any = empty.columns
    return pl.concat([empty.clear(), *(part.select(columns) for part in frames)])
