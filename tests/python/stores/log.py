"""What servers and proxies saw: one record per request."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(eq=False)
class Request:
    """One request, and how far its answer got.

    Attributes
    ----------
    number
        1 for the first request since the start or the last ``clear``.
    target
        Path and query as in the request line, with percent encoding.
    headers
        The names are in lower case.
    status
        0 if no status line was sent.
    bytes_sent
        Bytes of the answer's body that were handed to the socket, without the framing of chunks.
    fault
        Name of the fault that the proxy made, such as ``"Reset"``. Empty if none.
    connection
        A number for each connection. Equal numbers mean that it was kept.
    started, ended
        ``time.monotonic()``. ``ended`` is 0 while the request runs.
    """

    number: int
    method: str
    target: str
    headers: Mapping[str, str]
    connection: int = 0
    status: int = 0
    bytes_sent: int = 0
    fault: str = ""
    started: float = field(default_factory=time.monotonic)
    ended: float = 0.0

    @property
    def path(self) -> str:
        """Path without the query, with percent encoding."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def range(self) -> tuple[int, int | None] | None:
        """First and last byte that are asked for. The last is None if it is open; the first is negative in a suffix."""
        return parse_range(self.headers.get("range", ""))


def parse_range(text: str) -> tuple[int, int | None] | None:
    """Read ``bytes=5-9`` as ``(5, 9)``, ``bytes=5-`` as ``(5, None)``, ``bytes=-3`` as ``(-3, None)``."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", text.strip())
    if match is None or match[0].endswith("=-"):
        return None
    if not match[1]:
        return -int(match[2]), None
    return int(match[1]), int(match[2]) if match[2] else None


class Log:
    """The requests of a server or proxy, in the order of their arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._in_flight = 0
        self._max_in_flight = 0

    def __len__(self) -> int:
        return len(self._requests)

    def begin(self, method: str, target: str, headers: Mapping[str, str], connection: int) -> Request:
        with self._lock:
            request = Request(len(self._requests) + 1, method, target, headers, connection)
            self._requests.append(request)
            self._in_flight += 1
            self._max_in_flight = max(self._max_in_flight, self._in_flight)
            return request

    def end(self, request: Request) -> None:
        """Say that a request has ended, before the client can know it. Later calls do nothing."""
        with self._lock:
            if not request.ended:
                request.ended = time.monotonic()
                self._in_flight -= 1

    def clear(self) -> None:
        """Forget the requests so far. The next one has the number 1."""
        with self._lock:
            self._requests = []
            self._max_in_flight = self._in_flight

    def select(self, matches: Callable[[Request], bool] = lambda _: True) -> list[Request]:
        with self._lock:
            return [request for request in self._requests if matches(request)]

    @property
    def requests(self) -> list[Request]:
        return self.select()

    @property
    def bytes_sent(self) -> int:
        """Bytes of all bodies of answers."""
        return sum(request.bytes_sent for request in self.requests)

    @property
    def connections(self) -> int:
        """Connections that carried a request."""
        return len({request.connection for request in self.requests})

    @property
    def max_in_flight(self) -> int:
        """Most requests that ran at the same time."""
        return self._max_in_flight
