"""Ctrl-C while a request waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_T = TypeVar("_T")
#: Seconds between two looks for signals.
_LOOK_S = 0.05


def interruptible(call: Callable[[], _T]) -> _T:
    """Call a function so that Ctrl-C ends the wait for it.

    Python handles signals on the main thread only, and not while that thread waits in obstore. So calls from the main
    thread run on another one. After Ctrl-C the call goes on in the background, until its time-out.
    """
    if threading.current_thread() is not threading.main_thread():
        return call()
    result: Future[_T] = Future()
    is_done = threading.Event()

    def run() -> None:
        try:
            result.set_result(call())
        except BaseException as error:
            result.set_exception(error)
        finally:
            is_done.set()

    threading.Thread(target=run, name="jetliner-request", daemon=True).start()
    # The system may give a signal to any thread. So this one looks for signals from time to time.
    while not is_done.wait(_LOOK_S):
        pass
    return result.result()
