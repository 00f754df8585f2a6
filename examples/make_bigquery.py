"""Write files as `EXPORT DATA` of BigQuery does: `trips-000000000000.avro`, and so on."""

from __future__ import annotations

import argparse
import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro


def nullable(avro: Any) -> list[Any]:
    return ["null", avro]


# NULLABLE columns are unions, REPEATED ones arrays. What Avro has no type for is text with `sqlType`.
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Root",
    "fields": [
        {"name": "trip_id", "type": "long"},
        {"name": "started_at", "type": nullable({"type": "long", "logicalType": "timestamp-micros"})},
        {"name": "booked_local", "type": nullable({"type": "string", "sqlType": "DATETIME"})},
        {"name": "day", "type": nullable({"type": "int", "logicalType": "date"})},
        {"name": "opens_at", "type": nullable({"type": "long", "logicalType": "time-micros"})},
        {
            "name": "fare",
            "type": nullable({"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 9}),
        },
        {
            "name": "exact_meters",
            "type": nullable({"type": "bytes", "logicalType": "decimal", "precision": 77, "scale": 38}),
        },
        {
            "name": "stops",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "namespace": "root",
                    "name": "Stops",
                    "fields": [
                        {"name": "station", "type": nullable("string")},
                        {"name": "location", "type": nullable({"type": "string", "sqlType": "GEOGRAPHY"})},
                    ],
                },
            },
        },
        {"name": "attributes", "type": nullable({"type": "string", "sqlType": "JSON"})},
    ],
}
STATIONS = [("Mitte", "POINT(13.38 52.53)"), ("Prater", "POINT(16.40 48.22)"), ("Grunerløkka", "POINT(10.76 59.92)")]


def make_trips(rng: random.Random, first: int, count: int) -> Iterator[dict[str, Any]]:
    """Make trips of rented bicycles."""
    for trip_id in range(first, first + count):
        start = dt.datetime(2026, 4, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=7 * trip_id)
        stops = rng.sample(STATIONS, rng.randrange(1, 3))
        yield {
            "trip_id": trip_id,
            "started_at": start,
            "booked_local": f"{start + dt.timedelta(hours=2):%Y-%m-%dT%H:%M:%S}",
            "day": start.date(),
            "opens_at": dt.time(6, 30),
            "fare": Decimal(rng.randrange(100, 2_500)).scaleb(-2) if rng.random() < 0.95 else None,
            "exact_meters": Decimal(rng.randrange(10**12)).scaleb(-9),
            "stops": [{"station": station, "location": place} for station, place in stops],
            "attributes": '{"helmet": true}' if rng.random() < 0.3 else None,
        }


def write(directory: Path, rows: int = 1_000) -> None:
    """Write `rows` trips into two files."""
    rng = random.Random(5)
    directory.mkdir(parents=True, exist_ok=True)
    for number in range(2):
        trips = make_trips(rng, number * (rows // 2), rows // 2)
        with (directory / f"trips-{number:012d}.avro").open("wb") as file:
            fastavro.writer(file, fastavro.parse_schema(SCHEMA), trips, codec="snappy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=1_000, help="trips to write (default: %(default)s)")
    args = parser.parse_args()
    write(args.directory, args.rows)


if __name__ == "__main__":
    main()
