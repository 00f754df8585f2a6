"""A table with random options: as a scan of jetliner, and as the expected frame, made by Polars alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import polars as pl

import jetliner

from .tables import Table

_LARGEST_ROW_INDEX = 2**32 - 1


@dataclass(eq=False)
class Source:
    """A table, the paths or pattern given to the scan, and its options."""

    table: Table
    paths: Any
    options: dict[str, Any] = field(default_factory=dict)

    def scan(self) -> pl.LazyFrame:
        return jetliner.scan_avro(self.paths, **self.table.options, **self.options)

    def frame(self) -> pl.DataFrame:
        """Return the expected frame of the scan."""
        frame = self.table.frame
        name = self.options.get("include_file_paths")
        if name is not None:
            frame = frame.with_columns(pl.Series(name, self.table.path_of_row, pl.String))
        if self.options.get("n_rows") is not None:
            frame = frame.head(self.options["n_rows"])
        name = self.options.get("row_index_name")
        if name is not None:
            first = self.options.get("row_index_offset", 0)
            index = pl.Series(name, range(first, first + frame.height), pl.Int64)
            frame = frame.select(index.clip(upper_bound=_LARGEST_ROW_INDEX).cast(pl.UInt32), pl.all())
        return frame

    def __str__(self) -> str:
        options = "".join(f", {key}={value!r}" for key, value in self.options.items())
        return f"scan_avro({self.table.name!r} ({len(self.table.paths)} files){options})"


def random_source(table: Table, rng: random.Random) -> Source:
    """Choose random options. Most of them change how files are read, but not the rows."""
    height = table.frame.height
    options: dict[str, Any] = {}

    def maybe(share: float, name: str, *values: Any) -> None:
        if rng.random() < share:
            options[name] = rng.choice(values)

    maybe(0.2, "n_rows", 0, 1, height // 100, height // 3, height // 2 + 1, height, height + 10)
    if table.heads_tell_rows:
        maybe(0.35, "row_index_name", "row", "index")
    if "row_index_name" in options:
        maybe(0.4, "row_index_offset", 1, 1000, _LARGEST_ROW_INDEX - height // 2)
    if table.heads_tell_rows:
        maybe(0.3, "include_file_paths", "path")
    # Very small batches of a large table are slow.
    least = max(1, height // 200)
    maybe(0.5, "batch_size", least, least + 6, max(least, height // 7), max(least, height), 10**6)
    maybe(0.4, "n_threads", 1, 2, 3)
    maybe(0.4, "buffer_bytes", 1, 4096, 1 << 20, 8 << 20)
    maybe(0.2, "buffer_blocks", 1, 2, 100)
    maybe(0.15, "read_chunk_size", 997, 1 << 16, 1 << 22)
    paths: Any = table.paths
    if table.pattern is not None and rng.random() < 0.5:
        paths = table.pattern
    elif len(table.paths) == 1:
        paths = table.paths[0]
    return Source(table, paths, options)
