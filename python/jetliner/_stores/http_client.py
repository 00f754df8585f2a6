"""The client of `http://` and `https://`: the standard library, not obstore.

obstore's HTTP store cannot carry a query with the object, encodes the path anew (which breaks signatures), and hides
the headers of answers: Retry-After, Content-Range of a 416, and whether a server has ranges at all.

Only GET is used: a URL that was signed for GET refuses HEAD.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import IO, NoReturn, TypeVar
from urllib.parse import unquote, urljoin

from jetliner._stores import errors
from jetliner._stores.client import Entry, Fetched, GoesOn, write_all
from jetliner._stores.credentials import CredentialProviderArgument, Credentials, ProvidedCredentials
from jetliner._stores.errors import FailedError, Failure, NoRangesError
from jetliner._stores.http_connections import HttpConnections, NotConnectedError, Origin, basic, origin_of
from jetliner._stores.options import StoreOptions
from jetliner._stores.urls import Kind, StoreUrl
from jetliner.exceptions import JetlinerError, SourceError

_T = TypeVar("_T")
_MOST_REDIRECTS = 10
#: Headers that a redirect to another origin must not get. Those of the caller may be secrets.
_OWN_HEADERS = frozenset({"accept", "accept-encoding", "if-match", "range", "user-agent"})
_CONTENT_RANGE = re.compile(r"bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)\s*\Z", re.IGNORECASE)
_COPY_BYTES = 256 << 10
#: Bodies of errors, of which only the error's code is used.
_ERROR_BYTES = 4096


class HttpClient:
    """Requests to one host, and to those that it redirects to.

    Parameters
    ----------
    url
        A URL on the host. Its user and password are sent.
    options
        The options of the caller.
    credential_provider
        As the caller gave it. "auto" gives none.
    shown_as
        The object that errors name, if the URL is a signed one of an object of S3.
    """

    def __init__(
        self,
        url: StoreUrl,
        options: StoreOptions,
        credential_provider: CredentialProviderArgument,
        shown_as: StoreUrl | None = None,
    ) -> None:
        self._url = url
        self._shown_as = shown_as
        self._kind: Kind = "http" if shown_as is None else shown_as.kind
        self._options = options
        provider = credential_provider if callable(credential_provider) else None
        self._provided = None if provider is None else ProvidedCredentials(provider, "http", url.root)
        #: The credentials that a thread used last.
        self._used = threading.local()
        self._connections = HttpConnections(options.client)

    def fetch(
        self,
        key: str,
        offset: int,
        size_bytes: int,
        version: str | None,
        *,
        see_headers: bool = True,  # noqa: ARG002 (it always does)
    ) -> Fetched:
        """Fetch a range of an object.

        Raises
        ------
        NoRangesError
            The server sends the whole object only, and it is larger than the range.
        """
        headers = {"Range": f"bytes={offset}-{offset + size_bytes - 1}"}
        if version is not None and version.startswith('"'):
            headers["If-Match"] = version
        return self._get(key, headers, lambda answer: self._range(key, answer, offset, size_bytes, version))

    def download(self, key: str, file: IO[bytes], goes_on: GoesOn) -> tuple[int, str]:
        """Copy an object to a file, from the front to the end, or as long as it is wanted. Returns bytes and version.

        A length that the server does not announce cannot be checked, unless the body is in chunks.
        """

        def copy(answer: http.client.HTTPResponse) -> tuple[int, str]:
            size_bytes = 0
            while piece := answer.read(_COPY_BYTES):
                try:
                    write_all(file, piece)
                except OSError as error:
                    raise _NotWrittenError(error) from None
                is_wanted = goes_on(piece, size_bytes)
                size_bytes += len(piece)
                if not is_wanted:
                    return size_bytes, _version(answer, size_bytes)
            if answer.length:
                raise FailedError(errors.incomplete(self._kind, self._shown(key)))
            return size_bytes, _version(answer, size_bytes)

        try:
            return self._get(key, {}, copy)
        except _NotWrittenError as failed:
            raise failed.error from None

    def list(self, prefix: str, *, recursive: bool) -> Iterator[Entry | str]:  # noqa: ARG002
        """Fail: HTTP has no lists."""
        msg = "HTTP has no list of files: give the URL of each file, or alternatives such as part-{0,1,2}.avro"
        raise FailedError(Failure(SourceError(msg, "Io", self._shown(prefix))))

    def upload(self, key: str, parts: Iterator[bytes]) -> None:  # noqa: ARG002 (as the other clients)
        """Refuse it: HTTP has no way to write that all servers know."""
        msg = "HTTP URLs cannot be written"
        raise FailedError(Failure(SourceError(msg, "Io", self._shown(key))))

    def renew(self) -> bool:
        """Ask the provider for other credentials."""
        refused: Credentials | None = getattr(self._used, "credentials", None)
        if self._provided is None or refused is None:
            return False
        return self._provided.newer(refused) is not None

    def close(self) -> None:
        """Close all connections. Requests that wait fail."""
        self._connections.close()

    def _get(self, key: str, headers: dict[str, str], use: Callable[[http.client.HTTPResponse], _T]) -> _T:
        """Send a GET, follow redirects, and use the answer."""
        shown = self._shown(key)
        url = self._url.of_key(key)
        failure = None
        try:
            sent = {**self._caller_headers(), **headers}
            for _ in range(_MOST_REDIRECTS + 1):
                result = self._one(url, sent, use, shown)
                if not isinstance(result, _Redirect):
                    return result
                target = urljoin(url, result.location)
                if not target.startswith(("http://", "https://")):
                    break
                if origin_of(target) != origin_of(url):
                    sent = {name: value for name, value in sent.items() if name.lower() in _OWN_HEADERS}
                url = target
            failure = Failure(SourceError("the server redirects to nowhere, or in a circle", "Io", shown))
        except FailedError as failed:
            failure = failed.failure
        except NoRangesError:
            raise
        except JetlinerError as error:
            failure = Failure(error)
        except NotConnectedError as error:
            failure = errors.no_connection(self._kind, error.host, error.reason, shown, passing=error.is_passing)
        except (OSError, http.client.HTTPException, ValueError) as error:
            failure = _of_network(error, self._kind, shown)
        raise FailedError(failure)

    def _one(
        self, url: str, headers: Mapping[str, str], use: Callable[[http.client.HTTPResponse], _T], shown: str
    ) -> _T | _Redirect:
        origin = origin_of(url)
        answer, connection = self._answer(url, origin, headers)
        is_whole = False
        try:
            if answer.status in (301, 302, 303, 307, 308) and (location := answer.getheader("Location")):
                answer.read(_ERROR_BYTES)
                is_whole = answer.isclosed()
                return _Redirect(location)
            if answer.status not in (200, 206, 416):
                self._fail(answer, shown)
            encoding = answer.getheader("Content-Encoding", "identity").lower()
            if encoding != "identity" and answer.status != 416:
                msg = f"the server compresses the file on the way ({encoding}), which was not asked for"
                raise FailedError(Failure(SourceError(msg, "Io", shown)))
            result = use(answer)
            is_whole = answer.isclosed()
            return result
        finally:
            if is_whole and not answer.will_close:
                self._connections.give_back(origin, connection)
            else:
                self._connections.drop(connection)

    def _answer(
        self, url: str, origin: Origin, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, http.client.HTTPConnection]:
        """Send a request. A connection that was idle may be closed by now: then a fresh one is used."""
        fresh = False
        while True:
            connection, is_used = self._connections.take(origin, fresh=fresh)
            try:
                connection.putrequest("GET", self._connections.target(url, origin), skip_accept_encoding=True)
                for name, value in {**headers, **self._connections.proxy_headers(origin)}.items():
                    connection.putheader(name, value)
                connection.endheaders()
                return connection.getresponse(), connection
            except (ConnectionError, http.client.BadStatusLine):
                self._connections.drop(connection)
                if not is_used:
                    raise
                fresh = True
            except BaseException:
                self._connections.drop(connection)
                raise

    def _range(
        self, key: str, answer: http.client.HTTPResponse, offset: int, size_bytes: int, version: str | None
    ) -> Fetched:
        shown = self._shown(key)
        match = _CONTENT_RANGE.match(answer.getheader("Content-Range", ""))
        if answer.status == 416:
            if offset == 0 and match is not None and match[3] == "0":
                answer.read()
                return Fetched(b"", 0, _version(answer, 0))
            raise FailedError(errors.of_answer(self._kind, 416, "", shown))
        if answer.status == 200:
            return self._whole(shown, answer, offset, size_bytes, version)
        if match is None or match[1] is None or match[3] == "*" or int(match[1]) != offset:
            msg = "the server answers a request for a range without saying which range it sends"
            raise NoRangesError(msg, "NoRanges", shown)
        object_bytes = int(match[3])
        found = _version(answer, object_bytes)
        if version is not None and found != version:
            raise FailedError(Failure(errors.changed(shown)))
        expected_bytes = min(size_bytes, object_bytes - offset)
        if int(match[2]) + 1 - offset < expected_bytes:
            raise FailedError(errors.incomplete(self._kind, shown))
        return Fetched(self._read(answer, expected_bytes, shown), object_bytes, found, is_constant=True)

    def _whole(
        self, shown: str, answer: http.client.HTTPResponse, offset: int, size_bytes: int, version: str | None
    ) -> Fetched:
        """Return a part of a whole object that came in place of a range, if the object is no larger than the range."""
        length = answer.length
        if offset > 0 or length is None or length > size_bytes:
            if version is not None and length is not None and _version(answer, length) != version:
                raise FailedError(Failure(errors.changed(shown)))
            raise NoRangesError("the server sends whole files only, no ranges", "NoRanges", shown)
        found = _version(answer, length)
        if version is not None and found != version:
            raise FailedError(Failure(errors.changed(shown)))
        return Fetched(self._read(answer, length, shown), length, found, is_constant=True)

    def _read(self, answer: http.client.HTTPResponse, size_bytes: int, shown: str) -> bytearray:
        """Return the bytes of an answer. Nobody else has them."""
        data = bytearray(size_bytes)
        rest = memoryview(data)
        while rest:
            count = answer.readinto(rest)
            if count == 0:
                raise FailedError(errors.incomplete(self._kind, shown))
            rest = rest[count:]
        if answer.chunked:
            answer.read(1)  # the end of the chunks, so that the connection can be used again
        return data

    def _fail(self, answer: http.client.HTTPResponse, shown: str) -> NoReturn:
        body = answer.read(_ERROR_BYTES).decode("utf-8", "replace")
        retry_after_s = _seconds_until(answer.getheader("Retry-After"))
        raise FailedError(errors.of_answer(self._kind, answer.status, body, shown, retry_after_s))

    def _caller_headers(self) -> dict[str, str]:
        """Return the headers that the caller asks for: user and password of the URL, options, credentials."""
        options = dict(self._options.store)
        headers = {
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "User-Agent": self._options.client.others.get("user_agent", "jetliner"),
        }
        if self._url.user:
            user, _, password = self._url.user.partition(":")
            headers["Authorization"] = basic(unquote(user), unquote(password))
        given = dict(self._options.headers)
        if self._provided is not None:
            credentials = self._provided.current()
            self._used.credentials = credentials
            if credentials.options is not None:
                options.update(credentials.options.store)
                given.update(credentials.options.headers)
        if "username" in options:
            headers["Authorization"] = basic(options["username"], options.get("password", ""))
        if "bearer_token" in options:
            headers["Authorization"] = f"Bearer {options['bearer_token']}"
        for name in ("authorization", "cookie"):
            if name in options:
                headers[name.title()] = options[name]
        by_lower = {name.lower(): name for name in headers}
        for name, value in given.items():
            headers[by_lower.get(name, name)] = value
        return headers

    def _shown(self, key: str) -> str:
        return self._url.of_key(key.partition("?")[0]) if self._shown_as is None else self._shown_as.shown


class _NotWrittenError(Exception):
    """Carries an error of the file, so that it is not taken for one of the network."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class _Redirect:
    def __init__(self, location: str) -> None:
        self.location = location


def _version(answer: http.client.HTTPResponse, object_bytes: int) -> str:
    """Return the ETag, or else the time of the last change and the size."""
    etag = answer.getheader("ETag", "").strip()
    if etag:
        return etag
    return f"modified {answer.getheader('Last-Modified', 'at an unknown time')}, {object_bytes} bytes"


def _seconds_until(retry_after: str | None) -> float | None:
    """Return the seconds of a Retry-After header: a number, or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def _of_network(error: Exception, kind: Kind, shown: str) -> Failure:
    if isinstance(error, TimeoutError):
        return errors.interrupted(kind, "no answer in time", shown)
    if isinstance(error, (http.client.IncompleteRead, http.client.RemoteDisconnected)):
        return errors.interrupted(kind, "it ended before the end of the data", shown)
    if isinstance(error, ConnectionResetError):
        return errors.interrupted(kind, "the host reset it", shown)
    if isinstance(error, (OSError, http.client.HTTPException)) and not isinstance(error, http.client.InvalidURL):
        return errors.interrupted(kind, type(error).__name__, shown)
    return Failure(SourceError("the URL, or a redirect to another one, is not valid", "Io", shown))
