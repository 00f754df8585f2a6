"""Share the work on files among processes: each takes parts of files, and returns a small result.

    python multiprocess_count.py 'data/kafka/topics/orders/**/*.avro' country --processes 2

One process already uses all cores for reading. Processes pay off if the work on each row is done in Python. The same
splits can be sent to other machines: they are small, and they pickle.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import jetliner


def count(column: str, split: jetliner.AvroSplit) -> Counter[str]:
    """Count the values of a column in one split. This runs in a worker."""
    counter: Counter[str] = Counter()
    with split.open(columns=[column]) as reader:
        for batch in reader:
            counter.update(map(str, batch[column]))
    return counter


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", help="a pattern in quotes, a file, a directory, or a URL")
    parser.add_argument("column")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--split-bytes", type=int, default=64 << 20, help="size of a part (default: %(default)s)")
    args = parser.parse_args()

    # One thread for each process. Not fork: a forked process hangs in queries of Polars.
    splits = jetliner.plan_splits(args.source, split_bytes=args.split_bytes, n_threads=1)
    context = multiprocessing.get_context("spawn")
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(args.processes, mp_context=context) as pool:
        for counter in pool.map(partial(count, args.column), splits):
            total += counter
    print(f"{len(splits)} splits, {total.total()} rows")
    for value, rows in total.most_common(10):
        print(f"{value}: {rows}")


if __name__ == "__main__":
    main()
