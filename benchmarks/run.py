"""Measure jetliner and other readers side by side.

Every reading runs in a fresh process; the readers take turns, round after round, so that a noisy machine disturbs all
of them alike. Ratios are to jetliner: 2.5x means that the peer takes 2.5 times as long.

    python benchmarks/run.py                          all cases and peers
    python benchmarks/run.py --quick                  the most important ones, fewer rounds
    python benchmarks/run.py --n-threads 1            jetliner with one thread, against Polars with one
    python benchmarks/run.py --cases flat-snappy --peers polars
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from files import ROWS, benchmark_file

HERE = Path(__file__).parent

FIVE_COLUMNS = "c03,c20,c45,c62,c97"


@dataclass(frozen=True)
class Case:
    """A file, and the columns to read of it."""

    name: str
    file: str
    columns: str | None = None


CASES = (
    Case("flat-snappy", "flat-snappy"),
    Case("flat-null", "flat-null"),
    Case("flat-deflate", "flat-deflate"),
    Case("flat-zstandard", "flat-zstandard"),
    Case("nested", "nested-snappy"),
    Case("wide", "wide-snappy"),
    Case("wide 5 of 100", "wide-snappy", FIVE_COLUMNS),
    Case("small", "small"),
    Case("many", "many"),
)
QUICK = ("flat-snappy", "small", "many")


@dataclass(frozen=True)
class Reader:
    """A reader: what the worker calls it, and the packages of its own environment; None: the present one."""

    name: str
    worker: str
    packages: tuple[str, ...] | None = None
    slow: bool = False


READERS = (
    Reader("jetliner", "jetliner"),
    Reader("jetliner scan", "jetliner-scan"),
    Reader("polars", "polars"),
    Reader("polars-avro", "polars-avro", ("polars-avro==0.13.0",)),
    Reader("jetliner 0.2.0", "jetliner", ("jetliner==0.2.0",)),
    Reader("fastavro", "fastavro", slow=True),
)


def environment_python(reader: Reader, directory: Path) -> Path:
    """The interpreter of a reader's environment, which is made with the present Polars if it is not there yet."""
    if reader.packages is None:
        return Path(sys.executable)
    import polars

    home = directory / "environments" / f"{reader.packages[0]}-polars-{polars.__version__}"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        packages = [f"polars=={polars.__version__}", *reader.packages]
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(command, check=True)
        (home / "ready").touch()
    return python


def measure(reader: Reader, python: Path, case: Case, path: Path, n_threads: int | None) -> dict[str, Any]:
    """One reading in a process of its own: the worker's result, or what it failed with."""
    command = [str(python), str(HERE / "worker.py"), reader.worker, str(path)]
    if case.columns is not None:
        command += ["--columns", case.columns]
    environment = dict(os.environ)
    if n_threads is not None:
        environment["POLARS_MAX_THREADS"] = str(n_threads)
        if reader.worker.startswith("jetliner") and reader.packages is None:
            command += ["--n-threads", str(n_threads)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        return {"error": lines[-1] if lines else f"exit status {done.returncode}"}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def warm(path: Path) -> None:
    """Bring a file into the page cache, for all alike."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Median and least of the rounds."""
    failed = [run["error"] for run in runs if "error" in run]
    if failed:
        return {"error": failed[0]}
    seconds = [run["seconds"] for run in runs]
    return {
        "median_seconds": statistics.median(seconds),
        "min_seconds": min(seconds),
        "cpu_seconds": statistics.median(run["cpu_seconds"] for run in runs),
        "peak_mib": statistics.median(run["peak_kib"] for run in runs) / 1024,
        "before_mib": statistics.median(run["before_kib"] for run in runs) / 1024,
        "rows": runs[0]["rows"],
        "runs": seconds,
    }


def report(case: Case, results: dict[str, dict[str, Any]]) -> None:
    """Print the table of one case."""
    base = results["jetliner"]
    print(f"\n{case.name}: {base.get('rows', 0):,} rows")
    print(f"  {'reader':<16}{'median ms':>10}{'min ms':>9}{'CPU ms':>9}{'peak MiB':>10}{'ratio: median':>15}{'min':>7}")
    for name, result in results.items():
        if "error" in result:
            print(f"  {name:<16}fails: {result['error'][:100]}")
            continue
        if "error" in base:
            ratios = f"{'-':>15}{'-':>7}"
        else:
            median = result["median_seconds"] / base["median_seconds"]
            ratios = f"{median:>14.2f}x{result['min_seconds'] / base['min_seconds']:>6.2f}x"
        print(
            f"  {name:<16}{result['median_seconds'] * 1e3:>10.1f}{result['min_seconds'] * 1e3:>9.1f}"
            f"{result['cpu_seconds'] * 1e3:>9.0f}{result['peak_mib']:>10.0f}{ratios}",
            flush=True,
        )
    if len({result["rows"] for result in results.values() if "error" not in result}) > 1:
        print("  The readers do not agree on the number of rows.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", choices=[case.name for case in CASES], help="default: all")
    parser.add_argument("--peers", nargs="*", choices=[reader.name for reader in READERS[1:]], help="default: all")
    parser.add_argument("--rounds", type=int, help="readings by each reader (default 7, or 5 with --quick)")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the large files (default {ROWS:,})")
    parser.add_argument("--n-threads", type=int, help="threads of jetliner and of Polars (default: as they choose)")
    parser.add_argument("--quick", action="store_true", help="few cases and peers")
    parser.add_argument(
        "--directory", type=Path, default=Path(".cache/benchmarks"), help="keeps files and environments"
    )
    parser.add_argument("--json", type=Path, help="where the results go (default: results.json in the directory)")
    options = parser.parse_args()

    wanted = options.cases or (QUICK if options.quick else [case.name for case in CASES])
    cases = [case for case in CASES if case.name in wanted]
    if options.peers is not None:
        readers = [reader for reader in READERS if reader.name == "jetliner" or reader.name in options.peers]
    else:
        readers = [r for r in READERS if not options.quick or r.name in ("jetliner", "jetliner scan", "polars")]
    rounds = options.rounds or (5 if options.quick else 7)
    pythons = {reader.name: environment_python(reader, options.directory) for reader in readers}

    everything: dict[str, Any] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.platform()}",
        "python": platform.python_version(),
        "n_threads": options.n_threads,
        "rounds": rounds,
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "cases": {},
    }
    for case in cases:
        path = benchmark_file(case.file, options.directory / "files", options.rows)
        for part in path.glob("*") if path.is_dir() else [path]:
            warm(part)
        runs: dict[str, list[dict[str, Any]]] = {reader.name: [] for reader in readers}
        for turn in range(rounds):
            for reader in readers if turn % 2 == 0 else reversed(readers):
                done = runs[reader.name]
                if (reader.slow and turn >= 2) or (done and "error" in done[0]):
                    continue
                done.append(measure(reader, pythons[reader.name], case, path, options.n_threads))
        results = {name: summary(done) for name, done in runs.items()}
        everything["cases"][case.name] = results
        report(case, results)
    target = options.json or options.directory / "results.json"
    target.write_text(json.dumps(everything, indent=1) + "\n")
    print(f"\nResults: {target}")


if __name__ == "__main__":
    main()
