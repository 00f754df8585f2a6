"""The time of queries, each compared with a baseline. Each measurement has its own process.

The results have the same form as those of latency.py.
"""

from __future__ import annotations

from pathlib import Path

from cases import MANY_SCHEMAS, ONE_SCHEMA, PARTITIONED
from claims import NOISE
from files import benchmark_file, warm
from latency import Measurement, Result, measure

WORKER = Path(__file__).parent / "queries_worker.py"

MEASUREMENTS = (
    Measurement(
        "filter-1-percent", "1 % filter, scattered rows, all 100 columns: over reading only the filter's column", 7, 1.5
    ),
    Measurement(
        "filter-1-percent-clustered",
        "1 % filter, chosen rows together, all 100 columns: over reading only the filter's column",
        7,
        1.5,
    ),
    Measurement(
        "filter-90-percent",
        "90 % filter, all 100 columns: over reading all and filtering (limit includes noise)",
        15,
        1 + NOISE,
    ),
    Measurement(
        "many-schemas",
        "2,000 files of 2,000 schemas, scan_avro(reader_schema=).collect(): over 2,000 files of one schema",
        7,
        1.5,
    ),
    Measurement("count-rows", "wide file: reading one column over count_rows", 9, 50, at_most=False),
    Measurement(
        "count-rows-small-blocks",
        "wide file in blocks of 16,000 bytes, as fastavro writes them: reading one column over count_rows",
        9,
        None,
    ),
    Measurement(
        "one-partition", "1 of 200 partitions, ten files each, by a filter: over reading its directory alone", 9, None
    ),
)


def run_queries(directory: Path, rows: int, *, quick: bool) -> list[Result]:
    """Measure everything; `quick` runs a third of the rounds."""
    paths = {
        "--wide": benchmark_file("wide-snappy", directory / "data", rows),
        "--small-blocks": benchmark_file("wide-small-blocks", directory / "data", rows),
        "--clustered": benchmark_file("wide-clustered", directory / "data", rows),
        "--one-schema": benchmark_file(ONE_SCHEMA, directory / "data", rows),
        "--many-schemas": benchmark_file(MANY_SCHEMAS, directory / "data", rows),
        "--partitioned": benchmark_file(PARTITIONED, directory / "data", rows),
    }
    for path in paths.values():
        warm(path)
    files = [word for name, path in paths.items() for word in (name, str(path))]
    share = 3 if quick else 1
    return [measure(m, files, max(m.rounds // share, 1), WORKER) for m in MEASUREMENTS]
