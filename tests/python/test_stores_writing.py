"""Writing to object stores: whole or nothing, in parts."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from stores.bucket import Bucket
from stores.fixtures import ProxyTo
from stores.s3 import S3Bucket

pytestmark = pytest.mark.servers


# Not "gcs": the server of the tests does not know multipart uploads.
@pytest.fixture(params=["s3", "azure"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    bucket: Bucket = request.getfixturevalue(request.param)
    return bucket


def large(rows: int = 400_000) -> pl.DataFrame:
    texts = [f"text of row {i} {i * 7919 % 100_003}" for i in range(rows)]
    return pl.DataFrame({"a": range(rows), "s": texts}, schema={"a": pl.Int64, "s": pl.String})


def test_what_is_written_is_read(bucket: Bucket) -> None:
    for key, frame in (("small.avro", large(3)), ("a b/ü%.avro", large(0)), ("large.avro", large())):
        url, options = bucket.url(key), bucket.options()
        jetliner.write_avro(frame, url, compression="null", storage_options=options)
        assert_frame_equal(jetliner.read_avro(url, storage_options=options, glob=False), frame)
    jetliner.sink_avro(large().lazy(), bucket.url("sink.avro"), storage_options=bucket.options())
    assert jetliner.count_rows(bucket.url("sink.avro"), storage_options=bucket.options()) == 400_000


def test_an_error_leaves_nothing(bucket: Bucket) -> None:
    url, options = bucket.url("x.avro"), bucket.options()
    jetliner.write_avro(large(3), url, storage_options=options)
    with pytest.raises(jetliner.SchemaError):
        jetliner.write_avro([large(), pl.DataFrame({"b": [1]})], url, compression="null", storage_options=options)
    writer = jetliner.AvroWriter(url, large(0).schema, compression="null", storage_options=options)
    writer.write(large())
    del writer
    assert bucket.keys() == ["x.avro"]
    assert jetliner.count_rows(url, storage_options=options) == 3
    if isinstance(bucket, S3Bucket):
        client = bucket.server.client()
        assert client.list_multipart_uploads(Bucket=bucket.name).get("Uploads", []) == []  # aborted


def test_stores_that_fail(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    with pytest.raises((jetliner.AuthenticationError, jetliner.PermissionError)):
        jetliner.write_avro(large(10), s3.url("x.avro"), storage_options=s3.wrong_secret())
    with pytest.raises(jetliner.SourceError):
        jetliner.write_avro(large(10), "s3://no-such-bucket/x.avro", storage_options=s3.options())
    proxy = proxy_to(s3.port)
    options = s3.options(proxy, max_retries="0")
    proxy.refuse()
    with pytest.raises(jetliner.SourceError):
        jetliner.write_avro(large(10), s3.url("x.avro"), storage_options=options)
    assert s3.keys() == []


def test_http_is_not_written() -> None:
    with pytest.raises(jetliner.SourceError, match="HTTP URLs cannot be written"):
        jetliner.write_avro(large(1), "http://127.0.0.1:1/x.avro")
