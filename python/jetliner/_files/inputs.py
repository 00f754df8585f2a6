"""Inputs: the copies, objects and stores that the readers of one call share."""

from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple, Self

from jetliner import _core
from jetliner._files.copies import Copies
from jetliner._files.fetchers import Fetch, start_fetchers
from jetliner._files.objects import Objects
from jetliner._files.remote import Remote
from jetliner._options.read_options import ReadOptions
from jetliner.exceptions import ParseError, SourceError

#: Requests of a call to stores at the same time.
_MOST = 16


class Places(NamedTuple):
    """The arguments of the core's readers that say where the bytes of paths are, if they are not in local files."""

    descriptors: dict[str, tuple[int, int, int]] | None = None
    buffers: dict[str, Any] | None = None
    store: _core.StoreOwner | None = None


_IN_FILES = Places()


class Inputs:
    """The inputs of one call, which may open several readers. A context manager.

    A reader that is open does not need this object any more.

    Parameters
    ----------
    takes_pipes
        False refuses pipes and streams. They can be read only once, so only a call that reads everything may take them.
    headers_only
        Only the headers of files will be read. So only the first bytes are copied of what must be copied.
    """

    __slots__ = ("_copied", "_headers_only", "_store", "_takes_pipes")

    def __init__(self, *, takes_pipes: bool = True, headers_only: bool = False) -> None:
        self._takes_pipes = takes_pipes
        self._headers_only = headers_only
        self._copied: Copies | None = None  # made when there is something to copy
        self._store: _core.StoreOwner | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._copied is not None:
            self._copied.close()
        self._store = None

    @property
    def _copies(self) -> Copies:
        if self._copied is None:
            self._copied = Copies(takes_pipes=self._takes_pipes, headers_only=self._headers_only)
        return self._copied

    @property
    def _descriptors(self) -> dict[str, tuple[int, int, int]] | None:
        return None if self._copied is None else self._copied.descriptors

    def places(self, options: ReadOptions) -> Places:
        """Return where the bytes of the options' sources are.

        Raises
        ------
        SourceError
            A stream is not taken, or cannot be read.
        """
        if options.objects is not None:
            return self._of_objects(options.objects, options)
        if options.remote is not None:
            store = self._store_of(options, options.remote.fetch, _MOST)
            return Places(self._descriptors, store=store)
        return _IN_FILES if self._copied is None else Places(self._descriptors)

    def _of_objects(self, objects: Objects, options: ReadOptions) -> Places:
        for path, stream in objects.streams.items():
            self._copies.add_stream(path, stream)
        descriptors = {**objects.descriptors, **(self._descriptors or {})}
        # One thread: an open file has one position.
        store = self._store_of(options, objects.fetch, 1) if objects.files else None
        return Places(descriptors, objects.buffers, store)

    def _store_of(self, options: ReadOptions, fetch: Fetch, most: int) -> _core.StoreOwner:
        """Return the store of the call. All of its readers have the same, so that no header is fetched twice."""
        if self._store is None:
            self._store = start_fetchers(
                fetch, most=most, chunk_bytes=options.read_chunk_size, max_ahead_bytes=_half(options.buffer_bytes)
            )
        return self._store

    def buffer_bytes(self, options: ReadOptions) -> int:
        """Return the bytes that a reader may decode ahead: of a store half of the budget, the other half is fetched."""
        return options.buffer_bytes if self._store is None else _half(options.buffer_bytes)

    def make(self, error: SourceError | ParseError, options: ReadOptions, paths: list[str]) -> bool:
        """Copy what the core could not read; return whether the core may be asked again. See `Copies.make`."""
        remote: Remote | None = options.remote
        if remote is None:
            return self._copies.make(error, paths)
        return self._copies.add_download(error, remote.download)


def _half(buffer_bytes: int) -> int:
    return max(1, buffer_bytes // 2)
