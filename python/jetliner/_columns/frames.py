"""Batches of the core as frames of Polars."""

from __future__ import annotations

from typing import cast

import polars as pl

from jetliner import _core

#: A batch with less memory is imported as a whole. That is faster.
_LITTLE_BYTES = 1 << 20


def to_frame(batch: _core.Batch) -> pl.DataFrame:
    """Return the rows of a batch as a DataFrame, which shares the batch's memory.

    Flat columns are imported one by one, for a query may keep only some of them. A struct array would keep the memory
    of all. For many chunks it is also faster. Nested columns are imported together: from a series of lists of enums,
    Polars (2.1) loses the chunks in which all lists are empty.
    """
    # Polars' annotations do not name objects of Arrow's PyCapsule interface, its documentation does.
    if batch.held_bytes < _LITTLE_BYTES or not batch.is_flat:
        return pl.DataFrame(cast("pl.DataFrame", batch))
    return pl.DataFrame([pl.Series(cast("pl.Series", batch.column(index))) for index in range(batch.num_columns)])


def schema_of_batch(batch: _core.Batch) -> pl.Schema:
    """Return the schema of a batch."""
    return to_frame(batch).schema


def schema_of(reader: _core.Reader) -> pl.Schema:
    """Return the schema of every frame that comes from a reader."""
    return schema_of_batch(reader.empty_batch())
