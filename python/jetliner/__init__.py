"""Avro files for Polars: streamed batch by batch, read whole, or queried lazily.

- `scan_avro` for queries: only the columns and rows that a query needs are read.
- `read_avro` for a whole file, or several, as one DataFrame.
- `AvroReader` and `MultiAvroReader` for batches, in constant memory.
- `read_avro_schema` for the schema alone, `read_avro_metadata` for all that a file has besides its rows.
- `count_rows` for the number of rows, without reading them.
- `plan_splits` for parts of files, which several processes or machines read.
- `write_avro` for a frame, `sink_avro` for a query, `AvroWriter` for frame after frame; `avro_schema` for their schema.

The examples of these functions read `sales.avro`, which `examples/sales.py` writes.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jetliner.exceptions import (
    AuthenticationError,
    CodecError,
    ConfigurationError,
    DecodeError,
    EncodeError,
    FileNotFoundError,  # noqa: A004 (derives from the built-in one)
    JetlinerError,
    ParseError,
    PermissionError,  # noqa: A004 (derives from the built-in one)
    SchemaError,
    SourceError,
)

if TYPE_CHECKING:
    from jetliner._core import BadBlockError
    from jetliner._core import __version__ as __version__  # the version of the package is that of its core
    from jetliner._files.sources import FileSource
    from jetliner.count import count_rows
    from jetliner.metadata import AvroMetadata, read_avro_metadata
    from jetliner.read import read_avro, read_avro_schema
    from jetliner.reader import AvroReader, MultiAvroReader
    from jetliner.scan import scan_avro
    from jetliner.splits import AvroSplit, plan_splits
    from jetliner.write import avro_schema, sink_avro, write_avro
    from jetliner.writer import AvroWriter

__all__ = [
    "AuthenticationError",
    "AvroMetadata",
    "AvroReader",
    "AvroSplit",
    "AvroWriter",
    "BadBlockError",
    "CodecError",
    "ConfigurationError",
    "DecodeError",
    "EncodeError",
    "FileNotFoundError",
    "FileSource",
    "JetlinerError",
    "MultiAvroReader",
    "ParseError",
    "PermissionError",
    "SchemaError",
    "SourceError",
    "avro_schema",
    "count_rows",
    "plan_splits",
    "read_avro",
    "read_avro_metadata",
    "read_avro_schema",
    "scan_avro",
    "sink_avro",
    "write_avro",
]

#: The modules of the other names. They are imported when a name is first used: they import Polars, which takes longer
#: than all else, and the command line does not need it for `--help` and `--version`.
_MODULES = {
    "AvroMetadata": "metadata",
    "AvroReader": "reader",
    "AvroSplit": "splits",
    "AvroWriter": "writer",
    "BadBlockError": "_core",
    "FileSource": "_files.sources",
    "MultiAvroReader": "reader",
    "__version__": "_core",
    "avro_schema": "write",
    "count_rows": "count",
    "plan_splits": "splits",
    "read_avro": "read",
    "read_avro_metadata": "metadata",
    "read_avro_schema": "read",
    "scan_avro": "scan",
    "sink_avro": "write",
    "write_avro": "write",
}


if not TYPE_CHECKING:  # type checkers would take every name for one of the module

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            value = getattr(import_module(f"jetliner.{_MODULES[name]}"), name)
            globals()[name] = value  # the next use finds it without this function
            return value
        if name in _MODULES.values():
            return import_module(f"jetliner.{name}")  # `jetliner.reader` after `import jetliner`
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)


def __dir__() -> list[str]:
    """Return the names of the API, without the modules that it is made of."""
    return [*__all__, "__version__"]
