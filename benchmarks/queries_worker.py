"""One measurement of queries.py, in a new process; prints a line of JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
from rows import FILTER_COLUMN, FILTER_VALUES, RESOLVED
from turns import Result, compare

import jetliner

Paths = argparse.Namespace


def _kept(share: float) -> pl.Expr:
    """Return a predicate that keeps this share of the rows of the wide files."""
    return pl.col(FILTER_COLUMN) < int(share * FILTER_VALUES)


def _one_percent(path: Path, rounds: int) -> Result:
    return compare(
        lambda: jetliner.scan_avro(path).filter(_kept(0.01)).collect(),
        lambda: jetliner.scan_avro(path).select(FILTER_COLUMN).collect(),
        rounds,
    )


def filter_1_percent(paths: Paths, rounds: int) -> Result:
    return _one_percent(paths.wide, rounds)


def filter_1_percent_clustered(paths: Paths, rounds: int) -> Result:
    return _one_percent(paths.clustered, rounds)


def filter_90_percent(paths: Paths, rounds: int) -> Result:
    """Compare with reading the whole frame and filtering it, which a query without pushed-down filters must do."""
    return compare(
        lambda: jetliner.scan_avro(paths.wide).filter(_kept(0.9)).collect(),
        lambda: jetliner.scan_avro(paths.wide).collect().filter(_kept(0.9)),
        rounds,
        touch_bytes=4 * paths.wide.stat().st_size,
    )


def many_schemas(paths: Paths, rounds: int) -> Result:
    evolved, same = str(paths.many_schemas / "*.avro"), str(paths.one_schema / "*.avro")
    return compare(
        lambda: jetliner.scan_avro(evolved, reader_schema=RESOLVED).collect(),
        lambda: jetliner.scan_avro(same).collect(),
        rounds,
    )


def _count_rows(path: Path, rounds: int) -> Result:
    """Return the time of reading over the time of counting."""
    result = compare(
        lambda: jetliner.count_rows(path), lambda: jetliner.read_avro(path, columns=[FILTER_COLUMN]), rounds
    )
    return result | {"value": 1 / result["value"]}


def count_rows(paths: Paths, rounds: int) -> Result:
    return _count_rows(paths.wide, rounds)


def count_rows_small_blocks(paths: Paths, rounds: int) -> Result:
    return _count_rows(paths.small_blocks, rounds)


def one_partition(paths: Paths, rounds: int) -> Result:
    """Compare with reading the directory alone. The filter lists 200 directories and opens ten files."""
    return compare(
        lambda: jetliner.scan_avro(paths.partitioned, hive_partitioning=True).filter(pl.col("day") == 1).collect(),
        lambda: jetliner.scan_avro(paths.partitioned / "day=1").collect(),
        rounds,
    )


MEASUREMENTS: dict[str, Callable[[Paths, int], Result]] = {
    "filter-1-percent": filter_1_percent,
    "filter-1-percent-clustered": filter_1_percent_clustered,
    "filter-90-percent": filter_90_percent,
    "many-schemas": many_schemas,
    "count-rows": count_rows,
    "count-rows-small-blocks": count_rows_small_blocks,
    "one-partition": one_partition,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=MEASUREMENTS)
    for name in ("--wide", "--small-blocks", "--clustered", "--one-schema", "--many-schemas", "--partitioned"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    print(json.dumps(MEASUREMENTS[arguments.what](arguments, arguments.rounds)))


if __name__ == "__main__":
    main()
