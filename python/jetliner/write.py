"""write_avro and sink_avro: whole frames and queries to Avro files; avro_schema: the schema that they write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from jetliner import _core
from jetliner._options.checks import check_progress
from jetliner._options.parameters import AVRO_SCHEMA, ENCODING_THREADS, documented
from jetliner._options.reader_schema import AvroSchema
from jetliner._progress import WritingBar
from jetliner._stores.credentials import CredentialProviderArgument
from jetliner._write.columns import check_frame, check_same_columns, empty_frame, polars_schema, records_hint
from jetliner._write.partitions import PartitionedSession, partition_keys
from jetliner._write.session import Session
from jetliner._write.targets import FileTarget, Target
from jetliner._write.write_options import Compression, InvalidNames, WriteOptions
from jetliner.exceptions import ConfigurationError


@documented(
    schema=AVRO_SCHEMA,
    n_threads=ENCODING_THREADS,
    progress="""
    Show a progress bar on stderr, or in a notebook: rows, rate, time left, and the bytes of the file. For an iterator
    of frames the end is not known. It needs tqdm (`pip install 'jetliner[progress]'`).
    """,
)
def write_avro(
    frame: pl.DataFrame | Iterable[pl.DataFrame],
    target: FileTarget,
    *,
    schema: AvroSchema | None = None,
    name: str = "Row",
    namespace: str | None = None,
    compression: Compression = "snappy",
    compression_level: int | None = None,
    block_bytes: int = 64_000,
    sync_marker: bytes | None = None,
    metadata: Mapping[str, str | bytes] | None = None,
    append: bool = False,
    partition_by: str | Sequence[str] | None = None,
    max_rows_per_file: int | None = None,
    max_bytes_per_file: int | None = None,
    invalid_names: InvalidNames = "raise",
    mkdir: bool = False,
    n_threads: int | None = None,
    storage_options: dict[str, str] | None = None,
    credential_provider: CredentialProviderArgument = "auto",
    progress: bool = False,
) -> None:
    """Write a frame as an Avro file.

    A local file appears when it is whole. After an error there is no new file, and an older file is as it was.

    Raises
    ------
    TypeError
        An argument has the wrong type.
    ConfigurationError
        An argument has a value that is not allowed.
    SchemaError
        A column cannot be written to Avro, or does not fit `schema`, or a name is not valid in Avro.
    EncodeError
        A value does not fit the schema. The error says which field and row.
    FileNotFoundError, PermissionError, SourceError
        The target cannot be written.

    Examples
    --------
    >>> import jetliner
    >>> import polars as pl
    >>> frame = pl.DataFrame({"name": ["Ada", "Alan"], "born": [1815, 1912]})
    >>> jetliner.write_avro(frame, "people.avro")
    >>> jetliner.read_avro("people.avro").equals(frame)
    True
    """
    options = WriteOptions(
        schema=schema,
        name=name,
        namespace=namespace,
        compression=compression,
        compression_level=compression_level,
        block_bytes=block_bytes,
        sync_marker=sync_marker,
        metadata=metadata,
        append=append,
        max_rows_per_file=max_rows_per_file,
        max_bytes_per_file=max_bytes_per_file,
        invalid_names=invalid_names,
        mkdir=mkdir,
        n_threads=n_threads,
        storage_options=storage_options,
        credential_provider=credential_provider,
    ).checked()
    check_progress(progress)
    frames = _checked_frames([frame] if isinstance(frame, pl.DataFrame) else _checked_iterable(frame), target, options)
    first = next(frames, None)
    keys = partition_keys(partition_by)
    session = _session(target, options, None if first is None else first.schema, keys)
    write: Callable[[pl.DataFrame], None] = session.write
    bar = WritingBar(frame, session) if progress else None
    if bar is not None:
        write = bar.writing(write)
    try:
        if first is not None:
            write(first)
        for part in frames:
            write(part)
        session.close()
    except BaseException:
        session.abort()
        raise
    finally:
        if bar is not None:
            bar.close()


def _session(
    target: Any, options: WriteOptions, columns: pl.Schema | None, keys: list[str] | None
) -> Session | PartitionedSession:
    if keys is None:
        return Session(target, options, columns)
    if columns is None:
        msg = "partition_by needs a frame: without any, the columns are not known"
        raise ConfigurationError(msg)
    return PartitionedSession(target, options, columns, keys)


def _checked_frames(frames: Iterable[pl.DataFrame], target: Any, options: WriteOptions) -> Iterator[pl.DataFrame]:
    """Yield the frames. Without the schema of a caller or of a file, all must have the columns of the first one."""
    first: pl.Schema | None = None
    for number, frame in enumerate(frames):
        check_frame(frame)
        if first is None:
            first = frame.schema
        elif options.schema is None and not options.append and frame.schema != first:
            path = Target(target, options.storage_options, options.credential_provider).path
            check_same_columns(frame, first, number, path)
        yield frame


def _checked_iterable(frame: Any) -> Iterable[pl.DataFrame]:
    if isinstance(frame, pl.LazyFrame):
        msg = "Expected a DataFrame, got LazyFrame: use sink_avro"
        raise TypeError(msg)
    if not isinstance(frame, Iterable) or isinstance(frame, (pl.Series, str, bytes, Mapping)):
        msg = f"Expected a DataFrame, or an iterable of DataFrames, got {type(frame).__name__}{records_hint(frame)}"
        raise TypeError(msg)
    return frame


def _check_query(query: Any) -> None:
    if not isinstance(query, pl.LazyFrame):
        hint = ": use write_avro for a DataFrame" if isinstance(query, pl.DataFrame) else ""
        msg = f"Expected a LazyFrame, got {type(query).__name__}{hint}"
        raise TypeError(msg)


@documented(
    schema=AVRO_SCHEMA,
    n_threads=ENCODING_THREADS,
    progress="""
    Show the rows and bytes that are written, and the rate, on stderr or in a notebook. The end is not known:
    `scan_avro(..., progress=True)` shows it. It needs tqdm (`pip install 'jetliner[progress]'`).
    """,
)
def sink_avro(
    lazy_frame: pl.LazyFrame,
    target: FileTarget,
    *,
    schema: AvroSchema | None = None,
    name: str = "Row",
    namespace: str | None = None,
    compression: Compression = "snappy",
    compression_level: int | None = None,
    block_bytes: int = 64_000,
    sync_marker: bytes | None = None,
    metadata: Mapping[str, str | bytes] | None = None,
    append: bool = False,
    partition_by: str | Sequence[str] | None = None,
    max_rows_per_file: int | None = None,
    max_bytes_per_file: int | None = None,
    invalid_names: InvalidNames = "raise",
    mkdir: bool = False,
    n_threads: int | None = None,
    storage_options: dict[str, str] | None = None,
    credential_provider: CredentialProviderArgument = "auto",
    maintain_order: bool = True,
    engine: Any = "auto",
    progress: bool = False,
) -> None:
    """Run a query and write its rows as an Avro file, batch by batch.

    Memory does not grow with the number of rows, if the engine can stream the query.

    Raises
    ------
    TypeError, ConfigurationError, SchemaError, EncodeError, FileNotFoundError, PermissionError, SourceError
        As `write_avro` does.
    polars.exceptions.PolarsError
        The query fails.

    Examples
    --------
    >>> import jetliner
    >>> import polars as pl
    >>> sales = jetliner.scan_avro("sales.avro")
    >>> jetliner.sink_avro(sales.filter(pl.col("amount") > 100), "large.avro", compression="zstandard")
    """
    _check_query(lazy_frame)
    check_progress(progress)
    options = WriteOptions(
        schema=schema,
        name=name,
        namespace=namespace,
        compression=compression,
        compression_level=compression_level,
        block_bytes=block_bytes,
        sync_marker=sync_marker,
        metadata=metadata,
        append=append,
        max_rows_per_file=max_rows_per_file,
        max_bytes_per_file=max_bytes_per_file,
        invalid_names=invalid_names,
        mkdir=mkdir,
        n_threads=n_threads,
        storage_options=storage_options,
        credential_provider=credential_provider,
    ).checked()
    session = _session(target, options, lazy_frame.collect_schema(), partition_keys(partition_by))
    write_batch: Callable[[pl.DataFrame], None] = session.write
    bar = WritingBar(None, session) if progress else None
    if bar is not None:
        write_batch = bar.writing(write_batch)
    failure: BaseException | None = None

    def write(batch: pl.DataFrame) -> bool:
        nonlocal failure
        try:
            write_batch(batch)
        except BaseException as error:
            failure = error
        return failure is not None  # True asks for no more batches

    try:
        lazy_frame.sink_batches(write, maintain_order=maintain_order, engine=engine)
        if failure is not None:
            raise failure
        session.close()
    except BaseException:
        session.abort()
        raise
    finally:
        if bar is not None:
            bar.close()


@documented(
    frame_or_schema="The columns: a DataFrame, a LazyFrame, or a schema of Polars.",
)
def avro_schema(
    frame_or_schema: pl.DataFrame | pl.LazyFrame | pl.Schema | Mapping[str, Any],
    *,
    name: str = "Row",
    namespace: str | None = None,
    invalid_names: InvalidNames = "raise",
) -> dict[str, Any]:
    """Return the Avro schema that `write_avro` gives to these columns, for editing.

    Returns
    -------
    dict
        The schema, as Python objects.

    Raises
    ------
    TypeError
        It is neither a frame nor a schema of Polars.
    SchemaError
        A column cannot be written to Avro, or a name is not valid in Avro.

    Examples
    --------
    >>> import jetliner
    >>> import polars as pl
    >>> schema = jetliner.avro_schema({"id": pl.Int64}, name="Event", namespace="com.example")
    >>> schema["fields"]
    [{'name': 'id', 'type': ['null', 'long'], 'default': None}]
    >>> schema["fields"][0].update(type="long", doc="The number of the event")
    >>> del schema["fields"][0]["default"]
    >>> jetliner.write_avro(pl.DataFrame({"id": [1, 2]}), "events.avro", schema=schema)
    """
    options = WriteOptions(name=name, namespace=namespace, invalid_names=invalid_names).checked()
    if isinstance(frame_or_schema, pl.LazyFrame):
        columns: pl.Schema | None = frame_or_schema.collect_schema()
    elif isinstance(frame_or_schema, pl.DataFrame):
        columns = frame_or_schema.schema
    else:
        columns = polars_schema(frame_or_schema)
    if columns is None:
        msg = f"Expected a DataFrame, a LazyFrame or a schema of Polars, got {type(frame_or_schema).__name__}"
        raise TypeError(msg)
    text = _core.derive_schema(
        empty_frame(columns), name=options.name, namespace=options.namespace or "", invalid_names=options.invalid_names
    )
    schema: dict[str, Any] = json.loads(text)
    return schema
