"""Frames of small files, read before Polars asks for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import polars as pl

#: So many frames of a source are read early, at most.
_FRAMES = 2
#: So many bytes of frames may wait, of all sources together: Polars calls those of a query before it takes any frame.
_MOST_WAITING_BYTES = 8 << 20

#: Bytes of frames that wait, by the id of their iterator. (Single steps of a dict need no lock, which a forked process
#: could find locked for ever.)
_waiting: dict[int, int] = {}


def read_early(frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Return an iterator with the same frames and the same end, of which the first ones may be there already.

    Polars calls a source on the thread of the query and takes its frames on other threads. To go there and back, with
    what is to be read not yet in the caches there, takes longer than to read a small file.
    """
    if sum(_waiting.values()) > _MOST_WAITING_BYTES:
        return frames
    return EarlyFrames(frames)


class EarlyFrames(Iterator[pl.DataFrame]):
    """An iterator over frames of which the first two are read at once."""

    def __init__(self, frames: Iterator[pl.DataFrame]) -> None:
        self._frames = frames
        self._ready: deque[pl.DataFrame] = deque()
        self._end: Exception | None = None
        try:
            while len(self._ready) < _FRAMES:
                self._ready.append(next(frames))
        except Exception as end:
            self._end = end
        if self._ready:
            _waiting[id(self)] = sum(int(frame.estimated_size()) for frame in self._ready)

    def __next__(self) -> pl.DataFrame:
        if self._ready:
            frame = self._ready.popleft()
            if not self._ready:
                _waiting.pop(id(self), None)
            return frame
        if self._end is not None:
            end, self._end = self._end, StopIteration()
            raise end
        return next(self._frames)

    def __del__(self) -> None:
        _waiting.pop(id(self), None)
