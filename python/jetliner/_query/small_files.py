"""Small files: their first frames are read when Polars calls the source, not later when it takes the frames.

Polars calls a source on the thread of the query, and takes the frames on other threads. For a small file, the way to
another thread and back takes longer than the reading, also because the caches there are cold. So the first frames are
read at the call. While such frames are left, no Python code runs when Polars takes one.

Frames that wait take memory, and Polars calls all sources of a query before it takes a frame of any. So both the bytes
and the number of sources with waiting frames are bounded. Beyond the bounds, frames are read when Polars takes them.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from itertools import chain

import polars as pl

#: Files with more bytes together are not small.
SMALL_BYTES = 128 << 10
#: Frames of one source that are read at the call.
_MAX_FRAMES = 2
#: The bounds for all sources: bytes of waiting frames, sources with waiting frames.
_MAX_WAITING_BYTES = 8 << 20
_MAX_WAITING_SOURCES = 256


class _Frames(list[pl.DataFrame]):
    """The waiting frames of one source. All wait until their iterator comes to the end or is dropped."""


#: Waiting frames and their bytes, by the id of the reference. waiting_bytes() removes the entries of dead references: a
#: callback of the reference would run Python code on a thread of Polars. The dictionary needs no lock, for each step on
#: it is atomic. A lock could be held forever in a forked process.
_waiting: dict[int, tuple[weakref.ref[_Frames], int]] = {}


def waiting_bytes() -> int:
    """Return the bytes of the frames that wait, and remove the entries of frames that no longer wait."""
    total = 0
    for key, (frames, size) in list(_waiting.items()):
        if frames() is None:
            _waiting.pop(key, None)
        else:
            total += size
    return total


def read_at_call(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Read the first frames now. Return an iterator over all frames, which ends or raises as the given one does."""
    if waiting_bytes() > _MAX_WAITING_BYTES or len(_waiting) >= _MAX_WAITING_SOURCES:
        return frames
    ready = _Frames()
    rest = frames
    try:
        while len(ready) < _MAX_FRAMES:
            ready.append(next(frames))
    except Exception as error:
        # Without the traceback, which would keep this call and its frames alive as long as the error.
        rest = iter(()) if isinstance(error, StopIteration) else _Raising(error.with_traceback(None))
    reference = weakref.ref(ready)
    _waiting[id(reference)] = reference, sum(int(frame.estimated_size()) for frame in ready)
    return chain(iter(ready), rest)  # the iterator drops the list at its end; chain would keep the list itself


class _Raising(Iterator[pl.DataFrame]):
    """Raises an error once, and then ends."""

    def __init__(self, error: Exception) -> None:
        self._errors = [error]  # emptied when raised, so the traceback leads here but not to the error

    def __next__(self) -> pl.DataFrame:
        raise self._errors.pop() if self._errors else StopIteration
