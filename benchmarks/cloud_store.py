"""A store of S3 on this machine, and a proxy in front of it that counts requests and adds delay.

The server and the proxy are those of the tests (`tests/python/stores`).
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

# At the end: the tests have modules of the same names.
sys.path.append(str(Path(__file__).parents[1] / "tests" / "python"))

from stores.faults import Delay, Stall
from stores.log import Request
from stores.proxy import Proxy
from stores.s3 import S3Server

Options = dict[str, str]


class CloudStore:
    """One bucket. A context manager, which ends the server and the proxy."""

    def __init__(self) -> None:
        self._server = S3Server()
        self._bucket = self._server.bucket()
        self._proxy = Proxy(self._server.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._proxy.stop()
        self._server.stop()

    @property
    def name(self) -> str:
        """The name of the bucket."""
        return self._bucket.name

    @property
    def direct(self) -> Options:
        """`storage_options` without the proxy."""
        return self._bucket.options()

    def upload(self, path: Path, key: str) -> str:
        """Put a file into the bucket. Returns its URL."""
        self._server.client().upload_file(str(path), self._bucket.name, key)
        return self._bucket.url(key)

    def proxied(self, *, delay_seconds: float = 0.0, stall_from: int | None = None) -> Options:
        """Set the proxy up anew, and return the `storage_options` that use it.

        Parameters
        ----------
        delay_seconds
            The delay of each request.
        stall_from
            No answer comes from this request on, counted from 1.
        """
        self._proxy.clear()
        if delay_seconds > 0:
            self._proxy.rule(Delay(delay_seconds))
        if stall_from is not None:
            self._proxy.rule(Stall(None, -1), first=stall_from)
        return self._bucket.options(self._proxy)

    def requests(self) -> list[Request]:
        """Return the requests that the proxy saw since `proxied`."""
        return self._proxy.log.requests

    def bytes_sent(self) -> int:
        """Return the bytes of objects that the proxy sent since `proxied`."""
        return self._proxy.log.bytes_sent

    def num_stalled(self) -> int:
        """Return the requests that got no answer."""
        return sum(request.fault != "" for request in self.requests())
