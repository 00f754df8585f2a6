"""count_rows: rows from the headers of blocks, without what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

import jetliner
from avro_files import SALES_SCHEMA, blocks_of, damage, double, long, open_files
from conftest import WriteAvro, WriteRaw, WriteSales

CODECS = ["null", "deflate", "snappy", "bzip2", "xz", "zstandard"]


@pytest.mark.parametrize("codec", CODECS)
def test_counts_what_reading_finds(write_sales: WriteSales, codec: str) -> None:
    path = write_sales(rows=1234, codec=codec, block_rows=100)
    assert jetliner.count_rows(path) == 1234 == jetliner.read_avro(path).height


def test_a_file_without_rows(write_sales: WriteSales) -> None:
    assert jetliner.count_rows(write_sales(rows=0)) == 0


def test_sources_are_those_of_read_avro(write_sales: WriteSales, in_tmp: Path) -> None:
    for i in range(30):
        write_sales(f"day-{i:02}.avro", rows=i)
    assert jetliner.count_rows("day-*.avro") == sum(range(30))
    assert jetliner.count_rows(["day-01.avro", Path("day-02.avro"), "day-2?.avro"]) == 3 + sum(range(20, 30))
    assert jetliner.count_rows(("day-05.avro", "./day-05.avro")) == 5
    assert type(jetliner.count_rows("day-05.avro")) is int


def test_files_of_different_schemas_are_counted(write_avro: WriteAvro, write_sales: WriteSales) -> None:
    assert jetliner.count_rows([write_sales(rows=3), write_avro("longs.avro", "long", [1, 2])]) == 5


@pytest.mark.parametrize("codec", CODECS)
def test_data_of_blocks_are_not_looked_at(write_sales: WriteSales, codec: str) -> None:
    path = write_sales(rows=300, codec=codec, block_rows=100)
    second = blocks_of(path)[1]
    damage(path, second.data_offset, b"\xff" * second.data_bytes)
    assert jetliner.count_rows(path) == 300
    with pytest.raises(jetliner.JetlinerError):
        jetliner.read_avro(path)


@pytest.mark.parametrize("part", ["count", "size", "marker", "end"])
def test_damage_between_blocks_is_reported_as_reading_reports_it(write_sales: WriteSales, part: str) -> None:
    path = write_sales(rows=500, codec="deflate", block_rows=100)
    third = blocks_of(path)[2]
    if part == "count":
        damage(path, third.offset, long(-1))
    elif part == "size":
        damage(path, third.offset, long(100) + long(1 << 60))
    elif part == "marker":
        damage(path, third.sync_offset + 5, b"\xff")
    else:
        Path(path).write_bytes(Path(path).read_bytes()[: third.sync_offset + 3])
    with pytest.raises(jetliner.ParseError) as counted:
        jetliner.count_rows(path)
    with pytest.raises(jetliner.ParseError) as read:
        jetliner.read_avro(path)
    assert counted.value.to_dict() == read.value.to_dict()
    assert jetliner.count_rows(path, ignore_errors=True) == jetliner.read_avro(path, ignore_errors=True).height


def test_more_rows_than_the_bytes_can_hold_are_an_error(write_raw: WriteRaw) -> None:
    path = write_raw("lie.avro", "double", [(1, double(1.0)), (1 << 60, double(2.0)), (1, double(3.0))])
    with pytest.raises(jetliner.DecodeError, match="hold 1 at most") as error:
        jetliner.count_rows(path)
    assert error.value.block_index == 1
    assert error.value.path == path
    assert jetliner.count_rows(path, ignore_errors=True) == 2


def test_rows_without_bytes_are_bounded_as_in_reading(write_raw: WriteRaw) -> None:
    path = write_raw("nulls.avro", "null", [(100, b""), (100, b"")])
    assert jetliner.count_rows(path) == 200
    with pytest.raises(jetliner.DecodeError, match="max_empty_rows") as counted:
        jetliner.count_rows(path, max_empty_rows=150)
    with pytest.raises(jetliner.DecodeError) as read:
        jetliner.read_avro(path, max_empty_rows=150)
    assert counted.value.to_dict() == read.value.to_dict()


def test_the_first_bad_file_of_many_is_named(write_sales: WriteSales) -> None:
    paths = [write_sales(f"{i:03}.avro", rows=10, block_rows=5) for i in range(40)]
    for i in (20, 21, 35):
        damage(paths[i], blocks_of(paths[i])[1].sync_offset, b"\xff")
    with pytest.raises(jetliner.ParseError) as error:
        jetliner.count_rows(paths)
    assert error.value.path == paths[20]
    assert jetliner.count_rows(paths, ignore_errors=True) == 400 - 3 * 5
    assert not any(name.endswith(".avro") for name in open_files())


def test_errors_of_arguments_and_sources(write_sales: WriteSales, in_tmp: Path) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        jetliner.count_rows("missing.avro", columns=["a"])  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="glob"):
        jetliner.count_rows("missing.avro", glob=1)  # type: ignore[arg-type]
    with pytest.raises(jetliner.FileNotFoundError):
        jetliner.count_rows("missing.avro")
    with pytest.raises(jetliner.FileNotFoundError, match=r"\*"):
        jetliner.count_rows("*.avro")
    with pytest.raises(ValueError, match="empty"):
        jetliner.count_rows([])
    (in_tmp / "no.avro").write_bytes(b"PAR1 and more")
    with pytest.raises(jetliner.ParseError, match="magic"):
        jetliner.count_rows("no.avro")
    with pytest.raises(jetliner.SchemaError, match="zero fields"):
        jetliner.count_rows(_without_fields(in_tmp))


def _without_fields(folder: Path) -> str:
    import json

    from avro_files import SYNC, text

    schema = json.dumps({**SALES_SCHEMA, "fields": []})
    path = folder / "nothing.avro"
    path.write_bytes(b"Obj\x01" + long(1) + text("avro.schema") + text(schema) + long(0) + SYNC)
    return str(path)
