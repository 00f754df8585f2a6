"""The cost of small reads, early ends and interruptions. Each measurement has its own process."""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases import MANY, SMALL
from files import benchmark_file, warm

WORKER = Path(__file__).parent / "latency_worker.py"

Result = dict[str, Any]


@dataclass(frozen=True)
class Measurement:
    """A measurement, its limit, and the number of its rounds."""

    what: str
    name: str
    rounds: int
    limit: float | None
    at_most: bool = True
    unit: str = "x"


MEASUREMENTS = (
    Measurement("small-read", "1000 rows: read_avro over polars.read_avro", 500, 1.0),
    Measurement("small-scan", "1000 rows: scan_avro().collect() over an IO source that yields a frame", 500, 1.5),
    Measurement("many-read", "500 files by a pattern: read_avro over a loop of polars.read_avro", 15, 1.0),
    Measurement("many-scan", "500 files by a pattern: scan_avro().collect() over the same loop", 15, 1.0),
    Measurement("head", "wide file: head(10) over reading it", 9, 0.05),
    Measurement("head-of-large-batches", "wide file: head(10) with batch_size=1_000_000 over reading it", 9, 0.05),
    Measurement(
        "counting-thread", "speed of a counting thread beside a reader, over its speed alone", 7, 0.8, at_most=False
    ),
    Measurement("stop-after-break", "break until threads and files are gone", 21, 250, unit=" ms"),
)
INTERRUPTED = ("read_avro", "read_avro 1 thread", "scan_avro", "AvroReader")
INTERRUPT_ROUNDS = 7
INTERRUPT_LIMIT_SECONDS = 1.0


def _failure(done: subprocess.CompletedProcess[str]) -> Result:
    lines = done.stderr.strip().splitlines()
    return {"error": lines[-1] if lines else f"exit status {done.returncode}"}


def _details(result: Result) -> str:
    if "ours_seconds" in result:
        return f"{result['ours_seconds'] * 1e3:.3f} ms / {result['other_seconds'] * 1e3:.3f} ms"
    if "alone_per_second" in result:
        return f"{result['beside_per_second'] / 1e6:.1f} M/s / {result['alone_per_second'] / 1e6:.1f} M/s"
    return f"at most {result['worst_ms']:.1f} ms"


def measure(measurement: Measurement, files: Sequence[str], rounds: int, worker: Path = WORKER) -> Result:
    words = [sys.executable, str(worker), measurement.what, "--rounds", str(rounds), *files]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    result: Result = {"name": measurement.name, "rounds": rounds}
    result |= json.loads(done.stdout) if done.returncode == 0 else _failure(done)
    if "error" in result:
        return result
    limits = {"limit": measurement.limit, "at_most": measurement.at_most, "unit": measurement.unit}
    return result | limits | {"details": _details(result)}


def measure_interrupt(how: str, files: Sequence[str], rounds: int) -> Result:
    """Measure the time from SIGINT to the end of a read. Both processes use the clock of the system.

    A read ends with KeyboardInterrupt. If the signal comes while code of Polars runs, Polars may raise a panic instead.
    """
    result: Result = {"name": f"from SIGINT to the end of a read, {how}", "rounds": rounds}
    times: list[float] = []
    endings: Counter[str] = Counter()
    # If a shell ignores SIGINT, its children inherit that. So the handler is set here, in the parent. If the child set
    # it after the import of Polars, it would replace the handler of Polars, which could then not end a query early.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for turn in range(rounds):
        words = [sys.executable, str(WORKER), "interrupted", "--how", how, *files]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.05 + 0.037 * turn)  # at a different point of the read in each round
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            line = process.stdout.readline()
        if not line:
            return result | {"error": "the process ended without an exception"}
        ended = json.loads(line)
        times.append(ended["at"] - sent)
        endings[ended["error"]] += 1
    by = ", ".join(f"{count} of {rounds} by {name}" for name, count in endings.items())
    details = f"maximum; median {statistics.median(times) * 1e3:.1f} ms; {by}"
    return result | {
        "value": max(times),
        "limit": INTERRUPT_LIMIT_SECONDS,
        "at_most": True,
        "unit": " s",
        "details": details,
    }


def run_latency(directory: Path, rows: int, *, quick: bool) -> list[Result]:
    """Measure everything; `quick` runs a fifth of the rounds."""
    paths = {
        "--small": benchmark_file(SMALL, directory / "data"),
        "--many": benchmark_file(MANY, directory / "data"),
        "--wide": benchmark_file("wide-snappy", directory / "data", rows),
    }
    for path in paths.values():
        warm(path)
    files = [word for name, path in paths.items() for word in (name, str(path))]
    share = 5 if quick else 1
    results = [measure(m, files, max(m.rounds // share, 1)) for m in MEASUREMENTS]
    results += [measure_interrupt(how, files, max(INTERRUPT_ROUNDS // share, 1)) for how in INTERRUPTED]
    return results
