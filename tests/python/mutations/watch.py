"""Starts workers and watches them. A file that crashes or hangs a worker is recorded and skipped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .worker import IN_JETLINER, IN_ORACLE, PREPARING, PROGRESS

#: Limits in seconds: for one file, and for the start of a worker.
MOST_SECONDS = 10.0
_TICK_SECONDS = 0.1
_MOST_SECONDS_OF_START = 120.0


@dataclass(slots=True)
class Find:
    """A file that breaks a rule."""

    mode: str
    number: int
    kind: str
    text: str


@dataclass(slots=True)
class Result:
    """The result of a run."""

    counts: Counter[str] = field(default_factory=Counter)
    finds: list[Find] = field(default_factory=list)
    done: int = 0

    def add(self, other: Result) -> None:
        self.counts += other.counts
        self.finds += other.finds
        self.done += other.done


def run(mode: str, first: int, last: int, *, faults: dict[int, str] | None = None) -> Result:
    """Check the files in [first, last), in one process at a time."""
    result = Result()
    at = first
    with tempfile.TemporaryDirectory(prefix="mutations-", dir=_fast_directory()) as directory:
        while at < last:
            at = _run_worker(mode, at, last, Path(directory), result, faults or {})
    result.done = last - first
    return result


def _fast_directory() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def _run_worker(mode: str, first: int, last: int, directory: Path, result: Result, faults: dict[int, str]) -> int:
    """Run one worker to its end; return the number of the next file."""
    progress = directory / "progress"
    progress.write_bytes(PROGRESS.pack(PREPARING, 0))
    command = [sys.executable, "-m", "mutations.worker", mode, str(first), str(last), str(directory)]
    command += [f"{number}={how}" for number, how in faults.items()]
    # The limit is on address space, and malloc reserves much of it for the arenas of threads.
    environment = os.environ | {"MALLOC_ARENA_MAX": "2", "POLARS_MAX_THREADS": "2"}
    process = subprocess.Popen(
        command, cwd=Path(__file__).parents[1], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    counted_to = first
    reported: set[int] = set()

    def collect() -> None:
        nonlocal counted_to
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            if "find" in told:
                reported.add(told["number"])
                result.finds.append(Find(mode, told["number"], told["find"], told["text"]))
            else:
                counted_to = told["done"]
                result.counts += Counter(told["counts"])

    complaints: list[bytes] = []
    assert process.stderr is not None
    stderr = process.stderr
    readers = [
        threading.Thread(target=collect, daemon=True),
        threading.Thread(target=lambda: complaints.append(stderr.read()[-4000:]), daemon=True),
    ]
    for reader in readers:
        reader.start()
    hangs = _wait(process, progress)
    for reader in readers:
        reader.join()
    number, phase = PROGRESS.unpack(progress.read_bytes())
    if process.returncode == 0 and not hangs:
        return last
    text = b"".join(complaints).decode(errors="replace")
    if number == PREPARING:
        raise RuntimeError(f"the worker did not come to work: {text}")
    if phase == IN_ORACLE:
        result.counts["another reader crashed or hung"] += 1
    elif phase != IN_JETLINER and hangs:
        result.counts["not made in time: bzip2 is slow for some data"] += 1
    elif phase != IN_JETLINER:
        raise RuntimeError(f"the test itself failed at file {number}: {text}")
    elif hangs:
        result.finds.append(Find(mode, number, "hang", f"more than {MOST_SECONDS} s"))
    else:
        how = signal.Signals(-process.returncode).name if process.returncode < 0 else f"exit {process.returncode}"
        result.finds.append(Find(mode, number, "crash", f"{how}\n{text}"))
    result.counts["not counted, since their process was lost"] += number - counted_to
    return number + 1


def _wait(process: subprocess.Popen[bytes], progress: Path) -> bool:
    """Wait for a worker. Kill it if it hangs on one file; return True then."""
    last = b""
    # Count ticks instead of reading the clock: if the whole machine pauses, the worker does not hang.
    ticks = 0
    while process.poll() is None:
        time.sleep(_TICK_SECONDS)
        now = progress.read_bytes()
        ticks = ticks + 1 if now == last else 0
        last = now
        is_starting = PROGRESS.unpack(now)[0] == PREPARING
        if ticks * _TICK_SECONDS > (_MOST_SECONDS_OF_START if is_starting else MOST_SECONDS):
            process.kill()
            process.wait()
            return True
    return False
