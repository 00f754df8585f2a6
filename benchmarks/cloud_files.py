"""The objects of the cloud benchmarks. Each file is made once and kept in a directory.

Sizes are in megabytes of 10^6 bytes, so that a test can ask for tiny ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from files import benchmark_file, lengthen, repeat, write
from rows import FLAT, Row, flat_rows

# Few values and many bytes: to decode one column takes almost no time, but all bytes of the file have to be fetched.
PAYLOAD: dict[str, Any] = {
    "type": "record",
    "name": "Payload",
    "fields": [{"name": "id", "type": "long"}, {"name": "payload", "type": "bytes"}],
}
PAYLOAD_BYTES = 4000
DISTINCT_BYTES = 8_000_000
SMALL_OBJECTS = 300
SMALL_OBJECT_ROWS = 1000
# The wide file has about this size for each row.
WIDE_ROW_BYTES = 540


def _payload_rows(rng: random.Random, rows: int) -> Iterator[Row]:
    for number in range(rows):
        yield {"id": number, "payload": rng.randbytes(PAYLOAD_BYTES)}


def payload_file(directory: Path, megabytes: int, block_bytes: int) -> Path:
    """Return the path of a file without compression, with blocks of this size."""
    path = directory / f"payload-{megabytes}-{block_bytes}.avro"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        rng = random.Random(5)
        rows = megabytes * 1_000_000 // PAYLOAD_BYTES
        distinct = _payload_rows(rng, min(rows, DISTINCT_BYTES // PAYLOAD_BYTES))
        unfinished = path.with_name(path.name + ".unfinished")
        repeat(unfinished, PAYLOAD, distinct, rows, "null", rng, block_bytes)
        unfinished.rename(path)
    return path


def long_file(directory: Path, megabytes: int) -> Path:
    """Return the path of a file of wide rows: the blocks of a tenth of it, ten times."""
    path = directory / f"wide-{megabytes}.avro"
    if not path.exists():
        rows = max(1, megabytes * 1_000_000 // WIDE_ROW_BYTES // 10)
        tenth = benchmark_file("wide-snappy", directory, rows)
        unfinished = path.with_name(path.name + ".unfinished")
        lengthen(unfinished, tenth, 10)
        unfinished.rename(path)
    return path


def small_file(directory: Path) -> Path:
    """Return the path of a file of 1000 flat rows."""
    path = directory / f"small-{SMALL_OBJECT_ROWS}.avro"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        write(path, FLAT, flat_rows(random.Random(4), SMALL_OBJECT_ROWS), "snappy")
    return path
