"""Write change events of a table of PostgreSQL, as Debezium's connector and the Avro converter of Kafka Connect do."""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro

ROW: dict[str, Any] = {
    "type": "record",
    "name": "Value",
    "fields": [
        {"name": "id", "type": {"type": "int", "connect.default": 0}, "default": 0},
        {"name": "email", "type": "string"},
        # Debezium's own types for times have no logical type: only `connect.name` tells them from numbers.
        {"name": "signed_up", "type": {"type": "int", "connect.version": 1, "connect.name": "io.debezium.time.Date"}},
        {
            "name": "updated_at",
            "type": {"type": "long", "connect.version": 1, "connect.name": "io.debezium.time.MicroTimestamp"},
        },
        {
            "name": "balance",
            "type": {
                "type": "bytes",
                "logicalType": "decimal",
                "scale": 2,
                "precision": 10,
                "connect.version": 1,
                "connect.parameters": {"scale": "2", "connect.decimal.precision": "10"},
                "connect.name": "org.apache.kafka.connect.data.Decimal",
            },
        },
    ],
    "connect.name": "shop.public.customers.Value",
}
SNAPSHOT: dict[str, Any] = {
    "type": "string",
    "connect.version": 1,
    "connect.parameters": {"allowed": "true,first,first_in_data_collection,last_in_data_collection,last,false"},
    "connect.default": "false",
    "connect.name": "io.debezium.data.Enum",
}
SOURCE: dict[str, Any] = {
    "type": "record",
    "name": "Source",
    "namespace": "io.debezium.connector.postgresql",
    "fields": [
        {"name": "version", "type": "string"},
        {"name": "connector", "type": "string"},
        {"name": "name", "type": "string"},
        {"name": "ts_ms", "type": "long"},
        {"name": "snapshot", "type": [SNAPSHOT, "null"], "default": "false"},
        {"name": "db", "type": "string"},
        {"name": "sequence", "type": ["null", "string"], "default": None},
        {"name": "ts_us", "type": ["null", "long"], "default": None},
        {"name": "ts_ns", "type": ["null", "long"], "default": None},
        {"name": "schema", "type": "string"},
        {"name": "table", "type": "string"},
        {"name": "txId", "type": ["null", "long"], "default": None},
        {"name": "lsn", "type": ["null", "long"], "default": None},
        {"name": "xmin", "type": ["null", "long"], "default": None},
    ],
    "connect.name": "io.debezium.connector.postgresql.Source",
}
TRANSACTION: dict[str, Any] = {
    "type": "record",
    "name": "block",
    "namespace": "event",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "total_order", "type": "long"},
        {"name": "data_collection_order", "type": "long"},
    ],
    "connect.version": 1,
    "connect.name": "event.block",
}
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Envelope",
    "namespace": "shop.public.customers",
    "fields": [
        {"name": "before", "type": ["null", ROW], "default": None},
        {"name": "after", "type": ["null", "Value"], "default": None},
        {"name": "source", "type": SOURCE},
        {"name": "transaction", "type": ["null", TRANSACTION], "default": None},
        {"name": "op", "type": "string"},
        {"name": "ts_ms", "type": ["null", "long"], "default": None},
        {"name": "ts_us", "type": ["null", "long"], "default": None},
        {"name": "ts_ns", "type": ["null", "long"], "default": None},
    ],
    "connect.version": 1,
    "connect.name": "shop.public.customers.Envelope",
}
START_MILLIS = 1_772_359_200_000  # 2026-03-01 10:00


def make_times(millis: int) -> dict[str, int]:
    return {"ts_ms": millis, "ts_us": millis * 1_000, "ts_ns": millis * 1_000_000}


def make_row(rng: random.Random, key: int, millis: int) -> dict[str, Any]:
    cents = rng.randrange(1_000_000)
    return {
        "id": key,
        "email": f"customer{key}@example.com",
        "signed_up": 19_000 + key % 1_000,
        "updated_at": millis * 1_000,
        "balance": cents.to_bytes(cents.bit_length() // 8 + 1, "big", signed=True),
    }


def make_changes(rows: int) -> Iterator[dict[str, Any]]:
    """Make `rows` change events. Each customer is created first, then updated, and some are deleted."""
    rng = random.Random(3)
    table: dict[int, dict[str, Any]] = {}
    for number in range(rows):
        millis = START_MILLIS + number * 250
        key = rng.randrange(1 + rows // 5)
        before = table.get(key)
        op = "c" if before is None else rng.choice("uuud")
        after = None if op == "d" else make_row(rng, key, millis)
        if after is None:
            del table[key]
        else:
            table[key] = after
        lsn = 24_000_000 + 56 * number
        yield {
            "before": before,
            "after": after,
            "source": {
                "version": "3.2.0.Final",
                "connector": "postgresql",
                "name": "shop",
                **make_times(millis),
                "snapshot": "false",
                "db": "shop",
                "sequence": f'["{lsn - 56}","{lsn}"]',
                "schema": "public",
                "table": "customers",
                "txId": 500 + number,
                "lsn": lsn,
                "xmin": None,
            },
            "transaction": None,
            "op": op,
            **make_times(millis + 40),
        }


def write(directory: Path, rows: int = 1_000) -> None:
    """Write `rows` change events into one file."""
    target = directory / "topics" / "shop.public.customers" / "partition=0"
    target.mkdir(parents=True, exist_ok=True)
    with (target / "shop.public.customers+0+0000000000.avro").open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(SCHEMA), make_changes(rows), codec="deflate")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=1_000, help="change events to write (default: %(default)s)")
    args = parser.parse_args()
    write(args.directory, args.rows)


if __name__ == "__main__":
    main()
