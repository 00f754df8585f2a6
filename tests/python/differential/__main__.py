"""Runs many differential cases from the command line; run it in ``tests/python``.

python -m differential --cases 100000 --jobs 2
python -m differential --seed 4711
python -m differential --resolve --cases 100000 --jobs 2
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .case import describe
from .run import keep, run_chunk

# In the build directory, which git ignores.
FAILURES = Path(__file__).parents[3] / "build" / "differential-failures"


def main() -> int:
    """Run the cases; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m differential", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=2000, help="how many cases (default 2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="run only this seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--failures", type=Path, default=FAILURES, help="directory for failing cases")
    parser.add_argument(
        "--only-oracle", action="store_true", help="compare the test's encoder with fastavro, without jetliner"
    )
    parser.add_argument(
        "--resolve", action="store_true", help="run pairs of a writer's and a reader's schema instead of files"
    )
    options = parser.parse_args()
    if options.seed is not None:
        options.first, options.cases = options.seed, 1

    size = 50
    end = options.first + options.cases
    jobs = [
        (at, min(size, end - at), not options.only_oracle, options.resolve) for at in range(options.first, end, size)
    ]
    counts: Counter[str] = Counter()
    failed = 0
    started = time.monotonic()
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        for done, (chunk, failures) in enumerate(pool.map(run_chunk, jobs), 1):
            counts += chunk
            for seed, message in failures:
                failed += 1
                keep(seed, message, options.failures, options.resolve)
                if failed <= 20:
                    what = f"pair {seed}" if options.resolve else describe(seed)
                    print(f"FAILED {what}\n{message}\n", flush=True)
            if done % 20 == 0 or done == len(jobs):
                seconds = time.monotonic() - started
                print(
                    f"{min(done * size, options.cases)} cases, {failed} failed, {seconds:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )
    for name, count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:9} {name}")
    if failed:
        print(f"{failed} of {options.cases} cases failed; files in {options.failures}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
