"""Frames as tables in text, with all rows and columns."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

import polars as pl

from jetliner._cli.rows import printable, table_column

#: Longer values are cut.
_CELL_CHARS = 80
_LIST_VALUES = 10


def tables(frame: pl.DataFrame) -> Iterator[str]:
    """Yield the table of a frame; on a terminal for which it is too wide, tables of some columns each."""
    frame = printable(frame, table_column)
    with pl.Config(
        tbl_cols=-1,
        tbl_rows=-1,
        tbl_width_chars=-1,
        fmt_str_lengths=_CELL_CHARS,
        fmt_table_cell_list_len=_LIST_VALUES,
        tbl_hide_dataframe_shape=True,
    ):
        if not sys.stdout.isatty():
            yield str(frame)
            return
        width = shutil.get_terminal_size().columns
        for part in _parts(frame, width):
            yield str(part)


def _parts(frame: pl.DataFrame, width: int) -> Iterator[pl.DataFrame]:
    """Cut a frame into runs of columns that fit into so many characters. A run has at least one column."""
    start, used = 0, 1
    for number, series in enumerate(frame.get_columns()):
        own = _width(str(series.to_frame())) - 1  # neighbours share a border
        if used + own > width and number > start:
            yield frame[:, start:number]
            start, used = number, 1
        used += own
    yield frame[:, start:]


def _width(table: str) -> int:
    from rich.cells import cell_len

    return cell_len(table.partition("\n")[0])
