"""The writing of one target: opened, fed with frames, and finished or given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from jetliner import _core
from jetliner._write.chunks import pieces
from jetliner._write.columns import empty_frame
from jetliner._write.directory import OutputDirectory
from jetliner._write.schema_faults import warn_of_schema_faults
from jetliner._write.targets import Target
from jetliner._write.write_options import WriteOptions
from jetliner.exceptions import ConfigurationError, JetlinerError


class _Files:
    """Opens the files for the core's writer. It does not know the writer: a writer that is dropped must end at once."""

    def __init__(self, target: Target, options: WriteOptions) -> None:
        self._target = target
        self._options = options
        self._directory: OutputDirectory | None = None

    def open(self, index: int) -> str | _core.Sink:
        """Open a file. Errors in the columns come before this."""
        if not self._options.cuts_files:
            return self._target.open(mkdir=self._options.mkdir)
        if self._directory is None:
            self._directory = OutputDirectory(self._target.local_path(), mkdir=self._options.mkdir)
        return self._directory.file("", index)

    def remove(self) -> None:
        """Remove files that are whole already, of several."""
        if self._directory is not None:
            self._directory.remove()


class Session:
    """A writer of the core, and its target.

    Parameters
    ----------
    target
        A path or an open binary file.
    options
        Checked options.
    columns
        The types of the frames. None: the first frame tells, and `options` have a schema.
    """

    def __init__(self, target: Any, options: WriteOptions, columns: pl.Schema | None) -> None:
        self._target = Target(target, options.storage_options, options.credential_provider)
        self._files = _Files(self._target, options)
        self._lock = threading.Lock()
        frame = None if columns is None else empty_frame(columns)
        with self._named():
            warn_of_schema_faults(options)
            arguments = self._arguments(options)
            try:
                self.core = _core.Writer(self._files.open, columns=frame, **arguments)
            except BaseException:
                self._files.remove()
                raise

    def _arguments(self, options: WriteOptions) -> dict[str, Any]:
        if not options.append:
            return options.for_core()
        if options.cuts_files:
            msg = "append=True writes to one file: max_rows_per_file and max_bytes_per_file cannot be given"
            raise ConfigurationError(msg)
        if not self._target.is_local or self._target.path is None:
            msg = "append=True needs the path of a local file"
            raise ConfigurationError(msg)
        from jetliner._write.append import appending  # what reads files

        return appending(self._target.path, options)

    def write(self, frame: pl.DataFrame) -> None:
        """Write the rows of a frame."""
        with self._lock, self._named():
            for piece in pieces(frame):
                self.core.write(piece)

    @property
    def bytes_written(self) -> int:
        """The bytes of the files so far."""
        return self.core.bytes_written

    def close(self) -> None:
        """Write what is left, and finish the file."""
        with self._lock, self._named():
            self.core.close()

    def abort(self) -> None:
        """Give up: no file appears."""
        with self._lock:
            self.core.abort()
            self._files.remove()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors that know no path get that of the target."""
        try:
            yield
        except JetlinerError as error:
            if "path" in error._fields and getattr(error, "path", None) is None:
                error.path = self._target.path  # type: ignore[attr-defined]
            raise
