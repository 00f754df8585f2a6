"""Avro files for the tests: the parts that need no fixture."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any, NamedTuple

import fastavro
import polars as pl

SYNC = bytes(range(16))

#: Polars 2.1 has the type Map, 1.37 has not.
HAS_MAP = hasattr(pl, "Map")

#: The columns that most tests use.
SALES_SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Sale",
    "fields": [
        {"name": "user_id", "type": "long"},
        {"name": "amount", "type": "double"},
        {"name": "status", "type": "string"},
    ],
}


def sales(rows: int, start: int = 0) -> list[dict[str, Any]]:
    """Rows whose values follow from their number."""
    return [
        {"user_id": i, "amount": i * 0.5, "status": ("active", "inactive", "pending")[i % 3]}
        for i in range(start, start + rows)
    ]


def sales_frame(rows: int, start: int = 0) -> pl.DataFrame:
    schema = {"user_id": pl.Int64, "amount": pl.Float64, "status": pl.String}
    return pl.DataFrame(sales(rows, start), schema=schema)


class Block(NamedTuple):
    """Where a block of a file is, in bytes from the start of the file."""

    offset: int  # of its record count
    data_offset: int
    data_bytes: int
    sync_offset: int


def blocks_of(path: str | os.PathLike[str]) -> list[Block]:
    """Find the blocks of a sound file."""
    content = Path(path).read_bytes()
    with Path(path).open("rb") as file:
        reader = fastavro.block_reader(file)
        found = []
        for block in reader:
            _, position = _read_long(content, block.offset)
            data_bytes, position = _read_long(content, position)
            found.append(Block(block.offset, position, data_bytes, position + data_bytes))
    return found


def _read_long(content: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), position


def long(value: int) -> bytes:
    """Encode an int or long of Avro: zig-zag, then seven bits per byte, the lowest first."""
    bits = (value << 1) ^ (value >> 63)
    encoded = bytearray()
    while bits > 0x7F:
        encoded.append(bits & 0x7F | 0x80)
        bits >>= 7
    encoded.append(bits)
    return bytes(encoded)


def text(value: str | bytes) -> bytes:
    """Encode a string or bytes of Avro."""
    data = value.encode() if isinstance(value, str) else value
    return long(len(data)) + data


def write_file(path: Path, schema: Any, records: list[Any], *, codec: str = "null", block_rows: int = 0) -> None:
    """Write records with fastavro; `block_rows` sets how many go into a block."""
    with path.open("wb") as file:
        if not block_rows:
            fastavro.writer(file, schema, records, codec=codec)
            return
        writer = fastavro.write.Writer(file, schema, codec=codec, sync_interval=1 << 40)
        for start in range(0, len(records), block_rows):
            for record in records[start : start + block_rows]:
                writer.write(record)
            writer.flush()


def damage(path: str, offset: int, replacement: bytes) -> None:
    """Replace bytes by others; where these stand there already, as they may in a random marker, by their opposites."""
    with Path(path).open("r+b") as file:
        file.seek(offset)
        if file.read(len(replacement)) == replacement:
            replacement = bytes(255 - byte for byte in replacement)
        file.seek(offset)
        file.write(replacement)


def floats(value: float) -> bytes:
    return struct.pack("<f", value)


def double(value: float) -> bytes:
    return struct.pack("<d", value)


def open_files() -> set[str]:
    """The files that this process has open."""
    names = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            names.add(str(descriptor.readlink()))
        except OSError:  # closed meanwhile, such as the descriptor of this listing
            continue
    return names


def sale_bytes(user_id: int, amount: float, status: bytes) -> bytes:
    """Encode a row of `SALES_SCHEMA`; the status need not be text."""
    return long(user_id) + double(amount) + text(status)
