"""Columns that become structs because their types do not go together, for the message that proposes it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

#: Characters of a type that are shown.
_MOST_TEXT = 80


def new_structs(columns: Mapping[str, pl.DataType], files: Mapping[str, Mapping[str, pl.DataType]]) -> str:
    """Return a text about columns that become structs, though no file has a struct there; "" if none does.

    Parameters
    ----------
    columns
        The types of the columns as they are going to be read.
    files
        The types of the columns in each file, by path.
    """
    texts = []
    for name, dtype in columns.items():
        own = {path: schema[name] for path, schema in files.items() if name in schema}
        if not any(_has_new_struct(dtype, other) for other in own.values()):
            continue
        (path, first), *others = own.items()
        different = next(((path, other) for path, other in others if other != first), None)
        text = f"column {name!r} becomes a struct"
        if different is not None:
            text += f", because it is {_shown(first)} in {path!r} and {_shown(different[1])} in {different[0]!r}"
        texts.append(text)
    return f"; {'; '.join(texts)} (docs/avro-support.md#unions)" if texts else ""


def _has_new_struct(dtype: pl.DataType, own: pl.DataType) -> bool:
    """Tell whether a type has a struct where the type in a file has something else."""
    if isinstance(dtype, pl.Struct):
        if isinstance(own, pl.Null):
            return False
        if not isinstance(own, pl.Struct):
            return True
        fields = {field.name: field.dtype for field in own.fields}
        return any(_has_new_struct(field.dtype, fields[field.name]) for field in dtype.fields if field.name in fields)  # type: ignore[arg-type]
    if isinstance(dtype, pl.List) and isinstance(own, pl.List):
        return _has_new_struct(dtype.inner, own.inner)  # type: ignore[arg-type]
    return False


def _shown(dtype: pl.DataType) -> str:
    text = str(dtype)
    return text if len(text) <= _MOST_TEXT else text[: _MOST_TEXT - 3] + "..."
