"""Reads one file in one way. memory.py starts it in a new process and watches its memory.

Prints a line of JSON with the memory of the interpreter after the import of Polars. Then waits for a line of input,
reads the file, and prints a second line.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from resident import peak_kib, reset_peak, resident_kib


def _stream(path: str, options: dict[str, Any], sleep_seconds: float) -> int:
    """Read batch by batch; drop each batch before the next one."""
    jetliner = importlib.import_module("jetliner")
    rows = 0
    with jetliner.AvroReader(path, **options) as reader:
        for batch in reader:
            rows += batch.height
            del batch
            time.sleep(sleep_seconds)
    return rows


def _sink_parquet(module: str, path: str, options: dict[str, Any], target: str) -> int:
    importlib.import_module(module).scan_avro(path, **options).sink_parquet(target)
    return int(importlib.import_module("polars").scan_parquet(target).select(_length()).collect().item())


def _sink_avro(path: str, options: dict[str, Any], target: str) -> int:
    jetliner = importlib.import_module("jetliner")
    jetliner.sink_avro(jetliner.scan_avro(path, **options), target)
    return int(jetliner.count_rows(target))


def _sink_batches(path: str, options: dict[str, Any]) -> int:
    heights: list[int] = []
    scan = importlib.import_module("jetliner").scan_avro(path, **options)
    scan.sink_batches(lambda batch: heights.append(batch.height))
    return sum(heights)


def _length() -> Any:
    return importlib.import_module("polars").len()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    ways = ("stream", "sink-parquet", "sink-avro", "sink-batches", "polars-avro-sink-parquet", "polars")
    parser.add_argument("how", choices=ways)
    parser.add_argument("path")
    parser.add_argument("--options", type=json.loads, default={})
    parser.add_argument("--sleep-seconds", type=float, default=0.0)
    parser.add_argument("--target", type=Path)
    arguments = parser.parse_args()
    path, options = arguments.path, arguments.options

    polars = importlib.import_module("polars")
    reset_peak()
    base = {"base_kib": resident_kib()}
    print(json.dumps(base), flush=True)
    sys.stdin.readline()

    started = time.perf_counter()
    if arguments.how == "stream":
        rows = _stream(path, options, arguments.sleep_seconds)
    elif arguments.how == "sink-parquet":
        rows = _sink_parquet("jetliner", path, options, str(arguments.target))
    elif arguments.how == "sink-avro":
        rows = _sink_avro(path, options, str(arguments.target))
    elif arguments.how == "polars-avro-sink-parquet":
        rows = _sink_parquet("polars_avro", path, options, str(arguments.target))
    elif arguments.how == "sink-batches":
        rows = _sink_batches(path, options)
    else:
        rows = polars.read_avro(path).height
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_kib": peak_kib()}))


if __name__ == "__main__":
    main()
