"""`credential_provider="auto"`: which provider a store gets, as in `pl.scan_parquet`."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from typing import Any

import polars as pl

from jetliner._stores.credentials import CredentialProviderArgument
from jetliner._stores.options import StoreOptions
from jetliner._stores.profiles import ProfileProvider
from jetliner._stores.urls import StoreUrl

Provider = Callable[[], Any]

#: Options, or variables of the environment, that are credentials or say where these are. obstore takes them itself.
_GIVEN: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "s3": (
        frozenset({"access_key_id", "secret_access_key", "session_token", "web_identity_token_file"}),
        ("AWS_ACCESS_KEY_ID",),
    ),
    "gs": (
        frozenset({"application_credentials", "bearer_token", "service_account", "service_account_key"}),
        ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH", "GOOGLE_SERVICE_ACCOUNT_KEY", "GOOGLE_BEARER_TOKEN"),
    ),
    "azure": (
        frozenset({"account_key", "client_secret", "credential_type", "federated_token_file", "sas_key", "token"})
        | {"use_azure_cli", "use_emulator", "msi_endpoint", "fabric_session_token"},
        (
            "AZURE_STORAGE_ACCOUNT_KEY",
            "AZURE_STORAGE_ACCESS_KEY",
            "AZURE_STORAGE_MASTER_KEY",
            "AZURE_STORAGE_SAS_KEY",
            "AZURE_STORAGE_SAS_TOKEN",
            "AZURE_STORAGE_TOKEN",
            "AZURE_STORAGE_CLIENT_SECRET",
        ),
    ),
}
_SKIP_SIGNATURE = {"s3": "AWS_SKIP_SIGNATURE", "gs": "GOOGLE_SKIP_SIGNATURE", "azure": "AZURE_SKIP_SIGNATURE"}


def provider_for(url: StoreUrl, options: StoreOptions, given: CredentialProviderArgument) -> Provider | None:
    """Return the provider of a store; None if the options or the environment have what is needed, or obstore looks.

    Parameters
    ----------
    url
        A URL in the store.
    options
        The options of the caller.
    given
        The argument `credential_provider`.
    """
    if given is None or is_anonymous(url, options, given):
        return None
    if given != "auto":
        return given
    if url.kind == "http":
        return None
    keys, variables = _GIVEN[url.kind]
    if not keys.isdisjoint(options.store):
        return None
    default = _default_of_polars()
    if default != "auto":
        return default
    if options.profile is None and any(os.environ.get(variable) for variable in variables):
        return None
    if url.kind == "s3":
        return ProfileProvider(options.profile)
    return _of_gcs() if url.kind == "gs" else _of_azure(options)


def is_anonymous(url: StoreUrl, options: StoreOptions, given: CredentialProviderArgument) -> bool:
    """Tell whether requests are not signed: by the options, else by the environment if there are no credentials."""
    if "skip_signature" in options.store:
        return options.store["skip_signature"] == "true"
    if url.kind == "http" or callable(given) or not _GIVEN[url.kind][0].isdisjoint(options.store):
        return False
    return os.environ.get(_SKIP_SIGNATURE[url.kind], "").lower() in ("true", "1")


def _default_of_polars() -> CredentialProviderArgument:
    """Return the default provider of `pl.Config.set_default_credential_provider`, "auto" if there is none."""
    try:
        from polars.io.cloud.credential_provider import _builder
    except ImportError:
        return "auto"
    default: CredentialProviderArgument = getattr(_builder, "DEFAULT_CREDENTIAL_PROVIDER", "auto")
    return default


def _of_gcs() -> Provider | None:
    return pl.CredentialProviderGCP() if _is_installed("google.auth") else None


def _of_azure(options: StoreOptions) -> Provider | None:
    if not _is_installed("azure.identity"):
        return None
    return pl.CredentialProviderAzure(tenant_id=options.store.get("tenant_id"))


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # its parent is not installed
        return False
