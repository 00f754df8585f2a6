"""Keys with any characters, direct and listed, through every entry point."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import sales_frame
from conftest import WriteSales
from store_tests import clean_environment  # noqa: F401
from stores.bucket import Bucket

#: Each has other rows, so that no key is taken for another one.
KEYS = [
    "a b.avro",
    " a.avro",
    "a .avro",
    "a%b.avro",
    "a%20b.avro",
    "a%2Fb.avro",
    "100%.avro",
    "a+b.avro",
    "a#b.avro",
    "a|b.avro",
    "a[1].avro",
    "a[.avro",
    "a?b.avro",
    "a?b=c&d=e.avro",
    "a*b.avro",
    "{x,y}.avro",
    "a=b;c,d:e@f$g!h'i(j)~.avro",
    '"quoted" <&>`^.avro',
    "dots..and...avro",
    "ä/e\u0301/日本/😀.avro",
    "é.avro",  # composed
    "e\u0301.avro",  # decomposed: another key
]
PATTERNS = {
    "a[[]1].avro": ["a[1].avro"],
    "a[[].avro": ["a[.avro"],
    "a[?]b.avro": ["a?b.avro"],
    "a[*]b.avro": ["a*b.avro"],
    "a[ #|+%]b.avro": ["a b.avro", "a#b.avro", "a%b.avro", "a+b.avro", "a|b.avro"],
    "a%20*.avro": ["a%20b.avro"],
    "é*.avro": ["é.avro"],
    "?.avro": ["é.avro"],
    "ä/*/日?/*.avro": ["ä/e\u0301/日本/😀.avro"],
}
READS: dict[str, Callable[..., pl.DataFrame]] = {
    "read_avro": jetliner.read_avro,
    "scan_avro": lambda *args, **options: jetliner.scan_avro(*args, **options).collect(),
}


@pytest.fixture(params=["s3", "azure", "gcs"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    found: Bucket = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def rows(bucket: Bucket, write_sales: WriteSales) -> dict[str, int]:
    """Put a file at each key below `t/`; give the number of its rows."""
    found = {}
    for number, key in enumerate(KEYS):
        path = Path(write_sales(rows=10 + number, start=1000 * number))
        bucket.put(f"t/{key}", path.read_bytes())
        found[key] = 10 + number
    return found


def frame_of(key: str) -> pl.DataFrame:
    return sales_frame(10 + KEYS.index(key), start=1000 * KEYS.index(key))


def test_keys_through_every_entry_point(bucket: Bucket, rows: dict[str, int]) -> None:
    options: dict[str, Any] = {"storage_options": bucket.options()}
    for key in KEYS:
        url, wanted = bucket.url(f"t/{key}"), frame_of(key)
        literal = {**options, "glob": False}
        assert_frame_equal(jetliner.read_avro(url, **literal), wanted)
        assert_frame_equal(jetliner.scan_avro(url, **literal).collect(), wanted)
        assert jetliner.read_avro_schema(url, **literal) == wanted.schema
        assert jetliner.count_rows(url, **literal) == rows[key]
        assert jetliner.read_avro_metadata(url, **literal).path == url
        with jetliner.AvroReader(url, **options) as reader:
            assert_frame_equal(pl.concat(reader), wanted)
        with jetliner.MultiAvroReader([url], include_file_paths="path", **options) as several:
            assert {path for batch in several for path in batch["path"]} == {url}
        if not set("*?[{") & set(key):
            assert_frame_equal(jetliner.read_avro(url, **options), wanted)


def test_keys_that_are_listed(bucket: Bucket, rows: dict[str, int]) -> None:
    options = {"storage_options": bucket.options(), "include_file_paths": "path", "hive_partitioning": False}
    for source in ("t/", "t", "t/**", "t/**/*.avro", "*/**"):
        for read in READS.values():
            frame = read(bucket.url(source), **options)
            found = {path.removeprefix(bucket.url("t/")): count for path, count in frame["path"].value_counts().rows()}
            assert found == rows
            paths = frame["path"].unique(maintain_order=True).to_list()
            assert paths == sorted(bucket.url(f"t/{key}") for key in KEYS)


def test_patterns(bucket: Bucket, rows: dict[str, int]) -> None:
    for pattern, expected in PATTERNS.items():
        url = bucket.url(f"t/{pattern}")
        frame = jetliner.read_avro(url, storage_options=bucket.options(), include_file_paths="path")
        paths = frame["path"].unique(maintain_order=True).to_list()
        assert paths == [bucket.url(f"t/{key}") for key in expected]


def test_partitions_with_any_characters(bucket: Bucket, write_sales: WriteSales) -> None:
    content = Path(write_sales(rows=3)).read_bytes()
    values = ["a b", "a+b", "a#b|c", "ä日", "a[1]?", "50%25", "a%3Ab"]
    for value in values:
        bucket.put(f"p/name={value}/x.avro", content)
    scan = jetliner.scan_avro(bucket.url("p/"), storage_options=bucket.options())
    decoded = ["a b", "a+b", "a#b|c", "ä日", "a[1]?", "50%", "a:b"]
    assert sorted(scan.collect()["name"].unique()) == sorted(decoded)
    for value in decoded:
        assert scan.filter(pl.col("name") == value).collect().height == 3


@pytest.mark.parametrize("store", ["s3", "gcs"])  # Azure takes a backslash for a slash
def test_backslashes(store: str, request: pytest.FixtureRequest, write_sales: WriteSales) -> None:
    bucket: Bucket = request.getfixturevalue(store)
    url = bucket.put("t/back\\slash.avro", Path(write_sales(rows=5)).read_bytes())
    for source in (url, bucket.url("t/"), bucket.url("t/back*"), bucket.url("t/back[\\]*")):
        assert jetliner.read_avro(source, storage_options=bucket.options()).height == 5
