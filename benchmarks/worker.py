"""Reads one file once with one reader and prints a line of JSON. speed.py starts a new process for each read.

The time covers the read only, not the start of the interpreter and the imports. The memory is the peak of the read;
`base_kib` is the memory before it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resident import peak_kib, reset_peak, resident_kib, touch

Columns = list[str] | None
Read = Callable[[], int]


def _paths(path: Path) -> Any:
    return [str(p) for p in sorted(path.glob("*.avro"))] if path.is_dir() else str(path)


def _jetliner(path: Path, columns: Columns, options: dict[str, Any]) -> Read:
    jetliner = importlib.import_module("jetliner")
    source = _paths(path)
    return lambda: int(jetliner.read_avro(source, columns=columns, **options).height)


def _jetliner_scan(path: Path, columns: Columns, options: dict[str, Any]) -> Read:
    jetliner = importlib.import_module("jetliner")
    source = _paths(path)

    def scan() -> int:
        frame = jetliner.scan_avro(source, **options)
        return int((frame.select(columns) if columns else frame).collect().height)

    return scan


def _jetliner_stream(path: Path, columns: Columns, options: dict[str, Any]) -> Read:
    """Read batch by batch; drop each batch before the next one."""
    jetliner = importlib.import_module("jetliner")
    source = _paths(path)
    make = jetliner.MultiAvroReader if isinstance(source, list) else jetliner.AvroReader

    def stream() -> int:
        rows = 0
        with make(source, projected_columns=columns, **options) as reader:
            for batch in reader:
                rows += batch.height
                del batch
        return rows

    return stream


def _polars(path: Path, columns: Columns, _: dict[str, Any]) -> Read:
    polars = importlib.import_module("polars")
    source = _paths(path)
    if isinstance(source, list):
        return lambda: int(polars.concat([polars.read_avro(part, columns=columns) for part in source]).height)
    return lambda: int(polars.read_avro(source, columns=columns).height)


def _polars_avro(path: Path, columns: Columns, _: dict[str, Any]) -> Read:
    polars_avro = importlib.import_module("polars_avro")
    return lambda: int(polars_avro.read_avro(_paths(path), columns=columns, utf8_view=True).height)


def _fastavro(path: Path, columns: Columns, _: dict[str, Any]) -> Read:
    """Read dict by dict, as fastavro is used. A frame of them would take much longer."""
    fastavro = importlib.import_module("fastavro")

    def reader(file: Any) -> Any:
        if columns is None:
            return fastavro.reader(file)
        schema = fastavro.reader(file).writer_schema
        file.seek(0)
        fields = [field for field in schema["fields"] if field["name"] in columns]
        return fastavro.reader(file, {"type": "record", "name": schema["name"], "fields": fields})

    def read() -> int:
        count = 0
        source = _paths(path)
        for part in source if isinstance(source, list) else [source]:
            with Path(part).open("rb") as file:
                count += sum(1 for _ in reader(file))
        return count

    return read


READS: dict[str, Callable[[Path, Columns, dict[str, Any]], Read]] = {
    "jetliner": _jetliner,
    "jetliner-scan": _jetliner_scan,
    "jetliner-stream": _jetliner_stream,
    "polars": _polars,
    "polars-avro": _polars_avro,
    "fastavro": _fastavro,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=READS)
    parser.add_argument("path", type=Path)
    parser.add_argument("--columns", type=lambda text: text.split(","))
    parser.add_argument("--n-threads", type=int)
    parser.add_argument("--touch-bytes", type=int, default=0)
    arguments = parser.parse_args()
    importlib.import_module("polars")
    options = {} if arguments.n_threads is None else {"n_threads": arguments.n_threads}
    read = READS[arguments.reader](arguments.path, arguments.columns, options)
    touch(arguments.touch_bytes)
    reset_peak()
    base_kib = resident_kib()
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    rows = read()
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "seconds": seconds,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "rows": rows,
        "peak_kib": peak_kib(),
        "base_kib": base_kib,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
