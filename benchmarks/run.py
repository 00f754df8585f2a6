"""Measure jetliner and other readers: speed, memory, latency, and queries against baselines.

Ratios are relative to jetliner: 2.5x means that a peer takes 2.5 times as long. docs/performance.md has the method.

    python benchmarks/run.py                          everything
    python benchmarks/run.py --quick                  the most important parts, fewer rounds
    python benchmarks/run.py --only speed --cases "flat snappy" --peers polars floor
    python benchmarks/run.py --n-threads 1            jetliner and Polars with one thread
    python benchmarks/run.py --docs                   also write the results into docs/
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

from cases import CASES, SCALING_CASES
from cases import QUICK as QUICK_CASES
from environments import environment_python
from files import ROWS
from latency import run_latency
from memory import run_memory
from readers import FLOORS, OWN, READERS, SCALING_READERS
from readers import QUICK as QUICK_READERS
from report import (
    DOCS,
    RESULTS,
    all_tables,
    case_table,
    latency_table,
    memory_table,
    scaling_table,
    tiny_table,
    write_markdown,
)
from report import PAGE as PERFORMANCE_PAGE
from speed import run_speed
from tiny_files import run_tiny_files
from writing_speed import CODECS, SHAPES, run_writing
from writing_speed import QUICK as QUICK_WRITTEN

from queries import run_queries

PARTS = ("speed", "scaling", "memory", "latency", "queries", "tiny", "writing")
ROUNDS = 7
QUICK_ROUNDS = 3
MOST_TINY_ROUNDS = 3
PICTURE_PACKAGES = ("matplotlib==3.11.2",)


def machine() -> str:
    """Describe the machine: cores, processor family, operating system."""
    facts: dict[str, str] = {}
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    processor = platform.machine()
    if "cpu family" in facts:
        processor += f" ({facts['vendor_id']}, family {facts['cpu family']}, model {facts['model']})"
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    return f"{len(os.sched_getaffinity(0))} cores, {processor}, {system}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peers = [reader.name for reader in READERS if reader.name not in OWN]
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="default: all parts")
    parser.add_argument(
        "--cases", nargs="+", choices=[case.name for case in CASES], help="of the speed part; default: all"
    )
    parser.add_argument(
        "--written-cases",
        nargs="+",
        choices=[f"{shape} {codec}" for shape in SHAPES for codec in CODECS],
        help="of the writing part; default: all",
    )
    parser.add_argument("--peers", nargs="*", choices=peers, help="default: all")
    parser.add_argument("--rounds", type=int, help=f"default {ROUNDS}, or {QUICK_ROUNDS} with --quick")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the large files (default {ROWS:,})")
    parser.add_argument("--n-threads", type=int, help="threads of jetliner and Polars (default: their own choice)")
    parser.add_argument("--quick", action="store_true", help="few cases, peers and rounds")
    parser.add_argument("--note", help="a remark about this run, such as other load; printed with the results")
    parser.add_argument("--docs", action="store_true", help="write the results into docs/")
    parser.add_argument(
        "--directory", type=Path, default=Path(".cache/benchmarks"), help="where files and environments are kept"
    )
    parser.add_argument("--json", type=Path, help="file for the results (default: results.json in the directory)")
    options = parser.parse_args()
    if options.cases is None:
        options.cases = QUICK_CASES if options.quick else [case.name for case in CASES]
    if options.written_cases is None and options.quick:
        options.written_cases = list(QUICK_WRITTEN)
    if options.peers is None:
        options.peers = QUICK_READERS if options.quick else peers
    if options.rounds is None:
        options.rounds = QUICK_ROUNDS if options.quick else ROUNDS
    return options


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure the chosen parts; print each table as soon as it is complete."""
    results: dict[str, Any] = {
        "about": {
            "machine": machine(),
            "python": platform.python_version(),
            "polars": importlib.metadata.version("polars"),
            "jetliner": importlib.metadata.version("jetliner"),
            "rows": options.rows,
            "rounds": options.rounds,
            "n_threads": options.n_threads,
            "load_before": round(os.getloadavg()[0], 2),
            "note": options.note,
            "when": time.strftime("%Y-%m-%d"),
        }
    }
    if "speed" in options.only:
        results["speed"] = run_speed(
            [case for case in CASES if case.name in options.cases],
            [reader for reader in READERS if reader.name in OWN or reader.name in options.peers],
            directory=options.directory,
            rows=options.rows,
            rounds=options.rounds,
            n_threads=options.n_threads,
            show=lambda name, result: print("\n" + case_table(name, result).text(), flush=True),
        )
    if "scaling" in options.only:
        results["scaling"] = run_speed(
            [case for case in SCALING_CASES if not options.quick or case.times == 1],
            [reader for reader in SCALING_READERS if reader.name not in FLOORS or reader.name in options.peers],
            directory=options.directory,
            rows=options.rows,
            rounds=2 * options.rounds,  # few readers, and their times are close
            n_threads=options.n_threads,
        )
        print("\n" + scaling_table(results["scaling"]).text(), flush=True)
    if "memory" in options.only:
        results["memory"] = run_memory(options.directory, options.rows, options.peers, options.rounds)
        print("\n" + memory_table(results["memory"]).text(), flush=True)
    if "latency" in options.only:
        results["latency"] = run_latency(options.directory, options.rows, quick=options.quick)
        print("\n" + latency_table(results["latency"]).text(), flush=True)
    if "queries" in options.only:
        results["queries"] = run_queries(options.directory, options.rows, quick=options.quick)
        print("\n" + latency_table(results["queries"], "Queries").text(), flush=True)
    if "tiny" in options.only:
        results["tiny"] = run_tiny_files(options.directory, options.rows, min(options.rounds, MOST_TINY_ROUNDS))
        print("\n" + tiny_table(results["tiny"]).text(), flush=True)
    if "writing" in options.only:
        results["writing"] = run_writing(
            options.directory,
            options.rows,
            options.peers,
            options.rounds,
            cases=options.written_cases,
            show=lambda name, result: print("\n" + case_table("writing " + name, result).text(), flush=True),
        )
    return results


def main() -> None:
    options = arguments()
    results = measure(options)
    *_, claims = all_tables(results)
    print("\n" + claims.text())
    target = options.json or options.directory / "results.json"
    text = json.dumps(results, indent=1) + "\n"
    target.write_text(text)
    print(f"\nResults: {target}")
    if options.docs:
        RESULTS.write_text(text)
        python = environment_python(PICTURE_PACKAGES, options.directory, with_polars=False)
        subprocess.run([str(python), str(Path(__file__).parent / "picture.py")], check=True)
        write_markdown(results, PERFORMANCE_PAGE)
        print(f"Written: {RESULTS}, {DOCS / 'benchmarks.svg'}, {PERFORMANCE_PAGE}")


if __name__ == "__main__":
    main()
