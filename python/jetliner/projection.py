"""From the columns that a query wants to those that the core reads, and from the core's batches to frames of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from jetliner.casts import CastRules, objection
from jetliner.exceptions import SchemaError
from jetliner.expected import Expected, Fit
from jetliner.frames import schema_of, to_frame

if TYPE_CHECKING:
    from jetliner import _core
    from jetliner.scan import AvroScan


class Projection:
    """Some columns of a scan, for one reader: it is opened for `core_columns`, and its batches become frames.

    A query may use several: one for the columns of its predicate, another for all that it wants.

    Parameters
    ----------
    scan
        The scan whose columns they are.
    wanted
        Names of columns; None for all. No name at all stands for the first column: a frame without columns could not
        carry the number of rows.

    Attributes
    ----------
    schema
        The columns of each frame, in the order of the scan's schema.
    core_columns
        Columns of the files to read, by name, others among them, which the core ignores; None for all.
    row_index, file_paths
        Whether the core has to add the column of that kind.
    rows_only
        No column of the files is among them: their rows need only be counted.
    """

    __slots__ = ("_fit", "_scan", "core_columns", "file_paths", "row_index", "rows_only", "schema")

    def __init__(self, scan: AvroScan, wanted: Iterable[str] | None) -> None:
        schema = scan.schema
        if wanted is None:
            self.core_columns: list[str] | None = None
        else:
            names = set(wanted) or {next(iter(schema))}
            schema = pl.Schema((name, dtype) for name, dtype in schema.items() if name in names)
            self.core_columns = list(schema)
        self.schema = schema
        self.row_index = scan.options.row_index_name in schema
        self.file_paths = scan.options.include_file_paths in schema
        self.rows_only = schema.keys() <= {scan.options.row_index_name, scan.options.include_file_paths}
        self._scan = scan
        self._fit: Fit | None = None
        if scan.expected is not None:
            # Others are not read: what the file has in place of a partition column, and what is not expected.
            self.core_columns = [name for name in schema if not scan.expected.is_partition(name)]
            self.rows_only = set(self.core_columns) <= {scan.options.row_index_name, scan.options.include_file_paths}

    def expect(self, reader: _core.Reader, paths: list[str] | None = None) -> None:
        """Take note of the reader that the batches come from, once it is open.

        Parameters
        ----------
        reader
            The reader.
        paths
            Its files, where they are not all of the scan's.

        Raises
        ------
        SchemaError
            A file does not have the columns that the scan expects.
        """
        # The same text makes the same columns. Comparing Polars' types takes as long as reading a thousand rows.
        is_known = reader.schema_json == self._scan.schema_json
        expected = self._scan.expected
        if expected is not None:
            own = reader.own_schemas()
            if not (is_known and len(own) == 1):  # the scan has checked the first file itself
                expected.check_files(own, self._scan.paths if paths is None else paths)
        elif is_known or schema_of(reader) == self.schema:
            return
        else:
            # Another file is the first one than when the scan was made, or that one has changed.
            expected = self._expected_as_it_was(schema_of(reader))
        self._fit = Fit(expected, self._scan.paths, self.schema, reader)

    def _expected_as_it_was(self, have: pl.Schema) -> Expected:
        """Check that columns are the same but for their order, and that of fields in structs."""
        casts = CastRules()
        for name, want in self.schema.items():
            if name not in have or objection(have[name], want, casts) is not None:
                msg = "the schema of the file has changed since the scan was made"
                raise SchemaError(msg, "IncompatibleSchemas", self._scan.paths[0], name)
        return Expected(self.schema, None, inserts_missing=False, ignores_extra=False, casts=casts)

    def frame(self, batch: _core.Batch) -> pl.DataFrame:
        """Return the rows of a batch, which has the core's columns, as a frame of exactly the columns of `schema`.

        Raises
        ------
        DecodeError
            A value does not fit the type that it is to be cast to.
        """
        return to_frame(batch) if self._fit is None else self._fit.frame(batch)
