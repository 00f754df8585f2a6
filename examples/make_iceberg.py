"""Write the manifest list and the manifests of a snapshot of an Iceberg table (version 2 of the format)."""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastavro


def field(name: str, field_id: int, avro: Any, *, optional: bool = False) -> dict[str, Any]:
    """Make a field with its `field-id`, by which Iceberg finds it."""
    if optional:
        return {"name": name, "type": ["null", avro], "default": None, "field-id": field_id}
    return {"name": name, "type": avro, "field-id": field_id}


def int_map(name: str, field_id: int, key_id: int, value: str) -> dict[str, Any]:
    """Make a map from column ids. Avro's maps have text as keys, so it is an array with the logical type `map`."""
    pair = {
        "type": "record",
        "name": f"k{key_id}_v{key_id + 1}",
        "fields": [field("key", key_id, "int"), field("value", key_id + 1, value)],
    }
    return field(name, field_id, {"type": "array", "items": pair, "logicalType": "map"}, optional=True)


PARTITION = {"type": "record", "name": "r102", "fields": [field("country", 1000, "string", optional=True)]}
DATA_FILE = {
    "type": "record",
    "name": "r2",
    "fields": [
        field("content", 134, "int"),
        field("file_path", 100, "string"),
        field("file_format", 101, "string"),
        field("partition", 102, PARTITION),
        field("record_count", 103, "long"),
        field("file_size_in_bytes", 104, "long"),
        int_map("column_sizes", 108, 117, "long"),
        int_map("value_counts", 109, 119, "long"),
        int_map("null_value_counts", 110, 121, "long"),
        int_map("nan_value_counts", 137, 138, "long"),
        int_map("lower_bounds", 125, 126, "bytes"),
        int_map("upper_bounds", 128, 129, "bytes"),
        field("key_metadata", 131, "bytes", optional=True),
        field("split_offsets", 132, {"type": "array", "items": "long", "element-id": 133}, optional=True),
        field("equality_ids", 135, {"type": "array", "items": "int", "element-id": 136}, optional=True),
        field("sort_order_id", 140, "int", optional=True),
    ],
}
MANIFEST: dict[str, Any] = {
    "type": "record",
    "name": "manifest_entry",
    "fields": [
        field("status", 0, "int"),
        field("snapshot_id", 1, "long", optional=True),
        field("sequence_number", 3, "long", optional=True),
        field("file_sequence_number", 4, "long", optional=True),
        field("data_file", 2, DATA_FILE),
    ],
}
SUMMARY = {
    "type": "record",
    "name": "r508",
    "fields": [
        field("contains_null", 509, "boolean"),
        field("contains_nan", 518, "boolean", optional=True),
        field("lower_bound", 510, "bytes", optional=True),
        field("upper_bound", 511, "bytes", optional=True),
    ],
}
MANIFEST_LIST: dict[str, Any] = {
    "type": "record",
    "name": "manifest_file",
    "fields": [
        field("manifest_path", 500, "string"),
        field("manifest_length", 501, "long"),
        field("partition_spec_id", 502, "int"),
        field("content", 517, "int"),
        field("sequence_number", 515, "long"),
        field("min_sequence_number", 516, "long"),
        field("added_snapshot_id", 503, "long"),
        field("added_files_count", 504, "int"),
        field("existing_files_count", 505, "int"),
        field("deleted_files_count", 506, "int"),
        field("added_rows_count", 512, "long"),
        field("existing_rows_count", 513, "long"),
        field("deleted_rows_count", 514, "long"),
        field("partitions", 507, {"type": "array", "items": SUMMARY, "element-id": 508}, optional=True),
    ],
}
# The table: 1 is order_id (long), 2 is country (string), 3 is amount (double).
TABLE = {
    "type": "struct",
    "schema-id": 0,
    "fields": [
        {"id": 1, "name": "order_id", "required": True, "type": "long"},
        {"id": 2, "name": "country", "required": False, "type": "string"},
        {"id": 3, "name": "amount", "required": False, "type": "double"},
    ],
}
METADATA = {
    "schema": json.dumps(TABLE),
    "schema-id": "0",
    "partition-spec": '[{"name":"country","transform":"identity","source-id":2,"field-id":1000}]',
    "partition-spec-id": "0",
    "format-version": "2",
    "content": "data",
}
SNAPSHOT = 4_358_109_269_898_233_415
COUNTRIES = ["DE", "FR", "NO"]


def pairs(values: dict[int, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def make_entries(manifest: int, files: int) -> Iterator[dict[str, Any]]:
    """Make the entries of a manifest, one for each data file."""
    rng = random.Random(manifest)
    for number in range(files):
        country = COUNTRIES[number % len(COUNTRIES)]
        rows = rng.randrange(50_000, 200_000)
        size = rows * 21
        first = (manifest * files + number) * 1_000_000
        low, high = first.to_bytes(8, "little"), (first + rows - 1).to_bytes(8, "little")
        yield {
            "status": 2 if number == 0 and manifest else 1,
            "snapshot_id": SNAPSHOT,
            "sequence_number": None,
            "file_sequence_number": None,
            "data_file": {
                "content": 0,
                "file_path": f"s3://lake/orders/data/country={country}/{manifest:05d}-{number}.parquet",
                "file_format": "PARQUET",
                "partition": {"country": country},
                "record_count": rows,
                "file_size_in_bytes": size,
                "column_sizes": pairs({1: size // 3, 2: 120, 3: size // 2}),
                "value_counts": pairs({1: rows, 2: rows, 3: rows}),
                "null_value_counts": pairs({1: 0, 2: 0, 3: rng.randrange(100)}),
                "nan_value_counts": pairs({3: 0}),
                "lower_bounds": pairs({1: low, 2: country.encode()}),
                "upper_bounds": pairs({1: high, 2: country.encode()}),
                "key_metadata": None,
                "split_offsets": [4],
                "equality_ids": None,
                "sort_order_id": 0,
            },
        }


def write(directory: Path, rows: int = 60) -> None:
    """Write a manifest list and three manifests, with `rows` entries in all."""
    target = directory / "orders" / "metadata"
    target.mkdir(parents=True, exist_ok=True)
    manifests = []
    for number in range(3):
        path = target / f"8a1c-m{number}.avro"
        with path.open("wb") as file:
            entries = list(make_entries(number, rows // 3))
            fastavro.writer(file, fastavro.parse_schema(MANIFEST), entries, codec="deflate", metadata=METADATA)
        added = [entry["data_file"]["record_count"] for entry in entries if entry["status"] == 1]
        deleted = [entry["data_file"]["record_count"] for entry in entries if entry["status"] == 2]
        summary = {"contains_null": False, "contains_nan": False, "lower_bound": b"DE", "upper_bound": b"NO"}
        manifests.append(
            {
                "manifest_path": f"s3://lake/orders/metadata/{path.name}",
                "manifest_length": path.stat().st_size,
                "partition_spec_id": 0,
                "content": 0,
                "sequence_number": number + 1,
                "min_sequence_number": number + 1,
                "added_snapshot_id": SNAPSHOT,
                "added_files_count": len(added),
                "existing_files_count": 0,
                "deleted_files_count": len(deleted),
                "added_rows_count": sum(added),
                "existing_rows_count": 0,
                "deleted_rows_count": sum(deleted),
                "partitions": [summary],
            }
        )
    about = {"snapshot-id": str(SNAPSHOT), "sequence-number": "3", "format-version": "2"}
    with (target / f"snap-{SNAPSHOT}-1-8a1c.avro").open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(MANIFEST_LIST), manifests, codec="deflate", metadata=about)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=60, help="data files in the table (default: %(default)s)")
    args = parser.parse_args()
    write(args.directory, args.rows)


if __name__ == "__main__":
    main()
