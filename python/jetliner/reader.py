"""Iterators over batches: AvroReader for one file, MultiAvroReader for several."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from jetliner import options as opt
from jetliner.exceptions import FileNotFoundError, SchemaError, SourceError, with_hint  # noqa: A004 (ours)
from jetliner.frames import schema_of, to_frame
from jetliner.options import ReadOptions, check_projected_columns, has_paths
from jetliner.sources import is_pattern, path_list, path_text

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from jetliner._core import BadBlockError
    from jetliner.reader_schema import AvroSchema


class _BatchReader:
    """What the two readers have in common: iteration, the end of it, and what is known on the way."""

    def __init__(self, paths: list[str], options: ReadOptions, columns: list[str] | None) -> None:
        self._paths = paths
        self._options = options
        try:
            self._reader = options.open(paths, columns=columns, nested=has_paths(columns), pipes=True)
        except FileNotFoundError as error:
            if error.path is None or not is_pattern(error.path):
                raise
            hint = " (if this is a pattern: readers take files, scan_avro and read_avro expand patterns)"
            raise with_hint(error, hint) from None
        except SourceError as error:
            if error.path is None or not os.path.isdir(error.path):  # noqa: PTH112 (paths stay text, see sources.py)
                raise
            hint = " (readers take files, scan_avro and read_avro take directories as well)"
            raise with_hint(error, hint) from None
        except SchemaError as error:
            if error.variant != "IncompatibleSchemas" or options.reader_schema is not None:
                raise
            raise with_hint(error, "; files that differ are read by a reader_schema") from None
        self._polars_schema = schema_of(self._reader)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> pl.DataFrame:
        batch = self._reader.next()
        if batch is None:
            raise StopIteration
        return to_frame(batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._reader.close()

    def close(self) -> None:
        """Stop reading and close the file. Leaving a `with` block does the same; it may be called twice.

        What is known about the file and the rows read so far stays available.
        """
        self._reader.close()

    @property
    def schema(self) -> str:
        """The Avro schema of the (first) file as JSON, as written in the file."""
        return self._reader.schema_json

    @property
    def schema_dict(self) -> dict[str, Any]:
        """The Avro schema of the (first) file as a dictionary.

        A schema that JSON does not write as an object, such as `"int"`, is the value of the key `type`.

        Raises
        ------
        SchemaError
            With variant "ParseError": Python's parser refuses the text. What reading ignores, such as attributes that
            Avro does not know, may hold what is not quite JSON, or nest too deep for it.
        """
        try:
            schema = json.loads(self._reader.schema_json.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            msg = f"the schema cannot be given as a dictionary: {error}"
            raise SchemaError(msg, "ParseError", self._paths[0]) from error
        return schema if isinstance(schema, dict) else {"type": schema}

    @property
    def polars_schema(self) -> pl.Schema:
        """Names and types of the columns of every batch."""
        return pl.Schema(self._polars_schema)

    @property
    def batch_size(self) -> int:
        """The most rows that a batch has."""
        return self._options.batch_size

    @property
    def rows_read(self) -> int:
        """The rows handed out so far."""
        return self._reader.rows_read

    @property
    def bytes_read(self) -> int:
        """How many bytes of the files the rows handed out so far come from, about.

        It grows with each batch, and is `total_bytes` once the rows have come to an end, for a progress bar; what
        `n_rows` leaves out counts as read then.
        """
        return self._reader.bytes_read

    @property
    def total_bytes(self) -> int:
        """The size of all files when they were opened, in bytes."""
        return self._reader.total_bytes

    @property
    def estimated_rows(self) -> int | None:
        """How many rows there will be in all, judged by those so far: None before the first batch, exact at the end.

        `count_rows` tells before.
        """
        return self._reader.estimated_rows

    @property
    def is_finished(self) -> bool:
        """Whether the iteration has ended: all rows were handed out, or the reader was closed."""
        return self._reader.is_finished

    @property
    def errors(self) -> list[BadBlockError]:
        """The damage that `ignore_errors` has skipped so far, in the order of the file: the first 10000 of it.

        Each access makes a new list. `error_count` tells how many there are in all.
        """
        return self._reader.bad_blocks()

    @property
    def error_count(self) -> int:
        """How often `ignore_errors` has skipped damage: `len(errors)` up to 10000, and on from there."""
        return self._reader.num_bad_blocks


class AvroReader(_BatchReader):
    """Reads one Avro file batch by batch, in memory that does not grow with the file.

    It is an iterator of DataFrames and a context manager; leaving the `with` block closes the file. Rows come in the
    order of the file. All readers are independent of each other, and Python's other threads run while one decodes.

    Parameters
    ----------
    path : str or os.PathLike
        The file. Patterns are not expanded; `~` and `file:///` URLs are.
    batch_size : int, default 100000
        The most rows in a batch. All batches but the last have as many.
    buffer_blocks : int, default 4
        How many blocks are read ahead and not yet decoded. Neighbouring blocks are joined up to 1 MiB and count as
        one then.
    buffer_bytes : int, default 67108864
        How many bytes are read ahead and not yet decoded, at most, in whole blocks. A single block that is larger
        passes alone.
    ignore_errors : bool, default False
        Skip damaged blocks instead of raising; `errors` lists the first 10000 of them, `error_count` counts all. A
        damaged header always raises.
    projected_columns : list of str, optional
        Read these columns only. Batches have them in the order of the file; names that the file does not have are
        ignored. "address.city" reads that field of `address` alone (as `columns` of `read_avro`).
    storage_options : dict of str to str, optional
        Settings of object stores. Local files need none.
    read_chunk_size : int, optional
        How many bytes to ask for at a time. The source chooses by default.
    max_block_size : int or None, default 536870912
        The most bytes that a block may have when decompressed. None sets no limit.
    max_empty_rows : int, default 16777216
        The most rows of a schema whose values take no bytes (null, records without fields): a file of a few bytes can
        claim any number of them.
    n_threads : int, optional
        How many threads decode, from 1 to 1024. By default the number that Polars was told to use
        (POLARS_MAX_THREADS), or else the number of cores that the process may use.
    reader_schema : str, dict, list or os.PathLike, optional
        The Avro schema to read by, whatever the file was written with: JSON text, the same as Python objects, or
        the path of an .avsc file. The columns are its own. Fields are found by name or alias, in any order; those
        that the file lacks take their default; types are promoted, and enums and unions matched, as Avro's
        specification says under "Schema Resolution". `schema` remains that of the file.
    enum_as : {"enum", "categorical", "string"}, default "enum"
        What Avro's enums become: `Enum` with the schema's symbols, `Categorical`, or `String`.
    map_as : {"list", "map"}, default "list"
        What Avro's maps become: a `List` of structs `{key, value}`, or `Map`, for which Polars must have it. Of a key
        that a map holds several times, `Map` keeps the first place and the last value.
    utf8 : {"strict", "replace"}, default "strict"
        Strings that are not valid UTF-8 are damage, or are read with U+FFFD in place of what is wrong, as
        `bytes.decode("utf-8", "replace")` does.

    Raises
    ------
    TypeError
        An argument has the wrong type.
    ConfigurationError
        An argument has a value that is not allowed. It is a ValueError.
    FileNotFoundError, PermissionError, SourceError
        The file cannot be read.
    ParseError
        It is not an Avro file or damaged.
    SchemaError, CodecError
        Its schema or its codec is not valid or not supported, or `reader_schema` is not valid or does not fit.
    DecodeError
        While iterating: the data does not fit the schema.

    Examples
    --------
    >>> import jetliner
    >>> with jetliner.AvroReader("sales.avro", batch_size=2) as reader:
    ...     for batch in reader:
    ...         print(batch.height, batch["amount"].sum())
    2 30.0
    2 70.0
    1 50.0
    >>> reader.rows_read
    5
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        batch_size: int = opt.BATCH_SIZE,
        buffer_blocks: int = opt.BUFFER_BLOCKS,
        buffer_bytes: int = opt.BUFFER_BYTES,
        ignore_errors: bool = False,
        projected_columns: Sequence[str] | None = None,
        storage_options: dict[str, str] | None = None,
        read_chunk_size: int | None = None,
        max_block_size: int | None = opt.MAX_BLOCK_SIZE,
        max_empty_rows: int = opt.MAX_EMPTY_ROWS,
        n_threads: int | None = None,
        reader_schema: AvroSchema | None = None,
        enum_as: opt.EnumAs = "enum",
        map_as: opt.MapAs = "list",
        utf8: opt.Utf8 = "strict",
    ) -> None:
        paths = [path_text(path)]
        columns = check_projected_columns(projected_columns)
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
        )
        super().__init__(paths, options, columns)

    def __repr__(self) -> str:
        return f"AvroReader({self._paths[0]!r})"

    @property
    def pending_records(self) -> int:
        """The rows that are decoded and not handed out yet."""
        return self._reader.rows_pending


class MultiAvroReader(_BatchReader):
    """Reads several Avro files one after the other, batch by batch.

    The files must have the same schema as the first one, but for the order of fields; with `reader_schema` they may
    have any that it fits. A batch may hold rows of two files. Else it behaves like `AvroReader`.

    Parameters
    ----------
    paths : list of str or os.PathLike
        The files, in this order; one that is listed twice is read once. Patterns are not expanded; `~` and
        `file:///` URLs are.
    batch_size, buffer_blocks, buffer_bytes, ignore_errors, projected_columns, storage_options, read_chunk_size,
    max_block_size, max_empty_rows, n_threads, reader_schema, enum_as, map_as, utf8
        As for `AvroReader`.
    n_rows : int, optional
        The most rows to read from all files together. Reading stops there.
    row_index_name : str, optional
        Adds a first column of this name that counts the rows, through all files (UInt32).
    row_index_offset : int, default 0
        The first number of the row index, from 0 to 4294967295. The index stays at that number once it is reached.
    include_file_paths : str, optional
        Adds a last column of this name with the path of the file that a row comes from (String).

    Raises
    ------
    TypeError, FileNotFoundError, PermissionError, SourceError, ParseError, SchemaError, CodecError, DecodeError
        As `AvroReader` does; also SchemaError where the files do not have the same schema.
    ConfigurationError
        The list is empty, or an argument has a value that is not allowed. It is a ValueError.

    Examples
    --------
    >>> import jetliner
    >>> with jetliner.MultiAvroReader(["sales.avro", "sales_2.avro"], row_index_name="row") as reader:
    ...     for batch in reader:
    ...         print(batch["row"].to_list())
    [0, 1, 2, 3, 4, 5, 6]
    >>> reader.total_sources
    2
    """

    def __init__(
        self,
        paths: list[str | os.PathLike[str]] | list[str] | list[os.PathLike[str]],
        *,
        batch_size: int = opt.BATCH_SIZE,
        buffer_blocks: int = opt.BUFFER_BLOCKS,
        buffer_bytes: int = opt.BUFFER_BYTES,
        ignore_errors: bool = False,
        projected_columns: Sequence[str] | None = None,
        storage_options: dict[str, str] | None = None,
        read_chunk_size: int | None = None,
        max_block_size: int | None = opt.MAX_BLOCK_SIZE,
        max_empty_rows: int = opt.MAX_EMPTY_ROWS,
        n_rows: int | None = None,
        row_index_name: str | None = None,
        row_index_offset: int = 0,
        include_file_paths: str | None = None,
        n_threads: int | None = None,
        reader_schema: AvroSchema | None = None,
        enum_as: opt.EnumAs = "enum",
        map_as: opt.MapAs = "list",
        utf8: opt.Utf8 = "strict",
    ) -> None:
        files = path_list(paths)
        columns = check_projected_columns(projected_columns)
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
        super().__init__(files, options, columns)

    def __repr__(self) -> str:
        return f"MultiAvroReader({self.total_sources} files)"

    @property
    def total_sources(self) -> int:
        """The number of files."""
        return self._reader.num_sources

    @property
    def current_source_index(self) -> int:
        """The file that the last batch came from, counted from 0; `total_sources` at the end."""
        return self._reader.source_index
