"""Comparable values of frames, and their differences from expected values."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from .expect import Json, Table, json_difference


def physical(frame: pl.DataFrame) -> dict[str, list[Any]]:
    """Return the values of every column as numbers, texts, bytes, lists and dicts."""
    return {series.name: series.to_physical().to_list() for series in frame}


def fingerprint(frame: pl.DataFrame) -> dict[str, str]:
    """Return a text for every column. Equal texts: equal types and values. NaN equals NaN, 0.0 differs from -0.0."""
    return {series.name: f"{series.dtype!r} {series.to_physical().to_list()!r}" for series in frame}


def difference(expected: Table, frame: pl.DataFrame) -> str | None:
    """Return the first difference between a frame and the expectation; None if there is none."""
    if frame.schema != expected.schema or list(frame.schema) != list(expected.schema):
        return f"schema {frame.schema}\n  instead of {expected.schema}"
    if frame.height != expected.height:
        return f"{frame.height} rows instead of {expected.height}"
    for name, values in physical(frame).items():
        wanted = expected.columns[name]
        # Texts of numbers are exact, and differ for 0.0 and -0.0. So comparing texts is a fast comparison of bits.
        if name not in expected.json_columns and repr(values) == repr(wanted):
            continue
        for row, (want, got) in enumerate(zip(wanted, values, strict=True)):
            found = value_difference(want, got, f"row {row}: {name}")
            if found is not None:
                return found
    return None


def value_difference(want: Any, got: Any, path: str) -> str | None:
    """Return the first difference between two physical values."""
    if isinstance(want, Json):
        if not isinstance(got, str):
            return f"{path}: {got!r} instead of JSON"
        try:
            parsed = json.loads(got, parse_constant=_no_constant)
        except ValueError as error:
            return f"{path}: {got!r} is not JSON: {error}"
        return json_difference(want.node, want.raw, parsed, f"{path} (JSON)")
    if isinstance(want, dict) and isinstance(got, dict) and list(want) == list(got):
        return next(filter(None, (value_difference(want[k], got[k], f"{path}.{k}") for k in want)), None)
    if isinstance(want, list) and isinstance(got, list) and len(want) == len(got):
        pairs = enumerate(zip(want, got, strict=True))
        return next(filter(None, (value_difference(w, g, f"{path}[{i}]") for i, (w, g) in pairs)), None)
    return None if repr(want) == repr(got) else f"{path}: {got!r} instead of {want!r}"


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")
