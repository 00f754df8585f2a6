"""Connections of HTTP/1.1 by the standard library: kept open, through proxies, with limits of time."""

from __future__ import annotations

import base64
import contextlib
import http.client
import queue
import socket
import ssl
import threading
import urllib.request
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from jetliner._stores.options import ClientOptions

#: Idle connections that are kept for each host.
_MOST_IDLE = 32


class Origin(NamedTuple):
    """Whom a connection leads to."""

    scheme: str
    host: str
    port: int

    @property
    def shown(self) -> str:
        """The host and the port."""
        return f"{self.host}:{self.port}"


def origin_of(url: str) -> Origin:
    """Return the origin of a URL of HTTP.

    Raises
    ------
    ValueError
        The port is no number.
    """
    parts = urlsplit(url)
    return Origin(parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


class NotConnectedError(Exception):
    """There is no connection.

    Parameters
    ----------
    host
        The host to which there is none.
    reason
        Why, in words.
    is_passing
        Whether it may be better the next time.
    """

    def __init__(self, host: str, reason: str, *, is_passing: bool = True) -> None:
        super().__init__(reason)
        self.host = host
        self.reason = reason
        self.is_passing = is_passing


class HttpConnections:
    """Connections to any hosts. All methods may be called by any thread.

    Parameters
    ----------
    options
        Time-outs, proxy, certificates.
    """

    # Guarded by _lock: _idle, _busy, _is_closed.

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._idle: dict[Origin, list[http.client.HTTPConnection]] = {}
        self._busy: set[http.client.HTTPConnection] = set()
        self._is_closed = False
        self._tls: ssl.SSLContext | None = None

    def take(self, origin: Origin, *, fresh: bool = False) -> tuple[http.client.HTTPConnection, bool]:
        """Return a connection, and whether it was used before. A fresh one was not.

        Raises
        ------
        NotConnectedError
            There is no connection within the time.
        """
        with self._lock:
            if self._is_closed:
                raise NotConnectedError(origin.shown, "the store is closed", is_passing=False)
            idle = [] if fresh else self._idle.get(origin, [])
            if idle:
                connection = idle.pop()
                self._busy.add(connection)
                return connection, True
        connection = self._connected(origin)
        with self._lock:
            self._busy.add(connection)
        return connection, False

    def give_back(self, origin: Origin, connection: http.client.HTTPConnection) -> None:
        """Keep a connection whose answer was read to the end."""
        with self._lock:
            self._busy.discard(connection)
            idle = self._idle.setdefault(origin, [])
            if not self._is_closed and len(idle) < _MOST_IDLE and connection.sock is not None:
                idle.append(connection)
                return
        connection.close()

    def drop(self, connection: http.client.HTTPConnection) -> None:
        """Close a connection."""
        with self._lock:
            self._busy.discard(connection)
        connection.close()

    def target(self, url: str, origin: Origin) -> str:
        """Return what stands in the first line of a request: the path and query, for a proxy the whole URL."""
        if origin.scheme == "http" and self._proxy(origin) is not None:
            return url
        rest = url.partition("://")[2]
        place = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
        path = rest[place:]
        return path if path.startswith("/") else f"/{path}"

    def proxy_headers(self, origin: Origin) -> dict[str, str]:
        """Return the headers for a proxy of requests without TLS."""
        proxy = self._proxy(origin) if origin.scheme == "http" else None
        return _basic_authorization(proxy) if proxy is not None else {}

    def close(self) -> None:
        """Close all connections. Threads that wait for bytes get an error."""
        with self._lock:
            self._is_closed = True
            connections = [*self._busy, *(connection for idle in self._idle.values() for connection in idle)]
            self._idle.clear()
        for connection in connections:
            if (sock := connection.sock) is not None:
                with contextlib.suppress(OSError):  # it is closed already
                    sock.shutdown(socket.SHUT_RDWR)

    def _connected(self, origin: Origin) -> http.client.HTTPConnection:
        proxy = self._proxy(origin)
        host, port = (origin.host, origin.port) if proxy is None else _host_and_port(proxy)
        connect_s = self._options.connect_s
        connection: http.client.HTTPConnection
        if origin.scheme == "https":
            connection = http.client.HTTPSConnection(host, port, timeout=connect_s, context=self._context())
            if proxy is not None:
                connection.set_tunnel(origin.host, origin.port, _basic_authorization(proxy))
        else:
            connection = http.client.HTTPConnection(host, port, timeout=connect_s)
        try:
            _look_up(host, port, connect_s)
            connection.connect()
            connection.sock.settimeout(self._options.read_s)
            return connection
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            connection.close()
            reason, is_passing = _reason(error)
        raise NotConnectedError(f"{host}:{port}", reason, is_passing=is_passing)

    def _proxy(self, origin: Origin) -> str | None:
        given = self._options.others.get("proxy_url")
        if given:
            excluded = [name.strip() for name in self._options.others.get("proxy_excludes", "").split(",")]
            if any(name and (origin.host == name or origin.host.endswith(f".{name.lstrip('.')}")) for name in excluded):
                return None
            return given
        if urllib.request.proxy_bypass(origin.host):
            return None
        return urllib.request.getproxies().get(origin.scheme)

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            context = ssl.create_default_context()
            if "root_certificate" in self._options.others:
                context.load_verify_locations(cadata=self._options.others["root_certificate"])
            if self._options.others.get("allow_invalid_certificates") == "true":
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            self._tls = context
        return self._tls


def basic(user: str, password: str) -> str:
    """Return the value of the header Authorization for a user and a password (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _reason(error: Exception) -> tuple[str, bool]:
    """Return why there is no connection, and whether it may be better the next time."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return "the certificate is not trusted", False
    if isinstance(error, ssl.SSLError):
        return "TLS failed (https:// in place of http:// ?)", False
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "the name of the host is not known", True
    if isinstance(error, ConnectionRefusedError):
        return "the host refused the connection", True
    if isinstance(error, TimeoutError):
        return "no answer in time", True
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__, True


def _basic_authorization(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    if parts.username is None:
        return {}
    return {"Proxy-Authorization": basic(unquote(parts.username), unquote(parts.password or ""))}


def _host_and_port(proxy: str) -> tuple[str, int]:
    parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or "", parts.port or 80


def _look_up(host: str, port: int, most_s: float) -> None:
    """Look up a host's name within a time. `socket` has no limit there, and a resolver may take half a minute."""
    answers: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            answers.put(error)
        else:
            answers.put(None)

    threading.Thread(target=look_up, name="jetliner-dns", daemon=True).start()
    try:
        error = answers.get(timeout=most_s)
    except queue.Empty:
        error = TimeoutError()
    if error is not None:
        raise error
