"""Lazy queries: scan_avro, an IO source of Polars."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
from polars.io.plugins import register_io_source

from jetliner import options as opt
from jetliner.early import read_early
from jetliner.exceptions import SchemaError
from jetliner.expected import Expected
from jetliner.frames import schema_of, schema_of_batch, schema_of_files
from jetliner.hive import Partitions, find_partitions
from jetliner.late import candidates_of, filtered_frames
from jetliner.many_files import ManyFilesOptions, with_ways_out
from jetliner.options import ReadOptions, check_flag
from jetliner.projection import Projection
from jetliner.pruning import matching_files
from jetliner.sources import Files, FileSource, resolve

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from jetliner.reader_schema import AvroSchema

#: Files of no more bytes together are read early.
_SMALL_BYTES = 128 << 10


@dataclass(frozen=True, slots=True)
class AvroScan:
    """What Polars calls for the rows of a query. It has no state, so it can be called twice, copied and pickled.

    Attributes
    ----------
    paths
        The files, as resolved when the scan was made.
    options
        How to read them.
    schema
        All columns of the scan, as they were when it was made.
    schema_json
        The schema of the first file, as it was then.
    expected
        Of the files, where they need not be all the same; None where they must be.
    is_small
        The files were so small that reading them takes less time than handing the work to another thread.
    """

    paths: list[str]
    options: ReadOptions
    schema: pl.Schema
    schema_json: str = ""
    expected: Expected | None = None
    is_small: bool = False

    def __call__(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        """Yield the frames of a query.

        Parameters
        ----------
        with_columns
            The columns that the query needs, those of the predicate included; None for all.
        predicate
            Keeps rows. Polars does not apply it again.
        n_rows
            The most rows to read, counted before the predicate.
        batch_size
            The rows that Polars would like in a frame.
        """
        frames = self._frames(with_columns, predicate, n_rows, batch_size)
        return read_early(frames) if self.is_small else frames

    def _frames(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        projection = Projection(self, with_columns)
        paths = self.paths if predicate is None or n_rows is not None else self.matching(predicate, projection)
        if not paths:
            return
        # Rows with damage in a column are not read, and so do not count: only who decodes all columns knows of them.
        is_counting = projection.row_index or n_rows is not None or self.options.n_rows is not None
        whole = is_counting and self.options.ignore_errors
        candidates = None if whole else candidates_of(self, projection, predicate)
        reader = self.options.open(
            paths,
            columns=projection.core_columns,
            rows_only=projection.rows_only,
            filter_columns=None if candidates is None else candidates.core_columns,
            batch_size=None if batch_size is None else max(1, min(batch_size, self.options.batch_size)),
            n_rows=n_rows,
            row_index=projection.row_index,
            file_paths=projection.file_paths,
            merge_columns=self.expected is not None,
        )
        try:
            projection.expect(reader, paths)
            if predicate is not None:
                yield from filtered_frames(reader, projection, candidates, predicate, paths)
            else:
                while (batch := reader.next()) is not None:
                    yield projection.frame(batch)
        finally:
            reader.close()  # also where Polars asks for no more

    def matching(self, predicate: pl.Expr, projection: Projection) -> list[str]:
        """Return the files that may have rows which a predicate keeps.

        All, where rows are counted: a row index and a limit of rows count those of all files.
        """
        partitions = None if self.expected is None else self.expected.partitions
        path_column = self.options.include_file_paths
        if (partitions is None and path_column is None) or projection.row_index or self.options.n_rows is not None:
            return self.paths
        known = {} if partitions is None else {column.name: column for column in partitions}
        if path_column is not None:
            known[path_column] = pl.Series(path_column, self.paths, pl.String)
        files = pl.DataFrame(known)
        return [self.paths[index] for index in matching_files(predicate, files)]


def make_scan(
    files: Files, options: ReadOptions, many: ManyFilesOptions, partitions: Partitions | None, *, pipes: bool = False
) -> AvroScan:
    """Read the headers of files, and make the source of a query of what they say.

    Parameters
    ----------
    files
        The files.
    options
        How to read them.
    many
        How they may differ.
    partitions
        Their partition directories. Where there are any, only the first file is looked at; the others when they are
        read.
    pipes
        Pipes may be read, which is possible only once.

    Raises
    ------
    SchemaError
        A schema is not valid, files do not go together, or a column has the name of another.
    """
    if many.is_default and partitions is None:
        try:
            reader = options.open(files.paths, pipes=pipes)
        except SchemaError as error:
            raise (error if many.has_reader_schema else with_ways_out(error)) from None
        try:
            schema = schema_of_files(reader, options)
            is_small = reader.total_bytes <= _SMALL_BYTES
            return AvroScan(files.paths, options, schema, reader.schema_json, is_small=is_small)
        finally:
            reader.close()
    options.check_paths(files.paths)
    opened = files.paths if partitions is None else files.paths[:1]
    reader = options.open(opened, row_index=False, file_paths=False, pipes=pipes, merge_columns=True)
    try:
        own = reader.own_schemas()  # none, where there is a reader schema
        columns = many.schema
        if columns is None:
            columns = schema_of_batch(own[0][1]) if own else schema_of(reader)
        expected = Expected(
            columns,
            None if partitions is None else partitions.columns(columns, many),
            inserts_missing=many.missing_columns == "insert",
            ignores_extra=many.extra_columns == "ignore",
            casts=many.casts,
        )
        expected.check_files(own, opened)
        schema = _with_added(columns, expected.partitions, options)
        return AvroScan(files.paths, options, schema, reader.schema_json, expected)
    finally:
        reader.close()


def _with_added(columns: pl.Schema, partitions: pl.DataFrame | None, options: ReadOptions) -> pl.Schema:
    """Return the columns of a scan: row index, columns of the files, partition columns that these lack, path."""
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


#: Since 2.0 Polars lets a source say what `explain` shows of it.
_CAN_EXPLAIN = "explain_detail" in inspect.signature(register_io_source).parameters


def _explanation(paths: list[str]) -> dict[str, Any]:
    """Return what `explain` is to show, as arguments of register_io_source: the files, as Polars abridges its own."""
    if not _CAN_EXPLAIN:
        return {}
    shown = [path if path.isprintable() else repr(path)[1:-1] for path in paths[:2]]
    if len(paths) > len(shown):
        shown[1:] = [f"... {len(paths) - 1} other sources"]
    return {"explain_name": "AVRO", "explain_detail": f"FILES: [{', '.join(shown)}]"}


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
    buffer_blocks: int = opt.BUFFER_BLOCKS,
    buffer_bytes: int = opt.BUFFER_BYTES,
    read_chunk_size: int | None = None,
    batch_size: int = opt.BATCH_SIZE,
    max_block_size: int | None = opt.MAX_BLOCK_SIZE,
    max_empty_rows: int = opt.MAX_EMPTY_ROWS,
    n_threads: int | None = None,
    reader_schema: AvroSchema | None = None,
    enum_as: opt.EnumAs = "enum",
    map_as: opt.MapAs = "list",
    utf8: opt.Utf8 = "strict",
    missing_columns: Literal["insert", "raise"] = "raise",
    extra_columns: Literal["ignore", "raise"] = "raise",
    schema: Mapping[str, PolarsDataType] | None = None,
    cast_options: pl.ScanCastOptions | None = None,
    hive_partitioning: bool | None = None,
    hive_schema: Mapping[str, PolarsDataType] | None = None,
    try_parse_hive_dates: bool = True,
) -> pl.LazyFrame:
    """Query Avro files lazily.

    The columns that a query does not need are skipped, not decoded; filters are applied batch by batch; `head` and
    `limit` stop reading early. The headers are read at this call, the data when the query is collected. The
    LazyFrame can be pickled and collected in another process that sees the same files.

    Parameters
    ----------
    source : str, os.PathLike, or list or tuple of them
        Files, directories and patterns: `*`, `**` (directories at any depth), `?`, `[...]`, `{a,b}`. Lists are read in
        their order, the matches of a pattern and the files in a directory sorted by path, a file that is named twice
        once. As in a shell, names that start with a dot are matched only by patterns that start with one. Of a
        directory, and those below it, the files are read that end in `.avro` or have no dot in their names; names that
        start with `_` or `.` are left out. A pattern that matches directories alone stands for the files in them.
        `~` stands for the home directory; `file:///` URLs are paths.
    n_rows : int, optional
        The most rows to read from all files together, counted before any filter. Reading stops there.
    row_index_name : str, optional
        Adds a first column of this name that counts the rows, through all files (UInt32).
    row_index_offset : int, default 0
        The first number of the row index, from 0 to 4294967295. The index stays at that number once it is reached.
    glob : bool, default True
        Expand patterns. False takes paths literally.
    include_file_paths : str, optional
        Adds a last column of this name with the path of the file that a row comes from (String).
    ignore_errors : bool, default False
        Skip damaged blocks instead of raising. (`AvroReader.errors` tells which, where that matters.)
    storage_options : dict of str to str, optional
        Settings of object stores. Local files need none.
    buffer_blocks : int, default 4
        How many blocks are read ahead and not yet decoded. Neighbouring blocks are joined up to 1 MiB and count as
        one then.
    buffer_bytes : int, default 67108864
        How many bytes are read ahead and not yet decoded, at most, in whole blocks. A single block that is larger
        passes alone.
    read_chunk_size : int, optional
        How many bytes to ask for at a time. The source chooses by default.
    batch_size : int, default 100000
        The most rows that are handed to Polars at a time.
    max_block_size : int or None, default 536870912
        The most bytes that a block may have when decompressed. None sets no limit.
    max_empty_rows : int, default 16777216
        The most rows of a schema whose values take no bytes (null, records without fields): a file of a few bytes can
        claim any number of them.
    n_threads : int, optional
        How many threads decode, from 1 to 1024. By default the number that Polars was told to use
        (POLARS_MAX_THREADS), or else the number of cores that the process may use.
    reader_schema : str, dict, list or os.PathLike, optional
        The Avro schema to read by, whatever the files were written with: JSON text, the same as Python objects, or
        the path of an .avsc file. The columns are its own. Fields are found by name or alias, in any order; those
        that a file lacks take their default; types are promoted, and enums and unions matched, as Avro's
        specification says under "Schema Resolution". The files may have different schemas then.
    enum_as : {"enum", "categorical", "string"}, default "enum"
        What Avro's enums become: `Enum` with the schema's symbols, `Categorical`, or `String`.
    map_as : {"list", "map"}, default "list"
        What Avro's maps become: a `List` of structs `{key, value}`, or `Map`, for which Polars must have it. Of a key
        that a map holds several times, `Map` keeps the first place and the last value.
    utf8 : {"strict", "replace"}, default "strict"
        Strings that are not valid UTF-8 are damage, or are read with U+FFFD in place of what is wrong, as
        `bytes.decode("utf-8", "replace")` does.
    missing_columns : {"raise", "insert"}, default "raise"
        What happens where a file lacks a column: an error, or it is null. Fields of structs: see `cast_options`.
    extra_columns : {"raise", "ignore"}, default "raise"
        What happens where a file has a column that is not expected: an error, or it is left out.
    schema : mapping of str to polars.DataType, optional
        The columns to expect, in place of those of the first file. Types that differ are cast as far as `cast_options`
        allows it.
    cast_options : polars.ScanCastOptions, optional
        Which types may be read as others: by default none. Columns of nulls only may be read as anything; with
        `categorical_to_string="allow"`, enums as strings.
    hive_partitioning : bool, optional
        Whether directories such as `year=2024` make columns. By default they do below a source that is one directory,
        and where `hive_schema` is given. With True they do in all paths. Then only the header of the first file is read
        at the call, those of the others when they are read.
    hive_schema : mapping of str to polars.DataType, optional
        The types of the partition columns, all of them. By default a column that is also in the files has the type that
        it has there, and others what all values have in common: Int64, Int128, Float64, Boolean, Date, Datetime, or
        String.
    try_parse_hive_dates : bool, default True
        Whether values of partitions may become dates and datetimes.

    Returns
    -------
    polars.LazyFrame

    Raises
    ------
    TypeError
        An argument has the wrong type.
    ConfigurationError
        An argument has a value that is not allowed: an empty sequence, a negative number. It is a ValueError.
    FileNotFoundError, PermissionError, SourceError
        A file cannot be read, or a pattern matches none.
    SchemaError, CodecError
        A schema or a codec is not valid or not supported, or the files do not have the same schema, or one that cannot
        be read by `reader_schema`.
    ParseError, DecodeError
        A file is not an Avro file or damaged. Damage of the data shows when the query is collected; Polars 1.x then
        raises a ComputeError with the same text.

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
        n_threads=n_threads,
        reader_schema=reader_schema,
        enum_as=enum_as,
        map_as=map_as,
        utf8=utf8,
        n_rows=n_rows,
        row_index_name=row_index_name,
        row_index_offset=row_index_offset,
        include_file_paths=include_file_paths,
    )
    many = ManyFilesOptions(
        missing_columns=missing_columns,
        extra_columns=extra_columns,
        schema=schema,
        cast_options=cast_options,
        hive_partitioning=hive_partitioning,
        hive_schema=hive_schema,
        try_parse_hive_dates=try_parse_hive_dates,
        has_reader_schema=reader_schema is not None,
    )
    files = resolve(source, glob=glob)
    source_of_rows = make_scan(files, options, many, find_partitions(files, many))
    return register_io_source(source_of_rows, schema=source_of_rows.schema, is_pure=True, **_explanation(files.paths))
