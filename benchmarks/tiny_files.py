"""5,000 files of one row with schemas of 20 KB, read in each way: time and memory, beside fastavro in a loop.

Every read runs in a new process. Each round runs all ways, so a change of the machine's speed is seen by all of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from cases import TINY, TINY_DOCS
from files import benchmark_file, warm

WORKER = Path(__file__).parent / "tiny_files_worker.py"
PEER = "fastavro"
WAYS = (
    "read_avro",
    "scan",
    "scan-filter",
    "scan-columns",
    "AvroReader",
    "MultiAvroReader",
    "reader-schema",
    "missing-columns",
    "count_rows",
)
NAMES = {
    PEER: "a loop of fastavro.reader",
    "scan": "scan_avro().collect()",
    "scan-filter": "scan_avro().filter().collect()",
    "scan-columns": "scan_avro().select().collect()",
    "AvroReader": "AvroReader for each file",
    "reader-schema": "read_avro(reader_schema=)",
    "missing-columns": 'read_avro(missing_columns="insert")',
}
SCHEMAS = {TINY: "equal schemas", TINY_DOCS: "other docs"}
LIMIT_RATIO = 1.0
LIMIT_MB = 120

Result = dict[str, Any]


def _run(way: str, directory: Path) -> Result:
    words = [sys.executable, str(WORKER), way, str(directory)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return dict(json.loads(done.stdout))
    lines = done.stderr.strip().splitlines()
    return {"error": lines[-1] if lines else f"exit status {done.returncode}"}


def measure(schemas: str, directory: Path, rounds: int) -> list[Result]:
    """Measure all ways on one directory. Times are minima, memory is the maximum."""
    ways = (PEER, *WAYS)
    runs: dict[str, list[Result]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            runs[way].append(_run(way, directory))
    peer_seconds = min((run["seconds"] for run in runs[PEER] if "error" not in run), default=float("nan"))
    results: list[Result] = []
    for way in ways:
        result: Result = {"name": f"{NAMES.get(way, way)}, {schemas}"}
        failed = next((run for run in runs[way] if "error" in run), None)
        if failed is not None:
            results.append(result | failed)
            continue
        result["rows"] = runs[way][0]["rows"]
        result["min_seconds"] = min(run["seconds"] for run in runs[way])
        result["cpu_seconds"] = min(run["cpu_seconds"] for run in runs[way])
        result["ratio"] = result["min_seconds"] / peer_seconds
        result["peak_mb"] = max(run["peak_mb"] for run in runs[way])
        if way != PEER:
            result |= {"limit": LIMIT_RATIO, "limit_mb": LIMIT_MB}
        results.append(result)
    return results


def run_tiny_files(directory: Path, rows: int, rounds: int) -> list[Result]:
    """Measure all ways on both directories."""
    results = []
    for name, schemas in SCHEMAS.items():
        path = benchmark_file(name, directory / "data", rows)
        warm(path)
        results += measure(schemas, path, rounds)
    return results
