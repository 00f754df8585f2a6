"""Write the rows of a query as Avro files in directories by date and country, as Hive and Spark name them.

    python partitioned_sink.py data/kafka/topics/orders/ by-day/

Rows flow through: memory does not grow with their number. `by-day` must be empty, or missing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

import jetliner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a directory of orders")
    parser.add_argument("target", help="a new directory")
    parser.add_argument("--rows", type=int, default=500_000, help="rows in a file at most (default: %(default)s)")
    args = parser.parse_args()

    orders = jetliner.scan_avro(args.source, hive_partitioning=False)
    jetliner.sink_avro(
        orders.with_columns(day=pl.col("placed_at").dt.date()),
        args.target,
        name="Order",
        namespace="com.example.shop",
        compression="zstandard",
        partition_by=["day", "country"],
        max_rows_per_file=args.rows,
    )

    # The columns of the directories come back with their types. Only the directories of one day are opened.
    back = jetliner.scan_avro(args.target)
    first_day = back.select(pl.col("day").min()).collect().item()
    rows = back.filter(pl.col("day") == first_day).group_by("country").len().sort("country").collect()
    print(len(list(Path(args.target).rglob("*.avro"))), "files;", first_day, dict(rows.iter_rows()))


if __name__ == "__main__":
    main()
