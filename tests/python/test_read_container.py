"""The container format: metadata in every legal form, codecs with their quirks, blocks that hold little or much."""

from __future__ import annotations

import bz2
import json
import lzma
import zlib
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SYNC, blocks_of, damage, long, sales_frame, text
from conftest import WriteRaw, WriteSales

VALUES = [1, -2, 300]
DATA = b"".join(map(long, VALUES))


def header(*map_blocks: bytes) -> bytes:
    return b"Obj\x01" + b"".join(map_blocks) + long(0) + SYNC


def entries(**metadata: bytes) -> list[bytes]:
    return [text(f"avro.{name}") + text(value) for name, value in metadata.items()]


def block(count: int, data: bytes) -> bytes:
    return long(count) + long(len(data)) + data + SYNC


def read(path: Path, content: bytes, **options: Any) -> list[Any]:
    path.write_bytes(content)
    return jetliner.read_avro(path, **options)["value"].to_list()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.avro"


# --- metadata ---

SCHEMA, CODEC, NOTE = entries(schema=b'"long"', codec=b"null", note=b"\xff\xfe\x00")


@pytest.mark.parametrize(
    "map_blocks",
    [
        [long(3) + SCHEMA + CODEC + NOTE],
        [long(3) + NOTE + CODEC + SCHEMA],
        [long(1) + SCHEMA],
        [long(1) + CODEC, long(1) + SCHEMA],
        [long(-2) + long(len(SCHEMA + CODEC)) + SCHEMA + CODEC],
        [long(1) + NOTE, long(-1) + long(len(SCHEMA)) + SCHEMA, long(1) + CODEC],
    ],
    ids=["one block", "any order", "no codec", "two blocks", "negative count", "mixed"],
)
@pytest.mark.parametrize("read_chunk_size", [None, 1, 5])
def test_metadata_map(path: Path, map_blocks: list[bytes], read_chunk_size: int | None) -> None:
    assert read(path, header(*map_blocks) + block(3, DATA), read_chunk_size=read_chunk_size) == VALUES


def test_metadata_without_a_schema(path: Path) -> None:
    with pytest.raises(jetliner.JetlinerError, match=r"avro\.schema"):
        read(path, header(long(1) + CODEC) + block(3, DATA))


@pytest.mark.parametrize("count", [1 << 60, -(1 << 60), -(2**63)])
def test_metadata_of_forged_count(path: Path, count: int) -> None:
    with pytest.raises(jetliner.ParseError):
        read(path, header(long(count) + SCHEMA) + block(3, DATA))


def test_metadata_of_forged_length(path: Path) -> None:
    with pytest.raises(jetliner.ParseError):
        read(path, b"Obj\x01" + long(1) + text("avro.schema") + long(1 << 60) + b'"long"')


def test_schema_of_a_megabyte(path: Path) -> None:
    schema = json.dumps({"type": "long", "doc": "x" * 1_000_000}).encode()
    assert read(path, header(long(1) + entries(schema=schema)[0]) + block(3, DATA), read_chunk_size=1000) == VALUES


# --- blocks ---


def test_header_alone_is_an_empty_frame(path: Path) -> None:
    path.write_bytes(header(long(1) + SCHEMA))
    assert_frame_equal(jetliner.read_avro(path), pl.DataFrame(schema={"value": pl.Int64}))


def test_many_blocks_of_zero_rows(path: Path) -> None:
    assert read(path, header(long(1) + SCHEMA) + block(0, b"") * 10_000 + block(3, DATA) + block(0, b"")) == VALUES


def test_many_blocks_of_one_row(path: Path) -> None:
    content = header(long(1) + SCHEMA) + b"".join(block(1, long(i)) for i in range(20_000))
    assert read(path, content) == list(range(20_000))


def test_one_large_block(path: Path) -> None:
    data = b"".join(map(long, range(1_000_000)))
    assert read(path, header(long(1) + SCHEMA) + block(1_000_000, data), buffer_bytes=1) == list(range(1_000_000))


def test_data_that_holds_the_sync_marker(path: Path) -> None:
    content = header(long(1) + entries(schema=b'"bytes"')[0]) + block(2, text(SYNC) + text(SYNC * 100)) * 3
    assert read(path, content, read_chunk_size=16) == [SYNC, SYNC * 100] * 3


# --- codecs ---


def coded(codec: bytes, data: bytes, count: int = 3) -> bytes:
    return header(long(2) + b"".join(entries(schema=b'"long"', codec=codec))) + block(count, data)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def test_deflate_is_raw(path: Path) -> None:
    assert read(path, coded(b"deflate", raw_deflate(DATA))) == VALUES
    with pytest.raises(jetliner.CodecError):
        read(path, coded(b"deflate", zlib.compress(DATA)))


def test_deflate_as_fastavro_leaves_it(path: Path) -> None:
    # It cuts the last byte of zlib's checksum, not all four.
    assert read(path, coded(b"deflate", zlib.compress(DATA)[2:-1])) == VALUES


def test_bzip2_of_several_streams(path: Path) -> None:
    assert read(path, coded(b"bzip2", bz2.compress(DATA[:2]) + bz2.compress(DATA[2:]))) == VALUES


def test_xz_of_several_streams(path: Path) -> None:
    assert read(path, coded(b"xz", lzma.compress(DATA[:2]) + lzma.compress(DATA[2:]))) == VALUES


@pytest.mark.parametrize(("codec", "compress"), [(b"bzip2", bz2.compress), (b"xz", lzma.compress)])
def test_trailing_garbage_after_a_stream(path: Path, codec: bytes, compress: Any) -> None:
    with pytest.raises(jetliner.CodecError):
        read(path, coded(codec, compress(DATA) + b"garbage"))


@pytest.mark.parametrize("codec", [b"deflate", b"snappy", b"bzip2", b"xz", b"zstandard"])
@pytest.mark.parametrize("data", [b"\x00", b"abc", b"\xff" * 100])
def test_blocks_that_no_codec_writes(path: Path, codec: bytes, data: bytes) -> None:
    with pytest.raises(jetliner.CodecError) as caught:
        read(path, coded(codec, data))
    assert caught.value.codec == codec.decode()
    assert caught.value.variant == "DecompressionError"


@pytest.mark.parametrize("codec", [b"deflate", b"snappy", b"bzip2", b"xz", b"zstandard"])
def test_blocks_of_rows_without_any_byte(path: Path, codec: bytes) -> None:
    # No frame at all is valid zstandard, of no data.
    with pytest.raises((jetliner.CodecError, jetliner.DecodeError)):
        read(path, coded(codec, b""))


def test_decompression_bomb(path: Path) -> None:
    # 256 megabytes in 256 kilobytes: refused before it is allocated.
    bomb = raw_deflate(bytes(1 << 28))
    with pytest.raises(jetliner.CodecError, match="exceeds limit") as caught:
        read(path, coded(b"deflate", bomb), max_block_size=1 << 20)
    assert caught.value.variant == "OversizedOutput"


@pytest.mark.parametrize("codec", ["snappy", "zstandard"])
@pytest.mark.parametrize("block_rows", [0, 7])
def test_other_codecs(write_sales: WriteSales, codec: str, block_rows: int) -> None:
    path = write_sales(rows=500, codec=codec, block_rows=block_rows)
    assert_frame_equal(jetliner.read_avro(path), sales_frame(500))


def test_snappy_checksum_is_verified(write_sales: WriteSales) -> None:
    path = write_sales(rows=500, codec="snappy", block_rows=100)
    third = blocks_of(path)[2]
    content = Path(path).read_bytes()
    damage(path, third.sync_offset - 1, bytes([content[third.sync_offset - 1] ^ 1]))
    with pytest.raises(jetliner.CodecError, match=r"(?i)crc|checksum") as caught:
        jetliner.read_avro(path)
    assert (caught.value.codec, caught.value.block_index) == ("snappy", 2)


def test_codecs_may_differ_from_file_to_file(write_sales: WriteSales) -> None:
    codecs = ["null", "deflate", "snappy", "bzip2", "xz", "zstandard"]
    paths = [write_sales(f"{codec}.avro", 10, start=i * 10, codec=codec) for i, codec in enumerate(codecs)]
    assert_frame_equal(jetliner.read_avro(paths), sales_frame(60))


# --- counts and lengths that promise more than there is ---


def test_block_of_forged_count(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", "long", [(1 << 60, DATA)])
    with pytest.raises(jetliner.JetlinerError) as caught:
        jetliner.read_avro(path)
    assert caught.value.path == path  # type: ignore[attr-defined]


def test_block_that_holds_more_than_its_count(write_raw: WriteRaw) -> None:
    with pytest.raises(jetliner.DecodeError):
        jetliner.read_avro(write_raw("x.avro", "long", [(2, DATA)]))


def test_block_of_zero_rows_is_skipped_unless_it_has_data(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", "long", [(0, b""), (3, DATA), (0, b"")])
    assert jetliner.read_avro(path)["value"].to_list() == VALUES
    path = write_raw("x.avro", "long", [(0, DATA), (3, DATA)])
    with pytest.raises(jetliner.DecodeError, match="claims no records"):
        jetliner.read_avro(path)
    with jetliner.AvroReader(path, ignore_errors=True) as reader:
        assert next(reader)["value"].to_list() == VALUES


def test_reader_agrees_with_fastavro_on_a_file_with_everything(path: Path) -> None:
    schema = {
        "type": "record",
        "name": "All",
        "fields": [
            {"name": "u", "type": ["null", "string", "long"]},
            {"name": "m", "type": {"type": "map", "values": ["null", "double"]}},
            {"name": "a", "type": {"type": "array", "items": {"type": "array", "items": "bytes"}}},
        ],
    }
    rows = [
        {
            "u": (None, f"text {i}", i)[i % 3],
            "m": {f"k{k}": None if k % 2 else k * 0.5 for k in range(i % 4)},
            "a": [[b"x" * k] * k for k in range(i % 5)],
        }
        for i in range(300)
    ]
    with path.open("wb") as file:
        fastavro.writer(file, schema, rows, codec="zstandard", sync_interval=500)
    got = jetliner.read_avro(path).to_dicts()
    for row, expected in zip(got, rows, strict=True):
        u = row["u"]
        assert (None if u is None else u["string"] if u["string"] is not None else u["long"]) == expected["u"]
        assert {entry["key"]: entry["value"] for entry in row["m"]} == expected["m"]
        assert row["a"] == expected["a"]
