"""Standard input, and other pipes, as files that can seek, as queries need it."""

from __future__ import annotations

import io
import itertools
import os
import select
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, cast

from jetliner._cli.options import Reading
from jetliner.exceptions import CodecError, JetlinerError, SourceError

#: The path of standard input. Messages have the name.
STDIN = "-"
_STDIN_NAME = "<stdin>"
_AVRO_MAGIC = b"Obj\x01"
_GZIP_MAGIC = b"\x1f\x8b"
#: Bytes of a pipe that are read at a time.
_PIECE_BYTES = 1 << 20
#: If the beginning of a pipe may be enough: after so many bytes it is looked at, and again each time when there are so
#: many times as many.
_FIRST_BYTES = 16 << 10
_GROWTH = 4


def is_pipe(path: str) -> bool:
    """Tell whether a path is standard input, or a pipe that has a name, such as <(...) of a shell."""
    if path == STDIN:
        return True
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)  # noqa: PTH116
    except (OSError, ValueError):
        return False


def whole(path: str) -> IO[bytes]:
    """Return a file with all bytes of a pipe. They go to a temporary file first, and so does gzip."""
    return _file(path, lambda _: False)


def beginning(path: str, reading: Reading, rows: int) -> IO[bytes]:
    """Return a file with as many bytes of a pipe as the header and some rows need, about."""
    return _file(path, lambda file: _has_rows(file, reading, rows))


def _file(path: str, has_enough: Callable[[IO[bytes]], bool]) -> IO[bytes]:
    if path != STDIN:
        with open(path, "rb", buffering=0) as pipe:  # noqa: PTH123
            return _copied(pipe.fileno(), path, has_enough)
    if sys.stdin is None:
        msg = "standard input is closed"
        raise SourceError(msg, "Io", _STDIN_NAME)
    return _copied(sys.stdin.fileno(), _STDIN_NAME, has_enough)


def _copied(descriptor: int, name: str, has_enough: Callable[[IO[bytes]], bool]) -> IO[bytes]:
    """Return a file with the bytes of a descriptor, which may be one already."""
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        position = os.lseek(descriptor, 0, os.SEEK_CUR)
        if os.pread(descriptor, len(_GZIP_MAGIC), position) != _GZIP_MAGIC:
            return _named(descriptor, name, position)
    with tempfile.TemporaryFile(prefix="jetliner-") as copy:
        next_look_bytes = _FIRST_BYTES
        for piece in _decompressed(_pieces(descriptor), name):
            copy.write(piece)
            if copy.tell() < next_look_bytes:
                continue
            copy.flush()
            copied = _named(copy.fileno(), name)
            if copied.read(len(_AVRO_MAGIC)) != _AVRO_MAGIC or has_enough(_named(copy.fileno(), name)):
                break
            next_look_bytes = copy.seek(0, os.SEEK_END) * _GROWTH  # the descriptors share their position
        copy.flush()
        return _named(copy.fileno(), name)


def _pieces(descriptor: int) -> Iterator[bytes]:
    while True:
        # Once Polars is there, Ctrl-C does not interrupt read(). It interrupts select().
        select.select([descriptor], [], [])
        piece = os.read(descriptor, _PIECE_BYTES)
        if not piece:
            return
        yield piece


def _decompressed(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield the pieces; decompressed, if they are in gzip."""
    from jetliner._files.gzipped import decompressed

    first = next(pieces, b"")
    while len(first) == 1 and (more := next(pieces, b"")):
        first += more
    pieces = itertools.chain([first], pieces)
    if not first.startswith(_GZIP_MAGIC):
        yield from pieces
        return
    try:
        yield from decompressed(pieces)
    except (zlib.error, EOFError) as error:
        msg = f"the gzip file is damaged: {str(error).rpartition(': ')[2]}"
        raise CodecError(msg, "DecompressionError", name, "gzip") from None


def _named(descriptor: int, name: str, position: int = 0) -> IO[bytes]:
    file = io.FileIO(os.dup(descriptor))
    file.seek(position)
    file.name = name  # messages show it
    return cast("IO[bytes]", file)


def _has_rows(file: IO[bytes], reading: Reading, rows: int) -> bool:
    """Tell whether the first bytes of a file have the header and some rows."""
    from jetliner import AvroReader

    try:
        with AvroReader(file, batch_size=max(rows, 1), **reading.arguments()) as reader:
            return sum(batch.height for batch in itertools.islice(reader, min(rows, 1))) == rows
    except JetlinerError:
        return False
