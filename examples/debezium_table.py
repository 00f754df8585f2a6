"""Rebuild a table from the change events of Debezium: the last version of each row that was not deleted.

python debezium_table.py data/debezium/topics/shop.public.customers/ customers.parquet --key id
"""

from __future__ import annotations

import argparse

import polars as pl

import jetliner


def table(source: str, key: str) -> pl.LazyFrame:
    """Fold change events into rows."""
    changes = jetliner.scan_avro(source).select(
        "op",
        # The position in the log of PostgreSQL. For MySQL, take `source.file`, `source.pos` and `source.row`.
        lsn=pl.col("source").struct.field("lsn"),
        # A deletion has no `after`. Its `before` has the key.
        row=pl.coalesce("after", "before"),
    )
    return (
        changes.unnest("row")
        .sort("lsn")
        .group_by(key, maintain_order=True)
        .last()
        .filter(pl.col("op") != "d")
        .drop("op", "lsn")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the directory of a topic, or a URL")
    parser.add_argument("target", help="the Parquet file")
    parser.add_argument("--key", default="id", help="the column of the primary key (default: %(default)s)")
    args = parser.parse_args()

    # Debezium's own types for times are plain numbers in Avro: days, or microseconds.
    signed_up = pl.col("signed_up").cast(pl.Date)
    updated_at = pl.col("updated_at").cast(pl.Datetime("us", "UTC"))
    table(args.source, args.key).with_columns(signed_up, updated_at).sink_parquet(args.target)
    print(pl.read_parquet(args.target))


if __name__ == "__main__":
    main()
