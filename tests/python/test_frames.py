"""Batches become frames as a whole, or column by column where they are large and flat: the same frames."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from conftest import WriteAvro, WriteSales
from jetliner._columns import frames

ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B"]}
COLUMNS: dict[str, tuple[Any, list[Any]]] = {
    "flat": (["null", "string"], ["text", None, "a text of more than twelve bytes"]),
    "enum": (ENUM, ["A", "B", "B"]),
    "list of enum": ({"type": "array", "items": ENUM}, [["A"], [], ["B", "A"]]),
    "empty lists of enum": ({"type": "array", "items": ENUM}, [[], [], []]),
    "struct": ({"type": "record", "name": "S", "fields": [{"name": "e", "type": ENUM}]}, [{"e": "A"}] * 3),
    "map": ({"type": "map", "values": "double"}, [{"a": 1.5}, {}, {"b": 2.5}]),
}


# As series, chunks of nothing but empty lists of enums were lost without a word. Found by mutations of files.
@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("batch_size", [1, 2, 4, 100])
def test_several_chunks(write_avro: WriteAvro, monkeypatch: pytest.MonkeyPatch, name: str, batch_size: int) -> None:
    avro, values = COLUMNS[name]
    schema = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "long"}, {"name": "c", "type": avro}]}
    records = [{"n": number, "c": value} for number, value in enumerate(values * 5)]
    paths = [write_avro(f"{number}.avro", schema, records, block_rows=2) for number in range(3)]

    def batches() -> list[pl.DataFrame]:
        with jetliner.MultiAvroReader(paths, batch_size=batch_size) as reader:
            return list(reader)

    whole = batches()
    monkeypatch.setattr(frames, "_LITTLE_BYTES", 0)
    by_column = batches()
    assert [frame.height for frame in by_column] == [frame.height for frame in whole]
    for one, other in zip(whole, by_column, strict=True):
        assert_frame_equal(one, other)
    assert pl.concat(by_column)["n"].to_list() == list(range(len(records))) * 3


def test_names_of_columns(write_sales: WriteSales, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "_LITTLE_BYTES", 0)
    for row_index, path in (("", "größe ↑"), ("größe ↑", "")):
        frame = jetliner.read_avro(write_sales(), row_index_name=row_index, include_file_paths=path)
        assert frame.columns == [row_index, "user_id", "amount", "status", path]
