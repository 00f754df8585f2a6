"""Very many files of a few rows: what they share, rows in the order of the files, and damage in its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import blocks_of, write_file

FILES = 100
BAD = 37

Read = Callable[[list[str]], pl.DataFrame]


def schema(doc: str) -> dict[str, Any]:
    symbols = {"type": "enum", "name": "Kind", "symbols": ["A", "a_symbol_of_more_than_twelve_bytes"]}
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": ["null", "int"], "doc": doc}]}
    return {
        "type": "record",
        "name": "Tiny",
        "doc": doc,
        "fields": [
            {"name": "id", "type": "long", "doc": doc},
            {"name": "text", "type": ["null", "string"]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "flag", "type": "boolean"},
            {"name": "kind", "type": symbols},
            {"name": "tags", "type": {"type": "array", "items": ["null", "string"]}},
            {"name": "inner", "type": ["null", inner]},
            {"name": "none", "type": "null"},
        ],
    }


def row(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "text": (None, "short", f"a text of more than twelve bytes, {number}")[number % 3],
        "at": datetime(2026, 1, 1 + number % 28, tzinfo=UTC),
        "flag": number % 2 == 0,
        "kind": schema("")["fields"][4]["type"]["symbols"][number % 2],
        "tags": [None, f"a tag of more than twelve bytes, {number}"][: number % 3],
        "inner": None if number % 5 == 0 else {"x": None if number % 2 else number},
        "none": None,
    }


@pytest.fixture(scope="module", params=["equal schemas", "other docs", "other attributes"])
def paths(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    directory = tmp_path_factory.mktemp("tiny")
    written = []
    number = 0
    for i in range(FILES):
        own = schema(f'Written by run {i} of "many" \u00e9' if request.param == "other docs" else "")
        if request.param == "other attributes":
            own["run"] = i
        rows = 1 + i % 3
        path = directory / f"{i:03}.avro"
        write_file(path, own, [row(k) for k in range(number, number + rows)], block_rows=2)
        number += rows
        written.append(str(path))
    return written


def one_by_one(paths: list[str]) -> pl.DataFrame:
    return pl.concat([jetliner.read_avro(path, include_file_paths="path") for path in paths]).with_row_index("nr", 7)


def by_batches(paths: list[str], **options: Any) -> pl.DataFrame:
    reader = jetliner.MultiAvroReader(
        paths, row_index_name="nr", row_index_offset=7, include_file_paths="path", **options
    )
    return pl.concat(list(reader))


def scan(paths: list[str], **options: Any) -> pl.LazyFrame:
    return jetliner.scan_avro(paths, row_index_name="nr", row_index_offset=7, include_file_paths="path", **options)


def read(paths: list[str], **options: Any) -> pl.DataFrame:
    return jetliner.read_avro(paths, row_index_name="nr", row_index_offset=7, include_file_paths="path", **options)


WAYS: dict[str, Read] = {
    "read_avro": read,
    "read_avro, one thread": lambda paths: read(paths, n_threads=1),
    "reader schema": lambda paths: read(paths, reader_schema=schema("mine")),
    "files that may differ": lambda paths: read(paths, missing_columns="insert"),
    "scan": lambda paths: scan(paths).collect(),
    "scan in small batches": lambda paths: scan(paths, batch_size=7).collect(),
    "MultiAvroReader": by_batches,
    "MultiAvroReader in small batches": lambda paths: by_batches(paths, batch_size=7),
}


@pytest.mark.parametrize("way", WAYS)
def test_rows_are_those_of_the_files_in_their_order(paths: list[str], way: str) -> None:
    assert_frame_equal(WAYS[way](paths), one_by_one(paths))


def test_small_files_share_chunks(paths: list[str]) -> None:
    for frame in (read(paths), scan(paths).collect(), by_batches(paths), read(paths, n_threads=1)):
        assert frame.n_chunks() < 10


def test_filters_and_columns(paths: list[str]) -> None:
    everything = one_by_one(paths)
    for predicate in (pl.col("id") % 7 == 3, pl.col("text").is_null(), pl.col("flag"), pl.col("id") >= 0):
        assert_frame_equal(scan(paths).filter(predicate).collect(), everything.filter(predicate))
        some = scan(paths).filter(predicate).select("nr", "tags", "path").collect()
        assert_frame_equal(some, everything.filter(predicate).select("nr", "tags", "path"))
    assert_frame_equal(scan(paths).select("inner", "path").collect(), everything.select("inner", "path"))
    assert_frame_equal(scan(paths).slice(31, 60).collect(), everything.slice(31, 60))
    assert scan(paths).select(pl.len()).collect().item() == jetliner.count_rows(paths) == everything.height


def test_batches_have_their_size(paths: list[str]) -> None:
    heights = [batch.height for batch in jetliner.MultiAvroReader(paths, batch_size=30)]
    rows = jetliner.count_rows(paths)
    assert heights == [30] * (rows // 30) + [rows % 30]


@pytest.fixture
def damaged(paths: list[str], tmp_path: Path) -> list[str]:
    """The files, one of them with a marker that is wrong after its first block."""
    bad = tmp_path / "bad.avro"
    content = bytearray(Path(paths[BAD]).read_bytes())
    content[blocks_of(paths[BAD])[0].sync_offset] ^= 0xFF
    bad.write_bytes(content)
    return [*paths[:BAD], str(bad), *paths[BAD + 1 :]]


def test_an_error_names_its_file_after_the_rows_before_it(damaged: list[str]) -> None:
    for query in (
        read,
        lambda paths: scan(paths).collect(),
        lambda paths: scan(paths).filter(pl.col("flag")).collect(),
    ):
        with pytest.raises((jetliner.ParseError, pl.exceptions.ComputeError), match=r"bad\.avro"):
            query(damaged)
    reader = jetliner.MultiAvroReader(damaged, batch_size=10)
    frames = []
    with pytest.raises(jetliner.ParseError, match=r"bad\.avro"):
        frames.extend(reader)  # the rows before the error stay
    before = pl.concat([jetliner.read_avro(path) for path in damaged[:BAD]])
    assert_frame_equal(pl.concat(frames), before)


def test_damage_is_skipped_and_listed(damaged: list[str]) -> None:
    bad = jetliner.read_avro(damaged[BAD], include_file_paths="path", ignore_errors=True)
    others = [jetliner.read_avro(path, include_file_paths="path") for path in damaged if path != damaged[BAD]]
    expected = pl.concat([*others[:BAD], bad, *others[BAD:]]).with_row_index("nr", 7)
    assert_frame_equal(read(damaged, ignore_errors=True), expected)
    assert_frame_equal(scan(damaged, ignore_errors=True).collect(), expected)
    reader = jetliner.MultiAvroReader(damaged, ignore_errors=True)
    assert sum(batch.height for batch in reader) == expected.height
    assert [error.filepath for error in reader.errors] == [damaged[BAD]]


def test_a_file_with_other_types_is_still_an_error(paths: list[str], tmp_path: Path) -> None:
    other = schema("")
    other["fields"][0]["type"] = "int"
    path = tmp_path / "other.avro"
    write_file(path, other, [row(1)])
    with pytest.raises(jetliner.SchemaError, match=r"mismatch.*id"):
        jetliner.read_avro([*paths[:5], str(path), *paths[5:]])


def test_readers_know_their_own_schema(paths: list[str]) -> None:
    """Plans are shared, texts are not."""
    for path in paths[:3]:
        with jetliner.AvroReader(path) as reader:
            assert reader.schema == jetliner.read_avro_metadata(path).schema_json
            assert reader.polars_schema == jetliner.read_avro_schema(path)
