"""The files in a directory, at any depth."""
# ruff: noqa: PTH118 (paths stay text, see paths.py)

from __future__ import annotations

import builtins
import os

from jetliner.exceptions import (
    FileNotFoundError,  # noqa: A004 (ours)
    PermissionError,  # noqa: A004 (ours)
    SourceError,
)

#: Deeper directories mean that links form a loop.
_MAX_DEPTH = 200


def files_in(directory: str) -> list[str]:
    """Return the data files in a directory and in those below it, sorted by path.

    These are the files whose names end in ".avro", and those whose names have no dot at all, as Hive writes them
    ("000000_0"). Names that start with "_" or "." are left out, of files ("_SUCCESS") and of directories
    ("_temporary"), but not those of partitions ("_date=2024-01-01"). Links are followed.

    Raises
    ------
    FileNotFoundError
        There is none, or the directory has vanished.
    PermissionError, SourceError
        A directory cannot be listed, or is within itself.
    """
    found: list[str] = []
    _collect(directory, found, set())
    if not found:
        msg = (
            f"not found: there is no Avro file in the directory {directory!r} or below it: none whose name ends in "
            ".avro, or has no dot in it"
        )
        raise FileNotFoundError(msg, "NotFound", directory)
    return sorted(found)


def _collect(directory: str, found: list[str], enclosing: set[tuple[int, int]]) -> None:
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
        is_partition = is_directory and "=" in name
        if name.startswith(".") or (name.startswith("_") and not is_partition):
            continue
        path = os.path.join(directory, name)
        if is_directory:
            _collect(path, found, enclosing | {identity})
        elif name.endswith(".avro") or "." not in name:
            found.append(path)
