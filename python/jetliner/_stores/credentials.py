"""Credentials that a provider gives: kept until they expire, or until a store refuses them.

A provider is what Polars takes: a callable that returns a dict of options, such as "aws_access_key_id" or
"bearer_token", and the time at which they expire (seconds since 1970, or None).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from jetliner._stores.options import StoreOptions, split
from jetliner._stores.urls import Kind
from jetliner.exceptions import AuthenticationError, ConfigurationError

#: The type of the argument `credential_provider`.
CredentialProvider: TypeAlias = Callable[[], tuple[dict[str, str], int | None]]
CredentialProviderArgument: TypeAlias = CredentialProvider | Literal["auto"] | None


class Credentials(NamedTuple):
    """What a provider gave. The values are secrets.

    Attributes
    ----------
    options
        The options, split as `storage_options` are; None if the provider has found nothing.
    expires_at
        When they expire, in seconds since 1970; None: never.
    generation
        Counts how often the provider was asked.
    """

    options: StoreOptions | None
    expires_at: float | None
    generation: int

    def __repr__(self) -> str:
        return f"Credentials(generation={self.generation})"


def check_credential_provider(value: object) -> None:
    """Check the argument `credential_provider`.

    Raises
    ------
    TypeError
        It is neither callable nor "auto" nor None.
    """
    if value is None or (isinstance(value, str) and value == "auto") or callable(value):
        return
    what = repr(value) if isinstance(value, str) else type(value).__name__
    msg = f"credential_provider must be a callable, such as pl.CredentialProviderAWS(), 'auto' or None, got {what}"
    raise TypeError(msg)


class ProvidedCredentials:
    """The credentials of one provider. Any thread may ask; only one asks the provider.

    Parameters
    ----------
    provider
        The provider. It may return None if it finds nothing.
    kind
        The kind of store, by which the provider's keys are understood.
    shown
        The store, for messages.
    """

    # Guarded by _lock: _current.

    def __init__(self, provider: Callable[[], Any], kind: Kind, shown: str) -> None:
        self._provider = provider
        self._kind = kind
        self._shown = shown
        self._lock = threading.Lock()
        self._current: Credentials | None = None

    def current(self) -> Credentials:
        """Return credentials that have not expired.

        Raises
        ------
        AuthenticationError
            The provider fails. Its exception is the cause.
        """
        with self._lock:
            if self._current is None or _has_expired(self._current):
                self._ask()
            return _not_none(self._current)

    def newer(self, refused: Credentials) -> Credentials | None:
        """Return other credentials than those that a store has refused; None if there are no others.

        The provider is asked once for all threads whose requests were refused with the same credentials.
        """
        with self._lock:
            if self._current is None or self._current.generation == refused.generation:
                if hasattr(self._provider, "clear_cached_credentials"):  # Polars' classes keep credentials
                    self._provider.clear_cached_credentials()
                self._ask()
            newer = _not_none(self._current)
        return None if newer.options == refused.options else newer

    def _ask(self) -> None:
        generation = 0 if self._current is None else self._current.generation + 1
        try:
            answer = _ask_polars(self._provider)
            options, expires_at = (None, None) if answer is None else _checked(answer)
            split_options = None if options is None else split(options, self._kind)
        except AuthenticationError:
            raise
        except ConfigurationError as error:
            msg = f"the credential provider gave an option that is not valid: {error.message}"
            raise AuthenticationError(msg, path=self._shown) from None
        except Exception as error:
            msg = f"the credential provider failed: {type(error).__name__}"
            if self._kind != "http":
                msg += "; public data need storage_options={'skip_signature': 'true'}"
            raise AuthenticationError(msg, path=self._shown) from error
        self._current = Credentials(split_options, expires_at, generation)


def _ask_polars(provider: Callable[[], Any]) -> Any:
    """Call a provider, and add what Polars' provider of AWS knows beside: endpoint and region of the profile."""
    try:
        answer = provider()
    except Exception as error:
        # pl.CredentialProviderAWS without credentials: Polars goes on without it, and so do we.
        if type(error).__name__ == "EmptyCredentialError":
            return None
        raise
    more = getattr(provider, "_storage_update_options", None)
    if callable(more) and isinstance(answer, tuple) and isinstance(answer[0], Mapping):
        updates = more()
        if isinstance(updates, Mapping):
            return {**updates, **answer[0]}, *answer[1:]
    return answer


def _checked(answer: Any) -> tuple[dict[str, str], float | None]:
    if not (isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[0], Mapping)):
        msg = "a credential provider must return a dict of options, and the time at which they expire or None"
        raise AuthenticationError(msg)
    options, expires_at = answer
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in options.items()):
        msg = "the keys and values that a credential provider returns must be str"
        raise AuthenticationError(msg)
    if expires_at is not None and not isinstance(expires_at, (int, float)):
        msg = "the expiry that a credential provider returns must be in seconds since 1970, or None"
        raise AuthenticationError(msg)
    return dict(options), expires_at


def _has_expired(credentials: Credentials) -> bool:
    return credentials.expires_at is not None and credentials.expires_at <= time.time()


def _not_none(credentials: Credentials | None) -> Credentials:
    assert credentials is not None
    return credentials
