"""A simple and slow decoder of Avro's binary encoding: bytes to raw values, with union branches."""

from __future__ import annotations

import struct
from typing import Any

from .model import Node


class Cursor:
    """A read position in bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        """Return the next ``size`` bytes."""
        if size < 0 or self.at + size > len(self.data):
            raise ValueError(f"{size} bytes at {self.at} of {len(self.data)}")
        self.at += size
        return self.data[self.at - size : self.at]

    def long(self) -> int:
        """Return the next zig-zag varint."""
        bits = shift = 0
        while True:
            byte = self.take(1)[0]
            bits |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return (bits >> 1) ^ -(bits & 1)

    def blocks(self) -> Any:
        """Yield once for every item of an array or map. The caller then reads the item."""
        while count := self.long():
            if count < 0:
                count = -count
                self.long()
            for _ in range(count):
                yield


def decode(node: Node, cursor: Cursor) -> Any:
    """Return the next value."""
    kind = node.kind
    if kind in ("int", "long"):
        return cursor.long()
    if kind == "string":
        return cursor.take(cursor.long()).decode()
    if kind == "bytes":
        return cursor.take(cursor.long())
    if kind == "union":
        index = cursor.long()
        return index, decode(node.branches[index], cursor)
    if kind == "record":
        return {name: decode(child, cursor) for name, child in node.fields}
    if kind == "boolean":
        return cursor.take(1) == b"\x01"
    if kind == "float":
        return struct.unpack("<f", cursor.take(4))[0]
    if kind == "double":
        return struct.unpack("<d", cursor.take(8))[0]
    if kind == "fixed":
        return cursor.take(node.size)
    if kind == "enum":
        return node.symbols[cursor.long()]
    if kind == "array":
        return [decode(node.child, cursor) for _ in cursor.blocks()]
    if kind == "map":
        return {cursor.take(cursor.long()).decode(): decode(node.child, cursor) for _ in cursor.blocks()}
    if kind == "null":
        return None
    raise ValueError(kind)
