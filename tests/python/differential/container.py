"""Object container files (Avro 1.12, "Object Container Files"): a writer with random variations, and a reader."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .codecs import compress, decompress
from .decode import Cursor, decode
from .encode import encode_bytes, encode_long
from .model import parse

MAGIC = b"Obj\x01"
SYNC = bytes(range(0xA0, 0xB0))


def header(schema: Any, codec: str | None, sync: bytes = SYNC, rng: random.Random | None = None) -> bytes:
    """Return magic, metadata and sync marker. ``rng`` adds unknown keys, shuffles, and cuts the map into blocks.

    ``schema`` is JSON values, or bytes that are written as they are. Codec None leaves out ``avro.codec``.
    """
    entries = [(b"avro.schema", schema if isinstance(schema, bytes) else json.dumps(schema).encode())]
    if codec is not None:
        entries.append((b"avro.codec", codec.encode()))
    if rng is None:
        return MAGIC + metadata(entries, [len(entries)]) + sync
    if rng.random() < 0.4:
        entries += [(b"writer.note", b"a\x00b"), ("clé".encode(), b"")]
        if rng.random() < 0.1:  # legal, but fastavro accepts text only
            entries += [(b"not text", b"\xff\xfe"), (b"sync", sync)]
        rng.shuffle(entries)
    counts: list[int] = []
    while (left := len(entries) - sum(abs(count) for count in counts)) > 0:
        count = left if rng.random() < 0.5 else rng.randint(1, left)
        counts.append(-count if rng.random() < 0.3 else count)
    return MAGIC + metadata(entries, counts) + sync


def metadata(entries: Sequence[tuple[bytes, bytes]], counts: Sequence[int]) -> bytes:
    """Encode a map of bytes in blocks of the given counts. A size follows a negative count."""
    out = bytearray()
    start = 0
    for count in counts:
        block = b"".join(encode_bytes(key) + encode_bytes(value) for key, value in entries[start : start + abs(count)])
        out += encode_long(count)
        if count < 0:
            out += encode_long(len(block))
        out += block
        start += abs(count)
    return bytes(out) + b"\x00"


def block(codec: str, count: int, data: bytes, sync: bytes = SYNC, rng: random.Random | None = None) -> bytes:
    """Return one block of a file: count, size, compressed data, sync marker."""
    return encode_long(count) + encode_bytes(compress(codec, data, rng)) + sync


def container(
    schema: Any,
    rows: Sequence[bytes],
    *,
    codec: str | None = "null",
    rows_per_block: int = 1000,
    sync: bytes = SYNC,
    rng: random.Random | None = None,
    for_java: bool = False,
) -> bytes:
    """Return a file of encoded rows. ``rng`` varies the header, the sizes of blocks and the codec's streams.

    ``for_java`` leaves out two things that Avro's Java tools cannot read. They take a block without rows for the end of
    the file, and read only the first of several compressed streams.
    """
    out = bytearray(header(schema, codec, sync, rng))
    codec_rng = None if for_java else rng
    name = codec or "null"
    start = 0
    while start < len(rows):
        count = rows_per_block if rng is None else rng.randint(1, rows_per_block)
        if codec_rng is not None and codec_rng.random() < 0.1:
            out += block(name, 0, b"", sync, codec_rng)
        chunk = rows[start : start + count]
        out += block(name, len(chunk), b"".join(chunk), sync, codec_rng)
        start += count
    if codec_rng is not None and codec_rng.random() < 0.1:
        out += block(name, 0, b"", sync, codec_rng)
    return bytes(out)


def with_header(data: bytes, schema: Any) -> bytes:
    """Replace the header of a file: a schema with the same encoding, and no metadata but the codec."""
    cursor = Cursor(data)
    cursor.take(4)
    entries = {cursor.take(cursor.long()): cursor.take(cursor.long()) for _ in cursor.blocks()}
    sync = cursor.take(16)
    return header(schema, entries.get(b"avro.codec", b"null").decode(), sync) + data[cursor.at :]


@dataclass
class File:
    """The content of a container file."""

    schema: Any
    codec: str
    metadata: dict[bytes, bytes]
    rows: list[Any]  # raw values
    rows_per_block: list[int]


def read(data: bytes) -> File:
    """Read a whole container file, with the decoder of the tests."""
    cursor = Cursor(data)
    if cursor.take(4) != MAGIC:
        raise ValueError("not an Avro file")
    entries = {cursor.take(cursor.long()): cursor.take(cursor.long()) for _ in cursor.blocks()}
    sync = cursor.take(16)
    schema = json.loads(entries[b"avro.schema"])
    codec = entries.get(b"avro.codec", b"null").decode()
    node = parse(schema)
    rows: list[Any] = []
    counts: list[int] = []
    while cursor.at < len(data):
        count = cursor.long()
        inner = Cursor(decompress(codec, cursor.take(cursor.long())))
        rows += [decode(node, inner) for _ in range(count)]
        counts.append(count)
        if inner.at != len(inner.data):
            raise ValueError(f"{len(inner.data) - inner.at} bytes left in a block")
        if cursor.take(16) != sync:
            raise ValueError("wrong sync marker")
    return File(schema, codec, entries, rows, counts)
