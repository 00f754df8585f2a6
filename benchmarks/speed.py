"""The speed of all readers, side by side.

Every read runs in a new process. The readers take turns, and every second round goes in reverse order, so a noisy
machine disturbs all of them alike.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cases import Case
from environments import build_program, environment_python
from files import benchmark_file, warm
from readers import FLOORS, Reader

HERE = Path(__file__).parent
KIB_PER_MB = 1e6 / 1024

Result = dict[str, Any]


def command(reader: Reader, program: Path, case: Case, path: Path, touch_bytes: int) -> list[str]:
    """Return the command line of one read."""
    touch = ["--touch-bytes", str(touch_bytes)]
    if reader.name in FLOORS:
        threads = [] if reader.n_threads is None else ["--threads", str(reader.n_threads)]
        files = sorted(path.glob("*.avro")) if path.is_dir() else [path]
        return [str(program), *threads, *touch, *map(str, files)]
    words = [str(program), str(HERE / "worker.py"), reader.worker, str(path), *touch]
    if case.columns is not None:
        words += ["--columns", case.columns]
    if reader.n_threads is not None:
        words += ["--n-threads", str(reader.n_threads)]
    return words


def measure(words: list[str], n_threads: int | None) -> Result:
    """Run one read in a new process; return its output or its error."""
    environment = dict(os.environ)
    if n_threads is not None:
        environment["POLARS_MAX_THREADS"] = str(n_threads)
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return {"error": lines[-1] if lines else f"exit status {done.returncode}"}
    result: Result = json.loads(done.stdout)
    return result


def summary(runs: list[Result]) -> Result:
    """Median and minimum of the rounds. Memory is the peak above the interpreter with imports, in 10^6 bytes."""
    failed = [run["error"] for run in runs if "error" in run]
    if failed:
        return {"error": failed[0]}
    seconds = [run["seconds"] for run in runs]
    return {
        "median_seconds": statistics.median(seconds),
        "min_seconds": min(seconds),
        "cpu_seconds": statistics.median(run["cpu_seconds"] for run in runs),
        "peak_mb": statistics.median(run["peak_kib"] - run["base_kib"] for run in runs) / KIB_PER_MB,
        "rows": runs[0]["rows"],
        "runs": [round(run, 6) for run in seconds],
    }


def measure_case(
    case: Case, path: Path, readers: Sequence[Reader], programs: dict[str, Path], rounds: int, n_threads: int | None
) -> dict[str, Result]:
    """Run all rounds of one case; return a summary of each reader. The floor runs only if all columns are read."""
    warm(path)
    readers = [reader for reader in readers if case.columns is None or reader.name not in FLOORS]
    runs: dict[str, list[Result]] = {reader.name: [] for reader in readers}
    most_kib = 0  # peak of all reads so far
    for turn in range(rounds):
        for reader in readers if turn % 2 == 0 else reversed(readers):
            done = runs[reader.name]
            if len(done) == reader.most_rounds or (done and "error" in done[0]):
                continue
            words = command(reader, programs[reader.name], case, path, most_kib * 1024)
            done.append(measure(words, n_threads))
            most_kib = max(most_kib, done[-1].get("peak_kib", 0))
    return {name: summary(done) for name, done in runs.items()}


def run_speed(
    cases: Sequence[Case],
    readers: Sequence[Reader],
    *,
    directory: Path,
    rows: int,
    rounds: int,
    n_threads: int | None,
    show: Callable[[str, dict[str, Result]], None] = lambda _name, _results: None,
) -> dict[str, dict[str, Result]]:
    """Measure the cases; call `show` after each."""
    programs = {
        reader.name: build_program("jetliner_floor")
        if reader.name in FLOORS
        else environment_python(reader.packages, directory)
        for reader in readers
    }
    results = {}
    for case in cases:
        path = benchmark_file(case.file, directory / "data", rows * case.times)
        results[case.name] = measure_case(case, path, readers, programs, rounds, n_threads)
        show(case.name, results[case.name])
    return results
