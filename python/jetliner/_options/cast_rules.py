"""The option `cast_options`: pl.ScanCastOptions, checked and in a form that can be pickled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from jetliner.exceptions import ConfigurationError

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


@dataclass(frozen=True, slots=True)
class CastRules:
    """The words of pl.ScanCastOptions. Each attribute is the set of words given for it."""

    integer_cast: frozenset[str] = _FORBIDDEN
    float_cast: frozenset[str] = _FORBIDDEN
    datetime_cast: frozenset[str] = _FORBIDDEN
    missing_struct_fields: frozenset[str] = frozenset({"raise"})
    extra_struct_fields: frozenset[str] = frozenset({"raise"})
    categorical_to_string: frozenset[str] = _FORBIDDEN


#: Every cast is allowed.
ALL_CASTS = CastRules(**{name: words - {"forbid", "raise"} for name, words in _WORDS.items()})


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
        if given is None:  # this version of Polars does not have the option
            continue
        words = [given] if isinstance(given, str) else list(given)
        for word in words:
            if word not in known:
                msg = f"cast_options: {name} must be of {', '.join(sorted(known))}, got {word!r}"
                raise ConfigurationError(msg)
        rules[name] = frozenset(words)
    return CastRules(**rules)
