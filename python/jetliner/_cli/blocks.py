"""The number of blocks of a file."""

from __future__ import annotations

import os
from typing import IO, TYPE_CHECKING

from jetliner._cli.failures import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jetliner import _core
    from jetliner._options.read_options import ReadOptions

_MAGIC = b"Obj\x01"
_MARKER_BYTES = 16
_MOST_HEAD_BYTES = 20  # two numbers of at most 10 bytes


def count_blocks(path: str, options: ReadOptions, *, is_sound: bool) -> int:
    """Return the number of blocks that have rows. Only a sound local file tells it without being decompressed."""
    from jetliner._files.opening import open_inspector

    inspector = open_inspector(options._replace(ignore_errors=True), path)
    if is_sound and is_plain(path, options):
        with open(path, "rb") as file:  # noqa: PTH123
            return _walk(file, inspector.header_bytes, path)
    return sum(1 for _ in blocks_of(inspector))


def is_plain(path: str, options: ReadOptions) -> bool:
    """Tell whether a file is a local one that is not in gzip."""
    if options.objects is not None or options.remote is not None or not os.path.isfile(path):  # noqa: PTH113
        return False
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(len(_MAGIC)) == _MAGIC


def blocks_of(inspector: _core.Inspector) -> Iterator[dict[str, int | None]]:
    """Yield the blocks that have rows, as `AvroMetadata.blocks` has them."""
    names = ("index", "offset", "rows", "compressed_bytes", "uncompressed_bytes")
    while (blocks := inspector.next()) is not None:
        for block in blocks:
            yield dict(zip(names, block, strict=True))


def _walk(file: IO[bytes], position: int, path: str) -> int:
    """Go from block to block of a sound file. Each has the number of its rows and bytes, the bytes, and the marker."""
    number, size_bytes = 0, file.seek(0, os.SEEK_END)
    while position < size_bytes:
        file.seek(position)
        head = file.read(_MOST_HEAD_BYTES)
        try:
            rows, at = _long(head, 0)
            data_bytes, at = _long(head, at)
        except IndexError:
            data_bytes = -1
        if data_bytes < 0:  # it was sound a moment ago
            msg = f"the file changes while it is read: {path}"
            raise Failure(msg)
        position += at + data_bytes + _MARKER_BYTES
        number += rows > 0
    return number


def _long(content: bytes, position: int) -> tuple[int, int]:
    """Return a number in Avro's zig-zag encoding, and the place after it."""
    bits = shift = 0
    while True:
        byte = content[position]
        position += 1
        bits |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (bits >> 1) ^ -(bits & 1), position
