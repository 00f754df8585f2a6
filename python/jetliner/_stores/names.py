"""Rules about names that hold on disks and in stores alike: patterns, and which files of a directory are data."""

from __future__ import annotations

import itertools
import re
from typing import Literal

_WILDCARDS = frozenset("*?[")
#: Names of Avro files, in any case. BigQuery adds a number of twelve digits ("x.avro000000000012").
_AVRO = re.compile(r"\.avro([0-9]{12})?\Z", re.IGNORECASE)
#: Names of Avro files in gzip.
_AVRO_GZ = re.compile(r"\.avro([0-9]{12})?\.gz\Z", re.IGNORECASE)


def has_wildcards(path: str) -> bool:
    """Tell whether a path has `*`, `?` or `[` in it."""
    return not _WILDCARDS.isdisjoint(path)


def is_pattern(path: str) -> bool:
    """Tell whether a path may be a pattern that other paths match."""
    return has_wildcards(path) or ("{" in path and len(alternatives(path)) > 1)


def alternatives(pattern: str) -> list[str]:
    """Expand the first group `{a,b}` and, in each result, all others.

    Braces without a partner, or without a comma between them, are characters, as in a shell.
    """
    start = pattern.find("{")
    while start >= 0:
        depth = 0
        cuts = [start]  # the opening brace, the commas of this level, the closing brace
        for position in range(start, len(pattern)):
            character = pattern[position]
            if character == "{":
                depth += 1
            elif character == "," and depth == 1:
                cuts.append(position)
            elif character == "}":
                depth -= 1
                if depth == 0 and len(cuts) == 1:
                    break
                if depth == 0:
                    cuts.append(position)
                    before, after = pattern[:start], pattern[position + 1 :]
                    parts = [pattern[left + 1 : right] for left, right in itertools.pairwise(cuts)]
                    return [path for part in parts for path in alternatives(before + part + after)]
        start = pattern.find("{", start + 1)
    return [pattern]


def is_left_out(name: str, *, is_directory: bool) -> bool:
    """Tell whether a name is never data: "_SUCCESS", ".crc", "_temporary", but not "_date=2024-01-01"."""
    return name.startswith(".") or (name.startswith("_") and not (is_directory and "=" in name))


def kind_of_file(name: str) -> Literal["data", "gzip", "other"]:
    """Return what a file of a directory is by its name.

    Data are names that end in ".avro" (in any case), or in ".avro" and twelve digits, and names without a dot, as Hive
    writes them ("000000_0").
    """
    if "." not in name or _AVRO.search(name):
        return "data"
    return "gzip" if _AVRO_GZ.search(name) else "other"


def none_in_directory(directory: str) -> str:
    """Return the message about a directory without data files."""
    return (
        f"not found: there is no Avro file in the directory {directory!r} or below it: none whose name ends in "
        ".avro, or has no dot in it"
    )


def hint_of_gzip(left_out: list[str], pattern: str) -> str:
    """Return a hint about files in gzip that a directory has, at least one, and the pattern that reads them."""
    count = "1 file in gzip is" if len(left_out) == 1 else f"{len(left_out)} files in gzip are"
    return f"{count} left out, such as {min(left_out)!r}: read them by a pattern such as {pattern!r}"
