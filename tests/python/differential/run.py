"""Runs of cases that go on after a failure, for worker processes."""

from __future__ import annotations

import json
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from .case import describe, make_case, run_case


def run_chunk(job: tuple[int, int, bool]) -> tuple[Counter[str], list[tuple[int, str]]]:
    """Run cases, given as (first seed, how many, with jetliner): what was counted, and seeds with their messages."""
    first, count, with_jetliner = job
    counts: Counter[str] = Counter()
    failures: list[tuple[int, str]] = []
    with tempfile.TemporaryDirectory(prefix="differential-") as directory:
        for seed in range(first, first + count):
            try:
                counts += run_case(seed, Path(directory), with_jetliner)
            except AssertionError as error:
                failures.append((seed, str(error)))
            except Exception:
                failures.append((seed, traceback.format_exc()))
    return counts, failures


def keep(seed: int, message: str, directory: Path) -> None:
    """Write the file, schema and message of a failure."""
    directory.mkdir(parents=True, exist_ok=True)
    text = f"{describe(seed)}\n{message}\n"
    (directory / f"{seed}.txt").write_text(text)
    try:
        case = make_case(seed)
    except Exception:
        return
    (directory / f"{seed}.avro").write_bytes(case.data)
    (directory / f"{seed}.avsc").write_text(json.dumps(case.schema, indent=1, ensure_ascii=False))
