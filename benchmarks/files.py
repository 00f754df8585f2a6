"""The benchmark files. Each is made once and kept in a directory.

fastavro writes the rows. For large files this would take minutes. So only some ten thousand distinct rows are written,
and their blocks are repeated in random order. This does not make a block cheaper: codecs compress each block alone.
"""

from __future__ import annotations

import io
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import fastavro
import fastavro.write
from cases import (
    FILES_PER_PARTITION,
    FLAT_CODECS,
    MANY,
    MANY_FILES,
    MANY_SCHEMAS,
    ONE_SCHEMA,
    PARTITIONED,
    ROWS_PER_FILE,
    SMALL,
    SMALL_ROWS,
    TENFOLD,
    TINY,
    TINY_DOCS,
    TINY_FILES,
)
from rows import (
    FILTER_COLUMN,
    FLAT,
    NESTED,
    TINY_NUMBER,
    WIDE,
    Row,
    flat_rows,
    nested_rows,
    older_row,
    older_schema,
    tiny_row,
    tiny_schema,
    wide_rows,
)

ROWS = 1_000_000
SYNC = bytes(range(16))
# Uncompressed bytes of a block. 64,000 is the default of Avro for Java, and so of Spark, Hive and Kafka Connect.
# 16,000 is the default of fastavro.
BLOCK_BYTES = 64_000
SMALL_BLOCK_BYTES = 16_000

# A directory has this number of distinct files; the others are copies.
DISTINCT_FILES = 25


def write(path: Path, schema: Any, rows: Iterator[Row], codec: str) -> None:
    """Write rows in blocks of BLOCK_BYTES."""
    with path.open("wb") as file:
        fastavro.writer(file, schema, rows, codec=codec, sync_marker=SYNC, sync_interval=BLOCK_BYTES)


def repeat(
    path: Path,
    schema: Any,
    distinct: Iterator[Row],
    rows: int,
    codec: str,
    rng: random.Random,
    block_bytes: int = BLOCK_BYTES,
) -> None:
    """Repeat the blocks of the distinct rows, each time in another order, until there are enough rows."""
    once = io.BytesIO()
    fastavro.writer(once, schema, distinct, codec=codec, sync_marker=SYNC, sync_interval=block_bytes)
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
    """Write the same blocks with another codec."""
    with source.open("rb") as read, path.open("wb") as file:
        blocks = fastavro.block_reader(read)
        writer = fastavro.write.Writer(file, blocks.writer_schema, codec=codec, sync_marker=SYNC)
        for block in blocks:
            writer.write_block(block)


def lengthen(path: Path, source: Path, times: int) -> None:
    """Write the header of a file once, then all its blocks several times."""
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
    """A file to make: its path, its number of rows, and the directory of all files."""

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


def _wide_small_blocks(target: Target) -> None:
    rng = random.Random(3)
    distinct = wide_rows(rng, min(target.rows, 10_000))
    repeat(target.path, WIDE, distinct, target.rows, "snappy", rng, SMALL_BLOCK_BYTES)


def _wide_clustered(target: Target) -> None:
    """The rows of `_wide`, sorted by the filter column: the rows that a filter keeps are neighbours."""
    rows = sorted(wide_rows(random.Random(3), min(target.rows, 10_000)), key=lambda row: row[FILTER_COLUMN])
    once = io.BytesIO()
    fastavro.writer(once, WIDE, rows, codec="snappy", sync_marker=SYNC, sync_interval=BLOCK_BYTES)
    once.seek(0)
    times = max(1, target.rows // len(rows))
    with target.path.open("wb") as file:
        writer = fastavro.write.Writer(file, WIDE, codec="snappy", sync_marker=SYNC)
        for block in fastavro.block_reader(once):
            for _ in range(times):
                writer.write_block(block)


def _tenfold(name: str) -> Callable[[Target], None]:
    def make(target: Target) -> None:
        lengthen(target.path, benchmark_file(name, target.directory, target.rows // TENFOLD), TENFOLD)

    return make


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


def _files_of(target: Target) -> int:
    return max(2 * FILES_PER_PARTITION, target.rows // ROWS_PER_FILE)


def _one_schema(target: Target) -> None:
    """The rows of `_many_schemas`, all with one schema."""
    target.path.mkdir()
    for i in range(_files_of(target)):
        part = target.path / f"{i:04}.avro"
        if i < DISTINCT_FILES:
            write(part, FLAT, flat_rows(random.Random(i), SMALL_ROWS), "snappy")
        else:
            shutil.copy(target.path / f"{i % DISTINCT_FILES:04}.avro", part)


def _many_schemas(target: Target) -> None:
    target.path.mkdir()
    for i in range(_files_of(target)):
        rows = (older_row(row, i) for row in flat_rows(random.Random(i % DISTINCT_FILES), SMALL_ROWS))
        write(target.path / f"{i:04}.avro", older_schema(i), rows, "snappy")


def _partitioned(target: Target) -> None:
    """The files of `_one_schema` in directories `day=0`, `day=1` and so on."""
    parts = sorted(benchmark_file(ONE_SCHEMA, target.directory, target.rows).glob("*.avro"))
    for i, part in enumerate(parts):
        partition = target.path / f"day={i // FILES_PER_PARTITION}"
        partition.mkdir(parents=True, exist_ok=True)
        (partition / part.name).hardlink_to(part)


def _tiny(target: Target, *, other_docs: bool) -> None:
    target.path.mkdir()
    for i in range(min(TINY_FILES, target.rows)):
        file = io.BytesIO()
        fastavro.writer(file, _PARSED_TINY, [tiny_row(i)], sync_marker=SYNC)
        number = i if other_docs else 0
        data = file.getvalue().replace(TINY_NUMBER.encode(), f"{number:0{len(TINY_NUMBER)}}".encode())
        (target.path / f"{i:04}.avro").write_bytes(data)


_PARSED_TINY = fastavro.parse_schema(tiny_schema())

_MAKERS: dict[str, Callable[[Target], None]] = {
    "flat-snappy": _flat,
    "flat-null": _recoded("null"),
    "flat-deflate": _recoded("deflate"),
    "flat-zstandard": _recoded("zstandard"),
    "nested-snappy": _nested,
    "wide-snappy": _wide,
    "wide-small-blocks": _wide_small_blocks,
    "wide-clustered": _wide_clustered,
    "wide-snappy-tenfold": _tenfold("wide-snappy"),
    **{f"flat-{codec}-tenfold": _tenfold(f"flat-{codec}") for codec in FLAT_CODECS},
    SMALL: _small,
    MANY: _many,
    ONE_SCHEMA: _one_schema,
    MANY_SCHEMAS: _many_schemas,
    PARTITIONED: _partitioned,
    TINY: partial(_tiny, other_docs=False),
    TINY_DOCS: partial(_tiny, other_docs=True),
}
_SUFFIXES = {
    SMALL: ".avro",
    MANY: "",
    **dict.fromkeys((ONE_SCHEMA, MANY_SCHEMAS, PARTITIONED, TINY, TINY_DOCS), "-{rows}"),
}


def benchmark_file(name: str, directory: Path, rows: int = ROWS) -> Path:
    """Return the path of a file or a directory of files; make it if it is missing."""
    suffix = _SUFFIXES.get(name, "-{rows}.avro").format(rows=rows)
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
    """Read a file, or all files of a directory, into the page cache. All readers then start alike."""
    for part in path.rglob("*.avro") if path.is_dir() else [path]:
        with part.open("rb") as file:
            while file.read(1 << 20):
                pass
