"""`storage_options`: who gets which key, other names of keys, values that are not valid, keys that are not known."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import obstore.exceptions
import obstore.store
import pytest

from jetliner._stores.known_keys import CLIENT_KEYS, KEYS
from jetliner._stores.options import seconds, split
from jetliner._stores.retries import RETRY_KEYS, RetryPolicy
from jetliner._stores.stores import Stores
from jetliner._stores.urls import Kind
from jetliner.exceptions import ConfigurationError
from store_tests import clean_environment, url_of  # noqa: F401


def test_no_options() -> None:
    options = split(None, "s3")
    assert options.store == {}
    assert options.retries == RetryPolicy()
    assert options.retries.max_retries == 2
    assert options.client.allow_http is None


@pytest.mark.parametrize(
    ("kind", "given", "short"),
    [
        ("s3", "aws_access_key_id", "access_key_id"),
        ("s3", "ACCESS_KEY_ID", "access_key_id"),
        ("s3", "aws_endpoint_url", "endpoint"),
        ("s3", "endpoint_url", "endpoint"),
        ("s3", "endpoint", "endpoint"),
        ("s3", "AWS_ENDPOINT", "endpoint"),
        ("s3", "aws_token", "session_token"),
        ("s3", "region", "region"),
        ("s3", "aws_default_region", "default_region"),
        ("gs", "google_service_account_path", "service_account"),
        ("gs", "token", "bearer_token"),
        ("gs", "endpoint", "base_url"),
        ("azure", "azure_storage_access_key", "account_key"),
        ("azure", "azure_storage_sas_token", "sas_key"),
        ("azure", "sas_key", "sas_key"),
        ("azure", "azure_storage_authority_id", "tenant_id"),
        ("azure", "bearer_token", "token"),
        ("http", "token", "bearer_token"),
    ],
)
def test_names_of_keys(kind: Kind, given: str, short: str) -> None:
    options = split({given: "value"}, kind)
    assert options.store == {short: "value"}
    assert options.unknown == ()


def test_keys_go_to_the_part_that_uses_them() -> None:
    options = split(
        {
            "aws_access_key_id": "id",
            "aws_skip_signature": "TRUE",
            "request_payer": "requester",
            "allow_http": "true",
            "connect_timeout": "500ms",
            "read_timeout": "1m 30s",
            "timeout": "7",
            "proxy_url": "http://proxy",
            "max_retries": "5",
            "retry_init_backoff_ms": "20",
            "aws_profile": "work",
            "header.X-Api-Key": "abc",
        },
        "s3",
    )
    assert options.store == {"access_key_id": "id", "skip_signature": "true", "request_payer": "true"}
    assert options.client.allow_http is True
    assert (options.client.connect_s, options.client.read_s, options.client.total_s) == (0.5, 90.0, 7.0)
    assert options.client.others == {"proxy_url": "http://proxy"}
    assert options.retries == RetryPolicy(max_retries=5, first_s=0.02)
    assert options.profile == "work"
    assert options.headers == {"x-api-key": "abc"}


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("many", 2), ("-1", 2), ("1.5", 2), ("", 2)])
def test_max_retries(text: str, number: int) -> None:
    assert split({"max_retries": text}, "s3").retries.max_retries == number


def test_keys_that_mean_nothing_are_warned_of_once_without_values() -> None:
    stores = Stores({"acces_key_id": "secret", "key": "secret", "bogus": "secret"})
    with pytest.warns(UserWarning, match="not known") as warned:
        assert [stores.of(url_of(f"s3://{bucket}/a")).root for bucket in "ab"] == ["s3://a", "s3://b"]
    (text,) = [str(warning.message) for warning in warned]
    assert "'acces_key_id' (is 'access_key_id' meant?)" in text
    assert "'key' (is 'aws_access_key_id' meant?)" in text
    assert "'bogus'" in text
    assert "secret" not in text
    assert warned[0].filename == __file__


#: Keys that Polars takes for any cloud.
KEYS_OF_POLARS = [
    *("allow_http", "allow_invalid_certificates", "connect_timeout", "default_content_type", "http1_only"),
    *("http2_only", "http2_keep_alive_interval", "http2_keep_alive_timeout", "http2_keep_alive_while_idle"),
    *("http2_max_frame_size", "pool_idle_timeout", "pool_max_idle_per_host", "proxy_url", "proxy_ca_certificate"),
    *("proxy_excludes", "timeout", "user_agent", "file_cache_ttl", "max_retries", "retry_timeout_ms"),
    *("rate_read_init", "rate_read_floor", "rate_read_ceiling", "rate_write_init", "rate_write_floor"),
    *("rate_write_ceiling", "azure_use_azure_cli", "use_azure_cli", "aws_request_payer", "request_payer"),
    *("google_bucket", "google_bucket_name", "bucket", "bucket_name"),
]


@pytest.mark.parametrize("kind", KEYS)
def test_keys_of_polars_and_of_other_clouds_are_known(kind: Kind) -> None:
    for key in (*KEYS_OF_POLARS, *RETRY_KEYS, "azure_storage_account_name", "google_token", "region"):
        value = "true" if key.startswith("allow") else "1"
        assert split({key: value}, kind).unknown == (), key


STORES: dict[str, Any] = {
    "s3": obstore.store.S3Store,
    "gs": obstore.store.GCSStore,
    "azure": obstore.store.AzureStore,
}
#: Keys that obstore gets under another name, or as a header.
TRANSLATED = {"endpoint_url_s3", "user_project"}


@pytest.mark.parametrize(("kind", "key"), [(kind, key) for kind in STORES for key in sorted(KEYS[kind] - TRANSLATED)])
def test_obstore_knows_the_keys(kind: Kind, key: str) -> None:
    with contextlib.suppress(obstore.exceptions.GenericError):  # the value is not valid
        STORES[kind]("bucket", config={key: "true"})


@pytest.mark.parametrize("key", sorted(CLIENT_KEYS - {"root_certificate"}))
def test_obstore_knows_the_keys_of_clients(key: str) -> None:
    with contextlib.suppress(obstore.exceptions.GenericError):
        obstore.store.HTTPStore("http://host", client_options={key: "1s"})  # type: ignore[misc]


@pytest.mark.parametrize(
    "options",
    [
        {"allow_http": "maybe-secret"},
        {"skip_signature": "maybe-secret"},
        {"connect_timeout": "soon-secret"},
        {"read_timeout": "0"},
        {"timeout": "-5s"},
        {"header.X": "a\r\nsecret: b"},
        {"header.": "secret"},
    ],
)
def test_values_that_are_not_valid(options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as raised:
        split(options, "s3")
    assert next(iter(options)) in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5.0), ("5s", 5.0), ("1 min", 60.0), ("1h 1ms", 3600.001), ("0.5s", 0.5)]
)
def test_times(text: str, number: float) -> None:
    assert seconds("timeout", text) == pytest.approx(number)


def test_the_repr_shows_names_only() -> None:
    options = split({"aws_secret_access_key": "hidden", "header.cookie": "hidden"}, "s3")
    assert "hidden" not in repr(options)
    assert "secret_access_key" in repr(options)
    stores = Stores({"aws_secret_access_key": "hidden", "header.cookie": "hidden"})
    store = stores.of(url_of("s3://bucket/a"))
    for shown in (repr(stores), repr(store)):
        assert "hidden" not in shown
        assert "s3://bucket" in shown
        assert "secret_access_key" in shown


@pytest.mark.parametrize("options", [["a"], {"a": 1}, {1: "a"}, {"a": None}])
def test_types(options: object) -> None:
    with pytest.raises(TypeError, match="storage_options"):
        Stores(options)  # type: ignore[arg-type]


def test_waits_grow_and_end() -> None:
    policy = RetryPolicy(max_retries=9, first_s=0.1, most_s=1.0, base=2.0)
    waits = [policy.wait_s(retry) for retry in range(9)]
    assert 0.1 <= waits[0] <= 0.12
    assert 0.4 <= waits[2] <= 0.48
    assert 1.0 <= waits[8] <= 1.2
    assert policy.wait_s(0, 5.0) >= 5.0


def test_known_keys_do_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Stores({"endpoint": "http://127.0.0.1:1", "rate_read_init": "1"}).of(url_of("s3://bucket/a"))
