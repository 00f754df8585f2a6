"""Runs cases; a failure does not end the run."""

from __future__ import annotations

import tempfile
import traceback
from collections import Counter
from pathlib import Path

from .frame_case import run_frame_case
from .schema_case import run_schema_case


def run_chunk(job: tuple[int, int]) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Run cases (first seed, number); return counts, and the failed ones with their messages."""
    first, count = job
    counts: Counter[str] = Counter()
    failures: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="writing-") as directory:
        for seed in range(first, first + count):
            for kind, run in (("frame", run_frame_case), ("schema", run_schema_case)):
                try:
                    counts += run(seed, Path(directory))
                except AssertionError as error:
                    failures.append((f"{kind} {seed}", str(error)))
                except Exception:
                    failures.append((f"{kind} {seed}", traceback.format_exc()))
    return counts, failures
