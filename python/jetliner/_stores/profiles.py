"""What boto3 finds, where it is installed: credentials, region and endpoint of profiles, SSO, roles, instances."""

from __future__ import annotations

import importlib.util
import threading
from datetime import datetime
from typing import Any

from jetliner.exceptions import AuthenticationError

#: Options by their names in `storage_options`.
Options = dict[str, str]


def has_boto3() -> bool:
    """Tell whether boto3 is installed."""
    return importlib.util.find_spec("boto3") is not None


class ProfileProvider:
    """A credential provider by boto3. Any thread may call it.

    Parameters
    ----------
    profile
        The name of the profile; None for AWS_PROFILE or the default one.
    """

    def __init__(self, profile: str | None) -> None:
        self._profile = profile
        self._lock = threading.Lock()

    def __call__(self) -> tuple[Options, int | None] | None:
        """Return the credentials, and None if there are none.

        Raises
        ------
        AuthenticationError
            A profile was asked for and does not exist, or boto3 is not installed, or it fails.
        """
        if not has_boto3():
            if self._profile is None:
                return None
            msg = f"the profile {self._profile!r} needs boto3: pip install boto3"
            raise AuthenticationError(msg)
        import botocore.exceptions

        try:
            with self._lock:
                # A new session each time: boto3 keeps what it has read, and credentials are asked for again when they
                # are refused.
                session = _session(self._profile)
                found = session.get_credentials()
                if found is None:
                    return None
                frozen = found.get_frozen_credentials()
                expiry = getattr(found, "_expiry_time", None)
        except botocore.exceptions.BotoCoreError as error:
            msg = f"boto3 found no credentials: {error}"
            raise AuthenticationError(msg) from None
        options = {"aws_access_key_id": frozen.access_key, "aws_secret_access_key": frozen.secret_key}
        if frozen.token:
            options["aws_session_token"] = frozen.token
        return options, int(expiry.timestamp()) if isinstance(expiry, datetime) else None


def profile_settings(profile: str | None) -> Options:
    """Return region and endpoint of a profile, as far as it has them.

    Raises
    ------
    AuthenticationError
        A profile was asked for and does not exist.
    """
    if not has_boto3():
        return {}
    import botocore.exceptions

    try:
        session = _session(profile)._session
        scoped: dict[str, Any] = session.get_scoped_config()
        services: dict[str, Any] = session.full_config.get("services", {})
    except botocore.exceptions.BotoCoreError as error:
        if profile is None:
            return {}
        msg = f"boto3 cannot use the profile {profile!r}: {error}"
        raise AuthenticationError(msg) from None
    of_s3 = services.get(scoped.get("services", ""), {}).get("s3", {})
    endpoint = of_s3.get("endpoint_url") if isinstance(of_s3, dict) else None
    settings = {"region": scoped.get("region"), "endpoint": endpoint or scoped.get("endpoint_url")}
    return {name: value for name, value in settings.items() if isinstance(value, str) and value}


def _session(profile: str | None) -> Any:
    import boto3

    return boto3.Session(profile_name=profile)
