"""The columns that a scan of many files has, and how those of a file are made into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from jetliner.casts import ALL_CASTS, NO_SAFE_CAST, CastRules, converted, objection
from jetliner.exceptions import DecodeError, SchemaError
from jetliner.frames import schema_of_batch, to_frame

if TYPE_CHECKING:
    from jetliner import _core


@dataclass(frozen=True, slots=True)
class Expected:
    """What a scan expects of its files, where they need not be all the same.

    Attributes
    ----------
    columns
        Of each file: names and types.
    partitions
        The partition columns, a row for each file of the scan; None where there are none.
    inserts_missing
        A file may lack a column, which is null then.
    ignores_extra
        A file may have further columns.
    casts
        Which types may be read as others.
    """

    columns: pl.Schema
    partitions: pl.DataFrame | None
    inserts_missing: bool
    ignores_extra: bool
    casts: CastRules

    def is_partition(self, name: str) -> bool:
        """Tell whether a column's values come from the names of directories."""
        return self.partitions is not None and name in self.partitions.columns

    def check_files(self, own_schemas: list[tuple[int, _core.Batch]], paths: list[str]) -> None:
        """Check the columns of all files of a reader.

        Parameters
        ----------
        own_schemas
            Of the reader.
        paths
            Its files.

        Raises
        ------
        SchemaError
            A file has columns that it must not have, or lacks one, or has one of a type that is not to be cast.
        """
        for index, batch in own_schemas:
            self.check(schema_of_batch(batch), paths[index])

    def check(self, own: pl.Schema, path: str) -> None:
        """Check the columns of a file, as `check_files` does."""
        for name in own:
            if not (self.ignores_extra or name in self.columns or self.is_partition(name)):
                msg = (
                    f"schema mismatch: the column {name!r} of this file is not among the expected ones; "
                    "extra_columns='ignore' leaves it out, schema= with all columns reads it"
                )
                raise SchemaError(msg, "IncompatibleSchemas", path, name)
        for name, want in self.columns.items():
            if self.is_partition(name):
                continue
            have = own.get(name)
            if have is None:
                if self.inserts_missing:
                    continue
                msg = f"schema mismatch: this file has no column {name!r}; missing_columns='insert' fills it with nulls"
                raise SchemaError(msg, "IncompatibleSchemas", path, name)
            why = objection(have, want, self.casts)
            if why is not None:
                if why == NO_SAFE_CAST and objection(want, have, ALL_CASTS) is None:
                    why = f"{why}, but one in the other direction: expect {have} by schema= and cast_options="
                msg = f"schema mismatch: column {name!r} is {have} in this file, not {want}; {why}"
                raise SchemaError(msg, "IncompatibleSchemas", path, name)


class Fit:
    """Makes frames of given columns of a reader's batches, whatever columns these have.

    Polars' expressions take some names of columns for patterns ("*", "^a.*$"), so columns are known by their numbers
    here as long as there are expressions.

    Parameters
    ----------
    expected
        What the scan expects of its files.
    paths
        The files of the scan: the rows of `expected.partitions`.
    schema
        The columns to make, in this order.
    reader
        The reader that the batches come from.
    """

    __slots__ = ("_columns", "_is_plain", "_made", "_numbers", "_partitions", "_paths", "_rows", "_schema")

    def __init__(self, expected: Expected, paths: list[str], schema: pl.Schema, reader: _core.Reader) -> None:
        have = schema_of_batch(reader.empty_batch()) if reader.num_columns > 0 else pl.Schema()
        variants = dict(reader.variants())
        parts: dict[str, list[pl.Expr]] = {}  # of the columns to make
        self._numbers = {exported: str(number) for number, exported in enumerate(have)}
        for exported, dtype in have.items():
            name = variants.get(exported, exported)
            if name in schema and not expected.is_partition(name):
                column = pl.col(self._numbers[exported])
                parts.setdefault(name, []).append(converted(column, dtype, schema[name]))
        self._made = list(parts)
        self._columns = [
            (exprs[0] if len(exprs) == 1 else pl.coalesce(exprs)).alias(str(number))
            for number, exprs in enumerate(parts.values())
        ]
        self._schema = schema
        self._partitions = {
            name: expected.partitions.get_column(name)
            for name in schema
            if expected.partitions is not None and expected.is_partition(name)
        }
        self._paths = paths
        self._rows: dict[str, int] = {}  # of the files in `partitions`, once they are needed
        is_same = not variants and have == schema and list(have) == list(schema)
        self._is_plain = is_same and not self._partitions

    def frame(self, batch: _core.Batch) -> pl.DataFrame:
        """Return the rows of a batch as a frame of exactly the columns of the schema.

        Raises
        ------
        DecodeError
            A value does not fit the type that it is to be cast to.
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
                made[name] = _spread(self._partitions[name], rows)
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
        """Return, for rows that follow one another: which row of the partition columns is theirs, and how many."""
        if not self._rows:
            self._rows = {path: row for row, path in enumerate(self._paths)}
        return [(self._rows[path], count) for path, count in batch.runs()]


def _spread(values: pl.Series, rows: list[tuple[int, int]]) -> pl.Series:
    """Repeat values: (2, 100) is a hundred times the value in row 2."""
    if len(rows) == 1:
        return values.new_from_index(*rows[0])
    runs = pl.DataFrame(rows, schema={"row": pl.UInt32, "count": pl.UInt32}, orient="row")
    return values.alias("").gather(runs.select(pl.col("row").repeat_by("count").explode()).to_series())
