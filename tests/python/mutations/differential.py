"""Comparison with fastavro and the decoder of the tests: jetliner must read the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import jetliner
from differential import container, oracle
from differential.compare import difference
from differential.expect import table
from differential.model import parse
from jetliner.exceptions import JetlinerError

#: Messages of errors that only jetliner raises: values outside their type, and limits.
STRICTER = (
    "time of day is outside",
    "duration does not fit",
    "decimal",
    "items that take no bytes",
    "records that take no bytes",
    "byte size of a block of items",
    "int does not fit",
    "boolean is neither",
    "variable-length integer of more than 10 bytes",
    "variable-length integer does not fit 64 bits",
    "not a variable-length long",
    "exceeds limit",
    "nested too deeply",
    "as JSON text than in the block",
    "branch index",  # others take a negative index, and count it from the end
    "enum index",
    "bytes after",  # other bytes behind a compressed stream
    "truncated",
    "claims",
    "row count: -",  # others take it for the end of the rows
    "length is negative or beyond",  # others ignore the size of a block of items
)


def check(path: str, data: bytes, begin_oracle: Callable[[], None]) -> Counter[str]:
    """Compare the readers. The header of `data` is sound. `begin_oracle` is called before the other readers start."""
    frame = error = None
    try:
        frame = jetliner.read_avro(path)
    except JetlinerError as caught:
        error = caught
    begin_oracle()
    try:
        plain = oracle.plainer(container.read(data[: _header_bytes(data)]).schema)
        rows = oracle.read(container.with_header(data, plain))
    except Exception:
        rows = None
    try:
        content = container.read(data)
    except Exception:
        content = None
    if frame is None:
        assert error is not None
        if content is None or rows is None:
            return Counter(["refused by all" if content is None and rows is None else "refused by two of three"])
        assert any(text in error.message for text in STRICTER), f"others accept the file; jetliner raises {error!r}"
        return Counter(["refused as a value or by a limit"])
    if content is not None:
        node = parse(content.schema)
        found = difference(table(node, content.rows), frame)
        assert found is None, f"differs from the tests' decoder: {found}"
        if rows is not None:
            assert repr(rows) == repr([oracle.as_read(node, row) for row in content.rows]), (
                "fastavro reads other values"
            )
    elif rows is not None:
        assert frame.height == len(rows), f"{frame.height} rows, fastavro {len(rows)}"
    return Counter(["read the same" if content is not None and rows is not None else "read, refused by another"])


def _header_bytes(data: bytes) -> int:
    from .bases import take_long

    at = 4
    while (count := take_long(data, at))[0] != 0:
        entries, at = count
        if entries < 0:
            _, at = take_long(data, at)
        for _ in range(2 * abs(entries)):
            size, at = take_long(data, at)
            at += size
    return count[1] + 16
