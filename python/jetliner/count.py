"""How many rows there are: count_rows."""

from __future__ import annotations

from jetliner import options as opt
from jetliner.options import LARGEST, ReadOptions, check_flag
from jetliner.sources import FileSource, resolve


def count_rows(
    source: FileSource,
    *,
    glob: bool = True,
    ignore_errors: bool = False,
    storage_options: dict[str, str] | None = None,
    read_chunk_size: int | None = None,
    max_block_size: int | None = opt.MAX_BLOCK_SIZE,
    max_empty_rows: int = opt.MAX_EMPTY_ROWS,
    n_threads: int | None = None,
) -> int:
    """Count the rows of Avro files by the headers of their blocks. Nothing is decompressed or decoded.

    Each block of an Avro file says how many rows and bytes it has. Only these numbers and the marker after each block
    are read. So the count is that of the file's writer: where a block's data are damaged, reading finds fewer rows, and
    raises. What does show is damage between blocks, and a block that claims more rows than its bytes can hold.

    The files need not have the same schema.

    Parameters
    ----------
    source : str, os.PathLike, or list or tuple of them
        Files, directories and patterns, as for `read_avro`.
    glob : bool, default True
        Expand patterns. False takes paths literally.
    ignore_errors : bool, default False
        Pass over damage as reading does, and count the blocks that are whole.
    storage_options : dict of str to str, optional
        Settings of object stores. Local files need none.
    read_chunk_size : int, optional
        How many bytes to ask for at a time where the file has to be read through: after damage. The source chooses by
        default.
    max_block_size : int or None, default 536870912
        The most bytes that a block may have when decompressed: a larger one cannot be read, so it is not counted.
    max_empty_rows : int, default 16777216
        The most rows of a schema whose values take no bytes (null, records without fields), as for `read_avro`.
    n_threads : int, optional
        How many threads may count, from 1 to 1024: parts of a local file that has many blocks, or several files where
        these are slow to answer. By default as many as there are cores that may be used, and 8 for slow files.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, PermissionError, SourceError, SchemaError
        As `read_avro` does.
    ParseError, CodecError, DecodeError
        A file is not an Avro file, or damaged, as far as this shows between blocks.

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
        batch_size=LARGEST,
        read_chunk_size=read_chunk_size,
        max_block_size=max_block_size,
        max_empty_rows=max_empty_rows,
        ignore_errors=ignore_errors,
        storage_options=storage_options,
        n_threads=n_threads,
    )
    reader = options.open(resolve(source, glob=glob).paths, rows_only=True, pipes=True)
    try:
        rows = 0
        while (batch := reader.next()) is not None:
            rows += batch.num_rows
        return rows
    finally:
        reader.close()
