"""Stores and HTTP as places of files."""
# ruff: noqa: PTH100 (links stay as they are)

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import obstore
import pytest

from jetliner import _core
from jetliner._files import sources
from jetliner._files.part import FileState
from jetliner._files.remote import Remote
from jetliner._files.sources import Files
from jetliner._options import hints
from jetliner._stores import listing
from jetliner._stores.client import Fetched
from jetliner._stores.name_patterns import NamePattern
from jetliner._stores.names import alternatives, is_pattern
from jetliner._stores.stores import Stores
from jetliner._stores.urls import StoreUrl, parse_url
from jetliner.exceptions import JetlinerError
from over.place import Place
from stores.bucket import Bucket
from stores.s3 import S3Bucket
from stores.web import WebServer


class Shelf(Protocol):
    """Where objects are put."""

    def put(self, key: str, data: bytes) -> str: ...
    def delete(self, key: str) -> None: ...
    def url(self, key: str) -> str: ...
    def options(self) -> dict[str, str]: ...


class S3Shelf:
    """A bucket of S3, as a `Shelf`. Writes take a tenth of the time that boto3 takes."""

    def __init__(self, bucket: S3Bucket) -> None:
        self._store = bucket.store()
        self.url, self.options = bucket.url, bucket.options

    def put(self, key: str, data: bytes) -> str:
        obstore.put(self._store, key, data, use_multipart=False)
        return self.url(key)

    def delete(self, key: str) -> None:
        obstore.delete(self._store, key)


class WebShelf:
    """The files of an HTTP server, as a `Shelf`."""

    def __init__(self, server: WebServer, **options: Any) -> None:
        self._server = server
        self._options = options

    def put(self, key: str, data: bytes) -> str:
        return self._server.add(key, data, **self._options).url

    def delete(self, key: str) -> None:
        self._server.remove(key)

    def url(self, key: str) -> str:
        return f"{self._server.url}/{quote(key)}"

    def options(self) -> dict[str, str]:
        return {}


class RemotePlace(Place):
    """Copies the files of tests to a store when jetliner asks the store for them.

    The key of a file is its absolute path. A file is copied again if its bytes differ at the first request of a read,
    and the object is deleted if the file is gone. So tests may write, change and remove files at any time.
    """

    # Guarded by _lock: _contents.

    def __init__(self, shelf: Bucket | Shelf) -> None:
        super().__init__()
        self._shelf = shelf
        #: For all calls: to make a client of obstore takes 10 ms.
        self._stores = Stores(shelf.options(), None)
        self._lock = threading.Lock()
        #: What the store has: hashes of the bytes by key.
        self._contents: dict[str, int] = {}

    def files(self, name: str, function: Any, source: Any, options: Any, **keywords: Any) -> Files:
        # A single text would take a way of its own, which is for local files.
        if name in ("resolve", "first_file") and isinstance(source, str):
            source = [source]
        found: Files = function(source, options, **keywords)
        return found

    def patches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        remote_of, files_of = sources._remote_of, sources._files_of

        def remote(elements: Any, options: Any) -> Remote | None:
            return remote_of(elements, options) or FilesOfPlace(self._stores)

        def files(element: str, glob: bool, directories: dict[str, str], remote: Remote | None) -> list[str]:
            if isinstance(remote, FilesOfPlace):
                return remote.files(element, directories, glob=glob)
            return files_of(element, glob, directories, remote)

        monkeypatch.setattr(sources, "_remote_of", remote)
        monkeypatch.setattr(sources, "_files_of", files)
        monkeypatch.setattr(listing, "warn", lambda message: hints.warn(self.local(message)))

    def url(self, path: str) -> StoreUrl:
        """Return the URL of a local file, directory or pattern."""
        slash = "/" if path.endswith("/") else ""
        url = parse_url(self._shelf.url(os.path.abspath(path)[1:] + slash))
        assert url is not None
        return url

    def local(self, text: str) -> str:
        """Replace URLs in a text by paths: relative ones below the working directory."""
        return text.replace(self._shelf.url(f"{Path.cwd()}/"[1:]), "").replace(self._shelf.url(""), "/")

    def copy(self, path: str) -> None:
        """Make the object of a file what the file is."""
        path = os.path.abspath(path)
        is_file = Path(path).exists() and stat.S_ISREG(Path(path).stat().st_mode)
        data = Path(path).read_bytes() if is_file else None
        with self._lock:
            if data is None:
                if self._contents.pop(path, None) is not None:
                    self._shelf.delete(path[1:])
            elif self._contents.get(path) != (content := hash(data)):
                self._shelf.put(path[1:], data)
                self._contents[path] = content

    def copy_below(self, directory: str) -> None:
        """Do the same for all files below a directory, those that are gone included."""
        directory = os.path.abspath(directory)
        known = {path for path in self._contents if path.startswith(f"{directory}/")}
        for path in known | set(_files_below(directory)):
            self.copy(path)


class FilesOfPlace(Remote):
    """The files of one call. Their paths are local ones. Everything else is as in the class above."""

    __slots__ = ("_place",)

    def __init__(self, stores: Stores, versions: dict[str, str] | None = None, *, keeps_heads: bool = False) -> None:
        super().__init__(stores, None, versions, keeps_heads=keeps_heads)
        assert isinstance(Place.current, RemotePlace)
        self._place = Place.current

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.stores, dict(self._versions), self._keeps_heads)

    def files(self, element: str, directories: dict[str, str], *, glob: bool) -> list[str]:
        """Return what `Remote.expand` returns, as local paths."""
        url = self._place.url(element)
        found_in: dict[str, str] = {}
        if url.kind != "http":
            self._place.copy_below(_directory_of(element) if glob and is_pattern(element) else element)
        try:
            found = listing.expand(self.stores.of(url), url, found_in, {}, glob=glob)
        except JetlinerError as error:
            raise self._named(error, element, url) from None
        if found == [url.text]:
            return [element]
        start = "./" if element.startswith("./") else ""
        is_absolute = element.startswith("/")
        names = {text: "/" + text.partition("://")[2].partition("/")[2] for text in found}
        if not is_absolute:
            names = {text: start + name.removeprefix(f"{Path.cwd()}/") for text, name in names.items()}
        for text in found_in:
            directories.setdefault(names[text], element)
        return list(names.values())

    def add(self, text: str) -> str:
        return text

    def fetch(self, job: _core.RangeJob) -> Fetched:
        if job.version is None:
            self._place.copy(job.path)
        try:
            return super().fetch(job)
        except JetlinerError as error:
            raise self._named(error, job.path, self._url(job.path)) from None

    def ask(self, path: str) -> FileState:
        self._place.copy(path)
        try:
            return super().ask(path)
        except JetlinerError as error:
            raise self._named(error, path, self._url(path)) from None

    def only(self, path: str, state: FileState) -> Remote:
        return FilesOfPlace(self.stores, {path: state.version} if state.version else {}, keeps_heads=True)

    def _url(self, path: str) -> StoreUrl:
        return self._place.url(path)

    def _named(self, error: Any, path: str, url: StoreUrl) -> Any:
        values = {**error.to_dict(), "message": error.message.replace(url.shown, path), "path": path}
        return type(error)(**values)


def _unpickled(stores: Stores, versions: dict[str, str], keeps_heads: bool) -> Remote:
    return FilesOfPlace(stores, versions, keeps_heads=keeps_heads)


def _directory_of(pattern: str) -> str:
    """Return a directory that all matches of a pattern are in."""
    directories = [NamePattern(text).directory for text in alternatives(pattern)]
    return os.path.commonpath([os.path.abspath(directory) for directory in directories])


def _files_below(directory: str) -> Iterator[str]:
    for parent, _, names in os.walk(directory):
        for name in names:
            yield f"{parent}/{name}"
