"""From the columns that a query wants to those that the core reads, and from the core's batches to frames of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import polars as pl

from jetliner.exceptions import SchemaError
from jetliner.frames import to_frame

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

    __slots__ = ("_is_checked", "_scan", "core_columns", "file_paths", "row_index", "rows_only", "schema")

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
        self._is_checked = False

    def expect(self, reader: _core.Reader) -> None:
        """Take note of the reader that the batches come from, once it is open."""
        # The same text makes the same columns. Comparing Polars' types takes as long as reading a thousand rows.
        self._is_checked = reader.schema_json == self._scan.schema_json

    def frame(self, batch: _core.Batch) -> pl.DataFrame:
        """Return the rows of a batch, which has the core's columns, as a frame of exactly the columns of `schema`.

        Raises
        ------
        SchemaError
            The file has other columns than it had when the scan was made.
        """
        frame = to_frame(batch)
        if not self._is_checked:
            if frame.schema != self.schema:
                msg = "the schema of the file has changed since the scan was made"
                raise SchemaError(msg, "IncompatibleSchemas", self._scan.paths[0])
            self._is_checked = True
        return frame
