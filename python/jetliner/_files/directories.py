"""The files in a directory, at any depth."""
# ruff: noqa: PTH118 (paths stay text, see paths.py)

from __future__ import annotations

import builtins
import glob as globbing
import os

from jetliner._files.paths import with_slashes
from jetliner._options.hints import warn
from jetliner._stores.names import hint_of_gzip, is_left_out, kind_of_file, none_in_directory
from jetliner.exceptions import (
    FileNotFoundError,  # noqa: A004 (ours)
    PermissionError,  # noqa: A004 (ours)
    SourceError,
)

#: Deeper directories mean that links form a loop.
_MAX_DEPTH = 200


def files_in(directory: str) -> list[str]:
    """Return the data files in a directory and in those below it, sorted by path.

    These are the files whose names end in ".avro" (in any case), or in ".avro" and twelve digits, as BigQuery writes
    them ("x.avro000000000012"), and those whose names have no dot at all, as Hive writes them ("000000_0"). Names that
    start with "_" or "." are left out, of files ("_SUCCESS") and of directories ("_temporary"), but not those of
    partitions ("_date=2024-01-01"). Links are followed. If files such as "x.avro.gz" are left out, a warning says so.

    Raises
    ------
    FileNotFoundError
        There is none, or the directory has vanished.
    PermissionError, SourceError
        A directory cannot be listed, or is within itself.
    """
    found: list[str] = []
    left_out: list[str] = []
    _collect(directory, found, left_out, set())
    hint = ""
    if left_out:
        hint = hint_of_gzip(left_out, _pattern(directory))
    if not found:
        msg = none_in_directory(directory)
        raise FileNotFoundError(f"{msg}; {hint}" if hint else msg, "NotFound", directory)
    if hint:
        warn(f"the directory {directory!r}: {hint}")
    return sorted(found)


def _pattern(directory: str) -> str:
    """Return the pattern of the files in gzip in a directory and below it."""
    return os.path.join(globbing.escape(directory), "**", "*.avro*.gz")


def _collect(directory: str, found: list[str], left_out: list[str], enclosing: set[tuple[int, int]]) -> None:
    """Add the data files, and the files in gzip. `enclosing` has the directories around this one."""
    try:
        status = os.stat(directory)  # noqa: PTH116
        with os.scandir(directory) as entries:
            listed = [(entry.name, entry.is_dir()) for entry in entries]
    except builtins.FileNotFoundError as error:
        msg = f"not found: {directory!r}"
        raise FileNotFoundError(msg, "NotFound", directory) from error
    except builtins.PermissionError as error:
        msg = f"permission denied: {directory!r}"
        raise PermissionError(msg, "PermissionDenied", directory) from error
    except OSError as error:
        msg = f"the directory cannot be listed: {error.strerror or error}"
        raise SourceError(msg, "Io", directory) from error
    identity = (status.st_dev, status.st_ino)
    if identity in enclosing or len(enclosing) > _MAX_DEPTH:
        msg = "the directory is within itself, by a link"
        raise SourceError(msg, "Io", directory)
    for name, is_directory in listed:
        if is_left_out(name, is_directory=is_directory):
            continue
        path = with_slashes(os.path.join(directory, name))
        if is_directory:
            _collect(path, found, left_out, enclosing | {identity})
        elif (kind := kind_of_file(name)) == "data":
            found.append(path)
        elif kind == "gzip":
            left_out.append(path)
