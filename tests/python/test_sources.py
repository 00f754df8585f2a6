"""From what the caller names to files: lists, patterns, order, duplicates, and what is not there."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections import UserList, deque
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import sales_frame
from conftest import WriteSales
from jetliner._files.sources import resolve

EACH_READ = pytest.mark.parametrize("read", [jetliner.read_avro, lambda *a, **k: jetliner.scan_avro(*a, **k).collect()])


def names(source: Any, **options: Any) -> list[str]:
    """The files that were read, in order."""
    frame = jetliner.read_avro(source, include_file_paths="path", **options)
    return frame["path"].unique(maintain_order=True).to_list()


# --- what a source may be ---


@EACH_READ
def test_source_is_a_str(read: Any, write_sales: WriteSales) -> None:
    assert_frame_equal(read(write_sales()), sales_frame(100))


@EACH_READ
def test_source_is_a_path(read: Any, write_sales: WriteSales) -> None:
    assert_frame_equal(read(Path(write_sales())), sales_frame(100))


@EACH_READ
def test_source_is_any_os_path_like(read: Any, write_sales: WriteSales) -> None:
    class Entry:
        def __init__(self, path: str) -> None:
            self.path = path

        def __fspath__(self) -> str:
            return self.path

    assert_frame_equal(read(Entry(write_sales())), sales_frame(100))


@EACH_READ
def test_source_is_a_mixed_list_or_tuple(read: Any, write_sales: WriteSales) -> None:
    first, second = write_sales("a.avro", 10), Path(write_sales("b.avro", 10, start=10))
    assert_frame_equal(read([first, second]), sales_frame(20))
    assert_frame_equal(read((first, second)), sales_frame(20))


@EACH_READ
@pytest.mark.parametrize("wrong", [5, None, b"a.avro", {"a.avro"}, [5], ["a.avro", None], [["a.avro"]], [b"a"], 1.5])
def test_other_types_are_type_errors(read: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match="Expected str or Path"):
        read(wrong)


def test_path_like_of_bytes_is_a_type_error() -> None:
    class Entry:
        def __fspath__(self) -> bytes:
            return b"a.avro"

    with pytest.raises(TypeError, match="Expected str or Path"):
        jetliner.read_avro(Entry())  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [5, None, b"a.avro", ["a.avro"], ("a.avro",)])
def test_avro_reader_takes_one_path(wrong: Any) -> None:
    with pytest.raises(TypeError, match="Expected str or Path") as caught:
        jetliner.AvroReader(wrong)
    assert "make it a list" not in str(caught.value)
    assert ("MultiAvroReader reads several files" in str(caught.value)) == isinstance(wrong, (list, tuple))


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (5, "got int$"),
        (None, "got NoneType$"),
        ("a.avro", r"got str \(one path: write \['a.avro'\], or use AvroReader\)"),
        (Path("a.avro"), r"got PosixPath \(one path: write \['a.avro'\], or use AvroReader\)"),
        (b"a.avro", r"got bytes \(data in memory"),
        ({"a.avro"}, r"got set \(make it a list\)"),
        ((path for path in ("a.avro",)), r"got generator \(make it a list\)"),
        ([5], "at index 0 of paths, got int"),
        (("a.avro", None), "at index 1 of paths, got NoneType"),
    ],
)
def test_multi_avro_reader_says_what_is_wrong_with_its_paths(wrong: Any, text: str) -> None:
    with pytest.raises(TypeError, match=f"Expected str or Path.*{text}"):
        jetliner.MultiAvroReader(wrong)


@pytest.mark.parametrize("make", [list, tuple, deque, UserList])
def test_multi_avro_reader_takes_any_sequence_of_paths(make: Any, write_sales: WriteSales, in_tmp: Path) -> None:
    for number in range(2):
        write_sales(f"{number}.avro", start=100 * number)
    for paths in (["0.avro", Path("1.avro")], sorted(Path().glob("*.avro"))):
        assert_frame_equal(pl.concat(jetliner.MultiAvroReader(make(paths))), sales_frame(200))


@EACH_READ
@pytest.mark.parametrize("empty", [[], ()])
def test_empty_sequence_is_a_value_error(read: Any, empty: Any) -> None:
    with pytest.raises(ValueError, match="empty"):
        read(empty)


def test_empty_list_for_multi_avro_reader_is_a_configuration_error() -> None:
    with pytest.raises(jetliner.ConfigurationError, match="empty"):
        jetliner.MultiAvroReader([])


@EACH_READ
def test_null_character_in_a_path_is_refused(read: Any) -> None:
    with pytest.raises(ValueError, match="null character"):
        read("a.avro\0b")


@pytest.mark.parametrize("url", ["s3://bucket/key.avro", "gs://bucket/key.avro", "https://host/x.avro", "abfss://a/x"])
def test_urls_are_refused_clearly(url: str) -> None:
    for read in (jetliner.read_avro, jetliner.scan_avro, jetliner.read_avro_schema, jetliner.AvroReader):
        with pytest.raises(jetliner.SourceError, match="not supported yet") as caught:
            read(url)
        assert caught.value.path == url
    with pytest.raises(jetliner.SourceError, match="not supported yet"):
        jetliner.MultiAvroReader([url])


@EACH_READ
def test_urls_of_local_files_are_paths(read: Any, write_sales: WriteSales) -> None:
    path = write_sales("100% größe [1].avro", rows=3)
    expected = read(path)
    assert_frame_equal(read(Path(path).as_uri()), expected)
    for start in ("FILE://localhost", "file://LOCALHOST", "file:"):
        assert_frame_equal(read(start + path.replace("%", "%25")), expected)


@pytest.mark.parametrize("url", ["file://x.avro", "file://host/x.avro", "file://"])
def test_urls_of_files_elsewhere_are_refused(url: str) -> None:
    with pytest.raises(jetliner.SourceError, match="whole path and no host"):
        jetliner.scan_avro(url)


def test_url_with_bytes_that_are_not_text() -> None:
    with pytest.raises(jetliner.FileNotFoundError):
        jetliner.scan_avro("file:///nowhere/\udcff.avro")


def test_pattern_in_a_url(tree: Path) -> None:
    frame = jetliner.read_avro(f"{tree.as_uri()}/data/*.avro")
    assert frame.equals(jetliner.read_avro("data/*.avro"))


@EACH_READ
def test_home_directory(read: Any, write_sales: WriteSales, in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(in_tmp))
    path = write_sales("at_home.avro", rows=3)
    assert_frame_equal(read("~/at_home.avro"), read(path))
    write_sales("days/day=1/a.avro", rows=3)
    assert read("~/days").columns[-1] == "day"  # the source is a directory
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        read("~/nothing.avro")
    assert caught.value.path == f"{in_tmp}/nothing.avro"


# --- lists ---


def test_lists_keep_their_order(write_sales: WriteSales, in_tmp: Path) -> None:
    for name in ("a.avro", "b.avro", "c.avro"):
        write_sales(name)
    assert names(["c.avro", "a.avro", "b.avro"]) == ["c.avro", "a.avro", "b.avro"]


@EACH_READ
def test_file_listed_twice_is_read_once_at_its_first_place(read: Any, write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("a.avro", 1)
    write_sales("b.avro", 2)
    frame = read(["b.avro", "a.avro", "b.avro"], include_file_paths="path")
    assert frame["path"].to_list() == ["b.avro", "b.avro", "a.avro"]


def test_multi_avro_reader_reads_a_file_listed_twice_once(write_sales: WriteSales) -> None:
    path = write_sales(rows=5)
    with jetliner.MultiAvroReader([path, path]) as reader:
        assert sum(batch.height for batch in reader) == 5
        assert reader.total_sources == 1


def test_same_file_written_differently_is_read_once(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("a.avro")
    assert names(["./a.avro", "a.avro", ".//a.avro"]) == ["./a.avro"]


def test_directories_up_are_not_folded(write_sales: WriteSales, in_tmp: Path) -> None:
    # "link/../a.avro" is not "a.avro" where link leads elsewhere.
    write_sales("a.avro", 1)
    write_sales("other/a.avro", 2)
    (in_tmp / "other/deep").mkdir()
    (in_tmp / "link").symlink_to("other/deep")
    assert jetliner.read_avro(["a.avro", "link/../a.avro"]).height == 3


# --- patterns ---


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
    assert names(pattern) == paths
    assert jetliner.scan_avro(pattern, include_file_paths="p").collect()["p"].to_list() == paths


def test_matches_are_sorted_whatever_the_directory_says(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ["data/c10.avro", "data/a1.avro", "data/b1.avro", "data/a2.avro"]
    monkeypatch.setattr("glob.iglob", lambda *args, **options: iter(found))
    assert resolve("data/*.avro", glob=True).paths == sorted(found)


def test_patterns_and_paths_in_one_list(tree: Path) -> None:
    assert names(["data/c10.avro", "data/a*.avro", Path("data/x/*.avro")]) == [
        "data/c10.avro",
        "data/a1.avro",
        "data/a2.avro",
        "data/x/deep.avro",
    ]


def test_overlapping_patterns_read_a_file_once(tree: Path) -> None:
    assert names(["data/b*.avro", "data/*1.avro"]) == ["data/b1.avro", "data/a1.avro"]


def test_pattern_as_path_object_with_dot_slash(tree: Path) -> None:
    assert names([Path("./data/a1.avro"), "./data/a*.avro"]) == ["data/a1.avro", "./data/a2.avro"]


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
    assert names("data/x*") == ["data/x/deep.avro", "data/x/y/deeper.avro"]
    assert "data/x/deep.avro" not in names("data/*")  # files match as well


def test_only_dot_files_are_hidden(write_sales: WriteSales, in_tmp: Path) -> None:
    for name in ("part-0", "_data", "_kept.avro", "_SUCCESS", ".part-0.crc", "._SUCCESS.crc"):
        write_sales(f"out/{name}", 1)
    assert names("out/*") == ["out/_SUCCESS", "out/_data", "out/_kept.avro", "out/part-0"]
    assert names("out/**") == ["out/_SUCCESS", "out/_data", "out/_kept.avro", "out/part-0"]
    assert names("out/_*") == ["out/_SUCCESS", "out/_data", "out/_kept.avro"]


@pytest.mark.parametrize(
    ("wrong", "way"),
    [
        (b"a.avro", "write a file, and pass its path"),
        (io.BytesIO(b"Obj"), "write a file, and pass its path"),
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


# --- what is not there, or is no file ---

ENTRY_POINTS = [
    jetliner.read_avro,
    jetliner.scan_avro,
    jetliner.read_avro_schema,
    jetliner.AvroReader,
    lambda path: jetliner.MultiAvroReader([path]),
]
EACH_ENTRY_POINT = pytest.mark.parametrize("entry", ENTRY_POINTS, ids=["read", "scan", "schema", "reader", "multi"])


@EACH_ENTRY_POINT
@pytest.mark.parametrize("path", ["absent.avro", "./absent.avro", "no/such/directory.avro", ""])
def test_missing_file_at_the_call_with_the_path_as_given(entry: Any, path: str, in_tmp: Path) -> None:
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        entry(path)
    assert caught.value.path == path


@EACH_ENTRY_POINT
def test_missing_file_given_as_path_object(entry: Any, in_tmp: Path) -> None:
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        entry(Path("absent.avro"))
    assert caught.value.path == "absent.avro"


def test_missing_file_among_others(write_sales: WriteSales) -> None:
    for read in (jetliner.read_avro, jetliner.scan_avro):
        with pytest.raises(jetliner.FileNotFoundError) as caught:
            read([write_sales(), "absent.avro"])
        assert caught.value.path == "absent.avro"


@EACH_ENTRY_POINT
def test_empty_file_is_a_source_error(entry: Any, tmp_path: Path) -> None:
    path = tmp_path / "empty.avro"
    path.touch()
    with pytest.raises(jetliner.SourceError, match=r"file|size|offset") as caught:
        entry(str(path))
    assert caught.value.path == str(path)


@pytest.mark.parametrize("entry", [jetliner.AvroReader, lambda path: jetliner.MultiAvroReader([path])])
def test_directory_is_a_source_error_of_the_readers(entry: Any, tmp_path: Path) -> None:
    with pytest.raises(jetliner.SourceError) as caught:
        entry(str(tmp_path))
    assert caught.value.path == str(tmp_path)


def test_unreadable_file_is_a_permission_error(write_sales: WriteSales) -> None:
    path = write_sales()
    Path(path).chmod(0)
    # In a process that is not root, which may read everything.
    script = """
import os, sys, jetliner
if os.geteuid() == 0:
    os.seteuid(65534)
path = sys.argv[1]
entries = [jetliner.read_avro, jetliner.scan_avro, jetliner.read_avro_schema, jetliner.AvroReader,
           lambda path: jetliner.MultiAvroReader([path])]
for entry in entries:
    try:
        entry(path)
    except jetliner.PermissionError as error:
        assert error.path == error.filename == path
        print("refused")
"""
    result = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["refused"] * 5


@EACH_ENTRY_POINT
def test_path_that_is_not_unicode(entry: Any, write_sales: WriteSales, in_tmp: Path) -> None:
    path = os.fsdecode(b"caf\xe9.avro")
    Path(write_sales()).rename(path)
    entry(path)
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        entry("not-" + path)
    assert caught.value.path == "not-" + path


def test_path_column_refuses_paths_that_are_not_unicode(write_sales: WriteSales, in_tmp: Path) -> None:
    # Polars takes strings without checking them.
    path = os.fsdecode(b"caf\xe9.avro")
    Path(write_sales()).rename(path)
    with pytest.raises(jetliner.ConfigurationError, match="include_file_paths"):
        jetliner.read_avro(path, include_file_paths="path")


def test_path_with_other_letters(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("données/日本 +=.avro", 1)
    assert names("données/*.avro") == ["données/日本 +=.avro"]
