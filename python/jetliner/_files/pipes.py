"""Pipes: /dev/stdin, named FIFOs, `<(command)` of a shell.

An Avro file is read at any offset, but a pipe only from front to back. So the bytes of a pipe are copied first, to a
temporary file without a name (in the directory of the `tempfile` module). Its space is free again after the read.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from jetliner.exceptions import SourceError

_CHUNK_BYTES = 1 << 20


def is_pipe(path: str | None) -> bool:
    """Tell whether a path leads to a pipe."""
    try:
        return path is not None and stat.S_ISFIFO(Path(path).stat().st_mode)
    except OSError:
        return False


class PipeCopies:
    """The copies of pipes for one call, which may open several readers. A context manager that closes the copies.

    The core duplicates the descriptors that it gets. So a reader that is open needs this object no longer.
    """

    __slots__ = ("_files",)

    def __init__(self) -> None:
        self._files: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for file in self._files.values():
            file.close()

    def __contains__(self, path: str | None) -> bool:
        return path in self._files

    def add(self, path: str) -> None:
        """Copy a pipe, unless there is a copy already. Waits for the writer; Ctrl-C interrupts it.

        Raises
        ------
        SourceError
            The pipe cannot be read, its bytes cannot be stored, or there are none.
        """
        if path not in self._files:
            self._files[path] = _copied(path)

    @property
    def descriptors(self) -> dict[str, int] | None:
        """The file descriptors of the copies, by the paths of the pipes; None if there are no copies."""
        return {path: file.fileno() for path, file in self._files.items()} if self._files else None


def _copied(path: str) -> IO[bytes]:
    """Read a pipe to its end and return its bytes as a file."""
    file: IO[bytes] | None = None
    try:
        # Not buffered: after an error, close() would try to write a part of the buffer once more.
        file = tempfile.TemporaryFile(prefix="jetliner-", buffering=0)  # noqa: SIM115 (the caller closes it)
        with Path(path).open("rb", buffering=0) as pipe:
            _copy(pipe, file)
        size_bytes = os.fstat(file.fileno()).st_size
    except BaseException as error:
        if file is not None:
            file.close()
        if not isinstance(error, OSError):
            raise
        msg = f"the pipe could not be read or put aside: {error.strerror or error}"
        raise SourceError(msg, "Io", path) from error
    if size_bytes == 0:
        file.close()
        msg = "the pipe gave no bytes (size 0): can it have been read before? A pipe can be read only once"
        raise SourceError(msg, "Io", path)
    return file


def _copy(pipe: IO[bytes], file: IO[bytes]) -> None:
    while chunk := pipe.read(_CHUNK_BYTES):
        # Without a buffer, write() may write only a part.
        rest = memoryview(chunk)
        while rest:
            rest = rest[file.write(rest) :]
