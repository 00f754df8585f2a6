"""Opens files that must have the columns of the first one. The core checks that, so each header is read only once."""

from __future__ import annotations

from collections.abc import Sequence

from jetliner import _core
from jetliner._columns.frames import schema_of
from jetliner._columns.parts import Existing, about_unknown, check_exist, has_dots, unknown_names
from jetliner._files.inputs import Inputs
from jetliner._files.opening import open_reader
from jetliner._options.hints import warn
from jetliner._options.read_options import ReadOptions
from jetliner._options.selection import Selection
from jetliner.exceptions import ColumnIndexError


def open_alike(
    options: ReadOptions, paths: list[str], selection: Selection, inputs: Inputs, *, batch_size: int | None = None
) -> _core.Reader:
    """Open a reader of some columns.

    Parameters
    ----------
    options, paths, inputs, batch_size
        As for `open_reader`.
    selection
        The columns.

    Raises
    ------
    SchemaError
        The files differ, or there is no such column and the selection needs it.
    JetlinerError
        A file cannot be opened, or its header is not valid.
    """

    def first_file() -> _core.Reader:
        reader = open_reader(options, paths[:1], n_rows=0, row_index=False, file_paths=False, inputs=inputs)
        reader.close()
        return reader

    names = selection.names
    if selection.indices:  # the core selects by name
        names = names_at(selection.indices, first_file().column_names, paths[0])
    with_parts = has_dots(names)
    reader = open_reader(
        options,
        paths,
        columns=None if with_parts else names,
        column_paths=names if with_parts else None,
        batch_size=batch_size,
        inputs=inputs,
    )
    if names:
        try:
            existing = Existing(reader.column_names, reader.has_column, lambda: schema_of(first_file()), paths[0])
            if selection.must_exist:
                check_exist(names, existing)
            else:
                _warn_of_unknown(names, existing, options)
        except BaseException:
            reader.close()
            raise
    return reader


def names_at(indices: Sequence[int], names: list[str], path: str) -> list[str]:
    """Return the names of columns by their indices.

    Raises
    ------
    SchemaError
        An index is out of range. It is an IndexError too.
    """
    for index in indices:
        if index >= len(names):
            msg = f"column index {index} is out of range: the file has {len(names)} columns"
            raise ColumnIndexError(msg, "ColumnNotFound", path)
    return [names[index] for index in indices]


def _warn_of_unknown(names: list[str], existing: Existing, options: ReadOptions) -> None:
    """Warn once of all names that lead nowhere. Row index and path are always there, so they may be named."""
    unknown = [name for name in unknown_names(names, existing) if name not in options.added_columns]
    if unknown:
        texts = [about_unknown(name, existing) for name in dict.fromkeys(unknown)]
        warn("\n".join([f"projected_columns: unknown names are ignored (file {existing.path!r})", *texts]))
