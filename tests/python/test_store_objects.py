"""Objects of S3, Azure and GCS on real servers: ranges, keys, versions, lists, errors, and how long errors take."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
import pytest

import jetliner
from jetliner._stores import listing
from jetliner._stores.client import Entry
from jetliner._stores.obstore_errors import of_obstore
from jetliner._stores.store import Store
from jetliner.exceptions import (
    AuthenticationError,
    ConfigurationError,
    FileNotFoundError,  # noqa: A004 (ours)
    PermissionError,  # noqa: A004 (ours)
    SourceError,
)
from store_tests import NOWHERE, clean_environment, everything, fetch, store_of, url_of  # noqa: F401
from stores import faults
from stores.azure import ACCOUNT, AzureBucket
from stores.bucket import Bucket
from stores.proxy import Proxy

DATA = os.urandom(100_000)
KEYS = [
    "plain.avro",
    "a b.avro",
    "a+b.avro",
    "100%.avro",
    "a%20b%2F.avro",
    "a#b.avro",
    "a|b.avro",
    "a[1].avro",
    "a?b=c&d.avro",
    "é/e\u0301/日本.avro",
    "{x,y}*~!'();:@$,=.avro",
    "dots..and/.hidden/...x.avro",
    "no_ending",
]
ENDPOINTS = {"s3": "endpoint", "az": "azure_endpoint", "gs": "google_base_url"}
SECRETS = {"s3": "aws_secret_access_key", "az": "azure_storage_account_key"}
WRONG = "d3Jvbmc="


@pytest.fixture(params=["s3", "azure", "gcs"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    found: Bucket = request.getfixturevalue(request.param)
    return found


def test_ranges(bucket: Bucket) -> None:
    url = bucket.put("a/b.avro", DATA)
    first = fetch(url, bucket.options(), size_bytes=1000)
    assert (bytes(first.data), first.object_bytes) == (DATA[:1000], len(DATA))
    store, key = store_of(url, bucket.options())
    for offset, size_bytes in ((0, 1), (5, 50_000), (99_999, 1), (99_000, 5000), (0, 1_000_000)):
        part = store.fetch(key, offset, size_bytes, first.version)
        assert bytes(part.data) == DATA[offset : offset + size_bytes]
        assert (part.object_bytes, part.version) == (len(DATA), first.version)


@pytest.mark.parametrize("key", KEYS)
def test_keys(bucket: Bucket, key: str) -> None:
    url = bucket.put(key, DATA)
    assert bucket.keys() == [key]
    assert bytes(fetch(url, bucket.options()).data) == DATA[:1000]
    store, _ = store_of(url, bucket.options())
    (entry,) = store.list("")
    assert isinstance(entry, Entry)
    assert (entry.key, entry.size_bytes) == (key, len(DATA))
    assert bytes(store.fetch(entry.key, 0, 10, entry.version).data) == DATA[:10]


@pytest.mark.parametrize("key", ["a//b.avro", "/a.avro", "a/./b.avro", "a/../b.avro", "a\nb.avro"])
def test_keys_that_cannot_be_read(bucket: Bucket, key: str) -> None:
    bucket.put("a.avro", DATA)
    bucket.put("b.avro", DATA)
    with pytest.raises(SourceError, match="cannot be read by their URL") as raised:
        fetch(bucket.url(key), bucket.options())
    assert raised.value.path == bucket.url(key)


def test_an_empty_object(bucket: Bucket) -> None:
    url = bucket.put("empty.avro", b"")
    found = fetch(url, bucket.options())
    assert (bytes(found.data), found.object_bytes) == (b"", 0)
    bucket.put("empty.avro", b"x")
    with pytest.raises(SourceError) as raised:
        fetch(url, bucket.options(), version=found.version)
    assert raised.value.variant == "Changed"


def test_a_range_after_the_end(bucket: Bucket) -> None:
    url = bucket.put("a.avro", DATA)
    for offset in (len(DATA), len(DATA) + 1000):
        with pytest.raises(SourceError, match="no bytes there"):
            fetch(url, bucket.options(), offset=offset)


def test_an_object_that_changes(bucket: Bucket) -> None:
    url = bucket.put("a.avro", DATA)
    store, key = store_of(url, bucket.options())
    version = store.fetch(key, 0, 1000, None).version
    bucket.put("a.avro", DATA[::-1])
    with pytest.raises(SourceError) as raised:
        store.fetch(key, 1000, 1000, version)
    assert raised.value.variant == "Changed"
    assert raised.value.path == url
    bucket.delete("a.avro")
    with pytest.raises(SourceError) as raised:
        store.fetch(key, 1000, 1000, version)
    assert raised.value.variant in ("NotFound", "Changed")  # Azure says that the version is another one


def test_lists(bucket: Bucket) -> None:
    for key in ("a/1.avro", "a/b/2.avro", "a/b/c/3.avro", "ab/4.avro", "5.avro"):
        bucket.put(key, DATA[:10])
    store, _ = store_of(bucket.url("x"), bucket.options())

    def keys(prefix: str, *, recursive: bool = True) -> list[str]:
        return sorted(
            entry if isinstance(entry, str) else entry.key for entry in store.list(prefix, recursive=recursive)
        )

    assert keys("") == ["5.avro", "a/1.avro", "a/b/2.avro", "a/b/c/3.avro", "ab/4.avro"]
    assert keys("a/") == ["a/1.avro", "a/b/2.avro", "a/b/c/3.avro"]
    assert keys("", recursive=False) == ["5.avro", "a/", "ab/"]
    assert keys("a/", recursive=False) == ["a/1.avro", "a/b/"]
    assert keys("nothing/") == []


def test_patterns_and_directories(bucket: Bucket) -> None:
    for key in ("d/y=1/a b.avro", "d/y=2/é+%.avro", "d/_SUCCESS", "d/.x/c.avro", "d/e.txt", "f.avro"):
        bucket.put(key, DATA[:10])

    def expand(text: str) -> list[str]:
        url = url_of(bucket.url(text))
        store, _ = store_of(url.text, bucket.options())
        found = listing.expand(store, url, {}, {}, glob=True)
        for path in found:
            assert bytes(fetch(path, bucket.options()).data) == DATA[:10]
        return [path.removeprefix(bucket.url()) for path in found]

    files = ["d/y=1/a b.avro", "d/y=2/é+%.avro"]
    assert expand("d/") == files
    assert expand("d") == files
    assert expand("d/*/*.avro") == files
    assert expand("**/*.avro") == [*files, "f.avro"]
    assert expand("{f,g}.avro") == ["f.avro"]
    assert expand("d/y=*") == files
    with pytest.raises(FileNotFoundError, match="not found"):
        expand("nothing/*.avro")
    with pytest.raises(FileNotFoundError, match="not found"):
        expand("nothing/")


def test_marks_of_folders(bucket: Bucket) -> None:
    for key in ("d/", "d/e/"):
        bucket.put(key, b"")
    bucket.put("d/a.avro", DATA)
    store, _ = store_of(bucket.url("x"), bucket.options())
    assert listing.files_in(store, bucket.url("d"), {}) == [bucket.url("d/a.avro")]
    assert listing._matches(store, url_of(bucket.url("d/*")), {})[0] == [bucket.url("d/a.avro")]


def test_download(bucket: Bucket) -> None:
    url = bucket.put("a.avro", DATA)
    copy = io.BytesIO()
    store, key = store_of(url, bucket.options())
    assert store.download(key, copy, everything)[0] == len(DATA)
    assert copy.getvalue() == DATA


def test_threads(bucket: Bucket) -> None:
    url = bucket.put("a.avro", DATA)
    store, key = store_of(url, bucket.options())
    parts: dict[int, bytes] = {}

    def read(offset: int) -> None:
        parts[offset] = bytes(store.fetch(key, offset, 10_000, None).data)  # type: ignore[arg-type]

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(0, 100_000, 10_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(parts[offset] for offset in sorted(parts)) == DATA


def test_the_account_in_the_url(azure: AzureBucket) -> None:
    azure.put("a.avro", DATA)
    options = {name: value for name, value in azure.options().items() if "account_name" not in name}
    url = f"abfss://{azure.name}@{ACCOUNT}.dfs.core.windows.net/a.avro"
    assert bytes(fetch(url, options).data) == DATA[:1000]
    with pytest.raises(ConfigurationError, match="storage account is not known"):
        fetch(azure.url("a.avro"), options)


def test_many_requests_fail(bucket: Bucket, proxy_to: Callable[[int], Proxy]) -> None:
    url = bucket.put("a.avro", DATA)
    proxy = proxy_to(bucket.port)
    for fault, every in ((faults.Reset(100), 5), (faults.Cut(300), 7), (faults.Refuse(), 11), (faults.Status(500), 13)):
        proxy.rule(fault, every=every)
    options = bucket.options(proxy, max_retries="10", retry_init_backoff_ms="5")
    store, key = store_of(url, options)
    version = store.fetch(key, 0, 1, None).version
    with ThreadPoolExecutor(8) as threads:
        parts = threads.map(lambda offset: bytes(_part(store, key, offset, version)), range(0, 100_000, 500))
        assert b"".join(parts) == DATA
    assert all(rule.met > 5 for rule in proxy.rules)


def _part(store: Store, key: str, offset: int, version: str) -> memoryview:
    return memoryview(store.fetch(key, offset, 500, version).data)


# --- Errors, each within 10 seconds ----------------------------------------------------------------------------------


class Timer:
    def __enter__(self) -> Timer:
        self.begin = time.monotonic()
        return self

    def __exit__(self, *args: Any) -> None:
        assert time.monotonic() - self.begin < 10


def assert_no_secrets(error: Exception, bucket: Bucket) -> None:
    shown = f"{error!r} {error} {''.join(traceback.format_exception(error))}"
    assert error.__context__ is None
    for name, value in bucket.options().items():
        if "key" in name or "secret" in name:
            assert value not in shown
    assert WRONG not in shown


def test_a_missing_object(bucket: Bucket) -> None:
    with Timer(), pytest.raises(FileNotFoundError, match="not found") as raised:
        fetch(bucket.url("nothing.avro"), bucket.options())
    assert isinstance(raised.value, SourceError)
    assert raised.value.path == raised.value.filename == bucket.url("nothing.avro")
    assert str(raised.value) == raised.value.message
    assert_no_secrets(raised.value, bucket)


def test_a_missing_bucket(bucket: Bucket) -> None:
    url = bucket.url("a.avro").replace(bucket.name, "no-such-bucket")
    with Timer(), pytest.raises(FileNotFoundError, match="not found") as raised:
        fetch(url, bucket.options())
    assert_no_secrets(raised.value, bucket)
    if bucket.scheme != "gs":  # fake-gcs-server lists a bucket that is not there as an empty one
        store, _ = store_of(url, bucket.options())
        with Timer(), pytest.raises(FileNotFoundError, match="not found"):
            list(store.list(""))


def test_a_wrong_secret(bucket: Bucket) -> None:
    if bucket.scheme == "gs":  # fake-gcs-server asks nobody
        assert bucket.put("a.avro", DATA)
        return
    url = bucket.put("a.avro", DATA)
    options = bucket.options(**{SECRETS[bucket.scheme]: WRONG})
    with Timer(), pytest.raises((AuthenticationError, PermissionError), match="answered 403") as raised:
        fetch(url, options)
    assert_no_secrets(raised.value, bucket)
    store, _ = store_of(url, options)
    with Timer(), pytest.raises((AuthenticationError, PermissionError), match="answered 403") as raised:
        list(store.list(""))
    assert_no_secrets(raised.value, bucket)


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (NOWHERE, "refused the connection"),
        ("http://no-such-host.invalid", "name of the host is not known"),
        ("https://no-such-host.invalid", "name of the host is not known"),
    ],
)
def test_no_connection(bucket: Bucket, endpoint: str, words: str) -> None:
    options = bucket.options(**{ENDPOINTS[bucket.scheme]: endpoint})
    with Timer(), pytest.raises(SourceError, match=words) as raised:
        fetch(bucket.url("a.avro"), options)
    assert raised.value.path == bucket.url("a.avro")
    assert "tried 3 times" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert_no_secrets(raised.value, bucket)
    store, _ = store_of(bucket.url("a.avro"), options)
    with Timer(), pytest.raises(SourceError, match=words):
        list(store.list(""))


@pytest.mark.parametrize("url", ["s3://b/a", "gs://b/a", "az://c/a"])
def test_a_host_that_does_not_answer(url: str) -> None:
    # A full queue of connections: the system drops further ones, as a firewall does.
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        options = {"endpoint": f"http://127.0.0.1:{listener.getsockname()[1]}", "region": "x", "skip_signature": "true"}
        if url.startswith("az"):
            options["account_name"] = "n"
        store, key = store_of(url, options)
        with Timer(), pytest.raises(SourceError, match="no answer in time"):
            store.fetch(key, 0, 10, None)
        with Timer(), pytest.raises(SourceError, match="no answer in time"):
            list(store.list(""))


def test_http_that_is_not_allowed(bucket: Bucket) -> None:
    with pytest.raises(SourceError, match="allow_http"):
        fetch(bucket.url("a.avro"), {**bucket.options(), "allow_http": "false"})


def test_https_without_tls(bucket: Bucket) -> None:
    options = {key: value.replace("http://", "https://") for key, value in bucket.options().items()}
    with Timer(), pytest.raises(SourceError, match="TLS"):
        fetch(bucket.url("a.avro"), options)


@pytest.mark.parametrize(
    ("url", "options", "kind", "words"),
    [
        ("az://c/a", {}, ConfigurationError, "storage account is not known"),
        ("az://c/a", {"account_name": "n", "account_key": "not base64"}, AuthenticationError, "form"),
        ("gs://b/a", {"service_account": "/no/such/file"}, AuthenticationError, "cannot be read"),
        ("s3://b/a", {"region": "x", "pool_max_idle_per_host": "hidden"}, ConfigurationError, "must be a usize"),
    ],
)
def test_options_that_do_not_fit(url: str, options: dict[str, str], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as raised:
        fetch(url, options)
    assert "hidden" not in f"{raised.value!r} {raised.value.__context__!r}"


@pytest.mark.parametrize("url", ["s3://b/a", "gs://b/a", "az://c/a"])
@pytest.mark.parametrize("provider", ["auto", None])
def test_no_credentials(url: str, provider: object) -> None:
    # The metadata of instances are at an address where nobody answers.
    options = {"region": "x", "endpoint": NOWHERE, **({"account_name": "n"} if url.startswith("az") else {})}
    with Timer(), pytest.raises(AuthenticationError, match="no credentials were found") as raised:
        fetch(url, options, provider=provider)
    assert "skip_signature" in str(raised.value)


@pytest.mark.parametrize("url", ["s3://b/a", "gs://b/a", "az://c/a"])
def test_no_credentials_to_write(url: str) -> None:
    options = {"region": "x", "endpoint": NOWHERE, **({"account_name": "n"} if url.startswith("az") else {})}
    with Timer(), pytest.raises(AuthenticationError, match="no credentials were found") as raised:
        jetliner.write_avro(pl.DataFrame({"a": [1]}), url, storage_options=options)
    assert "skip_signature" not in str(raised.value)  # it would not help


@pytest.mark.parametrize("place", ["169.254.169.254", "localhost:1338"])
def test_no_token_of_an_instance_to_write(place: str) -> None:
    error = OSError(f"Generic S3 error: Error performing PUT http://{place}/latest/api/token in 1.8ms - HTTP error")
    assert isinstance(of_obstore(error, "s3", "s3://b/a", is_upload=True).error, AuthenticationError)
    error = OSError("Generic S3 error: Error performing PUT http://host/b/a in 1.8ms - HTTP error: connection refused")
    assert isinstance(of_obstore(error, "s3", "s3://b/a", is_upload=True).error, SourceError)


def test_without_obstore() -> None:
    program = """
import sys
sys.modules["obstore"] = None
import jetliner
from jetliner._stores.stores import Stores
from jetliner._stores.urls import parse_url
url = parse_url("s3://b/a")
try:
    Stores({"region": "x"}, None).of(url).fetch("a", 0, 1, None)
except jetliner.SourceError as error:
    assert 'pip install "jetliner[cloud]"' in str(error), error
else:
    raise AssertionError
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_obstore_and_boto3_are_not_imported_with_the_package() -> None:
    program = """
import sys
import jetliner
from jetliner._stores import listing, stores
assert not {"obstore", "boto3", "google.auth"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
