"""The claims about speed, memory and latency, each with the measured number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cases import LARGE
from readers import FLOOR, FLOOR_ONE_THREAD, ONE_THREAD, OURS, PEERS, RUST, SCAN, STREAM, STREAM_ONE_THREAD

# Relative error of the median of one case, on a quiet machine.
NOISE = 0.05

# If the floor gains less than this by a second thread, the case is bound by memory, not by the processor.
LEAST_FLOOR_GAIN = 1.5

Result = dict[str, Any]
Results = dict[str, Any]


@dataclass(frozen=True)
class Claim:
    """A number and its limit. If the number is the worst of several cases, `of` names the case."""

    text: str
    value: float
    limit: float
    at_most: bool = True
    unit: str = "x"
    of: str = ""

    @property
    def met(self) -> bool:
        """True if the number is within the limit."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit


def _geometric_mean(values: Iterable[float]) -> float:
    logs = [math.log(value) for value in values]
    return math.exp(sum(logs) / len(logs))


def _ratios(
    speed: dict[str, dict[str, Result]], over: str, under: str, names: Iterable[str] = LARGE
) -> dict[str, float]:
    """Ratio of the median times of two readers, by case. Only cases where both were measured."""
    found = {}
    for name in names:
        results = speed.get(name, {})
        a, b = results.get(over, {}), results.get(under, {})
        if "median_seconds" in a and "median_seconds" in b:
            found[name] = a["median_seconds"] / b["median_seconds"]
    return found


def _fastest_peer(speed: dict[str, dict[str, Result]], names: Iterable[str] = LARGE) -> dict[str, float]:
    """Time of the fastest peer over ours, by case."""
    fastest: dict[str, float] = {}
    for peer in PEERS:
        for name, value in _ratios(speed, peer, OURS, names).items():
            fastest[name] = min(value, fastest.get(name, math.inf))
    return fastest


def _over(ratios: dict[str, float]) -> str:
    return f"{len(ratios)} cases" if len(ratios) < len(LARGE) else "all large cases"


def speed_claims(speed: dict[str, dict[str, Result]]) -> Iterator[Claim]:
    peers = _fastest_peer(speed)
    if peers:
        text = f"time of the fastest peer over that of jetliner, geometric mean of {_over(peers)}"
        yield Claim(text, _geometric_mean(peers.values()), 4, at_most=False)
        worst = min(peers, key=peers.__getitem__)
        text = "time of the fastest peer over that of jetliner, smallest"
        yield Claim(text, peers[worst], 2.5, at_most=False, of=worst)
    rust = _ratios(speed, RUST, OURS)
    if rust:
        text = f"time of jetliner 0.2.0 over that of jetliner, geometric mean of {_over(rust)}"
        yield Claim(text, _geometric_mean(rust.values()), 5, at_most=False)
    for name, value in _ratios(speed, OURS, FLOOR, ("flat snappy", "nested", "wide")).items():
        yield Claim(f"time of jetliner over that of the floor: {name}", value, 2.5)
    stream = _ratios(speed, STREAM, SCAN)
    if stream:
        text = f"time of AvroReader over that of scan_avro().collect(), geometric mean of {_over(stream)}"
        yield Claim(text, _geometric_mean(stream.values()), 1)
        worst = max(stream, key=stream.__getitem__)
        text = "time of AvroReader over that of scan_avro().collect(), largest (limit includes noise)"
        yield Claim(text, stream[worst], 1 + NOISE, of=worst)


def scaling_claims(scaling: dict[str, dict[str, Result]]) -> Iterator[Claim]:
    floors = _ratios(scaling, FLOOR_ONE_THREAD, FLOOR, scaling)  # speed.py measures floors of whole files only
    bound_by_memory = [name for name, gain in floors.items() if gain < LEAST_FLOOR_GAIN]
    note = f" (without {', '.join(bound_by_memory)}: there the floor gains little)" if bound_by_memory else ""
    for name, one, all_threads in (("AvroReader", STREAM_ONE_THREAD, STREAM), ("read_avro", ONE_THREAD, OURS)):
        gains = _ratios(scaling, one, all_threads, [case for case in scaling if case not in bound_by_memory])
        if gains:
            worst = min(gains, key=gains.__getitem__)
            text = f"time of {name} with one thread over that with all threads, smallest{note}"
            yield Claim(text, gains[worst], 1.7, at_most=False, of=worst)


def memory_claims(memory: list[Result]) -> Iterator[Claim]:
    for scenario in memory:
        if "error" in scenario:
            continue
        if scenario.get("limit_mb") is not None:
            measured = max(scenario["peak_mb"], scenario["sampled_mb"])
            yield Claim(f"memory: {scenario['name']}", measured, scenario["limit_mb"], unit=" MB")
        if scenario.get("shorter") is not None:
            shorter = next((other for other in memory if other["name"] == scenario["shorter"]), {})
            if "peak_mb" in shorter:
                growth = scenario["peak_mb"] / shorter["peak_mb"]
                yield Claim(f"memory: {scenario['name']}, over that for a tenth of the file", growth, 1.1)


def latency_claims(latency: list[Result]) -> Iterator[Claim]:
    for entry in latency:
        if entry.get("limit") is not None and "value" in entry:
            yield Claim(entry["name"], entry["value"], entry["limit"], at_most=entry["at_most"], unit=entry["unit"])


def tiny_claims(tiny: list[Result]) -> Iterator[Claim]:
    ours = [entry for entry in tiny if "limit" in entry]
    if ours:
        slowest = max(ours, key=lambda entry: float(entry["ratio"]))
        text = "5,000 files of one row: time over that of a loop of fastavro.reader, largest"
        yield Claim(text, slowest["ratio"], slowest["limit"], of=slowest["name"])
        largest = max(ours, key=lambda entry: float(entry["peak_mb"]))
        text = "5,000 files of one row: memory, largest"
        yield Claim(text, largest["peak_mb"], largest["limit_mb"], unit=" MB", of=largest["name"])


def writing_claims(writing: dict[str, dict[str, Result]]) -> Iterator[Claim]:
    floors = _ratios(writing, OURS, FLOOR, writing)
    if floors:
        worst = max(floors, key=floors.__getitem__)
        yield Claim("writing: time of jetliner over that of the floor, largest", floors[worst], 1.7, of=worst)
    peers = _fastest_peer(writing, writing)
    if peers:
        text = f"writing: time of the fastest peer over that of jetliner, geometric mean of {len(peers)} cases"
        yield Claim(text, _geometric_mean(peers.values()), 3, at_most=False)
        worst = min(peers, key=peers.__getitem__)
        text = "writing: time of the fastest peer over that of jetliner, smallest"
        yield Claim(text, peers[worst], 1.6, at_most=False, of=worst)
    gains = _ratios(writing, ONE_THREAD, OURS, writing)
    if gains:
        worst = min(gains, key=gains.__getitem__)
        text = "writing: time with one thread over that with all threads, smallest"
        yield Claim(text, gains[worst], 1.7, at_most=False, of=worst)


def all_claims(results: Results) -> list[Claim]:
    """All claims whose numbers were measured."""
    return [
        *speed_claims(results.get("speed", {})),
        *scaling_claims(results.get("scaling", {})),
        *memory_claims(results.get("memory", [])),
        *latency_claims(results.get("latency", [])),
        *latency_claims(results.get("queries", [])),
        *tiny_claims(results.get("tiny", [])),
        *writing_claims(results.get("writing", {})),
    ]
