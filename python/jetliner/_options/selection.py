"""The arguments that select columns: `columns` of read_avro, `projected_columns` of the readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from jetliner._options.checks import Bounds, integer, is_integer
from jetliner._options.redact import described
from jetliner.exceptions import ConfigurationError

_INDEX = Bounds(smallest=0)


def check_columns(columns: Sequence[str] | Sequence[int] | None) -> tuple[list[str], list[int]]:
    """Check `columns`, and return names and indices. At most one of the two lists has elements; none for all columns.

    Raises
    ------
    TypeError
        It is not a sequence of names or of indices.
    ConfigurationError
        It is empty, or an index is negative.
    """
    if columns is None:
        return [], []
    if isinstance(columns, (str, bytes)) or not isinstance(columns, Sequence):
        msg = f"columns must be a list of column names or a list of column indices, got {described(columns)}"
        raise TypeError(msg)
    if len(columns) == 0:
        msg = "columns must not be empty: give at least one name or index, or None for all columns"
        raise ConfigurationError(msg)
    if isinstance(columns[0], str):
        names = [column for column in columns if isinstance(column, str)]
        if len(names) == len(columns):
            return names, []
    else:
        indices = [column for column in columns if is_integer(column)]
        if len(indices) == len(columns):
            return [], [cast("int", integer("an index in columns", index, _INDEX)) for index in indices]
    msg = f"columns must be all names (str) or all indices (int), got {described(columns)}"
    raise TypeError(msg)


def check_projected_columns(names: Sequence[str] | None) -> list[str] | None:
    """Check `projected_columns`: a list of names, or None for all columns."""
    if names is None:
        return None
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        msg = f"projected_columns must be a list of column names (str) or None, got {described(names)}"
        raise TypeError(msg)
    return list(names)
