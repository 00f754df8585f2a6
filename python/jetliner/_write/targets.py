"""Targets: a path or an open file, as what the core's writer opens."""
# ruff: noqa: PTH103, PTH112, PTH120 (paths stay text, see _files/paths.py)

from __future__ import annotations

import io
import os
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from jetliner._files.paths import path_text
from jetliner._stores.urls import StoreUrl, parse_url
from jetliner.exceptions import ConfigurationError, FileNotFoundError, SourceError  # noqa: A004 (ours)

if TYPE_CHECKING:
    from jetliner import _core

#: The type of the argument `target`.
FileTarget: TypeAlias = str | os.PathLike[str] | IO[bytes]


class Target:
    """Where the rows go.

    Attributes
    ----------
    path
        The target for messages; None for an object without a name.
    is_local
        Whether it is a path of a local file.
    """

    def __init__(
        self, target: Any, storage_options: dict[str, str] | None = None, credential_provider: Any = "auto"
    ) -> None:
        self._file: Any = None
        self._url: StoreUrl | None = None
        self.is_local = isinstance(target, (str, os.PathLike))
        if self.is_local:
            self.path: str | None = path_text(target)
            self._url = parse_url(self.path) if "://" in self.path else None
            if self._url is not None:
                self.is_local = False
                self.path = self._url.shown
                if self._url.kind == "http":
                    msg = "HTTP URLs cannot be written"
                    raise SourceError(msg, "Io", self.path)
                # Not imported by those who write local files.
                from jetliner._stores.stores import Stores

                self._stores = Stores(storage_options, credential_provider)
            return
        if not hasattr(target, "write"):
            msg = f"Expected str, Path or an open binary file, got {type(target).__name__}"
            raise TypeError(msg)
        if isinstance(target, io.TextIOBase):
            msg = "the file is open in text mode: open it in binary mode ('wb')"
            raise TypeError(msg)
        self._file = target
        name = getattr(target, "name", None)
        self.path = name if isinstance(name, str) else None

    def open(self, *, mkdir: bool) -> str | _core.Sink:
        """Return the path of the file, or the sink, for the core's writer."""
        if self._url is not None:
            from jetliner._write.store_sink import StoreSink

            return StoreSink(self._stores.of(self._url), self._url.key)
        if not self.is_local:
            return FileSink(self._file)
        path = self.local_path()
        _prepare_directory(os.path.dirname(path) or ".", path, mkdir=mkdir)
        return path

    def local_path(self) -> str:
        """Return the path.

        Raises
        ------
        ConfigurationError
            The target is an open file.
        """
        if not self.is_local or self.path is None:
            msg = "the target must be a local path here, not an open file or an object of a store"
            raise ConfigurationError(msg)
        return self.path


def _prepare_directory(directory: str, path: str, *, mkdir: bool) -> None:
    """Check that the directory of a file exists, or make it."""
    if os.path.isdir(directory):
        return
    if not mkdir and not os.path.lexists(directory):
        msg = f"directory not found: {directory} (mkdir=True makes it)"
        raise FileNotFoundError(msg, "NotFound", path)
    try:
        os.makedirs(directory)
    except FileExistsError:
        if os.path.isdir(directory):  # another process made it
            return
        msg = f"{directory!r} is no directory"
        raise SourceError(msg, "FileSystemError", path) from None
    except OSError as error:
        msg = f"the directory {directory!r} cannot be made: {error.strerror}"
        raise SourceError(msg, "FileSystemError", path) from error


class FileSink:
    """An open binary file. It keeps what it got, and stays open."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: memoryview) -> None:
        """Write all bytes; short writes continue."""
        while data.nbytes > 0:
            try:
                done = self._file.write(data)
            except Exception as error:
                msg = f"writing to the file failed: {error}"
                raise SourceError(msg, "Io", _name(self._file)) from error
            if done is None:  # a file that does not tell, or one that is not ready
                if isinstance(self._file, io.RawIOBase):
                    msg = "the file takes no bytes now: it does not wait (O_NONBLOCK)"
                    raise SourceError(msg, "Io", _name(self._file))
                return
            if not isinstance(done, int) or not 0 <= done <= data.nbytes:
                msg = f"write() of the file must return the number of bytes, got {done!r}"
                raise SourceError(msg, "Io", _name(self._file))
            data = data[done:]

    def finish(self) -> None:
        """Hand what is buffered to the system."""
        if hasattr(self._file, "flush"):
            try:
                self._file.flush()
            except Exception as error:
                msg = f"writing to the file failed: {error}"
                raise SourceError(msg, "Io", _name(self._file)) from error

    def abort(self) -> None:
        """Leave the file as it is."""


def _name(file: Any) -> str | None:
    name = getattr(file, "name", None)
    return name if isinstance(name, str) else None
