"""From what the caller names to a list of files: paths, patterns, and sequences of both.

Paths stay text all the way, as they were given: a `Path` would drop "./" and cost more than opening a small file.
"""
# ruff: noqa: PTH110, PTH111, PTH112, PTH207

from __future__ import annotations

import glob as globbing
import itertools
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote_to_bytes

from jetliner.directories import files_in
from jetliner.exceptions import ConfigurationError, FileNotFoundError, SourceError  # noqa: A004 (ours)

#: What can be read: a path or pattern, or a sequence of them.
FileSource: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

#: Of a URL (RFC 3986, 3.1), which may stand behind blanks that nobody saw.
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*")

_WILDCARDS = frozenset("*?[")


def path_text(path: Any, expected: str = "Expected str or Path") -> str:
    """Return a path as text, just as it was given, but for a home directory (`~`) and URLs of local files.

    Raises
    ------
    TypeError
        It is not a path; the text starts with `expected`.
    ConfigurationError
        It has a null character.
    FileNotFoundError
        It is empty.
    SourceError
        It is a URL of something else.
    """
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(text, str):
        msg = f"{expected}, got {type(path).__name__}{_hint_of_data(path)}"
        raise TypeError(msg)
    if not text:
        msg = "not found: the path is empty"
        raise FileNotFoundError(msg, "NotFound", text)
    if "\0" in text:
        msg = f"a path must not contain a null character, got {text!r}"
        raise ConfigurationError(msg)
    if text[0] == "~":
        return os.path.expanduser(text)
    if text[:6].lower() == "file:/":
        return _path_of_file_url(text)
    if "://" in text and _SCHEME.fullmatch(scheme := text.partition("://")[0]):
        msg = f"{scheme}:// is not supported yet by this version of jetliner, only local files are"
        raise SourceError(msg, "S3Error" if scheme == "s3" else "Io", without_secrets(text))
    return text


def _hint_of_data(source: object) -> str:
    if isinstance(source, (bytes, bytearray, memoryview)) or hasattr(source, "read"):
        return " (data in memory and open files are not read: write a file, and pass its path)"
    return ""


def _path_of_file_url(url: str) -> str:
    """Return the path in `file:///a/b`, `file://localhost/a/b` or `file:/a/b` (RFC 8089), its escapes decoded."""
    path = url[len("file:") :]
    if path.startswith("//"):
        host, _, rest = path[2:].partition("/")
        if host.lower() not in ("", "localhost") or not rest:
            msg = "a URL of a local file holds the whole path and no host, as in file:///home/me/x.avro"
            raise SourceError(msg, "Io", without_secrets(url))
        path = "/" + rest
    return path_text(os.fsdecode(unquote_to_bytes(os.fsencode(path))))


def is_pattern(path: str) -> bool:
    """Tell whether a path may stand for others."""
    return not _WILDCARDS.isdisjoint(path) or ("{" in path and len(_alternatives(path)) > 1)


def without_secrets(url: str) -> str:
    """Return a URL without user, password, query and fragment, which may be credentials or signatures."""
    scheme, separator, rest = url.partition("://")
    rest = rest.partition("#")[0].partition("?")[0]
    host, slash, path = rest.partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path


def path_list(paths: Any) -> list[str]:
    """Return the paths of a list that is taken literally (MultiAvroReader).

    Raises
    ------
    TypeError
        It is not a list, or an element is not a path.
    ConfigurationError
        It is empty.
    """
    if not isinstance(paths, list):
        msg = f"Expected str or Path in a list of paths, got {type(paths).__name__}"
        raise TypeError(msg)
    if not paths:
        msg = "the list of source files is empty: give at least one path"
        raise ConfigurationError(msg)
    return _once(path_text(path, f"Expected str or Path at index {index} of paths") for index, path in enumerate(paths))


@dataclass(slots=True)
class Files:
    """The files that a source names.

    Attributes
    ----------
    paths
        The files, at least one.
    directories
        For files that were found in a directory that the source names: that directory, by the file's path.
    is_directory
        Whether the source is one directory and nothing else.
    """

    paths: list[str]
    directories: dict[str, str]
    is_directory: bool


def resolve(source: Any, *, glob: bool) -> Files:
    """Find the files that a source names: lists in their order, of each pattern and directory sorted, each file once.

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
    if isinstance(source, str):  # the same in fewer steps, for what takes no longer itself
        path = path_text(source)
        paths = _files(path, glob, directories)
        return Files(paths if len(paths) == 1 else _once(paths), directories, path in directories.values())
    elements = _elements(source)
    paths = [path for element in elements for path in _files(element, glob, directories)]
    return Files(_once(paths), directories, len(elements) == 1 and elements[0] in directories.values())


def first_file(source: Any, *, glob: bool) -> str:
    """Return the first of the files that `resolve` would return, without looking for the others.

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, SourceError
        As `resolve` does, but nothing after the first path or pattern needs to exist.
    """
    return _files(_elements(source)[0], glob, {})[0]


def _elements(source: Any) -> list[str]:
    """Return the paths and patterns of a source, not expanded; at least one."""
    if isinstance(source, (str, os.PathLike)):
        return [path_text(source)]
    if not isinstance(source, (list, tuple)):
        hint = _hint_of_data(source) or (" (make it a list)" if isinstance(source, Iterable) else "")
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

    Adds the files that were found in `path` to `directories`.
    """
    if glob and is_pattern(path):
        matches = _matches(path)
        if matches:
            return matches
        if not os.path.exists(path):  # by a name that looks like a pattern
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
    """Keep the first of equal paths. "./x" and "x" are equal; links are not followed."""
    first: dict[str, str] = {}
    for path in paths:
        plain = path
        if "./" in path or "//" in path:
            root = "/" if path.startswith("/") else ""
            plain = root + "/".join(part for part in path.split("/") if part not in ("", "."))
        first.setdefault(plain, path)
    return list(first.values())


def _matches(pattern: str) -> list[str]:
    """Return the files that match a pattern, sorted; where only directories match, the files in these; or none.

    As in a shell, only names that start with a dot are hidden.
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
