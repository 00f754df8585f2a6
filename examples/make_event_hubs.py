"""Write files as Event Hubs Capture does: `NAMESPACE/HUB/PARTITION/YEAR/MONTH/DAY/HOUR/MINUTE/SECOND.avro`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro

# Every capture has this schema. `Body` holds the event, as bytes in the format of the sender.
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "EventData",
    "namespace": "Microsoft.ServiceBus.Messaging",
    "fields": [
        {"name": "SequenceNumber", "type": "long"},
        {"name": "Offset", "type": "string"},
        {"name": "EnqueuedTimeUtc", "type": "string"},
        {"name": "SystemProperties", "type": {"type": "map", "values": ["long", "double", "string", "bytes"]}},
        {"name": "Properties", "type": {"type": "map", "values": ["long", "double", "string", "bytes", "null"]}},
        {"name": "Body", "type": ["null", "bytes"]},
    ],
}
START = dt.datetime(2026, 3, 1, 9, 55, tzinfo=dt.UTC)


def american(time: dt.datetime) -> str:
    """Write a time as the service does: `3/1/2026 9:55:07 AM`."""
    hour = time.hour % 12 or 12
    half = "AM" if time.hour < 12 else "PM"
    return f"{time.month}/{time.day}/{time.year} {hour}:{time.minute:02d}:{time.second:02d} {half}"


def make_events(rng: random.Random, start: dt.datetime, first: int, count: int) -> Iterator[dict[str, Any]]:
    """Make the events of one file: readings of sensors, as JSON."""
    for number in range(first, first + count):
        time = start + dt.timedelta(seconds=300 * (number - first) / count)
        device = f"sensor-{rng.randrange(20):02d}"
        reading = {"device": device, "celsius": round(rng.gauss(21, 2), 2), "battery": rng.randrange(100)}
        yield {
            "SequenceNumber": number,
            "Offset": str(number * 184),
            "EnqueuedTimeUtc": american(time),
            "SystemProperties": {
                "x-opt-enqueued-time": int(time.timestamp() * 1000),
                "x-opt-partition-key": device,
            },
            "Properties": {"firmware": rng.choice(["1.4", "1.5"]), "retries": rng.randrange(3)},
            "Body": json.dumps(reading).encode(),
        }


def write(directory: Path, rows: int = 2_000) -> None:
    """Write `rows` events: two partitions, three files each. A partition without events has files without rows."""
    rng = random.Random(2)
    schema = fastavro.parse_schema(SCHEMA)
    for partition in range(3):
        per_file = 0 if partition == 2 else rows // 6
        for window in range(3):
            start = START + dt.timedelta(minutes=5 * window)
            target = directory / "shop" / "telemetry" / str(partition) / f"{start:%Y/%m/%d/%H/%M}"
            target.mkdir(parents=True, exist_ok=True)
            with (target / f"{start:%S}.avro").open("wb") as file:
                events = make_events(rng, start, window * per_file, per_file)
                fastavro.writer(file, schema, events, codec="deflate")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=2_000, help="events to write (default: %(default)s)")
    args = parser.parse_args()
    write(args.directory, args.rows)


if __name__ == "__main__":
    main()
