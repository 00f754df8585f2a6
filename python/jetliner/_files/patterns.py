"""Patterns: `*`, `**`, `?`, `[...]` and `{a,b}`."""
# ruff: noqa: PTH112, PTH207 (paths stay text, see paths.py)

from __future__ import annotations

import glob as globbing
import os

from jetliner._files.directories import files_in
from jetliner._files.paths import with_slashes
from jetliner._stores.names import alternatives


def matches(pattern: str) -> list[str]:
    """Return the files that match a pattern, sorted.

    If only directories match, these are the files in the directories. There may be none. As in a shell, names that
    start with a dot are hidden.
    """
    paths = (path for alternative in alternatives(pattern) for path in globbing.iglob(alternative, recursive=True))
    found = {with_slashes(path) for path in paths}
    files = [path for path in found if not os.path.isdir(path)]
    if files:
        return sorted(files)
    if found:
        return [path for directory in sorted(found) for path in files_in(directory)]
    return []
