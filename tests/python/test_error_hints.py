"""Errors of damage name the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

import jetliner
from avro_files import Block, blocks_of, damage
from conftest import WriteSales
from jetliner import AvroReader, JetlinerError

SKIPS = "(ignore_errors=True skips this and reads the rest, if there is any)"


def strict_and_skipped(path: str) -> tuple[JetlinerError, int]:
    """Return the error of strict reading, and the number of rows that are read with `ignore_errors`."""
    with pytest.raises(JetlinerError) as caught:
        jetliner.read_avro(path)
    with AvroReader(path, ignore_errors=True) as reader:
        rows = sum(batch.height for batch in reader)
        assert reader.error_count > 0
        assert not any("ignore_errors" in error.message for error in reader.errors)  # it was used already
    return caught.value, rows


@pytest.mark.parametrize("zeros", [1, 17, 18, 512, 100_000])
@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_padding_after_the_last_block(write_sales: WriteSales, zeros: int, codec: str) -> None:
    path = write_sales(rows=100, block_rows=10, codec=codec)
    size = Path(path).stat().st_size
    with Path(path).open("ab") as file:
        file.write(bytes(zeros))
    error, rows = strict_and_skipped(path)
    assert isinstance(error, jetliner.ParseError)
    assert error.file_offset == size
    message = (
        f"padding follows the last block: {zeros} zero bytes from offset {size} on, to the end of the file {SKIPS}"
    )
    assert error.message == message
    assert rows == 100
    for entry in (jetliner.count_rows, lambda path: jetliner.read_avro_metadata(path, blocks=True)):
        with pytest.raises(jetliner.ParseError) as caught:
            entry(path)
        assert caught.value.message == message
    assert jetliner.count_rows(path, ignore_errors=True) == 100


def test_every_strict_error_of_damage_names_the_way_out(ten_blocks: str, blocks: list[Block]) -> None:
    whole = Path(ten_blocks).read_bytes()
    for offset, replacement, kind, left in [
        (blocks[3].sync_offset, b"\0", "ParseError", 90),  # a sync marker
        (blocks[3].offset, b"\x01", "ParseError", 90),  # a negative row count
        (blocks[3].data_offset, b"\xff" * 12, "DecodeError", 90),  # a record
    ]:
        Path(ten_blocks).write_bytes(whole)
        damage(ten_blocks, offset, replacement)
        error, rows = strict_and_skipped(ten_blocks)
        assert type(error).__name__ == kind
        assert error.message.endswith(SKIPS)
        assert SKIPS in str(error)
        assert rows == left
    Path(ten_blocks).write_bytes(whole[: blocks[9].sync_offset])
    error, rows = strict_and_skipped(ten_blocks)
    assert error.message.endswith("(truncated?) " + SKIPS)
    assert rows == 90


def test_errors_of_codecs_and_limits_name_the_way_out(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10, codec="deflate")
    block = blocks_of(path)[2]
    damage(path, block.data_offset, b"\xff" * 4)
    error, rows = strict_and_skipped(path)
    assert isinstance(error, jetliner.CodecError)
    assert error.message.endswith(SKIPS)
    assert rows == 90
    with pytest.raises(jetliner.CodecError) as caught:
        jetliner.read_avro(path, max_block_size=20)
    assert caught.value.message.endswith(
        "(max_block_size; ignore_errors=True skips this and reads the rest, if there is any)"
    )


def test_two_files_joined_with_cat_name_the_way_out(ten_blocks: str) -> None:
    content = Path(ten_blocks).read_bytes()
    Path(ten_blocks).write_bytes(content + content)
    error, rows = strict_and_skipped(ten_blocks)
    assert error.message.endswith(SKIPS)
    assert rows == 200
