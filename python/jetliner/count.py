"""The number of rows: count_rows."""

from __future__ import annotations

from jetliner._files.inputs import Inputs
from jetliner._files.opening import open_reader
from jetliner._files.skipped import warn_of_skipped
from jetliner._files.sources import Files, FileSource, resolve
from jetliner._options import defaults
from jetliner._options.checks import check_flag
from jetliner._options.parameters import documented
from jetliner._options.read_options import ReadOptions
from jetliner._progress import ReadingBar
from jetliner._stores.credentials import CredentialProviderArgument


@documented(
    source="Files, directories and patterns, as for `read_avro`.",
    ignore_errors="Skip damage as reading does, and count the rows of whole blocks.",
    read_chunk_size="""
    The number of bytes to ask for at a time, if the file has to be read through, as after damage. By default the source
    chooses.
    """,
    max_block_size="""
    The most bytes that a block may have when decompressed. A larger block cannot be read, so it is not counted.
    """,
    max_empty_rows="""
    The most rows that take no bytes (null, records without fields), as for `read_avro`.
    """,
    n_threads="""
    The number of threads that may count, from 1 to 1024. They count parts of a local file that has many blocks, or
    several files that are slow to answer. By default the number that Polars was told to use (POLARS_MAX_THREADS), or
    else the number of cores that the process may use, and 8 for slow files.
    """,
)
def count_rows(
    source: FileSource,
    *,
    glob: bool = True,
    ignore_errors: bool = False,
    storage_options: dict[str, str] | None = None,
    credential_provider: CredentialProviderArgument = "auto",
    read_chunk_size: int | None = None,
    max_block_size: int | None = defaults.MAX_BLOCK_SIZE,
    max_empty_rows: int = defaults.MAX_EMPTY_ROWS,
    n_threads: int | None = None,
) -> int:
    """Count the rows of Avro files by the headers of their blocks. Nothing is decompressed or decoded.

    The header of each block tells its rows and bytes. Only these numbers and the marker after each block are read. So
    the count is what the writer of the file said. Damage inside a block is not noticed, though reading the rows would
    raise. Damage between blocks is noticed, and so is a block that claims more rows than its bytes can hold.

    The files need not have the same schema.

    Returns
    -------
    int
        The rows of all files together.

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, PermissionError, SourceError, SchemaError
        As `read_avro` does.
    ParseError, CodecError, DecodeError
        A file is not an Avro file, or is damaged between its blocks.

    Examples
    --------
    >>> import jetliner
    >>> jetliner.count_rows("sales.avro")
    5
    >>> jetliner.count_rows(["sales.avro", "sales_2.avro"])
    7
    """
    check_flag("glob", glob)
    options = ReadOptions(
        batch_size=defaults.LARGEST,
        read_chunk_size=read_chunk_size,
        max_block_size=max_block_size,
        max_empty_rows=max_empty_rows,
        ignore_errors=ignore_errors,
        storage_options=storage_options,
        credential_provider=credential_provider,
        n_threads=n_threads,
    ).checked()
    rows, _ = counted(resolve(source, options, glob=glob), options)
    return sum(rows.values())


def counted(files: Files, options: ReadOptions, inputs: Inputs | None = None) -> tuple[dict[str, int], int]:
    """Return the number of rows of each file, in the order of the files, and the number of all blocks with rows."""
    rows = dict.fromkeys(files.paths, 0)
    with inputs or Inputs() as inputs:
        reader = open_reader(options.of(files), files.paths, rows_only=True, inputs=inputs)
    bar = ReadingBar(reader, files.paths, stays=False) if options.progress else None
    try:
        while (batch := reader.next()) is not None:
            if bar is not None:
                bar.follow()
            if len(rows) == 1:  # to ask for the runs takes time
                rows[files.paths[0]] += batch.num_rows
                continue
            for path, number in batch.runs():
                rows[path] += number
        return rows, reader.num_blocks
    finally:
        reader.close()
        if bar is not None:
            bar.close()
        warn_of_skipped(reader)
