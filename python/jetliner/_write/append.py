"""Appending: the header of the file that is there goes on."""

from __future__ import annotations

import json
from typing import Any

from jetliner._files.opening import open_inspector
from jetliner._options.read_options import ReadOptions
from jetliner._write.write_options import WriteOptions
from jetliner.exceptions import ConfigurationError, FileNotFoundError, SchemaError, with_hint  # noqa: A004 (ours)

_DEFAULT_COMPRESSION = WriteOptions._field_defaults["compression"]


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
    ConfigurationError
        The compression of the call is not that of the file. The default counts as not given.
    """
    try:
        inspector = open_inspector(ReadOptions().checked(), path)
    except FileNotFoundError as error:
        raise with_hint(error, " (append=True needs an existing file)") from None
    if options.compression != _DEFAULT_COMPRESSION and options.codec != inspector.codec:
        msg = (
            f"append=True goes on with the codec of the file, {inspector.codec!r}, "
            f"got compression={options.compression!r}: leave it out"
        )
        raise ConfigurationError(msg)
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
