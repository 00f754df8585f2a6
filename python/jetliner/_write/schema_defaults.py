"""Tells of defaults in the schema of a caller that do not fit their types."""

from __future__ import annotations

from jetliner import _core
from jetliner._options.hints import warn
from jetliner._write.write_options import WriteOptions

_MOST_SHOWN = 3


def warn_of_bad_defaults(options: WriteOptions) -> None:
    """Warn of them once. It is no error, so that a file that has such a schema can be written again by it.

    Parameters
    ----------
    options
        Checked options. With `append` the schema is in the file already.

    Raises
    ------
    SchemaError
        The text is no schema.
    """
    if options.schema is None or options.append:
        return
    lines = _core.bad_defaults(options.schema)
    if not lines:
        return
    shown = lines[:_MOST_SHOWN]
    if len(lines) > len(shown):
        shown.append(f"{len(lines) - len(shown)} more")
    warn(f"schema: {'; '.join(shown)}. Other programs, such as fastavro, may refuse the file")
