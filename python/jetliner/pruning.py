"""Which files a query need not open: a filter on partition columns and on the path is asked before."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl


def matching_files(predicate: pl.Expr, files: pl.DataFrame) -> list[int]:
    """Return which files may have rows that a predicate keeps.

    Parameters
    ----------
    predicate
        A filter, which looks at each row by itself, as those do that Polars hands to a source.
    files
        What is known of the files without opening them: a row for each, a column for each such column of the scan.

    Returns
    -------
    list of int
        Rows of `files`, in their order. The parts of the predicate that look at other columns too are not asked.
    """
    known = set(files.columns)
    kept = files.with_row_index(_unused_name(known))
    for condition in _conditions(predicate):
        names = condition.meta.root_names()
        if not names or not known.issuperset(names):
            continue
        try:
            kept = kept.filter(condition)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            # It will be raised where the rows are filtered, if rows that get there are concerned.
            continue
    return kept.to_series(0).to_list()


def _conditions(predicate: pl.Expr) -> Iterator[pl.Expr]:
    """Split `a & b & c`. What cannot be split is one condition."""
    waiting = [predicate]
    while waiting:
        expression = waiting.pop()
        parts = expression.meta.pop()
        # Which operation it was shows when the parts are put together again.
        if len(parts) == 2 and (expression.meta.eq(parts[1] & parts[0]) or expression.meta.eq(parts[0] & parts[1])):
            waiting += parts
        else:
            yield expression


def _unused_name(names: set[str]) -> str:
    name = "file"
    while name in names:
        name += "_"
    return name
