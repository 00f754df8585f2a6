"""Compares two functions, which take turns in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from resident import touch

Result = dict[str, Any]


def _timed(do: Callable[[], object], touch_bytes: int) -> float:
    touch(touch_bytes)
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def compare(ours: Callable[[], object], other: Callable[[], object], rounds: int, touch_bytes: int = 0) -> Result:
    """Compare median times. One run of each does not count. `touch_bytes` of memory are made ready before each run."""
    ours()
    other()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        times[0].append(_timed(ours, touch_bytes))
        times[1].append(_timed(other, touch_bytes))
    a, b = statistics.median(times[0]), statistics.median(times[1])
    return {"value": a / b, "ours_seconds": a, "other_seconds": b}
