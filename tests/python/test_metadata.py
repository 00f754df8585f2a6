"""read_avro_metadata: the header, and the blocks."""

from __future__ import annotations

import json
from pathlib import Path

import fastavro
import polars as pl
import pytest

import jetliner
from avro_files import SALES_SCHEMA, SYNC, blocks_of, damage, double, sales
from conftest import WriteAvro, WriteRaw, WriteSales

CODECS = ["null", "deflate", "snappy", "bzip2", "xz", "zstandard"]


def test_header(write_raw: WriteRaw) -> None:
    path = write_raw("a.avro", SALES_SCHEMA, [], metadata={"who": b"me", "bytes": b"\xff\x00"})
    file = jetliner.read_avro_metadata(path)
    assert file.path == path
    assert file.size_bytes == file.header_bytes == Path(path).stat().st_size
    assert file.codec == "null"
    assert file.sync_marker == SYNC
    assert json.loads(file.schema_json) == file.schema == SALES_SCHEMA
    assert file.metadata == {"avro.schema": file.schema_json.encode(), "who": b"me", "bytes": b"\xff\x00"}
    assert file.blocks is None


def test_schema_that_is_no_object_is_the_type(write_avro: WriteAvro) -> None:
    assert jetliner.read_avro_metadata(write_avro("longs.avro", "long", [1])).schema == {"type": "long"}


@pytest.mark.parametrize("codec", CODECS)
def test_blocks_are_those_that_fastavro_finds(write_sales: WriteSales, codec: str) -> None:
    path = write_sales(rows=1050, codec=codec, block_rows=100)
    file = jetliner.read_avro_metadata(path, blocks=True)
    assert file.codec == codec
    assert file.blocks is not None
    places = blocks_of(path)
    with Path(path).open("rb") as stream:
        plain = [block.bytes_.getbuffer().nbytes for block in fastavro.block_reader(stream)]
    assert file.blocks["index"].to_list() == list(range(11))
    assert file.blocks["offset"].to_list() == [block.offset for block in places]
    assert file.blocks["rows"].to_list() == [100] * 10 + [50]
    assert file.blocks["compressed_bytes"].to_list() == [block.data_bytes for block in places]
    assert file.blocks["uncompressed_bytes"].to_list() == plain
    assert file.blocks["rows"].sum() == jetliner.count_rows(path)


def test_no_blocks_have_the_same_columns(write_sales: WriteSales) -> None:
    none = jetliner.read_avro_metadata(write_sales("none.avro", rows=0), blocks=True).blocks
    some = jetliner.read_avro_metadata(write_sales("some.avro", rows=5), blocks=True).blocks
    assert none is not None
    assert some is not None
    assert none.schema == some.schema
    assert none.height == 0


def test_blocks_of_a_file_of_many_units(write_sales: WriteSales) -> None:
    path = write_sales(rows=200_000, block_rows=1000)
    blocks = jetliner.read_avro_metadata(path, blocks=True).blocks
    assert blocks is not None
    assert blocks["index"].to_list() == list(range(200))
    assert blocks["rows"].sum() == 200_000


def test_the_first_of_several_is_looked_at(write_sales: WriteSales, in_tmp: Path) -> None:
    first = write_sales("a1.avro", rows=1)
    write_sales("a2.avro", rows=2)
    (in_tmp / "a3.avro").write_bytes(b"nothing of the kind")
    assert jetliner.read_avro_metadata([first, "missing.avro"]).path == first
    assert jetliner.read_avro_metadata("a*.avro").path == "a1.avro"


def test_damaged_blocks_raise_as_reading_does(write_sales: WriteSales) -> None:
    path = write_sales(rows=300, codec="snappy", block_rows=100)
    second = blocks_of(path)[1]
    damage(path, second.data_offset, b"\xff\xff\xff\xff")
    assert jetliner.read_avro_metadata(path).codec == "snappy"
    with pytest.raises(jetliner.CodecError) as inspected:
        jetliner.read_avro_metadata(path, blocks=True)
    with pytest.raises(jetliner.CodecError) as read:
        jetliner.read_avro(path)
    assert inspected.value.to_dict() == read.value.to_dict()
    blocks = jetliner.read_avro_metadata(path, blocks=True, ignore_errors=True).blocks
    assert blocks is not None
    assert blocks["uncompressed_bytes"].is_null().to_list() == [False, True, False]
    damage(path, second.sync_offset, b"\xff")
    with pytest.raises(jetliner.ParseError, match="sync marker"):
        jetliner.read_avro_metadata(path, blocks=True)
    blocks = jetliner.read_avro_metadata(path, blocks=True, ignore_errors=True).blocks
    assert blocks is not None
    assert blocks["index"].to_list() == [0, 2]


def test_more_rows_than_the_bytes_can_hold_are_an_error(write_raw: WriteRaw) -> None:
    path = write_raw("lie.avro", "double", [(5, double(1.0))])
    with pytest.raises(jetliner.DecodeError, match="claims 5 records"):
        jetliner.read_avro_metadata(path, blocks=True)


def test_max_block_size_holds(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, codec="deflate")
    with pytest.raises(jetliner.CodecError, match="exceeds limit"):
        jetliner.read_avro_metadata(path, blocks=True, max_block_size=100)


def test_bad_files_raise_as_elsewhere(in_tmp: Path, write_raw: WriteRaw) -> None:
    with pytest.raises(jetliner.FileNotFoundError):
        jetliner.read_avro_metadata("missing.avro")
    (in_tmp / "empty.avro").write_bytes(b"")
    with pytest.raises(jetliner.SourceError, match="empty"):
        jetliner.read_avro_metadata("empty.avro")
    with pytest.raises(jetliner.CodecError, match="zip"):
        jetliner.read_avro_metadata(write_raw("zip.avro", "long", [], metadata={"avro.codec": b"zip"}))
    with pytest.raises(jetliner.SchemaError):
        jetliner.read_avro_metadata(write_raw("odd.avro", {"type": "odd"}, []))
    with pytest.raises(TypeError, match="blocks"):
        jetliner.read_avro_metadata("missing.avro", blocks=1)  # type: ignore[arg-type]


def test_repr_tells_what_there_is(write_raw: WriteRaw) -> None:
    path = write_raw("a.avro", "double", [(2, double(1.0) * 2)], metadata={"who": b"me"})
    text = repr(jetliner.read_avro_metadata(path, blocks=True))
    assert (
        f"\n  size_bytes: {Path(path).stat().st_size}, of which the header takes " in text
    )  # as the attribute is called
    for part in (path, "codec: null", SYNC.hex(), 'schema: "double"', "who: b'me'", "blocks: 1, with 2 rows"):
        assert part in text


def test_it_is_frozen_and_compared_by_the_header(write_sales: WriteSales) -> None:
    path = write_sales(rows=len(sales(3)))
    file = jetliner.read_avro_metadata(path)
    assert file == jetliner.read_avro_metadata(path, blocks=True)
    with pytest.raises(AttributeError):
        file.codec = "snappy"  # type: ignore[misc]
    assert isinstance(jetliner.read_avro_metadata(path, blocks=True).blocks, pl.DataFrame)
