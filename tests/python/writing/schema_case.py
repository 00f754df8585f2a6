"""A file of a random schema, read and written again with its schema: the rows are the same."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import jetliner
from differential import container, oracle
from differential.case import make_case
from differential.expect import decimal_unscaled
from differential.model import Node

COMPRESSIONS = ("null", "snappy", "deflate", "zstandard", "bzip2", "xz")
_DAYS_PER_MONTH = 30


def run_schema_case(seed: int, directory: Path) -> Counter[str]:
    """Run the case of a seed; AssertionError where the rows differ."""
    case = make_case(seed)
    rng = random.Random(f"writing {seed}")
    source, target = directory / "source.avro", directory / "target.avro"
    source.write_bytes(case.data)
    target.unlink(missing_ok=True)
    frame = jetliner.read_avro(source)
    options: dict[str, Any] = {
        "compression": rng.choice(COMPRESSIONS),
        "block_bytes": rng.choice((1, 50, 1000, 64_000)),
        "n_threads": rng.choice((1, 2, 3)),
    }
    if is_recursive(case.node):
        with pytest.raises(jetliner.SchemaError, match="recursive"):
            jetliner.write_avro(frame, target, schema=case.schema, **options)
        assert not target.exists()
        return Counter(recursive=1)
    jetliner.write_avro(frame, target, schema=case.schema, **options)
    data = target.read_bytes()
    written = container.read(data)
    assert written.schema == case.schema, "another schema in the header"
    wanted = [normal(case.node, row) for row in case.rows]
    got = [normal(case.node, row) for row in written.rows]
    for number, (want, have) in enumerate(zip(wanted, got, strict=True)):
        assert repr(want) == repr(have), f"row {number} of {case.schema}: wrote {have!r}, read {want!r}"
    try:
        before = oracle.read(case.data)
    except Exception:  # fastavro refuses some schemas
        return Counter(schemas=1, rows=len(got))
    after = oracle.read(data)
    assert len(before) == len(after), "fastavro reads another number of rows"
    return Counter(schemas=1, rows=len(got), **{"read by fastavro": 1})


def normal(node: Node, raw: Any) -> Any:
    """Return a raw value in a form that is the same for all encodings of a value."""
    kind = node.kind
    if kind == "union":
        branch = node.branches[raw[0]]
        if branch.kind == "null":
            return None
        return raw[0], normal(branch, raw[1])
    if kind == "record":
        return {name: normal(child, raw[name]) for name, child in node.fields}
    if kind == "array":
        return [normal(node.child, item) for item in raw]
    if kind == "map":
        return {key: normal(node.child, item) for key, item in raw.items()}
    if node.logical == "decimal":
        return decimal_unscaled(raw)
    if node.logical == "duration":
        months, days, millis = (int.from_bytes(raw[at : at + 4], "little") for at in (0, 4, 8))
        return (months * _DAYS_PER_MONTH + days) * 86_400_000 + millis
    if node.logical == "big-decimal":
        return _big_decimal(raw)
    if node.logical == "uuid" and kind == "string":
        return raw
    return raw


def _big_decimal(raw: bytes) -> tuple[int, int]:
    from differential.decode import Cursor

    cursor = Cursor(raw)
    unscaled = decimal_unscaled(cursor.take(cursor.long()))
    scale = cursor.long()
    while scale < 0:
        unscaled, scale = unscaled * 10, scale + 1
    return unscaled, scale


def is_recursive(node: Node, around: tuple[Node, ...] = ()) -> bool:
    """Tell whether a schema holds itself."""
    if node in around:
        return True
    below = [child for _, child in node.fields] + node.branches + ([node.items] if node.items is not None else [])
    return any(is_recursive(child, (*around, node)) for child in below)
