"""The options of reading: their defaults, their checks, their way to the core, in this one place."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any, Literal, TypeAlias, get_args

import polars as pl

from jetliner import _core
from jetliner.exceptions import ConfigurationError, SchemaError, SourceError
from jetliner.pipes import is_pipe, spooled
from jetliner.reader_schema import schema_text

BATCH_SIZE = 100_000
BUFFER_BLOCKS = 4
BUFFER_BYTES = 64 * 1024 * 1024
MAX_BLOCK_SIZE = 512 * 1024 * 1024
MAX_EMPTY_ROWS = 16 * 1024 * 1024

#: What an enum becomes; what a map becomes; what becomes of bytes in strings that are not UTF-8.
EnumAs: TypeAlias = Literal["enum", "categorical", "string"]
MapAs: TypeAlias = Literal["list", "map"]
Utf8: TypeAlias = Literal["strict", "replace"]
_ENUM_AS, _MAP_AS, _UTF8 = get_args(EnumAs), get_args(MapAs), get_args(Utf8)

#: The largest number of rows or bytes: the core counts rows and bytes in signed 64-bit numbers.
LARGEST = 2**63 - 1
#: More threads than this are a mistake: each takes memory, and a process may have only so many.
LARGEST_N_THREADS = 1024
#: The row index is UInt32.
_LARGEST_ROW_INDEX = 2**32 - 1


@dataclass(slots=True)
class ReadOptions:
    """What the readers and functions have in common. Making one checks every value.

    Raises
    ------
    TypeError
        An option has a value of the wrong type.
    ConfigurationError
        An option has a value that is not allowed (this is a ValueError).
    """

    batch_size: int = BATCH_SIZE
    buffer_blocks: int = BUFFER_BLOCKS
    buffer_bytes: int = BUFFER_BYTES
    read_chunk_size: int | None = None
    max_block_size: int | None = MAX_BLOCK_SIZE
    max_empty_rows: int = MAX_EMPTY_ROWS
    ignore_errors: bool = False
    storage_options: dict[str, str] | None = field(default=None, repr=False)  # it may hold secrets
    n_threads: int | None = None
    reader_schema: Any = None  # AvroSchema | None; JSON text once it is checked
    enum_as: EnumAs = "enum"
    map_as: MapAs = "list"
    utf8: Utf8 = "strict"
    n_rows: int | None = None
    row_index_name: str | None = None
    row_index_offset: int = 0
    include_file_paths: str | None = None
    _spooled: dict[str, IO[bytes]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.batch_size = _integer("batch_size", self.batch_size)
        self.buffer_blocks = _integer("buffer_blocks", self.buffer_blocks)
        self.buffer_bytes = _integer("buffer_bytes", self.buffer_bytes)
        if self.read_chunk_size is not None:
            self.read_chunk_size = _integer("read_chunk_size", self.read_chunk_size, none=True)
        if self.max_block_size is not None:
            self.max_block_size = _integer("max_block_size", self.max_block_size, none=True)
        self.max_empty_rows = _integer("max_empty_rows", self.max_empty_rows, smallest=0)
        if self.n_threads is not None:
            self.n_threads = _integer("n_threads", self.n_threads, largest=LARGEST_N_THREADS, none=True)
        if self.n_rows is not None:
            self.n_rows = _integer("n_rows", self.n_rows, smallest=0, none=True)
        check_flag("ignore_errors", self.ignore_errors)
        if self.reader_schema is not None:
            self.reader_schema = schema_text(self.reader_schema)
        _check_choice("enum_as", self.enum_as, _ENUM_AS)
        _check_choice("map_as", self.map_as, _MAP_AS)
        _check_choice("utf8", self.utf8, _UTF8)
        if self.map_as == "map" and not hasattr(pl, "Map"):
            msg = f"map_as='map' needs a version of Polars that has pl.Map (2.1 does); this is {pl.__version__}"
            raise ConfigurationError(msg)
        if self.row_index_name is not None:
            _check_name("row_index_name", self.row_index_name)
        self.row_index_offset = _row_index_offset(self.row_index_offset)
        if self.include_file_paths is not None:
            _check_name("include_file_paths", self.include_file_paths)
            if self.include_file_paths == self.row_index_name:
                msg = f"row_index_name and include_file_paths are both {self.row_index_name!r}"
                raise SchemaError(msg, "Duplicate", None, self.row_index_name)
        if self.storage_options is not None:
            _check_storage_options(self.storage_options)

    def open(
        self,
        paths: list[str],
        *,
        columns: list[str] | None = None,
        nested: bool = False,
        rows_only: bool = False,
        filter_columns: list[str] | None = None,
        batch_size: int | None = None,
        n_rows: int | None = None,
        row_index: bool = True,
        file_paths: bool = True,
        pipes: bool = False,
        merge_columns: bool = False,
    ) -> _core.Reader:
        """Open a reader of the core.

        Parameters
        ----------
        paths
            Files, at least one.
        columns
            Columns of the files to read, by name; None for all.
        nested
            Names of columns may be paths to parts of them as well, joined by dots.
        rows_only
            No columns of the files, but as many rows; blocks are counted, not decoded.
        filter_columns
            The columns that rows are chosen by, row index and path among them; None where all rows are wanted.
        batch_size
            In place of the option.
        n_rows
            A further limit of rows.
        row_index, file_paths
            False leaves that column out, although the option asks for it.
        pipes
            Pipes may be read. They can be only once: what is not going to be read whole must not touch them.
        merge_columns
            The files may have different columns.
        """
        if n_rows is None or (self.n_rows is not None and self.n_rows < n_rows):
            n_rows = self.n_rows
        if file_paths:
            self.check_paths(paths)
        while True:
            try:
                return _core.Reader(
                    paths,
                    batch_size=self.batch_size if batch_size is None else batch_size,
                    buffer_blocks=self.buffer_blocks,
                    buffer_bytes=self.buffer_bytes,
                    read_chunk_size=self.read_chunk_size,
                    max_block_size=self.max_block_size,
                    max_empty_rows=self.max_empty_rows,
                    ignore_errors=self.ignore_errors,
                    columns=None if nested else columns,
                    column_paths=columns if nested else None,
                    rows_only=rows_only,
                    filter_columns=filter_columns,
                    reader_schema=self.reader_schema,
                    merge_columns=merge_columns,
                    n_rows=n_rows,
                    row_index_name=self.row_index_name if row_index else None,
                    row_index_offset=self.row_index_offset,
                    path_column=self.include_file_paths if file_paths else None,
                    n_threads=self.n_threads or 0,  # 0: the core chooses
                    descriptors=self._descriptors(),
                    enum_as=self.enum_as,
                    map_as=self.map_as,
                    utf8=self.utf8,
                )
            except SourceError as error:
                if error.path in self._spooled or not is_pipe(error.path):
                    raise
                if not pipes:
                    msg = (
                        "this is a pipe, which can be read only once: a query or a look at the schema would use it up. "
                        "Use read_avro or AvroReader, or put the bytes into a file first"
                    )
                    raise SourceError(msg, error.variant, error.path) from None
            for path in paths:
                if path not in self._spooled and is_pipe(path):
                    self._spooled[path] = spooled(path)

    def check_paths(self, paths: list[str]) -> None:
        """Check that paths can be values of a column, where they are to be.

        Raises
        ------
        ConfigurationError
            A path is not text.
        """
        if self.include_file_paths is not None:
            _check_paths_are_text(paths)

    def inspect(self, path: str) -> _core.Inspector:
        """Open a file to look into it. A pipe is read whole."""
        if is_pipe(path) and path not in self._spooled:
            self._spooled[path] = spooled(path)
        return _core.Inspector(
            path,
            read_chunk_size=self.read_chunk_size,
            max_block_size=self.max_block_size,
            ignore_errors=self.ignore_errors,
            descriptors=self._descriptors(),
        )

    def _descriptors(self) -> dict[str, int] | None:
        return {path: file.fileno() for path, file in self._spooled.items()} if self._spooled else None


def check_flag(name: str, value: object) -> None:
    """Check that an option is True or False."""
    if value is not True and value is not False:
        msg = f"{name} must be True or False, got {_described(value)}"
        raise TypeError(msg)


def check_projected_columns(names: Sequence[str] | None) -> list[str] | None:
    """Check the readers' `projected_columns`: a sequence of names, or None for all columns."""
    if names is None:
        return None
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        msg = f"projected_columns must be a list of column names (str) or None, got {_described(names)}"
        raise TypeError(msg)
    return list(names)


def has_paths(names: Sequence[str] | None) -> bool:
    """Tell whether some of the names may be paths to parts of columns."""
    return names is not None and any("." in name for name in names)


def check_columns(columns: Sequence[str] | Sequence[int]) -> tuple[list[str], list[int]]:
    """Check `columns` of read_avro, and return names and indices: one of the two lists is empty, not both."""
    if isinstance(columns, (str, bytes)) or not isinstance(columns, Sequence):
        msg = f"columns must be a list of column names or a list of column indices, got {_described(columns)}"
        raise TypeError(msg)
    if len(columns) == 0:
        msg = "columns must not be empty: give at least one name or index, or None for all columns"
        raise ConfigurationError(msg)
    if isinstance(columns[0], str):
        names = [column for column in columns if isinstance(column, str)]
        if len(names) == len(columns):
            return names, []
    else:
        indices = [column for column in columns if is_integer(column)]
        if len(indices) == len(columns):
            return [], [_integer("an index in columns", index, smallest=0) for index in indices]
    msg = f"columns must be all names (str) or all indices (int), got {_described(columns)}"
    raise TypeError(msg)


def is_integer(value: object) -> bool:
    """Tell whether a value counts as a whole number: int and the like (NumPy's), but not bool."""
    return type(value) is int or (hasattr(value, "__index__") and not isinstance(value, bool))


def _integer(name: str, value: Any, *, smallest: int = 1, largest: int = LARGEST, none: bool = False) -> int:
    if type(value) is int and smallest <= value <= largest:
        return value
    if not is_integer(value):
        msg = f"{name} must be an integer{' or None' if none else ''}, got {_described(value)}"
        raise TypeError(msg)
    number = operator.index(value)
    if not smallest <= number <= largest:
        allowed = "must not be negative" if smallest == 0 and number < 0 else f"must be from {smallest} to {largest}"
        msg = f"{name} {allowed}{', or None' if none else ''}, got {number}"
        raise ConfigurationError(msg)
    return number


def _check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    if isinstance(value, str) and value in choices:
        return
    known = ", ".join(repr(choice) for choice in choices)
    if not isinstance(value, str):
        msg = f"{name} must be one of {known}, got {_described(value)}"
        raise TypeError(msg)
    msg = f"{name} must be one of {known}, got {value!r}"
    raise ConfigurationError(msg)


def _row_index_offset(value: Any) -> int:
    if not is_integer(value):
        msg = f"row_index_offset must be an integer, got {_described(value)}"
        raise TypeError(msg)
    offset = operator.index(value)
    if offset < 0:
        msg = f"row_index_offset must not be negative, got {offset}"
        raise ConfigurationError(msg)
    if offset > _LARGEST_ROW_INDEX:
        msg = f"row_index_offset {offset} exceeds maximum {_LARGEST_ROW_INDEX} (the row index is UInt32)"
        raise ConfigurationError(msg)
    return offset


def _check_name(name: str, value: Any) -> None:
    if not isinstance(value, str):
        msg = f"{name} must be a column name (str) or None, got {_described(value)}"
        raise TypeError(msg)
    if not (value.isascii() or _is_utf8(value)):
        msg = f"{name} must be valid Unicode text, got {value!r}"
        raise ConfigurationError(msg)
    if "\0" in value:
        # Arrow's schemas hold names that end at the first one.
        msg = f"{name} must not contain a null character (U+0000), got {value!r}"
        raise ConfigurationError(msg)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_paths_are_text(paths: list[str]) -> None:
    for path in paths:
        if not (path.isascii() or _is_utf8(path)):
            msg = f"include_file_paths needs paths that are valid text, and {path!r} is not"
            raise ConfigurationError(msg)


def _check_storage_options(options: Any) -> None:
    if not isinstance(options, dict):
        # Values may be secrets: only types are told, here and below.
        msg = f"storage_options must be a dict of str to str or None, got {type(options).__name__}"
        raise TypeError(msg)
    for key, value in options.items():
        if not isinstance(key, str):
            msg = f"keys of storage_options must be str, got {type(key).__name__}"
            raise TypeError(msg)
        if not isinstance(value, str):
            msg = f"storage_options[{key!r}] must be a str, got {type(value).__name__}"
            raise TypeError(msg)


def _described(value: object) -> str:
    text = repr(value)
    return f"{text if len(text) <= 100 else text[:97] + '...'} ({type(value).__name__})"
