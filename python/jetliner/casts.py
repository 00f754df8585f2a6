"""Types that differ: whether one may be read as another (pl.ScanCastOptions), and how that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from jetliner.exceptions import ConfigurationError

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

_WORDS: dict[str, frozenset[str]] = {
    "integer_cast": frozenset({"upcast", "allow-float", "forbid"}),
    "float_cast": frozenset({"upcast", "downcast", "forbid"}),
    "datetime_cast": frozenset(
        {
            "nanosecond-downcast",
            "microsecond-downcast",
            "microsecond-upcast",
            "millisecond-upcast",
            "downcast",
            "upcast",
            "convert-timezone",
            "forbid",
        }
    ),
    "missing_struct_fields": frozenset({"insert", "raise"}),
    "extra_struct_fields": frozenset({"ignore", "raise"}),
    "categorical_to_string": frozenset({"allow", "forbid"}),
}
_FORBIDDEN = frozenset({"forbid"})
_UNITS = {"ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}  # per second
_UNIT_NAMES = {"ms": "millisecond", "us": "microsecond", "ns": "nanosecond"}


@dataclass(frozen=True, slots=True)
class CastRules:
    """What pl.ScanCastOptions says, in a form that can be pickled. Each attribute is the set of its words."""

    integer_cast: frozenset[str] = _FORBIDDEN
    float_cast: frozenset[str] = _FORBIDDEN
    datetime_cast: frozenset[str] = _FORBIDDEN
    missing_struct_fields: frozenset[str] = frozenset({"raise"})
    extra_struct_fields: frozenset[str] = frozenset({"raise"})
    categorical_to_string: frozenset[str] = _FORBIDDEN


#: All that may be allowed.
ALL_CASTS = CastRules(**{name: words - {"forbid", "raise"} for name, words in _WORDS.items()})

#: An objection that nothing can lift.
NO_SAFE_CAST = "there is no safe cast"


def cast_rules(options: Any) -> CastRules:
    """Check `cast_options`: pl.ScanCastOptions, or None for no casts at all.

    Raises
    ------
    TypeError
        It is neither, or one of its options is no word or list of words.
    ConfigurationError
        One of its words is not known.
    """
    if options is None:
        return CastRules()
    if not isinstance(options, pl.ScanCastOptions):
        msg = f"cast_options must be a polars.ScanCastOptions or None, got {type(options).__name__}"
        raise TypeError(msg)
    rules = {}
    for name, known in _WORDS.items():
        given = getattr(options, name, None)
        if given is None:  # not an option of this version of Polars
            continue
        words = [given] if isinstance(given, str) else list(given)
        for word in words:
            if word not in known:
                msg = f"cast_options: {name} must be of {', '.join(sorted(known))}, got {word!r}"
                raise ConfigurationError(msg)
        rules[name] = frozenset(words)
    return CastRules(**rules)


def objection(have: pl.DataType, want: pl.DataType, rules: CastRules) -> str | None:
    """Say why values of one type must not be read as another; None where they may."""
    if have == want or have == pl.Null:
        return None
    if isinstance(have, pl.List) and isinstance(want, pl.List):
        return objection(_type(have.inner), _type(want.inner), rules)
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
    """Return an expression that casts values of one type, to which there is no `objection`, to another.

    Numbers of a datetime that become too large raise pl.exceptions.InvalidOperationError.
    """
    if have == want:
        return value
    if isinstance(have, pl.List) and isinstance(want, pl.List):
        return value.list.eval(converted(pl.element(), _type(have.inner), _type(want.inner)))
    if isinstance(have, pl.Struct) and isinstance(want, pl.Struct):
        if not want.fields:
            return pl.when(value.is_not_null()).then(pl.lit({}, dtype=want))
        # By numbers: some names are patterns in expressions ("*", "^a.*$").
        numbered = value.struct.rename_fields([str(number) for number in range(len(have.fields))])
        known = {field.name: (str(number), _type(field.dtype)) for number, field in enumerate(have.fields)}
        fields = []
        for field in want.fields:
            dtype = _type(field.dtype)
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
            # Polars' own cast says of a number that is too large what it would be as a date, and stumbles over that.
            value = (value.to_physical().cast(pl.Int128) * factor).cast(pl.Int64)
    return value.cast(want)


def _type(dtype: PolarsDataType) -> pl.DataType:
    return dtype() if isinstance(dtype, type) else dtype  # inner types may be given as classes


def _unless(word: str, allowed: frozenset[str], option: str, *, possible: bool = True) -> str | None:
    if not possible:
        return NO_SAFE_CAST
    return None if word in allowed else f"pass cast_options=pl.ScanCastOptions({option}={word!r}) to allow it"


def _struct_objection(have: pl.Struct, want: pl.Struct, rules: CastRules) -> str | None:
    types = {field.name: _type(field.dtype) for field in have.fields}
    for field in want.fields:
        if field.name not in types:
            if "insert" not in rules.missing_struct_fields:
                return (
                    f"the field {field.name!r} is missing; "
                    "pass cast_options=pl.ScanCastOptions(missing_struct_fields='insert') to have it null"
                )
            continue
        why = objection(types[field.name], _type(field.dtype), rules)
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
    # As for Polars' scans, UTC and no time zone are one.
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
