"""Projection: some columns of a table, from opening the reader to the frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from jetliner import _core
from jetliner._columns.casts import objection
from jetliner._columns.conform import Conformer
from jetliner._columns.expected_columns import ExpectedColumns
from jetliner._columns.frames import schema_of, schema_of_batch, to_frame
from jetliner._columns.parts import Part, only_parts
from jetliner._columns.table import Table
from jetliner._columns.way_out import with_way_out
from jetliner._files.inputs import Inputs
from jetliner._files.opening import open_reader
from jetliner._options import defaults
from jetliner._options.cast_rules import CastRules
from jetliner.exceptions import SchemaError


class Projection:
    """Some columns of a table, for one reader: which columns the core reads, and how its batches become frames.

    A query with a filter uses two: one for the columns of the filter, another for all columns that it needs.

    Parameters
    ----------
    table
        The table.
    names
        Names of its columns; None for all. If there is no name, the first column is read: a frame without columns
        could not hold the number of rows.
    parts
        Parts of the columns, for a table with `expected`. A column of which parts are named has only these.

    Attributes
    ----------
    table
        The table.
    schema
        The columns of each frame, in the order of the table.
    core_columns
        The columns that the core reads, by name; None for all. The core ignores names that files do not have.
    row_index, file_paths
        Whether the core adds the column of this kind.
    rows_only
        Whether no column of the files is needed. Then the core only counts their rows.
    """

    __slots__ = (
        "_conformer",
        "_core_paths",
        "_reduced",
        "core_columns",
        "file_paths",
        "row_index",
        "rows_only",
        "schema",
        "table",
    )

    def __init__(self, table: Table, names: Iterable[str] | None, parts: Sequence[Part] = ()) -> None:
        options = table.options
        schema = table.schema
        self.core_columns: list[str] | None = None
        if names is not None:
            wanted = set(names) or {next(iter(schema))}
            schema = pl.Schema((name, dtype) for name, dtype in schema.items() if name in wanted)
            self.core_columns = list(schema)
        if table.expected is not None:
            # The core must not read columns that are not expected, nor a column of the files that is a partition.
            self.core_columns = [name for name in schema if not table.expected.is_partition(name)]
        core_names = schema.keys() if self.core_columns is None else set(self.core_columns)
        self.rows_only = core_names <= {options.row_index_name, options.include_file_paths}
        self.row_index = options.row_index_name in schema
        self.file_paths = options.include_file_paths in schema
        self._reduced = {part[0] for part in parts if len(part) > 1}
        self._core_paths: list[str] | None = None
        if self._reduced:
            schema = pl.Schema(dict(schema) | only_parts(schema, parts))
            self._core_paths = [".".join(part) for part in parts if part[0] in (self.core_columns or ())]
        self.schema = schema
        self.table = table
        self._conformer: Conformer | None = None

    def open(
        self,
        paths: list[str] | None = None,
        *,
        filtered_by: Projection | None = None,
        batch_size: int | None = None,
        batch_bytes: int = defaults.NO_LIMIT,
        n_rows: int | None = None,
        inputs: Inputs | None = None,
    ) -> _core.Reader:
        """Open a reader for these columns.

        Parameters
        ----------
        paths
            The files, if not all of the table are to be read.
        filtered_by
            The columns of the filter; None if there is no filter, or if the reader is to give whole rows.
        batch_size, batch_bytes, n_rows, inputs
            As for `open_reader`.

        Raises
        ------
        JetlinerError
            A file cannot be opened, or does not have the columns of the table.
        """
        paths = self.table.paths if paths is None else paths

        def opened(column_paths: list[str] | None) -> _core.Reader:
            return open_reader(
                self.table.options,
                paths,
                columns=self.core_columns if column_paths is None else None,
                column_paths=column_paths,
                rows_only=self.rows_only,
                filter_columns=None if filtered_by is None else filtered_by.core_columns,
                batch_size=batch_size,
                batch_bytes=batch_bytes,
                n_rows=n_rows,
                row_index=self.row_index,
                file_paths=self.file_paths,
                merge_columns=self.table.expected is not None,
                inputs=inputs,
            )

        reader = opened(self._core_paths)
        try:
            if self._core_paths is not None and not self._core_paths_are_safe(reader):
                reader.close()
                reader = opened(None)
            self.attach(reader, paths, inputs)
        except BaseException:
            reader.close()
            raise
        return reader

    def attach(self, reader: _core.Reader, paths: list[str], inputs: Inputs | None = None) -> None:
        """Prepare for the batches of a reader, whichever projection opened it.

        Parameters
        ----------
        reader
            The reader.
        paths
            Its files.
        inputs
            Those with which it was opened.

        Raises
        ------
        SchemaError
            A file does not have the columns of the table.
        """
        # Equal texts give equal columns. Comparing types in Polars is as slow as reading 1000 rows.
        is_known = reader.schema_json == self.table.schema_json
        expected = self.table.expected
        if expected is not None:
            own = reader.own_schemas()
            if not (is_known and len(own) == 1):  # the first file was checked when the table was made
                try:
                    expected.check_files(own, paths)
                except SchemaError as error:
                    table, names = self.table, expected.partition_names
                    raise with_way_out(
                        error, table.call, table.options, table.paths, partition_names=names, inputs=inputs
                    ) from None
        elif is_known or schema_of(reader) == self.schema:
            return
        else:
            # The first file has changed since, or the first file of this read is another one.
            expected = self._expected_as_it_was(schema_of(reader))
        self._conformer = Conformer(expected, self.table.paths, self.schema, reader)

    def frame(self, batch: _core.Batch) -> pl.DataFrame:
        """Return the rows of a batch as a frame with exactly the columns of `schema`.

        Raises
        ------
        DecodeError
            A value cannot be cast to the wanted type.
        """
        return to_frame(batch) if self._conformer is None else self._conformer.frame(batch)

    def _core_paths_are_safe(self, reader: _core.Reader) -> bool:
        """Tell whether paths lead to the same parts in the core as in the expected columns.

        In the core, they lead through the columns that the files have together. These can differ from the expected
        columns, and a column may have variants, of which a path finds only the first. So all files must have one
        schema, and the columns must have the expected types. Otherwise whole columns are read, and reduced in Python.
        """
        expected = self.table.expected
        own = reader.own_schemas()  # empty if there is a reader schema, whose columns are the expected ones
        if expected is None or not own:
            return True
        have = schema_of_batch(own[0][1])
        return (
            len(own) == 1
            and all(have.get(name, dtype) == dtype for name, dtype in expected.columns.items() if name in self._reduced)
            and not any("." in name for name in have if name not in expected.columns)
        )

    def _expected_as_it_was(self, have: pl.Schema) -> ExpectedColumns:
        """Check that the columns are the same except for their order, and for the order of fields in structs."""
        casts = CastRules()
        for name, want in self.schema.items():
            if name not in have or objection(have[name], want, casts) is not None:
                msg = "the schema of the file has changed since the scan was made"
                raise SchemaError(msg, "IncompatibleSchemas", self.table.paths[0], name)
        return ExpectedColumns(self.schema, None, inserts_missing=False, ignores_extra=False, casts=casts)
