"""Bad input: which error each kind of damage is, where it says it happened, and what `ignore_errors` keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, SYNC, Block, blocks_of, damage, double, long, sales, sales_frame, text
from conftest import WriteAvro, WriteRaw, WriteSales
from jetliner import AvroReader, JetlinerError

ENTRIES = {
    "read_avro": jetliner.read_avro,
    "scan_avro": jetliner.scan_avro,
    "read_avro_schema": jetliner.read_avro_schema,
    "AvroReader": AvroReader,
    "MultiAvroReader": lambda path, **options: jetliner.MultiAvroReader([path], **options),
}
EACH_ENTRY = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)

BAD_KEYS = ["kind", "block_index", "record_index", "file_offset", "message", "filepath"]


@pytest.fixture
def path(write_sales: WriteSales) -> str:
    """Write 100 rows in ten blocks."""
    return write_sales(rows=100, block_rows=10)


@pytest.fixture
def blocks(path: str) -> list[Block]:
    return blocks_of(path)


def record(user_id: int, amount: float, status: bytes) -> bytes:
    return long(user_id) + double(amount) + text(status)


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
def test_header_cut_at_any_byte(path: str, blocks: list[Block], entry: Any) -> None:
    content = Path(path).read_bytes()
    for end in range(1, blocks[0].offset):
        Path(path).write_bytes(content[:end])
        with pytest.raises(jetliner.ParseError) as caught:
            entry(path)
        assert caught.value.path == path


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


def test_damaged_sync_marker(path: str, blocks: list[Block]) -> None:
    damage(path, blocks[4].sync_offset + 15, bytes([~Path(path).read_bytes()[blocks[4].sync_offset + 15] & 0xFF]))
    with pytest.raises(jetliner.ParseError, match="sync") as caught:
        jetliner.read_avro(path)
    assert caught.value.variant == "InvalidSyncMarker"
    assert caught.value.path == path
    assert isinstance(caught.value.file_offset, int)


def test_damaged_sync_marker_of_the_last_block(path: str, blocks: list[Block]) -> None:
    damage(path, blocks[9].sync_offset, b"\xee")
    with pytest.raises(jetliner.ParseError) as caught:
        jetliner.read_avro(path)
    assert caught.value.variant == "InvalidSyncMarker"


def test_file_cut_inside_of_a_block(path: str, blocks: list[Block]) -> None:
    content = Path(path).read_bytes()
    for end in (
        blocks[5].data_offset + 10,
        blocks[5].sync_offset,
        blocks[5].sync_offset + 5,
        blocks[9].sync_offset + 15,
    ):
        Path(path).write_bytes(content[:end])
        with pytest.raises(jetliner.ParseError, match=r"(?i)block|size|truncat") as caught:
            jetliner.read_avro(path)
        assert caught.value.path == path


def test_every_whole_block_before_a_cut_is_delivered(path: str, blocks: list[Block]) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[: blocks[5].data_offset + 10])
    reader = AvroReader(path, batch_size=10)
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


def test_appended_blocks_share_the_marker_and_are_fine(path: str, blocks: list[Block]) -> None:
    content = Path(path).read_bytes()
    Path(path).write_bytes(content + content[blocks[0].offset :])
    assert_frame_equal(jetliner.read_avro(path), pl.concat([sales_frame(100), sales_frame(100)]))


def test_sync_marker_inside_of_data(write_raw: WriteRaw) -> None:
    values = [SYNC * 2, b"x" + SYNC + b"y", b""]
    path = write_raw("x.avro", "bytes", [(3, b"".join(map(text, values)))] * 2)
    for options in ({}, {"ignore_errors": True}, {"read_chunk_size": 7}):
        assert jetliner.read_avro(path, **options)["value"].to_list() == values * 2  # type: ignore[arg-type]


def test_sync_marker_inside_of_the_metadata(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", "int", [(1, long(5))], metadata={"note": SYNC * 3})
    assert jetliner.read_avro(path)["value"].to_list() == [5]


def test_trailing_garbage(path: str) -> None:
    with Path(path).open("ab") as file:
        file.write(b"garbage")
    with pytest.raises(jetliner.ParseError):
        jetliner.read_avro(path)
    assert_frame_equal(jetliner.read_avro(path, ignore_errors=True), sales_frame(100))


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


# --- data ---


@pytest.fixture
def bad_text(write_raw: WriteRaw) -> str:
    """Write four rows in two blocks; the text of the last row is no UTF-8."""
    good = b"".join(record(i, i * 0.5, b"ok") for i in range(2))
    bad = record(2, 1.0, b"ok") + record(3, 1.5, b"\xff\xfe")
    return write_raw("text.avro", SALES_SCHEMA, [(2, good), (2, bad)])


def test_text_that_is_no_utf8(bad_text: str) -> None:
    with pytest.raises(jetliner.DecodeError, match="status") as caught:
        jetliner.read_avro(bad_text)
    error = caught.value
    assert error.variant in ("InvalidUtf8", "InvalidData")
    assert (error.path, error.block_index, error.record_index) == (bad_text, 1, 1)
    assert "block 1" in str(error)
    assert "record 1" in str(error)
    assert bad_text in str(error)


def test_rows_before_a_bad_record_are_delivered_before_the_error(bad_text: str) -> None:
    reader = AvroReader(bad_text, batch_size=2)
    assert next(reader)["user_id"].to_list() == [0, 1]
    with pytest.raises(jetliner.DecodeError):
        list(reader)
    assert reader.is_finished
    with pytest.raises(StopIteration):
        next(reader)


BAD_DATA: dict[str, tuple[Any, bytes]] = {
    "data ends inside of a value": (SALES_SCHEMA, record(1, 1.0, b"ok")[:-1]),
    "data is left over": (SALES_SCHEMA, record(1, 1.0, b"ok") + b"\x00"),
    "string longer than the block": ("string", long(1000) + b"short"),
    "string of negative length": ("string", long(-5) + b"short"),
    "bytes of enormous length": ("bytes", long(1 << 60) + b"short"),
    "varint without end": ("long", b"\xff" * 11),
    "int beyond 32 bits": ("int", long(1 << 40)),
    "enum index too large": ({"type": "enum", "name": "E", "symbols": ["A"]}, long(1)),
    "enum index negative": ({"type": "enum", "name": "E", "symbols": ["A"]}, long(-1)),
    "union branch too large": (["null", "int"], long(2)),
    "union branch negative": (["null", "int"], long(-1)),
    "boolean of 2": ("boolean", b"\x02"),
    "array of enormous length": ({"type": "array", "items": "int"}, long(1 << 60) + b"\x02"),
    "array of nulls of enormous length": ({"type": "array", "items": "null"}, long(1 << 60) + b"\x00"),
    "map of enormous length": ({"type": "map", "values": "int"}, long(1 << 60) + b"\x02"),
    "fixed cut short": ({"type": "fixed", "name": "F", "size": 16}, b"short"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_is_a_decode_error_with_its_place(write_raw: WriteRaw, case: str) -> None:
    schema, data = BAD_DATA[case]
    path = write_raw("x.avro", schema, [(1, data)])
    with pytest.raises(jetliner.DecodeError) as caught:
        jetliner.read_avro(path)
    error = caught.value
    assert error.variant in ("InvalidData", "UnexpectedEof", "TypeMismatch", "InvalidVarint", "InvalidUtf8")
    assert error.path == path
    assert error.block_index == 0
    assert error.record_index is not None
    assert error.record_index >= 0
    assert error.message
    reader = AvroReader(path, ignore_errors=True)
    list(reader)
    assert [bad.kind for bad in reader.errors] == ["RecordDecodeFailed"]
    assert reader.errors[0].record_index == error.record_index


def test_forged_count_of_records_without_bytes(write_raw: WriteRaw) -> None:
    with pytest.raises(jetliner.JetlinerError):
        jetliner.read_avro(write_raw("x.avro", "null", [(1 << 60, b"")]))


def test_records_without_bytes(write_raw: WriteRaw) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "n", "type": "null"}]}
    path = write_raw("x.avro", schema, [(1000, b""), (0, b""), (5, b"")])
    assert jetliner.read_avro(path)["n"].to_list() == [None] * 1005


def test_recursion_deeper_than_any_stack(write_raw: WriteRaw) -> None:
    schema = {
        "type": "record",
        "name": "Node",
        "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "Node"]}],
    }
    path = write_raw("x.avro", schema, [(1, b"\x02\x02" * 1_000_000 + b"\x02\x00")])
    with pytest.raises(jetliner.JetlinerError):
        jetliner.read_avro(path)


# --- ignore_errors ---


def test_damaged_sync_marker_is_skipped_and_reported(path: str, blocks: list[Block]) -> None:
    damage(path, blocks[4].sync_offset, b"\xee" * 4)
    reader = AvroReader(path, ignore_errors=True)
    rows = pl.concat(reader)["user_id"].to_list()
    assert rows[:40] == list(range(40))
    assert set(range(60, 100)) <= set(rows)
    assert reader.error_count == len(reader.errors) >= 1
    error = reader.errors[0]
    assert isinstance(error, jetliner.BadBlockError)
    assert error.kind == "InvalidSyncMarker"
    assert error.block_index == 4
    assert error.record_index is None
    assert error.filepath == path
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
    good = b"".join(record(i, 0.0, b"ok") for i in range(3))
    bad = record(3, 0.0, b"ok") + record(4, 0.0, b"\xff") + record(5, 0.0, b"ok")
    path = write_raw("x.avro", SALES_SCHEMA, [(3, good), (3, bad), (3, good)])
    reader = AvroReader(path, ignore_errors=True)
    assert pl.concat(reader)["user_id"].to_list() == [0, 1, 2, 3, 0, 1, 2]
    (error,) = reader.errors
    assert error.kind == "RecordDecodeFailed"
    assert (error.block_index, error.record_index) == (1, 1)
    frame = jetliner.read_avro(path, ignore_errors=True, row_index_name="i")
    assert frame["i"].to_list() == list(range(7))


def test_last_block_cut_short_leaves_all_whole_blocks(path: str, blocks: list[Block]) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[: blocks[9].sync_offset - 5])
    reader = AvroReader(path, ignore_errors=True)
    assert_frame_equal(pl.concat(reader), sales_frame(90))
    assert reader.error_count == 1


def test_file_cut_at_any_byte_gives_all_whole_blocks(path: str, blocks: list[Block]) -> None:
    content = Path(path).read_bytes()
    ends = [block.sync_offset + 16 for block in blocks]
    for end in range(blocks[7].offset, len(content) + 1):
        Path(path).write_bytes(content[:end])
        frame = jetliner.read_avro(path, ignore_errors=True)
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


def test_bad_block_error_as_dictionary_and_text(path: str, blocks: list[Block]) -> None:
    damage(path, blocks[4].sync_offset, b"\xee" * 4)
    reader = AvroReader(path, ignore_errors=True)
    list(reader)
    error = reader.errors[0]
    assert list(error.to_dict()) == BAD_KEYS
    assert error.to_dict() == {key: getattr(error, key) for key in BAD_KEYS}
    assert path in str(error)
    assert "InvalidSyncMarker" in str(error)
    assert repr(error).startswith("BadBlockError(kind='InvalidSyncMarker', block_index=4, record_index=None, ")
    assert f"filepath={path!r}" in repr(error)


def test_bad_block_error_is_read_only(path: str, blocks: list[Block]) -> None:
    damage(path, blocks[4].sync_offset, b"\xee" * 4)
    reader = AvroReader(path, ignore_errors=True)
    list(reader)
    with pytest.raises(AttributeError):
        reader.errors[0].block_index = 5  # type: ignore[misc]


def test_everything_damaged(path: str, blocks: list[Block]) -> None:
    damage(path, blocks[0].offset, b"\xa5" * (blocks[9].sync_offset + 16 - blocks[0].offset))
    reader = AvroReader(path, ignore_errors=True)
    assert list(reader) == []
    assert reader.error_count >= 1
    frame = jetliner.read_avro(path, ignore_errors=True)
    assert frame.height == 0
    assert frame.schema == sales_frame(0).schema


def test_header_errors_raise_with_ignore_errors(path: str, blocks: list[Block], write_raw: WriteRaw) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[: blocks[0].offset - 5])
    with pytest.raises(jetliner.ParseError):
        AvroReader(path, ignore_errors=True)
    with pytest.raises(jetliner.CodecError):
        AvroReader(write_raw("x.avro", "int", [], metadata={"avro.codec": b"lzo"}), ignore_errors=True)


# --- hints ---

SKIPS = "(ignore_errors=True skips this and reads the other rows)"


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


def test_every_strict_error_of_damage_names_the_way_out(path: str, blocks: list[Block]) -> None:
    whole = Path(path).read_bytes()
    for offset, replacement, kind, left in [
        (blocks[3].sync_offset, b"\0", "ParseError", 90),  # a sync marker
        (blocks[3].offset, b"\x01", "ParseError", 90),  # a negative row count
        (blocks[3].data_offset, b"\xff" * 12, "DecodeError", 90),  # a record
    ]:
        Path(path).write_bytes(whole)
        damage(path, offset, replacement)
        error, rows = strict_and_skipped(path)
        assert type(error).__name__ == kind
        assert error.message.endswith(SKIPS)
        assert SKIPS in str(error)
        assert rows == left
    Path(path).write_bytes(whole[: blocks[9].sync_offset])
    error, rows = strict_and_skipped(path)
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
    assert caught.value.message.endswith("(max_block_size; ignore_errors=True skips this and reads the other rows)")


def test_two_files_joined_with_cat_name_the_way_out(path: str) -> None:
    content = Path(path).read_bytes()
    Path(path).write_bytes(content + content)
    error, rows = strict_and_skipped(path)
    assert error.message.endswith(SKIPS)
    assert rows == 200


@EACH_ENTRY
def test_errors_that_nothing_helps_against_name_no_way_out(path: str, blocks: list[Block], entry: Any) -> None:
    Path(path).write_bytes(Path(path).read_bytes()[: blocks[0].offset - 1])
    with pytest.raises(jetliner.ParseError) as caught:
        entry(path)
    assert "ignore_errors" not in caught.value.message
