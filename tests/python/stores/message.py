"""Heads and bodies of HTTP/1.1 messages, read as raw bytes, so that they can be passed on unchanged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Head:
    """Head of a request or an answer.

    Attributes
    ----------
    raw
        All bytes, with the empty line.
    first
        Request line or status line.
    headers
        The names are in lower case. The last one of several equal names holds.
    """

    raw: bytes
    first: str
    headers: Mapping[str, str]

    @property
    def status(self) -> int:
        return int(self.first.split(" ", 2)[1])

    @property
    def is_answer(self) -> bool:
        return self.first.startswith("HTTP/")

    @property
    def is_chunked(self) -> bool:
        return self.headers.get("transfer-encoding", "").lower() == "chunked"

    @property
    def closes(self) -> bool:
        """The connection ends after this message."""
        has_length = self.is_chunked or "content-length" in self.headers or self.status in (204, 304)
        return self.headers.get("connection", "").lower() == "close" or (self.is_answer and not has_length)

    def has_body(self, method: str) -> bool:
        """Whether the answer to `method` has a body. It may have no bytes."""
        return method != "HEAD" and self.status not in (204, 304) and self.headers.get("content-length") != "0"


class Piece(NamedTuple):
    """Part of a body.

    Attributes
    ----------
    is_data
        False for the framing of chunks.
    is_last
        The body is complete with this piece. No piece has this if the body ends with the connection.
    """

    raw: bytes
    is_data: bool
    is_last: bool = False


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """Read a head. None if the connection has ended."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return Head(raw, first, headers)


async def read_body(
    reader: asyncio.StreamReader, head: Head, piece_bytes: int, method: str = ""
) -> AsyncIterator[Piece]:
    """Read the body that follows a head, in pieces of up to `piece_bytes`, as they arrive.

    If `head` is that of an answer, `method` is that of its request.
    """
    if head.is_answer and not head.has_body(method):
        return
    if head.is_chunked:
        size = 1
        while size:
            line = await reader.readuntil(b"\r\n")
            yield Piece(line, False)
            size = int(line.partition(b";")[0], 16)
            async for piece in _exactly(reader, size, piece_bytes):
                yield Piece(piece.raw, True)
            if size:
                yield Piece(await reader.readexactly(2), False)
        while (line := await reader.readuntil(b"\r\n")) != b"\r\n":  # trailers
            yield Piece(line, False)
        yield Piece(line, False, True)
    elif "content-length" in head.headers:
        async for piece in _exactly(reader, int(head.headers["content-length"]), piece_bytes):
            yield piece
    elif head.is_answer:
        while raw := await reader.read(piece_bytes):
            yield Piece(raw, True)


async def _exactly(reader: asyncio.StreamReader, size: int, piece_bytes: int) -> AsyncIterator[Piece]:
    while size:
        raw = await reader.read(min(size, piece_bytes))
        if not raw:
            raise asyncio.IncompleteReadError(b"", size)
        size -= len(raw)
        yield Piece(raw, True, size == 0)
