"""Generated schemas and values, in files of our own encoder and of fastavro, read by fastavro and by jetliner.

JETLINER_DIFF_CASES sets how many cases run (default 2000).
For more, run ``python -m differential`` in ``tests/python``.
"""

from __future__ import annotations

import copy
import json
import math
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import jetliner
from differential.case import describe, make_case, run_case
from differential.compare import value_difference
from differential.expect import Json, Table, json_scalar, table
from differential.model import Node, parse

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


def test_other_values_are_found() -> None:
    """Every change of an expected value is a difference: the comparison cannot pass by looking away."""
    rng = random.Random(1)
    changed = 0
    for seed in range(150):
        case = make_case(seed)
        expected = table(case.node, case.rows)
        names = [name for name, values in expected.columns.items() if values]
        if not names:
            continue
        # Built by hand, as the frame of a right reader would be.
        same = copy.deepcopy(expected.columns)
        assert all(
            value_difference(want, as_read(got), "") is None for n in names for want, got in _pairs(expected, same, n)
        )
        name = rng.choice(names)
        row = rng.randrange(len(same[name]))
        same[name][row] = other = change(same[name][row], rng)
        found = [value_difference(want, as_read(got), "") for want, got in _pairs(expected, same, name)]
        assert [i for i, difference in enumerate(found) if difference is not None] == [row], (seed, name, other)
        changed += 1
    assert changed > 100


def _pairs(expected: Table, columns: dict[str, list[Any]], name: str) -> list[tuple[Any, Any]]:
    return list(zip(expected.columns[name], columns[name], strict=True))


def as_read(value: Any) -> Any:
    """A physical value with JSON as text, as it is read."""
    if isinstance(value, Json):
        return json.dumps(as_json(value.node, value.raw))
    if isinstance(value, list):
        return [as_read(item) for item in value]
    return {key: as_read(item) for key, item in value.items()} if isinstance(value, dict) else value


def as_json(node: Node, raw: Any) -> Any:
    if node.kind == "union":
        return as_json(node.branches[raw[0]], raw[1])
    if node.kind == "record":
        return {name: as_json(child, raw[name]) for name, child in node.fields}
    if node.kind == "map":
        return {key: as_json(node.child, item) for key, item in raw.items()}
    return [as_json(node.child, item) for item in raw] if node.kind == "array" else json_scalar(node, raw)


def change(value: Any, rng: random.Random) -> Any:
    """Another value of about the same shape, changed in one place."""
    if isinstance(value, Json):
        # A field more; what is inside of the JSON is compared by rules of its own, tested with hand-written texts.
        return {"no": "JSON"}
    if isinstance(value, list) and value:
        at = rng.randrange(len(value))
        return [change(item, rng) if i == at else item for i, item in enumerate(value)]
    if isinstance(value, dict) and value:
        at = rng.choice(list(value))
        return {key: change(item, rng) if key == at else item for key, item in value.items()}
    if isinstance(value, bool) or value is None:
        return 17 if value is None else not value
    if isinstance(value, (int, str, bytes)):
        return value + type(value)((1,)) if isinstance(value, bytes) else value + (1 if isinstance(value, int) else "x")
    if isinstance(value, float):
        return -value if value == 0 else 0.5 if math.isnan(value) else math.nextafter(value, 0.0)
    return None


@pytest.mark.parametrize(
    ("schema", "raw", "text", "same"),
    [
        ("long", 2**63 - 1, "9223372036854775807", True),
        ("long", 2**63 - 1, "9223372036854775806", False),
        ("long", 1, "1.0", False),
        ("int", 1, "true", False),
        ("double", 0.1, "0.1", True),
        ("double", 0.1, "0.10000000000000002", False),
        ("float", 0.10000000149011612, "0.1", True),
        ("float", 0.10000000149011612, "0.10000001", False),
        ("double", float("nan"), "null", True),
        ("double", float("nan"), '"NaN"', False),
        ("string", "é\n", '"\\u00e9\\n"', True),
        ("bytes", b"\xff", '"/w=="', True),
        ("bytes", b"\xff", '"/w"', False),
        (["null", "string"], (0, None), "null", True),
        (["null", "string"], (1, ""), "null", False),
        (["null", "string"], (1, "a"), '{"string": "a"}', False),
        ({"type": "array", "items": "int"}, [1, 2], "[1, 2]", True),
        ({"type": "array", "items": "int"}, [1, 2], "[1]", False),
        ({"type": "map", "values": "int"}, {"a": 1, "b": 2}, '{"a": 1, "b": 2}', True),
        ({"type": "map", "values": "int"}, {"a": 1, "b": 2}, '{"b": 2, "a": 1}', False),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, b"\x05", '"0.05"', True),
        ({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, b"\x05", '"0.050"', False),
        ({"type": "int", "logicalType": "date"}, 5, "5", True),
        ({"type": "fixed", "name": "F", "size": 8, "logicalType": "arrow.uint64"}, b"\xff" * 8, str(2**64 - 1), True),
        ({"type": "fixed", "name": "F", "size": 2, "logicalType": "arrow.float16"}, b"\x00\xc1", "-2.5", True),
        ({"type": "fixed", "name": "F", "size": 2, "logicalType": "arrow.float16"}, b"\x00\xc1", '"AME="', False),
        ({"type": "int", "logicalType": "date"}, 5, '"1970-01-06"', False),
    ],
)
def test_rules_of_json(schema: Any, raw: Any, text: str, same: bool) -> None:
    assert (value_difference(Json(parse(schema), raw), text, "value") is None) == same


def test_other_readings_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A reader that is wrong in one way of reading fails the checks."""
    seed = next(seed for seed in range(100) if len(make_case(seed).rows) > 5 and make_case(seed).node.kind == "record")
    run_case(seed, tmp_path)
    right_read, right_reader = jetliner.read_avro, jetliner.AvroReader

    class LosesTheLastBatch(right_reader):  # type: ignore[misc, valid-type]
        def __iter__(self) -> Any:
            return iter(list(super().__iter__())[:-1])

    def reverses_projections(*args: Any, **options: Any) -> Any:
        frame = right_read(*args, **options)
        return frame.reverse() if "columns" in options else frame

    def ignores_n_rows(*args: Any, n_rows: int | None = None, **options: Any) -> Any:
        return right_read(*args, **options)

    def drops_rows_with_ignore_errors(*args: Any, **options: Any) -> Any:
        frame = right_read(*args, **options)
        return frame[1:] if options.get("ignore_errors") else frame

    wrong: list[tuple[str, Any]] = [("AvroReader", LosesTheLastBatch)]
    wrong += [("read_avro", read) for read in (reverses_projections, ignores_n_rows, drops_rows_with_ignore_errors)]
    for name, replacement in wrong:
        with monkeypatch.context() as patch:
            patch.setattr(jetliner, name, replacement)
            with pytest.raises(AssertionError):
                run_cases(range(seed, seed + 20), tmp_path)


def run_cases(seeds: range, directory: Path) -> None:
    for seed in seeds:
        run_case(seed, directory)


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
        *("int arrow.int8", "long arrow.uint32", "long arrow.uint64", "fixed arrow.uint64", "long arrow.date64"),
        *("float arrow.float16", "fixed arrow.float16", "fixed duration", "record again", "enum again", "fixed again"),
        *("union of 1, null at []", "union of 1, null at [0]", "union of 2, null at [0]", "union of 2, null at [1]"),
        *("union of 3, null at []", "union of 3, null at [0]", "union of 3, null at [1]", "union of 3, null at [2]"),
        *(f"codec {name}" for name in ("null", "deflate", "snappy", "zstandard", "bzip2", "xz")),
    }
    assert expected - set(seen) == set()
    assert make_case(17).data == make_case(17).data
