"""The arguments that select columns: `columns` of read_avro and the readers, and `projected_columns` of the readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

from jetliner._options.checks import Bounds, integer, is_integer
from jetliner._options.redact import described
from jetliner.exceptions import ConfigurationError

_INDEX = Bounds(smallest=0)
#: Characters of a name that a message repeats.
_SHORT = 60


class Selection(NamedTuple):
    """The columns to read, as the caller names them.

    Attributes
    ----------
    names
        Names, or paths to parts of columns; None for all columns.
    indices
        Indices in place of names.
    must_exist
        Whether a name that the files do not have is an error. Else it is ignored, with a warning.
    """

    names: list[str] | None = None
    indices: tuple[int, ...] = ()
    must_exist: bool = True


_ALL = Selection()


def check_columns(columns: Sequence[str] | Sequence[int] | None) -> Selection:
    """Check `columns`: names or indices, or None for all columns.

    Raises
    ------
    TypeError
        It is not a sequence of names or of indices.
    ConfigurationError
        It is empty, or an index is negative.
    """
    if columns is None:
        return _ALL
    if isinstance(columns, (str, bytes)) or not isinstance(columns, Sequence):
        hint = f": write [{columns!r}]" if isinstance(columns, str) and len(columns) <= _SHORT else ""
        msg = f"columns must be a list of column names or a list of column indices, got {described(columns)}{hint}"
        raise TypeError(msg)
    if len(columns) == 0:
        msg = "columns must not be empty: give at least one name or index, or None for all columns"
        raise ConfigurationError(msg)
    if isinstance(columns[0], str):
        names = [column for column in columns if isinstance(column, str)]
        if len(names) == len(columns):
            return Selection(names)
    else:
        indices = [column for column in columns if is_integer(column)]
        if len(indices) == len(columns):
            checked = (cast("int", integer("an index in columns", index, _INDEX)) for index in indices)
            return Selection(indices=tuple(checked))
    msg = f"columns must be all names (str) or all indices (int), got {described(columns)}"
    raise TypeError(msg)


def check_reader_columns(
    columns: Sequence[str] | Sequence[int] | None, projected_columns: Sequence[str] | None
) -> Selection:
    """Check `columns` and `projected_columns`, of which one may be given.

    Raises
    ------
    TypeError
        One is not a sequence of names, or of indices for `columns`.
    ConfigurationError
        Both are given, `columns` is empty, or an index is negative.
    """
    if projected_columns is None:
        return check_columns(columns)
    if columns is not None:
        msg = "columns and projected_columns are two names of one option: give only one of them"
        raise ConfigurationError(msg)
    if not isinstance(projected_columns, (list, tuple)) or not all(isinstance(name, str) for name in projected_columns):
        msg = f"projected_columns must be a list of column names (str) or None, got {described(projected_columns)}"
        raise TypeError(msg)
    return Selection(list(projected_columns), must_exist=False)
