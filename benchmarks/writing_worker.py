"""Writes one frame once with one writer and prints a line of JSON. writing_speed.py starts a process for each write.

The frame comes from an IPC file and is in memory before the clock starts.
"""

from __future__ import annotations

import argparse
import importlib
import io
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from resident import peak_kib, reset_peak, resident_kib

#: Rows that fastavro writes. It takes minutes for more; its time is extrapolated.
FASTAVRO_ROWS = 50_000

#: All is imported. Gives the seconds of writing. None: the caller's clock counts.
Write = Callable[[], float | None]


def _jetliner(frame: Any, target: Path, codec: str, options: dict[str, Any]) -> Write:
    write = importlib.import_module("jetliner").write_avro
    return lambda: write(frame, target, compression=codec, **options)


def _jetliner_sink(frame: Any, target: Path, codec: str, options: dict[str, Any]) -> Write:
    sink = importlib.import_module("jetliner").sink_avro
    return lambda: sink(frame.lazy(), target, compression=codec, **options)


def _polars(frame: Any, target: Path, codec: str, _: dict[str, Any]) -> Write:
    return lambda: frame.write_avro(target, compression="uncompressed" if codec == "null" else codec)


def _polars_avro(frame: Any, target: Path, codec: str, _: dict[str, Any]) -> Write:
    polars_avro = importlib.import_module("polars_avro")
    chosen = None if codec == "null" else getattr(polars_avro.Codec, codec.capitalize())
    return lambda: polars_avro.write_avro(frame, str(target), codec=chosen)


def _fastavro(frame: Any, target: Path, codec: str, _: dict[str, Any]) -> Write:
    """Write dicts that are in memory. To make them of a frame would take much longer."""
    fastavro = importlib.import_module("fastavro")
    plain = io.BytesIO()
    importlib.import_module("jetliner").write_avro(frame.head(1), plain)
    plain.seek(0)
    schema = fastavro.parse_schema(fastavro.reader(plain).writer_schema)
    rows = frame.head(FASTAVRO_ROWS).to_dicts()

    def write() -> float:
        started = time.perf_counter()
        with target.open("wb") as file:
            fastavro.writer(file, schema, rows, codec=codec, sync_interval=64_000)
        seconds = time.perf_counter() - started
        return float(seconds * frame.height / len(rows))

    return write


WRITES: dict[str, Callable[[Any, Path, str, dict[str, Any]], Write]] = {
    "jetliner": _jetliner,
    "jetliner-sink": _jetliner_sink,
    "polars": _polars,
    "polars-avro": _polars_avro,
    "fastavro": _fastavro,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("writer", choices=WRITES)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--codec", required=True)
    parser.add_argument("--n-threads", type=int)
    arguments = parser.parse_args()
    polars = importlib.import_module("polars")
    frame = polars.read_ipc(arguments.source).rechunk()
    options = {} if arguments.n_threads is None else {"n_threads": arguments.n_threads}
    write = WRITES[arguments.writer](frame, arguments.target, arguments.codec, options)
    reset_peak()
    base_kib = resident_kib()
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    own_seconds = write()
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    result = {
        "seconds": seconds if own_seconds is None else own_seconds,
        "cpu_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "rows": frame.height,
        "peak_kib": peak_kib(),
        "base_kib": base_kib,
        "file_mb": arguments.target.stat().st_size / 1e6,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
