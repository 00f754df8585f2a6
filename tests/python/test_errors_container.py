"""Bad containers: which error each kind of damage is, and where it says it happened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, SYNC, Block, blocks_of, damage, long, sales, sales_frame, text
from conftest import WriteAvro, WriteRaw, WriteSales
from jetliner import AvroReader

ENTRIES = {
    "read_avro": jetliner.read_avro,
    "scan_avro": jetliner.scan_avro,
    "read_avro_schema": jetliner.read_avro_schema,
    "AvroReader": AvroReader,
    "MultiAvroReader": lambda path, **options: jetliner.MultiAvroReader([path], **options),
}
EACH_ENTRY = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)


# --- headers ---


@EACH_ENTRY
@pytest.mark.parametrize(
    "content", [b"PAR1" + bytes(100), b"Obj\x02" + bytes(100), b"PK", b"\0" * 1000, b'{"a": 1}\n' * 10]
)
def test_bad_magic(tmp_path: Path, entry: Any, content: bytes) -> None:
    path = tmp_path / "bad.avro"
    path.write_bytes(content)
    with pytest.raises(jetliner.ParseError, match=r"(?i)magic|invalid") as caught:
        entry(str(path))
    assert caught.value.variant == "InvalidMagic"
    assert caught.value.file_offset == 0
    assert caught.value.path == str(path)


@EACH_ENTRY
@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"PAR1" + bytes(100), "a Parquet file?"),
        (b"PK\x03\x04" + bytes(100), "a zip file?"),
        (b"\x28\xb5\x2f\xfd" + bytes(100), "a Zstandard file?"),
        (b'{"a": 1}', "a JSON file?"),
        (b"\0\x00\x00\x00\x2a" + b"data", r"Confluent's schema registry .*id 42\)"),
        (b"\0\x00\x00\x00\x2a", r"Confluent's schema registry .*id 42\)"),
        (
            b"\xc3\x01" + bytes(range(8)) + b"data",
            r"single-object encoding .*fingerprint 0x0706050403020100\).*Confluent",
        ),
    ],
)
def test_no_avro_file_is_said_first_then_what_it_may_be(tmp_path: Path, entry: Any, content: bytes, text: str) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(content)
    with pytest.raises(jetliner.ParseError, match=text) as caught:
        entry(str(path))
    assert caught.value.message.startswith("not an Avro file: ")
    assert caught.value.variant == "InvalidMagic"
    assert "ignore_errors" not in caught.value.message  # it would not help


def test_bad_magic_with_ignore_errors(tmp_path: Path) -> None:
    path = tmp_path / "bad.avro"
    path.write_bytes(b"PAR1" + bytes(100))
    for entry in (jetliner.read_avro, jetliner.scan_avro, AvroReader):
        with pytest.raises(jetliner.ParseError):
            entry(str(path), ignore_errors=True)


@EACH_ENTRY
def test_header_cut_at_any_byte(ten_blocks: str, blocks: list[Block], entry: Any) -> None:
    content = Path(ten_blocks).read_bytes()
    for end in range(1, blocks[0].offset):
        Path(ten_blocks).write_bytes(content[:end])
        with pytest.raises(jetliner.ParseError) as caught:
            entry(ten_blocks)
        assert caught.value.path == ten_blocks


@EACH_ENTRY
@pytest.mark.parametrize("schema", [b"{", b"", b'{"type": "record", "name": "R"}', b'"no-such-type"', b"[1]", b"\xff"])
def test_bad_schema(write_raw: WriteRaw, entry: Any, schema: bytes) -> None:
    path = write_raw("x.avro", "int", [], metadata={"avro.schema": schema})
    with pytest.raises(jetliner.SchemaError) as caught:
        entry(path)
    assert caught.value.variant in ("InvalidSchema", "UnsupportedType", "ParseError")
    assert caught.value.path == path


@EACH_ENTRY
def test_unknown_codec(write_raw: WriteRaw, entry: Any) -> None:
    path = write_raw("x.avro", "int", [(1, long(1))], metadata={"avro.codec": b"lzo"})
    with pytest.raises(jetliner.CodecError, match="lzo") as caught:
        entry(path)
    assert caught.value.variant == "UnsupportedCodec"
    assert caught.value.codec == "lzo"
    assert caught.value.path == path


# --- framing ---


def test_damaged_sync_marker(ten_blocks: str, blocks: list[Block]) -> None:
    damage(
        ten_blocks,
        blocks[4].sync_offset + 15,
        bytes([~Path(ten_blocks).read_bytes()[blocks[4].sync_offset + 15] & 0xFF]),
    )
    with pytest.raises(jetliner.ParseError, match="sync") as caught:
        jetliner.read_avro(ten_blocks)
    assert caught.value.variant == "InvalidSyncMarker"
    assert caught.value.path == ten_blocks
    assert isinstance(caught.value.file_offset, int)


def test_damaged_sync_marker_of_the_last_block(ten_blocks: str, blocks: list[Block]) -> None:
    damage(ten_blocks, blocks[9].sync_offset, b"\xee")
    with pytest.raises(jetliner.ParseError) as caught:
        jetliner.read_avro(ten_blocks)
    assert caught.value.variant == "InvalidSyncMarker"


def test_file_cut_inside_of_a_block(ten_blocks: str, blocks: list[Block]) -> None:
    content = Path(ten_blocks).read_bytes()
    for end in (
        blocks[5].data_offset + 10,
        blocks[5].sync_offset,
        blocks[5].sync_offset + 5,
        blocks[9].sync_offset + 15,
    ):
        Path(ten_blocks).write_bytes(content[:end])
        with pytest.raises(jetliner.ParseError, match=r"(?i)block|size|truncat") as caught:
            jetliner.read_avro(ten_blocks)
        assert caught.value.path == ten_blocks


def test_every_whole_block_before_a_cut_is_delivered(ten_blocks: str, blocks: list[Block]) -> None:
    Path(ten_blocks).write_bytes(Path(ten_blocks).read_bytes()[: blocks[5].data_offset + 10])
    reader = AvroReader(ten_blocks, batch_size=10)
    got: list[pl.DataFrame] = []
    with pytest.raises(jetliner.ParseError):
        got.extend(reader)
    assert_frame_equal(pl.concat(got), sales_frame(50))


def test_block_size_beyond_the_end_of_the_file(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", "int", [(1, long(1))])
    with Path(path).open("ab") as file:
        file.write(long(1) + long(1 << 40) + b"short")
    with pytest.raises(jetliner.ParseError, match=r"(?i)block|size|truncat"):
        jetliner.read_avro(path)


@pytest.mark.parametrize("head", [long(-1) + long(1), long(1) + long(-1), b"\xff" * 11, b"\xff" * 9 + b"\x7f"])
def test_impossible_block_headers(write_raw: WriteRaw, head: bytes) -> None:
    path = write_raw("x.avro", "int", [(1, long(1))])
    with Path(path).open("ab") as file:
        file.write(head + b"\x02" + SYNC)
    with pytest.raises(jetliner.JetlinerError) as caught:
        jetliner.read_avro(path)
    assert caught.value.path == path  # type: ignore[attr-defined]


def test_two_files_put_together_with_cat(write_sales: WriteSales, tmp_path: Path) -> None:
    first, second = write_sales("a.avro", 10), write_sales("b.avro", 10)
    path = tmp_path / "both.avro"
    path.write_bytes(Path(first).read_bytes() + Path(second).read_bytes())
    with pytest.raises(
        jetliner.JetlinerError, match=r"(?i)another|second|concatenat|put together|new file|header"
    ) as caught:
        jetliner.read_avro(path)
    assert caught.value.path == str(path)  # type: ignore[attr-defined]


def test_appended_blocks_share_the_marker_and_are_fine(ten_blocks: str, blocks: list[Block]) -> None:
    content = Path(ten_blocks).read_bytes()
    Path(ten_blocks).write_bytes(content + content[blocks[0].offset :])
    assert_frame_equal(jetliner.read_avro(ten_blocks), pl.concat([sales_frame(100), sales_frame(100)]))


def test_sync_marker_inside_of_data(write_raw: WriteRaw) -> None:
    values = [SYNC * 2, b"x" + SYNC + b"y", b""]
    path = write_raw("x.avro", "bytes", [(3, b"".join(map(text, values)))] * 2)
    for options in ({}, {"ignore_errors": True}, {"read_chunk_size": 7}):
        assert jetliner.read_avro(path, **options)["value"].to_list() == values * 2  # type: ignore[arg-type]


def test_sync_marker_inside_of_the_metadata(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", "int", [(1, long(5))], metadata={"note": SYNC * 3})
    assert jetliner.read_avro(path)["value"].to_list() == [5]


def test_trailing_garbage(ten_blocks: str) -> None:
    with Path(ten_blocks).open("ab") as file:
        file.write(b"garbage")
    with pytest.raises(jetliner.ParseError):
        jetliner.read_avro(ten_blocks)
    assert_frame_equal(jetliner.read_avro(ten_blocks, ignore_errors=True), sales_frame(100))


# --- codecs ---

CODECS = ["deflate", "snappy", "bzip2", "xz", "zstandard"]


def written(write_avro: WriteAvro, codec: str, **options: Any) -> str:
    return write_avro(f"{codec}.avro", SALES_SCHEMA, sales(100), codec=codec, **options)


@pytest.mark.parametrize("codec", ["deflate", "bzip2", "xz"])
def test_block_that_does_not_decompress(write_avro: WriteAvro, codec: str) -> None:
    path = write_avro("x.avro", SALES_SCHEMA, sales(100), codec=codec, block_rows=10)
    block = blocks_of(path)[3]
    damage(path, block.data_offset, b"\xff" * block.data_bytes)
    with pytest.raises(jetliner.CodecError, match=codec) as caught:
        jetliner.read_avro(path)
    error = caught.value
    assert error.variant == "DecompressionError"
    assert (error.path, error.codec, error.block_index, error.file_offset) == (path, codec, 3, block.offset)


@pytest.mark.parametrize("codec", ["deflate", "bzip2", "xz"])
def test_max_block_size_bounds_the_decompressed_size(write_avro: WriteAvro, codec: str) -> None:
    path = write_avro("x.avro", "bytes", [bytes(100_000)] * 3, codec=codec, block_rows=1)
    for limit in (100_003, None, 1 << 40):
        assert jetliner.read_avro(path, max_block_size=limit).height == 3
    with pytest.raises(jetliner.CodecError, match="exceeds limit") as caught:
        jetliner.read_avro(path, max_block_size=100_002)
    assert caught.value.variant == "OversizedOutput"
    assert caught.value.block_index == 0
    reader = AvroReader(path, max_block_size=100_002, ignore_errors=True)
    assert list(reader) == []
    assert [error.kind for error in reader.errors] == [f"DecompressionFailed({codec})"] * 3


@EACH_ENTRY
def test_errors_that_nothing_helps_against_name_no_way_out(ten_blocks: str, blocks: list[Block], entry: Any) -> None:
    Path(ten_blocks).write_bytes(Path(ten_blocks).read_bytes()[: blocks[0].offset - 1])
    with pytest.raises(jetliner.ParseError) as caught:
        entry(ten_blocks)
    assert "ignore_errors" not in caught.value.message
