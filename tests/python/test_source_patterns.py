"""Patterns as sources, and what only looks like one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_files import sales_frame
from conftest import WriteSales
from entry_points import EACH_READ, paths_read
from jetliner._files.sources import resolve
from jetliner._options.read_options import ReadOptions


def test_pattern_in_a_url(tree: Path) -> None:
    frame = jetliner.read_avro(f"{tree.as_uri()}/data/*.avro")
    assert frame.equals(jetliner.read_avro("data/*.avro"))


@pytest.fixture
def tree(write_sales: WriteSales, in_tmp: Path) -> Path:
    """Write `data/{a1,a2,b1,c10}.avro`, `data/x/deep.avro`, `data/x/y/deeper.avro`, and hidden files."""
    for name in ("a2", "b1", "a1", "c10", "x/deep", "x/y/deeper", ".hidden", "x/.git/config"):
        write_sales(f"data/{name}.avro", 1)
    return in_tmp


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("data/*.avro", ["a1", "a2", "b1", "c10"]),
        ("data/a?.avro", ["a1", "a2"]),
        ("data/[ab]1.avro", ["a1", "b1"]),
        ("data/[!a]1.avro", ["b1"]),
        ("data/[a-b][12].avro", ["a1", "a2", "b1"]),
        ("data/{b,a}1.avro", ["a1", "b1"]),
        ("data/{a[12],c*}.avro", ["a1", "a2", "c10"]),
        ("data/{a{1,2},b1}.avro", ["a1", "a2", "b1"]),
        ("data/{a,b}{1,2}.avro", ["a1", "a2", "b1"]),
        ("data/**/*.avro", ["a1", "a2", "b1", "c10", "x/deep", "x/y/deeper"]),
        ("data/*/*.avro", ["x/deep"]),
        ("*/a1.avro", ["a1"]),
        ("data/*", ["a1", "a2", "b1", "c10"]),
        ("data/**", ["a1", "a2", "b1", "c10", "x/deep", "x/y/deeper"]),
        ("data/.*.avro", [".hidden"]),
    ],
)
def test_pattern(tree: Path, pattern: str, expected: list[str]) -> None:
    paths = [f"data/{name}.avro" for name in expected]
    assert paths_read(pattern) == paths
    assert jetliner.scan_avro(pattern, include_file_paths="p").collect()["p"].to_list() == paths


def test_matches_are_sorted_whatever_the_directory_says(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ["data/c10.avro", "data/a1.avro", "data/b1.avro", "data/a2.avro"]
    monkeypatch.setattr("glob.iglob", lambda *args, **options: iter(found))
    assert resolve("data/*.avro", ReadOptions(), glob=True).paths == sorted(found)


def test_patterns_and_paths_in_one_list(tree: Path) -> None:
    assert paths_read(["data/c10.avro", "data/a*.avro", Path("data/x/*.avro")]) == [
        "data/c10.avro",
        "data/a1.avro",
        "data/a2.avro",
        "data/x/deep.avro",
    ]


def test_overlapping_patterns_read_a_file_once(tree: Path) -> None:
    assert paths_read(["data/b*.avro", "data/*1.avro"]) == ["data/b1.avro", "data/a1.avro"]


def test_pattern_as_path_object_with_dot_slash(tree: Path) -> None:
    assert paths_read([Path("./data/a1.avro"), "./data/a*.avro"]) == ["data/a1.avro", "./data/a2.avro"]


@EACH_READ
@pytest.mark.parametrize("pattern", ["data/z*.avro", "absent/**/*.avro", "data/{y,z}.avro", "data/[xyz].avro"])
def test_pattern_without_a_match(tree: Path, read: Any, pattern: str) -> None:
    with pytest.raises(jetliner.FileNotFoundError, match="not found") as caught:
        read(pattern)
    assert pattern in str(caught.value)
    assert caught.value.path == pattern


@EACH_READ
def test_one_pattern_of_several_without_a_match(tree: Path, read: Any) -> None:
    with pytest.raises(jetliner.FileNotFoundError, match="not found"):
        read(["data/a*.avro", "data/z*.avro"])


@EACH_READ
def test_glob_false_takes_the_path_literally(write_sales: WriteSales, in_tmp: Path, read: Any) -> None:
    write_sales("[a].avro", 1)
    write_sales("a.avro", 2)
    assert read("[a].avro", glob=False).height == 1
    assert read("[a].avro").height == 2
    with pytest.raises(jetliner.FileNotFoundError):
        read("*.avro", glob=False)


@pytest.mark.parametrize("name", ["data[1].avro", "a{b}.avro", "who?.avro", "x{1.avro", "n}.avro", "a[.avro"])
def test_file_whose_name_looks_like_a_pattern(write_sales: WriteSales, in_tmp: Path, name: str) -> None:
    write_sales(name)
    assert jetliner.read_avro(name).height == 100


def test_a_pattern_that_matches_directories_alone_stands_for_their_files(tree: Path) -> None:
    assert paths_read("data/x*") == ["data/x/deep.avro", "data/x/y/deeper.avro"]
    assert "data/x/deep.avro" not in paths_read("data/*")  # files match as well


def test_only_dot_files_are_hidden(write_sales: WriteSales, in_tmp: Path) -> None:
    for name in ("part-0", "_data", "_kept.avro", "_SUCCESS", ".part-0.crc", "._SUCCESS.crc"):
        write_sales(f"out/{name}", 1)
    assert paths_read("out/*") == ["out/_SUCCESS", "out/_data", "out/_kept.avro", "out/part-0"]
    assert paths_read("out/**") == ["out/_SUCCESS", "out/_data", "out/_kept.avro", "out/part-0"]
    assert paths_read("out/_*") == ["out/_SUCCESS", "out/_data", "out/_kept.avro"]


@pytest.mark.parametrize(
    ("wrong", "way"),
    [
        ((path for path in ["a.avro"]), "make it a list"),
        ({"a.avro"}, "make it a list"),
    ],
)
def test_what_is_no_path_is_refused_with_a_way_out(wrong: Any, way: str) -> None:
    with pytest.raises(TypeError, match=way):
        jetliner.read_avro(wrong)


def test_schema_in_place_of_a_path_is_told_its_keyword() -> None:
    for text in ('{"type": "record"}', '{"type": "record", "fields": [1, 2]}', '["int"]'):
        with pytest.raises(jetliner.FileNotFoundError, match="its keyword is reader_schema"):
            jetliner.read_avro(text)


def test_readers_do_not_take_directories(tree: Path) -> None:
    for make in (jetliner.AvroReader, lambda path: jetliner.MultiAvroReader([path])):
        with pytest.raises(jetliner.SourceError, match="scan_avro and read_avro take directories") as caught:
            make("data")
        assert caught.value.path == "data"


def test_readers_do_not_expand_patterns(tree: Path) -> None:
    with pytest.raises(jetliner.FileNotFoundError, match="if this is a pattern") as caught:
        jetliner.AvroReader("data/*.avro")
    assert caught.value.path == "data/*.avro"
    with pytest.raises(jetliner.FileNotFoundError, match="if this is a pattern"):
        jetliner.MultiAvroReader(["data/*.avro"])
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        jetliner.AvroReader("data/none.avro")
    assert "pattern" not in str(caught.value)


def test_schema_of_a_sequence_or_pattern_is_that_of_the_first_file(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("b.avro")
    (in_tmp / "c.avro").write_bytes(b"not avro")
    expected = pl.Schema({"user_id": pl.Int64, "amount": pl.Float64, "status": pl.String})
    assert jetliner.read_avro_schema(["b.avro", "c.avro"]) == expected
    assert jetliner.read_avro_schema("?.avro") == expected


@pytest.mark.parametrize("first", ["b.avro", "b*.avro"])
@pytest.mark.parametrize("other", ["no/such/file.avro", "no/such/*.avro", "z*.avro"])
def test_schema_of_a_sequence_does_not_look_for_other_files(
    write_sales: WriteSales, in_tmp: Path, first: str, other: str
) -> None:
    write_sales("b.avro")
    assert jetliner.read_avro_schema([first, other]) == sales_frame(0).schema
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        jetliner.read_avro_schema([other, first])
    assert caught.value.path == other


def test_schema_of_a_sequence_checks_the_types_of_all_its_elements(write_sales: WriteSales) -> None:
    with pytest.raises(TypeError, match="Expected str or Path at index 1"):
        jetliner.read_avro_schema([write_sales(), 5])  # type: ignore[list-item]
