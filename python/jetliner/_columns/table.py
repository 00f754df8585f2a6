"""Table: the files of a read, and the columns that they have together. The headers of the files tell."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jetliner._columns.expected_columns import ExpectedColumns
from jetliner._columns.frames import schema_of, schema_of_batch
from jetliner._columns.known_schemas import schema_of_files
from jetliner._columns.way_out import BY_OPTIONS, Call, with_way_out
from jetliner._files.hive import Partitions
from jetliner._files.inputs import Inputs
from jetliner._files.opening import check_paths_for_column, open_reader
from jetliner._files.sources import Files
from jetliner._options.read_options import ReadOptions
from jetliner.exceptions import SchemaError


@dataclass(frozen=True, slots=True)
class Table:
    """Files and their columns, as they were when the headers were read. It can be copied and pickled.

    Attributes
    ----------
    paths
        The files.
    options
        How to read them.
    schema
        All columns: row index, columns of the files, partition columns, path.
    schema_json
        The schema of the first file.
    expected
        The columns that are expected of each file, if the files may differ; None if they must be alike.
    total_bytes
        The size of the files whose headers were read.
    call
        The call of the user, for messages.
    """

    paths: list[str]
    options: ReadOptions
    schema: pl.Schema
    schema_json: str = ""
    expected: ExpectedColumns | None = None
    total_bytes: int = 0
    call: Call | None = None

    @property
    def columns(self) -> pl.Schema:
        """All columns but row index and path."""
        added = self.options.added_columns
        return pl.Schema((name, dtype) for name, dtype in self.schema.items() if name not in added)


def make_table(
    files: Files,
    options: ReadOptions,
    call: Call,
    partitions: Partitions | None,
    *,
    inputs: Inputs,
    first_only: bool = False,
) -> Table:
    """Read the headers of files, and make a table from them.

    Parameters
    ----------
    files
        The files.
    options
        How to read them.
    call
        The call of the user. Its options `many` tell how the files may differ.
    partitions
        Their partition directories. With partitions, only the header of the first file is read here. The headers of the
        others are read with their rows.
    inputs
        What the readers of the call read.
    first_only
        Read the header of the first file only, as with partitions.

    Raises
    ------
    SchemaError
        A schema is not valid, the files do not fit together, or two columns have the same name.
    """
    many = call.many
    first_only = first_only and len(files.paths) > 1
    if many.files_are_alike and partitions is None and not first_only:
        try:
            reader = open_reader(options, files.paths, inputs=inputs)
        except SchemaError as error:
            raise with_way_out(error, call, options, files.paths, hint=BY_OPTIONS, inputs=inputs) from None
        try:
            schema = schema_of_files(reader, options)
            return Table(files.paths, options, schema, reader.schema_json, total_bytes=reader.total_bytes)
        finally:
            reader.close()
    check_paths_for_column(options, files.paths)
    opened = files.paths[:1] if first_only or partitions is not None else files.paths
    reader = open_reader(options, opened, row_index=False, file_paths=False, merge_columns=True, inputs=inputs)
    try:
        own = reader.own_schemas()  # empty if there is a reader schema
        columns = many.schema
        if columns is None:
            columns = schema_of_batch(own[0][1]) if own else schema_of(reader)
        expected = ExpectedColumns(
            columns,
            None if partitions is None else partitions.columns(columns, many),
            inserts_missing=many.missing_columns == "insert",
            ignores_extra=many.extra_columns == "ignore",
            casts=many.casts,
        )
        try:
            expected.check_files(own, opened)
        except SchemaError as error:
            names = expected.partition_names
            raise with_way_out(error, call, options, files.paths, partition_names=names, inputs=inputs) from None
        schema = _with_added(columns, expected.partitions, options)
        return Table(files.paths, options, schema, reader.schema_json, expected, reader.total_bytes, call)
    finally:
        reader.close()


def _with_added(columns: pl.Schema, partitions: pl.DataFrame | None, options: ReadOptions) -> pl.Schema:
    """Return all columns: row index, columns of the files, partition columns that are not among these, path."""
    schema = pl.Schema()
    names = dict(columns)
    if partitions is not None:
        names.update(partitions.schema)
    row_index, path = (options.row_index_name, pl.UInt32()), (options.include_file_paths, pl.String())
    for name, dtype in (row_index, *names.items(), path):
        if name in schema:
            msg = f"there is already a column named {name!r}"
            raise SchemaError(msg, "Duplicate", None, name)
        if name is not None:
            schema[name] = dtype
    return schema
