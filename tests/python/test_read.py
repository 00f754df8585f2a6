"""read_avro and read_avro_schema: columns, limits, added columns, empty files."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import blocks_of, damage, open_files, sales_frame
from conftest import WriteAvro, WriteRaw, WriteSales
from jetliner import _core


def test_reads_all_rows_in_order(path: str) -> None:
    assert_frame_equal(jetliner.read_avro(path), sales_frame(1000))


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_codecs(write_sales: WriteSales, codec: str) -> None:
    assert_frame_equal(jetliner.read_avro(write_sales(rows=1000, codec=codec, block_rows=300)), sales_frame(1000))


@pytest.mark.parametrize("batch_size", [1, 7, 1000, 2**63 - 1])
def test_batch_size_never_changes_results(path: str, batch_size: int) -> None:
    assert_frame_equal(jetliner.read_avro(path, batch_size=batch_size), sales_frame(1000))


@pytest.mark.parametrize("read_chunk_size", [1, 100, 1 << 30])
def test_read_chunk_size_never_changes_results(path: str, read_chunk_size: int) -> None:
    assert_frame_equal(jetliner.read_avro(path, read_chunk_size=read_chunk_size), sales_frame(1000))


@pytest.mark.parametrize(("buffer_blocks", "buffer_bytes"), [(1, 1), (1000, 1 << 30)])
def test_buffers_never_change_results(path: str, buffer_blocks: int, buffer_bytes: int) -> None:
    frame = jetliner.read_avro(path, buffer_blocks=buffer_blocks, buffer_bytes=buffer_bytes)
    assert_frame_equal(frame, sales_frame(1000))


def test_file_is_closed(path: str) -> None:
    jetliner.read_avro(path)
    jetliner.read_avro(path, n_rows=5)
    jetliner.read_avro(path, columns=[0])
    jetliner.read_avro_schema(path)
    assert path not in open_files()


def test_ignore_errors_on_a_sound_file(path: str) -> None:
    assert_frame_equal(jetliner.read_avro(path, ignore_errors=True), sales_frame(1000))


def test_ignore_errors_skips_damaged_blocks(path: str) -> None:
    damage(path, blocks_of(path)[20].sync_offset, b"damaged")
    with pytest.raises(jetliner.ParseError):
        jetliner.read_avro(path)
    rows = jetliner.read_avro(path, ignore_errors=True)["user_id"].to_list()
    assert rows[:600] == list(range(600))
    assert rows[-340:] == list(range(660, 1000))


def test_strict_read_of_damage_at_the_very_end_raises(path: str) -> None:
    # All rows were decoded by then: none may be returned as if nothing had happened.
    damage(path, blocks_of(path)[-1].sync_offset, b"damaged")
    with pytest.raises(jetliner.ParseError):
        jetliner.read_avro(path)


# --- columns ---


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["amount"], ["amount"]),
        (["status", "user_id"], ["user_id", "status"]),
        (("status", "amount", "status"), ["amount", "status"]),
        ([1], ["amount"]),
        ([2, 0], ["user_id", "status"]),
        ((2, 2, 1), ["amount", "status"]),
        (range(2), ["user_id", "amount"]),
        (["user_id", "amount", "status"], ["user_id", "amount", "status"]),
    ],
)
def test_columns_are_in_schema_order_and_each_once(path: str, columns: Any, expected: list[str]) -> None:
    assert_frame_equal(jetliner.read_avro(path, columns=columns), sales_frame(1000).select(expected))


@pytest.mark.parametrize("columns", [["user_id", 1], [0, "amount"], [0, None], [True], [1.0], "user_id", 5, b"ab"])
def test_columns_of_wrong_types(path: str, columns: Any) -> None:
    with pytest.raises(TypeError, match="columns"):
        jetliner.read_avro(path, columns=columns)


def test_a_name_in_place_of_a_list_is_told(path: str) -> None:
    with pytest.raises(TypeError, match=r": write \['user_id'\]$"):
        jetliner.read_avro(path, columns="user_id")


@pytest.mark.parametrize("columns", [[], ()])
def test_empty_columns(path: str, columns: Any) -> None:
    with pytest.raises(ValueError, match="columns must not be empty"):
        jetliner.read_avro(path, columns=columns)


def test_unknown_column(path: str) -> None:
    with pytest.raises(jetliner.SchemaError, match=r"column 'no_such'.*'user_id', 'amount', 'status'") as caught:
        jetliner.read_avro(path, columns=["user_id", "no_such"])
    assert caught.value.path == path


@pytest.mark.parametrize("columns", [["no_such_column"], [3]])
def test_file_is_closed_after_an_unknown_column(path: str, columns: Any) -> None:
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro(path, columns=columns)
    assert caught.tb is not None  # it keeps the frames of the call, and what they hold
    assert path not in open_files()


def test_every_reader_of_a_call_has_its_options(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # For indices the header is read before.
    chunk_sizes = []

    def spy(paths: list[str], **options: Any) -> _core.Reader:
        chunk_sizes.append(options["read_chunk_size"])
        return _core.Reader(paths, **options)

    monkeypatch.setattr("jetliner._files.opening._core", types.SimpleNamespace(Reader=spy))
    frame = jetliner.read_avro(path, columns=[0], read_chunk_size=7, row_index_name="i", include_file_paths="p")
    assert frame.columns == ["i", "user_id", "p"]
    assert chunk_sizes == [7, 7]


def test_index_out_of_range(path: str) -> None:
    with pytest.raises(jetliner.SchemaError, match=r"index 3 is out of range.*3 columns"):
        jetliner.read_avro(path, columns=[0, 3])
    with pytest.raises(IndexError):
        jetliner.read_avro(path, columns=[10**30 % 2**62])


def test_negative_index(path: str) -> None:
    with pytest.raises(ValueError, match="-1"):
        jetliner.read_avro(path, columns=[0, -1])


def test_columns_with_row_index_and_path(path: str) -> None:
    frame = jetliner.read_avro(path, columns=["amount"], row_index_name="i", include_file_paths="p", n_rows=3)
    assert frame.rows() == [(0, 0.0, path), (1, 0.5, path), (2, 1.0, path)]


def test_added_columns_cannot_be_asked_for_as_columns_of_the_file(path: str) -> None:
    with pytest.raises(jetliner.SchemaError):
        jetliner.read_avro(path, columns=["i"], row_index_name="i")


# --- rows ---


@pytest.mark.parametrize("n_rows", [0, 1, 30, 31, 999, 1000, 1001])
def test_n_rows(path: str, n_rows: int) -> None:
    assert_frame_equal(jetliner.read_avro(path, n_rows=n_rows), sales_frame(min(n_rows, 1000)))


def test_n_rows_stops_before_damage(path: str) -> None:
    damage(path, blocks_of(path)[20].sync_offset, b"damaged")
    assert jetliner.read_avro(path, n_rows=600).height == 600


@pytest.mark.parametrize(
    ("offset", "expected"), [(0, [0, 1, 2]), (7, [7, 8, 9]), (2**32 - 2, [2**32 - 2, 2**32 - 1, 2**32 - 1])]
)
def test_row_index(path: str, offset: int, expected: list[int]) -> None:
    frame = jetliner.read_avro(path, row_index_name="i", row_index_offset=offset, n_rows=3)
    assert frame.columns[0] == "i"
    assert frame["i"].dtype == pl.UInt32
    assert frame["i"].to_list() == expected


def test_path_column_is_last(path: str) -> None:
    frame = jetliner.read_avro(Path(path), include_file_paths="p")
    assert frame.columns[-1] == "p"
    assert frame["p"].dtype == pl.String
    assert frame["p"].unique().to_list() == [path]


def test_added_columns_take_any_name(path: str) -> None:
    frame = jetliner.read_avro(path, row_index_name="", include_file_paths="größe ↑", n_rows=1)
    assert frame.columns == ["", "user_id", "amount", "status", "größe ↑"]


def test_file_without_rows_gives_the_full_schema(write_sales: WriteSales) -> None:
    path = write_sales(rows=0)
    assert_frame_equal(jetliner.read_avro(path), sales_frame(0))
    frame = jetliner.read_avro(path, row_index_name="i", include_file_paths="p", columns=["amount"])
    assert frame.schema == pl.Schema({"i": pl.UInt32, "amount": pl.Float64, "p": pl.String})


# --- top level ---

TOP_LEVELS = [
    ("int", [1, -2], pl.Int32),
    ("string", ["a", "β"], pl.String),
    (["null", "long"], [1, None], pl.Int64),
    ({"type": "array", "items": "int"}, [[1, 2], []], pl.List(pl.Int32)),
    ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, ["B", "A"], pl.Enum(["A", "B"])),
]


@pytest.mark.parametrize(("schema", "values", "dtype"), TOP_LEVELS, ids=lambda value: str(value)[:20])
def test_top_level_that_is_no_record_is_a_column_named_value(
    write_avro: WriteAvro, schema: Any, values: list[Any], dtype: Any
) -> None:
    path = write_avro("top.avro", schema, values)
    expected = pl.DataFrame({"value": values}, schema={"value": dtype})
    assert_frame_equal(jetliner.read_avro(path), expected)
    assert_frame_equal(jetliner.read_avro(path, columns=["value"]), expected)
    assert_frame_equal(jetliner.read_avro(path, columns=[0]), expected)
    assert_frame_equal(jetliner.scan_avro(path).select("value").collect(), expected)
    assert jetliner.read_avro_schema(path) == expected.schema
    assert_frame_equal(pl.concat(jetliner.AvroReader(path, projected_columns=["value"])), expected)


def test_top_level_map(write_avro: WriteAvro) -> None:
    path = write_avro("top.avro", {"type": "map", "values": "int"}, [{"a": 1, "b": 2}, {}])
    assert jetliner.read_avro(path)["value"].to_list() == [[{"key": "a", "value": 1}, {"key": "b", "value": 2}], []]


@pytest.mark.parametrize(
    "entry",
    [
        jetliner.read_avro,
        jetliner.scan_avro,
        jetliner.read_avro_schema,
        jetliner.AvroReader,
        lambda path: jetliner.MultiAvroReader([path]),
    ],
)
def test_record_without_fields_is_refused(write_raw: WriteRaw, entry: Any) -> None:
    path = write_raw("zero.avro", {"type": "record", "name": "R", "fields": []}, [(3, b"")])
    with pytest.raises(jetliner.SchemaError, match=r"(?i)zero fields.*column|column.*zero fields"):
        entry(path)


# --- the schema alone ---


def test_schema_of_a_file_cut_after_its_header(path: str) -> None:
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: blocks_of(path)[0].offset])
    assert jetliner.read_avro_schema(path) == sales_frame(0).schema
    assert_frame_equal(jetliner.read_avro(path), sales_frame(0))


@pytest.mark.parametrize("kept", [1, 5])
def test_schema_of_a_file_cut_inside_of_its_first_block(path: str, kept: int) -> None:
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: blocks_of(path)[0].offset + kept])
    assert jetliner.read_avro_schema(path) == sales_frame(0).schema


def test_schema_does_not_look_at_the_data(path: str) -> None:
    damage(path, blocks_of(path)[0].offset, b"\xff" * 200)
    assert jetliner.read_avro_schema(path) == sales_frame(0).schema
