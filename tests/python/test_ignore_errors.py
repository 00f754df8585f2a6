"""What `ignore_errors` keeps of damaged files, and what it reports."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, Block, blocks_of, damage, sale_bytes, sales_frame
from conftest import WriteRaw, WriteSales
from jetliner import AvroReader

BAD_KEYS = ["kind", "block_index", "record_index", "file_offset", "message", "filepath"]


def test_damaged_sync_marker_is_skipped_and_reported(ten_blocks: str, blocks: list[Block]) -> None:
    damage(ten_blocks, blocks[4].sync_offset, b"\xee" * 4)
    reader = AvroReader(ten_blocks, ignore_errors=True)
    rows = pl.concat(reader)["user_id"].to_list()
    assert rows[:40] == list(range(40))
    assert set(range(60, 100)) <= set(rows)
    assert reader.error_count == len(reader.errors) >= 1
    error = reader.errors[0]
    assert isinstance(error, jetliner.BadBlockError)
    assert error.kind == "InvalidSyncMarker"
    assert error.block_index == 4
    assert error.record_index is None
    assert error.filepath == ten_blocks
    assert blocks[4].offset <= error.file_offset <= blocks[5].offset
    assert error.message


def test_block_that_does_not_decompress_is_skipped_and_reported(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10, codec="deflate")
    block = blocks_of(path)[3]
    damage(path, block.data_offset, b"\xff" * block.data_bytes)
    reader = AvroReader(path, ignore_errors=True)
    assert pl.concat(reader)["user_id"].to_list() == [*range(30), *range(40, 100)]
    (error,) = reader.errors
    assert error.kind == "DecompressionFailed(deflate)"
    assert (error.block_index, error.record_index, error.file_offset) == (3, None, block.offset)


def test_rows_before_a_bad_record_are_kept_and_the_rest_of_its_block_dropped(write_raw: WriteRaw) -> None:
    good = b"".join(sale_bytes(i, 0.0, b"ok") for i in range(3))
    bad = sale_bytes(3, 0.0, b"ok") + sale_bytes(4, 0.0, b"\xff") + sale_bytes(5, 0.0, b"ok")
    path = write_raw("x.avro", SALES_SCHEMA, [(3, good), (3, bad), (3, good)])
    reader = AvroReader(path, ignore_errors=True)
    assert pl.concat(reader)["user_id"].to_list() == [0, 1, 2, 3, 0, 1, 2]
    (error,) = reader.errors
    assert error.kind == "RecordDecodeFailed"
    assert (error.block_index, error.record_index) == (1, 1)
    frame = jetliner.read_avro(path, ignore_errors=True, row_index_name="i")
    assert frame["i"].to_list() == list(range(7))


def test_last_block_cut_short_leaves_all_whole_blocks(ten_blocks: str, blocks: list[Block]) -> None:
    Path(ten_blocks).write_bytes(Path(ten_blocks).read_bytes()[: blocks[9].sync_offset - 5])
    reader = AvroReader(ten_blocks, ignore_errors=True)
    assert_frame_equal(pl.concat(reader), sales_frame(90))
    assert reader.error_count == 1


def test_file_cut_at_any_byte_gives_all_whole_blocks(ten_blocks: str, blocks: list[Block]) -> None:
    content = Path(ten_blocks).read_bytes()
    ends = [block.sync_offset + 16 for block in blocks]
    for end in range(blocks[7].offset, len(content) + 1):
        Path(ten_blocks).write_bytes(content[:end])
        frame = jetliner.read_avro(ten_blocks, ignore_errors=True)
        whole = sum(10 for block_end in ends if block_end <= end)
        assert frame.height >= whole
        assert_frame_equal(frame.head(whole), sales_frame(whole))


def test_errors_grow_while_iterating(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=10, codec="deflate")
    for block in blocks_of(path)[::7]:
        damage(path, block.data_offset, b"\xff" * block.data_bytes)
    reader = AvroReader(path, ignore_errors=True, batch_size=10)
    seen = 0
    for _ in reader:
        errors = reader.errors
        assert reader.error_count == len(errors) >= seen
        seen = len(errors)
    assert [error.block_index for error in reader.errors] == list(range(0, 100, 7))
    with reader:
        pass
    assert reader.error_count == len(reader.errors) == 15


def test_errors_after_break_and_exit(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10, codec="deflate")
    block = blocks_of(path)[0]
    damage(path, block.data_offset, b"\xff" * block.data_bytes)
    with AvroReader(path, ignore_errors=True, batch_size=10) as reader:
        for _ in reader:
            break
        count = reader.error_count
        assert count == len(reader.errors) == 1
    assert reader.error_count == len(reader.errors) >= count


def test_bad_block_error_as_dictionary_and_text(ten_blocks: str, blocks: list[Block]) -> None:
    damage(ten_blocks, blocks[4].sync_offset, b"\xee" * 4)
    reader = AvroReader(ten_blocks, ignore_errors=True)
    list(reader)
    error = reader.errors[0]
    assert list(error.to_dict()) == BAD_KEYS
    assert error.to_dict() == {key: getattr(error, key) for key in BAD_KEYS}
    assert ten_blocks in str(error)
    assert "InvalidSyncMarker" in str(error)
    assert repr(error).startswith("BadBlockError(kind='InvalidSyncMarker', block_index=4, record_index=None, ")
    assert f"filepath={ten_blocks!r}" in repr(error)


def test_bad_block_error_is_read_only(ten_blocks: str, blocks: list[Block]) -> None:
    damage(ten_blocks, blocks[4].sync_offset, b"\xee" * 4)
    reader = AvroReader(ten_blocks, ignore_errors=True)
    list(reader)
    with pytest.raises(AttributeError):
        reader.errors[0].block_index = 5  # type: ignore[misc]


def test_everything_damaged(ten_blocks: str, blocks: list[Block]) -> None:
    damage(ten_blocks, blocks[0].offset, b"\xa5" * (blocks[9].sync_offset + 16 - blocks[0].offset))
    reader = AvroReader(ten_blocks, ignore_errors=True)
    assert list(reader) == []
    assert reader.error_count >= 1
    frame = jetliner.read_avro(ten_blocks, ignore_errors=True)
    assert frame.height == 0
    assert frame.schema == sales_frame(0).schema


def test_header_errors_raise_with_ignore_errors(ten_blocks: str, blocks: list[Block], write_raw: WriteRaw) -> None:
    Path(ten_blocks).write_bytes(Path(ten_blocks).read_bytes()[: blocks[0].offset - 5])
    with pytest.raises(jetliner.ParseError):
        AvroReader(ten_blocks, ignore_errors=True)
    with pytest.raises(jetliner.CodecError):
        AvroReader(write_raw("x.avro", "int", [], metadata={"avro.codec": b"lzo"}), ignore_errors=True)
