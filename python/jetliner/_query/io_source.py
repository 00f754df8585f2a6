"""AvroScan: the IO source of a lazy query, which Polars calls for rows."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import polars as pl
from polars.io.plugins import register_io_source

from jetliner import _core
from jetliner._columns.projection import Projection
from jetliner._columns.table import Table
from jetliner._files.objects import not_pickled
from jetliner._files.skipped import warn_of_skipped
from jetliner._options import defaults
from jetliner._options.hints import CodePlace, place_of_caller
from jetliner._progress import ReadingBar
from jetliner._query.late_materialisation import candidates_of, filtered_frames
from jetliner._query.pruning import files_to_open
from jetliner._query.small_files import SMALL_BYTES, read_at_call


@dataclass(frozen=True, slots=True)
class AvroScan:
    """The source that Polars calls. It has no state, so it can be called twice, copied and pickled.

    Attributes
    ----------
    table
        The files and their columns, as they were when the scan was made.
    is_small
        Whether the first frames are read at the call. See `small_files`.
    made_at
        The line that made the scan. Polars runs queries on threads of its own, which do not know who asked for the
        rows. So a warning names this line.
    """

    table: Table
    is_small: bool = False
    made_at: CodePlace | None = field(default=None, compare=False)

    def __call__(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        """Yield the frames of a query.

        Parameters
        ----------
        with_columns
            The columns that the query needs, including those of the predicate; None for all.
        predicate
            The filter. Polars does not apply it again.
        n_rows
            The most rows to read, counted before the filter.
        batch_size
            The number of rows that Polars would like in a frame.
        """
        frames = self._frames(with_columns, predicate, n_rows, batch_size)
        return read_at_call(frames) if self.is_small else frames

    def _frames(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        options = self.table.options
        projection = Projection(self.table, with_columns)
        paths = self.table.paths
        if predicate is not None and n_rows is None:
            paths = files_to_open(projection, predicate)
        if not paths:
            return
        # With ignore_errors, rows that are skipped for damage do not count. To find all damage in the columns of the
        # query, all of them must be read.
        is_counting = projection.row_index or n_rows is not None or options.n_rows is not None
        needs_whole_rows = is_counting and options.ignore_errors
        candidates = None if needs_whole_rows else candidates_of(projection, predicate)
        reader = projection.open(
            paths,
            filtered_by=candidates,
            batch_size=None if batch_size is None else max(1, min(batch_size, options.batch_size)),
            batch_bytes=defaults.QUERY_BATCH_BYTES,
            n_rows=n_rows,
        )
        bar = ReadingBar(reader, paths) if options.progress else None
        try:
            if predicate is not None:
                frames = filtered_frames(reader, projection, candidates, predicate, paths)
            else:
                frames = _unfiltered_frames(reader, projection)
            yield from frames if bar is None else bar.following(frames)
        finally:  # also if Polars stops asking
            reader.close()
            if bar is not None:
                bar.close()
            warn_of_skipped(reader, self.made_at)


def _unfiltered_frames(reader: _core.Reader, projection: Projection) -> Iterator[pl.DataFrame]:
    while (batch := reader.next()) is not None:
        yield projection.frame(batch)


def lazy_frame(table: Table) -> pl.LazyFrame:
    """Return a lazy query over a table."""
    is_small = table.expected is None and table.total_bytes <= SMALL_BYTES
    source = AvroScan(table, is_small, place_of_caller())
    lazy = register_io_source(source, schema=table.schema, is_pure=True, **explanation(table.paths))
    if table.options.objects is not None:
        lazy.__class__ = _ObjectFrame
    return lazy


class _ObjectFrame(pl.LazyFrame):
    """A query of bytes or of an open file. Queries that are made from it are of this class, too.

    Polars would make a ComputeError of the TypeError that `Objects` raises when it is pickled.
    """

    def __getstate__(self) -> NoReturn:
        raise not_pickled()


#: Since version 2.0 of Polars, a source says what `explain` shows for it.
CAN_EXPLAIN = "explain_detail" in inspect.signature(register_io_source).parameters


def explanation(paths: list[str]) -> dict[str, Any]:
    """Return the arguments of register_io_source for `explain`: the files, shortened as Polars does for its scans."""
    if not CAN_EXPLAIN:
        return {}
    shown = [path if path.isprintable() else repr(path)[1:-1] for path in paths[:2]]
    if len(paths) > len(shown):
        shown[1:] = [f"... {len(paths) - 1} other sources"]
    return {"explain_name": "AVRO", "explain_detail": f"FILES: [{', '.join(shown)}]"}
