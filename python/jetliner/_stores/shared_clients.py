"""Stores of obstore, kept by the process for later calls.

To make one takes about 5 ms, because it reads the certificates of the system. Its first request needs a new connection.
A kept one has connections that are open already.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: Stores that are kept. The one that was used least recently goes first.
_MOST = 8
#: A store is handed out for so many seconds after it was made. obstore reads files that options and variables name,
#: such as that of GOOGLE_APPLICATION_CREDENTIALS, when the store is made. They may have changed since.
_MAX_AGE_S = 60.0
#: Keys are digests by this, so that they tell nothing of the secrets that they stand for.
_DIGEST_KEY = os.urandom(32)


class _Kept:
    def __init__(self, store: ObjectStore) -> None:
        self.store = store
        self.made_s = self.used_s = time.monotonic()
        self.is_dropped = False

    @property
    def is_old(self) -> bool:
        return self.is_dropped or time.monotonic() - self.made_s > _MAX_AGE_S


#: Without a lock, which a forked process could find held for ever. Each step on the dictionary is atomic. Whoever loses
#: a race makes a store of its own, which does no harm.
_kept: dict[bytes, _Kept] = {}


def key_of(*arguments: object) -> bytes | None:
    """Return the key of a store that is made of these arguments in the present environment: obstore reads variables.

    Returns
    -------
    bytes or None
        None: an argument has other values than text, numbers and None, such as a callable. Such a store is not kept.
    """
    try:
        text = json.dumps([dict(os.environ), *arguments], sort_keys=True)
    except (TypeError, ValueError, KeyError, RuntimeError):  # the latter two: a thread is changing the environment
        return None
    return hashlib.blake2b(text.encode(), key=_DIGEST_KEY).digest()


def find(key: bytes | None) -> ObjectStore | None:
    """Return the store that is kept under a key, unless it is too old. Stores that are too old are let go."""
    _let_go()
    kept = None if key is None else _kept.get(key)
    if kept is None or kept.is_old:
        return None
    kept.used_s = time.monotonic()
    return kept.store


def keep(key: bytes | None, store: ObjectStore) -> None:
    """Keep a store that was just made."""
    if key is None:
        return
    _kept[key] = _Kept(store)
    _let_go()


def drop(store: ObjectStore) -> None:
    """Do not hand out a store again."""
    for key, kept in _kept.copy().items():
        if kept.store is store:
            kept.is_dropped = True
            _kept.pop(key, None)


def _let_go() -> None:
    """Let go of stores that are too old, or too many. Their requests go on."""
    by_use = sorted(_kept.copy().items(), key=lambda item: item[1].used_s)
    for position, (key, kept) in enumerate(by_use):
        if kept.is_old or position < len(by_use) - _MOST:
            _kept.pop(key, None)
