"""Reads one file once with one reader and prints a line of JSON; ``run.py`` starts it in a fresh process each time.

The time is that of the reading alone, without the start of the interpreter and the imports.
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


def _paths(path: Path) -> Any:
    return [str(p) for p in sorted(path.glob("*.avro"))] if path.is_dir() else str(path)


def _jetliner(path: Path, columns: list[str] | None, how: str, options: dict[str, Any]) -> Callable[[], int]:
    jetliner = importlib.import_module("jetliner")
    source = _paths(path)
    if how == "scan":

        def scan() -> int:
            frame = jetliner.scan_avro(source, **options)
            return (frame.select(columns) if columns else frame).collect().height

        return scan
    return lambda: jetliner.read_avro(source, columns=columns, **options).height


def _polars(path: Path, columns: list[str] | None) -> Callable[[], int]:
    polars = importlib.import_module("polars")
    source = _paths(path)
    if isinstance(source, list):
        return lambda: polars.concat([polars.read_avro(part, columns=columns) for part in source]).height
    return lambda: polars.read_avro(source, columns=columns).height


def _polars_avro(path: Path, columns: list[str] | None) -> Callable[[], int]:
    polars_avro = importlib.import_module("polars_avro")
    return lambda: polars_avro.read_avro(_paths(path), columns=columns, utf8_view=True).height


def _fastavro(path: Path, columns: list[str] | None) -> Callable[[], int]:
    """Dicts one after the other, which is what fastavro is for; a frame of them would take much longer still."""
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


def peak_kib() -> int:
    """The most memory that was resident; on Linux ``ru_maxrss`` would count the process that started this one."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=("jetliner", "jetliner-scan", "polars", "polars-avro", "fastavro"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--columns", type=lambda text: text.split(","))
    parser.add_argument("--n-threads", type=int)
    arguments = parser.parse_args()
    if arguments.reader.startswith("jetliner"):
        options = {} if arguments.n_threads is None else {"n_threads": arguments.n_threads}
        how = "scan" if arguments.reader.endswith("scan") else "read"
        read = _jetliner(arguments.path, arguments.columns, how, options)
    else:
        readers = {"polars": _polars, "polars-avro": _polars_avro, "fastavro": _fastavro}
        read = readers[arguments.reader](arguments.path, arguments.columns)
    importlib.import_module("polars")
    before_kib = peak_kib()
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    rows = read()
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        json.dumps(
            {
                "seconds": seconds,
                "cpu_seconds": cpu,
                "rows": rows,
                "peak_kib": peak_kib(),
                "before_kib": before_kib,
            }
        )
    )


if __name__ == "__main__":
    main()
