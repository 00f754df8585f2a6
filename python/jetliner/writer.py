"""AvroWriter: frame by frame to one Avro file."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import polars as pl

from jetliner._options.parameters import ENCODING_THREADS, documented
from jetliner._options.reader_schema import AvroSchema
from jetliner._stores.credentials import CredentialProviderArgument
from jetliner._write.columns import check_frame, polars_schema
from jetliner._write.session import Session
from jetliner._write.targets import FileTarget
from jetliner._write.write_options import Compression, InvalidNames, WriteOptions


@documented(
    schema=(
        "polars.Schema, or str, dict, list or os.PathLike",
        """
        The columns: a schema of Polars (pl.Schema, or a dict of names and types), or an Avro schema as for
        `write_avro`. A column that a frame lacks takes the default of its field, which is null for a schema of Polars.
        """,
    ),
    target="""
    The file to write, or the URL of an object in S3, GCS or Azure. One that is there is replaced. `~` is the home
    directory. Symbolic links are followed; a pipe is written directly. An open file is written from its position, and
    stays open.
    """,
    name="The name of the top-level record, if `schema` is one of Polars.",
    invalid_names="""
    What to do with names that are not valid in Avro (`[A-Za-z_][A-Za-z0-9_]*`): raise an error, replace other
    characters by `_`, or keep them. Some parsers refuse files with such names. Names in a schema of Avro are
    never replaced. They give a warning, unless they are to be kept.
    """,
    n_threads=ENCODING_THREADS,
)
class AvroWriter:
    """Write frames to an Avro file, one after the other. A context manager.

    The file appears when it is whole: after `close()`, or at the end of the `with` block. After an exception within
    `with` there is no file. Neither is there one if the writer is dropped.

    Raises
    ------
    TypeError, ConfigurationError, SchemaError, EncodeError, FileNotFoundError, PermissionError, SourceError
        As `write_avro` does.

    Examples
    --------
    >>> import jetliner
    >>> import polars as pl
    >>> with jetliner.AvroWriter("numbers.avro", {"n": pl.Int64}) as writer:
    ...     for start in (0, 3):
    ...         writer.write(pl.DataFrame({"n": range(start, start + 3)}))
    >>> writer.rows_written
    6
    """

    def __init__(
        self,
        target: FileTarget,
        schema: pl.Schema | Mapping[str, Any] | AvroSchema,
        *,
        name: str = "Row",
        namespace: str | None = None,
        compression: Compression = "snappy",
        compression_level: int | None = None,
        block_bytes: int = 64_000,
        sync_marker: bytes | None = None,
        metadata: Mapping[str, str | bytes] | None = None,
        append: bool = False,
        invalid_names: InvalidNames = "raise",
        mkdir: bool = False,
        n_threads: int | None = None,
        storage_options: dict[str, str] | None = None,
        credential_provider: CredentialProviderArgument = "auto",
    ) -> None:
        columns = polars_schema(schema)
        options = WriteOptions(
            schema=schema if columns is None else None,
            name=name,
            namespace=namespace,
            compression=compression,
            compression_level=compression_level,
            block_bytes=block_bytes,
            sync_marker=sync_marker,
            metadata=metadata,
            append=append,
            invalid_names=invalid_names,
            mkdir=mkdir,
            n_threads=n_threads,
            storage_options=storage_options,
            credential_provider=credential_provider,
        ).checked()
        self._columns = columns
        self._session = Session(target, options, columns)

    def write(self, frame: pl.DataFrame) -> None:
        """Write the rows of a frame. Rows of several frames share blocks.

        Raises
        ------
        TypeError
            It is not a DataFrame.
        SchemaError
            Its columns do not fit the schema.
        EncodeError
            A value does not fit the schema.
        SourceError
            Writing failed, or the writer is closed.
        """
        check_frame(frame)
        self._session.write(frame)

    def close(self) -> None:
        """Write what is left and finish the file. May be called twice.

        Raises
        ------
        SourceError
            Writing failed, now or before.
        """
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self.close()
        else:
            self._session.abort()

    @property
    def schema(self) -> str:
        """The Avro schema of the file, as JSON text."""
        return self._session.core.schema

    @property
    def rows_written(self) -> int:
        """Rows taken so far."""
        return self._session.core.rows_written

    @property
    def bytes_written(self) -> int:
        """Bytes of the file so far."""
        return self._session.core.bytes_written

    @property
    def blocks_written(self) -> int:
        """Blocks of the file so far."""
        return self._session.core.blocks_written

    def __repr__(self) -> str:
        return f"AvroWriter(rows={self.rows_written}, bytes={self.bytes_written})"
