"""A proxy in front of a server: it passes HTTP requests on unchanged, and makes faults at given requests and bytes.

The header ``Host`` is passed on as well. So a signature over it (S3) is valid if the client signed the proxy's address.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from stores.faults import Fault, Rule
from stores.log import Log
from stores.relay import Relay

READ_BYTES = 1 << 18
T = TypeVar("T")


class Proxy:
    """A proxy for the server at `port`. It runs in a thread of its own.

    Attributes
    ----------
    log
        All requests, also those that the server never saw.
    rules
        For each request, all rules count, in their order. Times of ``Delay`` add up, and the slowest ``Slow`` holds. Of
        all other faults, the first one that meets the request happens.
    """

    def __init__(self, port: int) -> None:
        self.log = Log()
        self.rules: list[Rule] = []
        self.host, self.port = "127.0.0.1", 0
        self._server_port = port
        self._relays: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._thread.start()
        self.accept()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def rule(self, fault: Fault, **conditions: Any) -> Rule:
        """Add a ``Rule`` with these conditions."""
        rule = Rule(fault, **conditions)
        self.rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget all rules and requests."""
        self.rules.clear()
        self.log.clear()

    def refuse(self) -> None:
        """Close the port and all connections. New connections are refused until ``accept``."""
        self._run(self._close())

    def accept(self) -> None:
        """Listen, on the same port as before."""
        self._run(self._listen())

    def stop(self) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(
            self._connected, self.host, self.port, limit=READ_BYTES, backlog=256, reuse_address=True
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for task in list(self._relays):
            task.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        try:
            await Relay(self.log, self.rules, self._server_port, READ_BYTES, reader, writer).run()
        except asyncio.CancelledError:
            pass  # by `_close`. asyncio would report it as an error of the server.
        finally:
            self._relays.discard(task)
