"""Splits of objects in stores: what is asked for, versions, and what travels in a pickle."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro
from jetliner._files import heads
from store_tests import clean_environment  # noqa: F401
from stores.bucket import Bucket
from stores.s3 import S3Bucket
from stores.web import WebServer

SCHEMA = {"type": "record", "name": "r", "fields": [{"name": "n", "type": "long"}, {"name": "b", "type": "bytes"}]}
BLOCK_BYTES = 10 * 5000
HEAD_BYTES = 64 << 10


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return [{"n": n, "b": os.urandom(5000)} for n in range(1000)]


@pytest.fixture
def data(write_avro: WriteAvro, records: list[dict[str, Any]]) -> bytes:
    return Path(write_avro("data.avro", SCHEMA, records, block_rows=10)).read_bytes()


@pytest.fixture(params=["s3", "azure", "gcs"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    found: Bucket = request.getfixturevalue(request.param)
    return found


def test_splits_of_every_store(bucket: Bucket, data: bytes) -> None:
    bucket.put("d/a.avro", data)
    bucket.put("d/b.avro", data)
    options = bucket.options()
    whole = jetliner.read_avro(data)
    for source in (bucket.url("d/"), [bucket.url("d/a.avro"), bucket.url("d/b.avro")]):
        splits = jetliner.plan_splits(source, split_bytes=1_500_000, storage_options=options)
        assert len(splits) == 6
        assert splits[2].end == len(data)
        copies = [pickle.loads(pickle.dumps(split)) for split in splits]
        assert pl.concat([split.read() for split in copies]).equals(pl.concat([whole, whole]))
        assert sum(split.count_rows() for split in copies) == 2000
        assert copies[1].scan().filter(pl.col("n") < 400).select("n").collect().height > 0


def test_a_worker_fetches_its_range_the_header_and_one_block(s3: S3Bucket, data: bytes, proxy_to: Any) -> None:
    url, proxy = s3.put("a.avro", data), proxy_to(s3.port)
    splits = jetliner.plan_splits(url, split_bytes=500_000, storage_options=s3.options(proxy))
    assert len(splits) == 10
    heads._heads.clear()
    proxy.log.clear()
    for number, split in enumerate(splits):
        proxy.log.clear()
        assert pickle.loads(pickle.dumps(split)).read(columns=["n"]).height > 0
        ranges = [request.range for request in proxy.log.requests]
        headers = [found for found in ranges if found == (0, HEAD_BYTES - 1)]
        # The process keeps the header. The first split goes on behind it.
        assert len(headers) == (1 if number == 0 else 0), ranges
        assert proxy.log.bytes_sent <= split.size_bytes + BLOCK_BYTES + 200 + (HEAD_BYTES if number == 0 else 0)


def test_planning_lists_and_asks_for_one_header(s3: S3Bucket, data: bytes, proxy_to: Any) -> None:
    for number in range(20):
        s3.put(f"d/{number}.avro", data)
    proxy = proxy_to(s3.port)
    splits = jetliner.plan_splits(s3.url("d/"), split_bytes=1_000_000, storage_options=s3.options(proxy))
    assert len(splits) == 100
    requests = proxy.log.requests
    assert len(requests) == 2
    assert requests[1].range == (0, HEAD_BYTES - 1)
    proxy.log.clear()
    jetliner.plan_splits([s3.url(f"d/{number}.avro") for number in range(20)], storage_options=s3.options(proxy))
    assert len(proxy.log.requests) == 21
    assert proxy.log.bytes_sent < 20 * 100 + 2 * HEAD_BYTES


def test_another_object_than_planned(bucket: Bucket, data: bytes) -> None:
    url = bucket.put("a.avro", data)
    splits = jetliner.plan_splits(url, split_bytes=1_000_000, storage_options=bucket.options())
    copies = [pickle.loads(pickle.dumps(split)) for split in splits]
    assert copies[1].read().height > 0
    bucket.put("a.avro", data[:-1] + b"x")
    for split in (splits[0], copies[1], copies[-1]):
        for use in (split.read, split.count_rows, lambda split=split: list(split.open())):
            with pytest.raises(jetliner.SourceError) as caught:
                use()
            assert caught.value.variant == "Changed"


def test_pickles_have_options_as_passed_and_nothing_else(
    s3: S3Bucket, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = s3.put("a.avro", data)
    (given,) = jetliner.plan_splits(url, storage_options=s3.options())
    assert b"testsecret" in pickle.dumps(given) or s3.options()["aws_secret_access_key"].encode() in pickle.dumps(given)
    assert s3.options()["aws_secret_access_key"] not in repr(given)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    (split,) = jetliner.plan_splits(url)
    assert split.read(columns=["n"]).height == 1000
    assert s3.options()["aws_secret_access_key"].encode() not in pickle.dumps(split)


def test_http_servers_with_ranges(web: WebServer, data: bytes) -> None:
    web.add("/a.avro", data)
    splits = jetliner.plan_splits(f"{web.url}/a.avro?sig=secret", split_bytes=1_000_000)
    assert len(splits) == 5
    assert "secret" not in repr(splits)
    assert pl.concat([split.read() for split in splits]).equals(jetliner.read_avro(data))


def test_http_servers_without_ranges(web: WebServer, data: bytes) -> None:
    web.add("/a.avro", data, ranges=False)
    with pytest.raises(jetliner.SourceError, match="only as a whole"):
        jetliner.plan_splits(f"{web.url}/a.avro")
