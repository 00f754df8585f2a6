"""Patterns: `*`, `**`, `?`, `[...]` and `{a,b}`."""
# ruff: noqa: PTH112, PTH207 (paths stay text, see paths.py)

from __future__ import annotations

import glob as globbing
import itertools
import os

from jetliner._files.directories import files_in

_WILDCARDS = frozenset("*?[")


def is_pattern(path: str) -> bool:
    """Tell whether a path may be a pattern that other paths match."""
    return not _WILDCARDS.isdisjoint(path) or ("{" in path and len(_alternatives(path)) > 1)


def matches(pattern: str) -> list[str]:
    """Return the files that match a pattern, sorted.

    If only directories match, these are the files in the directories. There may be none. As in a shell, names that
    start with a dot are hidden.
    """
    found = {path for alternative in _alternatives(pattern) for path in globbing.iglob(alternative, recursive=True)}
    files = [path for path in found if not os.path.isdir(path)]
    if files:
        return sorted(files)
    if found:
        return [path for directory in sorted(found) for path in files_in(directory)]
    return []


def _alternatives(pattern: str) -> list[str]:
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
                    return [path for part in parts for path in _alternatives(before + part + after)]
        start = pattern.find("{", start + 1)
    return [pattern]
