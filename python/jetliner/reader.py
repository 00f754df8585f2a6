"""Readers: AvroReader for one file, MultiAvroReader for several. Both iterate over batches."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from jetliner import _core
from jetliner._columns.alike import open_alike
from jetliner._columns.frames import schema_of, to_frame
from jetliner._columns.schema_dict import schema_dict
from jetliner._columns.way_out import BY_READER_SCHEMA, Call, with_way_out
from jetliner._files.inputs import Inputs
from jetliner._files.sources import BytesSource, Files, single_source, source_list
from jetliner._options import defaults
from jetliner._options.parameters import documented
from jetliner._options.read_options import EnumAs, InvalidValues, MapAs, ReadOptions, Utf8
from jetliner._options.reader_schema import AvroSchema
from jetliner._options.selection import Selection, check_reader_columns
from jetliner._progress import ReadingBar
from jetliner._stores.credentials import CredentialProviderArgument
from jetliner._stores.names import is_pattern
from jetliner.exceptions import (
    ConfigurationError,
    FileNotFoundError,  # noqa: A004 (ours)
    JetlinerError,
    SchemaError,
    SourceError,
    with_hint,
)

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from jetliner._core import BadBlockError


def _open(paths: list[str], options: ReadOptions, selection: Selection) -> _core.Reader:
    """Open files, and add hints to the errors of frequent mistakes."""
    try:
        with Inputs() as inputs:
            try:
                return open_alike(options, paths, selection, inputs)
            except SchemaError as error:
                call = Call("MultiAvroReader", paths, selection=selection)
                raise with_way_out(error, call, options, paths, hint=BY_READER_SCHEMA, inputs=inputs) from None
    except FileNotFoundError as error:
        if error.path is None or not is_pattern(error.path):
            raise
        hint = " (if this is a pattern: readers take files, scan_avro and read_avro expand patterns)"
        raise with_hint(error, hint) from None
    except SourceError as error:
        if error.path is None or not os.path.isdir(error.path):  # noqa: PTH112 (paths stay text, see _files/paths.py)
            raise
        hint = " (readers take files, scan_avro and read_avro take directories as well)"
        raise with_hint(error, hint) from None


def _taken() -> ConfigurationError:
    msg = "the rows of this reader were taken as an Arrow stream: open a second reader"
    return ConfigurationError(msg)


class _BatchReader:
    """The common part of the two readers: iteration, closing, and the properties."""

    def __init__(self, files: Files, options: ReadOptions, selection: Selection) -> None:
        self._paths = files.paths
        self._options = options.of(files)
        self._reader = _open(files.paths, self._options, selection)
        self._state = "open"
        self._is_taken = False  # by an Arrow stream
        self._bar = ReadingBar(self._reader, files.paths) if options.progress else None
        # Made when it is asked for: for Polars that takes as long as reading a small file. Only a Map is made at once,
        # for a Polars without that type refuses it.
        self._polars_schema = schema_of(self._reader) if options.map_as == "map" else None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> pl.DataFrame:
        if self._is_taken:
            raise _taken()
        batch = self._next_batch()
        if batch is None:
            raise StopIteration
        return to_frame(batch)

    def _next_batch(self) -> _core.Batch | None:
        try:
            batch = self._reader.next()
        except JetlinerError:
            self._state = "failed"
            self._close_bar()
            raise
        if self._bar is not None:
            self._bar.follow()
        if batch is None:
            self._close_bar()
        return batch

    def _next_of_stream(self) -> _core.Batch | None:
        if self._state == "closed":  # before its end
            msg = "the reader was closed before its Arrow stream came to the end"
            raise SourceError(msg, "Io", self._paths[0])
        return self._next_batch()

    def __arrow_c_schema__(self) -> object:
        """Return the schema of `__arrow_c_stream__`, by the Arrow PyCapsule interface."""
        return _core.plain_schema(self._reader.empty_batch())

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the rows that are left as a stream of Arrow arrays, by the Arrow PyCapsule interface.

        pyarrow, DuckDB, pandas, DataFusion and nanoarrow call it. Text is large_string, and bytes are large_binary. The
        stream uses the reader up, and holds one batch at a time in memory.

        Parameters
        ----------
        requested_schema
            A capsule of an Arrow schema. Text and bytes that are views in it come as views, without a copy. All else in
            it is ignored, as the interface allows.

        Raises
        ------
        ConfigurationError
            The stream was taken before.
        """
        if self._is_taken:
            raise _taken()
        stream = _core.reader_stream(self._next_of_stream, self._reader.empty_batch(), requested_schema)
        self._is_taken = True
        return stream

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and close the file. Leaving a `with` block does the same; it may be called twice.

        What is known about the file and the rows read so far stays available.
        """
        if not self._reader.is_finished:
            self._state = "closed"
        self._reader.close()
        self._close_bar()

    def _close_bar(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def __repr__(self) -> str:
        state = "finished" if self._state == "open" and self.is_finished else self._state
        progress = f"{self.rows_read} rows read, {self.bytes_read} of {self.total_bytes} bytes"
        return f"<{type(self).__name__} {self._shown_source()}: {state}, {progress}>"

    def _shown_source(self) -> str:
        """Return the files as `repr` shows them."""
        return repr(self._paths[0])

    @property
    def schema(self) -> str:
        """The Avro schema of the (first) file as JSON, as written in the file."""
        return self._reader.schema_json

    @property
    def schema_dict(self) -> dict[str, Any]:
        """The Avro schema of the (first) file as a dictionary.

        A schema that is no JSON object, such as `"int"`, is the value of the key `type`.

        Raises
        ------
        SchemaError
            With variant "ParseError": the JSON parser of Python refuses the text. Reading ignores some parts, such as
            attributes that Avro does not know. These may contain invalid JSON, or nest too deep for Python.
        """
        return schema_dict(self._reader.schema_json, self._paths[0])

    @property
    def polars_schema(self) -> pl.Schema:
        """Names and types of the columns of every batch."""
        if self._polars_schema is None:
            self._polars_schema = schema_of(self._reader)
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
        """About how many bytes of the files the rows so far come from. It is meant for progress bars.

        It grows with each batch. At the end it is `total_bytes`, also if `n_rows` left out rows.
        """
        return self._reader.bytes_read

    @property
    def total_bytes(self) -> int:
        """The size of all files when they were opened, in bytes."""
        return self._reader.total_bytes

    @property
    def estimated_rows(self) -> int | None:
        """About how many rows there are, judged by the rows so far. None before the first batch, exact at the end.

        `count_rows` tells the number before reading.
        """
        return self._reader.estimated_rows

    @property
    def is_finished(self) -> bool:
        """Whether iteration has ended: all rows were handed out, or the reader was closed."""
        return self._reader.is_finished

    @property
    def errors(self) -> list[BadBlockError]:
        """The damage that `ignore_errors` has skipped so far, in the order of the files. At most the first 10000.

        Each access makes a new list. `error_count` counts all.
        """
        return self._reader.bad_blocks()

    @property
    def error_count(self) -> int:
        """How often `ignore_errors` has skipped damage so far. It may be more than `len(errors)`."""
        return self._reader.num_bad_blocks


@documented(
    batch_size="The most rows in a batch. All batches but the last have this number.",
    ignore_errors="""
    Skip damaged blocks instead of raising. `errors` lists the first 10000 of them, `error_count` counts all. A damaged
    header always raises.
    """,
    reader_schema="""
    The Avro schema to read by, whatever schema the file was written with: JSON text, the same as Python objects, or the
    path of an .avsc file. It decides the columns. Fields are found by name or alias, in any order. A field that the
    file lacks gets its default. Types are promoted, and enums and unions matched, by the rules of the Avro
    specification ("Schema Resolution"). `schema` is still that of the file.
    """,
)
class AvroReader(_BatchReader):
    """Reads one Avro file batch by batch. Memory does not grow with the file.

    It is an iterator of DataFrames and a context manager. The end of the `with` block closes the file. Rows come in the
    order of the file. Readers are independent of each other, and other Python threads run while a reader decodes.

    A reader gives its rows once. A reader that is closed or used up gives no more batches, and no error: `list(reader)`
    is empty.

    A block is read as a whole, so memory grows with the largest block. Most programs write small blocks, but
    `polars.DataFrame.write_avro` makes one block of the whole file.

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
        Its schema or its codec is not valid or not supported, `reader_schema` is not valid or does not fit, or there is
        no such column. For a column index it is also an IndexError.
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
        path: str | os.PathLike[str] | BytesSource,
        *,
        batch_size: int = defaults.BATCH_SIZE,
        buffer_blocks: int = defaults.BUFFER_BLOCKS,
        buffer_bytes: int = defaults.BUFFER_BYTES,
        ignore_errors: bool = False,
        columns: Sequence[str] | Sequence[int] | None = None,
        projected_columns: Sequence[str] | None = None,
        storage_options: dict[str, str] | None = None,
        credential_provider: CredentialProviderArgument = "auto",
        read_chunk_size: int | None = None,
        max_block_size: int | None = defaults.MAX_BLOCK_SIZE,
        max_empty_rows: int = defaults.MAX_EMPTY_ROWS,
        n_threads: int | None = None,
        reader_schema: AvroSchema | None = None,
        enum_as: EnumAs = "enum",
        map_as: MapAs = "list",
        utf8: Utf8 = "strict",
        invalid_values: InvalidValues = "raise",
        progress: bool = False,
    ) -> None:
        selection = check_reader_columns(columns, projected_columns)
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
        ).checked()
        files = single_source(path, options)
        super().__init__(files, options, selection)

    @classmethod
    def _of(cls, files: Files, options: ReadOptions, selection: Selection) -> Self:
        """Open a reader with options that were checked already (AvroSplit.open)."""
        reader = cls.__new__(cls)
        _BatchReader.__init__(reader, files, options, selection)
        return reader

    @property
    def pending_records(self) -> int:
        """The rows that are decoded but not handed out yet."""
        return self._reader.rows_pending


@documented(
    batch_size="The most rows in a batch. All batches but the last have this number.",
    ignore_errors="""
    Skip damaged blocks instead of raising. `errors` lists the first 10000 of them, `error_count` counts all. A damaged
    header always raises.
    """,
)
class MultiAvroReader(_BatchReader):
    """Reads several Avro files one after the other, batch by batch.

    The files must have the schema of the first one, but their fields may stand in any order. With `reader_schema` they
    may have any schema that can be read by it. A batch may hold rows of several files. Otherwise it behaves like
    `AvroReader`.

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
        paths: Sequence[str | os.PathLike[str]] | Sequence[BytesSource],
        *,
        batch_size: int = defaults.BATCH_SIZE,
        buffer_blocks: int = defaults.BUFFER_BLOCKS,
        buffer_bytes: int = defaults.BUFFER_BYTES,
        ignore_errors: bool = False,
        columns: Sequence[str] | Sequence[int] | None = None,
        projected_columns: Sequence[str] | None = None,
        storage_options: dict[str, str] | None = None,
        credential_provider: CredentialProviderArgument = "auto",
        read_chunk_size: int | None = None,
        max_block_size: int | None = defaults.MAX_BLOCK_SIZE,
        max_empty_rows: int = defaults.MAX_EMPTY_ROWS,
        n_rows: int | None = None,
        row_index_name: str | None = None,
        row_index_offset: int = 0,
        include_file_paths: str | None = None,
        n_threads: int | None = None,
        reader_schema: AvroSchema | None = None,
        enum_as: EnumAs = "enum",
        map_as: MapAs = "list",
        utf8: Utf8 = "strict",
        invalid_values: InvalidValues = "raise",
        progress: bool = False,
    ) -> None:
        selection = check_reader_columns(columns, projected_columns)
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
        files = source_list(paths, options)
        super().__init__(files, options, selection)

    def _shown_source(self) -> str:
        return f"of {self.total_sources} file{'' if self.total_sources == 1 else 's'}"

    @property
    def total_sources(self) -> int:
        """The number of files."""
        return self._reader.num_sources

    @property
    def current_source_index(self) -> int:
        """The file that the last batch came from, counted from 0; `total_sources` at the end."""
        return self._reader.source_index
