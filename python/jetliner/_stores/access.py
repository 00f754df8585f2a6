"""How obstore gets at a store: by storage_options, environment, provider and profile, in this order."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jetliner._stores.options import StoreOptions
from jetliner._stores.profiles import profile_settings
from jetliner._stores.region import DEFAULT_REGION, region_of_bucket
from jetliner._stores.urls import StoreUrl
from jetliner.exceptions import AuthenticationError

#: Requests without a limit of time. They end if no bytes come (`read_s`).
_NO_LIMIT_S = 24 * 3600.0
_S3_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_S3_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_AZURE_ENDPOINTS = ("AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
_FABRIC = "fabric.microsoft.com"


class Access(NamedTuple):
    """The arguments of a store of obstore. They hold secrets.

    Attributes
    ----------
    config
        The configuration, by obstore's names.
    client_options
        The options of the HTTP client.
    credential
        Credentials as obstore's callables return them; None if obstore looks for them, or needs none.
    """

    config: dict[str, str]
    client_options: dict[str, Any]
    credential: dict[str, Any] | None

    def __repr__(self) -> str:
        return "Access(...)"

    @property
    def credential_provider(self) -> Callable[[], dict[str, Any]] | None:
        """The credentials as a callable. obstore prefers it to the environment, of which no session token is added."""
        credential = self.credential
        return None if credential is None else lambda: credential


def access(
    url: StoreUrl, options: StoreOptions, provided: StoreOptions | None, *, anonymous: bool, use_profile: bool
) -> Access:
    """Return the access to a store.

    Parameters
    ----------
    url
        A URL in the store.
    options
        The options of the caller.
    provided
        The options that the credential provider gave.
    anonymous
        Requests are not signed.
    use_profile
        Region and endpoint may come from the AWS profile.

    Raises
    ------
    AuthenticationError
        Credentials are given in part, or the profile does not exist.
    """
    of_provider: Mapping[str, str] = {} if provided is None or anonymous else provided.store
    config = {**of_provider, **options.store, "skip_signature": str(anonymous).lower()}
    headers = dict(options.headers)
    credential = None
    if url.kind == "s3":
        endpoint = _s3(url, options, of_provider, config, use_profile=use_profile)
        credential = _s3_credential(of_provider) or _s3_credential(options.store)
    elif url.kind == "gs":
        endpoint = config.get("base_url") or os.environ.get("GOOGLE_BASE_URL")
        if (project := config.pop("user_project", None)) is not None:
            headers["x-goog-user-project"] = project
        credential = _bearer(of_provider, "bearer_token") or _bearer(options.store, "bearer_token")
        if anonymous:
            # Not sent. Without it, obstore reads the file that GOOGLE_APPLICATION_CREDENTIALS names, and may fail.
            credential = {"token": "", "expires_at": None}
    else:
        endpoint = _azure(url, config)
        if "credential_type" not in config and config.get("use_emulator") != "true":
            credential = _azure_credential(of_provider) or _azure_credential(options.store)
    if anonymous and url.kind != "gs":
        credential = None
    return Access(config, _client_options(options, headers, endpoint), credential)


def _s3(
    url: StoreUrl, options: StoreOptions, of_provider: Mapping[str, str], config: dict[str, str], *, use_profile: bool
) -> str | None:
    """Set endpoint and region of S3. Returns the endpoint."""
    given = options.store
    endpoint = given.get("endpoint_url_s3") or given.get("endpoint") or _environment(_S3_ENDPOINTS)
    region = given.get("region") or given.get("default_region") or _environment(_S3_REGIONS)
    profile: Mapping[str, str] = {}
    if (endpoint is None or region is None) and (options.profile is not None or (use_profile and _has_aws_files())):
        profile = profile_settings(options.profile)
    endpoint = endpoint or profile.get("endpoint") or of_provider.get("endpoint")
    region = region or profile.get("region") or of_provider.get("region")
    if region is None:
        region = DEFAULT_REGION if endpoint or config.get("s3_express") == "true" else region_of_bucket(url.container)
    config.pop("default_region", None)
    config.pop("endpoint_url_s3", None)
    config["region"] = region
    if endpoint:
        # obstore prefers the second one, which may stand in the environment.
        config["endpoint"] = config["aws_endpoint_url_s3"] = endpoint = endpoint.rstrip("/")
    return endpoint


def _has_aws_files() -> bool:
    """Tell whether there is a file with profiles: without one, boto3 need not be imported (0.3 s)."""
    home = Path("~/.aws").expanduser()
    files = (
        os.environ.get("AWS_CONFIG_FILE") or home / "config",
        os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or home / "credentials",
    )
    return any(Path(file).expanduser().exists() for file in files)


def _azure(url: StoreUrl, config: dict[str, str]) -> str | None:
    """Set account and endpoint of Azure. Returns the endpoint."""
    endpoint = config.get("endpoint") or _environment(_AZURE_ENDPOINTS)
    if (host := url.azure_host) is not None:
        config["account_name"] = host.account
        if host.domain == _FABRIC:
            config.setdefault("use_fabric_endpoint", "true")
        elif host.domain != "core.windows.net" and endpoint is None:
            endpoint = f"https://{host.account}.blob.{host.domain}"
    if endpoint:
        config["endpoint"] = endpoint = endpoint.rstrip("/")
    if "sas_key" in config:
        config["sas_key"] = config["sas_key"].removeprefix("?")
    return endpoint


def _client_options(options: StoreOptions, headers: dict[str, str], endpoint: str | None) -> dict[str, Any]:
    client = options.client
    allow_http = client.allow_http
    if allow_http is None:
        allow_http = endpoint is not None and endpoint.lower().startswith("http://")
    arguments: dict[str, Any] = {
        **client.others,
        "allow_http": allow_http or options.store.get("use_emulator") == "true",
        "connect_timeout": _duration(client.connect_s),
        "read_timeout": _duration(client.read_s),
        "timeout": _duration(client.total_s or _NO_LIMIT_S),
    }
    if headers:
        arguments["default_headers"] = headers
    return arguments


def _duration(seconds: float) -> str:
    return f"{max(1, round(seconds * 1000))}ms"


def _environment(names: tuple[str, ...]) -> str | None:
    return next((value for name in names if (value := os.environ.get(name))), None)


def _s3_credential(options: Mapping[str, str]) -> dict[str, Any] | None:
    key, secret = options.get("access_key_id"), options.get("secret_access_key")
    if key is None and secret is None:
        return None
    if not key or not secret:
        msg = "aws_access_key_id and aws_secret_access_key must be given together"
        raise AuthenticationError(msg)
    return {
        "access_key_id": key,
        "secret_access_key": secret,
        "token": options.get("session_token") or None,
        "expires_at": None,
    }


def _bearer(options: Mapping[str, str], name: str) -> dict[str, Any] | None:
    return {"token": options[name], "expires_at": None} if options.get(name) else None


def _azure_credential(options: Mapping[str, str]) -> dict[str, Any] | None:
    if (bearer := _bearer(options, "token")) is not None:
        return bearer
    if options.get("account_key"):
        return {"access_key": options["account_key"], "expires_at": None}
    if options.get("sas_key"):
        return {"sas_token": options["sas_key"].removeprefix("?"), "expires_at": None}
    return None
