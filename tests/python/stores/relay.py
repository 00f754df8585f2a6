"""One connection of the proxy: its requests, one after the other, with their faults."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import socket
import struct
import termios
import time
from collections.abc import AsyncIterator

from stores.faults import Cut, Delay, Refuse, Reset, Rule, Slow, Stall, Status
from stores.log import Log, Request
from stores.message import Head, read_body, read_head

PIECES_PER_SECOND = 50
DRAIN_SECONDS = 5.0

_connections = itertools.count(1)


class _ClosedError(Exception):
    """The connection ends here."""


class Relay:
    """Passes the requests of one connection on."""

    def __init__(
        self,
        log: Log,
        rules: list[Rule],
        port: int,
        limit: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._log = log
        self._rules = rules
        self._port = port
        self._limit = limit
        self._client = reader, writer
        self._server: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._connection = next(_connections)

    async def run(self) -> None:
        try:
            with contextlib.suppress(_ClosedError, ConnectionError, asyncio.IncompleteReadError):
                while head := await read_head(self._client[0]):
                    method, target, _ = head.first.split(" ", 2)
                    request = self._log.begin(method, target, head.headers, self._connection)
                    try:
                        await self._exchange(head, request)
                    finally:
                        self._log.end(request)
        except asyncio.CancelledError:
            self._client[1].transport.abort()
            raise
        finally:
            self._client[1].close()
            if self._server is not None:
                self._server[1].close()

    async def _exchange(self, head: Head, request: Request) -> None:
        rules = [rule for rule in list(self._rules) if rule.meets(request)]
        if delay := sum(rule.fault.seconds for rule in rules if isinstance(rule.fault, Delay)):
            await asyncio.sleep(delay)
        speed = min((rule.fault.bytes_per_second for rule in rules if isinstance(rule.fault, Slow)), default=None)
        rule = next((rule for rule in rules if not isinstance(rule.fault, Delay | Slow)), None)
        request.fault = " ".join(
            type(r.fault).__name__ for r in rules if r is rule or isinstance(r.fault, Delay | Slow)
        )

        body = b"".join([piece async for piece in self._request_body(head, request)])
        if rule and isinstance(rule.fault, Refuse):
            await self._reset()
        if rule and isinstance(rule.fault, Status):
            return await self._answer(rule.fault, request)
        reader, answer = await self._ask(head, body)
        await self._send_answer(reader, answer, request, rule, speed)
        return None

    async def _request_body(self, head: Head, request: Request) -> AsyncIterator[bytes]:
        if head.headers.get("expect", "").lower() == "100-continue":
            self._client[1].write(b"HTTP/1.1 100 Continue\r\n\r\n")
        async for raw, _, _ in read_body(self._client[0], head, self._limit):
            yield raw

    async def _ask(self, head: Head, body: bytes) -> tuple[asyncio.StreamReader, Head]:
        """Send to the server, and read the head of its answer. The body of the answer follows in the reader.

        A kept connection that the server has closed meanwhile is opened again. The client need not know of it.
        """
        while True:
            kept = self._server is not None
            if self._server is None:
                self._server = await asyncio.open_connection("127.0.0.1", self._port, limit=self._limit)
            reader, writer = self._server
            with contextlib.suppress(ConnectionError):
                writer.write(head.raw + body)
                await writer.drain()
                answer = await read_head(reader)
                while answer and answer.status < 200:  # 100 Continue: the proxy has said that already
                    answer = await read_head(reader)
                if answer:
                    return reader, answer
            writer.close()
            self._server = None
            if not kept:
                raise _ClosedError

    async def _answer(self, status: Status, request: Request) -> None:
        body = b"" if request.method == "HEAD" else status.body
        headers = {"Content-Length": str(len(body)), **status.headers}
        lines = [f"HTTP/1.1 {status.code} Fault", *(f"{name}: {value}" for name, value in headers.items())]
        request.status = status.code
        request.bytes_sent = len(body)
        self._log.end(request)
        self._client[1].write("\r\n".join([*lines, "", ""]).encode() + body)
        await self._client[1].drain()

    async def _send_answer(
        self, reader: asyncio.StreamReader, answer: Head, request: Request, rule: Rule | None, speed: float | None
    ) -> None:
        limit = None if rule is None else rule.limit(request)
        if limit is not None and limit < 0:
            await self._break(rule)
            limit = None
        writer = self._client[1]
        request.status = answer.status
        if not answer.has_body(request.method):
            self._log.end(request)
        writer.write(answer.raw)
        until = time.monotonic()
        piece_bytes = self._limit if speed is None else max(1, min(self._limit, int(speed / PIECES_PER_SECOND)))
        async for raw, is_data, is_last in read_body(reader, answer, piece_bytes, request.method):
            if is_data and limit is not None and request.bytes_sent + len(raw) > limit:
                keep = limit - request.bytes_sent
                request.bytes_sent += keep
                writer.write(raw[:keep])
                await writer.drain()
                limit = None
                await self._break(rule)
                raw = raw[keep:]
            request.bytes_sent += len(raw) if is_data else 0
            if is_last:
                self._log.end(request)
            writer.write(raw)
            await writer.drain()
            if is_data and speed is not None:
                until += len(raw) / speed
                await asyncio.sleep(max(0.0, until - time.monotonic()))
        await writer.drain()
        if answer.closes:
            raise _ClosedError

    async def _break(self, rule: Rule | None) -> None:
        """Do what a rule says at this byte. Returns if the answer goes on after that."""
        match rule.fault if rule else None:
            case Reset():
                await self._reset()
            case Cut():
                raise _ClosedError
            case Stall(seconds):
                await self._stall(seconds)

    async def _stall(self, seconds: float | None) -> None:
        """Send nothing. Ends early if the client goes."""
        reader = self._client[0]
        ended = time.monotonic() + (float("inf") if seconds is None else seconds)
        while time.monotonic() < ended:
            if reader.at_eof() or reader.exception() or self._client[1].is_closing():
                raise _ClosedError
            await asyncio.sleep(0.01)

    async def _reset(self) -> None:
        """Reset the connection when all bytes so far have arrived: a reset drops what is still on its way."""
        writer = self._client[1]
        transport = writer.transport
        sock: socket.socket = writer.get_extra_info("socket")
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and not transport.is_closing():
            pending = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
            if not pending and not transport.get_write_buffer_size():
                break
            await asyncio.sleep(0.001)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        raise _ClosedError
