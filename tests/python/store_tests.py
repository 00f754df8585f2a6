"""What the tests of `jetliner._stores` have in common."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import fastavro
import polars as pl
import pytest

from jetliner._stores.client import Fetched
from jetliner._stores.store import Store
from jetliner._stores.stores import Stores
from jetliner._stores.urls import StoreUrl, parse_url
from stores import faults

#: Nobody answers there. Metadata of real instances are never asked for.
NOWHERE = "http://127.0.0.1:1"
#: Faults that may be gone the next time.
PASSING = [
    faults.Status(408),
    faults.Status(500),
    faults.Status(502),
    faults.Status(504),
    faults.Refuse(),
    faults.Reset(0),
    faults.Reset(500),
    faults.Cut(0),
    faults.Cut(999),
    faults.Stall(None, -1),
    faults.Stall(None, 500),
]
#: A query that fails while it runs raises this in Polars 1.x. The text is that of our error.
OF_POLARS: tuple[type[Exception], ...] = (pl.exceptions.ComputeError,) if pl.__version__.startswith("1.") else ()
CLOUD_VARIABLES = ("AWS_", "AZURE_", "GOOGLE_", "GCE_")
#: Of a row of `payload_file`.
PAYLOAD_BYTES = 4000


def payload_file(rows: int) -> bytes:
    """Return a file of few values and many bytes, without a codec: "id" counts from 0, "payload" has zeros."""
    fields = [{"name": "id", "type": "long"}, {"name": "payload", "type": "bytes"}]
    schema = {"type": "record", "name": "Payload", "fields": fields}
    file = BytesIO()
    records = ({"id": number, "payload": bytes(PAYLOAD_BYTES)} for number in range(rows))
    fastavro.writer(file, schema, records, sync_interval=64_000)
    return file.getvalue()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No credentials, profiles, proxies or instances of this machine."""
    for name in list(os.environ):
        if name.startswith(CLOUD_VARIABLES) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", NOWHERE)
    monkeypatch.setenv("AZURE_MSI_ENDPOINT", NOWHERE)
    monkeypatch.setenv("GCE_METADATA_HOST", "127.0.0.1:1")
    monkeypatch.setenv("GCE_METADATA_ROOT", "127.0.0.1:1")
    monkeypatch.setenv("GCE_METADATA_IP", "127.0.0.1:1")


def url_of(text: str) -> StoreUrl:
    url = parse_url(text)
    assert url is not None
    return url


def store_of(text: str, options: dict[str, str] | None = None, provider: object = "auto") -> tuple[Store, str]:
    """The store of a URL, and the key."""
    url = url_of(text)
    return Stores(options, provider).of(url), url.key  # type: ignore[arg-type]


def fetch(
    text: str,
    options: dict[str, str] | None = None,
    offset: int = 0,
    size_bytes: int = 1000,
    version: str | None = None,
    provider: object = "auto",
) -> Fetched:
    store, key = store_of(text, options, provider)
    return store.fetch(key, offset, size_bytes, version)


def everything(piece: object, before_bytes: int) -> bool:
    """Want the whole of a download."""
    return True
