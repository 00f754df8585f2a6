"""Bytes-like objects and open binary files as sources.

Each has a path, by which the core, errors and the path column name it: its `name` if that is text, else "<bytes>".
"""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

from jetliner import _core
from jetliner._stores.client import Fetched
from jetliner.exceptions import SourceError

#: The path of an object without a name.
NO_NAME = "<bytes>"
#: Bytes that are asked of a stream at a time.
_STREAM_BYTES = 1 << 20
#: Files of the standard library that read the bytes of their descriptor, and nothing else.
_PLAIN_FILES = (io.BufferedReader, io.FileIO)


def is_object(source: Any) -> bool:
    """Tell whether a source is an object with bytes, not a path."""
    if isinstance(source, (str, os.PathLike)):
        return False
    return hasattr(source, "read") or _exports_bytes(source)


def _exports_bytes(source: Any) -> bool:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return True
    try:
        memoryview(source).release()
    except TypeError:
        return False
    return True


class SeekableFile:
    """An open file that can seek, read from the position that it has now."""

    def __init__(self, file: Any, path: str) -> None:
        self._file = file
        self._path = path
        self._lock = threading.Lock()
        self._begin = int(file.tell())
        self._size_bytes = self._end() - self._begin

    @property
    def size_bytes(self) -> int:
        """The number of bytes from the first position to the end."""
        return self._size_bytes

    def fetch(self, offset: int, size_bytes: int) -> Fetched:
        """Read bytes, as a fetcher does."""
        with self._lock:
            if (size_now := self._end() - self._begin) != self._size_bytes:
                msg = f"the object had {self._size_bytes} bytes at first, and has {size_now} now"
                raise SourceError(msg, "Changed", self._path)
            self._file.seek(self._begin + offset)
            pieces = list(read_pieces(self._file, self._path, size_bytes))
        return Fetched(b"".join(pieces), self._size_bytes, "")

    def _end(self) -> int:
        self._file.seek(0, os.SEEK_END)
        return int(self._file.tell())


def read_pieces(file: Any, path: str, size_bytes: int | None = None) -> Iterator[bytes]:
    """Read so many bytes of an open file, or all. Short reads are legal: only an empty one is the end.

    Raises
    ------
    SourceError
        `read` returned something else than bytes.
    """
    left = size_bytes
    while left is None or left > 0:
        piece = file.read(_STREAM_BYTES if left is None else left)
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            kind = {type(None): "None (is it in non-blocking mode?)", str: "text (open it in binary mode)"}
            msg = f"read() of the object returned {kind.get(type(piece), type(piece).__name__)}, not bytes"
            raise SourceError(msg, "Io", path)
        if not piece:
            return
        if left is not None:
            if len(piece) > left:
                msg = f"read({left}) of the object returned {len(piece)} bytes"
                raise SourceError(msg, "Io", path)
            left -= len(piece)
        yield bytes(piece)


class Objects:
    """The objects of one call, by path.

    Attributes
    ----------
    buffers
        Objects that export bytes.
    descriptors
        Plain local files: descriptor, first byte, number of bytes.
    files
        Open files that can seek.
    streams
        Open files that cannot: they can be read once.
    """

    __slots__ = ("_own_files", "buffers", "descriptors", "files", "streams")

    def __init__(self) -> None:
        self.buffers: dict[str, memoryview] = {}
        self.descriptors: dict[str, tuple[int, int, int]] = {}
        self.files: dict[str, SeekableFile] = {}
        self.streams: dict[str, Any] = {}
        self._own_files: list[io.FileIO] = []

    def __del__(self) -> None:
        for file in self._own_files:
            file.close()

    def add(self, source: Any) -> str:
        """Add an object; return its path.

        Raises
        ------
        TypeError
            It is a file that gives text.
        SourceError
            A method of the file raised an exception, which is the cause.
        """
        path = self._path_of(source)
        if not hasattr(source, "read") or _exports_bytes(source):
            view = memoryview(source)
            self.buffers[path] = view.cast("B") if view.c_contiguous else memoryview(view.tobytes())
            return path
        if isinstance(source, io.TextIOBase):
            msg = f"Expected a file that was opened in binary mode ('rb'), got one that gives text: {path}"
            raise TypeError(msg)
        try:
            self._add_file(path, source)
        except Exception as error:
            msg = f"the object cannot be read: {type(error).__name__}: {error}"
            raise SourceError(msg, "Io", path) from error
        return path

    def size_bytes(self, path: str) -> int | None:
        """Return the size of an object; None if only reading tells it."""
        if path in self.buffers:
            return len(self.buffers[path])
        if path in self.descriptors:
            return self.descriptors[path][2]
        return self.files[path].size_bytes if path in self.files else None

    def fetch(self, job: _core.RangeJob) -> Fetched:
        """Fetch the range of a job from an open file."""
        return self.files[job.path].fetch(job.offset, job.size_bytes)

    def _add_file(self, path: str, file: Any) -> None:
        if type(file) in _PLAIN_FILES and stat.S_ISREG((info := os.fstat(file.fileno())).st_mode):
            begin = file.tell()
            # A descriptor of our own: the caller's may be closed, and its number be that of another file then.
            own = io.FileIO(os.dup(file.fileno()))
            self._own_files.append(own)
            self.descriptors[path] = (own.fileno(), begin, max(0, info.st_size - begin))
        elif hasattr(file, "seek") and hasattr(file, "tell") and (not hasattr(file, "seekable") or file.seekable()):
            self.files[path] = SeekableFile(file, path)
        else:
            self.streams[path] = file

    def _path_of(self, source: Any) -> str:
        name = getattr(source, "name", None)
        first = name if isinstance(name, str) and name and "\0" not in name else NO_NAME
        path, number = first, 1
        while any(path in paths for paths in (self.buffers, self.descriptors, self.files, self.streams)):
            number += 1
            path = f"{first[:-1]} {number}>" if first == NO_NAME else f"{first} ({number})"
        return path

    def __reduce__(self) -> NoReturn:
        raise not_pickled()


def not_pickled() -> TypeError:
    """Return the error of a pickle of objects."""
    return TypeError("a scan of bytes or of an open file cannot be pickled: another process does not have the object")
