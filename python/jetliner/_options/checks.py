"""Checks of single arguments. Each raises TypeError for a wrong type, ConfigurationError for a wrong value."""

from __future__ import annotations

import importlib.util
import operator
from collections.abc import Iterable
from typing import Any, NamedTuple

from jetliner._options.defaults import LARGEST, LARGEST_ROW_INDEX
from jetliner._options.redact import described
from jetliner.exceptions import ConfigurationError


def are_same(values: Iterable[Any], others: Iterable[Any]) -> bool:
    """Tell whether values are the very same objects as others.

    Options that are the defaults need no checks, which would take 2 % of the time to read a small file. To compare by
    `==` would not do: False equals 0.
    """
    return all(map(operator.is_, values, others))


def check_flag(name: str, value: object) -> None:
    """Check that an option is True or False."""
    if value is not True and value is not False:
        msg = f"{name} must be True or False, got {described(value)}"
        raise TypeError(msg)


def check_progress(value: object) -> None:
    """Check the option `progress`.

    Raises
    ------
    TypeError
        It is not True or False.
    ImportError
        It is True, and tqdm is not installed.
    """
    check_flag("progress", value)
    if value is True and importlib.util.find_spec("tqdm") is None:
        msg = "progress=True needs tqdm: pip install 'jetliner[progress]'"
        raise ImportError(msg, name="tqdm")


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Check that an option is one of several words."""
    if isinstance(value, str) and value in choices:
        return
    known = ", ".join(repr(choice) for choice in choices)
    if not isinstance(value, str):
        msg = f"{name} must be one of {known}, got {described(value)}"
        raise TypeError(msg)
    msg = f"{name} must be one of {known}, got {value!r}"
    raise ConfigurationError(msg)


def is_integer(value: object) -> bool:
    """Tell whether a value counts as a whole number: int and the like (NumPy's), but not bool."""
    return type(value) is int or (hasattr(value, "__index__") and not isinstance(value, bool))


class Bounds(NamedTuple):
    """The whole numbers that an option may be."""

    smallest: int = 1
    largest: int = LARGEST
    or_none: bool = False


def integer(name: str, value: Any, bounds: Bounds) -> int | None:
    """Return a whole number as an int, or None, if the bounds allow it."""
    smallest, largest, or_none = bounds
    if value is None and or_none:
        return None
    if not is_integer(value):
        msg = f"{name} must be an integer{' or None' if or_none else ''}, got {described(value)}"
        raise TypeError(msg)
    number = operator.index(value)
    if not smallest <= number <= largest:
        allowed = "must not be negative" if smallest == 0 and number < 0 else f"must be from {smallest} to {largest}"
        msg = f"{name} {allowed}{', or None' if or_none else ''}, got {number}"
        raise ConfigurationError(msg)
    return number


def row_index_offset(value: Any) -> int:
    """Return the first number of a row index as an int, if it is in range."""
    if not is_integer(value):
        msg = f"row_index_offset must be an integer, got {described(value)}"
        raise TypeError(msg)
    offset = operator.index(value)
    if offset < 0:
        msg = f"row_index_offset must not be negative, got {offset}"
        raise ConfigurationError(msg)
    if offset > LARGEST_ROW_INDEX:
        msg = f"row_index_offset {offset} exceeds maximum {LARGEST_ROW_INDEX} (the row index is UInt32)"
        raise ConfigurationError(msg)
    return offset


def check_name(name: str, value: Any) -> None:
    """Check that an option can be the name of a column."""
    if not isinstance(value, str):
        msg = f"{name} must be a column name (str) or None, got {described(value)}"
        raise TypeError(msg)
    if not is_utf8(value):
        msg = f"{name} must be valid Unicode text, got {value!r}"
        raise ConfigurationError(msg)
    if "\0" in value:
        # Names in Arrow's schemas end at the first null character.
        msg = f"{name} must not contain a null character (U+0000), got {value!r}"
        raise ConfigurationError(msg)


def is_utf8(text: str) -> bool:
    """Tell whether a text is valid Unicode. Texts that stand for undecodable bytes of a path are not."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_storage_options(options: Any) -> None:
    """Check `storage_options`. Messages show types only: values may be secrets."""
    if not isinstance(options, dict):
        msg = f"storage_options must be a dict of str to str or None, got {type(options).__name__}"
        raise TypeError(msg)
    for key, value in options.items():
        if not isinstance(key, str):
            msg = f"keys of storage_options must be str, got {type(key).__name__}"
            raise TypeError(msg)
        if not isinstance(value, str):
            msg = f"storage_options[{key!r}] must be a str, got {type(value).__name__}"
            raise TypeError(msg)
