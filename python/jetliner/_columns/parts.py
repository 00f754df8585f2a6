"""Parts of columns: paths of names joined by dots, such as "address.city".

A path leads through structs by the names of their fields, and through lists, which add no name. Maps have the fields
`key` and `value`. A name may itself contain dots: the longest name that leads on wins. The core has the same rules for
the files that it reads (ReadOptions::column_paths); these are for columns that only Python knows, of files that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl

from jetliner._columns.casts import instance_of, is_map
from jetliner._options.hints import nearest
from jetliner.exceptions import SchemaError

#: The names on the way to a part; one name for a whole column.
Part = tuple[str, ...]
#: The most paths among which the nearest one is looked for.
_MAX_PATHS = 10_000


def has_dots(names: Sequence[str] | None) -> bool:
    """Tell whether some names may be paths to parts of columns."""
    return bool(names) and any("." in name for name in names or ())


def find_part(columns: Mapping[str, pl.DataType], path: str) -> Part | None:
    """Return the part of columns that a path leads to; None if it leads nowhere."""
    end = len(path)
    while end >= 0:
        name = path[:end]
        if name in columns:
            if end == len(path):
                return (name,)
            rest = find_part(_fields(columns[name]), path[end + 1 :])
            if rest is not None:
                return (name, *rest)
        end = path.rfind(".", 0, end)
    return None


def only_parts(columns: Mapping[str, pl.DataType], parts: Iterable[Part]) -> dict[str, pl.DataType]:
    """Return the columns that have one of the parts, with their types reduced to these parts, in the same order."""
    wanted: dict[str, list[Part]] = {}
    for name, *rest in parts:
        wanted.setdefault(name, []).append(tuple(rest))
    return {name: _reduced(dtype, wanted[name]) for name, dtype in columns.items() if name in wanted}


class Existing(NamedTuple):
    """What names and paths can lead to.

    Attributes
    ----------
    names
        The names of all columns.
    has
        Tells whether a path leads to a part.
    types
        Returns all columns with their types. It is called for messages only, and may read a header.
    path
        The file for the error.
    """

    names: Sequence[str]
    has: Callable[[str], bool]
    types: Callable[[], Mapping[str, pl.DataType]]
    path: str


def unknown_names(names: Sequence[str], existing: Existing) -> list[str]:
    """Return the names and paths that lead nowhere."""
    known = set(existing.names)
    return [name for name in names if name not in known and not ("." in name and existing.has(name))]


def about_unknown(name: str, existing: Existing) -> str:
    """Return a text about a name or path that leads nowhere: what is missing, and the nearest one that exists."""
    parent = name.rpartition(".")[0]
    while parent and not existing.has(parent):
        parent = parent.rpartition(".")[0]
    if parent:
        field = name[len(parent) + 1 :].partition(".")[0]
        text = f"there is no column {name!r}: {parent!r} has no field {field!r}"
    else:
        text = f"there is no column {name!r}; the file has {', '.join(map(repr, existing.names))}"
    like = nearest(name, _paths(existing.types()) if "." in name else existing.names)
    return text if like is None else f"{text}; did you mean {like!r}?"


def check_exist(names: Sequence[str], existing: Existing) -> None:
    """Check that names and paths lead to columns or parts of columns.

    Raises
    ------
    SchemaError
        There is no such column.
    """
    unknown = unknown_names(names, existing)
    if unknown:
        raise SchemaError(about_unknown(unknown[0], existing), "ColumnNotFound", existing.path, unknown[0])


def _paths(columns: Mapping[str, pl.DataType]) -> list[str]:
    """Return the paths to columns and their parts, at most _MAX_PATHS."""
    found: list[str] = []
    waiting = list(columns.items())
    while waiting and len(found) < _MAX_PATHS:
        path, dtype = waiting.pop()
        found.append(path)
        waiting += [(f"{path}.{name}", field) for name, field in _fields(dtype).items()]
    return found


def _fields(dtype: pl.DataType) -> dict[str, pl.DataType]:
    """Return the fields that a path can lead to from a type, and their types."""
    if isinstance(dtype, pl.Struct):
        return {field.name: instance_of(field.dtype) for field in dtype.fields}
    if isinstance(dtype, pl.List):
        return _fields(instance_of(dtype.inner))
    if is_map(dtype):
        entry: Any = dtype
        return {"key": instance_of(entry.key), "value": instance_of(entry.value)}
    return {}


def _reduced(dtype: pl.DataType, parts: list[Part]) -> pl.DataType:
    """Return a type reduced to some parts of it. The empty part is the whole type."""
    if () in parts:
        return dtype
    if isinstance(dtype, pl.List):
        return pl.List(_reduced(instance_of(dtype.inner), parts))
    fields = _fields(dtype)
    reduced = only_parts(fields, parts)
    if is_map(dtype):  # it always has values, and whole keys: parts of keys would not be unique
        return pl.Map(fields["key"], reduced.get("value", fields["value"]))
    return pl.Struct(reduced)
