"""The measurements of cloud.py, each with the figure that is asked for."""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cloud_files import SMALL_OBJECTS, long_file, payload_file, small_file
from cloud_store import CloudStore, Options
from memory import watch

import jetliner

HERE = Path(__file__).parent
DELAY_SECONDS = 0.020
BLOCKS = {"16 kB": 16_000, "1 MB": 1_000_000}
SPEED_BLOCKS = 64_000
# Each of these requests gets no answer. The one before is for the header.
STALL_FROM = 2
STALL_SECONDS = 10.0
MEMORY_PAUSE_SECONDS = 0.05
MOST_MEMORY_ROUNDS = 3

Result = dict[str, Any]


class Cloud:
    """Measures one store.

    Parameters
    ----------
    store
        The store.
    directory
        Keeps the files.
    megabytes
        The size of the large objects.
    rounds
        How often times are taken.
    """

    def __init__(self, store: CloudStore, directory: Path, megabytes: int, rounds: int) -> None:
        self._store = store
        self._directory = directory
        self._megabytes = megabytes
        self._rounds = rounds

    def speed(self) -> Iterator[Result]:
        """Compare with obstore alone, at once and with delay."""
        path = payload_file(self._directory, self._megabytes, SPEED_BLOCKS)
        url = self._store.upload(path, "speed.avro")
        for where, options, limit in (
            ("", self._store.direct, 0.9),
            (", 20 ms of delay", self._store.proxied(delay_seconds=DELAY_SECONDS), 0.8),
        ):
            name = f"one column of {self._size()}{where}: time of obstore alone over ours"
            result = _in_turns("obstore", "one-column", url, options, self._rounds)
            yield result | {"name": name, "limit": limit, "at_most": False, "unit": "x"}

    def small_objects(self) -> Iterator[Result]:
        """Read many small objects with delay."""
        path = small_file(self._directory)
        for number in range(SMALL_OBJECTS):
            url = self._store.upload(path, f"many/{number:03}.avro")
        options = self._store.proxied(delay_seconds=DELAY_SECONDS)
        result = _worker("many", url.rsplit("/", 1)[0] + "/", options, self._rounds)
        if "worst_seconds" in result:
            result["details"] = f"at most {result['worst_seconds']:.2f} s; {self._counts(self._rounds)}"
        name = f"{SMALL_OBJECTS} objects of {path.stat().st_size / 1e3:.0f} kB, 20 ms of delay"
        yield result | {"name": name, "limit": 2.0, "at_most": True, "unit": " s"}

    def fetched(self) -> Iterator[Result]:
        """Count requests and bytes."""
        path = payload_file(self._directory, self._megabytes, SPEED_BLOCKS)
        url = self._store.upload(path, "speed.avro")
        megabytes = path.stat().st_size / 1e6

        def count(do: Callable[[Options], object]) -> None:
            do(self._store.proxied())

        count(lambda options: jetliner.scan_avro(url, storage_options=options).head(10).collect())
        yield self._entry(f"head(10) of {self._size()}: fetched", self._store.bytes_sent() / 1e6, 3.0, " MB")

        count(lambda options: jetliner.read_avro_schema(url, storage_options=options))
        yield self._entry(f"read_avro_schema of {self._size()}: requests", len(self._store.requests()), 1)

        count(lambda options: jetliner.read_avro(url, columns=["id"], storage_options=options))
        most = max(1, round(megabytes / 3))  # 100 for 300 MB
        yield self._entry(f"reading {self._size()}: requests", len(self._store.requests()), most)

        # Last: requests of this reader may still be under way when it is closed.
        shares = []

        def first_batch(options: Options) -> None:
            with jetliner.AvroReader(url, batch_size=1000, storage_options=options) as reader:
                next(reader)
                shares.append(self._store.bytes_sent() / 1e6 / megabytes)

        count(first_batch)
        yield self._entry(f"first batch of {self._size()}: share that is fetched", shares[0], 0.1, "")

    def counting(self) -> Iterator[Result]:
        """Count rows: fewer requests than blocks, and never more bytes than the object has."""
        for name, block_bytes in BLOCKS.items():
            path = payload_file(self._directory, self._megabytes, block_bytes)
            url = self._store.upload(path, "count.avro")
            for where, delay in (("", 0.0), (", 20 ms of delay", DELAY_SECONDS)):
                options = self._store.proxied(delay_seconds=delay)
                started = time.perf_counter()
                jetliner.count_rows(url, storage_options=options)
                seconds = time.perf_counter() - started
                text = f"count_rows of {self._size()} in blocks of {name}{where}: requests"
                most = max(1, round(path.stat().st_size / 3e6))
                entry = self._entry(text, len(self._store.requests()), most)
                yield entry | {"details": f"{entry['details']}; {seconds:.2f} s"}

    def memory(self) -> Iterator[Result]:
        """Compare the memory of a slow reader with that for the local file."""
        path = long_file(self._directory, 5 * self._megabytes)
        url = self._store.upload(path, "long.avro")
        peaks = []
        for source, options in ((str(path), {}), (url, {"storage_options": self._store.direct})):
            words = [sys.executable, str(HERE / "memory_worker.py"), "stream", source]
            words += ["--options", json.dumps(options), "--sleep-seconds", str(MEMORY_PAUSE_SECONDS)]
            runs = [watch(words) for _ in range(min(self._rounds, MOST_MEMORY_ROUNDS))]
            failed = next((run for run in runs if "error" in run), None)
            name = f"memory of AvroReader, slow consumer, {5 * self._megabytes} MB: over that of the local file"
            if failed is not None:
                yield {"name": name} | failed
                return
            peaks.append(max(run["peak_mb"] for run in runs))
        details = f"{peaks[1]:.0f} MB / {peaks[0]:.0f} MB"
        yield {
            "name": name,
            "value": peaks[1] / peaks[0],
            "limit": 1.2,
            "at_most": True,
            "unit": "x",
            "details": details,
        }

    def endings(self) -> Iterator[Result]:
        """End reads whose requests get no answer: by close() and by Ctrl-C."""
        path = payload_file(self._directory, self._megabytes, SPEED_BLOCKS)
        url = self._store.upload(path, "speed.avro")
        for what in ("closed", "interrupted AvroReader", "interrupted read_avro", "interrupted scan_avro"):
            result = self._ended(what, url)
            yield result | {"name": f"no answers: {what}", "limit": 1.0, "at_most": True, "unit": " s"}

    def _ended(self, what: str, url: str) -> Result:
        options = self._store.proxied(stall_from=STALL_FROM)
        # A child inherits it if a shell ignores SIGINT.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with subprocess.Popen(
            _words(what, url, options, 1), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdout.readline()
            deadline = time.monotonic() + STALL_SECONDS
            while self._store.num_stalled() == 0 and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.2)  # all threads wait by now
            sent = time.monotonic()
            if what == "closed":
                process.stdin.write("\n")
                process.stdin.flush()
            else:
                process.send_signal(signal.SIGINT)
            line = process.stdout.readline()
        exit_seconds = time.monotonic() - sent
        if not line:
            return {"error": "the process ended without a result"}
        result: Result = json.loads(line)
        if "at" in result:
            result["value"] = result["at"] - sent
        return result | {
            "details": f"{result.get('ended_by', '')} the process ended after {exit_seconds:.2f} s".strip()
        }

    def _entry(self, name: str, value: float, limit: float, unit: str = "") -> Result:
        return {"name": name, "value": value, "limit": limit, "at_most": True, "unit": unit, "details": self._counts(1)}

    def _counts(self, rounds: int) -> str:
        requests, sent = len(self._store.requests()) / rounds, self._store.bytes_sent() / 1e6 / rounds
        return f"{requests:.0f} requests, {sent:,.1f} MB"

    def _size(self) -> str:
        return f"{self._megabytes} MB"


def _words(what: str, url: str, options: Options, rounds: int) -> list[str]:
    worker = str(HERE / "cloud_worker.py")
    return [sys.executable, worker, what, url, "--options", json.dumps(options), "--rounds", str(rounds)]


def _in_turns(other: str, ours: str, url: str, options: Options, rounds: int) -> Result:
    """Give the median time of one over that of the other. One run of each does not count."""
    workers = []
    for what in (other, ours):
        words = _words(what, url, options, 1)
        workers.append(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    try:
        times = [[_seconds(worker) for worker in workers] for _ in range(rounds + 1)][1:]
    except EOFError as error:
        return {"error": str(error)}
    finally:
        for worker in workers:
            worker.communicate()
    others, own = (statistics.median(column) for column in zip(*times, strict=True))
    return {"value": others / own, "details": f"{others * 1e3:.0f} ms / {own * 1e3:.0f} ms"}


def _seconds(worker: subprocess.Popen[str]) -> float:
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        worker.stdin.write("\n")
        worker.stdin.flush()
    except BrokenPipeError:
        pass
    line = worker.stdout.readline()
    if not line:
        msg = "the process ended without a result"
        raise EOFError(msg)
    return float(json.loads(line))


def _worker(what: str, url: str, options: Options, rounds: int) -> Result:
    done = subprocess.run(_words(what, url, options, rounds), capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return dict(json.loads(done.stdout))
    lines = done.stderr.strip().splitlines()
    return {"error": lines[-1] if lines else f"exit status {done.returncode}"}
