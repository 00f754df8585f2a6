"""Sources: a path, a directory, a pattern, or a sequence of them, as a list of files."""
# ruff: noqa: PTH110, PTH112 (paths stay text, see paths.py)

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from jetliner._files.directories import files_in
from jetliner._files.paths import hint_of_data, path_text
from jetliner._files.patterns import matches
from jetliner._stores.names import is_pattern
from jetliner.exceptions import ConfigurationError, FileNotFoundError  # noqa: A004 (ours)

#: The type of the argument `source`: a path or pattern, or a sequence of them.
FileSource: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


def path_list(paths: Any) -> list[str]:
    """Return the paths of a sequence without expanding patterns or directories (MultiAvroReader).

    Raises
    ------
    TypeError
        It is not a sequence, or an element is not a path.
    ConfigurationError
        It is empty.
    """
    if isinstance(paths, (str, bytes, bytearray, memoryview)) or not isinstance(paths, Sequence):
        hint = hint_of_data(paths)
        if isinstance(paths, (str, os.PathLike)):
            hint = f" (one path: write [{os.fspath(paths)!r}], or use AvroReader)"
        elif not hint and isinstance(paths, Iterable):
            hint = " (make it a list)"
        msg = f"Expected str or Path as the elements of a sequence, such as a list, got {type(paths).__name__}{hint}"
        raise TypeError(msg)
    if len(paths) == 0:
        msg = "the list of source files is empty: give at least one path"
        raise ConfigurationError(msg)
    return _once(path_text(path, f"Expected str or Path at index {index} of paths") for index, path in enumerate(paths))


@dataclass(slots=True)
class Files:
    """The files of a source.

    Attributes
    ----------
    paths
        The files, at least one.
    directories
        The directory of the source in which a file was found, by the file's path. Other files have no entry.
    is_directory
        Whether the source is a single directory.
    given
        The source as it was given: paths, patterns and directories.
    """

    paths: list[str]
    directories: dict[str, str]
    is_directory: bool
    given: list[str]


def resolve(source: Any, *, glob: bool) -> Files:
    """Find the files of a source.

    Lists keep their order. The files of each pattern and directory are sorted. Each file occurs once.

    Raises
    ------
    TypeError
        The source is not a path or a sequence of paths.
    ConfigurationError
        The sequence is empty.
    FileNotFoundError
        A pattern matches nothing, or a directory has no file to read.
    SourceError
        A directory cannot be listed.
    """
    directories: dict[str, str] = {}
    if isinstance(source, str):  # the most frequent case, in fewer steps
        path = path_text(source)
        paths = _files(path, glob, directories)
        return Files(paths if len(paths) == 1 else _once(paths), directories, path in directories.values(), [path])
    elements = _elements(source)
    paths = [path for element in elements for path in _files(element, glob, directories)]
    return Files(_once(paths), directories, len(elements) == 1 and elements[0] in directories.values(), elements)


def first_file(source: Any, *, glob: bool) -> str:
    """Return the first file that `resolve` would return, without looking for the others.

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, SourceError
        As `resolve` does. Paths and patterns after the first one are not looked up.
    """
    return _files(_elements(source)[0], glob, {})[0]


def _elements(source: Any) -> list[str]:
    """Return the paths and patterns of a source, not expanded; at least one."""
    if isinstance(source, (str, os.PathLike)):
        return [path_text(source)]
    if not isinstance(source, (list, tuple)):
        hint = hint_of_data(source) or (" (make it a list)" if isinstance(source, Iterable) else "")
        msg = f"Expected str or Path, or a list or tuple of them, got {type(source).__name__}{hint}"
        raise TypeError(msg)
    if not source:
        msg = "the sequence of source files is empty: give at least one path"
        raise ConfigurationError(msg)
    return [
        path_text(element, f"Expected str or Path at index {index} of the source")
        for index, element in enumerate(source)
    ]


def _files(path: str, glob: bool, directories: dict[str, str]) -> list[str]:
    """Return the matches of a pattern, the files in a directory, or the path itself.

    If `path` is a directory, its files are added to `directories`.
    """
    if glob and is_pattern(path):
        found = matches(path)
        if found:
            return found
        if not os.path.exists(path):  # else it is a file whose name looks like a pattern
            msg = f"not found: no file matches {path!r}{_hint_of_json(path)}"
            raise FileNotFoundError(msg, "NotFound", path)
    if not os.path.isdir(path):
        if (hint := _hint_of_json(path)) and not os.path.exists(path):
            msg = f"file not found: {path}{hint}"
            raise FileNotFoundError(msg, "NotFound", path)
        return [path]
    found = files_in(path)
    for file in found:
        directories.setdefault(file, path)
    return found


def _hint_of_json(path: str) -> str:
    return " (a schema? its keyword is reader_schema)" if path.lstrip().startswith(("{", "[")) else ""


def _once(paths: Iterator[str] | list[str]) -> list[str]:
    """Keep the first of equal paths. "./x" and "x" are equal. Links are not followed."""
    first: dict[str, str] = {}
    for path in paths:
        plain = path
        if "./" in path or "//" in path:
            root = "/" if path.startswith("/") else ""
            plain = root + "/".join(part for part in path.split("/") if part not in ("", "."))
        first.setdefault(plain, path)
    return list(first.values())
