"""obstore's stores are kept for later calls: when one is used again, and when not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore.store
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from jetliner._stores import shared_clients
from jetliner._stores.obstore_client import ObstoreClient
from jetliner._stores.options import split
from jetliner.exceptions import AuthenticationError, SourceError
from store_tests import NOWHERE, clean_environment, url_of  # noqa: F401
from stores import faults
from stores.fixtures import ProxyTo
from stores.s3 import S3Bucket

SECRET = "wJalrXUtnFEMI"
OPTIONS = {"endpoint": NOWHERE, "region": "x", "aws_access_key_id": "id", "aws_secret_access_key": SECRET}
WITHOUT_RETRIES = {"max_retries": "0"}
FRAME = pl.DataFrame({"id": range(3000)})
#: A program that forks after a request.
FORKS = """
import json, os, sys
import jetliner

url, options = sys.argv[1], json.loads(sys.argv[2])

def read():
    return jetliner.read_avro(url, storage_options=options).height

height = read()
child = os.fork()
if child == 0:
    try:
        read()
    except jetliner.SourceError as error:
        os._exit(7 if "forked" in str(error) else 8)
    os._exit(9)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert read() == height
"""


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The stores of S3 that are made from now on. None is kept at first."""
    monkeypatch.setattr(shared_clients, "_kept", {})
    stores: list[object] = []
    make = obstore.store.S3Store

    def count(*args: Any, **kwargs: Any) -> object:
        stores.append(make(*args, **kwargs))
        return stores[-1]

    monkeypatch.setattr(obstore.store, "S3Store", count)
    return stores


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    path = tmp_path / "a.avro"
    jetliner.write_avro(FRAME, path, block_bytes=1000)
    return path.read_bytes()


def store_of(options: dict[str, str] | None = None, provider: Any = None, url: str = "s3://bucket/a") -> object:
    """The store of obstore that a new call would use."""
    return ObstoreClient(url_of(url), split({**OPTIONS, **(options or {})}, "s3"), provider)._obstore()


# --- Which store -----------------------------------------------------------------------------------------------------


def test_a_later_call_makes_no_store(made: list[object], s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url, proxy = s3.put("a.avro", content), proxy_to(s3.port)
    for _ in range(3):
        assert_frame_equal(jetliner.read_avro(url, storage_options=s3.options(proxy)), FRAME)
        assert jetliner.read_avro_schema(url, storage_options=s3.options(proxy)) == FRAME.schema
    assert len(made) == 1
    assert {request.status for request in proxy.log.requests} == {206}
    assert len({request.connection for request in proxy.log.requests}) < len(proxy.log.requests)


def test_schemas_come_over_one_connection(s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url, proxy = s3.put("a.avro", content), proxy_to(s3.port)
    for _ in range(5):
        jetliner.read_avro_schema(url, storage_options=s3.options(proxy))
    assert len(proxy.log.requests) == 5
    assert len({request.connection for request in proxy.log.requests}) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"aws_secret_access_key": "other"},
        {"aws_access_key_id": "other"},
        {"aws_session_token": "token"},
        {"region": "y"},
        {"endpoint": "http://127.0.0.1:2"},
        {"skip_signature": "true"},
        {"header.x-api-key": "1"},
        {"read_timeout": "3s"},
        {"user_agent": "other"},
        {"retry_timeout_ms": "1000"},
    ],
)
def test_other_options(options: dict[str, str]) -> None:
    store = store_of()
    other = store_of(options)
    assert other is not store
    assert store_of() is store
    assert store_of(options) is other


def test_other_buckets() -> None:
    assert store_of(url="s3://bucket/a") is store_of(url="s3://bucket/b")
    assert store_of(url="s3://bucket/a") is not store_of(url="s3://other/a")


def test_ranges_and_lists() -> None:
    client = ObstoreClient(url_of("s3://bucket/a"), split(OPTIONS, "s3"), None)
    assert client._obstore() is not client._obstore(lister=True)
    assert client._obstore(lister=True) is client._obstore(lister=True)


@pytest.mark.parametrize("name", ["AWS_SESSION_TOKEN", "HTTPS_PROXY", "ANYTHING"])
def test_another_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of()
    monkeypatch.setenv(name, "http://127.0.0.1:3")
    other = store_of()
    assert other is not store
    assert store_of() is other
    monkeypatch.delenv(name)
    assert store_of() is store


def test_credentials_of_providers() -> None:
    def provider(secret: str) -> Callable[[], tuple[dict[str, str], None]]:
        return lambda: ({"aws_access_key_id": "id", "aws_secret_access_key": secret}, None)

    assert store_of({}, provider("a")) is store_of({}, provider("a"))
    assert store_of({}, provider("a")) is not store_of({}, provider("b"))


# obstore's threads do not follow into the child: it used to wait for them for ever.
def test_a_process_that_was_forked_after_a_request_makes_none(s3: S3Bucket, content: bytes) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("there is no fork here")
    words = [sys.executable, "-W", "ignore", "-c", FORKS, s3.put("a.avro", content), json.dumps(s3.options())]
    subprocess.run(words, check=True, timeout=60)


# --- For how long ----------------------------------------------------------------------------------------------------


def test_an_old_store_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    store = store_of()
    assert store_of() is store
    monkeypatch.setattr(shared_clients, "_MAX_AGE_S", -1.0)
    assert store_of() is not store


def test_old_stores_are_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    store_of()
    monkeypatch.setattr(shared_clients, "_MAX_AGE_S", 1000.0)
    store_of({"region": "y"})
    assert len(shared_clients._kept) == 2
    (entry, *_) = shared_clients._kept.items()
    entry[1].made_s -= 1001
    store_of({"region": "z"})
    assert len(shared_clients._kept) == 2
    assert entry[0] not in shared_clients._kept


def test_the_one_that_was_used_least_recently_goes_first() -> None:
    stores = [store_of({"region": f"r{number}"}) for number in range(shared_clients._MOST)]
    assert store_of({"region": "r0"}) is stores[0]
    store_of({"region": "another"})
    assert len(shared_clients._kept) == shared_clients._MOST
    assert store_of({"region": "r0"}) is stores[0]
    assert store_of({"region": "r2"}) is stores[2]
    assert store_of({"region": "r1"}) is not stores[1]


def test_a_closed_client_leaves_the_store_to_others(made: list[object], s3: S3Bucket, content: bytes) -> None:
    url = s3.put("a.avro", content)
    sizes = {"batch_size": 100, "read_chunk_size": 1000, "buffer_bytes": 10_000}
    with jetliner.AvroReader(url, storage_options=s3.options(), **sizes) as reader:
        frames = [next(reader)]
        for _ in range(3):
            other = jetliner.AvroReader(url, storage_options=s3.options(), **sizes)
            next(other)
            other.close()
            assert list(other) == []
        frames += reader
    assert_frame_equal(pl.concat(frames), FRAME)
    assert len(made) == 1


# --- After failures --------------------------------------------------------------------------------------------------


def test_a_refused_store_is_not_used_again(made: list[object], s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url, proxy = s3.put("a.avro", content), proxy_to(s3.port)
    proxy.rule(faults.expired(), numbers={2})
    for number in (1, 2, 3):
        if number == 2:
            with pytest.raises(AuthenticationError):
                jetliner.read_avro_schema(url, storage_options=s3.options(proxy))
        else:
            jetliner.read_avro_schema(url, storage_options=s3.options(proxy))
    # The credentials are the caller's. They were refused, and are not tried again.
    assert len(proxy.log.requests) == 3
    assert len(made) == 2


def test_a_refused_store_that_found_its_credentials_is_replaced_at_once(
    made: list[object], s3: S3Bucket, proxy_to: ProxyTo, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, proxy = s3.put("a.avro", content), proxy_to(s3.port)
    for name, value in s3.environment(proxy).items():
        monkeypatch.setenv(name, value)
    proxy.rule(faults.expired(), numbers={2})
    for _ in range(3):
        jetliner.read_avro_schema(url)
    assert len(proxy.log.requests) == 4
    assert len(made) == 2
    proxy.clear()
    proxy.rule(faults.expired())
    with pytest.raises(AuthenticationError):
        jetliner.read_avro_schema(url)
    assert len(proxy.log.requests) == 2


def test_without_a_connection(made: list[object], s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url, proxy = s3.put("a.avro", content), proxy_to(s3.port)
    options = s3.options(proxy, **WITHOUT_RETRIES)
    jetliner.read_avro_schema(url, storage_options=options)
    proxy.refuse()
    with pytest.raises(SourceError, match="no connection"):
        jetliner.read_avro_schema(url, storage_options=options)
    proxy.accept()
    jetliner.read_avro_schema(url, storage_options=options)
    assert len(made) == 2


def test_a_connection_that_ended_between_calls(s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    url, proxy = s3.put("a.avro", content), proxy_to(s3.port)
    for _ in range(10):
        jetliner.read_avro_schema(url, storage_options=s3.options(proxy, **WITHOUT_RETRIES))
        proxy.refuse()
        proxy.accept()


def test_a_retry_uses_another_store(made: list[object], s3: S3Bucket, proxy_to: ProxyTo, content: bytes) -> None:
    """Connections of earlier calls may all be dead: one for each retry would take a time-out each."""
    url, proxy = s3.put("a.avro", content), proxy_to(s3.port)
    options = s3.options(proxy, read_timeout="1s")
    jetliner.read_avro_schema(url, storage_options=options)
    dead = proxy.log.requests[0].connection
    proxy.rule(faults.Stall(None, -1), matches=lambda request: request.connection == dead)
    jetliner.read_avro_schema(url, storage_options=options)
    assert [request.connection == dead for request in proxy.log.requests] == [True, True, False]
    assert len(made) == 2


def test_a_missing_object_says_nothing_about_the_store(made: list[object], s3: S3Bucket, content: bytes) -> None:
    url = s3.put("a.avro", content)
    for _ in range(2):
        jetliner.read_avro_schema(url, storage_options=s3.options())
        with pytest.raises(jetliner.FileNotFoundError):
            jetliner.read_avro_schema(s3.url("b.avro"), storage_options=s3.options())
    assert len(made) == 1


# --- Threads and secrets ---------------------------------------------------------------------------------------------


def test_many_threads(s3: S3Bucket, content: bytes) -> None:
    url = s3.put("a.avro", content)
    good: list[bool] = []

    def read(number: int) -> None:
        for turn in range(20):
            options = s3.options(**{"header.x-number": str((number + turn) % 20)})  # more than are kept
            good.append(jetliner.read_avro(url, storage_options=options).equals(FRAME))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 160
    assert len(shared_clients._kept) <= shared_clients._MOST


def test_no_secrets_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", SECRET)
    client = ObstoreClient(url_of("s3://bucket/a"), split(OPTIONS, "s3"), None)
    client._obstore()
    assert len(shared_clients._kept) == 1
    assert SECRET not in f"{shared_clients._kept!r} {client!r} {client._store!r} {vars(client)!r}"


def test_a_callable_makes_a_store_of_its_own() -> None:
    assert shared_clients.key_of("s3", {"timeout": lambda: 5}) is None
    assert shared_clients.key_of("s3", {b"key": "value"}) is None
    shared_clients.keep(None, object())  # type: ignore[arg-type]
    assert shared_clients.find(None) is None
    assert not shared_clients._kept


def test_keys() -> None:
    assert shared_clients.key_of("a", {"b": "1", "c": None}) == shared_clients.key_of("a", {"c": None, "b": "1"})
    keys = [
        shared_clients.key_of(*each) for each in (("a", "b"), ("ab",), ("a", ["b"]), ("a", 1), ("a", "1"), ("a", None))
    ]
    assert len({*keys}) == len(keys)
    assert None not in keys
