"""Warnings at the line of the caller, and the nearest of several names."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from types import FrameType
from typing import NamedTuple

import polars as pl

#: Code in these directories is not the caller's.
_OWN = (os.path.dirname(os.path.dirname(__file__)) + os.sep, os.path.dirname(pl.__file__) + os.sep)  # noqa: PTH120


class CodePlace(NamedTuple):
    """A line of code, as warnings name it."""

    filename: str
    lineno: int
    module: str


def place_of_caller() -> CodePlace | None:
    """Return the line in the caller's code, outside of this package and of Polars. On a thread of Polars it is None."""
    frame, _ = _caller()
    if _is_own(frame):
        return None
    return CodePlace(frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__", "<string>"))


def warn(message: str, otherwise_at: CodePlace | None = None) -> None:
    """Give a UserWarning that names the line in the caller's code.

    Parameters
    ----------
    message
        The text.
    otherwise_at
        The line to name on a thread of Polars, where there is no line of the caller. Without it, the warning names the
        outermost line there.
    """
    frame, level = _caller()
    if otherwise_at is None or not _is_own(frame):
        warnings.warn(message, UserWarning, stacklevel=level)
        return
    # The module remembers what was shown for its lines, as it does for warnings.warn().
    module = sys.modules.get(otherwise_at.module)
    registry = None if module is None else vars(module).setdefault("__warningregistry__", {})
    warnings.warn_explicit(message, UserWarning, *otherwise_at, registry=registry)


def _caller() -> tuple[FrameType, int]:
    """Return the innermost frame of other code, or else the outermost one; and its stacklevel for who calls this."""
    level = 0
    frame = sys._getframe()
    while _is_own(frame) and frame.f_back is not None:
        frame = frame.f_back
        level += 1
    return frame, level


def _is_own(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_OWN)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the name that looks most like a given one; None if no name looks like it. Case counts little."""
    import difflib  # slow to import, and only needed for messages

    by_lower: dict[str, str] = {}
    for candidate in names:
        by_lower.setdefault(candidate.lower(), candidate)
    found = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return by_lower[found[0]] if found else None
