"""Turn the files of Event Hubs Capture into a table of the events themselves.

    python event_hubs.py data/event-hubs/shop/telemetry/ readings.parquet

Capture keeps each event as bytes in the column `Body`, beside a few columns of its own. Here the bytes are JSON. The
source may also be a URL: `az://container/namespace/hub/` (needs `pip install obstore`).
"""

from __future__ import annotations

import argparse

import polars as pl

import jetliner

#: The fields of the JSON text in `Body`.
READING = pl.Struct({"device": pl.String, "celsius": pl.Float64, "battery": pl.Int64})


def property_of(name: str) -> pl.Expr:
    """Take a text from the map `Properties`, whose values are unions: long, double, string or bytes."""
    pair = pl.element().struct
    entries = pl.element().filter(pair.field("key") == name).struct.field("value").struct.field("string")
    return pl.col("Properties").list.eval(entries).list.first().alias(name)


def events(source: str) -> pl.LazyFrame:
    """Scan captured files. Files without events, which Capture writes too, add no rows."""
    return (
        jetliner.scan_avro(source)
        .select(
            "SequenceNumber",
            # The service writes times as American text: 3/1/2026 9:55:07 AM.
            pl.col("EnqueuedTimeUtc").str.to_datetime("%m/%d/%Y %I:%M:%S %p", time_zone="UTC").alias("enqueued_at"),
            property_of("firmware"),
            pl.col("Body").cast(pl.String).str.json_decode(READING).alias("reading"),
        )
        .unnest("reading")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="the directory of an event hub, or a URL")
    parser.add_argument("target", help="the Parquet file")
    args = parser.parse_args()

    events(args.source).sink_parquet(args.target)
    table = pl.scan_parquet(args.target)
    print(table.group_by("device").agg(pl.len(), pl.col("celsius").mean().round(2)).sort("device").collect())


if __name__ == "__main__":
    main()
