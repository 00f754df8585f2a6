"""The main job of jetliner: stream Avro files batch by batch, then query them lazily.

The demo writes a million nested records with fastavro, one file per codec. It reads them with jetliner, and compares
the result with the numbers that the writer has counted. Run it with `make demo`.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

import jetliner
from demo_data import Written, write_files

console = Console()


class Stopwatch:
    """Measures the seconds since it was created."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds until now."""
        return time.perf_counter() - self._start


def peak_memory_mib() -> float:
    """Return the peak memory of this process so far (VmHWM)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert match is not None
    return int(match[1]) / 1024


def check(what: str, found: Any, expected: Any) -> None:
    """End the demo with a message if the two values differ."""
    if found != expected:
        console.print(f"[bold red]{what}: {found!r} was read, {expected!r} was written")
        sys.exit(1)


def stream(files: list[Written]) -> tuple[int, int, float]:
    """Read all files batch by batch. Return the number of rows, the sum of the order numbers, and the seconds."""
    rows = sum_of_ids = 0
    watch = Stopwatch()
    with (
        jetliner.MultiAvroReader([str(file.path) for file in files]) as reader,
        tqdm(total=sum(file.rows for file in files), unit=" rows", unit_scale=True, desc="  reading") as progress,
    ):
        for batch in reader:
            rows += batch.height
            sum_of_ids += int(batch["order_id"].sum())
            progress.update(batch.height)
        seconds = watch.seconds
        check("rows by rows_read", reader.rows_read, rows)
    return rows, sum_of_ids, seconds


def query(pattern: str, output: Path) -> tuple[pl.LazyFrame, float]:
    """Filter and select columns lazily, and write the result to a Parquet file."""
    address = pl.col("customer").struct.field("address").struct
    orders = (
        jetliner.scan_avro(pattern)
        .filter((pl.col("status") == "DELIVERED") & (address.field("country") == "NO"))
        .select("order_id", "placed_at", city=address.field("city"), items=pl.col("lines").list.len(), total="total")
    )
    watch = Stopwatch()
    orders.sink_parquet(output)
    return orders, watch.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="orders to write (default: %(default)s)")
    parser.add_argument(
        "--dir", type=Path, default=Path("demo-output"), help="where to write them (default: %(default)s)"
    )
    args = parser.parse_args()
    shutil.rmtree(args.dir, ignore_errors=True)
    args.dir.mkdir(parents=True)

    console.rule("[bold]1. fastavro writes")
    watch = Stopwatch()
    with console.status(f"writing {args.rows:,} orders ..."):
        files = write_files(args.dir, args.rows)
    write_seconds = watch.seconds
    table = Table("file", "codec", "rows", "MiB")
    for file in files:
        table.add_row(str(file.path), file.codec, f"{file.rows:,}", f"{file.path.stat().st_size / 2**20:.1f}")
    for column in table.columns[2:]:
        column.justify = "right"
    console.print(table)

    console.rule("[bold]2. AvroReader: the schema, and the rows of one file")
    with jetliner.AvroReader(files[0].path, batch_size=10_000) as reader:
        for name, dtype in reader.polars_schema.items():
            console.print(f"  {name:<11} {dtype}", highlight=False, soft_wrap=True)
        check("rows of the first file", sum(batch.height for batch in reader), files[0].rows)

    console.rule("[bold]3. MultiAvroReader: all files, batch by batch")
    rows, sum_of_ids, stream_seconds = stream(files)
    check("rows", rows, args.rows)
    check("sum of the order numbers", sum_of_ids, args.rows * (args.rows - 1) // 2)
    stream_peak = peak_memory_mib()

    console.rule("[bold]4. scan_avro: filter, project, sink to Parquet")
    output = args.dir / "delivered-to-norway.parquet"
    orders, query_seconds = query(str(args.dir / "*.avro"), output)
    result = pl.read_parquet(output)
    check("schema of the query", result.schema, orders.collect_schema())
    check("rows of the query", result.height, sum(file.delivered_to_norway for file in files))
    check("sum of the totals", result["total"].sum(), sum((file.total_of_these for file in files), Decimal(0)))
    console.print(result.head(5))

    console.rule("[bold]Result")
    table = Table("step", "rows", "seconds", "rows per second")
    for step, count, seconds in [
        ("write with fastavro", args.rows, write_seconds),
        ("stream all columns", rows, stream_seconds),
        (f"query to {output.name}", result.height, query_seconds),
    ]:
        table.add_row(step, f"{count:,}", f"{seconds:.2f}", f"{args.rows / seconds:,.0f}")
    for column in table.columns[1:]:
        column.justify = "right"
    console.print(table)
    console.print(f"peak memory: {stream_peak:.0f} MiB after streaming, {peak_memory_mib():.0f} MiB at the end")
    console.print("[bold green]All that was read equals what was written.")


if __name__ == "__main__":
    main()
