"""Patterns and directories over a store, by the same rules as on a disk."""

from __future__ import annotations

from collections.abc import Iterable

from jetliner._options.hints import warn
from jetliner._stores.client import Entry
from jetliner._stores.name_patterns import NamePattern
from jetliner._stores.names import (
    alternatives,
    has_wildcards,
    hint_of_gzip,
    is_left_out,
    is_pattern,
    kind_of_file,
    none_in_directory,
)
from jetliner._stores.store import Store
from jetliner._stores.urls import StoreUrl
from jetliner.exceptions import MissingObjectError, SourceError


def expand(
    store: Store, url: StoreUrl, directories: dict[str, str], entries: dict[str, Entry], *, glob: bool
) -> list[str]:
    """Return the URLs of the matches of a pattern, of the files in a directory, or the URL itself.

    Parameters
    ----------
    store
        The store of the URL.
    url
        The URL of an object, a pattern, or a directory.
    directories
        If the URL is a directory, its files are added here: file to directory, as in `Files.directories`.
    entries
        What a list tells about the returned URLs is added here.
    glob
        Whether patterns are looked up.

    Raises
    ------
    FileNotFoundError
        A pattern matches nothing, or a directory has no data files.
    SourceError
        The URL is a pattern of HTTP that needs a list.
    JetlinerError
        As `Store.list` does.
    """
    if url.kind == "http":
        return _http(url) if glob else [url.text]
    has_no_match = False
    if glob and is_pattern(url.key):
        found, exists = _matches(store, url, entries)
        if found:
            return found
        if exists:
            return [url.text]
        has_no_match = True  # but it may be the name of a directory
    if not is_directory(store, url, take_slash=not has_no_match):
        if not has_no_match:
            return [url.text]
        msg = f"not found: no file matches {url.shown!r}"
        raise MissingObjectError(msg, "NotFound", url.shown)
    files = files_in(store, url.of_key(url.key.rstrip("/")), entries)
    for file in files:
        directories.setdefault(file, url.text)
    return files


def is_directory(store: Store, url: StoreUrl, *, take_slash: bool = True) -> bool:
    """Tell whether a URL is a directory: it ends in a slash, or its name has no dot and there are objects below it.

    A name with a dot is taken for a file without a request. With a slash at the end it is a directory, but if
    `take_slash` is False, there must be objects.
    """
    if url.kind == "http":
        return False
    if url.key.endswith("/") and take_slash:
        return True
    if "." in url.key.rpartition("/")[2]:
        return False
    below = store.list(f"{url.key.rstrip('/')}/", recursive=False)
    return any(isinstance(entry, str) or not _is_mark(entry) for entry in below)


def files_in(store: Store, directory: str, entries: dict[str, Entry]) -> list[str]:
    """Return the URLs of the data files in a directory and in those below it, sorted.

    The rules are those of directories on a disk (`names.kind_of_file`). If files in gzip are left out, a warning says
    so.

    Parameters
    ----------
    store
        The store.
    directory
        The URL of the directory, without a slash at its end.
    entries
        As for `expand`.
    """
    prefix = directory.removeprefix(f"{store.root}/")
    found: list[str] = []
    left_out: list[str] = []
    for entry in store.list(f"{prefix}/"):
        if isinstance(entry, str) or _is_mark(entry):
            continue
        *parents, name = entry.key.removeprefix(f"{prefix}/").split("/")
        if is_left_out(name, is_directory=False) or any(is_left_out(parent, is_directory=True) for parent in parents):
            continue
        kind = kind_of_file(name)
        if kind != "other":
            name = f"{store.root}/{entry.key}"
            entries[name] = entry
            (found if kind == "data" else left_out).append(name)
    hint = hint_of_gzip(left_out, f"{directory}/**/*.avro*.gz") if left_out else ""
    if not found:
        msg = none_in_directory(directory)
        raise MissingObjectError(f"{msg}; {hint}" if hint else msg, "NotFound", directory)
    if hint:
        warn(f"the directory {directory!r}: {hint}")
    return sorted(found)


def _matches(store: Store, url: StoreUrl, entries: dict[str, Entry]) -> tuple[list[str], bool]:
    """Return the sorted URLs that match, and whether there is an object whose key is the pattern itself."""
    files: set[str] = set()
    directories: set[str] = set()
    exists = False
    patterns = [NamePattern(pattern) for pattern in alternatives(url.key)]
    for directory, is_flat in _lists(patterns):
        for entry in store.list(directory, recursive=not is_flat):
            key = entry.rstrip("/") if isinstance(entry, str) else entry.key
            is_folder = isinstance(entry, str) or _is_mark(entry)
            exists = exists or (key == url.key and not is_folder)
            names = key.split("/")
            for pattern in patterns:
                for count in pattern.matches(names, is_file=not is_folder):
                    if count < len(names) or is_folder:
                        directories.add("/".join(names[:count]))
                    elif not pattern.for_directories:
                        files.add(url.of_key(key))
                        if isinstance(entry, Entry):
                            entries[url.of_key(key)] = entry
    if files:
        return sorted(files), exists
    found = [file for directory in sorted(directories) for file in files_in(store, url.of_key(directory), entries)]
    return list(dict.fromkeys(found)), exists


def _lists(patterns: Iterable[NamePattern]) -> list[tuple[str, bool]]:
    """Return the directories to list, each once, and whether a list without their subdirectories is enough."""
    flat: dict[str, bool] = {}
    for pattern in patterns:
        flat[pattern.directory] = flat.get(pattern.directory, True) and pattern.is_flat
    deep = [directory for directory, is_flat in flat.items() if not is_flat]
    return [
        (directory, is_flat)
        for directory, is_flat in flat.items()
        if not any(directory != other and directory.startswith(other) for other in deep)
    ]


def _is_mark(entry: Entry) -> bool:
    """Tell whether an object marks a folder: consoles and Hadoop write such objects of 0 bytes ("a/", "a_$folder$")."""
    return entry.size_bytes == 0 and "." not in entry.key.rpartition("/")[2]


def _http(url: StoreUrl) -> list[str]:
    """Expand alternatives in the path of a URL. The query is never a pattern."""
    before, mark, query = url.text.partition("?")
    scheme, separator, rest = before.partition("://")
    host, slash, path = rest.partition("/")
    if has_wildcards(path):
        msg = "HTTP has no list of files for a pattern: give the URL of each file, or alternatives such as {a,b}.avro"
        raise SourceError(f"{msg}; glob=False takes the URL as it is", "Io", url.shown)
    return [f"{scheme}{separator}{host}{slash}{path}{mark}{query}" for path in alternatives(path)]
