"""Requests that fail in all the ways of the proxy: repeated, then an error. Credentials that a store refuses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from jetliner.exceptions import (
    AuthenticationError,
    PermissionError,  # noqa: A004 (ours)
    SourceError,
)
from store_tests import PASSING, clean_environment, fetch, store_of  # noqa: F401
from stores import faults
from stores.azure import AzureBucket, AzureServer
from stores.bucket import Bucket
from stores.gcs import GcsBucket
from stores.proxy import Proxy
from stores.s3 import ACCESS_KEY, SECRET_KEY, S3Bucket

DATA = os.urandom(100_000)
ProxyTo = Callable[[int], Proxy]


@pytest.fixture(params=["s3", "azure", "gcs"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    found: Bucket = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_errors_that_pass(bucket: Bucket, proxy_to: ProxyTo, fault: faults.Fault) -> None:
    url = bucket.put("a.avro", DATA)
    proxy = proxy_to(bucket.port)
    rule = proxy.rule(fault, last=2)
    options = bucket.options(proxy, read_timeout="500ms")
    assert bytes(fetch(url, options).data) == DATA[:1000]
    assert (rule.met, len(proxy.log)) == (2, 3)
    rule.last = None
    with pytest.raises(SourceError, match="tried 3 times") as raised:
        fetch(url, options)
    assert (rule.met, len(proxy.log)) == (5, 6)
    assert raised.value.path == url
    assert raised.value.__context__ is None
    with pytest.raises(SourceError):
        fetch(url, {**options, "max_retries": "0"})
    assert (rule.met, len(proxy.log)) == (6, 7)


@pytest.mark.parametrize("fault", [faults.busy(1), faults.too_many(1)])
def test_a_store_that_asks_to_wait(bucket: Bucket, proxy_to: ProxyTo, fault: faults.Fault) -> None:
    url = bucket.put("a.avro", DATA)
    proxy = proxy_to(bucket.port)
    proxy.rule(fault, last=1)
    assert bytes(fetch(url, bucket.options(proxy)).data) == DATA[:1000]
    first, second = proxy.log.requests
    assert 1.0 <= second.started - first.started < 3.0


def test_how_long_s3_asks_to_wait(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    # obstore hides the header Retry-After. The second request is made so that it is seen.
    bucket = s3
    url = bucket.put("a b+%é.avro", DATA)
    version = fetch(url, bucket.options()).version
    proxy = proxy_to(bucket.port)
    rule = proxy.rule(faults.busy(3), last=2)
    assert bytes(fetch(url, bucket.options(proxy), 1000, 1000, version).data) == DATA[1000:2000]
    first, second, third = proxy.log.requests
    assert 1.0 <= second.started - first.started < 2.9
    assert 3.0 <= third.started - second.started < 5.0
    assert {request.range for request in (first, second, third)} == {(1000, 1999)}
    rule.last = None
    with pytest.raises(
        SourceError, match=r"answered 503 \(SlowDown\) \(tried 3 times, the store asks to wait for 3 s\)"
    ) as raised:
        fetch(url, bucket.options(proxy))
    assert raised.value.path == url
    # An object that has changed by the time of the second request.
    proxy.clear()
    proxy.rule(faults.too_many(1), last=1)
    bucket.put("a b+%é.avro", DATA[::-1])
    with pytest.raises(SourceError) as raised:
        fetch(url, bucket.options(proxy), 1000, 1000, version)
    assert (raised.value.variant, raised.value.path) == ("Changed", url)
    assert len(proxy.log) == 2


def test_how_long_s3_asks_to_wait_without_a_signed_url(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    proxy.rule(faults.busy(3), last=1)
    proxy.rule(faults.Status(403), matches=lambda request: "X-Amz-Signature" in request.query)
    assert bytes(fetch(url, s3.options(proxy)).data) == DATA[:1000]
    assert [request.status for request in proxy.log.requests] == [503, 403, 206]
    s3.make_public()
    for changes in ({"skip_signature": "true"}, {"request_payer": "true"}):
        proxy.clear()
        proxy.rule(faults.busy(3), last=1)
        assert bytes(fetch(url, s3.options(proxy, **changes)).data) == DATA[:1000]
        assert [request.query for request in proxy.log.requests] == ["", ""]


def test_waits_are_settable(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    rule = proxy.rule(faults.Status(500))
    with pytest.raises(SourceError, match="tried 6 times"):
        fetch(url, s3.options(proxy, max_retries="5", retry_init_backoff_ms="1"))
    assert rule.met == 6
    begin = time.monotonic()
    with pytest.raises(SourceError):
        fetch(url, s3.options(proxy, max_retries="1000", retry_timeout_ms="500"))
    assert time.monotonic() - begin < 3


def test_lists_are_repeated(bucket: Bucket, proxy_to: ProxyTo) -> None:
    bucket.put("a.avro", DATA)
    proxy = proxy_to(bucket.port)
    proxy.rule(faults.Status(500), last=2)
    store, _ = store_of(bucket.url("x"), bucket.options(proxy))
    assert len(list(store.list(""))) == 1
    proxy.clear()
    proxy.rule(faults.Status(500))
    with pytest.raises(SourceError, match="answered 500"):
        list(store.list(""))
    assert len(proxy.log) == 3


def test_a_slow_link(bucket: Bucket, proxy_to: ProxyTo) -> None:
    # The whole takes longer than the time-out of a read, for bytes come all the time.
    url = bucket.put("a.avro", DATA)
    proxy = proxy_to(bucket.port)
    proxy.rule(faults.Slow(50_000))
    part = fetch(url, bucket.options(proxy, read_timeout="700ms"), size_bytes=100_000)
    assert bytes(part.data) == DATA
    assert len(proxy.log) == 1


def test_the_time_of_a_whole_request(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    proxy.rule(faults.Slow(10_000))
    begin = time.monotonic()
    with pytest.raises(SourceError, match="in time"):
        fetch(url, s3.options(proxy, timeout="1s", max_retries="0"), size_bytes=100_000)
    assert time.monotonic() - begin < 4


def test_close_ends_a_wait(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    proxy.rule(faults.Status(500))
    store, key = store_of(url, s3.options(proxy, max_retries="9", retry_init_backoff_ms="15000"))
    raised: list[Any] = []

    def read() -> None:
        try:
            store.fetch(key, 0, 1000, None)
        except SourceError as error:
            raised.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    while not proxy.log.requests:
        time.sleep(0.01)
    begin = time.monotonic()
    store.close()
    thread.join()
    assert time.monotonic() - begin < 1
    assert "closed" in str(raised[0])


@pytest.mark.parametrize(
    ("scheme", "what"), [("s3", "fetch"), ("s3", "list"), ("s3", "download"), ("http", "fetch"), ("http", "download")]
)
def test_ctrl_c(s3: S3Bucket, proxy_to: ProxyTo, scheme: str, what: str) -> None:
    proxy = proxy_to(s3.port)
    proxy.rule(faults.Stall(None, -1))
    url, options = (s3.url("a.avro"), s3.options(proxy)) if scheme == "s3" else (f"{proxy.url}/a.avro", {})
    program = f"""
import io, time
from jetliner._stores.stores import Stores
from jetliner._stores.urls import parse_url
url = parse_url({url!r})
store = Stores({options!r}, None).of(url)
try:
    if {what!r} == "fetch":
        store.fetch(url.key, 0, 1000, None)
    elif {what!r} == "download":
        store.download(url.key, io.BytesIO(), lambda *_: True)
    else:
        list(store.list(""))
except KeyboardInterrupt:
    print("interrupted")
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        while not proxy.log.requests:
            time.sleep(0.01)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[0] == "interrupted\n"
        assert time.monotonic() - begin < 2  # with the end of Python
    assert process.returncode == 0


# --- Credentials -----------------------------------------------------------------------------------------------------


class Provider:
    """Gives wrong credentials a number of times, then right ones."""

    def __init__(self, wrong: int = 0, expires_s: float | None = None) -> None:
        self.wrong = wrong
        self.expires_s = expires_s
        self.calls = 0

    def __call__(self) -> tuple[dict[str, str], int | None]:
        self.calls += 1
        secret = f"wrong{self.calls}" if self.calls <= self.wrong else SECRET_KEY
        expires_at = None if self.expires_s is None else int(time.time() + self.expires_s)
        return {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": secret}, expires_at


def without_keys(bucket: Bucket, proxy: Proxy | None = None) -> dict[str, str]:
    return {name: value for name, value in bucket.options(proxy).items() if "key" not in name}


def test_a_provider_is_asked_once_more(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    for wrong, calls, requests in ((0, 1, 1), (1, 2, 2)):
        proxy.clear()
        provider = Provider(wrong)
        assert bytes(fetch(url, without_keys(s3, proxy), provider=provider).data) == DATA[:1000]
        assert (provider.calls, len(proxy.log)) == (calls, requests)
    proxy.clear()
    provider = Provider(9)
    with pytest.raises(AuthenticationError, match="SignatureDoesNotMatch") as raised:
        fetch(url, without_keys(s3, proxy), provider=provider)
    assert (provider.calls, len(proxy.log)) == (2, 2)
    assert "wrong" not in f"{raised.value!r} {raised.value.__context__!r}"


@pytest.mark.parametrize("fault", [faults.expired(), faults.Status(401), faults.Status(400, {}, faults.expired().body)])
def test_credentials_that_are_refused_in_the_middle(s3: S3Bucket, proxy_to: ProxyTo, fault: faults.Fault) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)

    # The same keys with another session token would be refused by versitygw. So the region makes the difference.
    def provider() -> tuple[dict[str, str], None]:
        calls.append(1)
        return {
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": SECRET_KEY,
            "header.x-call": str(len(calls)),
        }, None

    calls: list[int] = []
    store, key = store_of(url, without_keys(s3, proxy), provider)
    version = store.fetch(key, 0, 1000, None).version
    proxy.rule(fault, last=1)
    assert bytes(store.fetch(key, 1000, 1000, version).data) == DATA[1000:2000]
    assert len(calls) == 2
    assert len(proxy.log) == 3


def test_credentials_that_expire(s3: S3Bucket) -> None:
    url = s3.put("a.avro", DATA)
    provider = Provider(expires_s=-1)
    store, key = store_of(url, without_keys(s3), provider)
    for _ in range(3):
        assert bytes(store.fetch(key, 0, 10, None).data) == DATA[:10]
    assert provider.calls >= 3


def test_threads_whose_credentials_are_refused_together(s3: S3Bucket) -> None:
    url = s3.put("a.avro", DATA)
    provider = Provider(1)
    store, key = store_of(url, without_keys(s3), provider)
    with ThreadPoolExecutor(8) as threads:
        parts = list(
            threads.map(lambda offset: bytes(store.fetch(key, offset, 1000, None).data), range(0, 100_000, 1000))
        )  # type: ignore[arg-type]
    assert b"".join(parts) == DATA
    assert provider.calls == 2


def test_no_retry_of_given_keys(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    proxy.rule(faults.expired())
    with pytest.raises(AuthenticationError, match="ExpiredToken"):
        fetch(url, s3.options(proxy))
    assert len(proxy.log) == 1


def test_refused_lists(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    s3.put("a.avro", DATA)
    provider = Provider(1)
    store, _ = store_of(s3.url("x"), without_keys(s3), provider)
    assert len(list(store.list(""))) == 1
    assert provider.calls == 2


def test_the_environment(s3: S3Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    url = s3.put("a.avro", DATA)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    assert bytes(fetch(url).data) == DATA[:1000]
    assert bytes(fetch(url, provider=None).data) == DATA[:1000]
    # Options win, and no session token of the environment is added to them.
    for name in s3.environment():
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "wrong")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    assert bytes(fetch(url, s3.options()).data) == DATA[:1000]


def test_a_profile(s3: S3Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    url = s3.put("a.avro", DATA)
    options = s3.options()
    Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
        f"[work]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
    )
    Path(os.environ["AWS_CONFIG_FILE"]).write_text(
        f"[profile work]\nregion = {options['region']}\nendpoint_url = {options['endpoint']}\n"
    )
    assert bytes(fetch(url, {"aws_profile": "work"}).data) == DATA[:1000]
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert bytes(fetch(url).data) == DATA[:1000]


def test_anonymous_s3(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    options = {**without_keys(s3, proxy), "skip_signature": "true"}
    with pytest.raises((PermissionError, AuthenticationError), match="answered 403"):
        fetch(url, options)
    s3.make_public()
    assert bytes(fetch(url, options).data) == DATA[:1000]
    assert "authorization" not in proxy.log.requests[-1].headers
    store, _ = store_of(url, options)
    assert len(list(store.list(""))) == 1


def test_anonymous_gcs(gcs: GcsBucket, proxy_to: ProxyTo, monkeypatch: pytest.MonkeyPatch) -> None:
    url = gcs.put("a.avro", DATA)
    proxy = proxy_to(gcs.port)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file")
    assert bytes(fetch(url, gcs.options(proxy)).data) == DATA[:1000]
    assert "authorization" not in proxy.log.requests[0].headers
    options = {name: value for name, value in gcs.options(proxy).items() if "skip" not in name}
    assert bytes(fetch(url, {**options, "bearer_token": "abc"}).data) == DATA[:1000]
    assert proxy.log.requests[1].headers["authorization"] == "Bearer abc"


def test_anonymous_azure(azure_server: AzureServer) -> None:
    container: AzureBucket = azure_server.bucket(public=True)
    url = container.put("a.avro", DATA)
    options = {**container.options(), "skip_signature": "true"}
    del options["azure_storage_account_key"]
    assert bytes(fetch(url, options).data) == DATA[:1000]
    closed = azure_server.bucket()
    with pytest.raises((PermissionError, SourceError)):  # Azure may not say that there is such a container
        fetch(closed.put("a.avro", DATA), options)


def test_requester_pays(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    assert bytes(fetch(url, s3.options(proxy, request_payer="requester")).data) == DATA[:1000]
    assert proxy.log.requests[0].headers["x-amz-request-payer"] == "requester"


def test_a_presigned_url(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    s3.put("a b+%é.avro", DATA)
    proxy = proxy_to(s3.port)
    url = s3.presigned("a b+%é.avro", proxy)
    first = fetch(url)
    assert bytes(first.data) == DATA[:1000]
    assert bytes(fetch(url, offset=99_000, version=first.version).data) == DATA[99_000:]
    assert {request.method for request in proxy.log.requests} == {"GET"}
    with pytest.raises(AuthenticationError, match="answered 403") as raised:
        fetch(url.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601"))
    assert "X-Amz" not in f"{raised.value!r}"


ANOTHER_REGION = (
    "AuthorizationHeaderMalformed",
    "the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region><Message>",
)


@pytest.mark.parametrize(
    ("fault", "region"),
    [
        (faults.Status(400, {}, faults.s3_error(*ANOTHER_REGION)), "'eu-west-1'"),
        (faults.Status(301, {}, faults.s3_error("PermanentRedirect", "must be addressed using ...")), "..."),
        (faults.Status(301), "..."),
    ],
    ids=["AuthorizationHeaderMalformed", "PermanentRedirect", "301"],
)
def test_the_bucket_is_in_another_region(s3: S3Bucket, proxy_to: ProxyTo, fault: faults.Fault, region: str) -> None:
    url = s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    proxy.rule(fault)
    words = re.escape(f"in another region. Give it by storage_options={{'aws_region': {region}}}")
    with pytest.raises(SourceError, match=words):
        fetch(url, s3.options(proxy))
    with pytest.raises(SourceError, match=words):
        jetliner.write_avro(pl.DataFrame({"a": [1]}), url, storage_options=s3.options(proxy))


# It named `skip_signature`, which helps only to read.
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_upload_tells_of_the_right_to_write(bucket: Bucket, proxy_to: ProxyTo, status: int) -> None:
    url = bucket.put("a.avro", DATA)
    proxy = proxy_to(bucket.port)
    proxy.rule(faults.Status(status))
    refused = (AuthenticationError, PermissionError)
    with pytest.raises(refused, match="skip_signature"):
        fetch(url, bucket.options(proxy))
    with pytest.raises(refused, match="whether they have the right to write there") as raised:
        jetliner.write_avro(pl.DataFrame({"a": [1]}), url, storage_options=bucket.options(proxy))
    assert "skip_signature" not in str(raised.value)
