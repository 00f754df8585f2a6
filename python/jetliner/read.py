"""Whole files at once: read_avro; and the schema alone: read_avro_schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import polars as pl

from jetliner._columns.frames import schema_of
from jetliner._columns.table import make_table
from jetliner._columns.way_out import Call
from jetliner._columns.whole import open_files_alike, open_table, read_whole
from jetliner._files.hive import find_partitions
from jetliner._files.inputs import Inputs
from jetliner._files.opening import open_reader
from jetliner._files.sources import FileSource, first_file, resolve
from jetliner._options import defaults
from jetliner._options.checks import check_flag
from jetliner._options.many_files import ManyFilesOptions
from jetliner._options.parameters import documented
from jetliner._options.read_options import EnumAs, InvalidValues, MapAs, ReadOptions, Utf8
from jetliner._options.reader_schema import AvroSchema
from jetliner._options.selection import check_columns
from jetliner._progress import ReadingBar
from jetliner._stores.credentials import CredentialProviderArgument

if TYPE_CHECKING:
    from polars._typing import PolarsDataType


@documented(batch_size="Accepted because `scan_avro` has it. A single frame does not come in batches.")
def read_avro(
    source: FileSource,
    *,
    columns: Sequence[str] | Sequence[int] | None = None,
    n_rows: int | None = None,
    row_index_name: str | None = None,
    row_index_offset: int = 0,
    glob: bool = True,
    include_file_paths: str | None = None,
    ignore_errors: bool = False,
    storage_options: dict[str, str] | None = None,
    credential_provider: CredentialProviderArgument = "auto",
    buffer_blocks: int = defaults.BUFFER_BLOCKS,
    buffer_bytes: int = defaults.BUFFER_BYTES,
    read_chunk_size: int | None = None,
    batch_size: int = defaults.BATCH_SIZE,
    max_block_size: int | None = defaults.MAX_BLOCK_SIZE,
    max_empty_rows: int = defaults.MAX_EMPTY_ROWS,
    n_threads: int | None = None,
    reader_schema: AvroSchema | None = None,
    enum_as: EnumAs = "enum",
    map_as: MapAs = "list",
    utf8: Utf8 = "strict",
    invalid_values: InvalidValues = "raise",
    progress: bool = False,
    missing_columns: Literal["insert", "raise"] = "raise",
    extra_columns: Literal["ignore", "raise"] = "raise",
    schema: Mapping[str, PolarsDataType] | None = None,
    cast_options: pl.ScanCastOptions | None = None,
    hive_partitioning: bool | None = None,
    hive_schema: Mapping[str, PolarsDataType] | None = None,
    try_parse_hive_dates: bool = True,
) -> pl.DataFrame:
    """Read Avro files into one DataFrame.

    Columns that are not asked for are skipped, not decoded. The columns of the frame are in several chunks, as they
    were decoded. `DataFrame.rechunk` joins them, for algorithms that are faster with one chunk.

    Returns
    -------
    polars.DataFrame
        The rows of all files, in the order of the files.

    Raises
    ------
    TypeError
        An argument has the wrong type, or `columns` mixes names and indices.
    ConfigurationError
        An argument has a value that is not allowed: an empty sequence, a negative number. It is a ValueError.
    FileNotFoundError, PermissionError, SourceError
        A file cannot be read, or a pattern matches none.
    SchemaError
        A schema is not valid or not supported, the files do not have the same schema, or there is no such column. For
        a column index it is also an IndexError.
    ParseError, CodecError, DecodeError
        A file is not an Avro file or damaged.

    Examples
    --------
    >>> import jetliner
    >>> jetliner.read_avro("sales.avro", columns=["user_id", "amount"], n_rows=2)
    shape: (2, 2)
    ┌─────────┬────────┐
    │ user_id ┆ amount │
    │ ---     ┆ ---    │
    │ i64     ┆ f64    │
    ╞═════════╪════════╡
    │ 1       ┆ 10.0   │
    │ 2       ┆ 20.0   │
    └─────────┴────────┘
    """
    check_flag("glob", glob)
    selection = check_columns(columns)
    options = ReadOptions(
        batch_size=batch_size,
        buffer_blocks=buffer_blocks,
        buffer_bytes=buffer_bytes,
        read_chunk_size=read_chunk_size,
        max_block_size=max_block_size,
        max_empty_rows=max_empty_rows,
        ignore_errors=ignore_errors,
        storage_options=storage_options,
        credential_provider=credential_provider,
        n_threads=n_threads,
        reader_schema=reader_schema,
        enum_as=enum_as,
        map_as=map_as,
        utf8=utf8,
        invalid_values=invalid_values,
        progress=progress,
        n_rows=n_rows,
        row_index_name=row_index_name,
        row_index_offset=row_index_offset,
        include_file_paths=include_file_paths,
    ).checked()
    many = ManyFilesOptions(
        missing_columns=missing_columns,
        extra_columns=extra_columns,
        schema=schema,
        cast_options=cast_options,
        hive_partitioning=hive_partitioning,
        hive_schema=hive_schema,
        try_parse_hive_dates=try_parse_hive_dates,
        has_reader_schema=reader_schema is not None,
    ).checked()
    files = resolve(source, options, glob=glob)
    options = options.of(files)
    partitions = find_partitions(files, many)
    call = Call("read_avro", files.given, many, glob, selection)
    with Inputs() as inputs:
        if many.files_are_alike and partitions is None:
            reader, frame_of = open_files_alike(files.paths, options, call, inputs)
        else:
            table = make_table(files, options, call, partitions, inputs=inputs)
            reader, frame_of = open_table(table, selection, inputs)
    return read_whole(reader, frame_of, ReadingBar(reader, files.paths) if options.progress else None)


@documented(
    source="The file. If there are several, the first one. Partition directories make no columns here.",
    reader_schema="""
    The Avro schema to read by, as for `read_avro`. Its columns are returned, if the file can be read by it.
    """,
)
def read_avro_schema(
    source: FileSource,
    *,
    glob: bool = True,
    storage_options: dict[str, str] | None = None,
    credential_provider: CredentialProviderArgument = "auto",
    reader_schema: AvroSchema | None = None,
    enum_as: EnumAs = "enum",
    map_as: MapAs = "list",
) -> pl.Schema:
    """Return the names and types of the columns of an Avro file. Only its header is read.

    For a directory, a pattern or a list, these are the columns of the first file. The others are not looked at.

    Returns
    -------
    polars.Schema
        The columns, in the order of the file.

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, PermissionError, SourceError, ParseError, SchemaError, CodecError
        As `read_avro` does.

    Examples
    --------
    >>> import jetliner
    >>> dict(jetliner.read_avro_schema("sales.avro"))
    {'user_id': Int64, 'amount': Float64, 'status': String}
    """
    check_flag("glob", glob)
    options = ReadOptions(
        storage_options=storage_options,
        credential_provider=credential_provider,
        reader_schema=reader_schema,
        enum_as=enum_as,
        map_as=map_as,
    ).checked()
    file = first_file(source, options, glob=glob)
    with Inputs(takes_pipes=False, headers_only=True) as inputs:
        reader = open_reader(options.of(file), file.paths, inputs=inputs)
    try:
        return schema_of(reader)
    finally:
        reader.close()
