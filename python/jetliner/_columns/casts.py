"""Casts between types that differ: whether pl.ScanCastOptions allows one, and the expression that does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from jetliner._options.cast_rules import CastRules

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

_UNITS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}  # per second
_UNIT_NAMES = {"ms": "millisecond", "us": "microsecond", "ns": "nanosecond"}

#: The objection that no option removes.
NO_SAFE_CAST = "there is no safe cast"


def objection(have: pl.DataType, want: pl.DataType, rules: CastRules) -> str | None:
    """Say why values of one type must not be read as another type. None if they may."""
    if have == want or have == pl.Null:
        return None
    if isinstance(have, pl.List) and isinstance(want, pl.List):
        return objection(instance_of(have.inner), instance_of(want.inner), rules)
    if isinstance(have, pl.Struct) and isinstance(want, pl.Struct):
        return _struct_objection(have, want, rules)
    if isinstance(have, pl.Datetime) and isinstance(want, pl.Datetime):
        return _datetime_objection(have, want, rules)
    if (isinstance(have, pl.Decimal) and isinstance(want, pl.Decimal)) or (have.is_integer() and want.is_integer()):
        return _unless("upcast", rules.integer_cast, "integer_cast", possible=_is_wider(want, have))
    if have.is_integer() and want.is_float():
        return _unless("allow-float", rules.integer_cast, "integer_cast")
    if have.is_float() and want.is_float():
        return _unless("upcast" if _bits(want) > _bits(have) else "downcast", rules.float_cast, "float_cast")
    if isinstance(have, (pl.Enum, pl.Categorical)) and want == pl.String:
        return _unless("allow", rules.categorical_to_string, "categorical_to_string")
    if isinstance(have, pl.Enum) and isinstance(want, pl.Enum):
        return f"{NO_SAFE_CAST}; with enum_as='string' enums are text"
    return NO_SAFE_CAST


def converted(value: pl.Expr, have: pl.DataType, want: pl.DataType) -> pl.Expr:
    """Return an expression that casts values of one type to another type. There must be no `objection`.

    The expression raises pl.exceptions.InvalidOperationError for a datetime that its new unit cannot hold.
    """
    if have == want:
        return value
    if isinstance(have, pl.List) and isinstance(want, pl.List):
        return value.list.eval(converted(pl.element(), instance_of(have.inner), instance_of(want.inner)))
    if is_map(have) and is_map(want):
        have, entries = _entries(have), _entries(want)
        return converted(value.cast(have), have, entries).cast(want)
    if isinstance(have, pl.Struct) and isinstance(want, pl.Struct):
        if not want.fields:
            return pl.when(value.is_not_null()).then(pl.lit({}, dtype=want))
        # Fields are named by numbers: Polars takes some names for patterns ("*", "^a.*$").
        numbered = value.struct.rename_fields([str(number) for number in range(len(have.fields))])
        known = {field.name: (str(number), instance_of(field.dtype)) for number, field in enumerate(have.fields)}
        fields = []
        for field in want.fields:
            dtype = instance_of(field.dtype)
            if field.name in known:
                number, own = known[field.name]
                made = converted(numbered.struct.field(number), own, dtype)
            else:
                made = pl.lit(None, dtype)
            fields.append(made.alias(field.name))
        return pl.when(value.is_not_null()).then(pl.struct(fields))
    if isinstance(have, pl.Datetime) and isinstance(want, pl.Datetime):
        factor = _UNITS[want.time_unit] // _UNITS[have.time_unit]
        if factor > 1:
            # For a number that is too large, Polars' own cast fails while it makes the text of its error.
            value = (value.to_physical().cast(pl.Int128) * factor).cast(pl.Int64)
    return value.cast(want)


def is_map(dtype: pl.DataType) -> bool:
    """Tell whether a type is pl.Map, which older versions of Polars do not have."""
    return hasattr(pl, "Map") and isinstance(dtype, pl.Map)


def _entries(dtype: Any) -> pl.List:
    """Return the list type with the entries of a map type."""
    return pl.List(pl.Struct({"key": instance_of(dtype.key), "value": instance_of(dtype.value)}))


def instance_of(dtype: PolarsDataType) -> pl.DataType:
    """Return a type as an instance. Inner types may be classes, such as pl.Int8."""
    return dtype() if isinstance(dtype, type) else dtype


def _unless(word: str, allowed: frozenset[str], option: str, *, possible: bool = True) -> str | None:
    if not possible:
        return NO_SAFE_CAST
    return None if word in allowed else f"pass cast_options=pl.ScanCastOptions({option}={word!r}) to allow it"


def _struct_objection(have: pl.Struct, want: pl.Struct, rules: CastRules) -> str | None:
    types = {field.name: instance_of(field.dtype) for field in have.fields}
    for field in want.fields:
        if field.name not in types:
            if "insert" not in rules.missing_struct_fields:
                return (
                    f"the field {field.name!r} is missing; "
                    "pass cast_options=pl.ScanCastOptions(missing_struct_fields='insert') to have it null"
                )
            continue
        why = objection(types[field.name], instance_of(field.dtype), rules)
        if why is not None:
            return f"field {field.name!r}: {why}"
    wanted = {field.name for field in want.fields}
    for name in types:
        if name not in wanted and "ignore" not in rules.extra_struct_fields:
            return (
                f"the field {name!r} is additional; "
                "pass cast_options=pl.ScanCastOptions(extra_struct_fields='ignore') to leave it out"
            )
    return None


def _datetime_objection(have: pl.Datetime, want: pl.Datetime, rules: CastRules) -> str | None:
    if have.time_unit != want.time_unit:
        word = "upcast" if _UNITS[want.time_unit] > _UNITS[have.time_unit] else "downcast"
        precise = f"{_UNIT_NAMES[have.time_unit]}-{word}"
        if word not in rules.datetime_cast and precise not in rules.datetime_cast:
            return _unless(precise, rules.datetime_cast, "datetime_cast")
    # No time zone counts as UTC, as in Polars' scans.
    if (have.time_zone or "UTC") != (want.time_zone or "UTC"):
        return _unless("convert-timezone", rules.datetime_cast, "datetime_cast")
    return None


def _is_wider(want: pl.DataType, have: pl.DataType) -> bool:
    if isinstance(have, pl.Decimal) and isinstance(want, pl.Decimal):
        return have.scale == want.scale and (have.precision or 38) <= (want.precision or 38)
    if have.is_unsigned_integer() == want.is_unsigned_integer() or have.is_unsigned_integer():
        return _bits(want) > _bits(have)
    return False


def _bits(dtype: pl.DataType) -> int:
    """Return the width of a number type: 32 for Int32."""
    return int("".join(filter(str.isdigit, str(dtype))))
