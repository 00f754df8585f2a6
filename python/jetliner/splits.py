"""Parts of files for several processes or machines: plan_splits and AvroSplit."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from jetliner._columns.table import Table, make_table
from jetliner._columns.way_out import Call
from jetliner._columns.whole import open_files_alike, open_table, read_whole
from jetliner._files.hive import find_partitions
from jetliner._files.inputs import Inputs
from jetliner._files.part import FilePart, FileState
from jetliner._files.sources import Files, FileSource, resolve
from jetliner._files.states import states_of
from jetliner._options import defaults
from jetliner._options.checks import Bounds, check_flag, integer
from jetliner._options.many_files import ManyFilesOptions
from jetliner._options.parameters import documented
from jetliner._options.read_options import EnumAs, InvalidValues, MapAs, ReadOptions, Utf8
from jetliner._options.reader_schema import AvroSchema
from jetliner._options.selection import Selection, check_columns, check_reader_columns
from jetliner._query.io_source import lazy_frame
from jetliner._stores.credentials import CredentialProviderArgument
from jetliner.count import counted
from jetliner.reader import AvroReader

if TYPE_CHECKING:
    from polars._typing import PolarsDataType

#: Options of `AvroSplit.open`: those of AvroReader, but for where the bytes are.
_OPEN_OPTIONS = frozenset(inspect.signature(AvroReader).parameters) & frozenset(ReadOptions._fields) - {
    "storage_options",
    "credential_provider",
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AvroSplit:
    """A part of an Avro file, which any process reads by itself. `plan_splits` makes it.

    It is immutable and hashable, and a pickle of it is small. It has the options of `plan_splits`, and the columns of
    the first file. Pickles contain `storage_options` as they were passed, and nothing from the environment or from
    providers.

    A block belongs to the split in which the sync marker before it begins. So the splits of a file have each of its
    rows once, in order. A split may have no rows.

    Attributes
    ----------
    path : str
        The file.
    start, end : int
        The bytes of the file that it covers, half open.

    Examples
    --------
    >>> import jetliner
    >>> split = jetliner.plan_splits("sales.avro")[0]
    >>> split.read(columns=["user_id"]).height, split.count_rows()
    (5, 5)
    """

    path: str
    start: int
    end: int
    _table: Table
    _file: FileState

    @property
    def size_bytes(self) -> int:
        """The number of bytes that it covers."""
        return self.end - self.start

    def read(self, columns: Sequence[str] | Sequence[int] | None = None) -> pl.DataFrame:
        """Read the rows into one DataFrame. It needs no threads of Polars, so it works in a forked process.

        Parameters
        ----------
        columns
            The columns to read, as for `read_avro`. None for all.

        Returns
        -------
        polars.DataFrame
            The rows of the split.

        Raises
        ------
        JetlinerError
            As `read_avro` does.
        SourceError
            With the variant "Changed": the file is not the one that was planned.
        ParseError
            Some data of the file look like blocks, so it cannot be read in parts.
        """
        selection = check_columns(columns)
        table = self._part()
        with Inputs() as inputs:
            if table.expected is None:
                call = Call("read_avro", [self.path], selection=selection)
                opened = open_files_alike(table.paths, table.options, call, inputs)
            else:
                opened = open_table(table, selection, inputs)
        return read_whole(*opened)

    def scan(self) -> pl.LazyFrame:
        """Return a lazy query over the rows. Columns, filters and limits are pushed into it, as with `scan_avro`."""
        return lazy_frame(self._part())

    def open(self, **options: Any) -> AvroReader:
        """Open a reader of the rows, batch by batch.

        Its batches have the columns of the file itself: no partition columns, no casts, no inserted columns.

        Parameters
        ----------
        **options
            Options of `AvroReader`. They replace those of `plan_splits`.

        Raises
        ------
        TypeError, ConfigurationError
            An option is unknown, or its value is not allowed.
        JetlinerError
            As `AvroReader` does, and as `read` does.
        """
        selection = check_reader_columns(options.pop("columns", None), options.pop("projected_columns", None))
        if unknown := options.keys() - _OPEN_OPTIONS:
            msg = f"open() got an unexpected keyword argument {sorted(unknown)[0]!r}"
            raise TypeError(msg)
        table = self._part()
        checked = ReadOptions(**options).checked()
        changed = {name: getattr(checked, name) for name in options}
        reader = AvroReader._of(self._files(), table.options._replace(**changed), selection)
        is_whole = selection == Selection() and not changed.keys() & {"reader_schema", "enum_as", "map_as"}
        if table.expected is not None and is_whole:
            try:
                added = table.options.added_columns
                own = {name: dtype for name, dtype in reader.polars_schema.items() if name not in added}
                table.expected.check(pl.Schema(own), self.path)
            except BaseException:
                reader.close()
                raise
        return reader

    def count_rows(self) -> int:
        """Count the rows by the headers of the blocks, as `jetliner.count_rows` does.

        Raises
        ------
        JetlinerError
            As `jetliner.count_rows` does, and as `read` does.
        """
        options = self._part().options._replace(batch_size=defaults.LARGEST, include_file_paths=None)
        rows, _ = counted(self._files(), options)
        return rows[self.path]

    def _files(self) -> Files:
        return Files([self.path], {}, is_directory=False, given=[self.path])

    def _part(self) -> Table:
        """Return the table of these rows alone."""
        table = self._table
        part = FilePart(self.start, self.end, self._file)
        return replace(table, options=table.options._replace(part=part), total_bytes=self.size_bytes)

    def _key(self) -> tuple[Any, ...]:
        options = self._table.options._replace(objects=None, remote=None)
        expected = self._table.expected
        rules = None if expected is None else (expected.inserts_missing, expected.ignores_extra, expected.casts)
        return (self.path, self.start, self.end, self._file, options, self._table.schema, rules)

    def __eq__(self, other: object) -> bool:
        return self._key() == other._key() if isinstance(other, AvroSplit) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.path, self.start, self.end, self._file))

    def __repr__(self) -> str:
        return f"AvroSplit({self.path!r}, start={self.start}, end={self.end})"


@documented(
    split_bytes="""
    The size of a split, about: a file is cut into equal splits, and none is longer than 1.5 times this number.
    """,
    ignore_errors="""
    Skip damaged blocks instead of raising, as for `read_avro`. Splits together find what the whole file has.
    """,
    n_threads="""
    The number of threads with which a split is read, as for `read_avro`. Use 1 where each core has a process of its
    own.
    """,
)
def plan_splits(
    source: FileSource,
    *,
    split_bytes: int = 128 << 20,
    glob: bool = True,
    include_file_paths: str | None = None,
    ignore_errors: bool = False,
    storage_options: dict[str, str] | None = None,
    credential_provider: CredentialProviderArgument = "auto",
    buffer_blocks: int = defaults.BUFFER_BLOCKS,
    buffer_bytes: int = defaults.BUFFER_BYTES,
    read_chunk_size: int | None = None,
    max_block_size: int | None = defaults.MAX_BLOCK_SIZE,
    max_empty_rows: int = defaults.MAX_EMPTY_ROWS,
    n_threads: int | None = None,
    reader_schema: AvroSchema | None = None,
    enum_as: EnumAs = "enum",
    map_as: MapAs = "list",
    utf8: Utf8 = "strict",
    invalid_values: InvalidValues = "raise",
    missing_columns: Literal["insert", "raise"] = "raise",
    extra_columns: Literal["ignore", "raise"] = "raise",
    schema: Mapping[str, PolarsDataType] | None = None,
    cast_options: pl.ScanCastOptions | None = None,
    hive_partitioning: bool | None = None,
    hive_schema: Mapping[str, PolarsDataType] | None = None,
    try_parse_hive_dates: bool = True,
) -> list[AvroSplit]:
    """Cut files into parts, each of which any process or machine reads by itself.

    Only the header of the first file is read here. The sizes of the others come from their directory or store. A later
    file that does not fit the first one is an error of its splits.

    Returns
    -------
    list of AvroSplit
        In the order of the files, and of their bytes. The splits of a file follow each other without a gap. The last
        one ends at the end of the file. Each file has at least one split. A file in gzip has exactly one.

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, PermissionError, SourceError, ParseError, SchemaError, CodecError
        As `scan_avro` does.
    SourceError
        A source cannot be read in parts: a pipe, an open file that cannot seek, an HTTP server that sends whole objects
        only.

    Examples
    --------
    >>> import jetliner
    >>> splits = jetliner.plan_splits(["sales.avro", "sales_2.avro"])
    >>> [split.path for split in splits]
    ['sales.avro', 'sales_2.avro']
    >>> import polars as pl
    >>> pl.concat([split.read(columns=["user_id"]) for split in splits]).height
    7
    """
    check_flag("glob", glob)
    checked_bytes = integer("split_bytes", split_bytes, Bounds())
    assert checked_bytes is not None
    options = ReadOptions(
        buffer_blocks=buffer_blocks,
        buffer_bytes=buffer_bytes,
        read_chunk_size=read_chunk_size,
        max_block_size=max_block_size,
        max_empty_rows=max_empty_rows,
        ignore_errors=ignore_errors,
        storage_options=storage_options,
        credential_provider=credential_provider,
        n_threads=n_threads,
        reader_schema=reader_schema,
        enum_as=enum_as,
        map_as=map_as,
        utf8=utf8,
        invalid_values=invalid_values,
        include_file_paths=include_file_paths,
    ).checked()
    many = ManyFilesOptions(
        missing_columns=missing_columns,
        extra_columns=extra_columns,
        schema=schema,
        cast_options=cast_options,
        hive_partitioning=hive_partitioning,
        hive_schema=hive_schema,
        try_parse_hive_dates=try_parse_hive_dates,
        has_reader_schema=reader_schema is not None,
    ).checked()
    files = resolve(source, options, glob=glob)
    states = states_of(files)
    partitions = find_partitions(files, many)
    call = Call("plan_splits", files.given, many, glob)
    with Inputs(takes_pipes=False, headers_only=True) as inputs:
        table = make_table(files, options.of(files), call, partitions, inputs=inputs, first_only=True)
    splits: list[AvroSplit] = []
    for index, (path, state) in enumerate(zip(files.paths, states, strict=True)):
        of_file = _table_of(table, index, files, state)
        cuts = _cuts(path, state.size_bytes, checked_bytes)
        splits.extend(AvroSplit(path, start, end, of_file, state) for start, end in cuts)
    return splits


def _cuts(path: str, size_bytes: int, split_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield the ends of equal parts of a file."""
    count = max(1, (2 * size_bytes + split_bytes) // (2 * split_bytes))
    if path.lower().endswith(".gz"):
        count = 1
    for index in range(count):
        yield size_bytes * index // count, size_bytes * (index + 1) // count


def _table_of(table: Table, index: int, files: Files, state: FileState) -> Table:
    """Return the table of one file alone. Its pickle does not have the other files."""
    path = files.paths[index]
    options, expected = table.options, table.expected
    if files.remote is not None:
        options = options._replace(remote=files.remote.only(path, state))
    if expected is not None and expected.partitions is not None:
        expected = replace(expected, partitions=expected.partitions.slice(index, 1))
    return replace(table, paths=[path], options=options, expected=expected, call=None)
