"""Stream files of any size, with a progress bar that also shows a result so far.

    python progress_bar.py data/kafka/topics/orders/ total

For a plain bar, pass `progress=True` to `scan_avro`, `read_avro` or a reader. This program shows how to make a bar of
your own: a reader knows how many bytes there are, and how many of them belong to the rows that it has given so far.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm import tqdm

import jetliner


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("column", help="a column of numbers, to be added up")
    args = parser.parse_args()

    total = 0.0
    # A reader takes files, not directories. `columns`: all others are skipped, not decoded.
    files = sorted(args.directory.rglob("*.avro"))
    with (
        jetliner.MultiAvroReader(files, columns=[args.column]) as reader,
        tqdm(total=reader.total_bytes, unit="B", unit_scale=True) as bar,
    ):
        for batch in reader:
            total += float(batch[args.column].sum())
            bar.set_postfix_str(f"{reader.rows_read:,} of about {reader.estimated_rows:,} rows, sum {total:,.2f}")
            bar.update(reader.bytes_read - bar.n)
    print(f"{total:.2f}")


if __name__ == "__main__":
    main()
