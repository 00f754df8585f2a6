"""Faults at each byte around the edges of blocks, and at every tenth request: all rows, or an error."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import Block, blocks_of, sales_frame
from conftest import WriteSales
from jetliner._stores import obstore_client
from store_tests import OF_POLARS, clean_environment, payload_file  # noqa: F401
from stores.faults import Cut, Fault, Reset, Slow, Stall, Status, busy, too_many
from stores.fixtures import ProxyTo
from stores.proxy import Proxy
from stores.s3 import S3Bucket
from stores.web import WebServer

#: Blocks of about 20 KiB: the first request, of 64 KiB, ends within the fourth one.
ROWS, BLOCK_ROWS = 5000, 1000
#: With ranges of 4 KiB, these take about 50 requests.
LONG_ROWS = 12_000
#: Retries follow at once.
FAST = {"retry_init_backoff_ms": "1", "retry_max_backoff_ms": "1"}
READS: dict[str, Callable[..., pl.DataFrame]] = {
    "read_avro": jetliner.read_avro,
    "scan_avro": lambda *args, **options: jetliner.scan_avro(*args, **options).collect(),
    "AvroReader": lambda *args, **options: pl.concat(jetliner.AvroReader(*args, **options)),
}


REFUSED = (jetliner.SourceError, jetliner.PermissionError, *OF_POLARS)


class Link(NamedTuple):
    """A file behind a proxy."""

    url: str
    options: dict[str, str]
    proxy: Proxy


@pytest.fixture
def sales(write_sales: WriteSales) -> Path:
    return Path(write_sales(rows=ROWS, block_rows=BLOCK_ROWS))


@pytest.fixture
def long_sales(write_sales: WriteSales) -> Path:
    return Path(write_sales("long.avro", rows=LONG_ROWS, block_rows=BLOCK_ROWS))


@pytest.fixture(params=["s3", "s3 in whole ranges", "http"])
def link(request: pytest.FixtureRequest, sales: Path, proxy_to: ProxyTo) -> Link:
    return linked(request, sales.read_bytes(), proxy_to)


@pytest.fixture(params=["s3", "s3 in whole ranges", "http"])
def long_link(request: pytest.FixtureRequest, long_sales: Path, proxy_to: ProxyTo) -> Link:
    return linked(request, long_sales.read_bytes(), proxy_to)


def linked(request: pytest.FixtureRequest, content: bytes, proxy_to: ProxyTo) -> Link:
    if request.param == "http":
        web: WebServer = request.getfixturevalue("web")
        web.add("a.avro", content)
        proxy = proxy_to(web.port)
        return Link(f"{proxy.url}/a.avro", FAST, proxy)
    if request.param != "s3":  # as large ranges are taken
        request.getfixturevalue("monkeypatch").setattr(obstore_client, "_MOST_IN_PARTS", 0)
    s3: S3Bucket = request.getfixturevalue("s3")
    url = s3.put("a.avro", content)
    proxy = proxy_to(s3.port)
    return Link(url, {**s3.options(proxy), **FAST}, proxy)


def assert_ours(error: Any, url: str, variant: str = "") -> None:
    """Check path and variant, unless the error is one of Polars."""
    if not isinstance(error, OF_POLARS):
        assert error.path == url
        assert variant in ("", error.variant)


def edges(blocks: list[Block]) -> list[int]:
    """All bytes within three bytes of an edge: of a block, of its data, of its marker."""
    near = {
        edge + distance
        for block in blocks
        for edge in (block.offset, block.data_offset, block.sync_offset, block.sync_offset + 16)
        for distance in range(-3, 4)
    }
    end = blocks[-1].sync_offset + 16
    return sorted(offset for offset in near if offset < end)


@pytest.mark.parametrize("fault", [Reset, Cut])
def test_a_body_that_ends_at_any_byte_around_the_edges_of_blocks(
    fault: Callable[[int], Fault], link: Link, sales: Path
) -> None:
    wanted = sales_frame(ROWS)
    offsets = edges(blocks_of(sales))
    assert len(offsets) > 80
    for index, offset in enumerate(offsets):
        link.proxy.clear()
        rule = link.proxy.rule(fault(0), offset=offset, last=1)
        retries = index % 2
        options = {**link.options, "max_retries": str(retries)}
        try:
            frame = jetliner.read_avro(link.url, storage_options=options, ignore_errors=True)
        except jetliner.SourceError:
            assert retries == 0, offset
        else:
            assert retries, offset
            assert_frame_equal(frame, wanted)
        assert rule.met == 1, offset


@pytest.mark.parametrize("fault", [Reset(0), Cut(0), Stall(None, 0), Status(503), Status(404)])
def test_faults_of_large_ranges(fault: Fault, s3: S3Bucket, proxy_to: ProxyTo) -> None:
    rows = 3000
    url = s3.put("a.avro", payload_file(rows))
    proxy = proxy_to(s3.port)
    for index, offset in enumerate([2_000_000, 7_654_321, 11_999_999]):
        proxy.clear()
        rule = proxy.rule(fault, offset=offset, last=1)
        options = {**s3.options(proxy), **FAST, "max_retries": str(index % 2), "timeout": "1s"}
        try:
            frame = jetliner.read_avro(url, columns=["id"], storage_options=options, ignore_errors=True)
        except jetliner.SourceError:
            assert index % 2 == 0 or fault == Status(404)
        else:
            assert index % 2 == 1
            assert frame["id"].to_list() == list(range(rows))
        assert rule.met == 1


@pytest.mark.parametrize("fault", [Reset, Cut])
def test_a_body_that_ends_in_the_copy_of_a_file_without_ranges(
    fault: Callable[[int], Fault], sales: Path, web: WebServer, proxy_to: ProxyTo
) -> None:
    wanted = sales_frame(ROWS)
    for chunked in (False, True):
        web.add("a.avro", sales.read_bytes(), ranges=False, content_length=not chunked)
        proxy = proxy_to(web.port)
        for index, offset in enumerate(edges(blocks_of(sales))):
            proxy.clear()
            # The first requests learn that there are no ranges, and perhaps the length. Their bodies are not read.
            number = 3 if chunked else 2
            rule = proxy.rule(fault(0), offset=offset, matches=lambda request, at=number: request.number == at)
            retries = index % 2
            options = {**FAST, "max_retries": str(retries)}
            try:
                frame = jetliner.read_avro(f"{proxy.url}/a.avro", storage_options=options, ignore_errors=True)
            except jetliner.SourceError:
                assert retries == 0, offset
            else:
                assert retries, offset
                assert_frame_equal(frame, wanted)
            assert rule.met == 1, offset


FAULTS: list[tuple[str, list[Fault]]] = [
    ("error", [Status(500)]),
    ("busy", [busy()]),
    ("too many", [too_many(1)]),
    ("reset", [Reset(0), Reset(1000)]),
    ("short body", [Cut(0), Cut(1000)]),
    ("stall", [Stall(None, -1), Stall(None, 1000)]),
    ("slow link", [Slow(40_000)]),
    ("refusal", [Status(403)]),
]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(("name", "faults"), FAULTS, ids=[name for name, _ in FAULTS])
def test_every_tenth_request_fails(read: str, name: str, faults: list[Fault], long_link: Link) -> None:
    wanted = sales_frame(LONG_ROWS)
    for fault in faults:
        long_link.proxy.clear()
        rule = long_link.proxy.rule(fault, every=10)
        # More retries than there are faults among the requests: the rule may meet the same request again and again, as
        # others run at the same time.
        options = {**long_link.options, "read_timeout": "300ms", "max_retries": "10"}
        started = time.monotonic()
        try:
            frame = READS[read](long_link.url, storage_options=options, read_chunk_size=4096, ignore_errors=True)
        except REFUSED:
            assert name == "refusal"
        else:
            assert name != "refusal"
            assert_frame_equal(frame, wanted)
            assert rule.met >= 2
        assert rule.met
        assert time.monotonic() - started < 20


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(("name", "faults"), FAULTS, ids=[name for name, _ in FAULTS])
def test_all_requests_fail_from_some_time_on(read: str, name: str, faults: list[Fault], long_link: Link) -> None:
    if name == "slow link":
        faults = [Stall(None, 100)]
    for fault in faults:
        long_link.proxy.clear()
        # Not the first bytes of the file: a query would find the fault when it is made.
        long_link.proxy.rule(fault, matches=lambda request: request.range is not None and request.range[0] > 0)
        options = {**long_link.options, "read_timeout": "200ms", "max_retries": "1"}
        started = time.monotonic()
        with pytest.raises(REFUSED) as caught:
            READS[read](long_link.url, storage_options=options, read_chunk_size=4096, ignore_errors=True)
        assert_ours(caught.value, long_link.url)
        assert time.monotonic() - started < 10


# --- objects that are replaced ---------------------------------------------------------------------------------------


@pytest.fixture
def replaced(long_sales: Path) -> bytes:
    """A file of the same size and header with other rows."""
    content = bytearray(long_sales.read_bytes())
    for block in blocks_of(long_sales):
        place = content.rindex(b"inactive", block.data_offset, block.sync_offset)
        content[place : place + 8] = b"INACTIVE"
    return bytes(content)


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("number", [2, 3, 30])
def test_an_object_that_is_replaced_while_it_is_read(
    read: str, number: int, s3: S3Bucket, proxy_to: ProxyTo, long_sales: Path, replaced: bytes
) -> None:
    url = s3.put("a.avro", long_sales.read_bytes())
    proxy = proxy_to(s3.port)

    def replace(request: Any) -> bool:
        if request.number == number:
            s3.put("a.avro", replaced)
        return False

    proxy.rule(Status(500), matches=replace)
    with pytest.raises((jetliner.SourceError, *OF_POLARS), match="has changed") as caught:
        READS[read](url, storage_options=s3.options(proxy), read_chunk_size=4096, ignore_errors=True)
    assert_ours(caught.value, url, "Changed")
    assert len(proxy.log) >= number


def test_an_object_that_is_replaced_between_batches(s3: S3Bucket, long_sales: Path, replaced: bytes) -> None:
    url = s3.put("a.avro", long_sales.read_bytes())
    options = {"storage_options": s3.options(), "read_chunk_size": 4096}
    for make in (jetliner.AvroReader, lambda url, **options: jetliner.MultiAvroReader([url], **options)):
        s3.put("a.avro", long_sales.read_bytes())
        reader = make(url, batch_size=100, **options)
        batches = [next(reader)]
        s3.put("a.avro", replaced)
        with pytest.raises(jetliner.SourceError) as caught:
            batches.extend(reader)
        assert caught.value.variant == "Changed"
        rows = pl.concat(batches)
        assert_frame_equal(rows, sales_frame(LONG_ROWS).head(rows.height))
        assert rows.height < LONG_ROWS


@pytest.mark.parametrize("store", ["s3", "azure", "gcs", "http"])
def test_an_object_that_is_replaced_before_a_query_is_collected(
    store: str, request: pytest.FixtureRequest, long_sales: Path, replaced: bytes
) -> None:
    place = request.getfixturevalue("web" if store == "http" else store)
    put = (lambda data: place.add("a.avro", data).url) if store == "http" else lambda data: place.put("a.avro", data)
    options = {} if store == "http" else {"storage_options": place.options()}
    url = put(long_sales.read_bytes())
    scan = jetliner.scan_avro(url, **options)
    counted = jetliner.scan_avro(url, **options).select(pl.len())
    assert scan.collect().height == LONG_ROWS
    put(replaced)
    for query in (scan, scan.head(5), scan.filter(pl.col("user_id") == 1), counted):
        with pytest.raises((jetliner.SourceError, *OF_POLARS), match="has changed") as caught:
            query.collect()
        assert_ours(caught.value, url, "Changed")
    put(long_sales.read_bytes())
    assert_frame_equal(jetliner.scan_avro(url, **options).collect(), sales_frame(LONG_ROWS))
