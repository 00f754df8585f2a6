"""What the buckets of all stores have in common: a place for the objects of one test."""

from __future__ import annotations

import http.client
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from obstore.store import ObjectStore, from_url

from stores.process import Process, ServerError
from stores.proxy import Proxy


class Bucket(ABC):
    """A bucket, or a container of Azure. It is empty at first.

    Methods that take a `proxy` give what reads through it.
    """

    scheme: ClassVar[str]

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.port = port

    @abstractmethod
    def put(self, key: str, data: bytes) -> str:
        """Write an object, and give its URL. The key may have any characters."""

    @abstractmethod
    def delete(self, key: str) -> None: ...

    @abstractmethod
    def keys(self) -> list[str]:
        """Keys of all objects, as the server lists them."""

    @abstractmethod
    def options(self, proxy: Proxy | None = None, **changes: str) -> dict[str, str]:
        """``storage_options`` for this bucket. `changes` replace single ones."""

    def url(self, key: str = "") -> str:
        """URL for jetliner. The key stands in it as it is, without percent encoding."""
        return f"{self.scheme}://{self.name}/{key}"

    def store(
        self, proxy: Proxy | None = None, *, retries: int = 0, options: Mapping[str, str] | None = None
    ) -> ObjectStore:
        """Obstore's view of the bucket, with its own options or these."""
        config: Any = dict(self.options(proxy) if options is None else options)
        config.pop("allow_http", None)
        settings: Any = {"client_options": {"allow_http": True}, "retry_config": {"max_retries": retries}}
        return from_url(self.url(), config=config, **settings)

    def _endpoint(self, proxy: Proxy | None) -> str:
        return f"http://127.0.0.1:{proxy.port if proxy else self.port}"


class SignedBucket(Bucket):
    """A bucket of a server that checks signatures."""

    @abstractmethod
    def wrong_secret(self, proxy: Proxy | None = None) -> dict[str, str]:
        """``storage_options`` that the server refuses with 403."""


class BucketServer:
    """A server of buckets."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.port = process.port
        self._buckets = 0

    def new_name(self) -> str:
        self._buckets += 1
        return f"bucket-{self._buckets}"

    def stop(self) -> None:
        self.process.stop()


def encoded(key: str, safe: str = "/") -> str:
    """Percent encoding of a key, as clients of stores do it."""
    return quote(key, safe=safe + "~")


def send(port: int, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Send a request to a server of this machine, and give the body of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, target, body, dict(headers or {}))
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status >= 300:
        raise ServerError(f"{method} {target}: {response.status} {content.decode(errors='replace')[:1000]}")
    return content
