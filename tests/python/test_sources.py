"""What a source may be: paths, URLs and lists; their order, and files listed twice."""

from __future__ import annotations

from collections import UserList, deque
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import sales_frame
from conftest import WriteSales
from entry_points import EACH_READ, paths_read

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
@pytest.mark.parametrize("wrong", [5, None, {"a.avro"}, [5], ["a.avro", None], [["a.avro"]], 1.5])
def test_other_types_are_type_errors(read: Any, wrong: Any) -> None:
    with pytest.raises(TypeError, match="Expected str or Path"):
        read(wrong)


def test_path_like_of_bytes_is_a_type_error() -> None:
    class Entry:
        def __fspath__(self) -> bytes:
            return b"a.avro"

    with pytest.raises(TypeError, match="Expected str or Path"):
        jetliner.read_avro(Entry())  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [5, None, ["a.avro"], ("a.avro",)])
def test_avro_reader_takes_one_path(wrong: Any) -> None:
    with pytest.raises(TypeError, match="Expected str or Path, bytes or an open binary file, got ") as caught:
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
        ("a/*.avro", r"got str \(MultiAvroReader takes a list of files; .* use read_avro or scan_avro, or sorted\("),
        (Path(), r"got PosixPath \(MultiAvroReader takes a list of files; .* use read_avro or scan_avro, or sorted\("),
        (b"a.avro", r"got bytes \(one source: write a list of it, or use AvroReader\)"),
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


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("ftp://host/x.avro", "the schemes are file://, s3://.*fsspec"),
        ("s3://bucket", "no key"),
        ("s3:///key.avro", "no bucket"),
        ("https:///x.avro", "no host"),
    ],
)
def test_urls_that_cannot_be_read(url: str, text: str) -> None:
    for read in (jetliner.read_avro, jetliner.scan_avro, jetliner.read_avro_schema, jetliner.AvroReader):
        with pytest.raises(jetliner.SourceError, match=text) as caught:
            read(url)
        assert caught.value.path == url
    with pytest.raises(jetliner.SourceError, match=text):
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
    assert paths_read(["c.avro", "a.avro", "b.avro"]) == ["c.avro", "a.avro", "b.avro"]


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
    assert paths_read(["./a.avro", "a.avro", ".//a.avro"]) == ["./a.avro"]


def test_directories_up_are_not_folded(write_sales: WriteSales, in_tmp: Path) -> None:
    # "link/../a.avro" is not "a.avro" where link leads elsewhere.
    write_sales("a.avro", 1)
    write_sales("other/a.avro", 2)
    (in_tmp / "other/deep").mkdir()
    (in_tmp / "link").symlink_to("other/deep")
    assert jetliner.read_avro(["a.avro", "link/../a.avro"]).height == 3
