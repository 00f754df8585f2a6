"""Frames whose columns have several chunks: they are written without a copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from jetliner._write import chunks
from jetliner.exceptions import EncodeError


def chunked(values: list[Any], lengths: list[int], dtype: Any = None) -> pl.Series:
    """Return a column whose chunks have these lengths."""
    ends = [sum(lengths[: i + 1]) for i in range(len(lengths))]
    parts = [pl.Series(values[end - length : end], dtype=dtype) for end, length in zip(ends, lengths, strict=True)]
    column: pl.Series = pl.concat(parts, rechunk=False)
    assert column.chunk_lengths() == lengths
    return column


def frame_of(*lengths: list[int]) -> pl.DataFrame:
    """Return a frame with a column of each list of lengths, and a number, text, list and struct in turn."""
    rows = sum(lengths[0])
    makers: list[Callable[[int], Any]] = [
        lambda i: None if i % 7 == 3 else i,
        lambda i: f"a text of many letters {i}",
        lambda i: [i] * (i % 4),
        lambda i: {"x": i, "y": [str(i)]},
    ]
    columns = [chunked([makers[c % 4](i) for i in range(rows)], part) for c, part in enumerate(lengths)]
    return pl.DataFrame({f"c{i}": column for i, column in enumerate(columns)})


ALIGNED = frame_of(*([[3000, 2000, 4000]] * 4))
CROSSED = frame_of([9000], [5000, 4000], [3000, 6000], [1, 8999])


@pytest.mark.parametrize("frame", [ALIGNED, CROSSED], ids=["aligned", "crossed"])
@pytest.mark.parametrize("write", [jetliner.write_avro, lambda f, p: jetliner.sink_avro(f.lazy(), p)])
def test_chunks_are_not_joined(tmp_path: Path, frame: pl.DataFrame, write: Callable[..., None]) -> None:
    before = frame.n_chunks("all")
    write(frame, tmp_path / "a.avro")
    assert frame.n_chunks("all") == before
    assert_frame_equal(jetliner.read_avro(tmp_path / "a.avro"), frame)


def test_many_small_chunks_are_joined(tmp_path: Path) -> None:
    frame = frame_of([10] * 50, [100] * 5)
    assert len(list(chunks.pieces(frame))) == 1
    jetliner.write_avro(frame, tmp_path / "a.avro")
    assert_frame_equal(jetliner.read_avro(tmp_path / "a.avro"), frame)


@pytest.mark.parametrize(
    "lengths", [[[6]], [[5, 1]], [[2, 4], [4, 2]], [[2, 4], [2, 4]], [[6], [1] * 6], [[1] * 6, [3, 2, 1]]]
)
def test_pieces(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, lengths: list[list[int]]) -> None:
    monkeypatch.setattr(chunks, "LEAST_ROWS", 0)
    frame = pl.DataFrame({f"c{i}": chunked(list(range(6)), part, pl.Int64) for i, part in enumerate(lengths)})
    found = list(chunks.pieces(frame))
    assert_frame_equal(pl.concat(found), frame)
    assert len(found) == 1 or all(piece.n_chunks("all") == [1] * frame.width for piece in found)
    jetliner.write_avro(frame, tmp_path / "a.avro")
    assert_frame_equal(jetliner.read_avro(tmp_path / "a.avro"), frame)


def test_errors_count_rows_over_all_chunks(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": chunked([1] * 7000 + [2**40] + [1] * 1999, [3000, 2000, 4000], pl.Int64)})
    schema = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "int"}]}
    with pytest.raises(EncodeError, match="n") as caught:
        jetliner.write_avro(frame, tmp_path / "a.avro", schema=schema)
    assert caught.value.row_index == 7000
    assert not (tmp_path / "a.avro").exists()
