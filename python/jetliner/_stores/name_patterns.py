"""Patterns for keys: the rules of Python's `glob` with `recursive=True`, without a disk."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence

from jetliner._stores.names import has_wildcards

#: Any directories, and at the end any file.
_ANY = "**"


class NamePattern:
    """A pattern without alternatives.

    Parts between slashes match names. `*` and `?` match no slash, and no dot at the start of a name. `**` matches any
    number of parts that do not start with a dot.

    Parameters
    ----------
    pattern
        The pattern. With a slash at its end it matches directories only.
    """

    def __init__(self, pattern: str) -> None:
        self.for_directories = pattern.endswith("/")
        parts = pattern.removesuffix("/").split("/")
        self._parts = [part if part == _ANY or not has_wildcards(part) else _compiled(part) for part in parts]
        literal = next((index for index, part in enumerate(parts) if has_wildcards(part)), len(parts) - 1)
        #: The directory that all matches are in: "" or a path with a slash at its end.
        self.directory = "".join(f"{part}/" for part in parts[:literal])
        #: Whether all matches are in that directory itself.
        self.is_flat = literal == len(parts) - 1 and parts[-1] != _ANY and not self.for_directories

    def matches(self, names: Sequence[str], *, is_file: bool) -> list[int]:
        """Return how many of the first names of a path the pattern matches: all ways, the shortest first.

        Parameters
        ----------
        names
            The names of the path.
        is_file
            Whether the last name is a file. The others are directories.
        """
        found = []
        last = len(self._parts) - 1
        states = self._closed({0})
        for count, name in enumerate(names, start=1):
            before = states
            states = self._closed({after for state in before for after in self._after(state, name)})
            if not states:
                break
            is_match = last + 1 in states
            if is_match and is_file and count == len(names) and self._parts[last] == _ANY:
                # The parts before the last `**` match directories only. So `**` itself must match the file.
                is_match = last in before
            if is_match:
                found.append(count)
        return found

    def _after(self, state: int, name: str) -> Sequence[int]:
        """Return the states after a name. A state is the number of parts that are matched."""
        if state == len(self._parts):
            return ()
        part = self._parts[state]
        if part == _ANY:
            return () if name.startswith(".") else (state,)
        is_match = part == name if isinstance(part, str) else part.match(name) is not None
        return (state + 1,) if is_match else ()

    def _closed(self, states: set[int]) -> set[int]:
        """Add the states that are reached without a name: `**` matches none, too."""
        todo = list(states)
        while todo:
            state = todo.pop()
            if state < len(self._parts) and self._parts[state] == _ANY and state + 1 not in states:
                states.add(state + 1)
                todo.append(state + 1)
        return states


def _compiled(part: str) -> re.Pattern[str]:
    hidden = "" if part.startswith(".") else r"(?!\.)"
    return re.compile(hidden + fnmatch.translate(part))
