"""From the core's batches to Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import polars as pl

if TYPE_CHECKING:
    from jetliner import _core


def to_frame(batch: _core.Batch) -> pl.DataFrame:
    """Return the rows of a batch as a DataFrame, which shares the batch's memory."""
    # Polars' annotation does not name objects of Arrow's PyCapsule interface, its documentation does.
    return pl.DataFrame(cast("pl.DataFrame", batch))


def schema_of_batch(batch: _core.Batch) -> pl.Schema:
    """Return the schema of a batch."""
    return to_frame(batch).schema


def schema_of(reader: _core.Reader) -> pl.Schema:
    """Return the schema of every frame that comes from a reader."""
    return schema_of_batch(reader.empty_batch())
