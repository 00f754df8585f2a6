"""Patterns over keys: the same matches as `glob` on a disk with the same files."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jetliner._files.directories import files_in as files_in_directory
from jetliner._files.patterns import matches as matches_on_disk
from jetliner._stores import listing
from jetliner._stores.client import Entry
from jetliner._stores.name_patterns import NamePattern
from jetliner._stores.names import alternatives
from jetliner.exceptions import (
    FileNotFoundError,  # noqa: A004 (ours)
    SourceError,
)
from store_tests import url_of

KEYS = [
    "a.avro",
    "b.avro",
    "B.AVRO",
    ".hidden.avro",
    "_SUCCESS",
    "000000_0",
    "x.avro.gz",
    "notes.txt",
    "d/a.avro",
    "d/[1].avro",
    "d/e/a.avro",
    "d/e/f/b.avro",
    "d/.git/a.avro",
    "d/_tmp/a.avro",
    "d/_y=1/a.avro",
    "d/y=2/part-0.avro000000000012",
    "d2/a b+c%é.avro",
    "d2/{x,y}.avro",
    "d3/only.txt",
]
PATTERNS = [
    "*", "*.avro", "?.avro", "[ab].avro", "[!a].avro", "**", "**/*.avro", "d/*", "d/**", "d/**/a.avro", "d/**/*.avro",
    "d*/*.avro", "d/*/a.avro", "d/*/", "*/", "**/", "d/e/**/b.avro", "**/**/a.avro", "d/.*/a.avro", ".*",
    "d/[[]1].avro", "{a,b}.avro", "{d,d2}/*.avro", "d2/[{]x,y}.avro", "d2/a b+c%é.*", "nothing*", "d3/*", "d3*",
    "d[23]/*", "*/*/*", "d/**/e/*", "d/{e/a,[[]1]}.avro", "**/e/**", "d/*e/f/*",
]  # fmt: skip


class Listed:
    """A store that has keys only: what `listing` needs of a store."""

    root = "s3://bucket"

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self.lists: list[tuple[str, bool]] = []

    def list(self, prefix: str, *, recursive: bool = True) -> Iterator[Entry | str]:
        self.lists.append((prefix, recursive))
        directories = set()
        for key in self.keys:
            if not key.startswith(prefix):
                continue
            rest = key[len(prefix) :]
            if recursive or "/" not in rest:
                yield Entry(key, 0 if key.endswith("$folder$") else 1, "1")
            elif (directory := prefix + rest[: rest.index("/") + 1]) not in directories:
                directories.add(directory)
                yield directory


def make_files(root: Path, keys: list[str]) -> None:
    for key in keys:
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def on_disk(root: Path, pattern: str) -> object:
    try:
        found = {Path(path) for path in matches_on_disk(f"{root}/{pattern}")}
    except FileNotFoundError:
        return "not found"
    # glob (3.11) gives "e" for "e/**", though there is no "e".
    return sorted(path.relative_to(root).as_posix() for path in found if path.exists())


def in_store(keys: list[str], pattern: str) -> object:
    store: Any = Listed(keys)
    try:
        found, _ = listing._matches(store, url_of(f"s3://bucket/{pattern}"), {})
    except FileNotFoundError:
        return "not found"
    return sorted(path.removeprefix("s3://bucket/") for path in found)


@pytest.mark.filterwarnings("ignore:the directory")
@pytest.mark.parametrize("pattern", PATTERNS)
def test_matches_are_those_on_a_disk(tmp_path: Path, pattern: str) -> None:
    make_files(tmp_path, KEYS)
    assert in_store(KEYS, pattern) == on_disk(tmp_path, pattern)


@pytest.mark.filterwarnings("ignore:the directory")
def test_random_patterns(tmp_path: Path) -> None:
    rng = random.Random(15)
    make_files(tmp_path, KEYS)
    found = 0
    for _ in range(300):
        parts = [
            rng.choice(["*", "**", "d", "e", "?", "d*", "*.avro", "[a-d]*", "{d,e}", "*e*"])
            for _ in range(rng.randint(1, 4))
        ]
        pattern = "/".join(parts) + rng.choice(["", "", "", "/"])
        expected = on_disk(tmp_path, pattern)
        assert in_store(KEYS, pattern) == expected, pattern
        found += expected not in ([], "not found")
    assert found > 60


@pytest.mark.parametrize(
    ("pattern", "flat_lists"),
    [
        ("d/*.avro", [("d/", True)]),
        ("d/e/a-*/x.avro", [("d/e/", False)]),
        ("d/{a,b}.avro", [("d/", True)]),
        ("{d/a,d/e/*}.avro", [("d/", True), ("d/e/", True)]),
        ("{d/**/a,d/e/*}.avro", [("d/", False)]),
        ("**/a.avro", [("", False)]),
        ("*.avro", [("", True)]),
        ("d/*/", [("d/", False)]),
    ],
)
def test_the_longest_directory_without_wildcards_is_listed(pattern: str, flat_lists: list[tuple[str, bool]]) -> None:
    assert sorted(listing._lists([NamePattern(text) for text in alternatives(pattern)])) == sorted(flat_lists)


def expand(keys: list[str], key: str, *, glob: bool = True) -> tuple[list[str], dict[str, str]]:
    store: Any = Listed(keys)
    directories: dict[str, str] = {}
    found = listing.expand(store, url_of(f"s3://bucket/{key}"), directories, {}, glob=glob)
    return [path.removeprefix("s3://bucket/") for path in found], directories


def test_a_pattern_that_exists_as_a_key() -> None:
    assert expand(KEYS, "d/[1].avro")[0] == ["d/[1].avro"]
    assert expand(KEYS, "d2/{x,y}.avro")[0] == ["d2/{x,y}.avro"]
    assert expand(KEYS, "d/[1].avro", glob=False)[0] == ["d/[1].avro"]
    with pytest.raises(FileNotFoundError, match=r"not found.*z\*") as raised:
        expand(KEYS, "z*")
    assert isinstance(raised.value, SourceError)
    assert raised.value.path == "s3://bucket/z*"


def test_a_directory_whose_name_looks_like_a_pattern() -> None:
    keys = ["data[1]/a.avro", "data[1]/b/c.avro", "{x}/{y,z}/d.avro"]
    for given in ("data[1]", "data[1]/"):
        files, directories = expand(keys, given)
        assert files == keys[:2]
        assert set(directories.values()) == {f"s3://bucket/{given}"}
    assert expand(keys, "{x}/{y,z}")[0] == keys[2:]
    for given in ("data[2]", "data[2]/", "*/e"):
        with pytest.raises(FileNotFoundError, match="no file matches"):
            expand(keys, given)


@pytest.mark.filterwarnings("ignore:the directory")
@pytest.mark.parametrize("directory", ["d", "d/e", "d3", "d/.git"])
def test_directories_have_the_files_that_they_have_on_a_disk(tmp_path: Path, directory: str) -> None:
    make_files(tmp_path, KEYS)
    try:
        expected: object = [
            Path(path).relative_to(tmp_path).as_posix() for path in files_in_directory(f"{tmp_path}/{directory}")
        ]
    except FileNotFoundError as error:
        expected = str(error).replace(f"{tmp_path}/", "")
    for given in (directory, f"{directory}/"):
        try:
            found: object = expand(KEYS, given)[0]
        except FileNotFoundError as error:
            found = str(error).replace("s3://bucket/", "")
        assert found == (expected if "." not in given or given.endswith("/") else [given])


def test_directories_are_remembered_for_partitions() -> None:
    found, directories = expand(KEYS, "d/y=2/")
    assert found == ["d/y=2/part-0.avro000000000012"]
    assert directories == {"s3://bucket/d/y=2/part-0.avro000000000012": "s3://bucket/d/y=2/"}


def test_files_in_gzip_are_named() -> None:
    with pytest.warns(
        UserWarning, match=r"1 file in gzip is left out.*x/b\.avro\.gz.*s3://bucket/x/\*\*/\*\.avro\*\.gz"
    ):
        assert expand(["x/a.avro", "x/b.avro.gz"], "x/")[0] == ["x/a.avro"]


def test_marks_of_folders_are_no_files() -> None:
    keys = ["x/a.avro", "x/y_$folder$", "x/y/b.avro"]
    assert expand(keys, "x/")[0] == ["x/a.avro", "x/y/b.avro"]
    assert expand(keys, "x/*")[0] == ["x/a.avro"]


def test_only_names_without_a_dot_are_asked_for() -> None:
    store: Any = Listed(KEYS)
    assert listing.expand(store, url_of("s3://bucket/x.avro"), {}, {}, glob=True) == ["s3://bucket/x.avro"]
    assert store.lists == []
    assert listing.expand(store, url_of("s3://bucket/000000_0"), {}, {}, glob=True) == ["s3://bucket/000000_0"]
    assert store.lists == [("000000_0/", False)]


def test_http_has_alternatives_only() -> None:
    store: Any = None
    url = url_of("http://host/{a,b}.avro?sig={c,d}")
    assert listing.expand(store, url, {}, {}, glob=True) == [
        "http://host/a.avro?sig={c,d}",
        "http://host/b.avro?sig={c,d}",
    ]
    assert listing.expand(store, url, {}, {}, glob=False) == [url.text]
    assert listing.expand(store, url_of("http://host/d/"), {}, {}, glob=True) == ["http://host/d/"]
    with pytest.raises(SourceError, match="HTTP has no list") as raised:
        listing.expand(store, url_of("http://host/*.avro?sig=secret"), {}, {}, glob=True)
    assert "secret" not in repr(raised.value)
