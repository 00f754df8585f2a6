"""Opens readers, inspectors and recoveries of the core, by the options."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeVar

from jetliner import _core
from jetliner._files.inputs import Inputs
from jetliner._files.interrupts import raise_if_interrupted
from jetliner._options import defaults
from jetliner._options.checks import is_utf8
from jetliner._options.read_options import ReadOptions
from jetliner.exceptions import ConfigurationError, ParseError, SourceError

_Opened = TypeVar("_Opened")


def open_reader(
    options: ReadOptions,
    paths: list[str],
    *,
    columns: list[str] | None = None,
    column_paths: list[str] | None = None,
    rows_only: bool = False,
    filter_columns: list[str] | None = None,
    batch_size: int | None = None,
    batch_bytes: int = defaults.NO_LIMIT,
    n_rows: int | None = None,
    row_index: bool = True,
    file_paths: bool = True,
    merge_columns: bool = False,
    inputs: Inputs | None = None,
) -> _core.Reader:
    """Open a reader of the core.

    Parameters
    ----------
    options
        The options of the caller.
    paths
        Files, at least one.
    columns
        The columns of the files to read, by name; None for all.
    column_paths
        The same with paths to parts of columns ("address.city"), in place of `columns`.
    rows_only
        Read no columns of the files, only count their rows. Blocks are not decoded.
    filter_columns
        The columns for the filter of the query, row index and path included; None if there is no filter.
    batch_size
        Used instead of the option.
    batch_bytes
        A batch ends before it has `batch_size` rows if these take so much memory, about.
    n_rows
        A second limit of rows. The lower one counts.
    row_index, file_paths
        False leaves out the column, even if the option asks for it.
    merge_columns
        The files may have different columns.
    inputs
        What the readers of the call read. None: this reader has inputs of its own, and pipes and streams are refused.

    Raises
    ------
    ConfigurationError
        A path is not text, and the paths are to be values of a column.
    JetlinerError
        A file cannot be opened, or its header is not valid.
    """
    if n_rows is None or (options.n_rows is not None and options.n_rows < n_rows):
        n_rows = options.n_rows
    if file_paths and options.include_file_paths is not None:
        check_paths_for_column(options, paths)

    byte_range = None if options.part is None else options.part.checked_range(paths[0])

    def opened(inputs: Inputs) -> _core.Reader:
        while True:
            try:
                places = inputs.places(options)
                return _core.Reader(
                    paths,
                    batch_size=options.batch_size if batch_size is None else batch_size,
                    buffer_blocks=options.buffer_blocks,
                    buffer_bytes=inputs.buffer_bytes(options),
                    read_chunk_size=options.read_chunk_size,
                    max_block_size=options.max_block_size,
                    max_empty_rows=options.max_empty_rows,
                    ignore_errors=options.ignore_errors,
                    columns=columns,
                    column_paths=column_paths,
                    rows_only=rows_only,
                    filter_columns=filter_columns,
                    reader_schema=options.reader_schema,
                    merge_columns=merge_columns,
                    batch_bytes=batch_bytes,
                    byte_range=byte_range,
                    n_rows=n_rows,
                    row_index_name=options.row_index_name if row_index else None,
                    row_index_offset=options.row_index_offset,
                    path_column=options.include_file_paths if file_paths else None,
                    n_threads=options.n_threads or defaults.N_THREADS,
                    # By name, not by `**`: that would take 10 us more, a tenth of opening a small file.
                    descriptors=places.descriptors,
                    buffers=places.buffers,
                    store=places.store,
                    on_wait=None if places.store is None else raise_if_interrupted,
                    enum_as=options.enum_as,
                    map_as=options.map_as,
                    utf8=options.utf8,
                    invalid_values=options.invalid_values,
                )
            except (SourceError, ParseError) as error:
                # A copy would have other offsets than the file.
                if byte_range is not None or not inputs.make(error, options, paths):
                    raise

    if inputs is not None:
        return opened(inputs)
    with Inputs(takes_pipes=False) as own:
        return opened(own)


def check_paths_for_column(options: ReadOptions, paths: list[str]) -> None:
    """Check that paths can be values of a column, if the options ask for such a column.

    Raises
    ------
    ConfigurationError
        A path is not text.
    """
    if options.include_file_paths is None:
        return
    for path in paths:
        if not is_utf8(path):
            msg = f"include_file_paths needs paths that are valid text, and {path!r} is not"
            raise ConfigurationError(msg)


def open_inspector(options: ReadOptions, path: str, *, inputs: Inputs | None = None) -> _core.Inspector:
    """Open an inspector of the core, for the header and the blocks of one file."""
    return _opened(functools.partial(_core.Inspector, ignore_errors=options.ignore_errors), options, path, inputs)


def open_recovery(options: ReadOptions, path: str) -> _core.Recovery:
    """Open a recovery of the core, for the good rows of one file. It skips damage, whatever the options say."""
    return _opened(_core.Recovery, options, path)


def _opened(make: Callable[..., _Opened], options: ReadOptions, path: str, inputs: Inputs | None = None) -> _Opened:
    if inputs is None:
        with Inputs() as own:
            return _opened(make, options, path, own)
    while True:
        try:
            places = inputs.places(options)
            return make(
                path,
                read_chunk_size=options.read_chunk_size,
                max_block_size=options.max_block_size,
                descriptors=places.descriptors,
                buffers=places.buffers,
                store=places.store,
            )
        except (SourceError, ParseError) as error:
            if not inputs.make(error, options, [path]):
                raise
