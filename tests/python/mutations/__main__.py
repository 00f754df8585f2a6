"""Reads mutated files from the command line; run it in ``tests/python``.

python -m mutations --mutations 100000 --jobs 2
python -m mutations --mode differential --mutations 10000
python -m mutations --number 4711 --keep-only
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from . import bases
from .watch import Find, Result, run
from .worker import file_of

# In the build directory, which git ignores.
FINDS = Path(__file__).parents[3] / "build" / "mutation-finds"
CHUNK = 2500


def keep(finds: list[Find], directory: Path) -> None:
    """Save the files and messages of finds."""
    if not finds:
        return
    directory.mkdir(parents=True, exist_ok=True)
    small, large = bases.load(), bases.load_large()
    for find in finds:
        name, data = file_of(find.number, find.mode, small, large if find.mode == "read" else [])
        (directory / f"{find.mode}-{find.number}.avro").write_bytes(data)
        (directory / f"{find.mode}-{find.number}.txt").write_text(f"{find.kind}\nfrom {name}\n{find.text}\n")


def main() -> int:
    """Run the checks; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m mutations", description=__doc__.splitlines()[0])
    parser.add_argument("--mode", choices=("read", "differential"), default="read", help="what to check")
    parser.add_argument("--mutations", type=int, default=2000, help="how many files (default 2000)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first file (default 0)")
    parser.add_argument("--number", type=int, help="run only this file")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--finds", type=Path, default=FINDS, help="directory for finds")
    parser.add_argument("--keep-only", action="store_true", help="write the files without reading them")
    options = parser.parse_args()
    if options.number is not None:
        options.first, options.mutations = options.number, 1
    end = options.first + options.mutations
    if options.keep_only:
        keep([Find(options.mode, number, "kept", "") for number in range(options.first, end)], options.finds)
        return 0

    total = Result()
    started = time.monotonic()
    with ThreadPoolExecutor(options.jobs) as pool:  # each thread waits for its own process
        jobs = [pool.submit(run, options.mode, at, min(end, at + CHUNK)) for at in range(options.first, end, CHUNK)]
        for job in as_completed(jobs):
            result = job.result()
            total.add(result)
            keep(result.finds, options.finds)
            for find in result.finds[:20]:
                print(f"FOUND {find.kind} in {find.mode} {find.number}\n{find.text}\n", flush=True)
            seconds = time.monotonic() - started
            print(f"{total.done} files, {len(total.finds)} finds, {seconds:.0f} s", file=sys.stderr, flush=True)
    for name, count in sorted(total.counts.items(), key=lambda item: -item[1]):
        print(f"{count:9} {name}")
    for kind in ("crash", "hang", "memory", "foreign exception", "wrong"):
        print(f"{sum(find.kind == kind for find in total.finds):9} found: {kind}")
    if total.finds:
        print(f"{len(total.finds)} of {total.done} files are kept in {options.finds}")
    return 1 if total.finds else 0


if __name__ == "__main__":
    sys.exit(main())
