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

from jetliner._core import BadBlockError
from jetliner._core import __version__ as __version__  # the version of the package is that of its core
from jetliner._files.sources import FileSource
from jetliner.count import count_rows
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


def __dir__() -> list[str]:
    """Return the names of the API, without the modules that it is made of."""
    return [*__all__, "__version__"]
