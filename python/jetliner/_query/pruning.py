"""Pruning: files that a query need not open, because its filter rules out their partition or their path."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from jetliner._columns.projection import Projection


def files_to_open(projection: Projection, predicate: pl.Expr) -> list[str]:
    """Return the files that may have rows which a predicate keeps.

    If rows are counted, by a row index or a limit of rows, these are all files: each row of each file counts.
    """
    table = projection.table
    partitions = None if table.expected is None else table.expected.partitions
    path_column = table.options.include_file_paths
    if (partitions is None and path_column is None) or projection.row_index or table.options.n_rows is not None:
        return table.paths
    known = {} if partitions is None else {column.name: column for column in partitions}
    if path_column is not None:
        known[path_column] = pl.Series(path_column, table.paths, pl.String)
    return [table.paths[index] for index in matching_files(predicate, pl.DataFrame(known))]


def matching_files(predicate: pl.Expr, files: pl.DataFrame) -> list[int]:
    """Return the indices of the files that may have rows which a predicate keeps.

    Parameters
    ----------
    predicate
        A filter that looks at each row by itself. Polars hands only such filters to a source.
    files
        A row for each file, with the columns that are known before the file is opened.

    Returns
    -------
    list of int
        Rows of `files`, in their order. Conditions that also look at other columns are not evaluated.
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
            # If it concerns rows that are read, it is raised again when they are filtered.
            continue
    return kept.to_series(0).to_list()


def _conditions(predicate: pl.Expr) -> Iterator[pl.Expr]:
    """Split `a & b & c` into its conditions. Other predicates are one condition."""
    waiting = [predicate]
    while waiting:
        expression = waiting.pop()
        parts = expression.meta.pop()
        # The operation is not known, but it was `&` if `&` of the parts gives the same expression again.
        if len(parts) == 2 and (expression.meta.eq(parts[1] & parts[0]) or expression.meta.eq(parts[0] & parts[1])):
            waiting += parts
        else:
            yield expression


def _unused_name(names: set[str]) -> str:
    name = "file"
    while name in names:
        name += "_"
    return name
