"""Cuts many random files into parts, from the command line; run it in ``tests/python``.

python -m parts --cases 20000 --jobs 2
python -m parts --seed 4711
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from .run import run_chunk


def main() -> int:
    """Run the cases; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m parts", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000, help="files (default 2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="run only this seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    options = parser.parse_args()
    if options.seed is not None:
        options.first, options.cases = options.seed, 1
    size = 100
    end = options.first + options.cases
    jobs = [(at, min(size, end - at)) for at in range(options.first, end, size)]
    counts: Counter[str] = Counter()
    failed = 0
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        for chunk, failures in pool.map(run_chunk, jobs):
            counts += chunk
            failed += len(failures)
            for name, message in failures[:5]:
                print(f"FAILED {name}\n{message}\n", flush=True)
    for name, count in sorted(counts.items()):
        print(f"{count:9} {name}")
    print(f"{failed} of {options.cases} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
