"""The writing of one target: opened, fed with frames, and finished or given up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import polars as pl

from jetliner import _core
from jetliner._write.append import appending
from jetliner._write.columns import empty_frame
from jetliner._write.targets import Target
from jetliner._write.write_options import WriteOptions
from jetliner.exceptions import ConfigurationError, JetlinerError


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
        self._target = Target(target)
        self._lock = threading.Lock()
        frame = None if columns is None else empty_frame(columns)
        with self._named():
            arguments = self._arguments(options)
            if options.cuts_files:
                opener = self._target.directory_opener(mkdir=options.mkdir)
            else:
                opener = self._target.opener(mkdir=options.mkdir)
            self.core = _core.Writer(opener, columns=frame, **arguments)

    def _arguments(self, options: WriteOptions) -> dict[str, Any]:
        if not options.append:
            return options.for_core()
        if options.cuts_files:
            msg = "append=True writes to one file: max_rows_per_file and max_bytes_per_file cannot be given"
            raise ConfigurationError(msg)
        if not self._target.is_local or self._target.path is None:
            msg = "append=True needs the path of a local file"
            raise ConfigurationError(msg)
        return appending(self._target.path, options)

    def write(self, frame: pl.DataFrame) -> None:
        """Write the rows of a frame."""
        with self._lock, self._named():
            self.core.write(frame)

    def close(self) -> None:
        """Write what is left, and finish the file."""
        with self._lock, self._named():
            self.core.close()

    def abort(self) -> None:
        """Give up: no file appears."""
        with self._lock:
            self.core.abort()

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Errors that know no path get that of the target."""
        try:
            yield
        except JetlinerError as error:
            if "path" in error._fields and getattr(error, "path", None) is None:
                error.path = self._target.path  # type: ignore[attr-defined]
            raise
