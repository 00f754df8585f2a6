"""Objects in stores and behind HTTP, as files of a read."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from jetliner._files import heads
from jetliner._files.part import FileState
from jetliner._stores.client import Entry, Fetched, GoesOn
from jetliner._stores.errors import changed
from jetliner._stores.urls import StoreUrl, parse_url

if TYPE_CHECKING:
    from jetliner import _core
    from jetliner._stores.stores import Stores


class Remote:
    """The objects of one call, and their stores. It can be pickled: it then holds the caller's arguments alone.

    The path of an object is its URL without secrets: errors, the path column and `explain` show it.

    One object is one version, for as long as this object and its pickles live. So a query that is collected later does
    not take rows of a new object by the schema of the old one.
    """

    __slots__ = ("_keeps_heads", "_urls", "_versions", "listed", "stores")

    def __init__(
        self,
        stores: Stores,
        urls: dict[str, StoreUrl] | None = None,
        versions: dict[str, str] | None = None,
        *,
        keeps_heads: bool = False,
    ) -> None:
        self.stores = stores
        #: The states of objects, by path, that a list has told.
        self.listed: dict[str, FileState] = {}
        #: Whether the first bytes of an object are kept by the process: see `heads.py`.
        self._keeps_heads = keeps_heads
        #: URLs by their paths, where these are not the same.
        self._urls: dict[str, StoreUrl] = urls or {}
        #: Versions by path, as the first answers named them. Fetchers add to it; single steps on a dict are atomic.
        self._versions: dict[str, str] = versions or {}

    @classmethod
    def of(cls, storage_options: dict[str, str] | None, credential_provider: Any) -> Remote:
        """Make it for the arguments of a call.

        Raises
        ------
        TypeError
            An argument has the wrong type.
        """
        # Not imported by those who read local files.
        from jetliner._stores.stores import Stores

        return cls(Stores(storage_options, credential_provider))

    def expand(self, url: StoreUrl, directories: dict[str, str], *, glob: bool) -> list[str]:
        """Return the paths of the objects that a URL, a pattern or a directory names. See `listing.expand`."""
        from jetliner._stores.listing import expand

        entries: dict[str, Entry] = {}
        found = expand(self.stores.of(url), url, directories, entries, glob=glob)
        if url.kind == "http":
            return [self.add(text) for text in found]
        self.listed.update({path: FileState(entry.size_bytes, None, entry.version) for path, entry in entries.items()})
        return found

    def add(self, text: str) -> str:
        """Return the path of the object of a URL."""
        url = _parsed(text)
        if url.shown == text:
            return text
        path, number = url.shown, 1
        while self._urls.get(path, url).text != text:  # only the query differs
            number += 1
            path = f"{url.shown} ({number})"
        self._urls[path] = url
        return path

    def fetch(self, job: _core.RangeJob) -> Fetched:
        """Fetch the range of a job."""
        url = self._url(job.path)
        version = job.version or self._versions.get(job.path)
        is_head = self._keeps_heads and job.offset == 0 and version is not None
        key = heads.Key(url.text, version or "", self.stores.options_hash) if is_head else None
        if key is not None and (head := heads.find(key, job.size_bytes)) is not None:
            return head
        fetched = self.stores.of(url).fetch(url.key, job.offset, job.size_bytes, version)
        self._check_version(job.path, url, fetched.version)
        if key is not None:
            heads.keep(key, fetched)
        return fetched

    def ask(self, path: str) -> FileState:
        """Ask for the state of an object, by a request of one byte."""
        url = self._url(path)
        fetched = self.stores.of(url).fetch(url.key, 0, 1, None)
        return FileState(fetched.object_bytes, None, fetched.version)

    def only(self, path: str, state: FileState) -> Remote:
        """Return the same for one object in this state, to be read in parts."""
        urls = {path: self._urls[path]} if path in self._urls else {}
        versions = {path: state.version} if state.version else {}
        return Remote(self.stores, urls, versions, keeps_heads=True)

    def download(self, path: str, file: IO[bytes], goes_on: GoesOn) -> int:
        """Append a whole object to a file, as long as it is wanted; return its bytes."""
        url = self._url(path)
        size_bytes, version = self.stores.of(url).download(url.key, file, goes_on)
        self._check_version(path, url, version)
        return size_bytes

    def _check_version(self, path: str, url: StoreUrl, version: str) -> None:
        if self._versions.setdefault(path, version) != version:
            raise changed(url.shown)

    def _url(self, path: str) -> StoreUrl:
        return self._urls.get(path) or _parsed(path)

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.stores, self._urls, dict(self._versions), self._keeps_heads)


def _unpickled(stores: Stores, urls: dict[str, StoreUrl], versions: dict[str, str], keeps_heads: bool) -> Remote:
    return Remote(stores, urls, versions, keeps_heads=keeps_heads)


def _parsed(text: str) -> StoreUrl:
    url = parse_url(text)
    assert url is not None
    return url
