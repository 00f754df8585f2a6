"""Ctrl-C while a query of Polars waits for a store."""

from __future__ import annotations

import threading

import polars as pl

_SERIES = pl.Series([0])


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed while Polars runs a query on this thread.

    Python tells its main thread alone of signals, and that one waits within Polars. Polars notes the signal, and every
    call of it raises KeyboardInterrupt from then on. So a call that does nothing else tells. The main thread needs no
    such call.
    """
    if threading.current_thread() is not threading.main_thread():
        _SERIES.head(1)
