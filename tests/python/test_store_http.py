"""HTTP: ranges, servers without them, queries, redirects, credentials, versions, faults."""

from __future__ import annotations

import errno
import io
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from jetliner._stores.errors import NoRangesError
from jetliner.exceptions import (
    AuthenticationError,
    FileNotFoundError,  # noqa: A004 (ours)
    JetlinerError,
    PermissionError,  # noqa: A004 (ours)
    SourceError,
)
from store_tests import NOWHERE, PASSING, clean_environment, everything, fetch, store_of  # noqa: F401
from stores import faults
from stores.proxy import Proxy
from stores.web import WebServer

DATA = os.urandom(100_000)
QUERY = "X-Amz-Credential=id%2F20261128%2Feu&X-Amz-Signature=a%2Bb=&x=a+b/c*[d]{e,f}|g'h"
ProxyTo = Callable[[int], Proxy]


@pytest.fixture(autouse=True)
def small_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies take several requests."""
    monkeypatch.setattr("jetliner._stores.store._COPY_BYTES", 30_000)


def methods(web: WebServer) -> set[str]:
    return {request.method for request in web.log.requests}


@pytest.mark.parametrize("etag", ["strong", "weak", "none"])
@pytest.mark.parametrize("content_length", [True, False])
def test_ranges(web: WebServer, etag: str, content_length: bool) -> None:
    file = web.add("/a b/é+%.avro", DATA, etag=etag, content_length=content_length)
    first = fetch(file.url, size_bytes=1000)
    assert (bytes(first.data), first.object_bytes) == (DATA[:1000], len(DATA))
    later = fetch(file.url, offset=99_500, size_bytes=1000, version=first.version)
    assert bytes(later.data) == DATA[99_500:]
    assert later.version == first.version
    assert methods(web) == {"GET"}
    assert [request.range for request in web.log.requests] == [(0, 999), (99_500, 100_499)]


def test_a_query_is_sent_exactly_and_head_is_not_used(web: WebServer) -> None:
    file = web.add("/signed.avro", DATA, query=QUERY, head=403)
    assert bytes(fetch(file.url).data) == DATA[:1000]
    assert [request.query for request in web.log.requests] == [QUERY]
    assert methods(web) == {"GET"}


def test_a_connection_is_used_again(web: WebServer) -> None:
    file = web.add("/a.avro", DATA)
    store, key = store_of(file.url)
    for offset in range(0, 5000, 1000):
        assert bytes(store.fetch(key, offset, 1000, None).data) == DATA[offset : offset + 1000]
    assert web.log.connections == 1


def test_threads(web: WebServer) -> None:
    file = web.add("/a.avro", DATA)
    store, key = store_of(file.url)
    parts: dict[int, bytes] = {}

    def read(offset: int) -> None:
        parts[offset] = bytes(store.fetch(key, offset, 10_000, None).data)

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(0, 100_000, 10_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(parts[offset] for offset in sorted(parts)) == DATA


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects(web: WebServer, status: int) -> None:
    file = web.add("/there.avro", DATA, query="sig=x%2Fy")
    assert bytes(fetch(web.redirect("/here.avro", file.url, status)).data) == DATA[:1000]
    assert bytes(fetch(web.redirect("/relative.avro", "/there.avro?sig=x%2Fy", status)).data) == DATA[:1000]


def test_redirects_in_a_circle(web: WebServer) -> None:
    url = web.redirect("/a", f"{web.url}/a")
    with pytest.raises(SourceError, match="circle"):
        fetch(url)
    assert len(web.log) == 11
    with pytest.raises(SourceError, match="nowhere"):
        fetch(web.redirect("/b", "ftp://host/secret"))


def test_credentials_stay_with_the_host(web: WebServer, proxy_to: ProxyTo) -> None:
    proxy = proxy_to(web.port)
    web.add("/there.avro", DATA)
    url = web.redirect("/here.avro", f"{proxy.url}/there.avro")
    options = {"authorization": "Bearer secret", "cookie": "a=secret", "header.X-Api-Key": "secret"}
    assert bytes(fetch(url, options).data) == DATA[:1000]
    here, there = web.log.requests
    assert [here.headers[name] for name in ("authorization", "cookie", "x-api-key")] == [
        "Bearer secret",
        "a=secret",
        "secret",
    ]
    assert "secret" not in str(there.headers)
    assert there.range == (0, 999)


@pytest.mark.parametrize(
    ("user", "options", "expected"),
    [
        ("me:p%40ss@", {}, "Basic bWU6cEBzcw=="),
        ("", {"username": "me", "password": "p@ss"}, "Basic bWU6cEBzcw=="),
        ("", {"authorization": "Basic bWU6cEBzcw=="}, "Basic bWU6cEBzcw=="),
        ("", {"bearer_token": "abc"}, "Bearer abc"),
        ("", {"header.Authorization": "Token t"}, "Token t"),
        ("other:user@", {"token": "abc"}, "Bearer abc"),
    ],
)
def test_authorization(web: WebServer, user: str, options: dict[str, str], expected: str) -> None:
    url = web.add("/a.avro", DATA, authorization=expected).url
    with_user = url.replace("http://", f"http://{user}")
    assert bytes(fetch(with_user, options).data) == DATA[:1000]
    with pytest.raises(AuthenticationError) as raised:
        fetch(url, {"authorization": "secret"})
    assert "secret" not in repr(raised.value)
    assert raised.value.path == url


def test_a_provider_is_asked_again_after_a_refusal(web: WebServer) -> None:
    file = web.add("/a.avro", DATA, authorization="Bearer second")
    tokens = iter(["first", "second", "third"])
    store, key = store_of(file.url, provider=lambda: ({"bearer_token": next(tokens)}, None))
    assert bytes(store.fetch(key, 0, 1000, None).data) == DATA[:1000]
    assert bytes(store.fetch(key, 0, 1000, None).data) == DATA[:1000]
    assert [request.status for request in web.log.requests] == [401, 206, 206]


def test_a_small_file_of_a_server_without_ranges(web: WebServer) -> None:
    file = web.add("/a.avro", DATA[:500], ranges=False)
    whole = fetch(file.url)
    assert (bytes(whole.data), whole.object_bytes) == (DATA[:500], 500)


@pytest.mark.parametrize("content_length", [True, False])
def test_a_server_without_ranges(web: WebServer, content_length: bool) -> None:
    file = web.add("/a.avro", DATA, ranges=False, content_length=content_length)
    with pytest.raises(NoRangesError, match="whole files only") as raised:
        fetch(file.url)
    assert raised.value.path == file.url
    assert len(web.log) == 1
    copy = io.BytesIO()
    copy.write(b"before")
    store, key = store_of(file.url)
    size_bytes, version = store.download(key, copy, everything)
    assert copy.getvalue() == b"before" + DATA
    assert (size_bytes, version) == (len(DATA), file.etag)


def test_download_with_ranges(web: WebServer) -> None:
    file = web.add("/a.avro", DATA)
    copy = io.BytesIO()
    store, key = store_of(file.url)
    assert store.download(key, copy, everything) == (len(DATA), file.etag)
    assert copy.getvalue() == DATA


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("fault", [faults.Cut(20_000), faults.Reset(10_000), faults.busy()])
def test_download_is_repeated(
    web: WebServer, proxy_to: ProxyTo, ranges: bool, fault: faults.Fault, number: int
) -> None:
    web.add("/a.avro", DATA, ranges=ranges)
    proxy = proxy_to(web.port)
    # Without ranges, the first request tells that there are none. Its body is not read.
    proxy.rule(fault, numbers={number})
    copy = io.BytesIO()
    store, key = store_of(f"{proxy.url}/a.avro")
    assert store.download(key, copy, everything)[0] == len(DATA)
    assert copy.getvalue() == DATA


@pytest.mark.parametrize("ranges", [True, False])
def test_a_copy_that_cannot_be_written(web: WebServer, ranges: bool) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "no space left")

    file = web.add("/a.avro", DATA, ranges=ranges)
    store, key = store_of(file.url)
    with pytest.raises(OSError, match="no space left") as raised:
        store.download(key, Full(), everything)
    assert not isinstance(raised.value, JetlinerError)
    assert len(web.log) == (1 if ranges else 2)


@pytest.mark.parametrize("ranges", [True, False])
def test_an_empty_file(web: WebServer, ranges: bool) -> None:
    file = web.add("/a.avro", b"", ranges=ranges)
    assert fetch(file.url)[:2] == (b"", 0)


@pytest.mark.parametrize("etag", ["strong", "weak"])
@pytest.mark.parametrize("ranges", [True, False])
def test_a_file_that_changes(web: WebServer, etag: str, ranges: bool) -> None:
    file = web.add("/a.avro", DATA[:500], etag=etag, ranges=ranges)
    version = fetch(file.url).version
    file.data = DATA[500:1000]
    with pytest.raises(SourceError) as raised:
        fetch(file.url, version=version)
    assert raised.value.variant == "Changed"
    assert len(web.log) == 2


def test_a_file_without_etag_that_changes_its_size(web: WebServer) -> None:
    file = web.add("/a.avro", DATA, etag="none")
    version = fetch(file.url).version
    file.data = DATA + b"x"
    with pytest.raises(SourceError) as raised:
        fetch(file.url, offset=1000, version=version)
    assert raised.value.variant == "Changed"


def test_a_file_that_becomes_shorter(web: WebServer) -> None:
    file = web.add("/a.avro", DATA)
    version = fetch(file.url).version
    file.data = DATA[:10]
    with pytest.raises(SourceError) as raised:
        fetch(file.url, offset=5000, version=version)
    assert raised.value.variant == "Changed"
    with pytest.raises(SourceError, match="no bytes there"):
        fetch(file.url, offset=5000)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, SourceError, "answered 400"),
        (401, AuthenticationError, "answered 401"),
        (403, PermissionError, "answered 403"),
        (404, FileNotFoundError, "not found"),
        (410, FileNotFoundError, "not found"),
        (501, SourceError, "answered 501"),
    ],
)
def test_errors_that_are_not_repeated(
    web: WebServer, proxy_to: ProxyTo, status: int, kind: type[JetlinerError], words: str
) -> None:
    proxy = proxy_to(web.port)
    proxy.rule(faults.Status(status, body=b"<Error><Message>the secret</Message></Error>"))
    with pytest.raises(kind, match=words) as raised:
        fetch(f"http://user:secret@127.0.0.1:{proxy.port}/a.avro?sig=secret")
    assert len(proxy.log) == 1
    assert raised.value.path == f"{proxy.url}/a.avro"  # type: ignore[attr-defined]
    assert "secret" not in f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_errors_that_pass(web: WebServer, proxy_to: ProxyTo, fault: faults.Fault) -> None:
    web.add("/a.avro", DATA)
    proxy = proxy_to(web.port)
    rule = proxy.rule(fault, last=2)
    options = {"read_timeout": "500ms"}
    assert bytes(fetch(f"{proxy.url}/a.avro", options).data) == DATA[:1000]
    assert rule.met == 2
    rule.last = None
    with pytest.raises(SourceError, match="tried 3 times") as raised:
        fetch(f"{proxy.url}/a.avro", options)
    assert rule.met == 5
    assert raised.value.__context__ is None
    with pytest.raises(SourceError) as raised:
        fetch(f"{proxy.url}/a.avro", {**options, "max_retries": "0"})
    assert rule.met == 6
    assert "tried" not in str(raised.value)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(web: WebServer, proxy_to: ProxyTo, status: int) -> None:
    web.add("/a.avro", DATA)
    proxy = proxy_to(web.port)
    proxy.rule(faults.Status(status, {"Retry-After": "2"}), last=1)
    assert bytes(fetch(f"{proxy.url}/a.avro").data) == DATA[:1000]
    first, second = proxy.log.requests
    assert 2.0 <= second.started - first.started < 4.0


def test_retry_after_that_is_too_long(web: WebServer, proxy_to: ProxyTo) -> None:
    proxy = proxy_to(web.port)
    proxy.rule(faults.Status(503, {"Retry-After": "3600"}))
    begin = time.monotonic()
    with pytest.raises(SourceError, match="asks to wait for 3600 s"):
        fetch(f"{proxy.url}/a.avro")
    assert time.monotonic() - begin < 5
    assert len(proxy.log) == 1


def test_a_kept_connection_that_was_closed(web: WebServer, proxy_to: ProxyTo) -> None:
    web.add("/a.avro", DATA)
    proxy = proxy_to(web.port)
    store, key = store_of(f"{proxy.url}/a.avro", {"max_retries": "0"})
    assert bytes(store.fetch(key, 0, 1000, None).data) == DATA[:1000]
    proxy.refuse()
    proxy.accept()
    assert bytes(store.fetch(key, 0, 1000, None).data) == DATA[:1000]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"{NOWHERE}/a.avro", "refused the connection"),
        ("http://no-such-host.invalid/a.avro", "name of the host is not known"),
        ("https://no-such-host.invalid/a.avro", "name of the host is not known"),
    ],
)
def test_no_connection(url: str, words: str) -> None:
    begin = time.monotonic()
    with pytest.raises(SourceError, match=words) as raised:
        fetch(url)
    assert time.monotonic() - begin < 10
    assert raised.value.path == url


def test_a_host_that_does_not_answer() -> None:
    # A full queue of connections: the system drops further ones, as a firewall does.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        begin = time.monotonic()
        with pytest.raises(SourceError, match="no connection"):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/a.avro")
        assert time.monotonic() - begin < 10
        for one in waiting:
            one.close()


def test_https_without_tls(web: WebServer) -> None:
    begin = time.monotonic()
    with pytest.raises(SourceError, match="TLS"):
        fetch(f"https://127.0.0.1:{web.port}/a.avro")
    assert time.monotonic() - begin < 10


def test_close_ends_what_waits(web: WebServer, proxy_to: ProxyTo) -> None:
    web.add("/a.avro", DATA)
    proxy = proxy_to(web.port)
    proxy.rule(faults.Stall(None, 100))
    store, key = store_of(f"{proxy.url}/a.avro")
    raised: list[Any] = []

    def read() -> None:
        try:
            store.fetch(key, 0, 1000, None)
        except SourceError as error:
            raised.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    while not proxy.log.requests or not proxy.log.requests[0].bytes_sent:
        time.sleep(0.01)
    begin = time.monotonic()
    store.close()
    thread.join()
    assert time.monotonic() - begin < 1
    assert len(raised) == 1
    with pytest.raises(SourceError, match="closed"):
        store.fetch(key, 0, 1000, None)


def test_a_proxy_by_options(web: WebServer) -> None:
    # The server takes the whole URL for a path, so this shows what the proxy gets.
    with pytest.raises(FileNotFoundError):
        fetch("http://example.invalid/a.avro", {"proxy_url": web.url.replace("http://", "http://me:pw@")})
    (request,) = web.log.requests
    assert request.target == "http://example.invalid/a.avro"
    assert request.headers["proxy-authorization"] == "Basic bWU6cHc="
    assert request.headers["host"] == "example.invalid"


def test_compressed_on_the_way(web: WebServer, proxy_to: ProxyTo) -> None:
    proxy = proxy_to(web.port)
    proxy.rule(faults.Status(206, {"Content-Encoding": "gzip", "Content-Range": "bytes 0-3/4"}, b"abcd"))
    with pytest.raises(SourceError, match="compresses"):
        fetch(f"{proxy.url}/a.avro")
    assert proxy.log.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Range": "bytes 5-9/100"},
        {"Content-Range": "bytes 0-4/*"},
        {"Content-Range": "lines 0-4/5"},
        {},
    ],
)
def test_an_answer_that_says_no_range(web: WebServer, proxy_to: ProxyTo, headers: dict[str, str]) -> None:
    proxy = proxy_to(web.port)
    proxy.rule(faults.Status(206, headers, b"abcde"))
    with pytest.raises(NoRangesError):
        fetch(f"{proxy.url}/a.avro")


def test_a_range_that_is_shorter_than_asked_for(web: WebServer, proxy_to: ProxyTo) -> None:
    web.add("/a.avro", DATA)
    proxy = proxy_to(web.port)
    rule = proxy.rule(faults.Status(206, {"Content-Range": "bytes 0-4/100000"}, b"abcde"), last=1)
    assert bytes(fetch(f"{proxy.url}/a.avro").data) == DATA[:1000]
    rule.last = None
    with pytest.raises(SourceError, match="fewer bytes"):
        fetch(f"{proxy.url}/a.avro")


def test_no_list(web: WebServer) -> None:
    store, _ = store_of(f"{web.url}/d/")
    with pytest.raises(SourceError, match="HTTP has no list"):
        list(store.list("d/"))
