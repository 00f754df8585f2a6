"""Runs cases in worker processes. A failure does not end the run."""

from __future__ import annotations

import multiprocessing
import tempfile
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import polars as pl

from .case import describe, run_case
from .protocol import run_protocol_case
from .tables import Tables


def run_chunk(job: tuple[int, int, bool]) -> tuple[Counter[str], list[tuple[int, str]]]:
    """Run cases; return counts, and the failed seeds with their messages.

    A job is (first seed, number of cases, call the source directly instead of queries).
    """
    first, count, protocol = job
    counts: Counter[str] = Counter()
    failures: list[tuple[int, str]] = []
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="queries-") as directory, ProcessPoolExecutor(1, spawn) as executor:
        tables = Tables(Path(directory))
        for seed in range(first, first + count):
            try:
                if protocol:
                    run_protocol_case(seed, tables)
                    counts["cases"] += 1
                else:
                    counts += run_case(seed, tables, executor)
            except AssertionError as error:
                failures.append((seed, str(error) if protocol else f"{error}\n{describe(seed, tables)}"))
            except (Exception, pl.exceptions.PanicException):
                failures.append((seed, traceback.format_exc()))
    return counts, failures
