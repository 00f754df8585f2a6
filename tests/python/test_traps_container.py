"""Container files as other readers got them wrong: blocks without rows, forged counts, markers, metadata, damage."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from differential.codecs import CODECS, compress
from differential.compare import physical
from differential.container import MAGIC, SYNC, block, header, metadata
from differential.encode import encode_bytes, encode_long
from differential.files import avro, encoded, outcome, record, save
from jetliner.exceptions import CodecError, DecodeError, JetlinerError, ParseError

DATA = Path(__file__).parents[1] / "data"
LONGS = record(n="long")


def longs(*values: int) -> tuple[int, bytes]:
    return encoded(LONGS, *({"n": value} for value in values))


@pytest.mark.parametrize("codec", CODECS)
def test_blocks_without_rows_are_not_the_end(codec: str, tmp_path: Path) -> None:
    path = save(tmp_path, avro(LONGS, (0, b""), longs(1, 2), (0, b""), (0, b""), longs(3), (0, b""), codec=codec))
    assert jetliner.read_avro(path)["n"].to_list() == [1, 2, 3]
    with jetliner.AvroReader(path, batch_size=1, ignore_errors=True) as reader:
        assert [batch["n"].to_list() for batch in reader] == [[1], [2], [3]]
        assert reader.errors == []


@pytest.mark.parametrize("codec", CODECS)
def test_blocks_without_rows_and_without_any_bytes(codec: str, tmp_path: Path) -> None:
    """Not even what the codec makes of no bytes."""
    nothing = encode_long(0) + encode_long(0) + SYNC
    data = header(LONGS, codec) + nothing + block(codec, *longs(7)) + nothing
    assert jetliner.read_avro(save(tmp_path, data))["n"].to_list() == [7]


VOID = record(a="null", b={"type": "record", "name": "Empty", "fields": []})


@pytest.mark.parametrize("codec", CODECS)
def test_rows_without_bytes_are_rows(codec: str, tmp_path: Path) -> None:
    path = save(tmp_path, avro(VOID, (3, b""), (1000, b""), codec=codec))
    frame = jetliner.read_avro(path)
    assert frame.shape == (1003, 2)
    assert frame["a"].null_count() == 1003
    assert frame["b"].to_list() == [{}] * 1003
    with jetliner.AvroReader(path, batch_size=10) as reader:
        assert [batch.height for batch in reader] == [10] * 100 + [3]
    assert jetliner.scan_avro(path).select(pl.len()).collect().item() == 1003


@pytest.mark.parametrize("columns", [{"a": "null"}, {"a": {"type": "fixed", "name": "F", "size": 0}}])
def test_rows_without_bytes_are_bounded_over_all_blocks(columns: dict[str, Any], tmp_path: Path) -> None:
    """One limit for the read, an option: a few hundred bytes would unfold to gigabytes, block by block."""
    path = save(tmp_path, avro(record(**columns), *[(2**24, b"")] * 300))
    started = time.perf_counter()
    with pytest.raises(DecodeError, match="max_empty_rows") as info:
        jetliner.read_avro(path)
    assert (info.value.block_index, info.value.path) == (1, str(path))
    with jetliner.AvroReader(path, ignore_errors=True) as reader:
        assert sum(batch.height for batch in reader) == 2**24
        assert [error.block_index for error in reader.errors] == list(range(1, 300))
    assert time.perf_counter() - started < 60
    assert jetliner.read_avro(save(tmp_path, avro(record(**columns), (2**40, b""))), n_rows=10).height == 10

    path = save(tmp_path, avro(record(**columns), (10, b""), (10, b"")))
    assert jetliner.read_avro(path, max_empty_rows=20).height == 20
    with pytest.raises(DecodeError, match="10 records that take no bytes; 9 more of such were"):
        jetliner.read_avro(path, max_empty_rows=19)
    with pytest.raises(DecodeError, match="max_empty_rows"):
        jetliner.read_avro([path, save(tmp_path, avro(record(**columns), (1, b"")), "other.avro")], max_empty_rows=20)


@pytest.mark.parametrize("count", [10**9, 2**40, 2**63 - 1])
def test_forged_count_of_rows_without_bytes_neither_spins_nor_allocates(count: int, tmp_path: Path) -> None:
    path = save(tmp_path, avro(VOID, (2, b""), (count, b"")))
    started = time.monotonic()
    with pytest.raises(DecodeError) as caught:
        jetliner.read_avro(path)
    assert caught.value.block_index == 1
    with jetliner.AvroReader(path, ignore_errors=True, max_empty_rows=1000) as reader:
        assert sum(batch.height for batch in reader) == 1000
        assert [error.block_index for error in reader.errors] == [1]
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("count", [4, 10**6, 2**40, 2**63 - 1])
def test_forged_count_of_rows_with_bytes(count: int, tmp_path: Path) -> None:
    """More rows than the bytes hold: those that are there come, then an error."""
    path = save(tmp_path, avro(LONGS, (count, longs(1, 2, 3)[1])))
    with pytest.raises(DecodeError) as caught:
        jetliner.read_avro(path)
    assert (caught.value.variant, caught.value.block_index, caught.value.record_index) == ("UnexpectedEof", 0, 3)
    assert jetliner.read_avro(path, ignore_errors=True)["n"].to_list() == [1, 2, 3]


def test_fewer_rows_than_the_bytes_hold(tmp_path: Path) -> None:
    path = save(tmp_path, avro(LONGS, (2, longs(1, 2, 3)[1])))
    with pytest.raises(DecodeError):
        jetliner.read_avro(path)


def test_negative_count_of_rows(tmp_path: Path) -> None:
    with pytest.raises(JetlinerError):
        jetliner.read_avro(save(tmp_path, avro(LONGS, (-1, longs(1)[1]))))


@pytest.mark.parametrize("size", [-1, 2**31, 2**62, 2**63 - 1, -(2**63)])
def test_forged_size_of_a_block(size: int, tmp_path: Path) -> None:
    data = header(LONGS, "null") + block("null", *longs(5)) + encode_long(1) + encode_long(size) + b"\x02" + SYNC
    path = save(tmp_path, data)
    with pytest.raises(ParseError):
        jetliner.read_avro(path)
    with jetliner.AvroReader(path) as reader:  # the rows before the damage come before the error
        assert next(reader)["n"].to_list() == [5]
        with pytest.raises(ParseError):
            next(reader)


def test_marker_falls_across_reads_of_any_size(tmp_path: Path) -> None:
    """Chunks from one byte, smaller than the header, to more than the file."""
    data = avro(
        record(n="long", s="string"), *(encoded(record(n="long", s="string"), {"n": i, "s": "x" * i}) for i in range(9))
    )
    path = save(tmp_path, data)
    expected = jetliner.read_avro(path).rows()
    for size in (*range(1, 120), len(data) - 1, len(data), len(data) + 1):
        assert jetliner.read_avro(path, read_chunk_size=size).rows() == expected, size


def test_marker_inside_data_and_metadata(tmp_path: Path) -> None:
    schema = record(b="bytes")
    row = {"b": b"x" + SYNC + SYNC[:15] + SYNC + b"\x00" * 40 + SYNC}
    entries = [(b"before", SYNC * 3), (b"avro.schema", json.dumps(schema).encode()), (b"z", SYNC[3:] + SYNC)]
    start = MAGIC + metadata(entries, [1, -2]) + SYNC
    blocks = [block("null", *encoded(schema, row, row)), block("null", *encoded(schema, row))]
    path = save(tmp_path, start + b"".join(blocks))
    assert jetliner.read_avro(path)["b"].to_list() == [row["b"]] * 3
    # Behind a wrong marker reading resumes after that block: of the markers in the data none is taken for its end.
    blocks[0] = blocks[0][:-1] + b"\x00"
    path = save(tmp_path, start + b"".join(blocks))
    with jetliner.AvroReader(path, ignore_errors=True) as reader:
        rows = [value for batch in reader for value in batch["b"].to_list()]
        assert [(error.kind, error.block_index) for error in reader.errors] == [("InvalidSyncMarker", 0)]
    assert rows in ([row["b"]], [row["b"]] * 3)  # whether the damaged block's rows count is free


@pytest.mark.parametrize("which", [0, 1, 2])
def test_marker_after_every_block_is_compared_the_last_one_too(which: int, tmp_path: Path) -> None:
    blocks = [block("null", *longs(i)) for i in range(3)]
    blocks[which] = blocks[which][:-1] + b"\x00"
    with pytest.raises(ParseError) as caught:
        jetliner.read_avro(save(tmp_path, header(LONGS, "null") + b"".join(blocks)))
    assert caught.value.variant == "InvalidSyncMarker"


SCHEMA_TEXT = b'{"type":"record","name":"R","fields":[{"name":"n","type":"long"}]}'


@pytest.mark.parametrize(
    ("entries", "counts"),
    [
        ([(b"avro.schema", SCHEMA_TEXT)], [1]),
        ([(b"avro.schema", SCHEMA_TEXT), (b"avro.codec", b"null")], [1, 1]),
        ([(b"avro.codec", b"null"), (b"avro.schema", SCHEMA_TEXT)], [-2]),
        ([(b"avro.codec", b"null"), (b"", b""), (b"avro.schema", SCHEMA_TEXT), (b"x", b"\xff\x00\xfe")], [1, -2, 1]),
        ([(b"\xff key", b"not text"), (b"avro.schema", SCHEMA_TEXT), (b"user.note", b"z" * 5000)], [-1, -1, -1]),
    ],
    ids=["schema alone", "two blocks", "negative count", "mixed", "not text"],
)
def test_metadata_is_a_map_like_any_other(
    entries: list[tuple[bytes, bytes]], counts: list[int], tmp_path: Path
) -> None:
    data = MAGIC + metadata(entries, counts) + SYNC + block("null", *longs(4, 5))
    assert jetliner.read_avro(save(tmp_path, data))["n"].to_list() == [4, 5]


@pytest.mark.parametrize(
    "forged",
    [
        encode_long(2**62),
        encode_long(-(2**62)) + encode_long(2**62),
        encode_long(1) + encode_long(2**40),
        encode_long(1) + encode_long(-5),
        b"\x80" * 11,
        encode_long(1) + encode_bytes(b"avro.schema") + encode_long(2**45),
    ],
    ids=["count", "negative count", "key", "negative length", "varint", "value"],
)
def test_forged_metadata_is_an_error_at_once(forged: bytes, tmp_path: Path) -> None:
    started = time.monotonic()
    for read in (jetliner.read_avro, jetliner.read_avro_schema, jetliner.scan_avro, jetliner.AvroReader):
        with pytest.raises(ParseError):
            read(save(tmp_path, MAGIC + forged + b"rest"))
    assert time.monotonic() - started < 5


def test_two_files_put_together_with_cat_and_with_one_marker(tmp_path: Path) -> None:
    head, first, second = header(LONGS, "null"), block("null", *longs(1)), block("null", *longs(2))
    assert jetliner.read_avro(save(tmp_path, head + first + second))["n"].to_list() == [1, 2]
    with pytest.raises(JetlinerError, match=r"(?i)concatenat|put together|second|another"):
        jetliner.read_avro(save(tmp_path, head + first + head + second))


def test_last_block_cut_short(tmp_path: Path) -> None:
    """An error that says where; with ignore_errors all whole blocks."""
    head, first, second = header(LONGS, "null"), block("null", *longs(1, 2)), block("null", *longs(3, 4))
    start = len(head + first)
    for cut in range(1, len(second)):
        path = save(tmp_path, head + first + second[:cut])
        with pytest.raises(ParseError) as caught:
            jetliner.read_avro(path)
        assert caught.value.file_offset is not None
        assert start <= caught.value.file_offset <= start + cut
        assert jetliner.read_avro(path, ignore_errors=True)["n"].to_list() == [1, 2]


def test_header_only_has_the_schema_and_no_rows(tmp_path: Path) -> None:
    frame = jetliner.read_avro(save(tmp_path, header(LONGS, "snappy")))
    assert (frame.height, frame.schema) == (0, pl.Schema({"n": pl.Int64}))


def test_unknown_codec_is_named_at_the_call(tmp_path: Path) -> None:
    path = save(tmp_path, header(LONGS, "lzma-ng"))
    for read in (jetliner.read_avro, jetliner.scan_avro, jetliner.AvroReader):
        with pytest.raises(CodecError, match="lzma-ng") as caught:
            read(path)
        assert (caught.value.codec, caught.value.variant) == ("lzma-ng", "UnsupportedCodec")


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.avro")))
def test_damage_anywhere_is_an_error_or_other_values_but_nothing_worse(name: str, tmp_path: Path) -> None:
    """Bytes changed, lost and inserted at random places of every test file."""
    data = (DATA / name).read_bytes()
    rng = random.Random(name)
    whole = jetliner.read_avro(DATA / name).height
    for _ in range(60):
        damaged = bytearray(data)
        at = rng.randrange(len(data))
        kind = rng.randrange(4)
        if kind == 0:
            damaged[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            damaged[at] = rng.choice((0, 0x7F, 0x80, 0xFF))
        elif kind == 2:
            del damaged[at : at + rng.randint(1, 20)]
        else:
            damaged[at:at] = rng.randbytes(rng.randint(1, 20))
        path = save(tmp_path, bytes(damaged))
        for ignore_errors in (False, True):
            result = outcome(jetliner.read_avro, path, ignore_errors=ignore_errors, max_block_size=1 << 24)
            if isinstance(result, JetlinerError):
                assert result.message
                continue
            assert result.height <= whole + (1 << 24)
            if result.height < 1000:  # every value is sound: texts are UTF-8, enums have their category
                physical(result)


def test_compressed_data_of_one_block_in_another_order(tmp_path: Path) -> None:
    """Blocks are independent: any order of whole blocks is a valid file."""
    parts = [encode_long(1) + encode_bytes(compress("deflate", longs(i)[1])) + SYNC for i in range(4)]
    data = header(LONGS, "deflate") + b"".join(reversed(parts))
    assert jetliner.read_avro(save(tmp_path, data))["n"].to_list() == [3, 2, 1, 0]
