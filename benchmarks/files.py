"""Files to measure with. Each is made once and kept in a directory.

Rows are written by fastavro. Where Python would take minutes, a few ten thousand distinct rows are written and their
blocks repeated in a changing order: codecs compress every block by itself, so repetition makes no block cheaper.
"""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fastavro
import fastavro.write
from cases import MANY, MANY_FILES, SMALL, SMALL_ROWS
from rows import FLAT, NESTED, WIDE, Row, flat_rows, nested_rows, wide_rows

ROWS = 1_000_000
SYNC = bytes(range(16))

# Of many files; the others are copies.
DISTINCT_FILES = 25

# The file that is ten times as long as another one.
TENFOLD = 10


def write(path: Path, schema: Any, rows: Iterator[Row], codec: str) -> None:
    """Write rows as fastavro does by default: blocks of 16,000 bytes."""
    with path.open("wb") as file:
        fastavro.writer(file, schema, rows, codec=codec, sync_marker=SYNC)


def repeat(path: Path, schema: Any, distinct: Iterator[Row], rows: int, codec: str, rng: random.Random) -> None:
    """Write the blocks of the distinct rows again and again, in another order each time, until there are enough."""
    once = io.BytesIO()
    fastavro.writer(once, schema, distinct, codec=codec, sync_marker=SYNC)
    once.seek(0)
    blocks = list(fastavro.block_reader(once))
    with path.open("wb") as file:
        writer = fastavro.write.Writer(file, schema, codec=codec, sync_marker=SYNC)
        written = 0
        while written < rows:
            rng.shuffle(blocks)
            for block in blocks:
                if written < rows:
                    writer.write_block(block)
                    written += block.num_records


def recode(path: Path, source: Path, codec: str) -> None:
    """The same blocks with another codec."""
    with source.open("rb") as read, path.open("wb") as file:
        blocks = fastavro.block_reader(read)
        writer = fastavro.write.Writer(file, blocks.writer_schema, codec=codec, sync_marker=SYNC)
        for block in blocks:
            writer.write_block(block)


def lengthen(path: Path, source: Path, times: int) -> None:
    """All the blocks of a file, several times over, behind its header."""
    with source.open("rb") as read, path.open("wb") as file:
        first_block = next(iter(fastavro.block_reader(read)), None)
        data_begin = source.stat().st_size if first_block is None else first_block.offset
        read.seek(0)
        file.write(read.read(data_begin))
        for _ in range(times):
            read.seek(data_begin)
            shutil.copyfileobj(read, file, 1 << 20)


@dataclass(frozen=True)
class Target:
    """A file to make: its path, how many rows it is to have, and the directory of all files."""

    path: Path
    rows: int
    directory: Path


def _flat(target: Target) -> None:
    write(target.path, FLAT, flat_rows(random.Random(1), target.rows), "snappy")


def _recoded(codec: str) -> Callable[[Target], None]:
    def make(target: Target) -> None:
        recode(target.path, benchmark_file("flat-snappy", target.directory, target.rows), codec)

    return make


def _nested(target: Target) -> None:
    rng = random.Random(2)
    repeat(target.path, NESTED, nested_rows(rng, min(target.rows, 50_000)), target.rows, "snappy", rng)


def _wide(target: Target) -> None:
    rng = random.Random(3)
    repeat(target.path, WIDE, wide_rows(rng, min(target.rows, 10_000)), target.rows, "snappy", rng)


def _wide_tenfold(target: Target) -> None:
    lengthen(target.path, benchmark_file("wide-snappy", target.directory, target.rows // TENFOLD), TENFOLD)


def _small(target: Target) -> None:
    write(target.path, FLAT, flat_rows(random.Random(4), SMALL_ROWS), "snappy")


def _many(target: Target) -> None:
    target.path.mkdir()
    for i in range(MANY_FILES):
        part = target.path / f"part-{i:03}.avro"
        if i < DISTINCT_FILES:
            write(part, FLAT, flat_rows(random.Random(i), SMALL_ROWS), "snappy")
        else:
            shutil.copy(target.path / f"part-{i % DISTINCT_FILES:03}.avro", part)


_MAKERS: dict[str, Callable[[Target], None]] = {
    "flat-snappy": _flat,
    "flat-null": _recoded("null"),
    "flat-deflate": _recoded("deflate"),
    "flat-zstandard": _recoded("zstandard"),
    "nested-snappy": _nested,
    "wide-snappy": _wide,
    "wide-tenfold": _wide_tenfold,
    SMALL: _small,
    MANY: _many,
}


def benchmark_file(name: str, directory: Path, rows: int = ROWS) -> Path:
    """The path of a file (of a directory of files for MANY), made if it is not there yet."""
    suffix = {SMALL: ".avro", MANY: ""}.get(name, f"-{rows}.avro")
    path = directory / f"{name}{suffix}"
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".unfinished")
        if unfinished.is_dir():
            shutil.rmtree(unfinished)
        _MAKERS[name](Target(unfinished, rows, directory))
        unfinished.rename(path)
    return path


def warm(path: Path) -> None:
    """Bring a file, or those of a directory, into the page cache, for all readers alike."""
    for part in path.glob("*.avro") if path.is_dir() else [path]:
        with part.open("rb") as file:
            while file.read(1 << 20):
                pass
