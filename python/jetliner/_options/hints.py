"""Warnings at the line of the caller, and the nearest of several names."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable

import polars as pl

#: Code in these directories is not the caller's.
_OWN = (os.path.dirname(os.path.dirname(__file__)) + os.sep, os.path.dirname(pl.__file__) + os.sep)  # noqa: PTH120


def warn(message: str) -> None:
    """Give a UserWarning that names the line in the caller's code, outside of this package and of Polars.

    On a thread of Polars there is no such line. The warning then names the outermost one.
    """
    level = 1
    frame = sys._getframe()
    while frame.f_code.co_filename.startswith(_OWN) and frame.f_back is not None:
        frame = frame.f_back
        level += 1
    warnings.warn(message, UserWarning, stacklevel=level)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that looks most like a given one; None if no name looks like it. Case counts little."""
    import difflib  # slow to import, and only needed for messages

    by_lower: dict[str, str] = {}
    for candidate in names:
        by_lower.setdefault(candidate.lower(), candidate)
    found = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None
