"""bytes_read, total_bytes and estimated_rows: what a progress bar needs."""

from __future__ import annotations

from pathlib import Path

import pytest

import jetliner
from avro_files import blocks_of, damage
from conftest import WriteSales


def test_bytes_grow_up_to_the_size_of_the_file(write_sales: WriteSales) -> None:
    path = write_sales(rows=10_000, codec="deflate", block_rows=500)
    with jetliner.AvroReader(path, batch_size=700) as reader:
        assert reader.bytes_read == 0
        assert reader.total_bytes == Path(path).stat().st_size
        assert reader.estimated_rows is None
        seen = []
        for _ in reader:
            seen.append(reader.bytes_read)
            assert reader.estimated_rows is not None
            assert abs(reader.estimated_rows - 10_000) < 1500
            assert reader.estimated_rows >= reader.rows_read
        assert seen == sorted(set(seen))
        assert reader.bytes_read == reader.total_bytes
        assert reader.estimated_rows == 10_000
    assert reader.bytes_read == reader.total_bytes


def test_batches_within_a_block_make_progress(write_sales: WriteSales) -> None:
    with jetliner.AvroReader(write_sales(rows=1000), batch_size=100) as reader:
        seen = [reader.bytes_read for _ in reader]
    assert len(set(seen)) == 10
    assert seen == sorted(seen)


def test_several_files_are_one_way(write_sales: WriteSales) -> None:
    paths = [write_sales(f"{i}.avro", rows=100 * i, block_rows=50) for i in range(8)]
    with jetliner.MultiAvroReader(paths, batch_size=64) as reader:
        assert reader.total_bytes == sum(Path(path).stat().st_size for path in paths)
        seen = [reader.bytes_read for _ in reader]
        assert seen == sorted(seen)
        assert reader.bytes_read == reader.total_bytes
        assert reader.estimated_rows == 2800


def test_n_rows_bounds_the_estimate_and_ends_the_way(write_sales: WriteSales) -> None:
    path = write_sales(rows=10_000, block_rows=500)
    with jetliner.MultiAvroReader([path], batch_size=100, n_rows=250) as reader:
        next(reader)
        assert reader.estimated_rows == 250
        assert reader.bytes_read < reader.total_bytes
        assert sum(batch.height for batch in reader) == 150
        assert reader.estimated_rows == 250
        assert reader.bytes_read == reader.total_bytes


def test_a_file_without_rows_is_through_at_the_end(write_sales: WriteSales) -> None:
    with jetliner.AvroReader(write_sales(rows=0)) as reader:
        assert list(reader) == []
        assert reader.bytes_read == reader.total_bytes
        assert reader.estimated_rows == 0


def test_damage_and_an_early_end_are_not_the_end_of_the_way(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=100)
    with jetliner.AvroReader(path, batch_size=100) as reader:
        next(reader)
    assert 0 < reader.bytes_read < reader.total_bytes
    damage(path, blocks_of(path)[5].sync_offset, b"\xff")
    reader = jetliner.AvroReader(path, batch_size=100)
    with pytest.raises(jetliner.ParseError):
        list(reader)
    assert 0 < reader.bytes_read < reader.total_bytes
    with jetliner.AvroReader(path, ignore_errors=True) as reader:
        assert sum(batch.height for batch in reader) == 900
        assert reader.bytes_read == reader.total_bytes
