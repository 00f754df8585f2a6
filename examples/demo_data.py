"""The input of the demo: orders with nested fields, written by fastavro as Avro files."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import fastavro

# One file per codec, with its share of the rows in percent. Shares of bzip2 and xz are small: both are slow to write.
SHARES = {"null": 20, "deflate": 20, "snappy": 28, "zstandard": 28, "bzip2": 2, "xz": 2}

STATUSES = ["PLACED", "PAID", "SHIPPED", "DELIVERED", "RETURNED"]
CITIES = [("NO", "Tromsø", 69.65, 18.96), ("NO", "Bergen", 60.39, 5.32), ("JP", "札幌", 43.06, 141.35)]
CITIES += [("IS", "Reykjavík", 64.15, -21.94), ("CL", "Valparaíso", -33.05, -71.61), ("KE", "Mombasa", -4.05, 39.67)]
EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
EPOCH_MICROS = int(EPOCH.timestamp()) * 1_000_000

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "com.example.shop",
    "fields": [
        {"name": "order_id", "type": "long"},
        {"name": "placed_at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": STATUSES}},
        {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
        {
            "name": "customer",
            "type": {
                "type": "record",
                "name": "Customer",
                "fields": [
                    {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
                    {"name": "name", "type": "string"},
                    {"name": "email", "type": ["null", "string"]},
                    {
                        "name": "address",
                        "type": {
                            "type": "record",
                            "name": "Address",
                            "fields": [
                                {"name": "country", "type": "string"},
                                {"name": "city", "type": "string"},
                                {
                                    "name": "location",
                                    "type": [
                                        "null",
                                        {
                                            "type": "record",
                                            "name": "Location",
                                            "fields": [
                                                {"name": "latitude", "type": "double"},
                                                {"name": "longitude", "type": "double"},
                                            ],
                                        },
                                    ],
                                },
                            ],
                        },
                    },
                ],
            },
        },
        {
            "name": "lines",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Line",
                    "fields": [
                        {"name": "sku", "type": "string"},
                        {"name": "quantity", "type": "int"},
                        {"name": "price", "type": "double"},
                        {"name": "gift", "type": ["null", "boolean"]},
                    ],
                },
            },
        },
        {"name": "attributes", "type": {"type": "map", "values": "string"}},
        {"name": "deliver_on", "type": ["null", {"type": "int", "logicalType": "date"}]},
    ],
}


@dataclass
class Written:
    """The content of one file, counted by its writer. The reader must find the same."""

    path: Path
    codec: str
    rows: int
    delivered_to_norway: int
    total_of_these: Decimal


def is_delivered_to_norway(order: dict[str, Any]) -> bool:
    """Tell whether the query of the demo finds this order."""
    return bool(order["status"] == "DELIVERED" and order["customer"]["address"]["country"] == "NO")


def make_order(rng: random.Random) -> dict[str, Any]:
    """Make an order. Its number and time are added later."""
    country, city, latitude, longitude = rng.choice(CITIES)
    lines: list[dict[str, Any]] = [
        {
            "sku": f"{rng.choice(['TENT', 'ROPE', 'STOVE', 'MAP'])}-{rng.randrange(10_000):05d}",
            "quantity": rng.randint(1, 5),
            "price": rng.randrange(100, 90_000) / 100,
            "gift": rng.choice([None, True, False]),
        }
        for _ in range(rng.randint(0, 4))
    ]
    name = rng.choice(["Ada", "Grace", "Barbara", "Edsger", "Donald"])
    location = {"latitude": latitude + rng.uniform(-0.1, 0.1), "longitude": longitude + rng.uniform(-0.1, 0.1)}
    cents = round(sum(line["quantity"] * line["price"] for line in lines) * 100)
    return {
        "status": rng.choice(STATUSES),
        "total": Decimal(cents).scaleb(-2),
        "customer": {
            "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "name": name,
            "email": f"{name.lower()}@example.com" if rng.random() < 0.7 else None,
            "address": {"country": country, "city": city, "location": location if rng.random() < 0.9 else None},
        },
        "lines": lines,
        "attributes": {key: rng.choice(["web", "app", "shop"]) for key in rng.sample(["channel", "origin", "via"], 2)},
        "deliver_on": EPOCH.date() + dt.timedelta(days=rng.randrange(365)) if rng.random() < 0.8 else None,
    }


def to_raw(order: dict[str, Any]) -> dict[str, Any]:
    """Replace values of logical types by values of their base types. fastavro encodes these faster."""
    cents = int(order["total"].scaleb(2))
    date = order["deliver_on"]
    return order | {
        "total": cents.to_bytes(cents.bit_length() // 8 + 1, "big", signed=True),
        "deliver_on": None if date is None else (date - dt.date(1970, 1, 1)).days,
    }


def write_file(path: Path, codec: str, first_id: int, rows: int) -> Written:
    """Write orders with numbers from `first_id` on.

    To be quick, only 2,000 orders are made. They are repeated with other numbers and times.
    """
    rng = random.Random(first_id)
    pool = [make_order(rng) for _ in range(min(rows, 2_000))]
    found = [is_delivered_to_norway(order) for order in pool]
    raw = [to_raw(order) for order in pool]
    written = Written(path, codec, rows, 0, Decimal(0))

    def orders() -> Iterator[dict[str, Any]]:
        for i in range(rows):
            k = i % len(pool)
            if found[k]:
                written.delivered_to_norway += 1
                written.total_of_these += pool[k]["total"]
            yield {**raw[k], "order_id": first_id + i, "placed_at": EPOCH_MICROS + (first_id + i) * 31_000_000}

    with path.open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(SCHEMA), orders(), codec=codec)
    return written


def write_files(directory: Path, rows: int) -> list[Written]:
    """Write `rows` orders, one file per codec. Several files are written at the same time."""
    first_id, jobs = 0, []
    for number, (codec, share) in enumerate(SHARES.items()):
        count = rows - first_id if number == len(SHARES) - 1 else rows * share // 100
        jobs.append((directory / f"orders-{number}-{codec}.avro", codec, first_id, count))
        first_id += count
    # Other processes write, so the peak memory of this process is that of the reader alone.
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return [future.result() for future in [pool.submit(write_file, *job) for job in jobs]]
