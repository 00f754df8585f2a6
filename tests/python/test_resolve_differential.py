"""Generated pairs of a writer's and a reader's schema, resolved by the tests' own rules, by fastavro and by jetliner.

JETLINER_RESOLVE_CASES sets how many pairs run (default 2000). For more, run ``python -m differential --resolve`` in
``tests/python``. The pairs that Java resolves are in test_resolve_java.py.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import jetliner
from differential.model import parse
from differential.resolve import ReaderSchema, Resolver, ValueUnresolvableError, long_to_float32
from differential.resolve_case import MismatchError, alike, make_pair, run_pair

CASES = int(os.environ.get("JETLINER_RESOLVE_CASES", "2000"))
CHUNK = 50


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_pairs(first: int, tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, CASES)):
        try:
            counts += run_pair(seed, tmp_path)
        except MismatchError as error:
            pytest.fail(str(error), pytrace=False)
    assert counts["pairs"] == min(CHUNK, CASES - first)
    # fastavro is the other party: hardly ever it is of another opinion.
    assert counts["equal to fastavro"] + counts["fastavro raises as well"] >= 0.9 * counts["pairs"]
    assert counts["equal to fastavro"] >= 0.4 * counts["pairs"]
    assert list(tmp_path.iterdir()) == []


def test_generator_covers_every_rule() -> None:
    """The pairs hold all that is resolved, and all that is not."""
    seen: Counter[str] = Counter()
    for seed in range(600):
        pair = make_pair(seed)
        seen["unresolvable" if not pair.opens else "a value has no place" if pair.problem else "resolved"] += 1
        note(pair.node, pair.reader, pair.reader.node, seen, set())
    expected = {
        "unresolvable", "a value has no place", "resolved", "dropped field", "added field", "renamed field",
        "other order", "alias of a type", "other namespace", "enum default", "other symbols", "writer's union only",
        "reader's union only", "both unions", "recursive",
        "int to long", "int to float", "int to double", "long to float", "long to double", "float to double",
        "string to bytes", "bytes to string",
    }  # fmt: skip
    assert expected - set(seen) == set()
    assert make_pair(17).data == make_pair(17).data


def note(writer: Any, schema: ReaderSchema, reader: Any, seen: Counter[str], known: set[Any]) -> None:
    """Count what differs between two types, following fields by name."""
    if (writer, reader) in known:
        seen["recursive"] += writer.kind == "record"
        return
    known.add((writer, reader))
    if writer.kind == "union" or reader.kind == "union":
        both = writer.kind == reader.kind
        seen["both unions" if both else f"{'writer' if writer.kind == 'union' else 'reader'}'s union only"] += 1
        for one in writer.branches or [writer]:
            for other in reader.branches or [reader]:
                if one.kind == other.kind:
                    note(one, schema, other, seen, known)
        return
    if writer.kind != reader.kind:
        seen[f"{writer.kind} to {reader.kind}"] += 1
        return
    if writer.name != reader.name:
        seen["alias of a type" if writer.name in schema.aliases[reader.name] else "other namespace"] += 1
    if writer.kind == "enum":
        seen["enum default"] += reader.name in schema.enum_defaults
        seen["other symbols"] += writer.symbols != reader.symbols
    elif writer.kind in ("array", "map"):
        note(writer.child, schema, reader.child, seen, known)
    elif writer.kind == "record":
        theirs, ours = dict(writer.fields), dict(reader.fields)
        common = [name for name in ours if name in theirs]
        seen["other order"] += common != [name for name in theirs if name in ours]
        seen["dropped field"] += len(theirs) > len(common)
        seen["added field"] += any(name.startswith("added") for name in ours)
        seen["renamed field"] += any(name.startswith("renamed") for name in ours)
        for name in common:
            note(theirs[name], schema, ours[name], seen, known)


def test_other_values_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that gets one thing wrong fails the checks."""
    right = jetliner.read_avro

    def drops_a_row(*args: Any, **options: Any) -> Any:
        return right(*args, **options)[1:]

    def ignores_the_schema(*args: Any, reader_schema: Any, **options: Any) -> Any:
        return right(*args, **options)

    for wrong in (drops_a_row, ignores_the_schema):
        with monkeypatch.context() as patch:
            patch.setattr(jetliner, "read_avro", wrong)
            with pytest.raises(MismatchError):
                run_pairs(range(30), tmp_path)
    assert not alike(parse("long"), 5, 6)
    assert not alike(parse(["null", "string"]), (1, "a"), None)
    assert not alike(parse({"type": "array", "items": "int"}), [1, 2], [1])


def run_pairs(seeds: range, directory: Path) -> None:
    for seed in seeds:
        run_pair(seed, directory)


def test_the_tests_rules() -> None:
    """Values by hand, for the rules that everything else here is held against."""

    def resolve(writer: Any, reader: Any, raw: Any) -> Any:
        return Resolver(parse(writer), ReaderSchema(reader)).resolve(raw)

    assert resolve("int", "double", 3) == 3.0
    assert resolve(["null", "int"], ["long", "null"], (1, 5)) == (0, 5)
    assert resolve("int", ["double", "int"], 5) == (1, 5)
    enum = {"type": "enum", "name": "E", "symbols": ["a", "b"]}
    assert resolve(enum, enum | {"symbols": ["b"], "default": "b"}, "a") == "b"
    with pytest.raises(ValueUnresolvableError):
        resolve(enum, enum | {"symbols": ["b"]}, "a")
    record = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    fields = [{"name": "n", "type": ["null", "int"], "default": 4}, {"name": "b", "type": "long", "aliases": ["a"]}]
    assert resolve(record, record | {"fields": fields}, {"a": 1}) == {"n": (1, 4), "b": 1}
    # 2**24 + 1 lies between two floats; 2**60 + 2**36 + 1 too, and would be rounded twice by way of a double.
    assert long_to_float32(2**24 + 1) == 2**24
    assert long_to_float32(2**60 + 2**36 + 1) == 2**60 + 2**37
    assert long_to_float32(-(2**63)) == -(2.0**63)
