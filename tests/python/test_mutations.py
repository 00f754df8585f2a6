"""Mutated files, a few hundred of them; `make test-mutations` reads as many as one likes."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mutations import __main__ as command
from mutations import bases, mutate, watch
from mutations.worker import file_of


@pytest.fixture(scope="module")
def small() -> list[bases.Base]:
    return bases.load()


def test_mutated_files_do_no_harm() -> None:
    result = watch.run("read", 0, 400)
    assert result.finds == []
    assert result.done == 400
    assert sum(count for name, count in result.counts.items() if name != "rows saved after the damage") == 400
    kinds = {name.split(":")[0] for name in result.counts}
    assert {"refused", "damaged", "read whole", "rows saved after the damage"} <= kinds


def test_what_others_read_is_read_the_same() -> None:
    result = watch.run("differential", 0, 300)
    assert result.finds == []
    assert result.counts["read the same"] > 10
    assert result.counts["refused by all"] > 10


def test_finds_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(watch, "MOST_SECONDS", 1.0)
    faults = {3: "crash", 7: "foreign", 8: "hang", 12: "memory"}
    result = watch.run("read", 0, 20, faults=faults)
    assert [(find.number, find.kind) for find in result.finds] == [
        (3, "crash"),
        (7, "foreign exception"),
        (8, "hang"),
        (12, "memory"),
    ]
    assert "SIGABRT" in result.finds[0].text
    command.keep(result.finds, tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.avro")) == [f"read-{n}.avro" for n in (12, 3, 7, 8)]


def test_numbers_make_the_same_files_each_time(small: list[bases.Base]) -> None:
    again = bases.load()
    assert [base.data for base in again] == [base.data for base in small]
    files = [file_of(number, "read", small, []) for number in range(200)]
    assert files == [file_of(number, "read", again, []) for number in range(200)]
    by_name = {base.name: base for base in small}
    assert sum(data == by_name[name].data for name, data in files) < 10
    assert len({name for name, _ in files}) > 80


def test_every_mutation_changes_files_and_survives_short_ones(small: list[bases.Base]) -> None:
    rng = random.Random(1)
    for mutation in mutate.MUTATIONS:
        changed = 0
        for base in small[:40]:
            data = bytearray(base.data)
            mutation(data, rng, base)
            changed += data != base.data
        assert changed > 20, mutation.__name__
        for length in (0, 1, 5):
            data = bytearray(small[0].data[:length])
            mutation(data, rng, small[0])


def test_bases_are_of_all_codecs_and_types(small: list[bases.Base]) -> None:
    assert {base.codec for base in small} == {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"}
    text = b"".join(base.data for base in small)
    for name in ("decimal", "duration", "uuid", "timestamp-nanos", "big-decimal", "map", "enum", "fixed", "array"):
        assert b'"%s"' % name.encode() in text
    assert sum(len(base.starts) > 2 for base in small) > 50
