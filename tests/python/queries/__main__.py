"""Runs many random queries from the command line; run it in ``tests/python``.

python -m queries --cases 20000 --jobs 2
python -m queries --seed 4711
python -m queries --protocol --cases 20000 --jobs 2
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from .run import run_chunk

_MOST = 500  # cases of a chunk; each chunk makes its own tables and its own second process


def main() -> int:
    """Run the cases; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m queries", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000, help="how many cases (default 2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="run only this seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--protocol", action="store_true", help="call the source directly, without Polars' engines")
    options = parser.parse_args()
    if options.seed is not None:
        options.first, options.cases = options.seed, 1
    end = options.first + options.cases
    chunk_size = min(_MOST, -(-options.cases // options.jobs))
    jobs = [(at, min(chunk_size, end - at), options.protocol) for at in range(options.first, end, chunk_size)]
    counts: Counter[str] = Counter()
    failed = 0
    started = time.monotonic()
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        for done, (chunk, failures) in enumerate(pool.map(run_chunk, jobs), 1):
            counts += chunk
            for seed, message in failures:
                failed += 1
                if failed <= 20:
                    print(f"FAILED seed {seed}\n{message}\n", flush=True)
            seconds = time.monotonic() - started
            print(f"{min(done * chunk_size, options.cases)} cases, {failed} failed, {seconds:.0f} s", file=sys.stderr)
    for name, count in sorted(counts.items()):
        print(f"{count:9} {name}")
    if failed:
        print(f"{failed} of {options.cases} cases failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
