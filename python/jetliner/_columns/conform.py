"""Makes the batches of files that differ conform: frames with exactly the wanted columns."""

from __future__ import annotations

import polars as pl

from jetliner import _core
from jetliner._columns.casts import converted
from jetliner._columns.expected_columns import ExpectedColumns
from jetliner._columns.frames import schema_of, to_frame
from jetliner.exceptions import DecodeError


class Conformer:
    """Makes frames of given columns from the batches of a reader, which may have other columns.

    Inside expressions, columns are named by numbers: Polars takes some names for patterns ("*", "^a.*$").

    Parameters
    ----------
    expected
        The columns that are expected of the files.
    paths
        The files of the scan: those of the rows of `expected.partitions`.
    schema
        The columns of the frames, in this order.
    reader
        The reader of the batches.
    """

    __slots__ = ("_columns", "_is_plain", "_made", "_numbers", "_partitions", "_paths", "_rows", "_schema")

    def __init__(self, expected: ExpectedColumns, paths: list[str], schema: pl.Schema, reader: _core.Reader) -> None:
        have = schema_of(reader) if reader.num_columns > 0 else pl.Schema()
        variants = dict(reader.variants())
        sources: dict[str, list[pl.Expr]] = {}  # for each column of the frames: the columns of a batch that hold it
        self._numbers = {exported: str(number) for number, exported in enumerate(have)}
        for exported, dtype in have.items():
            name = variants.get(exported, exported)
            if name in schema and not expected.is_partition(name):
                column = pl.col(self._numbers[exported])
                sources.setdefault(name, []).append(converted(column, dtype, schema[name]))
        self._made = list(sources)
        self._columns = [
            (exprs[0] if len(exprs) == 1 else pl.coalesce(exprs)).alias(str(number))
            for number, exprs in enumerate(sources.values())
        ]
        self._schema = schema
        self._partitions = {
            name: expected.partitions.get_column(name)
            for name in schema
            if expected.partitions is not None and expected.is_partition(name)
        }
        self._paths = paths
        self._rows: dict[str, int] = {}  # the row of each file in `partitions`, filled at the first use
        is_same = not variants and have == schema and list(have) == list(schema)
        self._is_plain = is_same and not self._partitions

    def frame(self, batch: _core.Batch) -> pl.DataFrame:
        """Return the rows of a batch as a frame with exactly the columns of the schema.

        Raises
        ------
        DecodeError
            A value cannot be cast to the wanted type.
        """
        if self._is_plain:
            return to_frame(batch)
        made: dict[str, pl.Series] = {}
        if self._columns:
            try:
                made = dict(zip(self._made, self._numbered(batch).select(self._columns).get_columns(), strict=True))
            except pl.exceptions.InvalidOperationError as error:
                msg = f"a value does not fit the expected type: {str(error).splitlines()[0]}"
                raise DecodeError(msg, "InvalidData", self._path_of_misfit(batch)) from error
        rows = self._file_rows(batch) if self._partitions else None
        for name, dtype in self._schema.items():
            if name in made:
                continue
            if rows is not None and name in self._partitions:
                made[name] = _repeated(self._partitions[name], rows)
            else:
                made[name] = pl.Series(name, [None], dtype).new_from_index(0, batch.num_rows)
        return pl.DataFrame({name: made[name] for name in self._schema})

    def _numbered(self, batch: _core.Batch) -> pl.DataFrame:
        frame = to_frame(batch)
        frame.columns = [self._numbers[name] for name in frame.columns]
        return frame

    def _path_of_misfit(self, batch: _core.Batch) -> str | None:
        """Return the first file of a batch whose values cannot be cast."""
        frame = self._numbered(batch)
        start = 0
        for path, count in batch.runs():
            try:
                frame.slice(start, count).select(self._columns)
            except pl.exceptions.InvalidOperationError:
                return path
            start += count
        return None

    def _file_rows(self, batch: _core.Batch) -> list[tuple[int, int]]:
        """Return pairs, one for each run of rows from one file: the row of `partitions`, the number of rows."""
        if not self._rows:
            self._rows = {path: row for row, path in enumerate(self._paths)}
        return [(self._rows[path], count) for path, count in batch.runs()]


def _repeated(values: pl.Series, rows: list[tuple[int, int]]) -> pl.Series:
    """Repeat values: the pair (2, 100) stands for the value in row 2, 100 times."""
    if len(rows) == 1:
        return values.new_from_index(*rows[0])
    runs = pl.DataFrame(rows, schema={"row": pl.UInt32, "count": pl.UInt32}, orient="row")
    return values.alias("").gather(runs.select(pl.col("row").repeat_by("count").explode()).to_series())
