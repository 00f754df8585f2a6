"""Runs cases in worker processes. A failure does not end the run."""

from __future__ import annotations

import json
import tempfile
import traceback
from collections import Counter
from pathlib import Path

from . import resolve_case
from .case import describe, make_case, run_case


def run_chunk(job: tuple[int, int, bool, bool]) -> tuple[Counter[str], list[tuple[int, str]]]:
    """Run cases; return counts, and the failed seeds with their messages.

    A job is (first seed, number of cases, with jetliner, pairs of schemas instead of files).
    """
    first, count, with_jetliner, pairs = job
    run = resolve_case.run_pair if pairs else run_case
    counts: Counter[str] = Counter()
    failures: list[tuple[int, str]] = []
    with tempfile.TemporaryDirectory(prefix="differential-") as directory:
        for seed in range(first, first + count):
            try:
                counts += run(seed, Path(directory), with_jetliner)
            except AssertionError as error:
                failures.append((seed, str(error)))
            except Exception:
                failures.append((seed, traceback.format_exc()))
    return counts, failures


def keep(seed: int, message: str, directory: Path, pairs: bool) -> None:
    """Save the file, the schema and the message of a failure."""
    directory.mkdir(parents=True, exist_ok=True)
    if pairs:
        (directory / f"pair-{seed}.txt").write_text(message + "\n")
        (directory / f"pair-{seed}.avro").write_bytes(resolve_case.make_pair(seed).data)
        return
    text = f"{describe(seed)}\n{message}\n"
    (directory / f"{seed}.txt").write_text(text)
    try:
        case = make_case(seed)
    except Exception:
        return
    (directory / f"{seed}.avro").write_bytes(case.data)
    (directory / f"{seed}.avsc").write_text(json.dumps(case.schema, indent=1, ensure_ascii=False))
