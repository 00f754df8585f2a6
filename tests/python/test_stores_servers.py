"""The servers of object stores that tests run against do what their documentation says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import obstore
import pytest
from obstore.exceptions import PermissionDeniedError

from stores.azure import AzureServer
from stores.bucket import Bucket, SignedBucket
from stores.fixtures import ProxyTo
from stores.gcs import GcsBucket
from stores.process import Process, ServerError
from stores.s3 import S3Bucket
from stores.web import WebServer

DATA = bytes(range(256)) * 64

KEYS = ["a b.avro", "a%b", "a%20b", "a+b", "a#b", "a|b", "a[1]", "a?b", "a=b&c", "a~b", "*.avro", "k=v/ä/日本.avro"]


@pytest.fixture(params=["s3", "azure", "gcs"])
def bucket(request: pytest.FixtureRequest) -> Bucket:
    bucket: Bucket = request.getfixturevalue(request.param)
    return bucket


@pytest.fixture(params=["s3", "azure"])
def signed(request: pytest.FixtureRequest) -> SignedBucket:
    bucket: SignedBucket = request.getfixturevalue(request.param)
    return bucket


def fetch(url: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body, also of an error. Redirects are followed."""
    request = urllib.request.Request(url, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


# --- Buckets ---------------------------------------------------------------------------------------------------------


def test_objects_are_read_listed_and_deleted(bucket: Bucket, proxy_to: ProxyTo) -> None:
    bucket.put("a/b.avro", DATA)
    bucket.put("c.avro", b"")
    assert sorted(bucket.keys()) == ["a/b.avro", "c.avro"]
    for proxy in (None, proxy_to(bucket.port)):
        store = bucket.store(proxy)
        assert bytes(obstore.get(store, "a/b.avro").bytes()) == DATA
        assert bytes(obstore.get_range(store, "a/b.avro", start=100, end=300)) == DATA[100:300]
        assert obstore.head(store, "a/b.avro")["size"] == len(DATA)
        assert sorted(item["path"] for item in obstore.list(store).collect()) == ["a/b.avro", "c.avro"]
    bucket.delete("c.avro")
    assert bucket.keys() == ["a/b.avro"]
    with pytest.raises(FileNotFoundError):
        obstore.get(bucket.store(), "c.avro")


def test_keys_with_any_characters(bucket: Bucket, proxy_to: ProxyTo) -> None:
    for key in KEYS:
        assert bucket.put(key, key.encode()) == f"{bucket.scheme}://{bucket.name}/{key}"
    assert sorted(bucket.keys()) == sorted(KEYS)
    store = bucket.store(proxy_to(bucket.port))
    assert sorted(item["path"] for item in obstore.list(store).collect()) == sorted(KEYS)
    for key in KEYS:
        assert bytes(obstore.get(store, key).bytes()) == key.encode()


def test_a_replaced_object_has_another_etag(bucket: Bucket) -> None:
    bucket.put("a.avro", b"first")
    before = obstore.head(bucket.store(), "a.avro")["e_tag"]
    bucket.put("a.avro", b"other")
    after = obstore.head(bucket.store(), "a.avro")["e_tag"]
    assert before
    assert after
    assert before != after


def test_buckets_are_empty_at_first(bucket: Bucket) -> None:
    assert bucket.keys() == []


def test_a_wrong_secret_is_refused(signed: SignedBucket) -> None:
    signed.put("a.avro", DATA)
    with pytest.raises(PermissionDeniedError, match="403"):
        obstore.get(signed.store(options=signed.wrong_secret()), "a.avro")


def test_requests_without_credentials_are_refused(signed: SignedBucket) -> None:
    signed.put("a.avro", DATA)
    prefix = {"s3": "", "az": "/jetliner"}[signed.scheme]
    status, _, _ = fetch(f"http://127.0.0.1:{signed.port}{prefix}/{signed.name}/a.avro")
    assert status in (403, 404)


def test_public_buckets(s3: S3Bucket, azure_server: AzureServer) -> None:
    s3.make_public()
    s3.put("a.avro", DATA)
    assert fetch(f"http://127.0.0.1:{s3.port}/{s3.name}/a.avro")[2] == DATA
    assert b"a.avro" in fetch(f"http://127.0.0.1:{s3.port}/{s3.name}?list-type=2")[2]
    azure = azure_server.bucket(public=True)
    azure.put("a.avro", DATA)
    assert fetch(f"http://127.0.0.1:{azure.port}/jetliner/{azure.name}/a.avro")[2] == DATA


def test_presigned_urls(s3: S3Bucket, proxy_to: ProxyTo) -> None:
    s3.put("a b#%.avro", DATA)
    for proxy in (None, proxy_to(s3.port)):
        url = s3.presigned("a b#%.avro", proxy)
        status, _, body = fetch(url, {"Range": "bytes=1-3"})
        assert (status, body) == (206, DATA[1:4])
        assert fetch(url, method="HEAD")[0] == 403
        assert fetch(url.replace("Signature=", "Signature=0"))[0] == 403


def test_s3_by_environment(s3: S3Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    s3.put("a.avro", DATA)
    for name, value in s3.environment().items():
        monkeypatch.setenv(name, value)
    store = obstore.store.from_url(s3.url(), client_options={"allow_http": True})
    assert bytes(obstore.get(store, "a.avro").bytes()) == DATA


def test_gcs_needs_no_credentials(gcs: GcsBucket) -> None:
    gcs.put("a.avro", DATA)
    assert fetch(f"http://127.0.0.1:{gcs.port}/{gcs.name}/a.avro")[2] == DATA


# --- Our HTTP server -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("", 200, 0, 16384),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=10-19", 206, 10, 20),
        ("bytes=16000-", 206, 16000, 16384),
        ("bytes=-3", 206, 16381, 16384),
        ("bytes=16000-20000", 206, 16000, 16384),
        ("bytes=16384-", 416, 0, 0),
    ],
)
def test_web_ranges(web: WebServer, asked: str, status: int, start: int, end: int) -> None:
    file = web.add("a.avro", DATA)
    got, headers, body = fetch(file.url, {"Range": asked} if asked else {})
    assert (got, body) == (status, DATA[start:end])
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"] == file.etag
    assert (
        headers.get("Content-Range")
        == {
            200: None,
            206: f"bytes {start}-{end - 1}/16384",
            416: "bytes */16384",
        }[status]
    )
    request = file.log.requests[0]
    assert (request.method, request.path, request.status) == ("GET", "/a.avro", status)
    assert request.bytes_sent == file.log.bytes_sent == end - start


def test_web_without_ranges(web: WebServer) -> None:
    file = web.add("a.avro", DATA, ranges=False)
    status, headers, body = fetch(file.url, {"Range": "bytes=0-9"})
    assert (status, body) == (200, DATA)
    assert "Accept-Ranges" not in headers
    assert file.log.requests[0].range == (0, 9)


@pytest.mark.parametrize("status", [200, 403, 405])
def test_web_head(web: WebServer, status: int) -> None:
    file = web.add("a.avro", DATA, head=status)
    got, headers, body = fetch(file.url, method="HEAD")
    assert (got, body) == (status, b"")
    assert headers["Content-Length"] == ("16384" if status == 200 else "0")
    assert fetch(file.url)[0] == 200


def test_web_without_a_length(web: WebServer) -> None:
    file = web.add("a.avro", DATA * 100, content_length=False, ranges=False)
    _, headers, body = fetch(file.url)
    assert body == DATA * 100
    assert "Content-Length" not in headers
    assert file.log.bytes_sent == len(DATA) * 100


def test_web_query_and_authorization(web: WebServer) -> None:
    file = web.add("a.avro", DATA, query="sig=a%2Fb&x=1", authorization="Bearer abc")
    token = {"Authorization": "Bearer abc"}
    assert fetch(file.url, token)[0] == 200
    assert fetch(file.url)[0] == 401
    assert fetch(file.url.replace("%2F", "/"), token)[0] == 403
    assert fetch(f"{web.url}/other.avro")[0] == 404
    assert [request.status for request in web.log.requests] == [200, 401, 403, 404]


def test_web_redirects(web: WebServer) -> None:
    file = web.add("a.avro", DATA)
    url = web.redirect("1", web.redirect("2", file.url, 307), 301)
    assert fetch(url)[2] == DATA
    assert [(request.path, request.status) for request in web.log.requests] == [
        ("/1", 301),
        ("/2", 307),
        ("/a.avro", 200),
    ]


def test_web_etags(web: WebServer) -> None:
    file = web.add("a b/ä.avro", DATA)
    old = file.etag
    assert fetch(file.url, {"If-Match": old})[0] == 200
    file.data = b"replaced"
    assert file.etag != old
    assert fetch(file.url, {"If-Match": old})[0] == 412
    assert web.add("weak", DATA, etag="weak").etag == f"W/{old}"
    assert "ETag" not in fetch(web.add("none", DATA, etag="none").url)[1]


def test_web_through_obstore(web: WebServer) -> None:
    web.add("a.avro", DATA)
    store = obstore.store.from_url(web.url, client_options={"allow_http": True})
    assert bytes(obstore.get_range(store, "a.avro", start=5, end=10)) == DATA[5:10]
    assert web.log.requests[0].range == (5, 9)


# --- Processes -------------------------------------------------------------------------------------------------------

HTTP_SERVER = "lambda port, directory: [sys.executable, '-m', 'http.server', '--bind', '127.0.0.1', str(port)]"


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_server_ends_with_its_directory() -> None:
    process = Process("http", lambda port, _: [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)])
    assert fetch(f"http://127.0.0.1:{process.port}/server.log")[0] == 200
    process.stop()
    assert not running(process.pid)
    assert not process.directory.exists()


def test_a_server_ends_when_pytest_is_killed() -> None:
    code = f"import sys, time; from stores.process import Process; p = Process('http', {HTTP_SERVER})"
    code += "; print(p.pid, p.directory, flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent
    ) as parent:
        assert parent.stdout is not None
        pid, directory = parent.stdout.readline().split()
        assert running(int(pid))
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while running(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not running(int(pid))
    for path in Path(directory).iterdir():  # nobody is left to remove it
        path.unlink()
    Path(directory).rmdir()


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(ServerError, match=r"broken ended with code 3:\nno disk"):
        Process("broken", lambda port, _: [sys.executable, "-c", "print('no disk'); exit(3)"])


def test_a_server_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("stores.process.SERVERS", tmp_path)
    with pytest.raises(ServerError, match="run scripts/setup_servers"):
        AzureServer()
