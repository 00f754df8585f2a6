"""Convert a directory of Kafka Connect, or any other Avro files, to one Parquet file of some columns.

    python kafka_to_parquet.py data/kafka/topics/orders/ orders.parquet --columns order_id,placed_at,total --progress

Rows flow from the files to the Parquet file. Memory does not grow with their number. The source may also be the URL of
a directory in S3, GCS or Azure.
"""

from __future__ import annotations

import argparse

import jetliner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a directory, a file, a pattern in quotes, or a URL")
    parser.add_argument("target", help="the Parquet file")
    parser.add_argument("--columns", help="names, with commas between them (default: all)")
    parser.add_argument("--progress", action="store_true", help="show a progress bar")
    args = parser.parse_args()

    # Old files may lack columns that newer ones have, and the other way round: the columns of the first file count.
    rows = jetliner.scan_avro(args.source, missing_columns="insert", extra_columns="ignore", progress=args.progress)
    if args.columns:
        rows = rows.select(args.columns.split(","))
    rows.sink_parquet(args.target)


if __name__ == "__main__":
    main()
