"""Threads that fetch the byte ranges which the core wants.

The core reads slow sources by way of a `_core.RangeStore`: a queue of wanted ranges. Threads of this module take them,
call a function that fetches their bytes, and give the bytes back. There are as many threads as there are ranges wanted
at the same time, up to a limit. They end when the last reader of the store is closed.
"""

from __future__ import annotations

import atexit
import os
import threading
import time
import weakref
from collections.abc import Callable
from typing import TypeAlias

from jetliner import _core
from jetliner._stores.client import Fetched
from jetliner.exceptions import JetlinerError, SourceError

#: How long the end of the process waits for fetches that are under way.
_EXIT_SECONDS = 1.0


#: Fetches the range of a job, and does not answer the job. Called by several threads at the same time.
Fetch: TypeAlias = Callable[[_core.RangeJob], Fetched]


def start_fetchers(fetch: Fetch, *, most: int, chunk_bytes: int | None, max_ahead_bytes: int) -> _core.StoreOwner:
    """Make a store for readers, and start its first fetcher.

    Parameters
    ----------
    fetch
        Fetches ranges.
    most
        The most threads, which is the most calls of `fetch` at the same time.
    chunk_bytes
        Bytes of a range where a file is read from front to back. None: the core's own choice.
    max_ahead_bytes
        The most bytes that are fetched ahead.
    """
    sizes = {"max_requests": most, "max_ahead_bytes": max_ahead_bytes}
    if chunk_bytes is not None:
        sizes["chunk_bytes"] = chunk_bytes
    owner = _core.StoreOwner(**sizes)
    _Fetchers(owner.store, fetch, most).start_one()
    return owner


class _Fetchers:
    """The threads of one store. They hold the store alone, not its owner, so they do not keep it open."""

    def __init__(self, store: _core.RangeStore, fetch: Fetch, most: int) -> None:
        self._store = store
        self._fetch = fetch
        self._most = most
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._process = os.getpid()
        _all.add(self)

    def start_one(self) -> None:
        with self._lock:
            if len(self._threads) >= self._most:
                return
            thread = threading.Thread(target=self._run, name="jetliner fetcher", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                if not self._threads:
                    raise
                self._most = len(self._threads)  # the system has no more; these do
                return
            self._threads.append(thread)

    def end(self, deadline: float) -> None:
        """Close the store, and wait for the threads until the deadline of `time.monotonic`."""
        if os.getpid() != self._process:
            return  # a fork has no threads, and one of them may have held the store's lock
        self._store.close()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        store, fetch = self._store, self._fetch
        # One range for each thread, if there can be more threads: the C library keeps freed memory for each of them.
        while (job := store.take(spares_memory=len(self._threads) < self._most)) is not None:
            # One more thread waits while this one fetches, so that the next range never waits for a thread.
            if store.num_idle_fetchers == 0:
                self.start_one()
            try:
                # No name holds the bytes: they would stay in memory while this thread waits.
                job.succeed(*fetch(job))
            except JetlinerError as error:
                job.fail(error)
            except BaseException as cause:
                failure = SourceError(f"{type(cause).__name__}: {cause}", "Io", job.path)
                failure.__cause__ = cause
                job.fail(failure)
            del job


_all: weakref.WeakSet[_Fetchers] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    """End the threads before the interpreter does: it would end them in the middle of a fetch."""
    deadline = time.monotonic() + _EXIT_SECONDS
    for fetchers in list(_all):
        fetchers.end(deadline)
