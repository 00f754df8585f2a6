"""Reads with ``enum_as``, ``map_as``, ``utf8`` and ``invalid_values``: the same values in the chosen types."""

from __future__ import annotations

import random
from typing import Any

import polars as pl

from .compare import fingerprint

HAS_MAP = hasattr(pl, "Map")

#: Polars 1 cannot cast structs with nulls inside. test_type_options.py covers the other values with Polars 1.
ENUM_AS = ("enum", "categorical", "string") if HAS_MAP else ("enum",)


def choices(seed: int) -> dict[str, str]:
    """Return the options of a case, from a random generator of their own."""
    rng = random.Random(seed)
    return {
        "enum_as": rng.choice(ENUM_AS),
        "map_as": rng.choice(("list", "map") if HAS_MAP else ("list",)),
        "utf8": rng.choice(("strict", "replace")),
        "invalid_values": rng.choice(("raise", "null")),
    }


def difference_by_choice(plain: pl.DataFrame, frame: pl.DataFrame, options: dict[str, str]) -> str | None:
    """Return the difference between a frame read with options and a frame read without; None if there is none."""
    wanted = {name: _with_enums(dtype, options["enum_as"]) for name, dtype in plain.schema.items()}
    found = {name: _without_maps(dtype) for name, dtype in frame.schema.items()}
    if found != wanted or list(found) != list(wanted):
        return f"schema {frame.schema}\n  instead of {plain.schema}"
    expected = fingerprint(plain)
    for name, text in fingerprint(frame.cast(dict(plain.schema))).items():
        if text != expected[name]:
            return f"column {name!r}\n  {text[:500]}\n  instead of\n  {expected[name][:500]}"
    return None


def _with_enums(dtype: Any, enum_as: str) -> Any:
    if isinstance(dtype, pl.Enum):
        return {"enum": dtype, "categorical": pl.Categorical(), "string": pl.String()}[enum_as]
    return _nested(dtype, lambda inner: _with_enums(inner, enum_as))


def _without_maps(dtype: Any) -> Any:
    if HAS_MAP and isinstance(dtype, pl.Map):
        return pl.List(pl.Struct({"key": _without_maps(dtype.key), "value": _without_maps(dtype.value)}))
    return _nested(dtype, _without_maps)


def _nested(dtype: Any, change: Any) -> Any:
    if isinstance(dtype, pl.List):
        return pl.List(change(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: change(field.dtype) for field in dtype.fields})
    return dtype
