"""Stores of obstore, kept by the process for later calls.

To make one takes about 5 ms, because it reads the certificates of the system. Its first request needs a new connection.
A kept one has connections that are open already.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: Stores that are kept. The one that was used least recently goes first.
_MOST = 16
#: A store is handed out for so many seconds after it was made. obstore reads files that options and variables name,
#: such as that of GOOGLE_APPLICATION_CREDENTIALS, when the store is made. They may have changed since.
_MAX_AGE_S = 60.0
#: Keys are digests by this, so that they tell nothing of the secrets that they stand for.
_DIGEST_KEY = os.urandom(32)


class _Kept(NamedTuple):
    store: ObjectStore
    made_s: float


#: Without a lock, which a forked process could find held for ever. Each step on the dictionary is atomic. The order is
#: that of use. Whoever loses a race makes a store of its own, which does no harm.
_kept: dict[bytes, _Kept] = {}


def key_of(*arguments: object) -> bytes | None:
    """Return the key of a store that is made of these arguments, in this process and its present environment.

    The environment belongs to it because obstore reads variables. A forked process must not use the store of another.

    Returns
    -------
    bytes or None
        None: an argument has other values than text, numbers and None, such as a callable. Such a store is not kept.
    """
    try:
        text = json.dumps([os.getpid(), dict(os.environ), *arguments], sort_keys=True)
    except (TypeError, ValueError, KeyError, RuntimeError):  # the latter two: a thread is changing the environment
        return None
    return hashlib.blake2b(text.encode(), key=_DIGEST_KEY).digest()


def find(key: bytes | None) -> ObjectStore | None:
    """Return the store that is kept under a key, unless it is too old."""
    if key is None or (kept := _kept.pop(key, None)) is None or time.monotonic() - kept.made_s > _MAX_AGE_S:
        return None
    _kept[key] = kept  # at the end: it was used last
    return kept.store


def keep(key: bytes | None, store: ObjectStore) -> None:
    """Keep a store that was just made. Those that are too old, or too many, are let go. Their requests go on."""
    if key is None:
        return
    _kept.pop(key, None)
    _kept[key] = _Kept(store, time.monotonic())
    oldest_s = time.monotonic() - _MAX_AGE_S
    kept = list(_kept.copy().items())
    for position, (other, entry) in enumerate(kept):
        if position < len(kept) - _MOST or entry.made_s < oldest_s:
            _kept.pop(other, None)


def drop(store: ObjectStore) -> None:
    """Do not hand out a store again."""
    for key, kept in _kept.copy().items():
        if kept.store is store:
            _kept.pop(key, None)
