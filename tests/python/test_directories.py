"""Directories as sources: which files in them are read, in which order."""

from __future__ import annotations

import gzip
import os
import re
import warnings
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import jetliner
from conftest import WriteSales


def paths_of(source: object) -> list[str]:
    """The files that a scan reads, in their order."""
    lazy = jetliner.scan_avro(source, include_file_paths="path")  # type: ignore[arg-type]
    return lazy.select("path").unique(maintain_order=True).collect().to_series().to_list()


def test_files_are_sorted_by_path_at_all_depths(write_sales: WriteSales, in_tmp: Path) -> None:
    for name in ("z.avro", "a/f.avro", "a-b/f.avro", "a.avro", "a10/f.avro", "a2/f.avro", "a/b/c.avro"):
        write_sales(f"data/{name}", 1)
    names = ["a-b/f.avro", "a.avro", "a/b/c.avro", "a/f.avro", "a10/f.avro", "a2/f.avro", "z.avro"]
    assert paths_of("data") == [f"data/{name}" for name in names]
    assert paths_of(Path("data")) == paths_of("data")
    assert paths_of("data/") == paths_of("data")


def test_hidden_and_marker_files_and_other_suffixes_are_left_out(write_sales: WriteSales, in_tmp: Path) -> None:
    for name in ("part-0", "000000_0", "a.avro", "b.snappy.avro"):
        write_sales(f"data/{name}", 1)
    for name in ("_SUCCESS", ".part-0.crc", "_temporary/0.avro", ".staging/0.avro", "a.json", "a.avro.crc", "_a.avro"):
        Path("data", name).parent.mkdir(exist_ok=True)
        Path("data", name).write_text("not Avro")
    assert paths_of("data") == ["data/000000_0", "data/a.avro", "data/b.snappy.avro", "data/part-0"]


def test_names_of_bigquery_and_capitals_count_and_no_others(write_sales: WriteSales, in_tmp: Path) -> None:
    names = ["A.AVRO", "b.avro000000000002", "b.avro000000000010", "c.Avro", "d.avro", "sub/e.AVRO000000000000"]
    for name in names:
        write_sales(f"data/{name}", 1)
    for name in ("x.avro1", "x.avro00000000001", "x.avro0000000000012", "x.avro-000000000012", "x.avro.bak", "x.avsc"):
        Path("data", name).write_text("not Avro")
    assert paths_of("data") == [f"data/{name}" for name in names]
    assert jetliner.count_rows("data") == len(names)


def test_such_names_in_partition_directories(write_sales: WriteSales, in_tmp: Path) -> None:
    for year in (1, 2):
        for name in ("x.avro000000000001", "x.avro000000000000", "Y.AVRO"):
            write_sales(f"data/year={year}/{name}", year)
    assert jetliner.read_avro("data")["year"].to_list() == [1] * 3 + [2] * 6
    assert [path.rpartition("/")[2] for path in paths_of("data")] == [
        "Y.AVRO", "x.avro000000000000", "x.avro000000000001", "Y.AVRO", "x.avro000000000000", "x.avro000000000001",
    ]  # fmt: skip


@pytest.mark.parametrize("function", [jetliner.scan_avro, jetliner.read_avro, jetliner.count_rows])
def test_a_directory_says_which_files_in_gzip_it_leaves_out(
    function: Callable[[object], object], write_sales: WriteSales, in_tmp: Path
) -> None:
    write_sales("data/a.avro", 1)
    for name in ("c.avro.gz", "b/c.AVRO.GZ", "d.avro000000000012.gz", "_hidden.avro.gz", "e.json.gz", "f.gz"):
        Path("data", name).parent.mkdir(exist_ok=True)
        Path("data", name).write_bytes(gzip.compress(Path("data/a.avro").read_bytes()))
    with pytest.warns(UserWarning, match="'data': 3 files in gzip are left out, such as 'data/b/c.AVRO.GZ'") as seen:
        function("data")
    assert len(seen) == 1
    assert seen[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        function("data/a.avro")


def test_the_pattern_of_the_warning_reads_the_files(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("data[1]/a.avro", 1)
    for name in ("b", "c"):
        Path(f"data[1]/{name}.avro.gz").write_bytes(gzip.compress(Path("data[1]/a.avro").read_bytes()))
    with pytest.warns(UserWarning, match="2 files in gzip") as seen:
        assert jetliner.read_avro("data[1]").height == 1
    pattern = re.search(r"pattern such as '(.*)'", str(seen[0].message))
    assert pattern is not None
    assert jetliner.read_avro(pattern[1]).height == 2


def test_a_directory_with_files_in_gzip_only(in_tmp: Path) -> None:
    Path("data").mkdir()
    Path("data/a.avro.gz").touch()
    with pytest.raises(
        jetliner.FileNotFoundError, match=r"not found.*; 1 file in gzip is left out.*data/\*\*/\*\.avro"
    ):
        jetliner.read_avro("data")


def test_the_directory_itself_may_be_hidden(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("_data/a.avro", 1)
    assert paths_of("_data") == ["_data/a.avro"]


def test_directories_and_files_in_one_list(write_sales: WriteSales, in_tmp: Path) -> None:
    for name in ("x/1.avro", "y/2.avro", "y/1.avro", "z.avro"):
        write_sales(name, 1)
    assert paths_of(["y", "z.avro", Path("x"), "y/2.avro"]) == ["y/1.avro", "y/2.avro", "z.avro", "x/1.avro"]


def test_links_to_directories_are_followed(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("far/1.avro", 1)
    Path("data").mkdir()
    Path("data/link").symlink_to("../far")
    assert paths_of("data") == ["data/link/1.avro"]


def test_a_loop_of_links_is_an_error(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("data/sub/1.avro", 1)
    Path("data/sub/loop").symlink_to("..")
    with pytest.raises(jetliner.SourceError, match="within itself") as caught:
        jetliner.scan_avro("data")
    assert caught.value.path == "data/sub/loop"


@pytest.mark.parametrize("function", [jetliner.scan_avro, jetliner.read_avro, jetliner.read_avro_schema])
def test_an_empty_directory_is_not_found(function: object, in_tmp: Path) -> None:
    Path("data/sub").mkdir(parents=True)
    Path("data/_SUCCESS").touch()
    with pytest.raises(jetliner.FileNotFoundError, match=r"not found.*no Avro file.*'data'") as caught:
        function("data")  # type: ignore[operator]
    assert caught.value.path == "data"


def test_a_directory_that_cannot_be_listed_is_a_permission_error(
    write_sales: WriteSales, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sales("data/sub/1.avro", 1)
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path == "data/sub":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)  # root may list everything
    with pytest.raises(jetliner.PermissionError) as caught:
        jetliner.scan_avro("data")
    assert caught.value.path == "data/sub"


def test_schema_of_a_directory_is_that_of_the_first_file(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("data/y=1/1.avro", 1)
    Path("data/y=2").mkdir()
    Path("data/y=2/1.avro").write_text("not Avro")
    assert jetliner.read_avro_schema("data") == pl.Schema(
        {"user_id": pl.Int64, "amount": pl.Float64, "status": pl.String}
    )


def test_no_glob_means_no_patterns_but_directories(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("data[1]/1.avro", 3)
    assert jetliner.read_avro("data[1]", glob=False).height == 3


def test_hidden_directories_are_left_out_but_not_those_of_partitions(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("data/_date=2024-01-01/_part=1/a.avro", 1)
    for name in ("_temporary/a.avro", ".hidden=1/a.avro", "_date=2024-01-01/_part=1/_a=1.avro"):
        write_sales(f"data/{name}", 1)
    assert paths_of("data") == ["data/_date=2024-01-01/_part=1/a.avro"]
    assert jetliner.read_avro("data").columns[-2:] == ["_date", "_part"]


def test_braces_without_a_comma_are_characters(write_sales: WriteSales, in_tmp: Path) -> None:
    for name in ("a{1}.avro", "a1.avro", "b{1.avro", "c{12}.avro", "c{13}.avro"):
        write_sales(name, 1)
    assert paths_of("a{1}.avro") == ["a{1}.avro"]
    assert paths_of("?{1}.avro") == ["a{1}.avro"]
    assert paths_of("c{1{2,3}}.avro") == ["c{12}.avro", "c{13}.avro"]


def test_read_avro_reads_directories(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("data/1.avro", 3)
    write_sales("data/2.avro", 4)
    assert jetliner.read_avro("data").height == 7
    assert jetliner.read_avro("data", columns=[1], n_rows=5).shape == (5, 1)


@pytest.mark.parametrize("name", ["data[1]", "data{x}"])
def test_a_directory_whose_name_looks_like_a_pattern(name: str, write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales(f"{name}/year=1/a.avro", 1)
    assert paths_of(name) == [f"{name}/year=1/a.avro"]
    assert jetliner.read_avro(name)["year"].to_list() == [1]  # a source that is one directory


def test_a_file_found_twice_keeps_its_first_place_and_partitions(write_sales: WriteSales, in_tmp: Path) -> None:
    for year in (1, 2):
        write_sales(f"data/year={year}/a.avro", 1)
    frame = jetliner.read_avro(["data", "data/year=2"], hive_partitioning=True)
    assert frame["year"].to_list() == [1, 2]
