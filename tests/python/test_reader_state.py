"""AvroReader as an object: its properties, its end, and what it closes."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, blocks_of, damage, open_files, sales_frame
from conftest import WriteAvro, WriteRaw, WriteSales
from jetliner import AvroReader

SALES_POLARS_SCHEMA = pl.Schema({"user_id": pl.Int64, "amount": pl.Float64, "status": pl.String})


# --- properties ---


def test_schema_is_the_json_of_the_file(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    assert isinstance(reader.schema, str)
    parsed = json.loads(reader.schema)
    assert parsed["name"] == "Sale"
    assert [field["name"] for field in parsed["fields"]] == [field["name"] for field in SALES_SCHEMA["fields"]]
    assert reader.schema_dict == parsed


def test_schema_dict_is_a_dict_for_every_schema(write_avro: WriteAvro) -> None:
    assert AvroReader(write_avro("i.avro", "int", [1, 2])).schema_dict == {"type": "int"}
    assert AvroReader(write_avro("u.avro", ["null", "int"], [1, None])).schema_dict == {"type": ["null", "int"]}


def test_schema_dict_of_a_schema_after_a_byte_order_mark(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", None, [], metadata={"avro.schema": b'\xef\xbb\xbf{"type": "int"}'})
    reader = AvroReader(path)
    assert reader.polars_schema == pl.Schema({"value": pl.Int32})
    assert reader.schema_dict == {"type": "int"}


@pytest.mark.parametrize(
    "ignored",
    [b"[" * 100_000 + b"]" * 100_000, b"1" * 5000],
    ids=["too deep", "too many digits"],
)
def test_schema_dict_of_what_only_reading_ignores(write_raw: WriteRaw, ignored: bytes) -> None:
    # The inside of unknown attributes does not matter to reading: these files can be read.
    schema = b'{"type": "int", "x": ' + ignored + b"}"
    path = write_raw("x.avro", None, [(1, b"\x02")], metadata={"avro.schema": schema})
    reader = AvroReader(path)
    with pytest.raises(jetliner.SchemaError, match="dictionary") as caught:
        _ = reader.schema_dict
    assert caught.value.variant == "ParseError"
    assert caught.value.path == path
    assert next(reader)["value"].to_list() == [1]


def test_polars_schema_is_that_of_read_avro_schema_and_of_every_batch(write_sales: WriteSales) -> None:
    path = write_sales(rows=100)
    reader = AvroReader(path, batch_size=30)
    assert reader.polars_schema == SALES_POLARS_SCHEMA == jetliner.read_avro_schema(path)
    assert isinstance(reader.polars_schema, pl.Schema)
    for batch in reader:
        assert batch.schema == SALES_POLARS_SCHEMA


def test_polars_schema_is_a_copy(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    reader.polars_schema["user_id"] = pl.String()
    assert reader.polars_schema == SALES_POLARS_SCHEMA


def test_batch_size_is_what_was_given(write_sales: WriteSales) -> None:
    assert AvroReader(write_sales()).batch_size == 100_000
    assert AvroReader(write_sales(), batch_size=12).batch_size == 12


def test_rows_read_grows_by_the_height_of_each_batch(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=100), batch_size=30)
    assert reader.rows_read == 0
    expected = 0
    for batch in reader:
        expected += batch.height
        assert reader.rows_read == expected
    assert reader.rows_read == 100


def test_pending_records_are_not_negative_and_none_at_the_end(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=100, block_rows=25), batch_size=10)
    assert reader.pending_records >= 0
    for _ in reader:
        assert 0 <= reader.pending_records <= 100 - reader.rows_read
    assert reader.pending_records == 0


def test_is_finished_after_exhaustion_and_stays_so(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=100), batch_size=60)
    assert not reader.is_finished
    next(reader)
    assert not reader.is_finished
    next(reader)
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(reader)
        assert reader.is_finished


def test_errors_of_a_sound_file(write_sales: WriteSales) -> None:
    for ignore_errors in (False, True):
        reader = AvroReader(write_sales(), ignore_errors=ignore_errors)
        assert_frame_equal(pl.concat(reader), sales_frame(100))
        assert reader.errors == []
        assert reader.error_count == 0


def test_repr_tells_rows_bytes_and_state(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    size = Path(path).stat().st_size
    reader = AvroReader(path, batch_size=40)
    assert repr(reader) == f"<AvroReader {path!r}: open, 0 rows read, 0 of {size} bytes>"
    next(reader)
    assert repr(reader) == f"<AvroReader {path!r}: open, 40 rows read, {reader.bytes_read} of {size} bytes>"
    assert 0 < reader.bytes_read < size
    with reader:
        list(reader)
    assert repr(reader) == f"<AvroReader {path!r}: finished, 100 rows read, {size} of {size} bytes>"
    several = jetliner.MultiAvroReader([path, write_sales("b.avro", rows=5)], batch_size=60)
    next(several)
    with several:
        assert repr(several).startswith("<MultiAvroReader of 2 files: open, 60 rows read, ")
    assert repr(several).startswith("<MultiAvroReader of 2 files: closed, 60 rows read, ")


def test_repr_after_an_error(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    damage(path, blocks_of(path)[5].sync_offset, b"damaged")
    reader = AvroReader(path, batch_size=10)
    with pytest.raises(jetliner.ParseError):
        list(reader)
    reader.close()
    assert repr(reader).startswith(f"<AvroReader {path!r}: failed, 50 rows read, ")


# --- iterator and context manager ---


def test_reader_is_its_own_iterator(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    assert iter(reader) is reader


def test_context_manager_gives_the_reader_and_finishes_it(write_sales: WriteSales) -> None:
    with AvroReader(write_sales()) as reader:
        assert isinstance(reader, AvroReader)
        assert not reader.is_finished
    assert reader.is_finished
    with pytest.raises(StopIteration):
        next(reader)


def test_exit_does_not_swallow_exceptions(write_sales: WriteSales) -> None:
    with pytest.raises(KeyError), AvroReader(write_sales()) as reader:
        raise KeyError("mine")
    assert reader.is_finished


def test_exit_twice_and_without_enter(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    assert not reader.__exit__(None, None, None)
    assert not reader.__exit__(None, None, None)
    assert reader.is_finished


def test_properties_keep_their_values_after_exit(write_sales: WriteSales) -> None:
    with AvroReader(write_sales(rows=100), batch_size=30) as reader:
        next(reader)
    assert reader.schema_dict["name"] == "Sale"
    assert json.loads(reader.schema) == reader.schema_dict
    assert reader.polars_schema == SALES_POLARS_SCHEMA
    assert reader.batch_size == 30
    assert reader.rows_read == 30
    assert reader.errors == []
    assert reader.error_count == 0
    assert reader.pending_records == 0


def test_file_is_closed_at_the_end_and_on_exit_and_with_the_object(write_sales: WriteSales) -> None:
    path = write_sales(rows=100)
    reader = AvroReader(path)
    assert path in open_files()
    list(reader)
    assert path not in open_files()
    with AvroReader(path, batch_size=10) as reader:
        next(reader)
    assert path not in open_files()
    reader = AvroReader(path, batch_size=10)
    next(reader)
    del reader
    gc.collect()
    assert path not in open_files()


def test_file_is_closed_after_an_error(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    damage(path, blocks_of(path)[5].sync_offset, b"damaged")
    reader = AvroReader(path, batch_size=10)
    with pytest.raises(jetliner.ParseError):
        list(reader)
    del reader
    gc.collect()
    assert path not in open_files()


def test_hundreds_of_abandoned_readers(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=50)
    for _ in range(300):
        next(AvroReader(path, batch_size=10))
    gc.collect()
    assert path not in open_files()


def test_construction_raises_before_any_iteration(tmp_path: Path, write_raw: WriteRaw) -> None:
    with pytest.raises(jetliner.FileNotFoundError):
        AvroReader(tmp_path / "absent.avro")
    bad = tmp_path / "bad.avro"
    bad.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(jetliner.ParseError):
        AvroReader(bad)
    with pytest.raises(jetliner.SchemaError):
        AvroReader(write_raw("schema.avro", {"type": "no-such-type"}, []))
    with pytest.raises(jetliner.CodecError):
        AvroReader(write_raw("codec.avro", "int", [], metadata={"avro.codec": b"lzo"}))
