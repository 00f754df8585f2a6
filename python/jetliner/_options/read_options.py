"""ReadOptions: the options that the readers and functions have in common."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import polars as pl

from jetliner._options import checks
from jetliner._options.checks import Bounds
from jetliner._options.defaults import (
    BATCH_SIZE,
    BUFFER_BLOCKS,
    BUFFER_BYTES,
    LARGEST_N_THREADS,
    MAX_BLOCK_SIZE,
    MAX_EMPTY_ROWS,
)
from jetliner._options.reader_schema import schema_text
from jetliner.exceptions import ConfigurationError, SchemaError

EnumAs: TypeAlias = Literal["enum", "categorical", "string"]
MapAs: TypeAlias = Literal["list", "map"]
Utf8: TypeAlias = Literal["strict", "replace"]
InvalidValues: TypeAlias = Literal["raise", "null"]
_ENUM_AS, _MAP_AS, _UTF8, _INVALID_VALUES = map(get_args, (EnumAs, MapAs, Utf8, InvalidValues))


#: The options that are numbers, and their bounds.
_NUMBERS = {
    "batch_size": Bounds(),
    "buffer_blocks": Bounds(),
    "buffer_bytes": Bounds(),
    "read_chunk_size": Bounds(or_none=True),
    "max_block_size": Bounds(or_none=True),
    "max_empty_rows": Bounds(smallest=0),
    "n_threads": Bounds(largest=LARGEST_N_THREADS, or_none=True),
    "n_rows": Bounds(smallest=0, or_none=True),
}


#: They may hold secrets, or much data.
_NOT_SHOWN = {"storage_options", "credential_provider", "objects", "remote", "part"}


class ReadOptions(NamedTuple):
    """Options of reading: immutable values. Arguments of the caller become options by `ReadOptions(...).checked()`.

    `jetliner._options.parameters` describes each option. It is a named tuple, for a frozen dataclass takes four times
    as long to make. That would be 5 % of the time to read a file of 1000 rows.
    """

    batch_size: int = BATCH_SIZE
    buffer_blocks: int = BUFFER_BLOCKS
    buffer_bytes: int = BUFFER_BYTES
    read_chunk_size: int | None = None
    max_block_size: int | None = MAX_BLOCK_SIZE
    max_empty_rows: int = MAX_EMPTY_ROWS
    n_threads: int | None = None
    n_rows: int | None = None
    ignore_errors: bool = False
    storage_options: dict[str, str] | None = None  # may hold secrets
    reader_schema: Any = None  # AvroSchema | None; when checked: str | None
    enum_as: EnumAs = "enum"
    map_as: MapAs = "list"
    utf8: Utf8 = "strict"
    invalid_values: InvalidValues = "raise"
    row_index_name: str | None = None
    row_index_offset: int = 0
    include_file_paths: str | None = None
    progress: bool = False
    credential_provider: Any = "auto"  # CredentialProviderArgument (_stores/credentials.py)
    objects: Any = None  # Objects | None (_files/objects.py): sources that are objects with bytes
    remote: Any = None  # Remote | None (_files/remote.py): sources that are objects of stores
    part: Any = None  # FilePart | None (_files/part.py): the part of the only file that is read

    def checked(self) -> ReadOptions:
        """Return the same options after checks, with numbers as int and the reader schema as JSON text.

        Raises
        ------
        TypeError
            An option has a value of the wrong type.
        ConfigurationError
            An option has a value that is not allowed (this is a ValueError).
        """
        if checks.are_same(self, _DEFAULTS):
            return self
        changed: dict[str, Any] = {}
        for name, bounds in _NUMBERS.items():
            changed[name] = checks.integer(name, getattr(self, name), bounds)
        checks.check_flag("ignore_errors", self.ignore_errors)
        checks.check_progress(self.progress)
        if self.reader_schema is not None:
            changed["reader_schema"] = schema_text(self.reader_schema)
        checks.check_choice("enum_as", self.enum_as, _ENUM_AS)
        checks.check_choice("map_as", self.map_as, _MAP_AS)
        checks.check_choice("utf8", self.utf8, _UTF8)
        checks.check_choice("invalid_values", self.invalid_values, _INVALID_VALUES)
        if self.map_as == "map" and not hasattr(pl, "Map"):
            msg = f"map_as='map' needs a version of Polars that has pl.Map (2.1 does); this is {pl.__version__}"
            raise ConfigurationError(msg)
        if self.row_index_name is not None:
            checks.check_name("row_index_name", self.row_index_name)
        changed["row_index_offset"] = checks.row_index_offset(self.row_index_offset)
        if self.include_file_paths is not None:
            checks.check_name("include_file_paths", self.include_file_paths)
            if self.include_file_paths == self.row_index_name:
                msg = f"row_index_name and include_file_paths are both {self.row_index_name!r}"
                raise SchemaError(msg, "Duplicate", None, self.row_index_name)
        if self.storage_options is not None:
            checks.check_storage_options(self.storage_options)
        return self._replace(**changed)

    def of(self, files: Any) -> ReadOptions:
        """Return the options with what is needed to open files (`Files`, _files/sources.py) that are no local paths."""
        if files.objects is None and files.remote is None:
            return self
        return self._replace(objects=files.objects, remote=files.remote)

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self._asdict().items() if name not in _NOT_SHOWN)
        return f"ReadOptions({', '.join(shown)})"

    @property
    def added_columns(self) -> list[str]:
        """The names of the columns that are not from the files: row index and path, as far as there are any."""
        return [name for name in (self.row_index_name, self.include_file_paths) if name is not None]


_DEFAULTS = ReadOptions()
