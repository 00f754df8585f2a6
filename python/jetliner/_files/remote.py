"""Objects in stores and behind HTTP, as files of a read."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from jetliner._stores.client import Fetched, GoesOn
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

    __slots__ = ("_urls", "_versions", "stores")

    def __init__(
        self, stores: Stores, urls: dict[str, StoreUrl] | None = None, versions: dict[str, str] | None = None
    ) -> None:
        self.stores = stores
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

        if url.kind == "http":
            return [self.add(text) for text in expand(self.stores.of(url), url, directories, glob=glob)]
        return expand(self.stores.of(url), url, directories, glob=glob)

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
        fetched = self.stores.of(url).fetch(url.key, job.offset, job.size_bytes, version, job.write)
        self._check_version(job.path, url, fetched.version)
        return fetched

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
        return Remote, (self.stores, self._urls, dict(self._versions))


def _parsed(text: str) -> StoreUrl:
    url = parse_url(text)
    assert url is not None
    return url
