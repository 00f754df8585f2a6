"""Avro's binary encoding of raw values (Avro 1.12, "Binary Encoding"), with random blocks in arrays and maps."""

from __future__ import annotations

import random
import struct
from typing import Any

from .model import Node


def encode_long(value: int) -> bytes:
    """Encode a zig-zag varint: 1 to 10 bytes."""
    bits = ((value << 1) ^ (value >> 63)) & 0xFFFFFFFFFFFFFFFF
    if bits < 0x80:
        return bytes((bits,))
    out = bytearray()
    while bits >= 0x80:
        out.append((bits & 0x7F) | 0x80)
        bits >>= 7
    out.append(bits)
    return bytes(out)


def encode_bytes(value: bytes) -> bytes:
    """Encode a length and the bytes."""
    return encode_long(len(value)) + value


class Encoder:
    """Encodes raw values.

    Parameters
    ----------
    rng : random.Random or None
        Cuts arrays and maps into several blocks, some with a negative count and a size. None: one block each.
    """

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng

    def encode(self, node: Node, value: Any) -> bytes:
        """Return the bytes of one value."""
        out = bytearray()
        self._write(node, value, out)
        return bytes(out)

    def _write(self, node: Node, value: Any, out: bytearray) -> None:
        kind = node.kind
        if kind in ("int", "long"):
            out += encode_long(value)
        elif kind == "string":
            data = value.encode()
            out += encode_long(len(data))
            out += data
        elif kind == "union":
            index, inner = value
            out += encode_long(index)
            self._write(node.branches[index], inner, out)
        elif kind == "record":
            for name, child in node.fields:
                self._write(child, value[name], out)
        elif kind == "boolean":
            out.append(1 if value else 0)
        elif kind == "float":
            out += struct.pack("<f", value)
        elif kind == "double":
            out += struct.pack("<d", value)
        elif kind == "bytes":
            out += encode_long(len(value))
            out += value
        elif kind == "fixed":
            if len(value) != node.size:
                raise ValueError(f"{len(value)} bytes for fixed({node.size})")
            out += value
        elif kind == "enum":
            out += encode_long(node.symbols.index(value))
        elif kind == "array":
            pieces = [self.encode(node.child, item) for item in value]
            self._write_blocks(pieces, out)
        elif kind == "map":
            pieces = [encode_bytes(key.encode()) + self.encode(node.child, item) for key, item in value.items()]
            self._write_blocks(pieces, out)
        elif kind != "null":
            raise ValueError(kind)

    def _write_blocks(self, pieces: list[bytes], out: bytearray) -> None:
        """Write blocks of items: a count, or a negative count and the size in bytes; then the items. 0 ends them."""
        rng = self._rng
        start = 0
        while start < len(pieces):
            end = len(pieces) if rng is None or rng.random() < 0.6 else rng.randint(start + 1, len(pieces))
            block = b"".join(pieces[start:end])
            if rng is not None and rng.random() < 0.4:
                out += encode_long(start - end)
                out += encode_long(len(block))
            else:
                out += encode_long(end - start)
            out += block
            start = end
        out.append(0)
