"""The command of tests that run many seeds, in several processes."""

from __future__ import annotations

import argparse
import multiprocessing
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor

#: Runs cases (first seed, number); returns counts, and the failed ones with their messages.
RunChunk = Callable[[tuple[int, int]], tuple[Counter[str], list[tuple[str, str]]]]
_CHUNK = 100


def run_seeds(name: str, about: str, run_chunk: RunChunk, *, cases: str, runs_per_seed: int = 1) -> int:
    """Run the seeds that the command line names, print counts and failures, and return the exit status.

    `cases` says what a seed makes.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=about)
    parser.add_argument("--cases", type=int, default=2000, help=f"{cases} (default 2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--seed", type=int, help="run only this seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    options = parser.parse_args()
    if options.seed is not None:
        options.first, options.cases = options.seed, 1
    end = options.first + options.cases
    jobs = [(at, min(_CHUNK, end - at)) for at in range(options.first, end, _CHUNK)]
    counts: Counter[str] = Counter()
    failed = 0
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        for chunk, failures in pool.map(run_chunk, jobs):
            counts += chunk
            failed += len(failures)
            for case, message in failures[:5]:
                print(f"FAILED {case}\n{message}\n", flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:9} {what}")
    print(f"{failed} of {runs_per_seed * options.cases} failed")
    return 1 if failed else 0
