"""Late materialisation: the columns of a predicate first, and of the others only the rows that it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from jetliner import _core
    from jetliner.projection import Projection
    from jetliner.scan import AvroScan


def candidates_of(scan: AvroScan, projection: Projection, predicate: pl.Expr | None) -> Projection | None:
    """Return the columns that a predicate looks at.

    None where nothing is gained by reading them first: there is no predicate, it looks at no column, or it looks at
    all that are to be read, and none of them is of text or bytes. (Polars copies those rows of a frame that it keeps,
    but not their text: few rows would hold all of it.)
    """
    if predicate is None or not (names := predicate.meta.root_names()):
        return None
    candidates = type(projection)(scan, names)
    columns = _names(projection) - {scan.options.row_index_name, scan.options.include_file_paths}
    has_others = not columns <= _names(candidates)
    return candidates if has_others or any(_holds_text(projection.schema[name]) for name in columns) else None


def _holds_text(dtype: PolarsDataType) -> bool:
    """Tell whether values of a type are text or bytes, or have some within."""
    if isinstance(dtype, pl.Struct):
        return any(_holds_text(field.dtype) for field in dtype.fields)
    if isinstance(dtype, (pl.List, pl.Array)):
        return _holds_text(dtype.inner)
    return dtype in (pl.String, pl.Binary) or dtype.is_nested()  # a Map, whose keys are text


def _names(projection: Projection) -> set[str]:
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
        Opened for the columns of `projection`, and to filter by those of `candidates`.
    projection
        The columns of the frames.
    candidates
        The columns that the predicate looks at; None where the reader gives whole rows only.
    predicate
        Polars evaluates it, whatever it is.
    paths
        The reader's files.
    """
    if candidates is None:
        while (batch := reader.next()) is not None:
            yield _filtered(projection.frame(batch), predicate)
        return
    candidates.expect(reader, paths)
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
    """Return the rows that the predicate keeps, and few of them in one chunk: chunks cost whoever reads on."""
    kept = frame.filter(predicate)
    return kept.rechunk() if kept.height <= frame.height // 4 else kept


def _mask(frame: pl.DataFrame, predicate: pl.Expr) -> pl.Series:
    """Return a Boolean for each row of a frame: whether the predicate keeps it. Null does not."""
    mask = frame.select(predicate).to_series()
    if mask.dtype != pl.Boolean:
        frame.filter(predicate)  # raises what Polars has to say to that, if it does
        mask = mask.cast(pl.Boolean)
    if mask.len() == 1 != frame.height:
        mask = mask.new_from_index(0, frame.height)  # one answer for all rows
    return mask
