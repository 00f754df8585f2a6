"""One measurement of latency.py, in a new process; prints a line of JSON.

Two things that are compared take turns in this process. The result compares their medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
from polars.io.plugins import register_io_source
from turns import Result, compare

import jetliner


def small_read(paths: dict[str, Path], rounds: int) -> Result:
    path = str(paths["small"])
    return compare(lambda: jetliner.read_avro(path), lambda: pl.read_avro(path), rounds)


def small_scan(paths: dict[str, Path], rounds: int) -> Result:
    """Compare with the cheapest Polars source written in Python: it yields a frame that is ready."""
    path = str(paths["small"])
    frame = jetliner.read_avro(path)

    def ready(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        del with_columns, predicate, n_rows, batch_size
        yield frame

    return compare(
        lambda: jetliner.scan_avro(path).collect(),
        lambda: register_io_source(ready, schema=frame.schema).collect(),
        rounds,
    )


def _loop(paths: list[Path]) -> pl.DataFrame:
    return pl.concat([pl.read_avro(path) for path in paths])


def many_read(paths: dict[str, Path], rounds: int) -> Result:
    pattern = str(paths["many"] / "*.avro")
    parts = sorted(paths["many"].glob("*.avro"))
    return compare(lambda: jetliner.read_avro(pattern), lambda: _loop(parts), rounds)


def many_scan(paths: dict[str, Path], rounds: int) -> Result:
    pattern = str(paths["many"] / "*.avro")
    parts = sorted(paths["many"].glob("*.avro"))
    return compare(lambda: jetliner.scan_avro(pattern).collect(), lambda: _loop(parts), rounds)


def head(paths: dict[str, Path], rounds: int) -> Result:
    path = str(paths["wide"])
    return compare(
        lambda: jetliner.scan_avro(path).head(10).collect(), lambda: jetliner.scan_avro(path).collect(), rounds
    )


def head_of_large_batches(paths: dict[str, Path], rounds: int) -> Result:
    path = str(paths["wide"])
    return compare(
        lambda: jetliner.scan_avro(path, batch_size=1_000_000).head(10).collect(),
        lambda: jetliner.scan_avro(path).collect(),
        rounds,
    )


class Counter(threading.Thread):
    """Counts in pure Python for a fixed time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self.per_second = 0.0

    def run(self) -> None:
        """Count until the time is up."""
        count = 0
        started = time.perf_counter()
        while (passed := time.perf_counter() - started) < self._seconds:
            for _ in range(1000):
                count += 1
        self.per_second = count / passed


def _count(seconds: float, meanwhile: Callable[[], object] | None = None) -> float:
    counter = Counter(seconds)
    counter.start()
    while meanwhile is not None and counter.is_alive():
        meanwhile()
    counter.join()
    return counter.per_second


def counting_thread(paths: dict[str, Path], rounds: int) -> Result:
    """Measure a counting thread alone and beside a reader, in turn; return the share of speed that it keeps."""
    path = str(paths["wide"])

    def read() -> None:
        with jetliner.AvroReader(path, n_threads=1) as reader:
            for batch in reader:
                del batch

    seconds = 0.3
    alone, beside = [], []
    for _ in range(rounds):
        alone.append(_count(seconds))
        beside.append(_count(seconds, read))
    a, b = statistics.median(alone), statistics.median(beside)
    return {"value": b / a, "alone_per_second": a, "beside_per_second": b}


def _threads_and_files() -> tuple[int, int]:
    threads, files = (sum(1 for _ in Path(f"/proc/self/{what}").iterdir()) for what in ("task", "fd"))
    return threads, files


def stop_after_break(paths: dict[str, Path], rounds: int) -> Result:
    """Measure the time from `break` until the threads and file descriptors of the iteration are gone."""
    path = str(paths["wide"])
    seconds_to_wait = 10.0
    times: list[float] = []
    for _ in range(rounds + 1):  # the first round also starts threads of Polars, which stay
        before = _threads_and_files()
        for _batch in jetliner.AvroReader(path, batch_size=1000):
            started = time.perf_counter()
            break
        while True:
            now = _threads_and_files()
            passed = time.perf_counter() - started
            if all(a <= b for a, b in zip(now, before, strict=True)):
                break
            if passed > seconds_to_wait:
                if times:
                    return {"error": f"threads and files were {before} before and are {now} after {passed:.0f} s"}
                break
            time.sleep(0.0005)
        times.append(passed)
    return {"value": statistics.median(times[1:]) * 1e3, "worst_ms": max(times[1:]) * 1e3}


def interrupted(how: str, path: str) -> None:
    """Read until a signal ends the read; print the time. The parent knows when it sent the signal."""

    def stream() -> None:
        for batch in jetliner.AvroReader(path):
            del batch

    reads: dict[str, Callable[[], object]] = {
        "read_avro": lambda: jetliner.read_avro(path),
        "read_avro 1 thread": lambda: jetliner.read_avro(path, n_threads=1),
        "scan_avro": lambda: jetliner.scan_avro(path).collect(),
        "AvroReader": stream,
    }
    read = reads[how]
    name = KeyboardInterrupt.__name__
    try:
        try:
            print("reading", flush=True)
            while True:
                read()
        except BaseException as error:
            name = type(error).__name__
            time.sleep(0.01)
    except KeyboardInterrupt:
        pass  # Polars has raised one for this signal; Python raises a second one
    print(json.dumps({"at": time.monotonic(), "error": name}), flush=True)


MEASUREMENTS: dict[str, Callable[[dict[str, Path], int], Result]] = {
    "small-read": small_read,
    "small-scan": small_scan,
    "many-read": many_read,
    "many-scan": many_scan,
    "head": head,
    "head-of-large-batches": head_of_large_batches,
    "counting-thread": counting_thread,
    "stop-after-break": stop_after_break,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=(*MEASUREMENTS, "interrupted"))
    parser.add_argument("--small", type=Path)
    parser.add_argument("--many", type=Path)
    parser.add_argument("--wide", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--how", help="what is interrupted")
    arguments = parser.parse_args()
    if arguments.what == "interrupted":
        interrupted(arguments.how, str(arguments.wide))
        return
    paths = {"small": arguments.small, "many": arguments.many, "wide": arguments.wide}
    print(json.dumps(MEASUREMENTS[arguments.what](paths, arguments.rounds)))


if __name__ == "__main__":
    main()
