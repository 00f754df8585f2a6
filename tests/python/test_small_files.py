"""Small files: their frames are read when Polars calls the source, and schemas are kept; both within bounds."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import blocks_of, damage, open_files, sales_frame
from conftest import WriteAvro, WriteSales
from jetliner._columns import known_schemas
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query import io_source
from jetliner._query.io_source import AvroScan
from jetliner._query.small_files import read_at_call, waiting_bytes


def small_scan(path: str, **options: Any) -> AvroScan:
    return AvroScan(Table([path], ReadOptions(**options), sales_frame(0).schema), is_small=True)


def test_small_file_is_read_when_polars_calls_the_source(path: str) -> None:
    frames = small_scan(path)(None, None, None, None)
    Path(path).unlink()
    assert path not in open_files()
    assert_frame_equal(pl.concat(frames), sales_frame(1000))


def test_two_frames_are_read_when_polars_calls_the_source(path: str) -> None:
    frames = small_scan(path, batch_size=10)(None, None, None, None)
    assert path in open_files()
    assert_frame_equal(pl.concat(frames), sales_frame(1000))
    assert path not in open_files()
    taken: list[int] = []

    def numbers() -> Iterator[pl.DataFrame]:
        for number in range(5):
            taken.append(number)
            yield pl.DataFrame({"n": [number]})

    early = read_at_call(numbers())
    assert taken == [0, 1]
    assert [frame.item() for frame in early] == list(range(5))
    assert list(early) == []


def test_frames_that_wait_are_bounded() -> None:
    taken: list[int] = []

    def large_frames() -> Iterator[pl.DataFrame]:
        for start in range(3):
            taken.append(start)
            yield pl.DataFrame({"n": pl.int_range(start, start + (1 << 20), eager=True)})  # 8 MiB

    frames = read_at_call(large_frames())
    assert taken == [0, 1]
    later = read_at_call(large_frames())
    assert taken == [0, 1]
    assert [frame["n"][0] for frame in later] == [0, 1, 2]
    taken.clear()
    assert [next(frames)["n"][0] for _ in range(3)] == [0, 1, 2]
    assert waiting_bytes() == 0
    for _ in range(3):
        read_at_call(large_frames())  # and dropped, frames and all
    assert taken == [2, 0, 1, 0, 1, 0, 1]


def test_frames_that_were_taken_are_gone_when_the_next_one_is_read() -> None:
    frames = read_at_call(pl.DataFrame({"n": [number]}) for number in range(3))
    held = [weakref.ref(next(frames)) for _ in range(3)]
    assert [frame() for frame in held] == [None, None, None]


@pytest.mark.parametrize("is_raised", [False, True])
def test_errors_do_not_hold_the_frames_before_them(is_raised: bool) -> None:
    held: list[weakref.ref[pl.DataFrame]] = []

    def frames() -> Iterator[pl.DataFrame]:
        frame = pl.DataFrame({"n": [1]})
        held.append(weakref.ref(frame))
        yield frame
        del frame
        msg = "damaged"
        raise ValueError(msg)

    gc.disable()
    try:
        early = read_at_call(frames())
        next(early)
        if is_raised:
            with pytest.raises(ValueError, match="damaged") as info:
                next(early)
            assert info.value.args == ("damaged",)
        del early
        assert held[0]() is None
        assert waiting_bytes() == 0
    finally:
        gc.enable()


def test_sources_whose_frames_wait_are_bounded() -> None:
    called: list[int] = []

    def frame(number: int) -> Iterator[pl.DataFrame]:
        called.append(number)
        yield pl.DataFrame({"n": [number]})

    sources = [read_at_call(frame(number)) for number in range(1000)]
    assert len(called) == 256
    assert [next(source).item() for source in sources] == list(range(1000))
    del sources
    assert waiting_bytes() == 0


def test_queries_of_many_small_files_do_not_read_them_all_at_once(write_avro: WriteAvro, in_tmp: Path) -> None:
    """Polars calls all sources before it takes frames of any."""
    schema = {"type": "record", "name": "R", "fields": [{"name": "text", "type": "string"}]}
    path = write_avro("x.avro", schema, [{"text": "x" * 100}] * 10_000, codec="zstandard")
    assert Path(path).stat().st_size < 100_000
    waiting: list[int] = []

    def look(frame: pl.DataFrame) -> pl.DataFrame:
        waiting.append(waiting_bytes())
        return frame

    scans = [jetliner.scan_avro(path) for _ in range(30)]
    query = pl.concat([scan.map_batches(look, streamable=True) for scan in scans])
    assert query.collect(engine="streaming").height == 300_000
    assert 0 < max(waiting) < 12 << 20
    assert waiting_bytes() == 0


@pytest.mark.parametrize("block", [0, 20])
@pytest.mark.parametrize("batch_size", [50, 1000])
def test_frames_before_damage_come_before_its_error(path: str, block: int, batch_size: int) -> None:
    damage(path, blocks_of(path)[block].sync_offset, b"damaged")
    got = []
    frames = small_scan(path, batch_size=batch_size)(None, None, None, None)  # no error yet
    with pytest.raises(jetliner.ParseError, match="sync marker"):
        got.extend(frames)
    assert_frame_equal(pl.concat([sales_frame(0), *got]), sales_frame(30 * block))


def test_only_small_files_are_read_when_polars_calls_the_source(
    write_sales: WriteSales, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources: list[AvroScan] = []

    def register(source: AvroScan, **_: Any) -> pl.LazyFrame:
        sources.append(source)
        return pl.LazyFrame()

    monkeypatch.setattr(io_source, "register_io_source", register)
    jetliner.scan_avro(write_sales("small.avro", rows=1000))
    jetliner.scan_avro(write_sales("large.avro", rows=50_000))
    assert [source.is_small for source in sources] == [True, False]


def test_files_of_one_schema_have_schemas_of_their_own(write_sales: WriteSales) -> None:
    paths = [write_sales(name, rows=3) for name in ("a.avro", "b.avro")]
    schemas = [jetliner.scan_avro(path).collect_schema() for path in paths]
    schemas[0]["more"] = pl.Int8()
    assert schemas[1] == sales_frame(0).schema
    assert jetliner.scan_avro(paths[0]).collect_schema() == sales_frame(0).schema
    assert jetliner.scan_avro(paths[0], row_index_name="i").collect_schema().names()[0] == "i"
    assert jetliner.scan_avro(paths[0], include_file_paths="p").collect_schema().names()[-1] == "p"


def test_schemas_that_unfold_are_not_kept(write_avro: WriteAvro) -> None:
    """A short text in which each record is named twice by the next one: 2,000 columns."""
    schema: Any = {"type": "record", "name": "R0", "fields": [{"name": "a", "type": "long"}]}
    for depth in range(1, 12):
        fields = [{"name": "a", "type": schema}, {"name": "b", "type": f"R{depth - 1}"}]
        schema = {"type": "record", "name": f"R{depth}", "fields": fields}
    known_schemas._known_schemas.clear()
    jetliner.scan_avro(write_avro("unfolds.avro", schema, []))
    assert known_schemas._known_schemas == {}
    jetliner.scan_avro(write_avro("plain.avro", {"type": "array", "items": "int"}, []))
    assert len(known_schemas._known_schemas) == 1


def test_schemas_with_long_names_that_are_used_again_are_not_kept(write_avro: WriteAvro) -> None:
    """A name stands in the text once, and in the columns as often as its record is used."""
    fields = [{"name": "f0", "type": {"type": "record", "name": "T", "fields": [{"name": "n" * 9000, "type": "int"}]}}]
    fields += [{"name": f"f{i}", "type": "T"} for i in range(1, 150)]
    known_schemas._known_schemas.clear()
    jetliner.scan_avro(write_avro("names.avro", {"type": "record", "name": "R", "fields": fields}, []))
    assert known_schemas._known_schemas == {}
