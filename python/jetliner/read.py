"""Whole files at once: read_avro; and the schema alone: read_avro_schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import polars as pl

from jetliner import options as opt
from jetliner.exceptions import ColumnIndexError, SchemaError
from jetliner.frames import schema_of, to_frame
from jetliner.hive import find_partitions
from jetliner.many_files import ManyFilesOptions, with_ways_out
from jetliner.options import ReadOptions, check_columns, check_flag, has_paths
from jetliner.scan import AvroScan, make_scan
from jetliner.sources import FileSource, first_file, resolve

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

    from jetliner import _core
    from jetliner.reader_schema import AvroSchema


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
) -> pl.DataFrame:
    """Read Avro files into one DataFrame.

    Columns that are not asked for are skipped, not decoded. The columns of the frame consist of several chunks, as
    they were decoded; `DataFrame.rechunk` joins them where an algorithm of yours gains from that.

    Parameters
    ----------
    source : str, os.PathLike, or list or tuple of them
        Files, directories and patterns: `*`, `**` (directories at any depth), `?`, `[...]`, `{a,b}`. Lists are read in
        their order, the matches of a pattern and the files in a directory sorted by path, a file that is named twice
        once. As in a shell, names that start with a dot are matched only by patterns that start with one. Of a
        directory, and those below it, the files are read that end in `.avro` or have no dot in their names; names that
        start with `_` or `.` are left out. A pattern that matches directories alone stands for the files in them.
        `~` stands for the home directory; `file:///` URLs are paths.
    columns : sequence of str or of int, optional
        The columns to read, by name or by index from 0. The frame has them in the order of the file. A name may be a
        path of names joined by dots, such as "address.city": the column `address` then has only the fields that are
        asked for, and the others are skipped at the byte level. Paths lead through lists, which add no name, and
        through maps, which are lists of `key` and `value`. Where names hold dots themselves, the longest one wins;
        that of a whole column first. Not together with partitions, nor where files may differ.
    n_rows : int, optional
        The most rows to read from all files together. Reading stops there.
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
        Accepted for the sake of `scan_avro`'s signature; a single frame does not come in batches.
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
    polars.DataFrame

    Raises
    ------
    TypeError
        An argument has the wrong type, or `columns` mixes names and indices.
    ConfigurationError
        An argument has a value that is not allowed: an empty sequence, a negative number. It is a ValueError.
    FileNotFoundError, PermissionError, SourceError
        A file cannot be read, or a pattern matches none.
    SchemaError
        A schema is not valid or not supported, the files do not have the same schema, or there is no such column;
        for an index it is an IndexError as well.
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
    names, indices = ([], []) if columns is None else check_columns(columns)
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
    partitions = find_partitions(files, many)
    if not many.is_default or partitions is not None:
        return _read_scan(make_scan(files, options, many, partitions, pipes=True), names, indices)
    paths = files.paths
    if indices:
        names = _names_at(indices, paths[0], options)
    # Not all at once: Polars takes over one batch while the next ones are decoded.
    nested = has_paths(names)
    try:
        reader = options.open(paths, columns=names or None, nested=nested, batch_size=opt.BATCH_SIZE, pipes=True)
    except SchemaError as error:
        raise (error if many.has_reader_schema else with_ways_out(error)) from None
    try:
        if names:
            whole = [name for name in names if not ("." in name and reader.has_column(name))]
            _check_parts_exist(whole, reader, paths[0])
            _check_exist(whole, reader.column_names, paths[0])
        return _collect(reader)
    finally:
        reader.close()


def read_avro_schema(
    source: FileSource,
    *,
    glob: bool = True,
    storage_options: dict[str, str] | None = None,
    reader_schema: AvroSchema | None = None,
    enum_as: opt.EnumAs = "enum",
    map_as: opt.MapAs = "list",
) -> pl.Schema:
    """Return the names and types of the columns of an Avro file. Only its header is read.

    Parameters
    ----------
    source : str, os.PathLike, or list or tuple of them
        The file. Of several, of a pattern's matches, or of those in a directory, the first. Partition directories make
        no columns here.
    glob : bool, default True
        Expand patterns. False takes paths literally.
    storage_options : dict of str to str, optional
        Settings of object stores. Local files need none.
    reader_schema : str, dict, list or os.PathLike, optional
        The Avro schema to read by, as for `read_avro`: its columns are returned, if the file can be read by it.
    enum_as : {"enum", "categorical", "string"}, default "enum"
        What Avro's enums become, as for `read_avro`.
    map_as : {"list", "map"}, default "list"
        What Avro's maps become, as for `read_avro`.

    Returns
    -------
    polars.Schema

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
    options = ReadOptions(storage_options=storage_options, reader_schema=reader_schema, enum_as=enum_as, map_as=map_as)
    reader = options.open([first_file(source, glob=glob)])
    try:
        return schema_of(reader)
    finally:
        reader.close()


def _read_scan(scan: AvroScan, names: list[str], indices: list[int]) -> pl.DataFrame:
    """Read all rows of a scan, and of the columns of files and partitions those that are named, if any are."""
    added = [name for name in (scan.options.row_index_name, scan.options.include_file_paths) if name is not None]
    existing = [name for name in scan.schema if name not in added]
    names = names or [existing[index] for index in _checked_indices(indices, existing, scan.paths[0])]
    hint = " (parts of columns cannot be named together with partitions, or with files that differ)"
    _check_exist(names, existing, scan.paths[0], hint if has_paths(names) else "")
    schema = scan.schema
    if names:
        schema = pl.Schema((name, schema[name]) for name in schema if name in names or name in added)
    frames = list(scan(list(schema), None, None, None))
    return pl.concat(frames, rechunk=False) if frames else pl.DataFrame(schema=schema)


def _names_at(indices: list[int], path: str, options: ReadOptions) -> list[str]:
    """Return the names of columns, for which the file's header must be read before the files are opened for them."""
    reader = options.open([path], n_rows=0, row_index=False, file_paths=False, pipes=True)
    names = reader.column_names
    reader.close()
    return [names[index] for index in _checked_indices(indices, names, path)]


def _checked_indices(indices: list[int], names: list[str], path: str) -> list[int]:
    for index in indices:
        if index >= len(names):
            msg = f"column index {index} is out of range: the file has {len(names)} columns"
            raise ColumnIndexError(msg, "ColumnNotFound", path)
    return indices


def _check_exist(names: list[str], existing: list[str], path: str, hint: str = "") -> None:
    known = set(existing)
    for name in names:
        if name not in known:
            msg = f"there is no column {name!r}; the file has {', '.join(map(repr, existing))}{hint}"
            raise SchemaError(msg, "ColumnNotFound", path, name)


def _check_parts_exist(names: list[str], reader: _core.Reader, path: str) -> None:
    """Check names with dots, of which none leads to a column: where one begins like a path, tell how far it leads."""
    columns = reader.column_names
    for name in names:
        known = "" if name in columns else name.rpartition(".")[0]
        while known and not reader.has_column(known):
            known = known.rpartition(".")[0]
        if known:
            field = name[len(known) + 1 :].partition(".")[0]
            msg = f"there is no column {name!r}: {known!r} has no field {field!r}"
            raise SchemaError(msg, "ColumnNotFound", path, name)


def _collect(reader: _core.Reader) -> pl.DataFrame:
    """Read to the end."""
    batches = []
    while (batch := reader.next()) is not None:
        batches.append(to_frame(batch))
    if len(batches) == 1:
        return batches[0]
    return pl.concat(batches, rechunk=False) if batches else to_frame(reader.empty_batch())
