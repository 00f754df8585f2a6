"""The codecs of Avro's object container files, to write and to read test files."""

from __future__ import annotations

import bz2
import lzma
import random
import zlib
from collections.abc import Callable

import cramjam

try:
    from compression import zstd  # CPython 3.14
except ImportError:
    from backports import zstd

CODECS = ("null", "deflate", "snappy", "zstandard", "bzip2", "xz")


def compress(codec: str, data: bytes, rng: random.Random | None = None) -> bytes:
    """Compress a block. ``rng`` varies levels, streams, frames and the content size of zstandard frames."""
    if codec == "null":
        return data
    if codec == "deflate":  # raw, RFC 1951
        packer = zlib.compressobj(rng.choice((0, 1, 6, 9)) if rng else 6, zlib.DEFLATED, -15)
        return packer.compress(data) + packer.flush()
    if codec == "snappy":  # followed by the CRC-32 of the plain data, big-endian
        return bytes(cramjam.snappy.compress_raw(data)) + zlib.crc32(data).to_bytes(4, "big")
    pieces = [data]
    if rng is not None and rng.random() < 0.3:  # several streams or frames, empty ones among them
        cuts = sorted(rng.randint(0, len(data)) for _ in range(rng.randint(1, 3)))
        pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    return b"".join(_stream(codec, piece, rng) for piece in pieces)


def _stream(codec: str, data: bytes, rng: random.Random | None) -> bytes:
    if codec == "zstandard":
        parameter = zstd.CompressionParameter
        options = {parameter.compression_level: 3}
        if rng is not None:
            options[parameter.compression_level] = rng.choice((1, 3, 9))
            options[parameter.content_size_flag] = rng.randint(0, 1)
            options[parameter.checksum_flag] = rng.randint(0, 1)
        return zstd.compress(data, options=options)
    if codec == "bzip2":
        return bz2.compress(data, rng.choice((1, 9)) if rng else 9)
    if codec == "xz":
        check = rng.choice((lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_NONE)) if rng else lzma.CHECK_CRC64
        return lzma.compress(data, lzma.FORMAT_XZ, check, 0)
    raise ValueError(f"unknown codec {codec}")


def _snappy(data: bytes) -> bytes:
    plain = bytes(cramjam.snappy.decompress_raw(data[:-4]))
    if zlib.crc32(plain).to_bytes(4, "big") != data[-4:]:
        raise ValueError("wrong CRC-32 in a snappy block")
    return plain


_DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "null": lambda data: data,
    "deflate": lambda data: zlib.decompress(data, -15),
    "snappy": _snappy,
    "zstandard": zstd.decompress,
    "bzip2": bz2.decompress,
    "xz": lzma.decompress,
}


def decompress(codec: str, data: bytes) -> bytes:
    """Return the uncompressed data of a block."""
    return _DECOMPRESS[codec](data)
