"""Appending: the header of the file that is there goes on."""

from __future__ import annotations

import json
from typing import Any

from jetliner._files.opening import open_inspector
from jetliner._options.read_options import ReadOptions
from jetliner._write.write_options import WriteOptions
from jetliner.exceptions import SchemaError


def appending(path: str, options: WriteOptions) -> dict[str, Any]:
    """Return the arguments of the core's writer for more blocks in a file.

    All blocks are checked: a file that is damaged or cut is not appended to.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ParseError, CodecError
        The file is damaged, or cut at its end.
    SchemaError
        The schema of the call is not that of the file.
    """
    inspector = open_inspector(ReadOptions().checked(), path)
    while inspector.next() is not None:
        pass
    schema = inspector.schema_json
    if options.schema is not None and json.loads(options.schema) != json.loads(schema):
        msg = "the schema is not that of the file: leave it out, or give that of the file"
        raise SchemaError(msg, "IncompatibleSchemas", path)
    return {
        **options.for_core(),
        "append": True,
        "schema": schema,
        "codec": inspector.codec,
        "sync_marker": inspector.sync_marker,
    }
