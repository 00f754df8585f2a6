"""Copies of what the core cannot read in place: pipes, and files that are in gzip as a whole.

An Avro file is read at any offset. A pipe (`/dev/stdin`, a named FIFO, `<(command)` of a shell) and gzip give their
bytes only from front to back. So these bytes go to a temporary file without a name first (in the directory of the
`tempfile` module). Its space is free again after the read. Only the disk limits its size. Of what is no Avro file, only
the first bytes are copied: a small file in gzip may hold very many bytes, and a pipe may never end.
"""

from __future__ import annotations

import os
import stat
import tempfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from jetliner._files.gzipped import GZIP_MAGIC, decompressed, is_gzip_file
from jetliner._files.objects import read_pieces
from jetliner._stores.client import GoesOn, write_all
from jetliner.exceptions import CodecError, ParseError, SourceError, with_hint

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Bytes that are read at a time. After each member of a gzip file, zlib copies the rest of what was read.
_CHUNK_BYTES = 64 << 10
#: The first bytes of every Avro file.
_MAGIC = b"Obj\x01"
#: The first bytes of a file that are decompressed for its header. A file that is not whole then is not small either
#: (`small_files.py`).
_HEADER_BYTES = 256 << 10
#: If the header is larger, so many times more bytes are tried next.
_GROWTH = 8


class _Copy(NamedTuple):
    """A copy: its bytes in the temporary file."""

    begin_bytes: int
    size_bytes: int
    is_whole: bool
    is_gzip: bool


class Copies:
    """The copies for one call, which may open several readers.

    They share one temporary file. The core duplicates its descriptor, so a reader that is open does not need this
    object any more.

    Parameters
    ----------
    takes_pipes
        False refuses pipes. A pipe can be read only once, so only a call that reads everything may take them.
    headers_only
        Only the headers of files will be read. So only the first bytes of files are decompressed.
    """

    __slots__ = ("_copies", "_file", "_headers_only", "_takes_pipes")

    def __init__(self, *, takes_pipes: bool = True, headers_only: bool = False) -> None:
        self._takes_pipes = takes_pipes
        self._headers_only = headers_only
        self._file: IO[bytes] | None = None
        self._copies: dict[str, _Copy] = {}

    def close(self) -> None:
        """Close the temporary file. Readers that are open keep its bytes."""
        if self._file is not None:
            self._file.close()

    @property
    def descriptors(self) -> dict[str, tuple[int, int, int]] | None:
        """Where the copies are, by path: descriptor, first byte, number of bytes. None if there are no copies."""
        if self._file is None:
            return None
        number = self._file.fileno()
        return {path: (number, copy.begin_bytes, copy.size_bytes) for path, copy in self._copies.items()}

    def make(self, error: SourceError | ParseError, paths: list[str]) -> bool:
        """Copy what the core could not read. Waits for the writers of pipes; Ctrl-C interrupts it.

        The core is asked first, because a look at each path would cost time for every file.

        Parameters
        ----------
        error
            The error of the core.
        paths
            All files of the read. Other pipes, or other files in gzip, among them are copied as well.

        Returns
        -------
        bool
            Whether there are new copies, so that the core may be asked again.

        Raises
        ------
        SourceError
            A pipe is not taken or gives no bytes, or bytes cannot be stored.
        CodecError
            A gzip file is damaged or cut.
        ParseError
            A gzip file has something else than Avro in it.
        """
        path = error.path
        if path is None:
            return False
        if (copy := self._copies.get(path)) is not None:
            if not copy.is_whole and error.variant == "UnexpectedEof":
                self._add(path, copy.size_bytes * _GROWTH)
                return True
            if copy.is_gzip and error.variant == "InvalidMagic":
                raise with_hint(error, "; these are the bytes that the gzip file holds") from None
            return False
        if error.variant == "InvalidMagic":
            is_of_kind = is_gzip_file
        elif isinstance(error, SourceError):
            is_of_kind = is_pipe
        else:
            return False
        if not is_of_kind(path):
            return False
        if is_of_kind is is_pipe and not self._takes_pipes:
            raise _only_once("a pipe", path, error.variant) from None
        for other in paths:
            if other not in self._copies and is_of_kind(other):
                self._add(other, _HEADER_BYTES)
        return True

    def add_stream(self, path: str, stream: Any) -> None:
        """Copy all that an open file gives, if it is not copied yet.

        Raises
        ------
        SourceError
            Streams are not taken, a method of the file raised an exception, or bytes cannot be stored.
        """
        if path in self._copies:
            return
        if not self._takes_pipes:
            raise _only_once("an open file that cannot seek", path, "Io")
        try:
            self._copies[path] = _copied(read_pieces(stream, path), self._temporary_file(), None)
        except SourceError:
            raise
        except Exception as error:
            msg = f"the object could not be read or put aside: {type(error).__name__}: {error}"
            raise SourceError(msg, "Io", path) from error

    def add_download(self, error: SourceError | ParseError, download: Callable[[str, IO[bytes], GoesOn], int]) -> bool:
        """Copy an object from a server that sends no ranges, or more of it if the copy was too short for the header.

        Returns
        -------
        bool
            Whether there is a new copy, so that the core may be asked again.

        Raises
        ------
        JetlinerError
            As `download` does.
        SourceError
            The bytes cannot be stored.
        """
        path = error.path
        if path is None:
            return False
        copy = self._copies.get(path)
        if copy is None and error.variant == "NoRanges":
            check = _Check(_HEADER_BYTES if self._headers_only else None)
        elif copy is not None and not copy.is_whole and error.variant == "UnexpectedEof":
            check = _Check(copy.size_bytes * _GROWTH)
        else:
            return False
        file = self._temporary_file()
        begin_bytes = file.seek(0, os.SEEK_END)
        try:
            size_bytes = download(path, file, check.goes_on)
        except OSError as failure:
            msg = (
                f"the object could not be put aside: {failure.strerror or failure} (TMPDIR names the directory for it)"
            )
            raise SourceError(msg, "Io", path) from failure
        self._copies[path] = _Copy(begin_bytes, size_bytes, is_whole=not check.is_full, is_gzip=False)
        return True

    def _temporary_file(self) -> IO[bytes]:
        if self._file is None:
            # Not buffered: after an error, close() would try to write a part of the buffer once more.
            self._file = tempfile.TemporaryFile(prefix="jetliner-", buffering=0)  # noqa: SIM115 (close() closes it)
        return self._file

    def _add(self, path: str, header_bytes: int) -> None:
        kind = "the pipe" if is_pipe(path) else "the gzip file"
        try:
            with Path(path).open("rb", buffering=0) as source:
                copy = _copied(_chunks(source), self._temporary_file(), header_bytes if self._headers_only else None)
        except OSError as error:
            msg = (
                f"{kind} could not be read or put aside: {error.strerror or error} (TMPDIR names the directory for it)"
            )
            raise SourceError(msg, "Io", path) from error
        except (zlib.error, EOFError) as error:
            msg = (
                f"{kind} is damaged: {str(error).rpartition(': ')[2]}. The bytes before the damage, written to a file "
                "by `gzip -dc`, are read with ignore_errors=True"
            )
            raise CodecError(msg, "DecompressionError", path, "gzip") from None
        if copy.size_bytes == 0 and not copy.is_gzip:
            msg = "the pipe gave no bytes (size 0): can it have been read before? A pipe can be read only once"
            raise SourceError(msg, "Io", path)
        self._copies[path] = copy


class _Check:
    """Tells when a copy has enough bytes: all that are wanted, or the first ones of what is no Avro file.

    Attributes
    ----------
    is_full
        It has as many bytes as are wanted. The source may have more.
    """

    def __init__(self, most_bytes: int | None) -> None:
        self.is_full = False
        self._most_bytes = most_bytes
        self._first = b""

    def goes_on(self, piece: Buffer, before_bytes: int) -> bool:
        """Tell whether more is wanted. See `GoesOn`."""
        view = memoryview(piece)
        size_bytes = before_bytes + len(view)
        if before_bytes < len(_MAGIC):
            self._first = self._first[:before_bytes] + bytes(view[: len(_MAGIC) - before_bytes])
        if self._first != _MAGIC:
            return size_bytes < _CHUNK_BYTES  # then the core can say what it may be
        self.is_full = self._most_bytes is not None and size_bytes >= self._most_bytes
        return not self.is_full


def is_pipe(path: str) -> bool:
    """Tell whether a path leads to a pipe."""
    try:
        return stat.S_ISFIFO(Path(path).stat().st_mode)
    except OSError:
        return False


def _only_once(what: str, path: str, variant: str) -> SourceError:
    msg = (
        f"this is {what}, which can be read only once: a query or a look at the schema would use it up. "
        "Use read_avro or AvroReader, or put the bytes into a file first"
    )
    return SourceError(msg, variant, path)


def _copied(chunks: Iterator[bytes], file: IO[bytes], most_bytes: int | None) -> _Copy:
    """Append the bytes of a source to a file, decompressed if they are in gzip, and only the first ones if so asked.

    Stops where the bytes turn out to be no Avro file.
    """
    begin_bytes = file.seek(0, os.SEEK_END)
    size_bytes = 0
    first = next(chunks, b"")
    while len(first) == 1 and (more := next(chunks, b"")):
        first += more
    is_gzip = first.startswith(GZIP_MAGIC)
    pieces = _with_first(first, chunks)
    check = _Check(None)
    for piece in decompressed(pieces) if is_gzip else pieces:
        if size_bytes == most_bytes:
            return _Copy(begin_bytes, size_bytes, is_whole=False, is_gzip=is_gzip)
        rest = memoryview(piece)
        if most_bytes is not None:
            rest = rest[: most_bytes - size_bytes]
        write_all(file, rest)
        is_wanted = check.goes_on(piece, size_bytes)
        size_bytes += len(rest)
        if not is_wanted:
            break
    return _Copy(begin_bytes, size_bytes, is_whole=True, is_gzip=is_gzip)


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK_BYTES):
        yield chunk


def _with_first(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from others
