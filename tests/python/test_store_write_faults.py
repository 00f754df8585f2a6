"""Requests of uploads that fail in the ways of the proxy: the object is whole, or there is an error and no object."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from jetliner._stores import obstore_client
from jetliner._write import store_sink
from jetliner.exceptions import SourceError
from stores import faults
from stores.bucket import Bucket
from stores.fixtures import ProxyTo
from stores.log import Request
from stores.s3 import S3Bucket

pytestmark = pytest.mark.servers

STALL = faults.Stall(None, -1)
# The server sees nothing of these requests.
UNSEEN = [faults.Status(500), faults.busy(), faults.Status(403), faults.Refuse()]
# The server has done what was asked: only its answer is lost.
SEEN = [faults.Reset(0), faults.Cut(0), STALL]
OLD = pl.DataFrame({"a": [1, 2]})


# Bytes of a part. S3 takes no smaller ones, except the last.
PART_BYTES = {"s3": 5 << 20, "azure": 256 << 10}


@cache
def large(scheme: str) -> pl.DataFrame:
    """Return a frame that takes three parts."""
    numbers = pl.int_range(PART_BYTES[scheme] // 11, eager=True)
    return pl.DataFrame({"a": numbers, "s": "text of row " + (numbers * 7919).cast(pl.String)})


# Not "gcs": the server of the tests does not know multipart uploads.
@pytest.fixture(params=["s3", "azure"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    for module in (obstore_client, store_sink):
        monkeypatch.setattr(module, "PART_BYTES", PART_BYTES[request.param])
    bucket: Bucket = request.getfixturevalue(request.param)
    return bucket


def part_failed(requests: Sequence[Request]) -> bool:
    """Return whether the request that failed was that of a part."""
    return [request.method for request in requests if request.fault] == ["PUT"]


def large_of(bucket: Bucket) -> pl.DataFrame:
    return large("s3" if isinstance(bucket, S3Bucket) else "azure")


def write(bucket: Bucket, options: dict[str, str]) -> None:
    jetliner.write_avro(large_of(bucket), bucket.url("a.avro"), compression="null", storage_options=options)


def read(bucket: Bucket) -> pl.DataFrame:
    return jetliner.read_avro(bucket.url("a.avro"), storage_options=bucket.options())


@pytest.mark.parametrize("fault", [*UNSEEN, *SEEN], ids=repr)
def test_one_request_fails(bucket: Bucket, proxy_to: ProxyTo, fault: faults.Fault) -> None:
    proxy = proxy_to(bucket.port)
    options = bucket.options(proxy, read_timeout="1s" if fault == STALL else "3s")
    write(bucket, options)
    is_seen = fault in SEEN
    requests = len(proxy.log.requests)  # the last parts may come as one
    assert requests >= 4
    is_written = []
    for number in range(1, requests + 1):
        jetliner.write_avro(OLD, bucket.url("a.avro"), storage_options=bucket.options())
        proxy.clear()
        proxy.rule(fault, numbers={number})
        try:
            write(bucket, options)
        except jetliner.JetlinerError:
            # The last request makes the object. If only its answer is lost, the object is there.
            frame = read(bucket)
            assert frame.equals(OLD) or (is_seen and number >= requests - 1 and frame.equals(large_of(bucket)))
            # obstore gives up an upload if a part fails, but not if the request after them does. Other parts may be
            # on their way: those S3 may keep.
            if isinstance(bucket, S3Bucket) and part_failed(proxy.log.requests):
                assert [request.method for request in proxy.log.requests].count("DELETE") == 1
        else:
            assert_frame_equal(read(bucket), large_of(bucket))
            is_written.append(number)
    if fault == faults.Status(403):
        assert is_written == []
    elif not is_seen:
        # Azure's last request is not repeated if its answer does not come.
        assert is_written[: requests - 2] == list(range(1, requests - 1))


@pytest.mark.parametrize("fault", UNSEEN, ids=repr)
@pytest.mark.parametrize("first", [1, 2, 4])
def test_all_requests_fail_from_one_on(bucket: Bucket, proxy_to: ProxyTo, fault: faults.Fault, first: int) -> None:
    jetliner.write_avro(OLD, bucket.url("a.avro"), storage_options=bucket.options())
    proxy = proxy_to(bucket.port)
    proxy.rule(fault, first=first)
    begin = time.monotonic()
    with pytest.raises(jetliner.JetlinerError) as caught:
        write(bucket, bucket.options(proxy, read_timeout="1s", max_retries="1"))
    assert time.monotonic() - begin < 20
    assert isinstance(caught.value, OSError | SourceError)
    assert caught.value.path == bucket.url("a.avro")
    assert_frame_equal(read(bucket), OLD)


@pytest.mark.parametrize("first", [1, 2, 3])
def test_ctrl_c(s3: S3Bucket, proxy_to: ProxyTo, first: int) -> None:
    jetliner.write_avro(OLD, s3.url("a.avro"), storage_options=s3.options())
    proxy = proxy_to(s3.port)
    proxy.rule(STALL, first=first, last=first)
    program = f"""
import polars as pl, jetliner
frame = pl.DataFrame({{"a": range(4_000_000)}}).with_columns(b=pl.col("a") * 7919, c=pl.col("a") * 104729)
try:
    jetliner.write_avro(frame, {s3.url("a.avro")!r}, compression="null", storage_options={s3.options(proxy)!r})
except KeyboardInterrupt:
    print("interrupted")
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        while len(proxy.log.requests) < first:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.3)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == "interrupted\n"
        assert time.monotonic() - begin < 10
    assert_frame_equal(read(s3), OLD)
