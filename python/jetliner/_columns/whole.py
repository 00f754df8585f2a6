"""Reads files as one frame: the common part of read_avro and AvroSplit.read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import polars as pl

from jetliner import _core
from jetliner._columns.alike import names_at, open_alike
from jetliner._columns.frames import to_frame
from jetliner._columns.parts import Existing, check_exist, find_part
from jetliner._columns.projection import Projection
from jetliner._columns.table import Table
from jetliner._columns.way_out import BY_OPTIONS, Call, with_way_out
from jetliner._files.inputs import Inputs
from jetliner._files.skipped import warn_of_skipped
from jetliner._options import defaults
from jetliner._options.read_options import ReadOptions
from jetliner._options.selection import Selection
from jetliner._progress import ReadingBar
from jetliner.exceptions import SchemaError

#: A reader, and the function that makes frames of its batches.
Opened: TypeAlias = tuple[_core.Reader, Callable[[_core.Batch], pl.DataFrame]]


def open_files_alike(paths: list[str], options: ReadOptions, call: Call, inputs: Inputs) -> Opened:
    """Open files that must have the columns of the first one."""
    try:
        # Batches of the usual size: Polars takes over one while the next ones are decoded.
        return open_alike(options, paths, call.selection, inputs, batch_size=defaults.BATCH_SIZE), to_frame
    except SchemaError as error:
        raise with_way_out(error, call, options, paths, hint=BY_OPTIONS, inputs=inputs) from None


def open_table(table: Table, selection: Selection, inputs: Inputs) -> Opened:
    """Open files that may differ or have partitions."""
    columns = table.columns
    path = table.paths[0]
    names = selection.names or names_at(selection.indices, list(columns), path)
    existing = Existing(list(columns), lambda name: find_part(columns, name) is not None, lambda: columns, path)
    check_exist(names, existing)
    parts = [part for name in names if (part := find_part(columns, name)) is not None]
    wanted = {part[0] for part in parts} | set(table.options.added_columns)
    projection = Projection(table, wanted if names else None, parts)
    return projection.open(batch_size=defaults.BATCH_SIZE, inputs=inputs), projection.frame


def read_whole(
    reader: _core.Reader, frame_of: Callable[[_core.Batch], pl.DataFrame], bar: ReadingBar | None = None
) -> pl.DataFrame:
    """Return all rows of a reader as one frame. Close the reader and its bar."""
    try:
        frame: pl.DataFrame | None = None
        while (batch := reader.next()) is not None:
            # Not pl.concat: that runs on threads of Polars, which a forked process does not have.
            frame = frame_of(batch) if frame is None else frame.vstack(frame_of(batch), in_place=True)
            if bar is not None:
                bar.follow()
        if bar is not None:
            bar.follow()  # to the end
        return frame_of(reader.empty_batch()) if frame is None else frame
    finally:
        reader.close()
        if bar is not None:
            bar.close()
        warn_of_skipped(reader)
