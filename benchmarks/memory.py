"""Memory of reading the file with 100 columns, above the memory of an interpreter with Polars loaded.

Every read runs in a new process. Two numbers are taken: the peak that the system recorded (VmHWM), and the largest
sample taken from outside every few milliseconds (Rss of smaps_rollup, counted page by page).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cases import TENFOLD
from environments import environment_python
from files import benchmark_file, warm
from readers import JETLINER_0_2, POLARS_AVRO, RUST
from resident import resident_kib

HERE = Path(__file__).parent
KIB_PER_MB = 1e6 / 1024
SAMPLE_SECONDS = 0.004
MOST_ROUNDS = 5

# The wide file of the other measurements, and a file with ten times its rows.
LARGE, LONG = "large", "long"

TIGHT = {"batch_size": 10_000, "buffer_blocks": 2, "buffer_bytes": 16 << 20}
TIGHT_LIMIT_MB = 48
DEFAULT_LIMIT_MB = 300
SINK_LIMIT_MB = 450
WRITE_LIMIT_MB = 300

Result = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """A way to read, and its claimed limit. `shorter` names the same scenario with a tenth of the file."""

    name: str
    how: str
    file: str
    options: dict[str, int] = field(default_factory=dict)
    sleep_seconds: float = 0.0
    limit_mb: int | None = None
    shorter: str | None = None
    peer: str | None = None
    packages: tuple[str, ...] | None = None


def _streams() -> Iterator[Scenario]:
    for name, options, limit, sleep in (
        ("small buffers", TIGHT, TIGHT_LIMIT_MB, 0.005),
        ("defaults", {}, DEFAULT_LIMIT_MB, 0.05),
    ):
        for speed, pause in (("", 0.0), (", slow consumer", sleep)):
            title = f"AvroReader, {name}{speed}"
            yield Scenario(title, "stream", LARGE, options, pause, limit)
            yield Scenario(f"{title}, file {TENFOLD} times as long", "stream", LONG, options, pause, limit, title)


SCENARIOS = (
    *_streams(),
    Scenario("scan_avro().sink_parquet()", "sink-parquet", LARGE, limit_mb=SINK_LIMIT_MB),
    Scenario("scan_avro().sink_batches()", "sink-batches", LARGE, limit_mb=SINK_LIMIT_MB),
    Scenario("sink_avro(scan_avro())", "sink-avro", LARGE, limit_mb=WRITE_LIMIT_MB),
    Scenario(
        f"sink_avro(scan_avro()), file {TENFOLD} times as long",
        "sink-avro",
        LONG,
        limit_mb=WRITE_LIMIT_MB,
        shorter="sink_avro(scan_avro())",
    ),
    Scenario("jetliner 0.2.0: AvroReader, small buffers", "stream", LARGE, TIGHT, peer=RUST, packages=JETLINER_0_2),
    Scenario("jetliner 0.2.0: AvroReader, defaults", "stream", LARGE, peer=RUST, packages=JETLINER_0_2),
    Scenario("jetliner 0.2.0: sink_parquet()", "sink-parquet", LARGE, peer=RUST, packages=JETLINER_0_2),
    Scenario(
        "polars-avro: sink_parquet()", "polars-avro-sink-parquet", LARGE, peer="polars-avro", packages=POLARS_AVRO
    ),
    Scenario("polars.read_avro(), which reads all at once", "polars", LARGE, peer="polars"),
)


class Sampler(threading.Thread):
    """Samples the memory of a process until `stop` is called or the process ends."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self.most_kib = 0

    def run(self) -> None:
        """Take samples until `stop` is called or the process ends."""
        while not self._done.wait(SAMPLE_SECONDS):
            try:
                self.most_kib = max(self.most_kib, resident_kib(self._pid))
            except (OSError, ValueError):  # the process has ended: the file or its line is gone
                return

    def stop(self) -> int:
        """Stop; return the largest sample in KiB."""
        self._done.set()
        self.join()
        return self.most_kib


def watch(words: Sequence[str]) -> Result:
    """Run memory_worker.py, and return its result with its memory."""
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        first = process.stdout.readline()
        sampler = Sampler(process.pid)
        if first:
            sampler.start()
            process.stdin.write("\n")
            process.stdin.flush()
            second = process.stdout.readline()
            sampled_kib = sampler.stop()
        _, failure = process.communicate()
        if process.returncode != 0 or not first or not second:
            lines = failure.strip().splitlines()
            return {"error": lines[-1] if lines else f"exit status {process.returncode}"}
    base, result = json.loads(first), json.loads(second)
    return {
        "seconds": result["seconds"],
        "rows": result["rows"],
        "peak_mb": (result["peak_kib"] - base["base_kib"]) / KIB_PER_MB,
        # A read that is shorter than the sample interval has no sample.
        "sampled_mb": max(sampled_kib - base["base_kib"], 0) / KIB_PER_MB,
    }


def measure(scenario: Scenario, path: Path, directory: Path, rounds: int) -> Result:
    """Repeat a scenario; return the maximum, and the median for comparisons."""
    result: Result = {"name": scenario.name, "file_mb": path.stat().st_size / 1e6}
    python = environment_python(scenario.packages, directory)
    runs: list[Result] = []
    with tempfile.TemporaryDirectory(dir=directory) as target:
        words = [str(python), str(HERE / "memory_worker.py"), scenario.how, str(path)]
        words += ["--options", json.dumps(scenario.options), "--sleep-seconds", str(scenario.sleep_seconds)]
        words += ["--target", str(Path(target) / "out.parquet")]
        for _ in range(rounds):
            run = watch(words)
            if "error" in run:
                return result | run
            runs.append(run)
    return result | {
        "rows": runs[0]["rows"],
        "seconds": statistics.median(run["seconds"] for run in runs),
        "peak_mb": max(run["peak_mb"] for run in runs),
        "median_peak_mb": statistics.median(run["peak_mb"] for run in runs),
        "sampled_mb": max(run["sampled_mb"] for run in runs),
        "limit_mb": scenario.limit_mb,
        "shorter": scenario.shorter,
    }


def run_memory(directory: Path, rows: int, peers: Sequence[str], rounds: int) -> list[Result]:
    """Measure all our scenarios, and those of the given peers."""
    files = {
        LARGE: benchmark_file("wide-snappy", directory / "data", rows),
        LONG: benchmark_file("wide-snappy-tenfold", directory / "data", rows * TENFOLD),
    }
    results = []
    for scenario in SCENARIOS:
        if scenario.peer is None or scenario.peer in peers:
            warm(files[scenario.file])
            results.append(measure(scenario, files[scenario.file], directory, min(rounds, MOST_ROUNDS)))
    return results
