"""AvroReader: the batches that it gives, and its columns."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import open_files, sales_frame
from conftest import WriteRaw, WriteSales
from jetliner import AvroReader, _core

SALES_POLARS_SCHEMA = pl.Schema({"user_id": pl.Int64, "amount": pl.Float64, "status": pl.String})


# --- batches ---


def test_iterates_over_frames_in_file_order(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=70)
    batches = list(AvroReader(path, batch_size=300))
    assert all(isinstance(batch, pl.DataFrame) for batch in batches)
    assert_frame_equal(pl.concat(batches), sales_frame(1000))


@pytest.mark.parametrize("batch_size", [1, 7, 64, 100, 999, 1000, 1001, 100_000])
@pytest.mark.parametrize("block_rows", [1, 64, 1000])
def test_batches_are_full_but_the_last(write_sales: WriteSales, batch_size: int, block_rows: int) -> None:
    heights = [
        batch.height for batch in AvroReader(write_sales(rows=1000, block_rows=block_rows), batch_size=batch_size)
    ]
    assert heights == [batch_size] * (1000 // batch_size) + [1000 % batch_size] * (1000 % batch_size > 0)


def test_batch_size_at_least_the_rows_gives_one_batch(write_sales: WriteSales) -> None:
    path = write_sales(rows=10_000, block_rows=100)
    for batch_size in (10_000, 10_001, 2**63 - 1):
        assert [batch.height for batch in AvroReader(path, batch_size=batch_size)] == [10_000]


@pytest.mark.parametrize("read_chunk_size", [1, 3, 17, 100, 4096, 1 << 30])
@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_read_chunk_size_never_changes_results(write_sales: WriteSales, read_chunk_size: int, codec: str) -> None:
    # Smaller than the header, larger than the file, and anything between.
    path = write_sales(rows=200, block_rows=30, codec=codec)
    assert_frame_equal(pl.concat(AvroReader(path, read_chunk_size=read_chunk_size)), sales_frame(200))


@pytest.mark.parametrize(
    ("buffer_blocks", "buffer_bytes"), [(1, 1), (1, 1 << 30), (1000, 1), (2, 500), (1000, 1 << 30)]
)
def test_buffers_never_change_results(write_sales: WriteSales, buffer_blocks: int, buffer_bytes: int) -> None:
    path = write_sales(rows=1000, block_rows=30)
    reader = AvroReader(path, buffer_blocks=buffer_blocks, buffer_bytes=buffer_bytes, batch_size=111)
    assert_frame_equal(pl.concat(reader), sales_frame(1000))


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_threads_never_change_results(write_sales: WriteSales, n_threads: int) -> None:
    path = write_sales(rows=20_000, block_rows=500, codec="deflate")
    assert_frame_equal(pl.concat(AvroReader(path, n_threads=n_threads, batch_size=777)), sales_frame(20_000))


def test_file_without_blocks_yields_nothing(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=0))
    assert list(reader) == []
    assert reader.is_finished
    assert reader.polars_schema == SALES_POLARS_SCHEMA


def test_block_of_zero_records_is_not_the_end(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}, [
        (0, b""), (2, b"\x02\x04"), (0, b""), (0, b""), (1, b"\x06"), (0, b""),
    ])  # fmt: skip
    assert pl.concat(AvroReader(path))["a"].to_list() == [1, 2, 3]
    assert jetliner.read_avro(path)["a"].to_list() == [1, 2, 3]


def test_file_with_only_empty_blocks_yields_nothing(write_raw: WriteRaw) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    assert list(AvroReader(write_raw("x.avro", schema, [(0, b"")] * 3))) == []


def test_batches_stay_valid_after_the_reader_is_gone(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=100)
    reader = AvroReader(path, batch_size=250)
    first = next(reader)
    del reader
    gc.collect()
    Path(path).unlink()
    assert_frame_equal(first, sales_frame(250))


# --- projection ---


def test_projection_is_in_schema_order_and_each_column_once(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(), projected_columns=["status", "user_id", "status"])
    assert reader.polars_schema == pl.Schema({"user_id": pl.Int64, "status": pl.String})
    assert_frame_equal(next(reader), sales_frame(100).select("user_id", "status"))


def test_projection_ignores_unknown_names_with_a_warning(write_sales: WriteSales) -> None:
    path = write_sales()
    with pytest.warns(UserWarning, match="unknown names are ignored") as warned:
        reader = AvroReader(path, projected_columns=["ammount", "amount", "\ud800", "Status", "ammount"])
    assert next(reader).columns == ["amount"]
    columns = "'user_id', 'amount', 'status'"
    assert [str(warning.message) for warning in warned] == [
        f"projected_columns: unknown names are ignored (file {path!r})\n"
        f"there is no column 'ammount'; the file has {columns}; did you mean 'amount'?\n"
        f"there is no column '\\ud800'; the file has {columns}\n"
        f"there is no column 'Status'; the file has {columns}; did you mean 'status'?"
    ]
    assert warned[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_projection_of_known_names_does_not_warn(write_sales: WriteSales) -> None:
    for columns in (["amount"], [], ["amount", "amount"]):
        list(AvroReader(write_sales(), projected_columns=columns))
    options: dict[str, Any] = {"row_index_name": "i", "include_file_paths": "p"}
    reader = jetliner.MultiAvroReader([write_sales()], projected_columns=["i", "p", "amount"], **options)
    assert next(reader).columns == ["i", "amount", "p"]


@pytest.mark.parametrize("make", [AvroReader, lambda path, **options: jetliner.MultiAvroReader([path], **options)])
def test_columns_are_those_of_read_avro(make: Any, write_sales: WriteSales) -> None:
    path = write_sales()
    for columns in (["status", "user_id", "status"], [2, 0], (0,), None):
        expected = jetliner.read_avro(path, columns=columns)
        reader = make(path, columns=columns)
        assert reader.polars_schema == expected.schema
        assert_frame_equal(pl.concat(reader), expected)
    for wrong in (["ammount"], [0, 3], [], [0, "amount"], "amount", [-1], ["user_id.x"]):
        with pytest.raises((TypeError, jetliner.JetlinerError)) as caught:
            jetliner.read_avro(path, columns=wrong)
        with pytest.raises(type(caught.value)) as of_reader:
            make(path, columns=wrong)
        assert str(of_reader.value) == str(caught.value)
    with pytest.raises(jetliner.SchemaError, match=r"'status'; did you mean 'amount'\?"):
        make(path, columns=["ammount"])
    with pytest.raises(jetliner.ConfigurationError, match="columns and projected_columns are two names of one option"):
        make(path, columns=["amount"], projected_columns=["amount"])


@pytest.mark.filterwarnings("ignore:projected_columns")
@pytest.mark.parametrize("columns", [[], ["no_such_column"]])
def test_projection_that_leaves_nothing_yields_no_batch(write_sales: WriteSales, columns: list[str]) -> None:
    path = write_sales()
    reader = AvroReader(path, projected_columns=columns)
    assert reader.polars_schema == pl.Schema()
    assert not reader.is_finished  # before the end, which the iteration has to find
    assert path not in open_files()
    assert list(reader) == []
    assert reader.is_finished


# --- Arrow ---


def test_batch_speaks_arrow(write_sales: WriteSales) -> None:
    reader = _core.Reader([write_sales(rows=5)])
    batch = reader.next()
    assert batch is not None
    assert batch.num_rows == 5
    assert_frame_equal(pl.DataFrame(batch), sales_frame(5))  # type: ignore[arg-type]
    assert_frame_equal(pl.DataFrame(batch), sales_frame(5))  # type: ignore[arg-type] # may be taken several times
    assert pl.Series(batch).dtype == pl.Struct(dict(SALES_POLARS_SCHEMA))  # type: ignore[arg-type]


def test_stream_that_nobody_takes_is_released(write_sales: WriteSales) -> None:
    batch = _core.Reader([write_sales(rows=5)]).next()
    assert batch is not None
    for _ in range(100):
        capsule = batch.__arrow_c_stream__(requested_schema=None)
        assert "arrow_array_stream" in repr(capsule)
        del capsule
    assert_frame_equal(pl.DataFrame(batch), sales_frame(5))  # type: ignore[arg-type]


def test_core_classes_are_not_for_construction_without_files() -> None:
    with pytest.raises(TypeError):
        _core.Batch()
    with pytest.raises(TypeError):
        _core.Reader()  # type: ignore[call-arg]
