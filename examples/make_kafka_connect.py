"""Write a directory as Confluent's S3 sink for Kafka Connect does: `topics/orders/partition=N/orders+N+OFFSET.avro`."""

from __future__ import annotations

import argparse
import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro

# The Avro converter adds `connect.name` and `connect.version` to the records, and writes optional fields as unions.
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "com.example.shop",
    "connect.name": "com.example.shop.Order",
    "connect.version": 3,
    "fields": [
        {"name": "order_id", "type": "long"},
        {
            "name": "placed_at",
            "type": {
                "type": "long",
                "logicalType": "timestamp-millis",
                "connect.name": "org.apache.kafka.connect.data.Timestamp",
                "connect.version": 1,
            },
        },
        {"name": "country", "type": "string"},
        {
            "name": "total",
            "type": {
                "type": "bytes",
                "logicalType": "decimal",
                "precision": 12,
                "scale": 2,
                "connect.name": "org.apache.kafka.connect.data.Decimal",
                "connect.parameters": {"scale": "2", "connect.decimal.precision": "12"},
                "connect.version": 1,
            },
        },
        {
            "name": "customer",
            "type": {
                "type": "record",
                "name": "Customer",
                "fields": [
                    {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
                    {"name": "email", "type": ["null", "string"], "default": None},
                ],
                "connect.name": "com.example.shop.Customer",
            },
        },
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "coupon", "type": ["null", "string"], "default": None},
    ],
}
PARTITIONS = 3
START_MILLIS = 1_767_225_600_000  # 2026-01-01


def make_orders(rng: random.Random, first: int, count: int) -> Iterator[dict[str, Any]]:
    """Make orders, with the raw values of their logical types: fastavro encodes these faster."""
    for order_id in range(first, first + count):
        cents = rng.randrange(100, 100_000)
        yield {
            "order_id": order_id,
            "placed_at": START_MILLIS + order_id * 61_000,
            "country": rng.choice(["DE", "FR", "IT", "NO"]),
            "total": cents.to_bytes(cents.bit_length() // 8 + 1, "big", signed=True),
            "customer": {
                "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                "email": f"user{rng.randrange(1000)}@example.com" if rng.random() < 0.8 else None,
            },
            "tags": rng.sample(["gift", "express", "fragile"], rng.randrange(3)),
            "coupon": "SPRING" if rng.random() < 0.1 else None,
        }


def write(directory: Path, rows: int = 3_000) -> None:
    """Write `rows` orders: two files for each partition of the topic."""
    rng = random.Random(1)
    schema = fastavro.parse_schema(SCHEMA)
    per_file = max(rows // (2 * PARTITIONS), 1)
    for partition in range(PARTITIONS):
        target = directory / "topics" / "orders" / f"partition={partition}"
        target.mkdir(parents=True, exist_ok=True)
        for offset in (0, per_file):
            first = 2 * partition * per_file + offset
            with (target / f"orders+{partition}+{offset:010d}.avro").open("wb") as file:
                fastavro.writer(file, schema, make_orders(rng, first, per_file), codec="snappy", sync_interval=64_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=3_000, help="orders to write (default: %(default)s)")
    args = parser.parse_args()
    write(args.directory, args.rows)


if __name__ == "__main__":
    main()
