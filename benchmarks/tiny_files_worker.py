"""Reads a directory of tiny files in one way. tiny_files.py starts it in a new process.

Prints a line of JSON: the time, the number of rows, and the peak of memory over an interpreter with its imports.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
from resident import peak_kib, reset_peak, resident_kib

import jetliner

KIB_PER_MB = 1e6 / 1024


def _fastavro(paths: list[str]) -> list[Any]:
    rows: list[Any] = []
    for path in paths:
        with open(path, "rb") as file:  # noqa: PTH123 (the quickest way)
            rows += fastavro.reader(file)
    return rows


def _one_by_one(paths: list[str]) -> range:
    """Read each file by a reader of its own, and drop its rows."""
    rows = 0
    for path in paths:
        with jetliner.AvroReader(path) as reader:
            rows += sum(batch.height for batch in reader)
    return range(rows)


def _all(paths: list[str]) -> pl.DataFrame:
    with jetliner.MultiAvroReader(paths) as reader:
        return pl.concat(list(reader))


def _by_reader_schema(paths: list[str]) -> pl.DataFrame:
    schema = jetliner.read_avro_metadata(paths[0], blocks=False).schema_json
    return jetliner.read_avro(paths, reader_schema=schema)


def _scan(paths: list[str]) -> pl.LazyFrame:
    return jetliner.scan_avro(paths)


WAYS: dict[str, Callable[[list[str]], Any]] = {
    "fastavro": _fastavro,
    "read_avro": jetliner.read_avro,
    "scan": lambda paths: _scan(paths).collect(),
    "scan-filter": lambda paths: _scan(paths).filter(pl.col("f000") >= 0).collect(),
    "scan-columns": lambda paths: _scan(paths).select("f000", "f003").collect(),
    "AvroReader": _one_by_one,
    "MultiAvroReader": _all,
    "reader-schema": _by_reader_schema,
    "missing-columns": lambda paths: jetliner.read_avro(paths, missing_columns="insert"),
    "count_rows": lambda paths: range(jetliner.count_rows(paths)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("directory", type=Path)
    arguments = parser.parse_args()
    paths = sorted(str(path) for path in arguments.directory.iterdir())
    read = WAYS[arguments.way]
    read(paths[:1])  # what happens once in a process does not count
    reset_peak()
    base_kib = resident_kib()
    started, cpu_started = time.perf_counter(), time.process_time()
    result = read(paths)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    memory_mb = (peak_kib() - base_kib) / KIB_PER_MB
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "rows": len(result), "peak_mb": memory_mb}))


if __name__ == "__main__":
    main()
