"""Sources: a path, a directory, a pattern, an object, or a sequence of them, as a list of files."""
# ruff: noqa: PTH110, PTH112 (paths stay text, see paths.py)

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, TypeAlias

from jetliner._files.directories import files_in
from jetliner._files.objects import Objects, is_object
from jetliner._files.paths import path_text, with_slashes
from jetliner._files.patterns import matches
from jetliner._files.remote import Remote
from jetliner._options.read_options import ReadOptions
from jetliner._stores.names import is_pattern
from jetliner._stores.urls import parse_url
from jetliner.exceptions import ConfigurationError, FileNotFoundError, SourceError  # noqa: A004 (ours)

#: An object with bytes: anything that exports them (bytes, bytearray, memoryview, mmap), or an open binary file.
BytesSource: TypeAlias = bytes | bytearray | memoryview | IO[bytes]
#: The type of the argument `source`: a path or pattern, an object with bytes, or a sequence of one of these kinds.
FileSource: TypeAlias = str | os.PathLike[str] | BytesSource | Sequence[str | os.PathLike[str]] | Sequence[BytesSource]


def source_list(sources: Any, options: ReadOptions) -> Files:
    """Return the sources of a sequence without expanding patterns or directories (MultiAvroReader).

    Raises
    ------
    TypeError
        It is not a sequence, or an element is neither a path nor an object, or there are both.
    ConfigurationError
        It is empty.
    """
    if isinstance(sources, str) or is_object(sources) or not isinstance(sources, Sequence):
        hint = ""
        if isinstance(sources, (str, os.PathLike)):
            hint = _hint_of_one_path(os.fspath(sources))
        elif is_object(sources):
            hint = " (one source: write a list of it, or use AvroReader)"
        elif isinstance(sources, Iterable):
            hint = " (make it a list)"
        msg = f"Expected str or Path as the elements of a sequence, such as a list, got {type(sources).__name__}{hint}"
        raise TypeError(msg)
    if len(sources) == 0:
        msg = "the list of source files is empty: give at least one path"
        raise ConfigurationError(msg)
    if any(map(is_object, sources)):
        return _files_of_objects(sources)
    texts = [path_text(path, f"Expected str or Path at index {index} of paths") for index, path in enumerate(sources)]
    remote = _remote_of(texts, options)
    paths = texts if remote is None else [remote.add(text) for text in texts]
    return Files(_once(paths), {}, is_directory=False, given=paths, remote=remote)


def _hint_of_one_path(path: Any) -> str:
    if isinstance(path, str) and (is_pattern(path) or os.path.isdir(path)):
        return (
            " (MultiAvroReader takes a list of files; for a directory or a pattern use read_avro or scan_avro, "
            "or sorted(glob.glob(...)))"
        )
    return f" (one path: write [{path!r}], or use AvroReader)"


def single_source(source: Any, options: ReadOptions) -> Files:
    """Return a path or an object as a source, without expanding patterns or directories (AvroReader).

    Raises
    ------
    TypeError
        It is neither.
    """
    if is_object(source):
        return _files_of_objects([source])
    hint = " (MultiAvroReader reads several files)" if isinstance(source, Iterable) else ""
    path = path_text(source, "Expected str or Path, bytes or an open binary file", hint)
    if (remote := _remote_of([path], options)) is not None:
        path = remote.add(path)
    return Files([path], {}, is_directory=False, given=[path], remote=remote)


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
    objects
        The sources that are objects with bytes, by their paths. None if there are none.
    remote
        The objects of stores. None if there are none: all sources are of one kind.
    """

    paths: list[str]
    directories: dict[str, str]
    is_directory: bool
    given: list[str]
    objects: Objects | None = None
    remote: Remote | None = None


def resolve(source: Any, options: ReadOptions, *, glob: bool) -> Files:
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
    if isinstance(source, str) and "://" not in source:  # the most frequent case, in fewer steps
        path = path_text(source)
        paths = _files(path, glob, directories)
        return Files(paths if len(paths) == 1 else _once(paths), directories, path in directories.values(), [path])
    if (objects := _objects_in(source)) is not None:
        return _files_of_objects(objects)
    elements = _elements(source)
    remote = _remote_of(elements, options)
    paths = [path for element in elements for path in _files_of(element, glob, directories, remote)]
    is_directory = len(elements) == 1 and elements[0] in directories.values()
    given = elements if remote is None else [_shown(element) for element in elements]
    return Files(_once(paths), directories, is_directory, given, remote=remote)


def first_file(source: Any, options: ReadOptions, *, glob: bool) -> Files:
    """Return the first file that `resolve` would return, without looking for the others.

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, SourceError
        As `resolve` does. Paths and patterns after the first one are not looked up.
    """
    if isinstance(source, str) and "://" not in source:  # the most frequent case, in fewer steps
        path = _files(path_text(source), glob, {})[0]
        return Files([path], {}, is_directory=False, given=[path])
    if (objects := _objects_in(source)) is not None:
        return _files_of_objects(objects[:1])
    element = _elements(source)[0]
    remote = _remote_of([element], options)
    path = _files_of(element, glob, {}, remote)[0]
    return Files([path], {}, is_directory=False, given=[path], remote=remote)


def _objects_in(source: Any) -> Sequence[Any] | None:
    """Return the objects of a source; None if it has paths."""
    if isinstance(source, (list, tuple)):
        return source if any(map(is_object, source)) else None
    return [source] if is_object(source) else None


def _files_of_objects(sources: Sequence[Any]) -> Files:
    objects = Objects()
    paths = []
    for index, source in enumerate(sources):
        if not is_object(source):
            msg = f"Expected an object with bytes at index {index}, as the others are, got {type(source).__name__}"
            raise TypeError(msg)
        paths.append(objects.add(source))
    return Files(paths, {}, is_directory=False, given=paths, objects=objects)


def _elements(source: Any) -> list[str]:
    """Return the paths and patterns of a source, not expanded; at least one."""
    if isinstance(source, (str, os.PathLike)):
        return [path_text(source)]
    if not isinstance(source, (list, tuple)):
        hint = " (make it a list)" if isinstance(source, Iterable) else ""
        expected = "Expected str or Path, bytes or an open binary file, or a list or tuple of these"
        msg = f"{expected}, got {type(source).__name__}{hint}"
        raise TypeError(msg)
    if not source:
        msg = "the sequence of source files is empty: give at least one path"
        raise ConfigurationError(msg)
    return [
        path_text(element, f"Expected str or Path at index {index} of the source")
        for index, element in enumerate(source)
    ]


def _remote_of(elements: Sequence[str], options: ReadOptions) -> Remote | None:
    """Make what reads the objects of stores. None if there are none.

    Raises
    ------
    SourceError
        There are local files as well, or a URL is not valid.
    """
    if not any("://" in element for element in elements):
        return None
    urls = [parse_url(element) for element in elements]
    if all(url is None for url in urls):
        return None
    if any(url is None for url in urls):
        local = elements[urls.index(None)]
        msg = "local files and objects of stores cannot be read together: read them apart, and use polars.concat"
        raise SourceError(msg, "Io", local)
    return Remote.of(options.storage_options, options.credential_provider)


def _shown(element: str) -> str:
    url = parse_url(element)
    return element if url is None else url.shown


def _files_of(element: str, glob: bool, directories: dict[str, str], remote: Remote | None) -> list[str]:
    if remote is None or (url := parse_url(element)) is None:
        return _files(element, glob, directories)
    return remote.expand(url, directories, glob=glob)


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
        plain = with_slashes(path)
        if ("./" in plain or "//" in plain) and "://" not in plain:  # a key of a store is what it is
            root = "/" if plain.startswith("/") else ""
            plain = root + "/".join(part for part in plain.split("/") if part not in ("", "."))
        first.setdefault(plain, path)
    return list(first.values())
