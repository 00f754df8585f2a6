"""The sound files: those of tests/data, and generated files with all codecs and types."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from differential.case import make_case
from differential.codecs import CODECS, decompress
from differential.container import SYNC, block, header
from differential.encode import encode_bytes, encode_long

DATA = Path(__file__).parents[2] / "data"
GENERATED = 150


@dataclass(slots=True)
class Base:
    """A sound file, and the places of its parts."""

    name: str
    data: bytes
    codec: str
    sync: bytes
    starts: list[int] = field(default_factory=list)  # start of each block; the first one is the end of the header
    counts: list[int] = field(default_factory=list)  # rows of each block
    plain: list[bytes] = field(default_factory=list)  # decompressed data of each block


def take_long(data: bytes, at: int) -> tuple[int, int]:
    """Return a zig-zag varint and the position after it."""
    bits = shift = 0
    while True:
        byte = data[at]
        at += 1
        bits |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (bits >> 1) ^ -(bits & 1), at


def base_of(name: str, data: bytes) -> Base:
    """Find the parts of a sound file."""
    at = 4
    codec = "null"
    while (count := take_long(data, at))[0] != 0:
        entries, at = count
        if entries < 0:
            _, at = take_long(data, at)
        for _ in range(abs(entries)):
            size, at = take_long(data, at)
            key = data[at : at + size]
            size, at = take_long(data, at + size)
            if key == b"avro.codec":
                codec = data[at : at + size].decode()
            at += size
    at = count[1] + 16
    base = Base(name, data, codec, data[at - 16 : at])
    while at < len(data):
        base.starts.append(at)
        rows, position = take_long(data, at)
        size, position = take_long(data, position)
        base.counts.append(rows)
        base.plain.append(decompress(codec, data[position : position + size]))
        at = position + size + 16
    if not base.starts:
        base.starts.append(at)
    return base


def large(codec: str, blocks: int) -> bytes:
    """Return a file that is large enough for several threads."""
    rows = b"".join(encode_long(i) + encode_bytes(b"text of row %d" % i) for i in range(1500))
    fields = [{"name": "number", "type": "long"}, {"name": "text", "type": "string"}]
    schema = {"type": "record", "name": "Large", "fields": fields}
    return header(schema, codec, SYNC) + block(codec, 1500, rows) * blocks


def bomb(codec: str) -> bytes:
    """Return a small file that decompresses to 48 MiB."""
    plain = encode_bytes(bytes(48 << 20))
    return header("bytes", codec, SYNC) + block(codec, 1, plain)


def load() -> list[Base]:
    """Return all bases. The generated ones are the same in every run."""
    bases = [base_of(path.name, path.read_bytes()) for path in sorted(DATA.glob("*.avro"))]
    for seed in range(GENERATED):
        data = make_case(seed).data
        if len(data) < 200_000:
            bases.append(base_of(f"generated {seed}", data))
    return bases


def load_large() -> list[Base]:
    """Return bases that take longer to read, for a small share of the mutations."""
    bases = [base_of(f"large {codec}", large(codec, 30)) for codec in CODECS]
    return bases + [base_of(f"bomb {codec}", bomb(codec)) for codec in ("deflate", "zstandard", "bzip2")]
