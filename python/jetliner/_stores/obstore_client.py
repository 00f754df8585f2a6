"""The client of S3, GCS and Azure: obstore."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from jetliner._stores import errors, shared_clients
from jetliner._stores.access import access
from jetliner._stores.automatic import Provider, is_anonymous, provider_for
from jetliner._stores.client import Entry, Fetched
from jetliner._stores.credentials import CredentialProviderArgument, Credentials, ProvidedCredentials
from jetliner._stores.errors import FailedError, Failure, What
from jetliner._stores.http_client import HttpClient
from jetliner._stores.obstore_errors import of_construction, of_obstore
from jetliner._stores.options import StoreOptions
from jetliner._stores.profiles import ProfileProvider
from jetliner._stores.urls import StoreUrl, parse_url, variant_of
from jetliner.exceptions import JetlinerError, SourceError

if TYPE_CHECKING:
    from obstore import GetOptions, GetResult
    from obstore.store import ObjectStore

#: Larger ranges are taken from obstore as a whole, which costs least. Smaller ones come in parts, which have a bound.
#: The first request of an object is small. So a server that sends more than it was asked for is found out there.
_MOST_IN_PARTS = 1 << 20
#: The time-out for connections of lists, as a part of the one for ranges: three times are less than 10 s.
_LISTER_TIMES = 0.75

#: For how long a connection waits for the next request, of this call or of a later one.
_IDLE_TIME = "10s"
#: Bytes of a part of an upload. S3 takes at least 5 MiB, and at most 10,000 parts.
PART_BYTES = 8 << 20
_PARTS_AT_A_TIME = 4

#: The process that made the first request by obstore. None: there was none.
_process: int | None = None


class _Made(NamedTuple):
    """A store of obstore.

    Attributes
    ----------
    store
        The store.
    is_shared
        An earlier call made it. Its connections may be dead.
    has_found_credentials
        obstore found its credentials: in the environment, in a file or at a service. A new store may find others.
    """

    store: ObjectStore
    is_shared: bool
    has_found_credentials: bool

    @property
    def may_be_old(self) -> bool:
        """Whether a new store may do better."""
        return self.is_shared or self.has_found_credentials


class ObstoreClient:
    """Requests to one bucket or container.

    Parameters
    ----------
    url
        A URL in it.
    options
        The options of the caller.
    credential_provider
        As the caller gave it.
    """

    # Guarded by _lock: _store, _lister, _credentials. obstore's stores may be used by many threads and clients.

    def __init__(self, url: StoreUrl, options: StoreOptions, credential_provider: CredentialProviderArgument) -> None:
        self._url = url
        self._options = options
        self._anonymous = is_anonymous(url, options, credential_provider)
        provider: Provider | None = provider_for(url, options, credential_provider)
        self._use_profile = credential_provider == "auto" or isinstance(provider, ProfileProvider)
        self._provided = None if provider is None else ProvidedCredentials(provider, url.kind, url.root)
        self._lock = threading.Lock()
        self._store: _Made | None = None
        self._lister: _Made | None = None
        self._credentials: Credentials | None = None
        #: The credentials and the store that a thread used last.
        self._used = threading.local()

    def fetch(
        self,
        key: str,
        offset: int,
        size_bytes: int,
        version: str | None,
        *,
        see_headers: bool = False,
    ) -> Fetched:
        """Fetch a range of an object. obstore hides the headers of errors, so a signed URL is used to see them."""
        self._check_key(key)
        if see_headers and (version is None or _is_strong_etag(version)) and (url := self._signed(key)) is not None:
            client = HttpClient(url, self._options, None, self._url._replace(key=key, shown=self._shown(key)))
            try:
                return client.fetch(url.key, offset, size_bytes, version)
            except FailedError as failed:
                if failed.failure.what is not What.REFUSED:
                    raise
            finally:
                client.close()
        options: GetOptions = {"range": (offset, offset + size_bytes)}
        if version is not None and _is_strong_etag(version):
            options["if_match"] = version
        try:
            fetched, begin, count = self._get(key, options, size_bytes)
        except FailedError as failed:
            if failed.failure.what is not What.BEYOND or offset > 0:
                raise
            # An object of 0 bytes has no range. There is nothing to transfer either.
            fetched, begin, count = self._get(key, {}, size_bytes)
            if fetched.object_bytes > 0:
                raise
        expected_bytes = min(size_bytes, fetched.object_bytes - offset)
        if version is not None and fetched.version != version:
            raise FailedError(Failure(errors.changed(self._shown(key))))
        if count > size_bytes:
            raise FailedError(errors.oversized(self._url.kind, self._shown(key)))
        if begin != offset or count != expected_bytes:
            raise FailedError(errors.incomplete(self._url.kind, self._shown(key)))
        return fetched

    def list(self, prefix: str, *, recursive: bool) -> Iterator[Entry | str]:
        """Yield the objects below a directory."""
        directory = prefix.rstrip("/")
        try:
            if recursive:
                for chunk in self._obstore(lister=True).list(directory or None):
                    for meta in chunk:
                        yield _entry(meta)
            else:
                found = self._obstore(lister=True).list_with_delimiter(directory or None)
                yield from (f"{name}/" for name in found["common_prefixes"])
                yield from (_entry(meta) for meta in found["objects"])
            return
        except Exception as error:
            failure = self._failure(error, prefix)
        # obstore has repeated the request for this page already.
        raise FailedError(failure if failure.what is What.REFUSED else failure._replace(what=What.FINAL))

    def upload(self, key: str, parts: Iterator[bytes]) -> None:
        """Write an object of parts. obstore repeats the requests of a part."""
        self._check_key(key)
        try:
            store: Any = self._obstore(lister=True)  # first: it says what to install
            import obstore

            obstore.put(
                store,
                key,
                parts,
                use_multipart=True,
                chunk_size=PART_BYTES,
                max_concurrency=_PARTS_AT_A_TIME,
            )
            return
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            failure = self._failure(error, key, is_upload=True)
        raise FailedError(failure)

    def renew(self) -> bool:
        """Ask the provider for other credentials, or make a new store where obstore looks for them."""
        refused: Credentials | None = getattr(self._used, "credentials", None)
        if self._provided is not None and refused is not None and self._provided.newer(refused) is not None:
            return True
        used: _Made | None = getattr(self._used, "store", None)
        return used is not None and used.has_found_credentials

    def close(self) -> None:
        """Let go of the stores. Later calls may use them. obstore ends no request before its time-out."""
        with self._lock:
            self._store = self._lister = None

    def _get(self, key: str, options: GetOptions, size_bytes: int) -> tuple[Fetched, int, int]:
        """Return what was fetched, its offset, and its number of bytes.

        If the body of a small range goes on after `size_bytes`, it is left there. The number is larger then.
        """
        try:
            result = self._obstore().get(key, options=options)
            data = result.bytes() if size_bytes > _MOST_IN_PARTS else _in_parts(result, size_bytes)
            meta = result.meta
            return Fetched(data, meta["size"], _version(meta), is_constant=True), result.range[0], len(data)
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
                raise
            failure = self._failure(error, key)
        # Outside of the handler: the text of obstore's exception, which may have secrets, is not chained.
        raise FailedError(failure)

    def _signed(self, key: str) -> StoreUrl | None:
        """Return a signed URL of an object of S3; None if it would not do: other headers would have to be signed, too.

        Other stores are not asked: their signatures may need requests, or rights that reading does not need.
        """
        options = self._options.store
        if self._url.kind != "s3" or self._anonymous or "sse_customer_key_base64" in options:
            return None
        if options.get("request_payer") == "true":
            return None
        import obstore

        store: Any = self._obstore()
        try:
            return parse_url(obstore.sign(store, "GET", key, timedelta(minutes=5)))
        except Exception:  # credentials that cannot sign: obstore goes on
            return None

    def _obstore(self, *, lister: bool = False) -> ObjectStore:
        """Return the store of obstore, with credentials that have not expired."""
        self._check_process()
        credentials = None if self._provided is None else self._provided.current()
        self._used.credentials = credentials
        with self._lock:
            if credentials is not self._credentials:
                self._store = self._lister = None
                self._credentials = credentials
            if lister:
                used = self._lister = self._lister or self._make(credentials, is_lister=True)
            else:
                used = self._store = self._store or self._make(credentials, is_lister=False)
        self._used.store = used
        _note_process()
        return used.store

    def _check_process(self) -> None:
        """Refuse requests in a process that was forked after others.

        obstore's threads are missing there, so it would wait for ever. It could also break requests of the parent,
        because both have the same sockets.
        """
        if _process not in (None, os.getpid()):
            msg = (
                "a process that was forked after a request to a store cannot make requests: obstore's threads are "
                'missing; start processes by "spawn" or "forkserver"'
            )
            raise FailedError(Failure(SourceError(msg, variant_of(self._url.kind), self._url.root)))

    def _let_go(self) -> None:
        """Let no later call use the store that this thread used last, nor this client if a new one may do better."""
        used: _Made | None = getattr(self._used, "store", None)
        if used is None:
            return
        shared_clients.drop(used.store)
        if used.may_be_old:
            with self._lock:
                self._store = None if self._store is used else self._store
                self._lister = None if self._lister is used else self._lister

    def _make(self, credentials: Credentials | None, *, is_lister: bool) -> _Made:
        try:
            import obstore.store
        except ImportError as error:
            msg = f"{self._url.root.partition(':')[0]}:// needs obstore: {errors.INSTALL}"
            raise SourceError(msg, variant_of(self._url.kind), self._url.root) from error
        options, max_retries = self._options, 0
        if is_lister:
            # `Store` repeats requests for ranges. Those for lists are repeated by obstore, page by page, and it does so
            # where there is no connection, too. So each time must be shorter.
            max_retries = options.retries.max_retries
            client = options.client._replace(connect_s=_LISTER_TIMES * options.client.connect_s)
            options = options._replace(client=client)
        got = access(
            self._url,
            options,
            None if credentials is None else credentials.options,
            anonymous=self._anonymous,
            use_profile=self._use_profile,
        )
        makes: dict[str, Any] = {
            "s3": obstore.store.S3Store,
            "gs": obstore.store.GCSStore,
            "azure": obstore.store.AzureStore,
        }
        retries = self._options.retries
        key = shared_clients.key_of(
            self._url.kind, self._url.container, got.config, got.client_options, got.credential, retries, max_retries
        )
        has_found_credentials = got.credential is None and not self._anonymous
        if (found := shared_clients.find(key)) is not None:
            return _Made(found, True, has_found_credentials)
        try:
            store: ObjectStore = makes[self._url.kind](
                self._url.container,
                config=got.config,
                client_options={"pool_idle_timeout": _IDLE_TIME, **got.client_options},
                retry_config={
                    "max_retries": max_retries,
                    "retry_timeout": timedelta(seconds=retries.total_s),
                    "backoff": {
                        "init_backoff": timedelta(seconds=retries.first_s),
                        "max_backoff": timedelta(seconds=max(retries.most_s, retries.first_s)),
                        "base": retries.base,
                    },
                },
                credential_provider=got.credential_provider,
            )
            shared_clients.keep(key, store)
            return _Made(store, False, has_found_credentials)
        except BaseException as error:
            # obstore panics at some values, which is a BaseException.
            if isinstance(error, KeyboardInterrupt):
                raise
            failure = of_construction(error, self._url.root)
        raise failure.error

    def _failure(self, error: BaseException, key: str, *, is_upload: bool = False) -> Failure:
        if isinstance(error, FailedError):
            return error.failure
        if isinstance(error, JetlinerError):
            return Failure(error)
        failure = of_obstore(error, self._url.kind, self._shown(key), is_upload=is_upload)
        # After other failures, as of a missing object, a new store would get the same answer.
        if failure.what in (What.REFUSED, What.NO_CONNECTION, What.PASSING) or not isinstance(error, Exception):
            self._let_go()
        return failure

    def _check_key(self, key: str) -> None:
        """Refuse keys that obstore would change: it takes "/a" and "a/" for "a"."""
        if any(part in ("", ".", "..") for part in key.split("/")):
            msg = "the key has an empty, '.' or '..' part: such objects cannot be read by their URL"
            raise FailedError(Failure(SourceError(msg, variant_of(self._url.kind), self._shown(key))))

    def _shown(self, key: str) -> str:
        return self._url.of_key(key)


def _note_process() -> None:
    global _process
    _process = os.getpid()


def _in_parts(result: GetResult, size_bytes: int) -> bytes:
    """Return the bytes of an answer. If they go on after `size_bytes`, the rest is left there, but for one part."""
    parts = []
    count = 0
    for part in result.stream(min_chunk_size=_MOST_IN_PARTS):
        parts.append(part)
        count += len(part)
        if count > size_bytes:
            break
    return b"".join(parts)


def _entry(meta: Any) -> Entry:
    return Entry(meta["path"], meta["size"], _version(meta))


def _version(meta: Any) -> str:
    etag: str | None = meta["e_tag"]
    if not etag:
        return f"modified {meta['last_modified'].isoformat()}, {meta['size']} bytes"
    return etag if etag.endswith('"') else f'"{etag}"'  # lists of Azure have no quotes


def _is_strong_etag(version: str) -> bool:
    """Tell whether If-Match compares a version. Weak ETags never match there (RFC 9110, 13.1.1)."""
    return not version.startswith(("W/", "modified "))
