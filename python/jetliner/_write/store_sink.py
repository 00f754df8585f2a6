"""Objects of stores as sinks: a thread uploads parts while the next ones are made."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import suppress

from jetliner._stores.obstore_client import PART_BYTES
from jetliner._stores.store import Store

#: Parts that wait for the upload.
_MOST_WAITING = 2
#: Seconds between two looks at the upload, so that Ctrl-C is heard.
_LOOK_S = 0.05
#: Seconds that an upload which is given up may take to end.
_ABORT_S = 3.0


class _GivenUpError(Exception):
    """Ends an upload from within."""


class StoreSink:
    """An object that appears when it is finished. Without that, the store keeps nothing of it.

    Parameters
    ----------
    store, key
        The object.
    """

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key
        self._buffer = bytearray()
        self._parts: queue.Queue[bytes | None] = queue.Queue(_MOST_WAITING)
        self._is_given_up = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._upload, name="jetliner-upload", daemon=True)
        self._thread.start()

    def write(self, data: memoryview) -> None:
        """Take bytes; wait while the upload is far behind."""
        self._buffer += data
        while len(self._buffer) >= PART_BYTES:
            self._put(bytes(self._buffer[:PART_BYTES]))
            del self._buffer[:PART_BYTES]

    def finish(self) -> None:
        """Wait for the upload."""
        if self._buffer:
            self._put(bytes(self._buffer))
            self._buffer.clear()
        self._put(None)
        while self._thread.is_alive():
            self._thread.join(_LOOK_S)
        self._raise()

    def abort(self) -> None:
        """End the upload. The store drops its parts."""
        self._is_given_up = True
        with suppress(queue.Full):
            self._parts.put_nowait(None)  # the uploading thread may wait for a part
        self._thread.join(_ABORT_S)

    def _put(self, part: bytes | None) -> None:
        while True:
            self._raise()
            try:
                self._parts.put(part, timeout=_LOOK_S)
                return
            except queue.Full:
                continue

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _upload(self) -> None:
        try:
            self._store.upload(self._key, self._waiting_parts())
        except BaseException as error:
            self._error = error

    def _waiting_parts(self) -> Iterator[bytes]:
        while True:
            part = self._parts.get()
            if self._is_given_up:
                raise _GivenUpError
            if part is None:
                return
            yield part
