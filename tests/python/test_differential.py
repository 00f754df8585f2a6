"""Generated schemas and values, in files of our own encoder and of fastavro, read by fastavro and by jetliner.

JETLINER_DIFF_CASES sets how many cases run (default 2000).
For more, run ``python -m differential`` in ``tests/python``.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from differential.case import describe, make_case, run_case

CASES = int(os.environ.get("JETLINER_DIFF_CASES", "2000"))
CHUNK = 50


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_differential(first: int, tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, CASES)):
        try:
            counts += run_case(seed, tmp_path)
        except Exception as error:
            pytest.fail(f"{error}\n{describe(seed)}", pytrace=not isinstance(error, AssertionError))
    # fastavro is the other party: it must have read nearly all files, in its own way or behind a plainer header.
    read = counts["read by fastavro"] + counts["read by fastavro behind a plainer header"]
    assert counts["cases"] == min(CHUNK, CASES - first)
    assert read >= 0.9 * counts["cases"]
    assert list(tmp_path.iterdir()) == []


def test_generator_covers_every_type_and_repeats() -> None:
    """The generated schemas use what the format has, and a seed always gives the same file."""
    seen: Counter[str] = Counter()
    for seed in range(300):
        case = make_case(seed)
        nodes = [case.node]
        known: set[int] = set()
        while nodes:
            node = nodes.pop()
            if id(node) in known:
                seen[f"{node.kind} again"] += 1
                continue
            known.add(id(node))
            seen[f"{node.kind} {node.logical}"] += 1
            nodes += [child for _, child in node.fields] + node.branches + ([node.items] if node.items else [])
            if node.kind == "union":
                nulls = [i for i, branch in enumerate(node.branches) if branch.kind == "null"]
                seen[f"union of {min(len(node.branches), 3)}, null at {nulls[:1]}"] += 1
        seen[f"codec {case.codec}"] += 1
    expected = {
        *(f"{kind} None" for kind in ("null", "boolean", "int", "long", "float", "double", "bytes", "string", "fixed")),
        *(f"{kind} None" for kind in ("record", "enum", "array", "map", "union")),
        *(f"int {name}" for name in ("date", "time-millis")),
        *(f"long {kind}-{unit}" for kind in ("timestamp", "local-timestamp") for unit in ("millis", "micros", "nanos")),
        *("long time-micros", "bytes decimal", "fixed decimal", "bytes big-decimal", "string uuid", "fixed uuid"),
        *("fixed duration", "record again", "enum again", "fixed again"),
        *("union of 1, null at []", "union of 1, null at [0]", "union of 2, null at [0]", "union of 2, null at [1]"),
        *("union of 3, null at []", "union of 3, null at [0]", "union of 3, null at [1]", "union of 3, null at [2]"),
        *(f"codec {name}" for name in ("null", "deflate", "snappy", "zstandard", "bzip2", "xz")),
    }
    assert expected - set(seen) == set()
    assert make_case(17).data == make_case(17).data
