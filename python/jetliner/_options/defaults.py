"""Defaults and limits of options."""

from __future__ import annotations

import os

BATCH_SIZE = 100_000
BUFFER_BLOCKS = 4
BUFFER_BYTES = 64 * 1024 * 1024
MAX_BLOCK_SIZE = 512 * 1024 * 1024
MAX_EMPTY_ROWS = 16 * 1024 * 1024
#: Memory of a batch in a query, about. The engine of Polars keeps some ten batches at the same time.
QUERY_BATCH_BYTES = 16 * 1024 * 1024

#: The core counts rows and bytes in signed 64-bit numbers.
LARGEST = 2**63 - 1
NO_LIMIT = LARGEST
#: More threads are a mistake: each takes memory, and the system limits the threads of a process.
LARGEST_N_THREADS = 1024
#: The row index is UInt32.
LARGEST_ROW_INDEX = 2**32 - 1


def threads_by_text(text: str) -> int:
    """Return the number of threads that a value of POLARS_MAX_THREADS asks for, or 0 if it asks for none.

    It asks for a number if it is a whole number above 0. Numbers above LARGEST_N_THREADS count as that.
    """
    if not (text.isascii() and text.isdigit()):
        return 0
    digits = text.lstrip("0")
    if len(digits) > len(str(LARGEST_N_THREADS)):  # Python refuses to parse very long numbers
        return LARGEST_N_THREADS
    return min(int(digits or "0"), LARGEST_N_THREADS)


#: The default of `n_threads`: the number of threads that Polars was told to use. 0: none, so the core chooses. Polars
#: reads the variable once as well. To look it up takes 2 % of the time to read a small file.
N_THREADS = threads_by_text(os.getenv("POLARS_MAX_THREADS", ""))
