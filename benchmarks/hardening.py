"""The cost of hardening flags: two builds read the same files in turn, with one thread.

    make bench-hardening
    make bench-hardening BENCH_ARGS="--rounds 15"

Prints the time of the hardened build over the time of the plain build, for the median and the minimum of all rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
from pathlib import Path

BUILD = Path(__file__).resolve().parents[1] / "build"
BUILDS = ("bench", "bench-plain")
FILTER = "^read_file/.*blocks:2000/threads:1/"
ROUNDS = 9


def read_files(build: str) -> dict[str, float]:
    """Run all benchmarks of a build in one process; return their seconds."""
    program = BUILD / build / "benchmarks" / "jetliner_micro"
    words = [str(program), f"--benchmark_filter={FILTER}", "--benchmark_format=json", "--benchmark_min_time=0.2"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return {
        run["name"].removeprefix("read_file/").partition("/")[0]: run["real_time"] * 1e-6
        for run in json.loads(done.stdout)["benchmarks"]
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    seconds: dict[str, dict[str, list[float]]] = {build: {} for build in BUILDS}
    for turn in range(rounds):
        for build in BUILDS if turn % 2 == 0 else reversed(BUILDS):
            for name, time in read_files(build).items():
                seconds[build].setdefault(name, []).append(time)
    hardened, plain = (seconds[build] for build in BUILDS)
    print("| file in memory | hardened ms | median ratio | ratio of the least |")
    print("| --- | ---: | ---: | ---: |")
    for name, times in hardened.items():
        median = statistics.median(times) / statistics.median(plain[name])
        least = min(times) / min(plain[name])
        print(f"| {name} | {statistics.median(times) * 1e3:.1f} | {median:.2f} | {least:.2f} |")


if __name__ == "__main__":
    main()
