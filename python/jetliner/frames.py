"""From the core's batches to Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import polars as pl

if TYPE_CHECKING:
    from jetliner import _core
    from jetliner.options import ReadOptions


#: A batch of less memory is taken over as a whole, which is sooner done.
_LITTLE_BYTES = 1 << 20


def to_frame(batch: _core.Batch) -> pl.DataFrame:
    """Return the rows of a batch as a DataFrame, which shares the batch's memory.

    Flat columns are taken one by one, as a query may keep some of them only: of a struct array, the memory of all would
    stay. Of many chunks that is the quicker way as well. Others are not: of lists of enums, as a series, Polars (2.1)
    loses the chunks in which all lists are empty.
    """
    # Polars' annotations do not name objects of Arrow's PyCapsule interface, its documentation does.
    if batch.held_bytes < _LITTLE_BYTES or not batch.is_flat:
        return pl.DataFrame(cast("pl.DataFrame", batch))
    return pl.DataFrame([pl.Series(cast("pl.Series", batch.column(index))) for index in range(batch.num_columns)])


def schema_of_batch(batch: _core.Batch) -> pl.Schema:
    """Return the schema of a batch."""
    return to_frame(batch).schema


def schema_of(reader: _core.Reader) -> pl.Schema:
    """Return the schema of every frame that comes from a reader."""
    return schema_of_batch(reader.empty_batch())


#: The schemas of files that were read of late, by what makes them.
_known_schemas: dict[tuple[str | None, ...], pl.Schema] = {}
#: So many, with keys of so many characters and as many types at most. (A short text may unfold to very many.)
_MOST_KNOWN = 32
_LONGEST_KEY = 1 << 14
_MOST_TYPES = 1000
_TYPE_CHARACTERS = 64


def schema_of_files(reader: _core.Reader, options: ReadOptions) -> pl.Schema:
    """Return the schema of a reader of all columns. It is shared, and must not be changed.

    The same text and options make the same columns, and files of one writer have the same text. To have Polars make a
    schema takes as long as to open a small file.
    """
    key = (
        reader.schema_json,
        options.reader_schema,
        options.enum_as,
        options.map_as,
        options.row_index_name,
        options.include_file_paths,
    )
    schema = _known_schemas.get(key)
    if schema is None:
        schema = schema_of(reader)
        if sum(len(part or "") for part in key) <= _LONGEST_KEY and _has_few_types(schema):
            if len(_known_schemas) >= _MOST_KNOWN:
                _known_schemas.clear()
            _known_schemas[key] = schema
    return schema


def _has_few_types(schema: pl.Schema) -> bool:
    """Tell whether a schema has at most _MOST_TYPES types, those within others among them.

    Long names, and the symbols of enums, count for several: they are there as often as their type is.
    """
    count = sum(len(name) for name in schema) // _TYPE_CHARACTERS
    types: list[Any] = list(schema.values())
    while types and count + len(types) <= _MOST_TYPES:
        dtype = types.pop()
        count += 1
        if isinstance(dtype, pl.Struct):
            types.extend(field.dtype for field in dtype.fields)
            count += sum(len(field.name) for field in dtype.fields) // _TYPE_CHARACTERS
        elif isinstance(dtype, pl.Enum):
            count += int(dtype.categories.str.len_bytes().sum()) // _TYPE_CHARACTERS
        elif isinstance(dtype, (pl.List, pl.Array)):
            types.append(dtype.inner)
        elif dtype.is_nested():
            return False  # a Map: what is in it is not looked for
    return not types and count <= _MOST_TYPES
