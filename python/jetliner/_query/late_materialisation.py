"""Late materialisation: decode the columns of a filter first, and the other columns only for the rows that it keeps.

The problem: a filter often keeps few rows, but to decode all columns of the others costs most of the time. Only Polars
can evaluate the filter, and it needs whole columns in frames, not single values inside the core.

The idea: the reader gives *candidates* first, which are batches with the columns of the filter alone. Polars evaluates
the filter on them. The Boolean mask goes back to the reader (`keep`), which then decodes all wanted columns of the rows
that were kept, and gives these as "rows". If the reader learns that most rows are kept, two passes cost more than one.
Then it decodes whole batches and gives them as "unfiltered". They are filtered here, and `kept` tells the reader how
many rows stayed, so that it can change its mind.

The invariants:

- Each mask answers the candidates that came just before it, and has one value for each of their rows. Null means no.
- Rows come in the order of the files, whichever way they take. The result does not depend on the way.
- The filter looks at each row by itself. Polars hands no other filters to a source. So it may be evaluated on any
  batch, in any size.
- A kept row shares no memory with rows that were dropped. Therefore text is decoded late even if the filter looks at
  all columns: a filtered frame of Polars would hold the text of all its former rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from jetliner import _core
from jetliner._columns.projection import Projection

if TYPE_CHECKING:
    from polars._typing import PolarsDataType


def candidates_of(projection: Projection, predicate: pl.Expr | None) -> Projection | None:
    """Return the columns that a predicate looks at.

    None if to read them first gains nothing: there is no predicate, it looks at no column, or it looks at all columns
    and none of these holds text or bytes. (Polars copies the rows of a frame that it keeps, but not their text. A few
    rows would hold all of it in memory.)
    """
    if predicate is None or not (names := predicate.meta.root_names()):
        return None
    candidates = Projection(projection.table, names)
    columns = _core_names(projection) - set(projection.table.options.added_columns)
    has_others = not columns <= _core_names(candidates)
    return candidates if has_others or any(_holds_text(projection.schema[name]) for name in columns) else None


def _holds_text(dtype: PolarsDataType) -> bool:
    """Tell whether values of a type are text or bytes, or contain some."""
    if isinstance(dtype, pl.Struct):
        return any(_holds_text(field.dtype) for field in dtype.fields)
    if isinstance(dtype, (pl.List, pl.Array)):
        return _holds_text(dtype.inner)
    return dtype in (pl.String, pl.Binary) or dtype.is_nested()  # a Map: keys are mostly text


def _core_names(projection: Projection) -> set[str]:
    """Return the names of the columns that the core reads."""
    return set(projection.schema if projection.core_columns is None else projection.core_columns)


def filtered_frames(
    reader: _core.Reader,
    projection: Projection,
    candidates: Projection | None,
    predicate: pl.Expr,
    paths: list[str],
) -> Iterator[pl.DataFrame]:
    """Yield the rows that a predicate keeps.

    Parameters
    ----------
    reader
        Opened by `projection`, and filtered by `candidates`.
    projection
        The columns of the frames.
    candidates
        The columns that the predicate looks at; None if the reader gives whole rows only.
    predicate
        Any expression. Polars evaluates it.
    paths
        The files of the reader.
    """
    if candidates is None:
        while (batch := reader.next()) is not None:
            yield _filtered(projection.frame(batch), predicate)
        return
    candidates.attach(reader, paths)
    while (step := reader.next_filtered()) is not None:
        kind, batch = step
        if kind == "candidates":
            reader.keep(_mask(candidates.frame(batch), predicate))
        elif kind == "unfiltered":
            frame = projection.frame(batch)
            kept = _filtered(frame, predicate)
            reader.kept(frame.height, kept.height)
            yield kept
        else:
            yield projection.frame(batch)


def _filtered(frame: pl.DataFrame, predicate: pl.Expr) -> pl.DataFrame:
    """Return the rows that the predicate keeps. Few rows are put into one chunk: chunks cost time later."""
    kept = frame.filter(predicate)
    return kept.rechunk() if kept.height <= frame.height // 4 else kept


def _mask(frame: pl.DataFrame, predicate: pl.Expr) -> pl.Series:
    """Return a Boolean for each row of a frame: whether the predicate keeps it. Null counts as False."""
    mask = frame.select(predicate).to_series()
    if mask.dtype != pl.Boolean:
        frame.filter(predicate)  # raises the error of Polars for such a predicate, if it has one
        mask = mask.cast(pl.Boolean)
    if mask.len() == 1 != frame.height:
        mask = mask.new_from_index(0, frame.height)  # a literal: one answer for all rows
    return mask
