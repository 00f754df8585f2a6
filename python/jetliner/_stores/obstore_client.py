"""The client of S3, GCS and Azure: obstore."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from jetliner._stores import errors, shared_clients
from jetliner._stores.access import access
from jetliner._stores.automatic import Provider, is_anonymous, provider_for
from jetliner._stores.client import Entry, Fetched, Write
from jetliner._stores.credentials import CredentialProviderArgument, Credentials, ProvidedCredentials
from jetliner._stores.errors import FailedError, Failure, What
from jetliner._stores.http_client import HttpClient
from jetliner._stores.obstore_errors import of_construction, of_obstore
from jetliner._stores.options import StoreOptions
from jetliner._stores.profiles import ProfileProvider
from jetliner._stores.urls import StoreUrl, parse_url, variant_of
from jetliner.exceptions import JetlinerError, MissingObjectError, SourceError

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import ObjectStore

#: Bytes that are taken from a response at a time. Each part is freed once it is decoded. Whole ranges would be 3 %
#: faster, but the C library keeps much memory of each thread that frees such large buffers.
_PART_BYTES = 1 << 20
#: The time-out for connections of lists, as a part of the one for ranges: three times are less than 10 s.
_LISTER_TIMES = 0.75


#: Bytes of a part of an upload. S3 takes at least 5 MiB, and at most 10,000 parts.
PART_BYTES = 8 << 20
_PARTS_AT_A_TIME = 4


class _Made(NamedTuple):
    """A store of obstore, and what a new one would change.

    Attributes
    ----------
    store
        The store.
    is_shared
        It was made before, maybe by another call. Its connections may be dead.
    has_found_credentials
        obstore found its credentials: in the environment, in a file or at a service. A new one may find others.
    """

    store: ObjectStore
    is_shared: bool
    has_found_credentials: bool


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
        write: Write | None = None,
    ) -> Fetched:
        """Fetch a range of an object. obstore hides the headers of errors, so a signed URL is used to see them."""
        self._check_key(key)
        if see_headers and (version is None or _is_strong_etag(version)) and (url := self._signed(key)) is not None:
            client = HttpClient(url, self._options, None, self._url._replace(key=key, shown=self._shown(key)))
            try:
                return _written(client.fetch(url.key, offset, size_bytes, version), write)
            except FailedError as failed:
                if failed.failure.what is not What.REFUSED:
                    raise
            finally:
                client.close()
        options: GetOptions = {"range": (offset, offset + size_bytes)}
        if version is not None and _is_strong_etag(version):
            options["if_match"] = version
        try:
            fetched, begin, count = self._get(key, options, size_bytes, write)
        except FailedError as failed:
            if failed.failure.what is not What.BEYOND or offset > 0:
                raise
            # An object of 0 bytes has no range. There is nothing to transfer either.
            fetched, begin, count = self._get(key, {}, size_bytes, None)
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
        return used is not None and used.is_shared and used.has_found_credentials

    def close(self) -> None:
        """Let go of connections. obstore ends no request before its time-out."""
        with self._lock:
            self._store = self._lister = None

    def _get(self, key: str, options: GetOptions, size_bytes: int, write: Write | None) -> tuple[Fetched, int, int]:
        """Return what was fetched, its offset, and its number of bytes.

        A body that goes on after `size_bytes` is left there: the number is larger then.
        """
        try:
            result = self._obstore().get(key, options=options)
            parts: list[Any] = []
            count = 0
            if write is not None:
                write(0, b"")
            for part in result.stream(min_chunk_size=_PART_BYTES):
                count += len(part)
                if count > size_bytes:
                    break
                if write is None:
                    parts.append(part)
                else:
                    write(count - len(part), part)
            meta = result.meta
            return Fetched(b"".join(parts), meta["size"], _version(meta)), result.range[0], count
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
        return used.store

    def _let_go(self) -> None:
        """Let no later call use the store that this thread used last.

        If it is shared, this client makes a new one for its next request.
        """
        used: _Made | None = getattr(self._used, "store", None)
        if used is None:
            return
        shared_clients.drop(used.store)
        if used.is_shared:
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
                client_options=got.client_options,
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
        # Where an object is missing or short, or the service is busy, a new store gets the same answer.
        if failure.what not in (What.BEYOND, What.THROTTLED) and not isinstance(failure.error, MissingObjectError):
            self._let_go()
        return failure

    def _check_key(self, key: str) -> None:
        """Refuse keys that obstore would change: it takes "/a" and "a/" for "a"."""
        if any(part in ("", ".", "..") for part in key.split("/")):
            msg = "the key has an empty, '.' or '..' part: such objects cannot be read by their URL"
            raise FailedError(Failure(SourceError(msg, variant_of(self._url.kind), self._shown(key))))

    def _shown(self, key: str) -> str:
        return self._url.of_key(key)


def _written(fetched: Fetched, write: Write | None) -> Fetched:
    if write is None:
        return fetched
    write(0, fetched.data)
    return fetched._replace(data=b"")


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
