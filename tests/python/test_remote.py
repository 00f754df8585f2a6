"""Reading from stores and over HTTP, through every entry point, with real servers on loopback."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import Block, blocks_of, sales_frame
from conftest import WriteSales
from stores.azure import AzureBucket
from stores.faults import Cut, Reset, Stall, Status, busy
from stores.fixtures import ProxyTo
from stores.gcs import GcsBucket
from stores.s3 import S3Bucket
from stores.web import WebServer

ROWS = 30_000
Source = tuple[str, dict[str, Any]]  # a URL, and the options to read it


@pytest.fixture
def sales(write_sales: WriteSales) -> Path:
    """A file of more than 64 KiB in small blocks."""
    return Path(write_sales(rows=ROWS, block_rows=500))


@pytest.fixture
def content(sales: Path) -> bytes:
    return sales.read_bytes()


@pytest.fixture(params=["s3", "azure", "gcs", "http"])
def source(request: pytest.FixtureRequest, content: bytes) -> Source:
    """The same file in each kind of store."""
    if request.param == "http":
        web: WebServer = request.getfixturevalue("web")
        return web.add("dir/sales.avro", content).url, {}
    bucket: S3Bucket | AzureBucket | GcsBucket = request.getfixturevalue(request.param)
    return bucket.put("dir/sales.avro", content), {"storage_options": bucket.options()}


def test_every_entry_point(source: Source) -> None:
    url, options = source
    wanted = sales_frame(ROWS)
    assert_frame_equal(jetliner.read_avro(url, **options), wanted)
    assert jetliner.read_avro_schema(url, **options) == wanted.schema
    assert jetliner.count_rows(url, **options) == ROWS
    metadata = jetliner.read_avro_metadata(url, blocks=True, **options)
    assert metadata.path == url
    assert metadata.blocks is not None
    assert metadata.blocks["rows"].sum() == ROWS
    with jetliner.AvroReader(url, batch_size=7000, **options) as reader:
        assert_frame_equal(pl.concat(reader), wanted)
    with jetliner.MultiAvroReader([url], include_file_paths="path", **options) as several:
        assert {path for batch in several for path in batch["path"].unique()} == {url}
    scan = jetliner.scan_avro(url, **options)
    odd = pl.col("user_id") % 2 == 1
    assert_frame_equal(scan.filter(odd).select("amount").collect(), wanted.filter(odd).select("amount"))
    assert scan.select(pl.len()).collect().item() == ROWS
    assert_frame_equal(pickle.loads(pickle.dumps(scan)).head(10).collect(), wanted.head(10))


def test_a_missing_object(source: Source) -> None:
    url, options = source
    missing = url.replace("sales.avro", "nothing.avro")
    started = time.monotonic()
    for call in (jetliner.read_avro, jetliner.scan_avro, jetliner.AvroReader, jetliner.count_rows):
        with pytest.raises(jetliner.FileNotFoundError) as caught:
            call(missing, **options)
        assert isinstance(caught.value, jetliner.SourceError)
        assert caught.value.path == missing
    assert time.monotonic() - started < 10


def put_partitions(bucket: Any, sales: Path, write_sales: WriteSales) -> pl.DataFrame:
    frames = []
    for day in (1, 2, 3):
        for part in "ab":
            rows = 100 * day + ord(part)
            path = Path(write_sales(rows=rows, block_rows=50, name=f"{day}{part}.avro"))
            bucket.put(f"table/day={day}/{part}.avro", path.read_bytes())
            frames.append(sales_frame(rows).with_columns(day=pl.lit(day, pl.Int64)))
    return pl.concat(frames)


@pytest.mark.parametrize("store", ["s3", "azure", "gcs"])
def test_patterns_and_partitions(
    store: str, request: pytest.FixtureRequest, sales: Path, write_sales: WriteSales
) -> None:
    bucket = request.getfixturevalue(store)
    wanted = put_partitions(bucket, sales, write_sales)
    options = {"storage_options": bucket.options()}
    for source in (bucket.url("table/"), bucket.url("table")):
        assert_frame_equal(jetliner.read_avro(source, **options), wanted)
    pattern = bucket.url("table/day=*/a.avro")
    found = jetliner.read_avro(pattern, include_file_paths="path", hive_partitioning=False, **options)
    paths = found["path"].unique(maintain_order=True).to_list()
    assert paths == [bucket.url(f"table/day={day}/a.avro") for day in (1, 2, 3)]
    scan = jetliner.scan_avro(bucket.url("table/**/*.avro"), hive_partitioning=True, **options)
    assert_frame_equal(scan.filter(pl.col("day") == 2).collect(), wanted.filter(pl.col("day") == 2))
    with pytest.raises(jetliner.FileNotFoundError, match="not found"):
        jetliner.read_avro(bucket.url("table/*.csv"), **options)


# --- little is fetched


def test_a_schema_takes_one_small_request(s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url = s3.put("a.avro", content * 20)
    proxy = proxy_to(s3.port)
    jetliner.read_avro_schema(url, storage_options=s3.options(proxy))
    assert len(proxy.log) == 1
    assert proxy.log.bytes_sent < 66_000


def test_few_rows_fetch_little(s3: S3Bucket, proxy_to: ProxyTo, write_sales: WriteSales) -> None:
    large = Path(write_sales(rows=400_000, block_rows=2000)).read_bytes()
    url = s3.put("a.avro", large)
    proxy = proxy_to(s3.port)
    scan = jetliner.scan_avro(url, storage_options=s3.options(proxy))
    assert scan.head(10).collect().height == 10
    assert proxy.log.bytes_sent < 3_000_000 < len(large)


def test_reading_all_takes_few_requests(s3: S3Bucket, proxy_to: ProxyTo, write_sales: WriteSales) -> None:
    large = Path(write_sales(rows=400_000, block_rows=2000)).read_bytes()
    url = s3.put("a.avro", large)
    proxy = proxy_to(s3.port)
    assert jetliner.read_avro(url, storage_options=s3.options(proxy)).height == 400_000
    assert len(proxy.log) <= 4 + len(large) // (4 << 20) + 1
    assert proxy.log.bytes_sent < len(large) + 20_000  # nothing twice


def test_small_objects_are_fetched_once(s3: S3Bucket, proxy_to: ProxyTo, write_sales: WriteSales) -> None:
    small = Path(write_sales(rows=100, block_rows=50)).read_bytes()
    urls = [s3.put(f"{number:03}.avro", small) for number in range(30)]
    proxy = proxy_to(s3.port)
    assert jetliner.read_avro(urls, storage_options=s3.options(proxy)).height == 3000
    assert len(proxy.log) == 30


def test_counting_does_not_ask_for_each_block(s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url = s3.put("a.avro", content)
    proxy = proxy_to(s3.port)
    assert jetliner.count_rows(url, storage_options=s3.options(proxy)) == ROWS
    assert len(proxy.log) <= 4


# --- faults


def test_faults_that_pass_give_all_rows(s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url = s3.put("a.avro", content)
    wanted = sales_frame(ROWS)
    for fault in (Status(500), busy(), Reset(), Reset(1000), Cut(1000), Stall(0.2)):
        proxy = proxy_to(s3.port)
        proxy.rule(fault, every=3, first=2)
        options = {**s3.options(proxy), "max_retries": "20", "retry_init_backoff_ms": "5"}
        frame = jetliner.read_avro(url, storage_options=options, read_chunk_size=65536)
        assert_frame_equal(frame, wanted)


@pytest.mark.parametrize("fault", [Reset, Cut])
def test_a_broken_body_at_each_edge_of_blocks(
    fault: Callable[[int], Any], s3: S3Bucket, proxy_to: ProxyTo, content: bytes, sales: Path
) -> None:
    url = s3.put("a.avro", content)
    edges: list[Block] = blocks_of(sales)[20:24]
    proxy = proxy_to(s3.port)
    for edge in edges:
        for offset in (edge.sync_offset - 1, edge.sync_offset, edge.sync_offset + 16, edge.sync_offset + 17):
            for options in ({"max_retries": "0"}, {}):
                proxy.clear()
                rule = proxy.rule(fault(0), offset=offset, last=1)
                storage_options = {**s3.options(proxy), **options}
                try:
                    frame = jetliner.read_avro(url, storage_options=storage_options, ignore_errors=True)
                except jetliner.SourceError:
                    assert options
                    continue
                assert frame.height == ROWS
                assert rule.met


def test_an_object_that_is_replaced(s3: S3Bucket, write_sales: WriteSales) -> None:
    large = Path(write_sales(rows=400_000, block_rows=2000)).read_bytes()
    url = s3.put("a.avro", large)
    reader = jetliner.AvroReader(url, batch_size=100, read_chunk_size=64 << 10, storage_options=s3.options())
    next(reader)
    s3.put("a.avro", large[:-1] + b"x")
    with pytest.raises(jetliner.SourceError) as caught:
        list(reader)
    assert caught.value.variant == "Changed"
    assert caught.value.path == url


def test_close_ends_a_read_that_stalls(s3: S3Bucket, proxy_to: ProxyTo, write_sales: WriteSales) -> None:
    large = Path(write_sales(rows=400_000, block_rows=2000)).read_bytes()
    url = s3.put("a.avro", large)
    proxy = proxy_to(s3.port)
    proxy.rule(Stall(after_bytes=0), offset=2_000_000)
    reader = jetliner.AvroReader(url, storage_options=s3.options(proxy))
    closer = threading.Timer(0.5, reader.close)
    closer.start()
    started = time.monotonic()
    list(reader)
    assert time.monotonic() - started < 0.5 + 5
    closer.join()


def test_refused_credentials(s3: S3Bucket, content: bytes) -> None:
    url = s3.put("a.avro", content)
    with pytest.raises((jetliner.AuthenticationError, jetliner.PermissionError)) as caught:
        jetliner.read_avro(url, storage_options=s3.wrong_secret())
    assert s3.wrong_secret()["aws_secret_access_key"] not in str(caught.value)


# --- HTTP


def test_a_server_without_ranges(web: WebServer, content: bytes) -> None:
    file = web.add("a.avro", content, ranges=False)
    assert_frame_equal(jetliner.read_avro(file.url), sales_frame(ROWS))
    assert jetliner.scan_avro(file.url).select(pl.len()).collect().item() == ROWS


def test_a_presigned_url_is_sent_as_it_is_and_never_shown(s3: S3Bucket, content: bytes) -> None:
    s3.put("a.avro", content)
    url = s3.presigned("a.avro")
    secret = url.partition("?")[2]
    scan = jetliner.scan_avro(url, include_file_paths="path")
    frame = scan.collect()
    assert frame.height == ROWS
    assert frame["path"][0] == url.partition("?")[0]
    assert secret not in scan.explain()
    with pytest.raises(jetliner.JetlinerError) as caught:
        jetliner.read_avro(url.replace("a.avro", "b.avro"))
    assert "X-Amz" not in str(caught.value)
    assert "X-Amz" not in repr(caught.value)


def test_local_and_remote_files_are_not_mixed(sales: Path, web: WebServer) -> None:
    url = web.add("a.avro", b"").url
    with pytest.raises(jetliner.SourceError, match="cannot be read together"):
        jetliner.read_avro([str(sales), url])
