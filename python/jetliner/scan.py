"""Lazy queries: scan_avro."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import polars as pl

from jetliner._columns.table import make_table
from jetliner._columns.way_out import Call
from jetliner._files.hive import find_partitions
from jetliner._files.inputs import Inputs
from jetliner._files.sources import FileSource, resolve
from jetliner._options import defaults
from jetliner._options.checks import check_flag
from jetliner._options.many_files import ManyFilesOptions
from jetliner._options.parameters import documented
from jetliner._options.read_options import EnumAs, InvalidValues, MapAs, ReadOptions, Utf8
from jetliner._options.reader_schema import AvroSchema
from jetliner._query.io_source import lazy_frame
from jetliner._stores.credentials import CredentialProviderArgument

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _names_select(function: _Function) -> _Function:
    """Name `select` in the error about `columns`, an option of read_avro that scan_avro does not have."""

    @wraps(function)
    def checked(*args: Any, **options: Any) -> Any:
        if "columns" in options:
            msg = "scan_avro() got an unexpected keyword argument 'columns': use scan_avro(...).select(...)"
            raise TypeError(msg)
        return function(*args, **options)

    return cast("_Function", checked)


@_names_select
@documented(
    n_rows="The most rows to read from all files together, counted before any filter. Reading stops there.",
    batch_size="The most rows that are handed to Polars at a time.",
    progress="""
    Show a progress bar on stderr, or in a notebook, when the query is collected: bytes, rate, and time left. It needs
    tqdm (`pip install 'jetliner[progress]'`). If the query reads the files twice, there are two bars.
    """,
)
def scan_avro(
    source: FileSource,
    *,
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
) -> pl.LazyFrame:
    """Query Avro files lazily.

    Columns that a query does not need are skipped, not decoded. Filters are evaluated first, and the other columns are
    decoded only for the rows that they keep. `head` and `limit` stop reading early. The headers are read at this call,
    the rows when the query is collected.

    The LazyFrame can be pickled, and collected in another process that sees the same files. In a forked process,
    queries of Polars hang: use spawn, or `read_avro` (docs/queries.md#processes).

    Returns
    -------
    polars.LazyFrame
        The query.

    Raises
    ------
    TypeError
        An argument has the wrong type.
    ConfigurationError
        An argument has a value that is not allowed: an empty sequence, a negative number. It is a ValueError.
    FileNotFoundError, PermissionError, SourceError
        A file cannot be read, or a pattern matches none.
    SchemaError, CodecError
        A schema or a codec is not valid or not supported, the files do not have the same schema, or a file cannot be
        read by `reader_schema`.
    ParseError, DecodeError
        A file is not an Avro file or damaged. Damaged data raise when the query is collected. Polars 1.x then raises a
        ComputeError with the same text.

    Examples
    --------
    >>> import jetliner
    >>> import polars as pl
    >>> jetliner.scan_avro("sales.avro").filter(pl.col("status") == "active").select("user_id", "amount").collect()
    shape: (3, 2)
    ┌─────────┬────────┐
    │ user_id ┆ amount │
    │ ---     ┆ ---    │
    │ i64     ┆ f64    │
    ╞═════════╪════════╡
    │ 1       ┆ 10.0   │
    │ 3       ┆ 30.0   │
    │ 5       ┆ 50.0   │
    └─────────┴────────┘
    """
    check_flag("glob", glob)
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
    call = Call("scan_avro", files.given, many, glob)
    partitions = find_partitions(files, many)
    with Inputs(takes_pipes=False, headers_only=True) as inputs:
        return lazy_frame(make_table(files, options, call, partitions, inputs=inputs))
