"""One seed, one file with random cuts; runs of many seeds."""

from __future__ import annotations

import io
import random
import tempfile
import traceback
import warnings
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl

import jetliner
from differential import container
from differential.case import encode_file
from differential.codecs import CODECS
from differential.encode import encode_bytes
from differential.generate import SchemaGenerator, ValueGenerator
from differential.model import parse

_BYTES = {"type": "record", "name": "r", "fields": [{"name": "data", "type": "bytes"}]}
#: A marker that is a block of one row without bytes, again and again.
_CONSTANT = [bytes([number]) * 16 for number in (0, 1, 2, 4, 255)]


#: A first block of this size lies between the header and the rows. A slow source is not walked over so far.
_FAR_BYTES = 80 << 10


def make_file(rng: random.Random) -> bytes:
    """Generate a file: of any schema, or of rows whose bytes may look like parts of this file."""
    sync = rng.choice(_CONSTANT) if rng.random() < 0.3 else rng.randbytes(16)
    codec = rng.choice(CODECS)
    if rng.random() < 0.5:
        schema = SchemaGenerator(rng, max_depth=3, max_nodes=15).schema()
        if isinstance(schema, dict) and schema.get("fields") == []:
            schema = _BYTES
        node = parse(schema)
        values = ValueGenerator(rng)
        data = encode_file(schema, node, [values.value(node) for _ in range(rng.choice((0, 1, 5, 40)))], codec, rng)
        return data.replace(_sync_and_end(data)[0], sync)
    inner = _imitations(rng, sync) if rng.random() < 0.7 else [rng.randbytes(size) for size in range(40)]
    rows = [encode_bytes(rng.choice(inner)) for _ in range(rng.randint(0, 30))]
    codec = codec if rng.random() < 0.5 else "null"
    data = container.container(_BYTES, rows, codec=codec, rows_per_block=rng.choice((1, 3, 20)), sync=sync, rng=rng)
    if rng.random() < 0.5:
        return data
    begin = _sync_and_end(data)[1]
    return data[:begin] + container.block(codec, 1, encode_bytes(rng.randbytes(_FAR_BYTES)), sync) + data[begin:]


def _sync_and_end(data: bytes) -> tuple[bytes, int]:
    """Return the marker of a file, and the end of its header."""
    cursor = container.Cursor(data)
    cursor.take(4)
    for _ in cursor.blocks():
        cursor.take(cursor.long())
        cursor.take(cursor.long())
    return cursor.take(16), cursor.at


def _imitations(rng: random.Random, sync: bytes) -> list[bytes]:
    """Return bytes for rows: markers, blocks, and whole files of the same marker."""
    blocks = [container.block("null", 1, encode_bytes(rng.randbytes(rng.randint(0, 9))), sync) for _ in range(3)]
    whole = container.container(_BYTES, [encode_bytes(b"inner")] * rng.randint(1, 5), rows_per_block=1, sync=sync)
    return [
        b"",
        rng.randbytes(rng.randint(1, 50)),
        sync,
        sync + sync,
        sync[:-1],
        sync + blocks[0],
        b"".join([sync, *blocks]),
        whole,
    ]


def damage(rng: random.Random, data: bytes, begin: int) -> bytes:
    """Change, remove or insert a few bytes after the header."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(begin, len(changed)) if begin < len(changed) else begin
        kind = rng.random()
        if kind < 0.6 and at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
        elif kind < 0.8:
            del changed[at : at + rng.randint(1, 20)]
        else:
            changed[at:at] = rng.randbytes(rng.randint(1, 20))
    return bytes(changed)


def run_case(seed: int, directory: Path) -> Counter[str]:
    """Check one file. Raises AssertionError."""
    rng = random.Random(seed)
    data = make_file(rng)
    is_damaged = rng.random() < 0.3
    if is_damaged:
        data = damage(rng, data, _sync_and_end(data)[1])
    path = directory / f"{seed}.avro"
    path.write_bytes(data)
    in_file = rng.random() < 0.7
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = jetliner.read_avro(data, ignore_errors=is_damaged)
        source = str(path) if in_file else io.BytesIO(data)
        (split,) = jetliner.plan_splits(source, ignore_errors=is_damaged, n_threads=rng.choice((1, 2)))
        every = len(data) < 400 and rng.random() < 0.3
        cuts = range(1, len(data)) if every else sorted(rng.randint(0, len(data)) for _ in range(rng.randint(0, 8)))
        if len(data) > _FAR_BYTES:
            cuts = sorted(rng.randint(_FAR_BYTES, len(data)) for _ in cuts)
        ends = [0, *cuts, len(data)]
        parts = [replace(split, start=start, end=end) for start, end in pairwise(ends)]
        try:
            frames = [part.read() for part in parts]
        except jetliner.ParseError as error:
            # Data may imitate blocks, but only where nobody walks. Rows are never wrong then.
            if in_file or len(data) <= _FAR_BYTES or "cannot be read in parts" not in str(error):
                raise
            return Counter({"files": 1, "refused": 1})
        together = pl.concat(frames)
        assert together.equals(whole), (
            f"{len(parts)} parts have other rows: {together}, not {whole} (cuts {list(cuts)})"
        )
        assert together.schema == whole.schema
        if not is_damaged:
            counts = [part.count_rows() for part in parts]
            assert counts == [frame.height for frame in frames], f"counts {counts} (cuts {list(cuts)})"
    return Counter({"files": 1, "parts": len(parts), "rows": whole.height, "damaged": int(is_damaged)})


def run_chunk(job: tuple[int, int]) -> tuple[Counter[str], list[tuple[str, str]]]:
    """Run cases (first seed, number); return counts, and the failed ones with their messages."""
    first, count = job
    counts: Counter[str] = Counter()
    failures: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="parts-") as directory:
        for seed in range(first, first + count):
            try:
                counts += run_case(seed, Path(directory))
            except AssertionError as error:
                failures.append((f"file {seed}", str(error)))
            except Exception:
                failures.append((f"file {seed}", traceback.format_exc()))
    return counts, failures
