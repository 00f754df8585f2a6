"""URLs of objects: kind, root, key, and what is shown of them."""

from __future__ import annotations

import pytest

from jetliner._stores.urls import parse_url
from jetliner.exceptions import SourceError
from store_tests import url_of


@pytest.mark.parametrize(
    ("text", "kind", "root", "key"),
    [
        ("s3://bucket/a/b.avro", "s3", "s3://bucket", "a/b.avro"),
        ("s3a://bucket/a", "s3", "s3a://bucket", "a"),
        ("gs://bucket/a", "gs", "gs://bucket", "a"),
        ("gcs://bucket/a", "gs", "gcs://bucket", "a"),
        ("az://container/a", "azure", "az://container", "a"),
        ("azure://container/a", "azure", "azure://container", "a"),
        ("adl://container/a", "azure", "adl://container", "a"),
        ("abfs://container/a", "azure", "abfs://container", "a"),
        (
            "abfss://container@account.dfs.core.windows.net/a",
            "azure",
            "abfss://container@account.dfs.core.windows.net",
            "a",
        ),
        ("http://host:81/a", "http", "http://host:81", "a"),
        ("https://[::1]/a", "http", "https://[::1]", "a"),
        ("S3://bucket/a", "s3", "S3://bucket", "a"),
    ],
)
def test_schemes(text: str, kind: str, root: str, key: str) -> None:
    url = url_of(text)
    assert (url.kind, url.root, url.key, url.text, url.shown) == (kind, root, key, text, text)
    assert url.of_key(url.key) == text


@pytest.mark.parametrize("text", ["a/b.avro", "/a", "file:///a", "FILE://a", "a:b", "a?b://c", "", "://x", "1x://y"])
def test_local_paths_are_no_urls(text: str) -> None:
    assert parse_url(text) is None


def test_keys_of_stores_are_not_decoded() -> None:
    key = "a b/%20+#|[?]é=e\u0301*{}.avro"
    for scheme in ("s3", "gs", "az"):
        url = url_of(f"{scheme}://bucket/{key}")
        assert url.key == key
        assert url.query == ""


def test_account_in_the_url() -> None:
    url = url_of("abfss://data@account.dfs.core.windows.net/a")
    assert url.container == "data"
    assert url.azure_host == ("account", "dfs", "core.windows.net")
    assert url_of("az://data/a").azure_host is None
    assert url_of("s3://data/a").container == "data"


def test_the_query_of_http_is_kept_exactly() -> None:
    query = "?X-Amz-Credential=a%2Fb&sig=A+b%2B/=&x=*[1]{a,b}|\"'"
    url = url_of(f"https://host/a%20b/c%2Fd{query}#fragment")
    assert url.key == f"a%20b/c%2Fd{query}"
    assert url.query == query
    assert url.shown == "https://host/a%20b/c%2Fd"


def test_http_encodes_only_what_cannot_be_sent() -> None:
    assert url_of("http://host/a b/é?x=y z").key == "a%20b/%C3%A9?x=y%20z"
    assert url_of("http://host").key == ""
    assert url_of("http://host?a=b").key == "?a=b"


def test_secrets_are_not_shown() -> None:
    url = url_of("https://user:secret1@host/a?sig=secret2")
    assert url.user == "user:secret1"
    for text in (repr(url), str(url), url.shown, url.root):
        assert "secret" not in text
    azure = url_of("abfss://data:secret@account.dfs.core.windows.net/a")
    assert "secret" not in azure.root + azure.shown + repr(azure)
    assert azure.container == "data"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("s3://", "no bucket"),
        ("s3:///key", "no bucket"),
        ("s3://bucket", "no key"),
        ("gs://bucket/", "no key"),
        ("az:///key", "no container"),
        ("abfss://@account.dfs.core.windows.net/key", "no container"),
        ("abfss://data@elsewhere/key", "storage account"),
        ("http://", "no host"),
        ("http:///path", "no host"),
        ("http://:80/path", "no host"),
        ("s3://id:secret@bucket/key", "storage_options"),
        (" s3://bucket/key", "blank"),
    ],
)
def test_parts_that_are_missing(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as raised:
        parse_url(text)
    assert "secret" not in repr(raised.value)
    assert raised.value.path is not None


def test_unknown_scheme() -> None:
    with pytest.raises(SourceError) as raised:
        parse_url("hdfs://user:secret@host/a?secret")
    text = str(raised.value)
    assert "hdfs://" in text
    assert "s3://" in text
    assert "https://" in text
    assert "fsspec" in text
    assert "secret" not in text
