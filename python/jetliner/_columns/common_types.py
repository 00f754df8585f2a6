"""The Polars types that the columns of different files have in common, and the casts that lead there."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields, replace

import polars as pl

from jetliner._columns.casts import instance_of, objection
from jetliner._options.cast_rules import ALL_CASTS, CastRules

_HAS_CATEGORICAL_TO_STRING = "categorical_to_string" in inspect.signature(pl.ScanCastOptions).parameters
_ALLOW = frozenset({"allow"})
#: The casts that keep each value, but for whole numbers beyond 2^53 that become Float64.
SAFE_CASTS = CastRules(
    integer_cast=frozenset({"upcast", "allow-float"}),
    float_cast=frozenset({"upcast"}),
    datetime_cast=frozenset({"upcast"}),
    missing_struct_fields=frozenset({"insert"}),
    categorical_to_string=_ALLOW if _HAS_CATEGORICAL_TO_STRING else CastRules().categorical_to_string,
)


def common_columns(schemas: list[pl.Schema]) -> pl.Schema | None:
    """Return all columns of all files, with types that fit every file; None if a column has no such type."""
    columns: dict[str, pl.DataType] = {}
    for schema in schemas:
        for name, dtype in schema.items():
            common = _common(columns[name], dtype) if name in columns else dtype
            if common is None:
                return None
            columns[name] = common
    return pl.Schema(columns)


def _common(a: pl.DataType, b: pl.DataType) -> pl.DataType | None:
    """Return a type for the values of two types; None if there is none."""
    if b == pl.Null or a == b:
        return a
    if a == pl.Null:
        return b
    if isinstance(a, pl.List) and isinstance(b, pl.List):
        inner = _common(instance_of(a.inner), instance_of(b.inner))
        return None if inner is None else pl.List(inner)
    if isinstance(a, pl.Struct) and isinstance(b, pl.Struct):
        columns = common_columns([pl.Schema(dict(a)), pl.Schema(dict(b))])
        return None if columns is None else pl.Struct(columns)
    if (a.is_integer() and b.is_float()) or (a.is_float() and b.is_integer()):
        return pl.Float64()
    if isinstance(a, pl.Datetime) and isinstance(b, pl.Datetime) and (a.time_zone is None) != (b.time_zone is None):
        return None  # a time of day somewhere is no instant
    if objection(b, a, SAFE_CASTS) is None:
        return a
    return b if objection(a, b, SAFE_CASTS) is None else None


def enums_as_text(schema: pl.Schema) -> pl.Schema:
    """Return a schema with strings in place of enums, at any depth."""
    return pl.Schema({name: _enum_as_text(dtype) for name, dtype in schema.items()})


def _enum_as_text(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.List):
        return pl.List(_enum_as_text(instance_of(dtype.inner)))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: _enum_as_text(instance_of(field.dtype)) for field in dtype.fields})
    return dtype


def fewest_casts(pairs: list[tuple[pl.DataType, pl.DataType]], *, is_chosen: bool) -> CastRules | None:
    """Return the fewest casts by which each first type can be read as the second one; None if none suffice.

    Parameters
    ----------
    pairs
        Types of files, and wanted types.
    is_chosen
        The caller has chosen the wanted types. Then casts may lose digits.
    """

    def suffice(rules: CastRules) -> bool:
        return all(objection(have, want, rules) is None for have, want in pairs)

    rules = ALL_CASTS if is_chosen else SAFE_CASTS
    if not _HAS_CATEGORICAL_TO_STRING:
        rules = replace(rules, categorical_to_string=CastRules().categorical_to_string)
    if not suffice(rules):
        return None
    # General words ("upcast") are dropped first, so that precise ones ("millisecond-upcast") remain.
    for name, word in sorted(_words(rules), key=lambda pair: "-" in pair[1]):
        fewer = replace(rules, **{name: getattr(rules, name) - {word}})
        if suffice(fewer):
            rules = fewer
    return rules


def _words(rules: CastRules) -> Iterator[tuple[str, str]]:
    for field in fields(rules):
        for word in sorted(getattr(rules, field.name)):
            yield field.name, word
