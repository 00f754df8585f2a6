"""The core library (C++): rows of Avro files as Arrow data."""

from collections.abc import Callable
from typing import Any, Protocol, final

import polars as pl

from jetliner.exceptions import JetlinerError

__version__: str

class ArrowStreamExporter(Protocol):
    """Anything that streams frames in Arrow's form."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class Sink(Protocol):
    """Where the bytes of a file go, if not to a local file."""

    def write(self, data: memoryview) -> None: ...
    def finish(self) -> None: ...
    def abort(self) -> None: ...

@final
class BadBlockError:
    """Damage that `ignore_errors` skipped. Readers make these; they cannot be constructed.

    Attributes
    ----------
    kind
        "InvalidSyncMarker", "DecompressionFailed(codec)", "BlockParseFailed", "RecordDecodeFailed" or
        "SchemaViolation".
    block_index
        The block in the file, from 0.
    record_index
        The record in the block, from 0; None where the damage is not in a record.
    file_offset
        Where the block starts in the file, in bytes.
    message
        What was wrong.
    filepath
        The file, as the caller gave it.
    """

    @property
    def kind(self) -> str: ...
    @property
    def block_index(self) -> int: ...
    @property
    def record_index(self) -> int | None: ...
    @property
    def file_offset(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def filepath(self) -> str: ...
    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as a dictionary."""

@final
class Batch:
    """Rows as a stream of Arrow struct arrays; every Arrow library takes it without a copy."""

    @property
    def num_rows(self) -> int: ...
    @property
    def num_columns(self) -> int: ...
    @property
    def is_flat(self) -> bool: ...
    @property
    def held_bytes(self) -> int: ...
    def column(self, index: int) -> Column: ...
    def runs(self) -> list[tuple[str, int]]:
        """Return the files of the rows, in order: path, as given to the reader, and number of rows."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Column:
    """A column of a batch, as a stream of Arrow arrays. Kept, it holds no text, bytes or lists of other columns."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class RangeJob:
    """A range that is wanted. It is answered once, by `succeed` or `fail`."""

    @property
    def path(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def version(self) -> str | None:
        """What the object must be. None: any."""

    def succeed(self, data: object, object_bytes: int, version: str, is_constant: bool = False) -> None:
        """Give the bytes, the size of the object, and its version.

        The bytes are not copied if they are `bytes`, or if nobody can change them (`is_constant`).
        """

    def fail(self, error: JetlinerError) -> None:
        """Give the error that the reader raises, with the same cause."""

@final
class RangeStore:
    """The wanted ranges of a store, for fetchers."""

    def take(self, *, spares_memory: bool = False) -> RangeJob | None:
        """Wait for a range. None once the store is closed.

        `spares_memory`: while bytes that this thread gave are in use, it takes only ranges that somebody waits for.
        """

    def close(self) -> None: ...
    @property
    def num_idle_fetchers(self) -> int:
        """The threads that wait in `take`, and whose bytes are all given back."""

@final
class StoreOwner:
    """Keeps a store open, as the readers of the store do. Without any of them it is closed."""

    def __init__(
        self,
        *,
        chunk_bytes: int = ...,
        max_requests: int = ...,
        max_ahead_bytes: int = ...,
    ) -> None: ...
    @property
    def store(self) -> RangeStore: ...

@final
class Reader:
    """Reads one or several files. Safe for several threads; `close` does not wait for them."""

    def __init__(
        self,
        paths: list[str],
        *,
        batch_size: int = ...,
        buffer_blocks: int = ...,
        buffer_bytes: int = ...,
        read_chunk_size: int | None = ...,
        max_block_size: int | None = ...,
        max_empty_rows: int = ...,
        ignore_errors: bool = ...,
        columns: list[str] | None = ...,
        column_paths: list[str] | None = ...,
        rows_only: bool = ...,
        reader_schema: str | None = ...,
        merge_columns: bool = ...,
        batch_bytes: int = ...,
        byte_range: tuple[int, int] | None = ...,
        filter_columns: list[str] | None = ...,
        n_rows: int | None = ...,
        row_index_name: str | None = ...,
        row_index_offset: int = ...,
        path_column: str | None = ...,
        n_threads: int = ...,
        descriptors: dict[str, tuple[int, int, int]] | None = ...,
        buffers: dict[str, object] | None = ...,
        store: StoreOwner | None = ...,
        on_wait: Callable[[], object] | None = ...,
        enum_as: str = ...,
        map_as: str = ...,
        utf8: str = ...,
        invalid_values: str = ...,
    ) -> None: ...
    def next(self) -> Batch | None:
        """Return the next batch, None at the end."""

    def next_filtered(self) -> tuple[str, Batch] | None:
        """Return the kind of the next batch of a reader with `filter_columns`, and the batch. None at the end.

        "candidates" have only these columns, and the caller must call `keep`. "rows" were chosen by `keep`. The caller
        filters an "unfiltered" batch, and may call `kept`.
        """

    def keep(self, mask: pl.Series) -> None:
        """Choose candidates by a Boolean for each. Null counts as False."""

    def kept(self, num_rows: int, num_kept: int) -> None:
        """Tell the number of rows of an "unfiltered" batch, and how many of them the filter kept."""

    def close(self) -> None:
        """Stop reading and close the files."""

    def empty_batch(self) -> Batch:
        """Return a batch without rows, with the schema of all batches."""

    def variants(self) -> list[tuple[str, str]]:
        """Return the variants: with `merge_columns`, extra columns for values of a column that have another type.

        Each is a pair: the name of the extra column in a batch, the name of the column.
        """

    def own_schemas(self) -> list[tuple[int, Batch]]:
        """Return the different schemas of the files, with `merge_columns` only.

        Each is a pair: the index of the first file with this schema, and a batch without rows.
        """

    def bad_blocks(self) -> list[BadBlockError]:
        """Return the damage that was skipped, at most the first 10000."""

    @property
    def schema_json(self) -> str: ...
    @property
    def column_names(self) -> list[str]:
        """All columns of the reader schema, or else of the first file, also those that are not read."""

    def has_column(self, path: str) -> bool:
        """Tell whether a path of names joined by dots leads to a column or to a part of one."""

    @property
    def num_columns(self) -> int:
        """The number of columns in a batch."""

    @property
    def num_sources(self) -> int: ...
    @property
    def source_index(self) -> int: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def total_bytes(self) -> int: ...
    @property
    def estimated_rows(self) -> int | None: ...
    @property
    def rows_read(self) -> int: ...
    @property
    def rows_pending(self) -> int: ...
    @property
    def num_blocks(self) -> int:
        """The number of whole blocks with rows, at the end. Before, of those that were found so far."""

    @property
    def num_bad_blocks(self) -> int:
        """The number of damaged places that were skipped, without a limit."""

    @property
    def is_finished(self) -> bool: ...

@final
class Inspector:
    """The header and the blocks of one file. For one thread at a time."""

    def __init__(
        self,
        path: str,
        *,
        read_chunk_size: int | None,
        max_block_size: int | None,
        ignore_errors: bool,
        descriptors: dict[str, tuple[int, int, int]] | None = ...,
        buffers: dict[str, object] | None = ...,
        store: StoreOwner | None = ...,
    ) -> None: ...
    def next(self) -> list[tuple[int, int, int, int, int | None]] | None:
        """Return the next blocks, None at the end: index, offset, rows, compressed bytes, uncompressed bytes."""

    @property
    def metadata(self) -> list[tuple[str, bytes]]: ...
    @property
    def codec(self) -> str: ...
    @property
    def schema_json(self) -> str: ...
    @property
    def sync_marker(self) -> bytes: ...
    @property
    def header_bytes(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...

@final
class Recovery:
    """Makes a new file of the good rows of one file. For one thread at a time."""

    def __init__(
        self,
        path: str,
        *,
        read_chunk_size: int | None,
        max_block_size: int | None,
        descriptors: dict[str, tuple[int, int, int]] | None = ...,
        buffers: dict[str, object] | None = ...,
        store: StoreOwner | None = ...,
    ) -> None: ...
    def next(self) -> bytes | None:
        """Return the next bytes of the new file, None at the end. The first ones are the header of the old file."""

    @property
    def rows_read(self) -> int: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def total_bytes(self) -> int: ...
    @property
    def num_bad_blocks(self) -> int: ...

class Writer:
    """Writes frames to container files."""

    def __init__(
        self,
        opener: Callable[[int], str | Sink],
        *,
        append: bool = ...,
        columns: ArrowStreamExporter | None = ...,
        schema: str | None = ...,
        name: str = ...,
        namespace: str = ...,
        invalid_names: str = ...,
        codec: str = ...,
        compression_level: int | None = ...,
        block_bytes: int = ...,
        sync_marker: bytes | None = ...,
        metadata: list[tuple[str, bytes]] = ...,
        max_rows_per_file: int | None = ...,
        max_bytes_per_file: int | None = ...,
        n_threads: int = ...,
    ) -> None:
        """Open the first target. `opener` gets the number of a file, and gives the path of a local file, or a sink."""

    def write(self, frame: ArrowStreamExporter) -> None:
        """Write the rows of a frame."""

    def close(self) -> None:
        """Write what is left, and finish the file."""

    def abort(self) -> None:
        """Give up: no file appears."""

    @property
    def schema(self) -> str: ...
    @property
    def rows_written(self) -> int: ...
    @property
    def bytes_written(self) -> int: ...
    @property
    def blocks_written(self) -> int: ...
    @property
    def files_written(self) -> int: ...

def reader_stream(next_batch: Callable[[], Batch | None], empty: Batch, requested_schema: object = ...) -> object:
    """Return a capsule of an Arrow stream of batches, in the form for other libraries than Polars."""

def plain_schema(empty: Batch) -> object:
    """Return a capsule of the Arrow schema of such a stream."""

def derive_schema(
    columns: ArrowStreamExporter, *, name: str = ..., namespace: str = ..., invalid_names: str = ...
) -> str:
    """Return the Avro schema of a frame's columns, as JSON text."""

def schema_faults(schema: str, *, invalid_names: str = ...) -> list[str]:
    """Return a line for each name of an Avro schema that is not valid, and for each default that does not fit.

    Names are left out if they are to be kept.
    """
