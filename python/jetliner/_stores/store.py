"""One store: a bucket, a container or a host. Requests are repeated here, and credentials renewed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import IO, TypeVar

from jetliner._stores.client import Client, Entry, Fetched, GoesOn, write_all
from jetliner._stores.credentials import CredentialProviderArgument
from jetliner._stores.errors import FailedError, Failure, NoRangesError, What
from jetliner._stores.http_client import HttpClient
from jetliner._stores.interrupts import interruptible
from jetliner._stores.obstore_client import ObstoreClient
from jetliner._stores.options import StoreOptions
from jetliner._stores.urls import StoreUrl, variant_of
from jetliner.exceptions import JetlinerError, SourceError, with_hint

_T = TypeVar("_T")
#: Without a connection after this many times the time-out for connections, no other one is tried: a host that does not
#: answer is an error within 10 s.
_CONNECT_TIMES = 1.25
#: The least wait where a store asks to wait and the client cannot see for how long. It doubles each time.
_THROTTLED_S = 1.0
_COPY_BYTES = 8 << 20


class Store:
    """One store. Any thread may use it. Requests wait for the network without the GIL, and Ctrl-C ends the wait.

    Parameters
    ----------
    url
        A URL in the store.
    options
        The options of the caller.
    credential_provider
        As the caller gave it.
    """

    def __init__(self, url: StoreUrl, options: StoreOptions, credential_provider: CredentialProviderArgument) -> None:
        self._url = url
        self._options = options
        self._is_closed = threading.Event()
        self._client: Client
        if url.kind == "http":
            self._client = HttpClient(url, options, credential_provider)
        else:
            self._client = ObstoreClient(url, options, credential_provider)

    def __repr__(self) -> str:
        return f"Store({self._url.root!r}, options={sorted({*self._options.store, *self._options.headers})})"

    @property
    def root(self) -> str:
        """The URL of the store without a key."""
        return self._url.root

    def fetch(self, key: str, offset: int, size_bytes: int, version: str | None) -> Fetched:
        """Fetch a range of an object.

        Parameters
        ----------
        key
            The key of the object (`StoreUrl.key`).
        offset, size_bytes
            The range; at least one byte. It may reach beyond the end of the object.
        version
            The version that the object must have. None: the first request of the object.

        Returns
        -------
        Fetched
            The bytes of the range up to the end of the object, its size and version.

        Raises
        ------
        FileNotFoundError
            There is no such object or bucket. It is a SourceError, too.
        AuthenticationError, PermissionError
            The store refuses the credentials, also newer ones of the provider.
        SourceError
            The object has another version (variant "Changed"), or the request failed again after all retries.
        NoRangesError
            The server sends whole objects only. Use `download`.
        """
        return interruptible(
            lambda: self._repeated(
                lambda throttled: self._client.fetch(key, offset, size_bytes, version, see_headers=throttled)
            )
        )

    def download(self, key: str, file: IO[bytes], goes_on: GoesOn) -> tuple[int, str]:
        """Copy a whole object to a file that can seek, from its present position. Returns the bytes and the version.

        It ends sooner where `goes_on` says so.

        Raises
        ------
        JetlinerError
            As `fetch` does.
        OSError
            The file cannot be written.
        """
        begin = file.tell()
        size_bytes, version = 0, None
        try:
            while True:
                fetched = self.fetch(key, size_bytes, _COPY_BYTES, version)
                write_all(file, fetched.data)
                is_wanted = goes_on(fetched.data, size_bytes)
                size_bytes, version = size_bytes + len(memoryview(fetched.data)), fetched.version
                if size_bytes >= fetched.object_bytes or not is_wanted:
                    return size_bytes, version
        except NoRangesError:
            client = self._client
            if not isinstance(client, HttpClient):
                raise

        def copy(_: bool) -> tuple[int, str]:
            file.seek(begin)
            file.truncate()
            return client.download(key, file, goes_on)

        return interruptible(lambda: self._repeated(copy))

    def upload(self, key: str, parts: Iterator[bytes]) -> None:
        """Write an object of parts. It appears when all are there. An exception of the iterator ends the upload.

        Raises
        ------
        JetlinerError
            As `fetch` does.
        """
        try:
            self._client.upload(key, parts)
            return
        except FailedError as failed:
            failure = failed.failure
        raise failure.error

    def list(self, prefix: str, *, recursive: bool = True) -> Iterator[Entry | str]:
        """Return the objects below a directory in any order, and where not recursive also its directories ("a/b/").

        Parameters
        ----------
        prefix
            The directory, with a slash at its end, or "" for the whole store.
        recursive
            Whether objects at any depth are listed.

        Raises
        ------
        JetlinerError
            As `fetch` does.
        """
        if threading.current_thread() is threading.main_thread():
            return iter(interruptible(lambda: [*self._list(prefix, recursive=recursive)]))
        return self._list(prefix, recursive=recursive)

    def close(self) -> None:
        """End what waits, as far as that is possible. No request can be made any more."""
        self._is_closed.set()
        self._client.close()

    def _list(self, prefix: str, *, recursive: bool) -> Iterator[Entry | str]:
        found: Iterator[Entry | str] = iter(())

        def first(_: bool) -> list[Entry | str]:
            nonlocal found
            found = self._client.list(prefix, recursive=recursive)
            return [entry for entry in [next(found, None)] if entry is not None]

        yield from self._repeated(first)
        try:
            yield from found
            return
        except FailedError as failed:
            error = failed.failure.error
        raise error

    def _repeated(self, request: Callable[[bool], _T]) -> _T:
        """Make a request, again after failures that may pass, and once more with newer credentials.

        The request is told whether the store asked to wait the last time.
        """
        throttled = False
        begin_s = time.monotonic()
        retry = 0
        is_renewed = False
        while True:
            if self._is_closed.is_set():
                raise self._closed()
            try:
                return request(throttled)
            except FailedError as failed:
                failure = failed.failure
            # Outside of the handler, so that nothing of the client is chained to the error.
            if failure.what is What.REFUSED and not is_renewed:
                is_renewed = True
                if self._client.renew():
                    continue
            wait_s = self._wait_s(failure, retry, time.monotonic() - begin_s)
            if wait_s is None:
                raise _final(failure, retry)
            if self._is_closed.wait(wait_s):
                raise self._closed()
            retry += 1
            throttled = failure.what is What.THROTTLED

    def _wait_s(self, failure: Failure, retry: int, elapsed_s: float) -> float | None:
        """Return the seconds until a request is repeated, None if it is not."""
        policy = self._options.retries
        if failure.what in (What.FINAL, What.REFUSED, What.BEYOND) or retry >= policy.max_retries:
            return None
        if failure.what is What.NO_CONNECTION and elapsed_s > _CONNECT_TIMES * self._options.client.connect_s:
            return None
        least_s = 0.0
        if failure.what is What.THROTTLED:
            least_s = _THROTTLED_S * 2**retry
        if failure.retry_after_s is not None:
            least_s = failure.retry_after_s
        wait_s = policy.wait_s(retry, least_s)
        return None if elapsed_s + wait_s > policy.total_s else wait_s

    def _closed(self) -> SourceError:
        return SourceError("the read was closed", variant_of(self._url.kind), self._url.root)


def _final(failure: Failure, retries: int) -> JetlinerError:
    hints = []
    if retries > 0:
        hints.append(f"tried {retries + 1} times")
    if failure.retry_after_s is not None:
        hints.append(f"the store asks to wait for {failure.retry_after_s:.0f} s")
    return with_hint(failure.error, f" ({', '.join(hints)})") if hints else failure.error
