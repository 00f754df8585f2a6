"""The files of the queries, and their expected frames: those of read_avro, file by file."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

import jetliner
from avro_files import blocks_of, damage, write_file
from differential.case import make_case

from .rows import EVOLVED, GENERATIONS, MIXED, NESTED, generation, mixed, nested, record, wide, wide_schema

CODECS = ("null", "deflate", "snappy", "zstandard", "bzip2", "xz")
_INTS = {"type": "array", "items": "int"}
#: A table with more rows gets fewer steps and ways.
LARGE_ROWS = 5000


@dataclass
class Table:
    """Files that are scanned together, and the options that the scan needs."""

    name: str
    paths: list[str]
    options: dict[str, Any] = field(default_factory=dict)
    pattern: str | None = None
    #: For files that are read one by one: columns to append to each, and the columns of all files together.
    partitions: list[dict[str, pl.Expr]] = field(default_factory=list)
    columns: pl.Schema | None = None
    #: False if only decoding finds all damage. Then a query for the row index or the path alone gives more rows.
    heads_tell_rows: bool = True

    @cached_property
    def frames(self) -> list[pl.DataFrame]:
        """The frames of the files, read one by one. Polars makes one table of them."""
        together = ("hive_partitioning", "hive_schema", "missing_columns", "extra_columns")
        options = {name: value for name, value in self.options.items() if name not in together}
        frames = [jetliner.read_avro(path, **options) for path in self.paths]
        for i, columns in enumerate(self.partitions):
            frames[i] = frames[i].with_columns(value.alias(name) for name, value in columns.items())
        if self.columns is not None:
            empty = pl.DataFrame(schema=self.columns)
            frames = [pl.concat([empty, frame], how="diagonal").select(empty.columns) for frame in frames]
        return frames

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The frame of all files."""
        return pl.concat(self.frames)

    @cached_property
    def path_of_row(self) -> list[str]:
        """The path of each row's file."""
        return [path for path, frame in zip(self.paths, self.frames, strict=True) for _ in range(frame.height)]


def _one(
    schema: Any, rows: Callable[[random.Random], list[Any]], codec: str = "null", block_rows: int = 0
) -> Callable[[Path, str], Table]:
    def make(directory: Path, name: str) -> Table:
        path = directory / f"{name}.avro"
        write_file(path, schema, rows(random.Random(name)), codec=codec, block_rows=block_rows)
        return Table(name, [str(path)])

    return make


def _many(directory: Path, name: str) -> Table:
    """Small files with all codecs; every third has no rows."""
    rng = random.Random(name)
    (directory / name).mkdir()
    paths, start = [], 0
    for i in range(40):
        rows = 0 if i % 3 == 1 else rng.randint(1, 30)
        path = directory / name / f"part-{i:02}.avro"
        write_file(path, MIXED, mixed(rng, rows, start), codec=CODECS[i % len(CODECS)], block_rows=rng.choice((0, 7)))
        paths.append(str(path))
        start += rows
    return Table(name, paths, pattern=str(directory / name / "*.avro"))


def _evolved(directory: Path, name: str) -> Table:
    """Files of three generations of a schema."""
    rng = random.Random(name)
    (directory / name).mkdir()
    paths, start = [], 0
    for i in range(9):
        rows = rng.randint(0, 200)
        path = directory / name / f"{i}.avro"
        write_file(path, GENERATIONS[i % 3], generation(rng, i % 3, rows, start), codec=CODECS[i % 6], block_rows=50)
        paths.append(str(path))
        start += rows
    return Table(name, paths, {"reader_schema": EVOLVED}, pattern=str(directory / name / "*"))


def _evolved_large(directory: Path, name: str) -> Table:
    rng = random.Random(name)
    (directory / name).mkdir()
    paths = []
    for i in range(3):
        path = directory / name / f"{i}.avro"
        write_file(path, GENERATIONS[i], generation(rng, i, 20_000, i * 20_000), block_rows=900)
        paths.append(str(path))
    return Table(name, paths, {"reader_schema": EVOLVED})


def _partitioned(directory: Path, name: str) -> Table:
    """Two levels of partition directories: a number and a text, one of them null."""
    rng = random.Random(name)
    paths, partitions, start = [], [], 0
    for year in (2023, 2024):
        for city in ("a b", "Łódź", None):
            folder = (
                directory / name / f"year={year}" / f"city={'__HIVE_DEFAULT_PARTITION__' if city is None else city}"
            )
            folder.mkdir(parents=True)
            for i in range(rng.randint(1, 3)):
                rows = rng.choice((0, 1, 30, 200))
                write_file(
                    folder / f"{i}.avro", MIXED, mixed(rng, rows, start), codec=rng.choice(CODECS), block_rows=25
                )
                paths.append(str(folder / f"{i}.avro"))
                partitions.append({"year": pl.lit(year, pl.Int64), "city": pl.lit(city, pl.String)})
                start += rows
    options = {"hive_partitioning": True, "hive_schema": {"year": pl.Int64, "city": pl.String}}
    order = sorted(range(len(paths)), key=lambda at: paths[at])
    return Table(
        name,
        [paths[at] for at in order],
        options,
        pattern=str(directory / name),
        partitions=[partitions[at] for at in order],
    )


def _changing_columns(directory: Path, name: str) -> Table:
    """Files that lack columns of the first file and have others, in any order."""
    rng = random.Random(name)
    (directory / name).mkdir()
    paths = []
    for i in range(6):
        fields = list(MIXED["fields"])
        if i:
            rng.shuffle(fields)
            fields = fields[: rng.randint(3, len(fields))] + record("", other="string")["fields"]
        rows = [row | {"other": "not wanted"} for row in mixed(rng, rng.choice((0, 20, 150)), 1000 * i)]
        path = directory / name / f"{i}.avro"
        write_file(path, {**MIXED, "fields": fields}, rows, codec=CODECS[i], block_rows=40)
        paths.append(str(path))
    options = {"missing_columns": "insert", "extra_columns": "ignore"}
    return Table(name, paths, options, str(directory / name), columns=jetliner.read_avro_schema(paths[0]))


def _with_types(directory: Path, name: str) -> Table:
    table = _one(MIXED, lambda rng: mixed(rng, 250), "deflate", 30)(directory, name)
    return Table(name, table.paths, {"enum_as": "string", "utf8": "replace"})


def _damaged(schema: Any, rows: Callable[[random.Random], list[Any]], codec: str) -> Callable[[Path, str], Table]:
    """A file with damaged markers, damaged compressed data, and a cut end. Such damage hits every column."""

    def make(directory: Path, name: str) -> Table:
        rng = random.Random(name)
        paths = []
        for i in range(2):
            path = directory / f"{name}-{i}.avro"
            write_file(path, schema, rows(rng), codec=codec, block_rows=max(1, 40 * (i + 1)))
            blocks = blocks_of(path)
            for block in rng.sample(blocks[:-1], min(3, len(blocks) - 1)):
                if codec == "null" or rng.random() < 0.5:
                    damage(str(path), block.sync_offset + rng.randrange(16), b"\xee")
                else:
                    damage(str(path), block.data_offset, b"\xff" * min(16, block.data_bytes))
            if i == 1:
                cut = blocks[-1].data_offset + blocks[-1].data_bytes // 2
                path.write_bytes(path.read_bytes()[:cut])
            paths.append(str(path))
        return Table(name, paths, {"ignore_errors": True}, heads_tell_rows=codec == "null")

    return make


_TABLES: dict[str, Callable[[Path, str], Table]] = {
    "flat": _one(MIXED, lambda rng: mixed(rng, 700), "deflate", 50),
    "nested": _one(NESTED, lambda rng: nested(rng, 300), "snappy", 35),
    "wide": _one(wide_schema(60), lambda rng: wide(rng, 200, 60), "zstandard"),
    "no rows": _one(MIXED, lambda rng: []),
    "one row": _one(NESTED, lambda rng: nested(rng, 1)),
    "one-row blocks": _one(MIXED, lambda rng: mixed(rng, 150), "null", 1),
    "all null": _one(
        record(
            "N", id=["null", "long"], n="null", t=["null", "string"], xs=["null", {"type": "array", "items": "int"}]
        ),
        lambda rng: [{"id": None, "n": None, "t": None, "xs": None}] * 100,
        block_rows=9,
    ),
    "rows without bytes": _one(
        record("Z", n="null", inner=record("Inner", also="null")),
        lambda rng: [{"n": None, "inner": {"also": None}}] * 300,
        block_rows=70,
    ),
    "no record": _one("long", lambda rng: [rng.randrange(1000) for _ in range(400)], block_rows=30),
    "list at top": _one(
        _INTS,
        lambda rng: [[rng.randrange(9)] * rng.randrange(4) for _ in range(200)],
        "xz",
        30,
    ),
    "many": _many,
    "evolved": _evolved,
    "partitioned": _partitioned,
    "changing columns": _changing_columns,
    "other types": _with_types,
    "damaged": _damaged(MIXED, lambda rng: mixed(rng, 400), "deflate"),
    "damaged nested": _damaged(NESTED, lambda rng: nested(rng, 300), "null"),
    # Several units: about 1 MiB each, or a quarter of that with small buffers.
    "large": _one(MIXED, lambda rng: mixed(rng, 30_000)),
    "large snappy": _one(MIXED, lambda rng: mixed(rng, 24_000), "snappy", 1000),
    "large nested": _one(NESTED, lambda rng: nested(rng, 8000), "zstandard"),
    "large wide": _one(wide_schema(40), lambda rng: wide(rng, 6000, 40)),
    "one large block": _one(MIXED, lambda rng: mixed(rng, 12_000), "null", 12_000),
    "evolved large": _evolved_large,
    "damaged large": _damaged(MIXED, lambda rng: mixed(rng, 9000), "null"),
}
RANDOM = "random schema"
SMALL_TABLES = tuple(name for name in _TABLES if "large" not in name)
LARGE_TABLES = tuple(name for name in _TABLES if "large" in name)


class Tables:
    """The tables of a process. Each is made at its first use."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._made: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._made:
            self._made[name] = _TABLES[name](self._directory, name)
        return self._made[name]

    def random(self, seed: int) -> Table:
        """Return a file of a random schema, by the generator of the differential tests. The caller removes it."""
        path = self._directory / f"random-{seed}.avro"
        # Without "arrow.*": Polars itself fails at many of their extreme times.
        path.write_bytes(make_case(seed, arrow=False).data)
        return Table(f"{RANDOM} {seed}", [str(path)])
