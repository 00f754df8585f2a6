"""Bad data within blocks: which error it is, and where it says it happened."""

from __future__ import annotations

from typing import Any

import pytest

import jetliner
from avro_files import SALES_SCHEMA, blocks_of, damage, long, sale_bytes
from conftest import WriteRaw
from jetliner import AvroReader


@pytest.fixture
def bad_text(write_raw: WriteRaw) -> str:
    """Write four rows in two blocks; the text of the last row is no UTF-8."""
    good = b"".join(sale_bytes(i, i * 0.5, b"ok") for i in range(2))
    bad = sale_bytes(2, 1.0, b"ok") + sale_bytes(3, 1.5, b"\xff\xfe")
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


def test_the_row_of_the_file_is_told(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", "boolean", [(2, b"\x00\x01"), (3, b"\x00\x07\x01"), (2, b"\x01\x07")])
    with pytest.raises(jetliner.DecodeError, match="neither 0 nor 1; row 3 of the file ") as caught:
        jetliner.read_avro(path)
    assert (caught.value.block_index, caught.value.record_index) == (1, 1)
    reader = AvroReader(path, ignore_errors=True)
    list(reader)
    assert [error.message.rpartition("; ")[2] for error in reader.errors] == [
        "row 3 of the file",
        "row 6 of the file",
    ]
    # After a damaged block the number of rows before is not known. In a part of a file it is not, either.
    damage(path, blocks_of(path)[0].sync_offset, b"damaged")
    reader = AvroReader(path, ignore_errors=True)
    list(reader)
    assert len(reader.errors) == 3
    assert not any("of the file" in error.message.rpartition("; ")[2] for error in reader.errors[1:])


def test_rows_before_a_bad_record_are_delivered_before_the_error(bad_text: str) -> None:
    reader = AvroReader(bad_text, batch_size=2)
    assert next(reader)["user_id"].to_list() == [0, 1]
    with pytest.raises(jetliner.DecodeError):
        list(reader)
    assert reader.is_finished
    with pytest.raises(StopIteration):
        next(reader)


BAD_DATA: dict[str, tuple[Any, bytes]] = {
    "data ends inside of a value": (SALES_SCHEMA, sale_bytes(1, 1.0, b"ok")[:-1]),
    "data is left over": (SALES_SCHEMA, sale_bytes(1, 1.0, b"ok") + b"\x00"),
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
