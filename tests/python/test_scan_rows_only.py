"""Queries that want no column of the files: rows are counted, not decoded."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import jetliner
from avro_files import blocks_of, damage
from conftest import WriteSales
from entry_points import EACH_ENGINE


@pytest.fixture
def files(write_sales: WriteSales) -> list[str]:
    """Two files whose data do not decompress."""
    paths = [write_sales(f"{rows}.avro", rows=rows, codec="snappy", block_rows=30) for rows in (100, 50)]
    for path in paths:
        for block in blocks_of(path):
            damage(path, block.data_offset, b"\xff" * block.data_bytes)
    return paths


@EACH_ENGINE
def test_row_index_and_path_are_known_without_decoding(files: list[str], engine: pl._typing.EngineType) -> None:
    scan = jetliner.scan_avro(files, row_index_name="row", row_index_offset=5, include_file_paths="file")
    expected = pl.DataFrame(
        {"row": pl.int_range(5, 155, dtype=pl.UInt32, eager=True), "file": [files[0]] * 100 + [files[1]] * 50}
    )
    for columns in (["row"], ["file"], ["row", "file"]):
        assert scan.select(columns).collect(engine=engine).equals(expected.select(columns))
    if not pl.__version__.startswith("1."):  # 1.x asks for the first column of the files
        assert scan.select(pl.len()).collect(engine=engine).item() == 150
    late = pl.col("row") >= 100
    assert scan.filter(late).select("row", "file").collect(engine=engine).equals(expected.filter(late))
    assert scan.select("row").head(7).collect(engine=engine).equals(expected.select("row").head(7))
    assert scan.select("row").tail(7).collect(engine=engine).equals(expected.select("row").tail(7))
    assert scan.select("file").slice(95, 10).collect(engine=engine).equals(expected.select("file").slice(95, 10))


def test_partition_columns_are_known_without_decoding(write_sales: WriteSales, in_tmp: Path) -> None:
    for year, rows in ((2023, 40), (2024, 70)):
        path = write_sales(f"data/year={year}/part.avro", rows=rows, codec="snappy", block_rows=30)
        for block in blocks_of(path):
            damage(path, block.data_offset, b"\xff" * block.data_bytes)
    got = jetliner.scan_avro("data").group_by("year").len().sort("year").collect()
    assert got.rows() == [(2023, 40), (2024, 70)]


def test_any_column_of_the_files_is_decoded(files: list[str]) -> None:
    scan = jetliner.scan_avro(files, row_index_name="row")
    with pytest.raises((jetliner.JetlinerError, pl.exceptions.ComputeError)):
        scan.select("row", "amount").collect()
    with pytest.raises((jetliner.JetlinerError, pl.exceptions.ComputeError)):
        scan.filter(pl.col("amount") > 1).select("row").collect()


def test_limits_of_rows_hold(files: list[str]) -> None:
    scan = jetliner.scan_avro(files, row_index_name="row", n_rows=120)
    assert scan.select("row").collect().height == 120
    assert scan.select("row").head(30).collect().height == 30


def test_later_files_are_not_opened_for_a_few_rows(write_sales: WriteSales) -> None:
    paths = [write_sales(f"{i}.avro", rows=10) for i in range(3)]
    scan = jetliner.scan_avro(paths, row_index_name="row").select("row").head(10)
    Path(paths[2]).write_bytes(Path(paths[2]).read_bytes()[:-1])  # the header is sound
    assert scan.collect().height == 10


@EACH_ENGINE
def test_damage_between_blocks_shows(write_sales: WriteSales, engine: pl._typing.EngineType) -> None:
    path = write_sales(rows=100, block_rows=30)
    damage(path, blocks_of(path)[1].sync_offset, b"\xff")
    scan = jetliner.scan_avro(path, row_index_name="row").select("row")
    with pytest.raises((jetliner.JetlinerError, pl.exceptions.ComputeError), match="sync marker"):
        scan.collect(engine=engine)
    lenient = jetliner.scan_avro(path, row_index_name="row", ignore_errors=True)
    assert lenient.select("row").collect(engine=engine).height == 70
