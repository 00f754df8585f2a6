"""A directory that is written as a whole: an error removes all that was written in it."""
# ruff: noqa: PTH100, PTH102, PTH106, PTH107, PTH112, PTH118, PTH120 (paths stay text, see _files/paths.py)

from __future__ import annotations

import os
from contextlib import suppress

from jetliner.exceptions import ConfigurationError, FileNotFoundError, SourceError  # noqa: A004 (ours)


class OutputDirectory:
    """An empty directory for files that are written.

    Parameters
    ----------
    path
        The directory. It is made, if there is none.
    mkdir
        Whether directories above it are made.

    Raises
    ------
    ConfigurationError
        There is one that is not empty, or a file.
    FileNotFoundError, SourceError
        It cannot be made.
    """

    def __init__(self, path: str, *, mkdir: bool) -> None:
        self.path = path
        self._made: list[str] = []  # outer ones first
        self._files: list[str] = []
        parent = os.path.dirname(os.path.abspath(path))
        if not mkdir and not os.path.isdir(parent):
            msg = f"directory not found: {parent} (mkdir=True makes it)"
            raise FileNotFoundError(msg, "NotFound", path)
        if os.path.lexists(path) and not os.path.isdir(path):
            msg = f"the target must be a directory, and there is a file: {path!r}"
            raise ConfigurationError(msg)
        self._make(path)
        with os.scandir(path) as entries:
            if any(True for _ in entries):
                msg = f"the directory is not empty: {path!r}; remove it first, or choose another one"
                raise ConfigurationError(msg)

    def file(self, below: str, number: int) -> str:
        """Return the path of a file that is going to be written, below a directory in this one ("" for this one)."""
        directory = os.path.join(self.path, below) if below else self.path
        self._make(directory)
        path = os.path.join(directory, f"part-{number:05}.avro")
        self._files.append(path)
        return path

    def remove(self) -> None:
        """Remove all files and directories that were made."""
        for path in self._files:
            with suppress(OSError):
                os.remove(path)
        for path in reversed(self._made):
            with suppress(OSError):
                os.rmdir(path)

    def _make(self, path: str) -> None:
        missing = []
        while path and not os.path.isdir(path):
            missing.append(path)
            path = os.path.dirname(path)
        for directory in reversed(missing):
            try:
                os.mkdir(directory)
            except FileExistsError:
                continue
            except OSError as error:
                msg = f"the directory cannot be made: {error.strerror}"
                raise SourceError(msg, "FileSystemError", directory) from error
            self._made.append(directory)
