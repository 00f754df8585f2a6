"""Pipes: /dev/stdin, named FIFOs, `<(command)` of a shell.

An Avro file is read at any offset, a pipe from front to back. So its bytes are put aside first: in a temporary file
without a name (in the directory of the `tempfile` module), which is gone with the read.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import IO

from jetliner.exceptions import SourceError

_CHUNK_BYTES = 1 << 20


def is_pipe(path: str | None) -> bool:
    """Tell whether a path leads to a pipe."""
    try:
        return path is not None and stat.S_ISFIFO(Path(path).stat().st_mode)
    except OSError:
        return False


def _copy(pipe: IO[bytes], file: IO[bytes]) -> None:
    while chunk := pipe.read(_CHUNK_BYTES):
        # Without a buffer, a call may write a part only.
        rest = memoryview(chunk)
        while rest:
            rest = rest[file.write(rest) :]


def spooled(path: str) -> IO[bytes]:
    """Read a pipe to its end and return its bytes as a file. Waits for the writer; Ctrl-C is heard.

    Raises
    ------
    SourceError
        The pipe cannot be read or the bytes cannot be put aside, or there are none.
    """
    file: IO[bytes] | None = None
    try:
        # Without a buffer, of which a part would be written once more when the file is closed after an error.
        file = tempfile.TemporaryFile(prefix="jetliner-", buffering=0)  # noqa: SIM115 (the caller's)
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
