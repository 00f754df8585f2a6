"""Files to measure with. Each is made once and kept in a directory.

Rows are written by fastavro. Where Python would take minutes, a few ten thousand distinct rows are written and their
blocks repeated in a changing order: codecs compress every block by itself, so repetition makes no block cheaper.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import fastavro.write

ROWS = 1_000_000
SYNC = bytes(range(16))

Row = dict[str, Any]

FLAT: dict[str, Any] = {
    "type": "record",
    "name": "Flat",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "price", "type": "double"},
        {"name": "code", "type": "string"},
        {"name": "label", "type": "string"},
        {"name": "active", "type": "boolean"},
        {"name": "count", "type": ["null", "int"]},
    ],
}

NESTED: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {
            "name": "customer",
            "type": {
                "type": "record",
                "name": "Customer",
                "fields": [
                    {"name": "name", "type": "string"},
                    {"name": "email", "type": ["null", "string"]},
                    {
                        "name": "address",
                        "type": {
                            "type": "record",
                            "name": "Address",
                            "fields": [
                                {"name": "street", "type": "string"},
                                {"name": "city", "type": "string"},
                                {"name": "zip", "type": ["null", "int"]},
                            ],
                        },
                    },
                ],
            },
        },
        {
            "name": "items",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Item",
                    "fields": [
                        {"name": "sku", "type": "string"},
                        {"name": "quantity", "type": "int"},
                        {"name": "price", "type": "double"},
                    ],
                },
            },
        },
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "attributes", "type": {"type": "map", "values": "string"}},
        {
            "name": "coupon",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "Coupon",
                    "fields": [{"name": "code", "type": "string"}, {"name": "percent", "type": "float"}],
                },
            ],
        },
    ],
}

_WIDE_TYPES: tuple[Any, ...] = (
    "int",
    "long",
    "double",
    "string",
    ["null", "long"],
    ["null", "string"],
    ["null", "double"],
    "boolean",
    "float",
    {"type": "long", "logicalType": "timestamp-micros"},
)
WIDE: dict[str, Any] = {
    "type": "record",
    "name": "Wide",
    "fields": [{"name": f"c{i:02}", "type": _WIDE_TYPES[i % len(_WIDE_TYPES)]} for i in range(100)],
}


def flat_rows(rng: random.Random, count: int) -> Iterator[Row]:
    """About 45 bytes each."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    codes = ["".join(rng.choices(letters, k=rng.randint(3, 8))) for _ in range(1000)]
    for i in range(count):
        yield {
            "id": i,
            "price": rng.random() * 1000,
            "code": codes[i * 7919 % 1000],
            "label": f"customer number {i * 31 % 100_000:05}",
            "active": i % 3 == 0,
            "count": None if i % 10 == 0 else i % 5000,
        }


def nested_rows(rng: random.Random, count: int) -> Iterator[Row]:
    """About 165 bytes each."""
    for i in range(count):
        yield {
            "id": i,
            "customer": {
                "name": f"Customer {rng.randint(0, 99_999)}",
                "email": None if rng.random() < 0.3 else f"user{rng.randint(0, 9_999)}@example.com",
                "address": {
                    "street": f"{rng.randint(1, 999)} Long Street",
                    "city": rng.choice(("Berlin", "Paris", "Łódź", "São Paulo", "New York")),
                    "zip": None if rng.random() < 0.2 else rng.randint(10_000, 99_999),
                },
            },
            "items": [
                {"sku": f"SKU-{rng.randint(0, 9_999):04}", "quantity": rng.randint(1, 9), "price": rng.random() * 100}
                for _ in range(rng.randint(0, 4))
            ],
            "tags": [
                rng.choice(("new", "sale", "gift", "returned", "express delivery")) for _ in range(rng.randint(0, 4))
            ],
            "attributes": {f"key{k}": f"value {rng.randint(0, 99)}" for k in range(rng.randint(0, 3))},
            "coupon": None if rng.random() < 0.7 else {"code": f"C{rng.randint(0, 999)}", "percent": 12.5},
        }


def wide_rows(rng: random.Random, count: int) -> Iterator[Row]:
    """About 680 bytes each."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: rng.randint(0, 100_000),
        lambda: rng.randint(0, 1 << 40),
        lambda: rng.random() * 1e6,
        lambda: f"text {rng.randint(0, 99_999)}",
        lambda: None if rng.random() < 0.2 else rng.randint(0, 1 << 30),
        lambda: None if rng.random() < 0.2 else f"a longer text {rng.randint(0, 9_999)}",
        lambda: None if rng.random() < 0.2 else rng.random(),
        lambda: rng.random() < 0.5,
        lambda: rng.randint(0, 1000) / 8,
        lambda: 1_700_000_000_000_000 + rng.randint(0, 1 << 40),
    )
    names = [field["name"] for field in WIDE["fields"]]
    for _ in range(count):
        yield {name: makers[i % len(makers)]() for i, name in enumerate(names)}


def write(path: Path, schema: Any, rows: Iterator[Row], codec: str) -> None:
    """Write rows as fastavro does by default: blocks of 16,000 bytes."""
    with path.open("wb") as file:
        fastavro.writer(file, schema, rows, codec=codec, sync_marker=SYNC)


def repeat(path: Path, schema: Any, distinct: Iterator[Row], rows: int, codec: str, rng: random.Random) -> None:
    """Write the blocks of the distinct rows again and again, in another order each time, until there are enough."""
    once = io.BytesIO()
    fastavro.writer(once, schema, distinct, codec=codec, sync_marker=SYNC)
    once.seek(0)
    blocks = list(fastavro.block_reader(once))
    with path.open("wb") as file:
        writer = fastavro.write.Writer(file, schema, codec=codec, sync_marker=SYNC)
        written = 0
        while written < rows:
            rng.shuffle(blocks)
            for block in blocks:
                if written < rows:
                    writer.write_block(block)
                    written += block.num_records


def recode(path: Path, source: Path, codec: str) -> None:
    """The same blocks with another codec."""
    with source.open("rb") as read, path.open("wb") as file:
        blocks = fastavro.block_reader(read)
        writer = fastavro.write.Writer(file, blocks.writer_schema, codec=codec, sync_marker=SYNC)
        for block in blocks:
            writer.write_block(block)


@dataclass(frozen=True)
class Target:
    """A file to make: its path, how many rows it is to have, and the directory of all files."""

    path: Path
    rows: int
    directory: Path


def _flat(target: Target) -> None:
    write(target.path, FLAT, flat_rows(random.Random(1), target.rows), "snappy")


def _recoded(codec: str) -> Callable[[Target], None]:
    def make(target: Target) -> None:
        recode(target.path, benchmark_file("flat-snappy", target.directory, target.rows), codec)

    return make


def _nested(target: Target) -> None:
    rng = random.Random(2)
    repeat(target.path, NESTED, nested_rows(rng, min(target.rows, 50_000)), target.rows, "snappy", rng)


def _wide(target: Target) -> None:
    rng = random.Random(3)
    repeat(target.path, WIDE, wide_rows(rng, min(target.rows, 10_000)), target.rows, "snappy", rng)


def _small(target: Target) -> None:
    write(target.path, FLAT, flat_rows(random.Random(4), 1000), "snappy")


def _many(target: Target) -> None:
    target.path.mkdir()
    for i in range(500):
        write(target.path / f"part-{i:03}.avro", FLAT, flat_rows(random.Random(i), 200), "snappy")


_MAKERS: dict[str, Callable[[Target], None]] = {
    "flat-snappy": _flat,
    "flat-null": _recoded("null"),
    "flat-deflate": _recoded("deflate"),
    "flat-zstandard": _recoded("zstandard"),
    "nested-snappy": _nested,
    "wide-snappy": _wide,
    "small": _small,
    "many": _many,
}


def benchmark_file(name: str, directory: Path, rows: int = ROWS) -> Path:
    """The path of a file (of a directory of files for ``many``), made if it is not there yet."""
    suffix = "" if name in ("small", "many") else f"-{rows}"
    path = directory / f"{name}{suffix}{'' if name == 'many' else '.avro'}"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".unfinished")
        _MAKERS[name](Target(unfinished, rows, directory))
        unfinished.rename(path)
    return path
