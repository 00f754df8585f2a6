"""The stores of one call."""

from __future__ import annotations

import threading
from typing import Any

from jetliner._options.checks import check_storage_options
from jetliner._stores.credentials import CredentialProviderArgument, check_credential_provider
from jetliner._stores.options import split, warn_of_unknown
from jetliner._stores.store import Store
from jetliner._stores.urls import StoreUrl


class Stores:
    """The stores of one call, made when they are asked for. Any thread may use it.

    A pickle holds the two arguments as they were passed, and nothing else: nothing of the environment or of profiles,
    and no credentials that a provider gave.

    Parameters
    ----------
    storage_options
        As the caller gave it.
    credential_provider
        As the caller gave it.

    Raises
    ------
    TypeError
        An argument has the wrong type.
    """

    # Guarded by _lock: _stores, _warned.

    def __init__(
        self,
        storage_options: dict[str, str] | None = None,
        credential_provider: CredentialProviderArgument = "auto",
    ) -> None:
        if storage_options is not None:
            check_storage_options(storage_options)
        check_credential_provider(credential_provider)
        self._storage_options = None if storage_options is None else dict(storage_options)
        self._credential_provider = credential_provider
        self._lock = threading.Lock()
        self._stores: dict[tuple[str, str], Store] = {}
        self._warned: set[str] = set()

    def __repr__(self) -> str:
        with self._lock:
            roots = [root for root, _ in self._stores]
        return f"Stores({roots}, storage_options={sorted(self._storage_options or {})})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Stores, (self._storage_options, self._credential_provider)

    @property
    def options_hash(self) -> int:
        """Tells apart callers with different options, without keeping these."""
        return hash(frozenset((self._storage_options or {}).items()))

    def of(self, url: StoreUrl) -> Store:
        """Return the store of a URL. The first time, a warning names options that are not known.

        Raises
        ------
        ConfigurationError
            An option has a value that is not valid.
        """
        name = (url.root, url.user)
        with self._lock:
            store = self._stores.get(name)
        if store is not None:
            return store
        options = split(self._storage_options, url.kind)
        made = Store(url, options, self._credential_provider)
        with self._lock:
            unknown = tuple(key for key in options.unknown if key not in self._warned)
            self._warned.update(unknown)
            store = self._stores.setdefault(name, made)
        warn_of_unknown(unknown, url.kind)
        return store

    def close(self) -> None:
        """Close all stores."""
        with self._lock:
            stores = list(self._stores.values())
        for store in stores:
            store.close()
