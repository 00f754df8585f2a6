"""FilePart: a part of a file, and the file as it was when the parts were planned."""

from __future__ import annotations

import os
from typing import NamedTuple

from jetliner.exceptions import SourceError


class FileState(NamedTuple):
    """What tells one version of a file from another.

    Attributes
    ----------
    size_bytes
        The size of the file.
    modified_ns
        When a local file was modified, in nanoseconds since 1970. None for other sources, which check themselves that
        an object stays the same.
    version
        The version of an object of a store, such as its ETag. "" if there is none.
    """

    size_bytes: int
    modified_ns: int | None = None
    version: str = ""


class FilePart(NamedTuple):
    """A part of a file: its bytes from `start` to `end`, half open."""

    start: int
    end: int
    file: FileState

    def checked_range(self, path: str) -> tuple[int, int] | None:
        """Return the range for the core, None for a whole file, after a check that a local file is the planned one.

        Raises
        ------
        SourceError
            With the variant "Changed": the file is another one.
        """
        if self.file.modified_ns is not None:
            try:
                now = os.stat(path)  # noqa: PTH116 (paths stay text, see paths.py)
            except OSError:
                now = None  # the core says what is wrong
            if now is not None:
                self._check("bytes", self.file.size_bytes, now.st_size, path)
                self._check("ns as its time of modification", self.file.modified_ns, now.st_mtime_ns, path)
        return None if self.start == 0 and self.end == self.file.size_bytes else (self.start, self.end)

    @staticmethod
    def _check(what: str, planned: int, now: int, path: str) -> None:
        if planned != now:
            msg = f"the file has changed since the splits were planned: it had {planned} {what}, and has {now} now"
            raise SourceError(msg, "Changed", path)
