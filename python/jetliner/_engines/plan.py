"""What an engine reads: the splits, and the columns and rows of them.

Each engine has one module (`jetliner.ray`, `jetliner.dask`, `jetliner.spark`) with its own classes, on top of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict

import polars as pl

from jetliner._columns.alike import names_at
from jetliner._columns.parts import Existing, Part, check_exist, find_part, only_parts
from jetliner._files.sources import FileSource
from jetliner._options.read_options import EnumAs, InvalidValues, MapAs, Utf8
from jetliner._options.reader_schema import AvroSchema
from jetliner._options.redact import described
from jetliner._options.selection import check_columns
from jetliner._query.io_source import AvroScan
from jetliner._stores.credentials import CredentialProviderArgument
from jetliner.exceptions import ConfigurationError
from jetliner.splits import AvroSplit, plan_splits

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

#: Bytes in memory for a byte of a file: between that of plain blocks (about 1) and of well compressed ones (5 or more).
_MEMORY_PER_BYTE = 3


class SplitOptions(TypedDict, total=False):
    """The options of `plan_splits`, for the annotations of functions that pass them on."""

    split_bytes: int
    glob: bool
    include_file_paths: str | None
    ignore_errors: bool
    storage_options: dict[str, str] | None
    credential_provider: CredentialProviderArgument
    buffer_blocks: int
    buffer_bytes: int
    read_chunk_size: int | None
    max_block_size: int | None
    max_empty_rows: int
    n_threads: int | None
    reader_schema: AvroSchema | None
    enum_as: EnumAs
    map_as: MapAs
    utf8: Utf8
    invalid_values: InvalidValues
    missing_columns: Literal["insert", "raise"]
    extra_columns: Literal["ignore", "raise"]
    schema: Mapping[str, PolarsDataType] | None
    cast_options: pl.ScanCastOptions | None
    hive_partitioning: bool | None
    hive_schema: Mapping[str, PolarsDataType] | None
    try_parse_hive_dates: bool


class Selected(NamedTuple):
    """What is read of each split. It travels to the workers.

    Attributes
    ----------
    schema
        The columns of the frames, in their order.
    whole
        All columns of the splits.
    parts
        The parts of columns that are read; None for whole columns, those of `schema`.
    predicate
        The rows to keep; None for all. It may need columns that are not in `schema`.
    """

    schema: pl.Schema
    whole: pl.Schema
    parts: tuple[Part, ...] | None = None
    predicate: pl.Expr | None = None

    def __repr__(self) -> str:
        return f"Selected({', '.join(self.schema)})"  # engines show it

    def only(self, names: Sequence[str]) -> Selected:
        """Return the same with fewer columns, in the order of `names`."""
        return self._replace(schema=pl.Schema((name, self.schema[name]) for name in names))

    def where(self, predicate: pl.Expr) -> Selected:
        """Return the same with fewer rows."""
        return self._replace(predicate=predicate if self.predicate is None else self.predicate & predicate)

    def frame(self, split: AvroSplit) -> pl.DataFrame:
        """Return the rows of a split. There must be a column."""
        whole = self.empty()
        for frame in self.frames(split):
            whole = frame if whole.height == 0 else whole.vstack(frame, in_place=True)
        return whole

    def frames(self, split: AvroSplit) -> Iterator[pl.DataFrame]:
        """Yield the rows of a split, in frames of bounded size if there is neither a predicate nor `parts`."""
        names = list(self.schema)
        if self.parts is not None:
            yield split.read([".".join(part) for part in self.parts if part[0] in self.schema]).select(names)
        elif self.predicate is not None:
            yield split.scan().filter(self.predicate).select(names).collect()
        else:
            for frame in AvroScan(split._part())(names, None, None, None):
                yield frame.select(names)

    def count(self, split: AvroSplit) -> int:
        """Return the number of rows of a split."""
        lazy = split.scan() if self.predicate is None else split.scan().filter(self.predicate)
        return int(lazy.select(pl.len()).collect().item())

    def empty(self) -> pl.DataFrame:
        """Return a frame without rows."""
        return pl.DataFrame(schema=self.schema)

    def memory_bytes(self, splits: Sequence[AvroSplit]) -> int:
        """Return about how many bytes the rows of splits take in memory."""
        share = max(len(self.schema), 1) / max(len(self.whole), 1)
        return int(sum(split.size_bytes for split in splits) * _MEMORY_PER_BYTE * share)


def plan(
    source: FileSource,
    columns: Sequence[str] | Sequence[int] | None,
    predicate: Any,
    options: Mapping[str, Any],
) -> tuple[list[AvroSplit], Selected]:
    """Plan what to read.

    Parameters
    ----------
    source, columns, predicate
        As the user gave them.
    options
        Those of `plan_splits`. Each worker decodes with one thread by default, for engines start a task for each core.

    Raises
    ------
    TypeError, ConfigurationError, SchemaError
        `columns` or `predicate` is wrong.
    JetlinerError
        As `plan_splits` does.
    """
    selection = check_columns(columns)
    if predicate is not None and not isinstance(predicate, pl.Expr):
        msg = f"filter must be a polars.Expr or None, got {described(predicate)}"
        raise TypeError(msg)
    splits = plan_splits(source, **{"n_threads": 1, **options})
    first = splits[0]
    whole = first.scan().collect_schema()
    path = options.get("include_file_paths")
    named = pl.Schema((name, dtype) for name, dtype in whole.items() if name != path)
    names = selection.names or names_at(selection.indices, list(named), first.path)
    check_exist(
        names, Existing(list(named), lambda name: find_part(named, name) is not None, lambda: named, first.path)
    )
    selected = Selected(whole, whole, None, predicate)
    if predicate is not None:
        first.scan().filter(predicate).collect_schema()  # raises if there is no such column
    if not names:
        return splits, selected
    parts = tuple(part for name in names if (part := find_part(named, name)) is not None)
    schema = only_parts(named, parts)
    if path is not None:  # as with `read_avro`, it comes with any columns
        schema[path] = whole[path]
    selected = selected._replace(schema=pl.Schema(schema))
    if all(len(part) == 1 for part in parts):
        return splits, selected
    if predicate is not None:
        msg = "a filter needs whole columns: name them in `columns`, without paths to their fields"
        raise ConfigurationError(msg)
    return splits, selected._replace(parts=parts)
