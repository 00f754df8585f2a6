"""Frames of small files, read before Polars asks for them."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from itertools import chain

import polars as pl

#: So many frames of a source are read early, at most.
_FRAMES = 2
#: So many bytes of frames may wait, and frames of so many sources: Polars calls all sources of a query before it takes
#: any frame.
_MOST_WAITING_BYTES = 8 << 20
_MOST_WAITING = 256


class _Frames(list[pl.DataFrame]):
    """Frames that wait as long as this list lives: until its iterator has come to the end, or is dropped.

    All of them live as long.
    """


#: What waits, with its bytes, by the reference's id. (A callback of the reference would be code in Python on a thread
#: of Polars'. Single steps of a dict need no lock, which a forked process could find locked for ever.)
_waiting: dict[int, tuple[weakref.ref[_Frames], int]] = {}


def waiting_bytes() -> int:
    """Return how many bytes of frames wait, and forget those that do not any more."""
    total = 0
    for key, (frames, size) in list(_waiting.items()):
        if frames() is None:
            _waiting.pop(key, None)
        else:
            total += size
    return total


def read_early(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Return an iterator with the same frames and the same end, of which the first ones may be there already.

    Polars calls a source on the thread of the query and takes its frames on other threads. To go there and back, with
    what is to be read not yet in the caches there, takes longer than to read a small file. So what it gets has no code
    in Python to run there, as long as there are frames that wait.
    """
    if waiting_bytes() > _MOST_WAITING_BYTES or len(_waiting) >= _MOST_WAITING:
        return frames
    ready = _Frames()
    rest = frames
    try:
        while len(ready) < _FRAMES:
            ready.append(next(frames))
    except Exception as error:
        # Without its traceback, which leads to this call and its frames, for as long as somebody has the error.
        rest = iter(()) if isinstance(error, StopIteration) else _Raised(error.with_traceback(None))
    reference = weakref.ref(ready)
    _waiting[id(reference)] = reference, sum(int(frame.estimated_size()) for frame in ready)
    return chain(iter(ready), rest)  # an iterator that came to its end does not hold the list, but chain would


class _Raised(Iterator[pl.DataFrame]):
    """Raises an error, and ends."""

    def __init__(self, error: Exception) -> None:
        self._errors = [error]  # a traceback that leads here does not lead to the error

    def __next__(self) -> pl.DataFrame:
        raise self._errors.pop() if self._errors else StopIteration
