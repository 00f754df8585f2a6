"""The first bytes of objects that are read in parts, kept by the process.

A worker reads many parts of one object. Each part needs the header, and it is asked for only once.
"""

from __future__ import annotations

from typing import NamedTuple

from jetliner._stores.client import Fetched

#: Objects whose first bytes are kept.
_MOST = 64
#: First bytes of an object that are kept, at most.
_MOST_BYTES = 1 << 20


class Key(NamedTuple):
    """An object in one version, and who asks for it."""

    url: str
    version: str
    options_hash: int


#: Without a lock, which a forked process could find held for ever. Each step on the dictionary is atomic.
_heads: dict[Key, Fetched] = {}


def find(key: Key, size_bytes: int) -> Fetched | None:
    """Return the first bytes of an object, if at least `size_bytes` of them are kept, or all."""
    head = _heads.get(key)
    if head is None:
        return None
    data = memoryview(head.data)
    if len(data) < min(size_bytes, head.object_bytes):
        return None
    return head._replace(data=data[:size_bytes])


def keep(key: Key, head: Fetched) -> None:
    """Keep the first bytes of an object."""
    if len(memoryview(head.data)) > _MOST_BYTES:
        return
    if len(_heads) >= _MOST:
        _heads.clear()
    _heads[key] = head._replace(data=bytes(head.data))
