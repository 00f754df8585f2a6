"""Codecs as other readers got them wrong: checksums, streams and frames, what follows them, bombs."""

from __future__ import annotations

import bz2
import lzma
import random
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import cramjam
import fastavro
import pytest

import jetliner
from differential.codecs import CODECS, compress, zstd
from differential.container import SYNC, header
from differential.encode import encode_bytes, encode_long
from differential.files import encoded, record, save
from jetliner.exceptions import CodecError

SCHEMA = record(s="string")
ROWS = [{"s": "a text that repeats itself " * 3 + str(i)} for i in range(20)]
COUNT, PLAIN = encoded(SCHEMA, *ROWS)
TEXTS = [row["s"] for row in ROWS]
COMPRESSING = CODECS[1:]


def file_of(codec: str, *compressed: bytes, count: int = COUNT) -> bytes:
    """A file of compressed blocks of all rows each."""
    return header(SCHEMA, codec) + b"".join(encode_long(count) + encode_bytes(data) + SYNC for data in compressed)


def texts(path: str, **options: Any) -> list[str]:
    return jetliner.read_avro(path, **options)["s"].to_list()


def check_corrupt(path: str, codec: str) -> None:
    """The second block does not decompress: strict reading says so, ignore_errors skips and reports it."""
    with pytest.raises(CodecError) as caught:
        jetliner.read_avro(path)
    error = caught.value
    assert (error.variant, error.codec, error.block_index, error.path) == ("DecompressionError", codec, 1, path)
    with jetliner.AvroReader(path, ignore_errors=True) as reader:
        rows = [value for batch in reader for value in batch["s"].to_list()]
        (bad,) = reader.errors
    assert rows == TEXTS
    assert (bad.kind.startswith("DecompressionFailed"), bad.block_index, bad.filepath) == (True, 1, path)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("seed", range(6))
def test_every_level_stream_and_frame(codec: str, seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    path = save(tmp_path, file_of(codec, *(compress(codec, PLAIN, rng) for _ in range(8))))
    assert texts(path) == TEXTS * 8


SNAPPY = bytes(cramjam.snappy.compress_raw(PLAIN))


def crc32c(data: bytes) -> int:
    """CRC-32 with Castagnoli's polynomial, which Snappy's framing format uses and Avro does not."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def test_snappy_checksum_is_crc_32_big_endian_of_the_plain_data(tmp_path: Path) -> None:
    assert crc32c(b"123456789") == 0xE3069283
    good = SNAPPY + zlib.crc32(PLAIN).to_bytes(4, "big")
    assert texts(save(tmp_path, file_of("snappy", good))) == TEXTS
    wrong = {
        "little-endian": zlib.crc32(PLAIN).to_bytes(4, "little"),
        "CRC-32C": crc32c(PLAIN).to_bytes(4, "big"),
        "of the compressed data": zlib.crc32(SNAPPY).to_bytes(4, "big"),
        "zero": bytes(4),
        "missing": b"",
    }
    for tail in wrong.values():
        check_corrupt(save(tmp_path, file_of("snappy", good, SNAPPY + tail)), "snappy")


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4])
def test_snappy_block_under_five_bytes(size: int, tmp_path: Path) -> None:
    good = compress("snappy", PLAIN)
    check_corrupt(save(tmp_path, file_of("snappy", good, b"\x00\x00\x00\x00\x00"[:size])), "snappy")


def test_snappy_forged_length_is_refused_before_it_is_allocated(tmp_path: Path) -> None:
    good = compress("snappy", PLAIN)
    forged = b"\xff\xff\xff\xff\x0f" + SNAPPY[2:] + zlib.crc32(PLAIN).to_bytes(4, "big")
    path = save(tmp_path, file_of("snappy", good, forged))
    with pytest.raises(CodecError):
        jetliner.read_avro(path, max_block_size=None)
    assert texts(path, ignore_errors=True) == TEXTS


def test_deflate_is_raw(tmp_path: Path) -> None:
    """Neither zlib's nor gzip's wrapping."""
    good = compress("deflate", PLAIN)
    check_corrupt(save(tmp_path, file_of("deflate", good, zlib.compress(PLAIN))), "deflate")
    gzip = zlib.compressobj(6, zlib.DEFLATED, 31)
    check_corrupt(save(tmp_path, file_of("deflate", good, gzip.compress(PLAIN) + gzip.flush())), "deflate")


def test_deflate_as_python_writers_leave_it(tmp_path: Path) -> None:
    """They cut off the two bytes before zlib's stream, but one byte behind it or none: some of its checksum stays."""
    zlibs = zlib.compress(PLAIN)
    for end in (-4, -1, None):
        assert texts(save(tmp_path, file_of("deflate", zlibs[2:end]))) == TEXTS
    wrong = zlibs[2:-4] + bytes(byte ^ 0xFF for byte in zlibs[-4:-1])
    check_corrupt(save(tmp_path, file_of("deflate", zlibs[2:-1], wrong)), "deflate")


@pytest.mark.parametrize("zeros", [1, 2, 3, 4, 5, 4096])
def test_deflate_with_zero_bytes_behind_the_end(zeros: int, tmp_path: Path) -> None:
    """They are padding. A stream without its end is an error, and so are all other bytes."""
    good = compress("deflate", PLAIN)
    assert texts(save(tmp_path, file_of("deflate", good + bytes(zeros), good))) == TEXTS * 2
    for bad in (good[: len(good) // 2], good[:-2], good + bytes(zeros) + b"\x01", good + b"\x01" + bytes(zeros)):
        check_corrupt(save(tmp_path, file_of("deflate", good, bad + bytes(zeros))), "deflate")


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"])
def test_what_fastavro_writes(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "fastavro.avro"
    with path.open("wb") as file:
        fastavro.writer(file, SCHEMA, ROWS * 10, codec=codec, sync_interval=1000)
    assert texts(str(path)) == TEXTS * 10


def test_zstandard_frames(tmp_path: Path) -> None:
    size_flag, checksum = zstd.CompressionParameter.content_size_flag, zstd.CompressionParameter.checksum_flag
    half = len(PLAIN) // 2
    without_size = zstd.compress(PLAIN, options={size_flag: 0})
    with_checksum = zstd.compress(PLAIN, options={checksum: 1})
    skippable = b"\x50\x2a\x4d\x18" + (7).to_bytes(4, "little") + b"ignored"
    frames = [
        zstd.compress(PLAIN),
        without_size,
        with_checksum,
        zstd.compress(PLAIN[:half]) + zstd.compress(PLAIN[half:], options={size_flag: 0}),
        zstd.compress(PLAIN[:half], options={size_flag: 0}) + zstd.compress(b"") + zstd.compress(PLAIN[half:]),
        skippable + zstd.compress(PLAIN) + skippable,
    ]
    assert texts(save(tmp_path, file_of("zstandard", *frames))) == TEXTS * len(frames)
    wrong = with_checksum[:-1] + bytes([with_checksum[-1] ^ 1])
    check_corrupt(save(tmp_path, file_of("zstandard", frames[0], wrong)), "zstandard")


def test_bzip2_and_xz_streams(tmp_path: Path) -> None:
    half = len(PLAIN) // 2
    bzip2 = [bz2.compress(PLAIN), bz2.compress(PLAIN[:half], 1) + bz2.compress(b"") + bz2.compress(PLAIN[half:])]
    assert texts(save(tmp_path, file_of("bzip2", *bzip2))) == TEXTS * 2
    checks = (lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_SHA256)
    xz = [lzma.compress(PLAIN, check=check) for check in checks]
    xz += [lzma.compress(PLAIN[:half]) + lzma.compress(PLAIN[half:])]
    xz += [lzma.compress(PLAIN[:half]) + bytes(8) + lzma.compress(PLAIN[half:]) + bytes(4)]  # stream padding
    assert texts(save(tmp_path, file_of("xz", *xz))) == TEXTS * len(xz)


def xz_with_dictionary(size_code: int) -> bytes:
    """Return an xz stream whose block claims a dictionary: its size as the .xz format encodes it."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0}]
    stream = bytearray(lzma.compress(PLAIN, check=lzma.CHECK_CRC32, filters=filters))
    head = stream[12 : 12 + (stream[12] + 1) * 4 - 4]  # the block's header, without its CRC-32
    place = head.index(b"\x21\x01") + 2  # the filter LZMA2, with one byte of properties
    head[place] = size_code
    stream[12 : 12 + len(head) + 4] = head + zlib.crc32(head).to_bytes(4, "little")
    return bytes(stream)


def test_xz_dictionary_is_bounded_by_max_block_size(tmp_path: Path) -> None:
    """64 MiB is that of the largest preset, which writers choose for blocks of any size."""
    mib_64, mib_384, gib_1_5 = (xz_with_dictionary(code) for code in (28, 33, 37))
    assert texts(save(tmp_path, file_of("xz", mib_64)), max_block_size=len(PLAIN)) == TEXTS
    path = save(tmp_path, file_of("xz", mib_384, gib_1_5))
    for limit, rows in ((536_870_912, 20), (300 << 20, 0)):
        reader = jetliner.AvroReader(path, max_block_size=limit)
        with pytest.raises(CodecError) as caught:
            list(reader)
        assert caught.value.variant == "OversizedOutput"
        assert caught.value.block_index == (1 if rows else 0)
        wanted = f"xz: the stream asks for a larger dictionary than the limit of {limit} bytes"
        assert wanted in str(caught.value)
        assert "max_block_size" in str(caught.value)
        with jetliner.AvroReader(path, max_block_size=limit, ignore_errors=True) as skipping:
            assert sum(batch.height for batch in skipping) == rows
    assert texts(save(tmp_path, file_of("xz", mib_384)), max_block_size=None) == TEXTS


@pytest.mark.parametrize("codec", COMPRESSING)
@pytest.mark.parametrize("garbage", [b"\x01", b"\xaa\xbb\xcc", b"garbage behind the end"])
def test_garbage_behind_the_end_is_an_error(codec: str, garbage: bytes, tmp_path: Path) -> None:
    good = compress(codec, PLAIN)
    check_corrupt(save(tmp_path, file_of(codec, good, good + garbage)), codec)


@pytest.mark.parametrize("codec", COMPRESSING)
def test_cut_and_empty_data(codec: str, tmp_path: Path) -> None:
    good = compress(codec, PLAIN)
    cuts = [good[:-1], good[: len(good) // 2], good[:1]]
    for cut in cuts:
        check_corrupt(save(tmp_path, file_of(codec, good, cut)), codec)


@pytest.mark.parametrize("codec", CODECS)
def test_limit_of_the_decompressed_size_is_exact(codec: str, tmp_path: Path) -> None:
    path = save(tmp_path, file_of(codec, compress(codec, PLAIN)))
    assert texts(path, max_block_size=len(PLAIN)) == TEXTS
    assert texts(path, max_block_size=None) == TEXTS
    if codec == "null":  # nothing grows there
        return
    with pytest.raises(CodecError, match="exceeds limit") as caught:
        jetliner.read_avro(path, max_block_size=len(PLAIN) - 1)
    assert caught.value.variant == "OversizedOutput"
    with jetliner.AvroReader(path, max_block_size=len(PLAIN) - 1, ignore_errors=True) as reader:
        assert sum(batch.height for batch in reader) == 0
        assert reader.error_count == 1


@pytest.mark.parametrize("codec", COMPRESSING)
def test_bomb_is_refused_before_its_memory_is_used(codec: str, tmp_path: Path) -> None:
    """300 MB of zeros against a limit of 1 MiB, in a process of its own whose memory is measured."""
    size = 300_000_000
    if codec == "snappy":  # a copy is at most 64 bytes, so 300 MB would be 14 MB of file
        size = 60_000_000
    plain = bytes(1_000_000)
    if codec in ("zstandard", "bzip2", "xz"):  # streams one behind the other
        bomb = compress(codec, plain) * (size // len(plain))
    else:
        bomb = compress(codec, bytes(size))
    path = save(tmp_path, file_of(codec, compress(codec, PLAIN), bomb))
    script = f"""
import re, jetliner, polars
from pathlib import Path
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
jetliner.read_avro({path!r}, n_rows=1)
before = peak()
try:
    jetliner.read_avro({path!r}, max_block_size=1 << 20)
except jetliner.CodecError as error:
    print(error.variant, peak() - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    variant, grown_kib = done.stdout.split()
    assert variant == "OversizedOutput"
    assert int(grown_kib) < 40_000
