"""The proxy in front of servers passes everything on unchanged, but for the faults that it was told."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import obstore
import pytest
from obstore.exceptions import PermissionDeniedError

from stores.faults import Cut, Delay, Fault, Refuse, Reset, Slow, Stall, Status, busy, expired, too_many
from stores.fixtures import ProxyTo
from stores.proxy import Proxy
from stores.s3 import S3Bucket
from stores.web import WebFile, WebServer

DATA = bytes(range(256)) * 4096
BODY_STARTS = b"\r\n\r\n"


@pytest.fixture
def file(web: WebServer) -> WebFile:
    return web.add("a.avro", DATA)


@pytest.fixture
def proxy(web: WebServer, proxy_to: ProxyTo) -> Proxy:
    return proxy_to(web.port)


def get(proxy: Proxy, headers: dict[str, str] | None = None, timeout: float = 20) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(proxy.host, proxy.port, timeout=timeout)
    with contextlib.closing(connection):
        connection.request("GET", "/a.avro", headers=headers or {})
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read()


def get_raw(proxy: Proxy, timeout: float = 20) -> tuple[bytes, str]:
    """All bytes of an answer, and how it ended: "reset", "closed", or "timeout"."""
    received = b""
    with socket.create_connection((proxy.host, proxy.port), timeout=timeout) as client:
        client.sendall(b"GET /a.avro HTTP/1.1\r\nHost: here\r\n\r\n")
        try:
            while piece := client.recv(1 << 16):
                received += piece
        except ConnectionResetError:
            return received, "reset"
        except TimeoutError:
            return received, "timeout"
    return received, "closed"


def body_of(received: bytes) -> bytes:
    head, separator, body = received.partition(BODY_STARTS)
    assert separator, head
    return body


# --- Without faults --------------------------------------------------------------------------------------------------


def test_everything_is_passed_on(proxy: Proxy, web: WebServer, file: WebFile) -> None:
    status, headers, body = get(proxy, {"Range": "bytes=5-9", "X-Other": "1"})
    assert (status, body, headers["Content-Range"]) == (206, DATA[5:10], f"bytes 5-9/{len(DATA)}")
    seen, logged = web.log.requests[0], proxy.log.requests[0]
    assert seen.headers == logged.headers
    assert seen.headers["host"] == f"127.0.0.1:{proxy.port}"
    assert (logged.method, logged.target, logged.range) == ("GET", "/a.avro", (5, 9))
    assert (logged.status, logged.bytes_sent, logged.fault) == (206, 5, "")
    assert logged.ended >= logged.started


@pytest.mark.parametrize("content_length", [True, False])
def test_connections_are_kept(proxy: Proxy, web: WebServer, content_length: bool) -> None:
    web.add("a.avro", DATA, content_length=content_length)
    connection = http.client.HTTPConnection(proxy.host, proxy.port, timeout=20)
    for method in ("GET", "HEAD", "GET"):
        connection.request(method, "/a.avro")
        assert connection.getresponse().read() == (b"" if method == "HEAD" else DATA)
    connection.close()
    assert proxy.log.connections == web.log.connections == 1
    assert [request.bytes_sent for request in proxy.log.requests] == [len(DATA), 0, len(DATA)]
    assert proxy.log.bytes_sent == 2 * len(DATA)


def test_kept_connections_that_the_server_closed_are_opened_again(proxy_to: ProxyTo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve_one_request_per_connection() -> None:
            for _ in range(2):
                client, _ = server.accept()
                client.recv(1 << 16)
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                client.close()

        threading.Thread(target=serve_one_request_per_connection, daemon=True).start()
        proxy = proxy_to(server.getsockname()[1])
        connection = http.client.HTTPConnection(proxy.host, proxy.port, timeout=20)
        for _ in range(2):
            connection.request("GET", "/a.avro")
            assert connection.getresponse().read() == b"ok"
        connection.close()
    assert proxy.log.connections == 1


def test_uploads_pass_and_signatures_stay_valid(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    proxy = proxy_to(s3.port)
    s3.server.client(proxy).put_object(Bucket=s3.name, Key="a.avro", Body=DATA)
    assert bytes(obstore.get(s3.store(proxy), "a.avro").bytes()) == DATA
    with pytest.raises(PermissionDeniedError):
        obstore.get(s3.store(options=s3.wrong_secret(proxy)), "a.avro")
    assert [request.status for request in proxy.log.requests] == [200, 200, 403]


def test_requests_in_flight_are_counted(proxy: Proxy, file: WebFile) -> None:
    proxy.rule(Delay(0.2))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: get(proxy), range(4)))
    assert proxy.log.max_in_flight == 4
    proxy.clear()
    assert (len(proxy.log), proxy.log.max_in_flight, proxy.rules) == (0, 0, [])


# --- Faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "header", "body"),
    [
        (busy(), 503, None, b"SlowDown"),
        (busy(retry_after=3), 503, "3", b"SlowDown"),
        (Status(500), 500, None, b""),
        (too_many(2), 429, "2", b""),
        (expired(), 403, None, b"<Code>ExpiredToken</Code>"),
    ],
)
def test_status(
    proxy: Proxy, web: WebServer, file: WebFile, fault: Status, status: int, header: str | None, body: bytes
) -> None:
    rule = proxy.rule(fault, numbers={2})
    got, headers, content = [get(proxy) for _ in range(3)][1]
    assert (got, headers.get("Retry-After")) == (status, header)
    assert body in content
    assert [request.status for request in proxy.log.requests] == [200, status, 200]
    assert [request.fault for request in proxy.log.requests] == ["", "Status", ""]
    assert len(web.log) == 2
    assert (rule.seen, rule.met) == (3, 1)


@pytest.mark.parametrize("after_bytes", [0, 1, 1000, 300_000, len(DATA) - 1])
@pytest.mark.parametrize(("fault", "ending"), [(Reset, "reset"), (Cut, "closed")])
def test_connections_end_after_exactly_so_many_bytes(
    proxy: Proxy, file: WebFile, fault: Callable[[int], Fault], ending: str, after_bytes: int
) -> None:
    proxy.rule(fault(after_bytes), numbers={1})
    received, end = get_raw(proxy)
    assert end == ending
    assert body_of(received) == DATA[:after_bytes]
    assert f"Content-Length: {len(DATA)}".encode() in received
    assert proxy.log.bytes_sent == after_bytes
    assert get(proxy)[2] == DATA


def test_refuse_is_a_reset_before_the_first_byte(proxy: Proxy, web: WebServer, file: WebFile) -> None:
    proxy.rule(Refuse())
    assert get_raw(proxy) == (b"", "reset")
    assert len(web.log) == 0


def test_a_closed_port_refuses_connections(proxy: Proxy, file: WebFile) -> None:
    port = proxy.port
    connection = http.client.HTTPConnection(proxy.host, proxy.port, timeout=20)
    connection.request("GET", "/a.avro")
    assert connection.getresponse().read() == DATA
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        get(proxy)
    assert connection.sock.recv(1) == b""  # the one from before is closed as well
    connection.close()
    proxy.accept()
    assert proxy.port == port
    assert get(proxy)[2] == DATA


@pytest.mark.parametrize("after_bytes", [0, 1000])
def test_stall_for_ever(proxy: Proxy, file: WebFile, after_bytes: int) -> None:
    proxy.rule(Stall(after_bytes=after_bytes))
    received, end = get_raw(proxy, timeout=0.3)
    assert end == "timeout"
    assert body_of(received) == DATA[:after_bytes]


def test_stall_before_the_answer(proxy: Proxy, file: WebFile) -> None:
    proxy.rule(Stall(after_bytes=-1))
    assert get_raw(proxy, timeout=0.3) == (b"", "timeout")


@pytest.mark.parametrize("fault", [Stall(0.3), Stall(0.3, -1), Stall(0.3, 1000), Delay(0.3)])
def test_an_answer_goes_on_after_its_time(proxy: Proxy, file: WebFile, fault: Fault) -> None:
    proxy.rule(fault)
    started = time.monotonic()
    assert get(proxy)[2] == DATA
    assert time.monotonic() - started >= 0.3


def test_a_slow_link(proxy: Proxy, file: WebFile) -> None:
    proxy.rule(Slow(4 * len(DATA)))
    started = time.monotonic()
    assert get(proxy)[2] == DATA
    assert 0.2 <= time.monotonic() - started < 5


def test_delays_and_slow_links_come_with_other_faults(proxy: Proxy, file: WebFile) -> None:
    proxy.rule(Slow(4 * len(DATA)))
    proxy.rule(Delay(0.1))
    proxy.rule(Cut(len(DATA) // 2))
    started = time.monotonic()
    assert body_of(get_raw(proxy)[0]) == DATA[: len(DATA) // 2]
    assert time.monotonic() - started >= 0.2
    assert proxy.log.requests[0].fault == "Slow Delay Cut"


def test_stop_ends_stalls(web: WebServer, file: WebFile) -> None:
    proxy = Proxy(web.port)
    proxy.rule(Stall())
    ended: list[str] = []
    thread = threading.Thread(target=lambda: ended.append(get_raw(proxy)[1]))
    thread.start()
    while not (proxy.log.requests and proxy.log.requests[0].status):
        time.sleep(0.01)
    proxy.stop()
    thread.join(5)
    assert ended in (["closed"], ["reset"])


# --- Rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"numbers": {2, 5}}, [2, 5]),
        ({"first": 4}, [4, 5, 6]),
        ({"last": 2}, [1, 2]),
        ({"every": 3}, [3, 6]),
        ({"first": 3, "last": 5, "every": 2}, [4]),
    ],
)
def test_numbers_of_requests(proxy: Proxy, file: WebFile, conditions: dict[str, object], met: list[int]) -> None:
    rule = proxy.rule(Status(500), **conditions)
    statuses = [get(proxy)[0] for _ in range(6)]
    assert [number for number, status in enumerate(statuses, 1) if status == 500] == met
    assert rule.met == len(met)


def test_rules_count_only_requests_that_match(proxy: Proxy, web: WebServer, file: WebFile) -> None:
    proxy.rule(Status(500), method="HEAD")
    proxy.rule(Status(501), path="b.avro")
    proxy.rule(Status(502), matches=lambda request: request.range == (1, 2), numbers={2})
    assert [get(proxy)[0] for _ in range(2)] == [200, 200]
    assert [get(proxy, {"Range": "bytes=1-2"})[0] for _ in range(3)] == [206, 502, 206]


@pytest.mark.parametrize(
    ("asked", "received"), [("bytes=0-99", 100), ("bytes=0-", 150), ("bytes=100-199", 50), ("bytes=151-160", 10)]
)
def test_faults_at_a_byte_of_the_object(proxy: Proxy, file: WebFile, asked: str, received: int) -> None:
    proxy.rule(Cut(), offset=150)
    try:
        _, _, body = get(proxy, {"Range": asked})
    except http.client.IncompleteRead as error:
        body = error.partial
    assert len(body) == received


# --- Through obstore -------------------------------------------------------------------------------------------------


def test_obstore_retries_what_may_be_retried(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    proxy.rule(busy(), numbers={1})
    proxy.rule(Status(500), numbers={2})
    proxy.rule(Refuse(), numbers={3})
    assert bytes(obstore.get(s3.store(proxy, retries=3), "a.avro").bytes()) == DATA
    assert [request.fault for request in proxy.log.requests] == ["Status", "Status", "Refuse", ""]


def test_expired_credentials_of_s3(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    s3.put("a.avro", DATA)
    proxy = proxy_to(s3.port)
    proxy.rule(expired(), first=3)
    store = s3.store(proxy)
    for _ in range(2):
        obstore.get_range(store, "a.avro", start=0, end=10)
    with pytest.raises(PermissionDeniedError, match="ExpiredToken"):
        obstore.get_range(store, "a.avro", start=0, end=10)
