"""A cache of schemas.

Polars takes as long to make a schema as the core takes to open a small file. Files of one writer have the same schema
text, so their columns are the same.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from jetliner import _core
from jetliner._columns.frames import schema_of
from jetliner._options.read_options import ReadOptions

#: Schemas by all that decides about them: the schema text of the file, and options.
_known_schemas: dict[tuple[str | None, ...], pl.Schema] = {}
#: The bounds of the cache: entries, characters in a key, types in a schema. (A short text may unfold to many types.)
_MAX_KNOWN = 32
_MAX_KEY_CHARACTERS = 1 << 14
_MAX_TYPES = 1000
#: This number of characters in names counts as one type.
_TYPE_CHARACTERS = 64


def schema_of_files(reader: _core.Reader, options: ReadOptions) -> pl.Schema:
    """Return the schema of a reader that reads all columns. The schema is shared: do not change it."""
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
        if sum(len(part or "") for part in key) <= _MAX_KEY_CHARACTERS and _has_few_types(schema):
            if len(_known_schemas) >= _MAX_KNOWN:
                _known_schemas.clear()
            _known_schemas[key] = schema
    return schema


def _has_few_types(schema: pl.Schema) -> bool:
    """Tell whether a schema has at most _MAX_TYPES types, inner types included.

    Long names and the symbols of enums count as several types: each use of a record in the schema repeats them.
    """
    count = sum(len(name) for name in schema) // _TYPE_CHARACTERS
    types: list[Any] = list(schema.values())
    while types and count + len(types) <= _MAX_TYPES:
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
            return False  # a Map, whose inner types are not counted
    return not types and count <= _MAX_TYPES
