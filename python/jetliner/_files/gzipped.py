"""Files that are in gzip as a whole, such as `sales.avro.gz` (RFC 1952)."""

from __future__ import annotations

import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

#: The first bytes of a gzip file.
GZIP_MAGIC = b"\x1f\x8b"
#: The most bytes that are handed out at a time.
_CHUNK_BYTES = 1 << 20
#: zlib: a window of any size, with the header and the checksum of gzip.
_WINDOW_BITS = 31


def is_gzip_file(path: str) -> bool:
    """Tell whether a path leads to a file that starts as gzip does. Pipes and devices are not looked into."""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return False
        with Path(path).open("rb", buffering=0) as file:
            return file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    except OSError:
        return False


def decompressed(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress gzip piece by piece, in memory that does not grow with the data.

    There may be several members, one after the other, as `cat a.gz b.gz` makes them. Zero bytes after a member are
    padding.

    Raises
    ------
    zlib.error
        The data is damaged, or other bytes follow it.
    EOFError
        The data ends too soon.
    """
    member = zlib.decompressobj(_WINDOW_BITS)
    for chunk in chunks:
        data = chunk
        piece = b""
        while data or len(piece) == _CHUNK_BYTES:
            if member.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                member = zlib.decompressobj(_WINDOW_BITS)
            piece = member.decompress(data, _CHUNK_BYTES)
            data = member.unused_data if member.eof else member.unconsumed_tail
            if piece:
                yield piece
    if not member.eof:
        msg = "it ends before the end of its data (truncated?)"
        raise EOFError(msg)
