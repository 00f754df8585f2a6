"""Readers as Arrow streams. Polars takes them here; tests/python/engines has the other libraries."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro, WriteSales

TYPES = {
    "type": "record",
    "name": "r",
    "fields": [
        {"name": "s", "type": ["null", "string"]},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
        {"name": "l", "type": {"type": "array", "items": ["null", "string"]}},
        {"name": "m", "type": {"type": "map", "values": "bytes"}},
        {"name": "d", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "t", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "z", "type": "null"},
    ],
}

#: What Polars raises where a stream fails. Polars 1.x panics: that is no Exception.
FAILURES = BaseException if pl.__version__.startswith("1.") else Exception


def rows(count: int) -> list[dict[str, object]]:
    import decimal

    text = "a text of more than twelve bytes"
    return [
        {
            "s": None if n % 3 == 0 else text[: n % 30],
            "e": "AB"[n % 2],
            "l": [None, text, str(n)][: n % 4],
            "m": {str(n): text.encode()},
            "d": decimal.Decimal(n),
            "t": n,
            "z": None,
        }
        for n in range(count)
    ]


def test_all_types_arrive(write_avro: WriteAvro) -> None:
    path = write_avro("t.avro", TYPES, rows(1000), block_rows=50)
    frame = pl.DataFrame(jetliner.AvroReader(path, batch_size=70))
    # Without Polars' own metadata, an enum is any dictionary.
    assert frame.schema["e"] == pl.Categorical
    assert frame.with_columns(pl.col("e").cast(pl.String)).equals(jetliner.read_avro(path, enum_as="string"))


def test_a_stream_is_the_rest_of_the_reader(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    with jetliner.AvroReader(path, batch_size=30) as reader:
        first = next(reader)
        rest = pl.DataFrame(reader)
        assert pl.concat([first, rest]).equals(jetliner.read_avro(path))
        assert reader.rows_read == 100
        assert reader.is_finished
        with pytest.raises(jetliner.ConfigurationError, match="taken as an Arrow stream"):
            pl.DataFrame(reader)
        with pytest.raises(jetliner.ConfigurationError, match="taken as an Arrow stream"):
            next(reader)


def test_several_files(write_sales: WriteSales) -> None:
    paths = [write_sales("a.avro", rows=10), write_sales("b.avro", rows=20)]
    reader = jetliner.MultiAvroReader(paths, row_index_name="row", include_file_paths="path")
    frame = pl.DataFrame(reader)
    assert frame["row"].to_list() == list(range(30))
    assert frame["path"].to_list() == [paths[0]] * 10 + [paths[1]] * 20


def test_no_rows(write_sales: WriteSales) -> None:
    path = write_sales(rows=0)
    frame = pl.DataFrame(jetliner.AvroReader(path))
    assert frame.schema == jetliner.read_avro_schema(path)
    assert frame.height == 0


def test_the_text_of_an_error_arrives(write_sales: WriteSales) -> None:
    path = Path(write_sales(rows=100, block_rows=10))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    reader = jetliner.AvroReader(path, batch_size=10)
    with pytest.raises(FAILURES, match=r"block 9 is not followed.*sales\.avro"):
        pl.DataFrame(reader)
    assert "failed" in repr(reader)
    assert reader.rows_read == 90
    skipping = jetliner.AvroReader(path, ignore_errors=True)
    assert pl.DataFrame(skipping).height == 90
    assert skipping.error_count == 1


def test_a_reader_that_was_closed_is_not_the_end(write_sales: WriteSales) -> None:
    with jetliner.AvroReader(write_sales(rows=100, block_rows=10), batch_size=10) as reader:

        class Taken:
            capsule = reader.__arrow_c_stream__()

            def __arrow_c_stream__(self, requested_schema: object = None) -> object:
                return self.capsule

        taken = Taken()
    with pytest.raises(FAILURES, match="closed before its Arrow stream came to the end"):
        pl.DataFrame(taken)


def test_texts_of_errors_that_are_no_text(write_sales: WriteSales) -> None:
    class Broken(io.BytesIO):
        fails = False

        def read(self, size: int | None = -1) -> bytes:
            if self.fails:
                raise OSError("lone \udcff surrogate")
            return super().read(size)

    file = Broken(Path(write_sales(rows=50_000, block_rows=10)).read_bytes())
    reader = jetliner.AvroReader(file, batch_size=10, read_chunk_size=100_000)
    file.fails = True
    with pytest.raises(FAILURES, match="surrogate"):
        pl.DataFrame(reader)


def test_a_stream_that_is_not_used_up(write_sales: WriteSales) -> None:
    for _ in range(3):
        reader = jetliner.AvroReader(write_sales(rows=1000, block_rows=10), batch_size=10)
        capsule = reader.__arrow_c_stream__()
        assert "arrow_array_stream" in repr(capsule)
        assert "arrow_schema" in repr(reader.__arrow_c_schema__())
        del capsule, reader


def test_a_split_is_a_stream_as_well(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=10)
    splits = jetliner.plan_splits(path, split_bytes=5000)
    frames = [pl.DataFrame(split.open()) for split in splits]
    assert len(frames) > 2
    assert pl.concat(frames).equals(jetliner.read_avro(path))
