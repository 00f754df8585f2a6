"""A frame as pieces of one chunk."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

import polars as pl

#: Average rows of a piece. Below, one copy of the frame costs less than many pieces.
LEAST_ROWS = 1000


def pieces(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the rows of a frame in slices whose columns have one chunk each.

    Polars joins the chunks of a frame before it hands the frame over by the Arrow interface: a copy of all its data,
    which the frame keeps. It takes slices of one chunk as they are.
    """
    ends = sorted({0}.union(*(accumulate(column.chunk_lengths()) for column in frame)))
    if len(ends) <= 2 or frame.height < LEAST_ROWS * len(ends):
        yield frame
        return
    for begin, end in pairwise(ends):
        yield frame.slice(begin, end - begin)
