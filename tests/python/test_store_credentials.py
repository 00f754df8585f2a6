"""Credentials: who gives them, in which order, when they are asked for again, and what is pickled."""

from __future__ import annotations

import pickle
import threading
import time
from pathlib import Path
from typing import Any

import cloudpickle
import polars as pl
import pytest

from jetliner._stores import automatic, profiles
from jetliner._stores.access import Access, access
from jetliner._stores.automatic import is_anonymous, provider_for
from jetliner._stores.credentials import ProvidedCredentials
from jetliner._stores.options import split
from jetliner._stores.profiles import ProfileProvider
from jetliner._stores.region import region_of_bucket
from jetliner._stores.stores import Stores
from jetliner.exceptions import AuthenticationError
from store_tests import NOWHERE, clean_environment, url_of  # noqa: F401
from stores import faults
from stores.proxy import Proxy
from stores.web import WebServer

KEYS = {"aws_access_key_id": "id", "aws_secret_access_key": "secret"}


def access_to(
    text: str, options: dict[str, str] | None = None, provided: dict[str, str] | None = None, given: Any = "auto"
) -> Access:
    url = url_of(text)
    split_options = split(options, url.kind)
    return access(
        url,
        split_options,
        None if provided is None else split(provided, url.kind),
        anonymous=is_anonymous(url, split_options, given),
        use_profile=given == "auto",
    )


def provider_of(text: str, options: dict[str, str] | None = None, given: Any = "auto") -> Any:
    url = url_of(text)
    return provider_for(url, split(options, url.kind), given)


def write_profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "aws-credentials").write_text(
        "[default]\naws_access_key_id = default-id\naws_secret_access_key = default-secret\n"
        "[work]\naws_access_key_id = work-id\naws_secret_access_key = work-secret\naws_session_token = work-token\n"
    )
    (tmp_path / "aws-config").write_text(
        "[default]\nregion = eu-west-1\n"
        "[profile work]\nregion = eu-north-1\nendpoint_url = http://work:1\nservices = here\n"
        "[services here]\ns3 =\n  endpoint_url = http://work-s3:1\n"
        "[profile plain]\nendpoint_url = http://plain:1\n"
    )


# --- S3: endpoint and region -----------------------------------------------------------------------------------------


def test_options_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        monkeypatch.setenv(name, "http://environment:1")
    monkeypatch.setenv("AWS_REGION", "environment")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "environment")
    got = access_to("s3://bucket/a", {"endpoint": "http://given:1/", "region": "given", **KEYS})
    assert got.config["endpoint"] == got.config["aws_endpoint_url_s3"] == "http://given:1"
    assert got.config["region"] == "given"
    assert got.client_options["allow_http"] is True
    assert access_to("s3://bucket/a", {"endpoint": "x", "aws_default_region": "given"}).config["region"] == "given"


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"])
@pytest.mark.parametrize("region", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_environment(monkeypatch: pytest.MonkeyPatch, name: str, region: str) -> None:
    monkeypatch.setenv(name, "http://environment:1")
    monkeypatch.setenv(region, "environment")
    got = access_to("s3://bucket/a")
    assert (got.config["endpoint"], got.config["region"]) == ("http://environment:1", "environment")
    assert got.client_options["allow_http"] is True
    assert got.credential is None


@pytest.mark.parametrize(
    ("endpoint", "allow_http", "expected"),
    [("http://a:1", None, True), ("https://a:1", None, False), ("http://a:1", "false", False), ("a", "true", True)],
)
def test_http_without_tls(endpoint: str, allow_http: str | None, expected: bool) -> None:
    options = {"endpoint": endpoint, **({} if allow_http is None else {"allow_http": allow_http})}
    assert access_to("s3://bucket/a", options).client_options["allow_http"] is expected


def test_the_profile_comes_after_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_profiles(monkeypatch, tmp_path)
    got = access_to("s3://bucket/a", {"aws_profile": "work"})
    assert (got.config["endpoint"], got.config["region"]) == ("http://work-s3:1", "eu-north-1")
    monkeypatch.setenv("AWS_REGION", "environment")
    monkeypatch.setenv("AWS_PROFILE", "plain")
    got = access_to("s3://bucket/a")
    assert (got.config["endpoint"], got.config["region"]) == ("http://plain:1", "environment")
    # The profile is not looked at: credential_provider=None.
    assert "endpoint" not in access_to("s3://bucket/a", given=None).config
    monkeypatch.setenv("AWS_PROFILE", "no such profile")
    assert "endpoint" not in access_to("s3://bucket/a").config
    with pytest.raises(AuthenticationError, match="'unknown'"):
        access_to("s3://bucket/a", {"profile": "unknown"})


def test_the_region_of_a_bucket_is_asked_for(web: WebServer, proxy_to: Any) -> None:
    proxy: Proxy = proxy_to(web.port)
    for status in (200, 301, 403):
        proxy.clear()
        proxy.rule(faults.Status(status, {"x-amz-bucket-region": "eu-west-3", "Location": f"{NOWHERE}/"}))
        bucket = f"my.bucket-{status}"
        assert [region_of_bucket(bucket, proxy.url) for _ in range(2)] == ["eu-west-3", "eu-west-3"]
        (request,) = proxy.log.requests
        assert (request.method, request.target) == ("HEAD", f"/{bucket}")
        assert "authorization" not in request.headers
    proxy.clear()
    proxy.rule(faults.Status(404))
    assert region_of_bucket("bucket", proxy.url) == "us-east-1"
    assert region_of_bucket("bucket", NOWHERE) == "us-east-1"


def test_the_region_is_asked_for_only_where_nothing_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jetliner._stores.access.region_of_bucket", lambda bucket: f"of {bucket}")
    assert access_to("s3://bucket/a").config["region"] == "of bucket"
    assert access_to("s3://bucket/a", {"endpoint": "http://a:1"}).config["region"] == "us-east-1"
    assert access_to("s3://bucket/a", {"region": "x"}).config["region"] == "x"
    assert access_to("s3://bucket/a", provided={"region": "y"}).config["region"] == "y"


# --- S3: credentials -------------------------------------------------------------------------------------------------


def test_keys_in_options_are_used_without_a_session_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "environment")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environment")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "environment")
    got = access_to("s3://bucket/a", {"region": "x", **KEYS})
    expected = {"access_key_id": "id", "secret_access_key": "secret", "token": None, "expires_at": None}
    assert got.credential == expected
    got = access_to("s3://bucket/a", {"region": "x", **KEYS, "aws_session_token": "token"})
    assert got.credential == {**expected, "token": "token"}
    assert provider_of("s3://bucket/a", KEYS) is None


def test_a_key_without_its_secret() -> None:
    with pytest.raises(AuthenticationError, match="together"):
        access_to("s3://bucket/a", {"aws_access_key_id": "id", "region": "x"})


def test_a_provider_wins_over_keys_in_options() -> None:
    got = access_to("s3://bucket/a", {"region": "x", **KEYS}, {"aws_access_key_id": "p", "aws_secret_access_key": "q"})
    assert got.credential is not None
    assert got.credential["access_key_id"] == "p"
    assert got.config["region"] == "x"


@pytest.mark.parametrize(
    ("url", "variable"),
    [("s3://b/a", "AWS_SKIP_SIGNATURE"), ("gs://b/a", "GOOGLE_SKIP_SIGNATURE"), ("az://b/a", "AZURE_SKIP_SIGNATURE")],
)
def test_anonymous(monkeypatch: pytest.MonkeyPatch, url: str, variable: str) -> None:
    assert access_to(url, {"skip_signature": "true", "region": "x"}).config["skip_signature"] == "true"
    credential = access_to(url, {"skip_signature": "true", "region": "x", **KEYS}).credential
    assert credential == ({"token": "", "expires_at": None} if url.startswith("gs") else None)
    assert provider_of(url, {"skip_signature": "true"}) is None
    monkeypatch.setenv(variable, "true")
    assert access_to(url, {"region": "x"}).config["skip_signature"] == "true"
    assert access_to(url, {"region": "x", "skip_signature": "false"}).config["skip_signature"] == "false"
    assert access_to(url, {"region": "x"}, given=lambda: None).config["skip_signature"] == "false"
    keys = {"s3": KEYS, "gs": {"bearer_token": "x"}, "az": {"account_key": "x"}}[url[:2]]
    assert access_to(url, {"region": "x", **keys}).config["skip_signature"] == "false"


def test_which_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    def own() -> None:
        return None

    assert isinstance(provider_of("s3://b/a"), ProfileProvider)
    assert provider_of("s3://b/a", given=None) is None
    assert provider_of("s3://b/a", given=own) is own
    assert provider_of("s3://b/a", KEYS, given=own) is own
    assert provider_of("http://h/a") is None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    assert provider_of("s3://b/a") is None
    assert isinstance(provider_of("s3://b/a", {"profile": "work"}), ProfileProvider)
    for url, options in (
        ("gs://b/a", {"service_account": "x"}),
        ("gs://b/a", {"token": "x"}),
        ("az://b/a", {"account_key": "x"}),
        ("az://b/a", {"sas_token": "x"}),
        ("az://b/a", {"use_emulator": "true"}),
    ):
        assert provider_of(url, options) is None


def test_libraries_of_clouds_are_used_where_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(automatic, "_is_installed", lambda _: False)
    assert provider_of("gs://b/a") is None
    assert provider_of("az://b/a") is None
    monkeypatch.setattr(automatic, "_is_installed", lambda _: True)
    made: list[Any] = []
    monkeypatch.setattr(pl, "CredentialProviderGCP", lambda: made.append("gcp") or (lambda: None))
    monkeypatch.setattr(pl, "CredentialProviderAzure", lambda **options: made.append(options) or (lambda: None))
    assert callable(provider_of("gs://b/a"))
    assert callable(provider_of("az://b/a", {"account_name": "x", "tenant_id": "t"}))
    assert made == ["gcp", {"tenant_id": "t"}]


def test_the_default_provider_of_polars() -> None:
    def own() -> tuple[dict[str, str], None]:
        return {}, None

    try:
        pl.Config.set_default_credential_provider(own)
        assert provider_of("s3://b/a") is own
        assert provider_of("s3://b/a", KEYS) is None
        pl.Config.set_default_credential_provider(None)
        assert provider_of("s3://b/a") is None
    finally:
        pl.Config.set_default_credential_provider("auto")


def test_profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert ProfileProvider(None)() is None  # there is nothing
    write_profiles(monkeypatch, tmp_path)
    options = {
        "aws_access_key_id": "work-id",
        "aws_secret_access_key": "work-secret",
        "aws_session_token": "work-token",
    }
    assert ProfileProvider("work")() == (options, None)
    default = ProfileProvider(None)()
    assert default is not None
    assert default[0]["aws_access_key_id"] == "default-id"
    monkeypatch.setenv("AWS_PROFILE", "work")
    assert ProfileProvider(None)() == (options, None)
    with pytest.raises(AuthenticationError, match="unknown"):
        ProfileProvider("unknown")()


def test_profiles_without_boto3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_profiles(monkeypatch, tmp_path)
    monkeypatch.setattr(profiles, "has_boto3", lambda: False)
    assert ProfileProvider(None)() is None
    assert profiles.profile_settings(None) == {}
    with pytest.raises(AuthenticationError, match="pip install boto3"):
        ProfileProvider("work")()


def test_the_provider_of_polars_for_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    provided = ProvidedCredentials(pl.CredentialProviderAWS(), "s3", "s3://b")
    assert provided.current().options is None  # no credentials: obstore looks for some
    write_profiles(monkeypatch, tmp_path)
    provided = ProvidedCredentials(pl.CredentialProviderAWS(profile_name="work"), "s3", "s3://b")
    options = provided.current().options
    assert options is not None
    assert options.store["access_key_id"] == "work-id"
    assert options.store["session_token"] == "work-token"
    assert options.store["endpoint"] == "http://work:1"


# --- GCS, Azure ------------------------------------------------------------------------------------------------------


def test_gcs() -> None:
    got = access_to("gs://b/a", {"google_base_url": "http://h:1", "token": "t", "google_user_project": "p"})
    assert got.config["base_url"] == "http://h:1"
    assert got.client_options["allow_http"] is True
    assert got.client_options["default_headers"] == {"x-goog-user-project": "p"}
    assert got.credential == {"token": "t", "expires_at": None}
    got = access_to("gs://b/a", {}, {"bearer_token": "q"})
    assert got.credential == {"token": "q", "expires_at": None}


def test_azure() -> None:
    got = access_to("az://c/a", {"account_name": "n", "account_key": "k", "azure_endpoint": "http://h:1/n/"})
    assert (got.config["account_name"], got.config["endpoint"]) == ("n", "http://h:1/n")
    assert got.credential == {"access_key": "k", "expires_at": None}
    got = access_to("abfss://c@acc.dfs.core.windows.net/a", {"sas_token": "?sv=1&sig=x"})
    assert got.config["account_name"] == "acc"
    assert "endpoint" not in got.config
    assert got.credential == {"sas_token": "sv=1&sig=x", "expires_at": None}
    got = access_to("abfss://c@acc.dfs.core.chinacloudapi.cn/a", {}, {"bearer_token": "t"})
    assert got.config["endpoint"] == "https://acc.blob.core.chinacloudapi.cn"
    assert got.credential == {"token": "t", "expires_at": None}
    got = access_to("abfss://c@one.dfs.fabric.microsoft.com/a")
    assert got.config["use_fabric_endpoint"] == "true"


def test_headers_of_all_requests() -> None:
    got = access_to("s3://b/a", {"header.X-A": "1", "region": "x", "request_payer": "requester"})
    assert got.client_options["default_headers"] == {"x-a": "1"}
    assert got.config["request_payer"] == "true"


# --- Providers -------------------------------------------------------------------------------------------------------


class Provider:
    """Gives the numbers of its calls as keys."""

    def __init__(self, expires_s: float | None = None) -> None:
        self.calls = 0
        self.expires_s = expires_s

    def __call__(self) -> tuple[dict[str, str], int | None]:
        self.calls += 1
        expires_at = None if self.expires_s is None else int(time.time() + self.expires_s)
        return {"aws_access_key_id": str(self.calls), "aws_secret_access_key": "hidden"}, expires_at


def key_of(provided: ProvidedCredentials) -> str:
    options = provided.current().options
    assert options is not None
    return options.store["access_key_id"]


def test_credentials_are_kept_until_they_expire() -> None:
    for expires_s, calls in ((None, 1), (1000, 1), (-1, 3)):
        provider = Provider(expires_s)
        provided = ProvidedCredentials(provider, "s3", "s3://b")
        assert [key_of(provided) for _ in range(3)][-1] == str(calls)
        assert provider.calls == calls


def test_refused_credentials_are_asked_for_once_more_for_all_threads() -> None:
    provider = Provider()
    provided = ProvidedCredentials(provider, "s3", "s3://b")
    refused = provided.current()
    newer = [provided.newer(refused) for _ in range(5)]
    assert provider.calls == 2
    assert all(one is newer[0] and one is not None for one in newer)
    assert key_of(provided) == "2"


def test_the_same_credentials_again_are_none() -> None:
    provided = ProvidedCredentials(lambda: ({**KEYS}, None), "s3", "s3://b")
    assert provided.newer(provided.current()) is None


def test_credentials_that_polars_keeps_are_forgotten() -> None:
    calls = []

    class Caching(pl.CredentialProviderAWS):
        def retrieve_credentials_impl(self) -> tuple[dict[str, str], int | None]:
            calls.append(1)
            return {"aws_access_key_id": str(len(calls)), "aws_secret_access_key": "hidden"}, None

    provided = ProvidedCredentials(Caching(), "s3", "s3://b")
    assert key_of(provided) == "1"
    assert provided.newer(provided.current()) is not None
    assert key_of(provided) == "2"


def test_one_thread_asks() -> None:
    def slow() -> tuple[dict[str, str], None]:
        calls.append(threading.current_thread())
        time.sleep(0.05)
        return {**KEYS}, None

    calls: list[threading.Thread] = []
    provided = ProvidedCredentials(slow, "s3", "s3://b")
    threads = [threading.Thread(target=provided.current) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "hidden",
        {},
        ({},),
        ({"a": 1}, None),
        ({1: "hidden"}, None),
        ({"a": "hidden"}, "soon"),
        ({"allow_http": "hidden"}, None),
    ],
)
def test_answers_that_are_not_valid(answer: object) -> None:
    provided = ProvidedCredentials(lambda: answer, "s3", "s3://b")
    with pytest.raises(AuthenticationError) as raised:
        provided.current()
    assert "hidden" not in str(raised.value)


def test_an_exception_of_the_provider_is_the_cause() -> None:
    def failing() -> None:
        msg = "no network, password hidden"
        raise OSError(msg)

    with pytest.raises(AuthenticationError, match="provider failed: OSError") as raised:
        ProvidedCredentials(failing, "s3", "s3://b").current()
    assert isinstance(raised.value.__cause__, OSError)
    assert "hidden" not in str(raised.value)
    assert raised.value.path == "s3://b"


@pytest.mark.parametrize("provider", ["aws", 1, {}, b"auto"])
def test_types(provider: object) -> None:
    with pytest.raises(TypeError, match="credential_provider must be"):
        Stores(None, provider)  # type: ignore[arg-type]


def test_pickles_have_what_was_passed_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-environment")
    options = {"endpoint": NOWHERE, "region": "x"}
    stores = Stores(options, Provider())
    store = stores.of(url_of("s3://bucket/a"))
    with pytest.raises(Exception, match="no connection"):
        store.fetch("a", 0, 10, None)
    pickled = cloudpickle.dumps(stores)
    assert b"hidden" not in pickled
    copy: Any = pickle.loads(pickled)
    assert copy._storage_options == options
    assert isinstance(copy._credential_provider, Provider)
    assert copy._stores == {}
    assert pickle.loads(pickle.dumps(Stores()))._credential_provider == "auto"


def test_reprs_have_no_secrets() -> None:
    provided = ProvidedCredentials(Provider(), "s3", "s3://b")
    got = access_to("s3://b/a", {"region": "x", "aws_access_key_id": "hidden", "aws_secret_access_key": "hidden"})
    for thing in (provided.current(), provided, got):
        assert "hidden" not in repr(thing)
