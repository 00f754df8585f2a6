"""Partitions: a directory for each value of some columns, as Hive makes them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from os import cpu_count
from typing import Any

import polars as pl

from jetliner import _core
from jetliner._options.hints import nearest
from jetliner._write.columns import empty_frame
from jetliner._write.directory import OutputDirectory
from jetliner._write.schema_faults import warn_of_schema_faults
from jetliner._write.targets import Target
from jetliner._write.write_options import WriteOptions
from jetliner.exceptions import ConfigurationError, JetlinerError, SchemaError

#: Files that are open at the same time. When there are more partitions, the one used least recently is closed. Its rows
#: go on in another file.
MOST_OPEN = 64
#: The value that means null.
_NULL = "__HIVE_DEFAULT_PARTITION__"
#: Characters that Hive writes as "%" and two hexadecimal digits.
_ESCAPED = frozenset("\"#%'*/:=?\\{[]^\x7f") | {chr(code) for code in range(1, 32)}


def partition_keys(value: Any) -> list[str] | None:
    """Return the argument `partition_by` as a list of names.

    Raises
    ------
    TypeError
        It is neither a name nor a sequence of names.
    ConfigurationError
        It is empty, or has a name twice.
    """
    if value is None:
        return None
    keys = [value] if isinstance(value, str) else value
    if not isinstance(keys, Sequence) or not all(isinstance(key, str) for key in keys):
        msg = f"partition_by must be a column name or a list of them, got {value!r}"
        raise TypeError(msg)
    if not keys or len(set(keys)) < len(keys):
        msg = f"partition_by must name at least one column, and none twice, got {value!r}"
        raise ConfigurationError(msg)
    return list(keys)


class PartitionedSession:
    """The writing of a directory with partitions.

    Parameters
    ----------
    target
        The directory.
    options
        Checked options.
    columns
        The types of the frames.
    keys
        The names of the columns that become directories. They are left out of the files.

    Raises
    ------
    SchemaError
        A key is no column, or all columns are keys.
    """

    def __init__(self, target: Any, options: WriteOptions, columns: pl.Schema, keys: Sequence[str]) -> None:
        for key in keys:
            if key not in columns:
                like = nearest(key, columns)
                msg = f"partition_by: there is no column {key!r}; the frame has {', '.join(map(repr, columns))}"
                raise SchemaError(
                    msg if like is None else f"{msg}; did you mean {like!r}?", "ColumnNotFound", None, key
                )
        if options.append:
            msg = "append=True writes to one file: partition_by cannot be given"
            raise ConfigurationError(msg)
        self._keys = list(keys)
        self._options = options
        self._empty = empty_frame(pl.Schema({name: dtype for name, dtype in columns.items() if name not in keys}))
        if self._empty.width == 0:
            msg = "all columns are in partition_by: there is nothing left for the files"
            raise SchemaError(msg, "UnsupportedType")
        warn_of_schema_faults(options)
        # Errors in the columns come before a directory is made.
        _core.Writer(lambda _: _NoSink(), columns=self._empty, **options.for_core()).abort()
        path = Target(target, options.storage_options, options.credential_provider).local_path()
        self._directory = OutputDirectory(path, mkdir=options.mkdir)
        self._open: OrderedDict[str, _core.Writer] = OrderedDict()  # the one used last comes last
        self._files: dict[str, int] = {}  # begun, by partition
        self._threads = ThreadPoolExecutor(options.n_threads or cpu_count() or 1)
        self._rows = 0
        self._bytes_of_closed = 0

    def write(self, frame: pl.DataFrame) -> None:
        """Write the rows of a frame to their partitions."""
        parts = self._parts(frame)
        while some := list(islice(parts, MOST_OPEN)):
            writers = [self._writer(below) for below, _ in some]
            done = [
                self._threads.submit(self._write, writer, part) for writer, (_, part) in zip(writers, some, strict=True)
            ]
            for future in done:
                future.result()
        self._rows += frame.height

    def close(self) -> None:
        """Finish all files. Without any row there is one file, without partitions."""
        if not self._files:
            self._writer("")
        while self._open:
            self._close_one()
        self._threads.shutdown()

    def abort(self) -> None:
        """Remove all that was written."""
        self._threads.shutdown(cancel_futures=True)
        while self._open:
            self._open.popitem()[1].abort()
        self._directory.remove()

    @property
    def bytes_written(self) -> int:
        """The bytes of the files so far."""
        return self._bytes_of_closed + sum(writer.bytes_written for writer in self._open.values())

    def _close_one(self) -> None:
        """Finish the files of the partition that was written least recently."""
        writer = self._open.popitem(last=False)[1]
        writer.close()
        self._bytes_of_closed += writer.bytes_written

    def _write(self, writer: _core.Writer, part: pl.DataFrame) -> None:
        try:
            writer.write(part)
        except JetlinerError as error:
            if "path" in error._fields and getattr(error, "path", None) is None:
                error.path = self._directory.path  # type: ignore[attr-defined]
            raise

    def _parts(self, frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the rows of each partition, and its directory."""
        if frame.height == 0:
            return
        texts = frame.select(pl.col(key).cast(pl.String) for key in self._keys)
        inner = frame.select(self._empty.columns)
        grouped = inner.hstack([texts[key].alias(f"\0{key}") for key in self._keys])
        names = [f"\0{key}" for key in self._keys]
        for values, part in grouped.partition_by(names, maintain_order=True, include_key=False, as_dict=True).items():
            yield "/".join(map(_directory_name, self._keys, values)), part

    def _writer(self, below: str) -> _core.Writer:
        """Return the writer of a partition, open."""
        writer = self._open.pop(below, None)
        if writer is None:
            while len(self._open) >= MOST_OPEN:
                self._close_one()
            options = self._options._replace(n_threads=1)  # partitions are written side by side
            # The function must not know this object: a writer that is dropped must end at once.
            opener = partial(_next_file, self._directory, self._files, below)
            writer = _core.Writer(opener, columns=self._empty, **options.for_core())
        self._open[below] = writer
        return writer


def _next_file(directory: OutputDirectory, files: dict[str, int], below: str, _index: int) -> str:
    number = files.get(below, 0)
    files[below] = number + 1
    return directory.file(below, number)


class _NoSink:
    """Takes nothing: to see whether the columns can be written."""

    def write(self, data: memoryview) -> None:
        """Take no bytes."""

    def finish(self) -> None:
        """Do nothing."""

    def abort(self) -> None:
        """Do nothing."""


def _directory_name(key: str, value: str | None) -> str:
    """Return "key=value" with Hive's escapes. Hive has no empty value: it is null there."""
    return f"{_escaped(key)}={_escaped(value) if value else _NULL}"


def _escaped(text: str) -> str:
    return "".join(f"%{ord(char):02X}" if char in _ESCAPED else char for char in text)
