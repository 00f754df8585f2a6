"""Fixtures of stores. ``conftest.py`` imports them, so that all tests have them.

Servers start when the first test of a worker needs them, and stay until its last test. Buckets, files of the HTTP
server, and proxies belong to one test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from stores.azure import AzureBucket, AzureServer
from stores.gcs import GcsBucket, GcsServer
from stores.proxy import Proxy
from stores.s3 import S3Bucket, S3Server
from stores.web import WebServer

ProxyTo = Callable[[int], Proxy]


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def azure_server() -> Iterator[AzureServer]:
    server = AzureServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def gcs_server() -> Iterator[GcsServer]:
    server = GcsServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def web_server() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.stop()


@pytest.fixture
def s3(s3_server: S3Server) -> S3Bucket:
    """An empty bucket of S3."""
    return s3_server.bucket()


@pytest.fixture
def azure(azure_server: AzureServer) -> AzureBucket:
    """An empty container of Azure."""
    return azure_server.bucket()


@pytest.fixture
def gcs(gcs_server: GcsServer) -> GcsBucket:
    """An empty bucket of Google Cloud Storage."""
    return gcs_server.bucket()


@pytest.fixture
def web(web_server: WebServer) -> Iterator[WebServer]:
    """The HTTP server, without files."""
    web_server.clear()
    yield web_server
    web_server.clear()


@pytest.fixture
def proxy_to() -> Iterator[ProxyTo]:
    """Put a proxy in front of the server at a port: ``proxy = proxy_to(s3.port)``."""
    proxies: list[Proxy] = []

    def start(port: int) -> Proxy:
        proxies.append(Proxy(port))
        return proxies[-1]

    yield start
    for proxy in proxies:
        proxy.stop()
