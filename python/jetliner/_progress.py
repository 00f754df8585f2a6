"""Progress bars on stderr, or in a notebook, by tqdm. They are made only if `progress=True` asks for them."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable


#: Rows that are written between two looks at the bar.
_SLICE_ROWS = 50_000


class ReadingProgress(Protocol):
    """How far a reader has come."""

    @property
    def rows_read(self) -> int: ...
    @property
    def bytes_read(self) -> int: ...
    @property
    def total_bytes(self) -> int: ...


class _Session(Protocol):
    @property
    def bytes_written(self) -> int: ...


class _Bar:
    """A bar of tqdm. Several threads may move it."""

    def __init__(self, **settings: Any) -> None:
        tqdm = _import_tqdm()
        self._lock = threading.Lock()
        self._bar = tqdm(unit_scale=True, dynamic_ncols=True, **settings)

    def close(self) -> None:
        """Leave the bar as it is. May be called twice."""
        with self._lock:
            self._bar.close()

    def move_to(self, place: int, note: str = "") -> None:
        """Show that so much is done."""
        with self._lock:
            if note:
                self._bar.set_postfix_str(note, refresh=False)
            self._bar.update(place - self._bar.n)


class ReadingBar(_Bar):
    """Shows how many bytes of its files a reader has read.

    Parameters
    ----------
    reader
        The reader.
    paths
        Its files. One alone is named.
    stays
        Whether the bar stays when it is closed.
    """

    def __init__(self, reader: ReadingProgress, paths: list[str], *, stays: bool = True) -> None:
        self._reader = reader
        name = os.path.basename(paths[0]) if len(paths) == 1 else f"{len(paths)} files"  # noqa: PTH119 (may be a URL)
        super().__init__(desc=name, total=reader.total_bytes, unit="B", leave=stays)

    def follow(self) -> None:
        """Show how far the reader has come."""
        self.move_to(self._reader.bytes_read, f"{self._reader.rows_read:,} rows")

    def following(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Yield frames that come from the reader, and move the bar."""
        for frame in frames:
            self.follow()
            yield frame
        self.follow()  # to the end


class WritingBar(_Bar):
    """Shows how many rows are written, and the bytes of the file.

    Parameters
    ----------
    frames
        What will be written. If it is one frame, or a list of them, the bar has an end.
    session
        What writes them.
    """

    def __init__(self, frames: Any, session: _Session) -> None:
        self._session = session
        self._rows = 0
        super().__init__(desc="writing", total=_rows_of(frames), unit=" rows")

    def writing(self, write: Callable[[pl.DataFrame], None]) -> Callable[[pl.DataFrame], None]:
        """Return a function that writes a frame bit by bit, and moves the bar."""

        def write_slices(frame: pl.DataFrame) -> None:
            for part in frame.iter_slices(_SLICE_ROWS):
                write(part)
                self._rows += part.height
                self.move_to(self._rows, f"{self._session.bytes_written / 1e6:,.1f} MB")

        return write_slices


def _import_tqdm() -> Any:
    """Return the class of bars that fits: of widgets in a notebook, else of text. It is slow to import."""
    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)  # that a notebook has no ipywidgets: then the bar is text
        from tqdm.auto import tqdm
    return tqdm


def _rows_of(frames: Any) -> int | None:
    if isinstance(frames, pl.DataFrame):
        return frames.height
    if isinstance(frames, Sequence):
        return sum(frame.height for frame in frames if isinstance(frame, pl.DataFrame))
    return None  # known only when all are taken
