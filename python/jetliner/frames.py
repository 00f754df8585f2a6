"""From the core's batches to Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import polars as pl

from jetliner.exceptions import SchemaError

if TYPE_CHECKING:
    from jetliner import _core
    from jetliner.options import ReadOptions


def to_frame(batch: _core.Batch) -> pl.DataFrame:
    """Return the rows of a batch as a DataFrame, which shares the batch's memory."""
    # Polars' annotation does not name objects of Arrow's PyCapsule interface, its documentation does.
    return pl.DataFrame(cast("pl.DataFrame", batch))


def schema_of(reader: _core.Reader) -> pl.Schema:
    """Return the schema of every frame that comes from a reader."""
    return to_frame(reader.empty_batch()).schema


def check_added_names(reader: _core.Reader, options: ReadOptions, path: str) -> None:
    """Check that the row index and the path column do not take the name of a column of the file."""
    for option, name in (
        ("row_index_name", options.row_index_name),
        ("include_file_paths", options.include_file_paths),
    ):
        if name is not None and name in reader.column_names:
            msg = f"{option} is {name!r}, but the file has a column of that name"
            raise SchemaError(msg, "Duplicate", path, name)
