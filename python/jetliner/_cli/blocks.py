"""The number of blocks of a file."""

from __future__ import annotations

import mmap
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jetliner import _core
    from jetliner._options.read_options import ReadOptions

_MAGIC = b"Obj\x01"
_MARKER_BYTES = 16


def count_blocks(path: str, options: ReadOptions, *, is_sound: bool) -> int:
    """Return the number of blocks that have rows. Only a sound local file tells it without being decompressed."""
    from jetliner._files.opening import open_inspector

    inspector = open_inspector(options._replace(ignore_errors=True), path)
    if is_sound and is_plain(path, options):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:  # noqa: PTH123
            return _walk(content, inspector.header_bytes)
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


def _walk(content: mmap.mmap, start: int) -> int:
    """Go from block to block of a sound file. Each has the number of its rows and bytes, the bytes, and the marker."""
    number, position, size_bytes = 0, start, len(content)
    while position < size_bytes:
        rows, position = _long(content, position)
        data_bytes, position = _long(content, position)
        position += data_bytes + _MARKER_BYTES
        number += rows > 0
    return number


def _long(content: mmap.mmap, position: int) -> tuple[int, int]:
    """Return a number in Avro's zig-zag encoding, and the place after it."""
    bits = shift = 0
    while True:
        byte = content[position]
        position += 1
        bits |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (bits >> 1) ^ -(bits & 1), position
