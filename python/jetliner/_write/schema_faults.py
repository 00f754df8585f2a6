"""Tells what others may refuse in the schema of a caller: names that are not valid, and defaults that do not fit."""

from __future__ import annotations

from jetliner import _core
from jetliner._options.hints import warn
from jetliner._write.write_options import WriteOptions

_MOST_SHOWN = 3
#: The core stops at so many faults of one kind.
_MOST_FAULTS = 100


def warn_of_schema_faults(options: WriteOptions) -> None:
    """Warn of it once. It is no error, so that a file that has such a schema can be written again by it.

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
    lines = _core.schema_faults(options.schema, invalid_names=options.invalid_names)
    if not lines:
        return
    shown = lines[:_MOST_SHOWN]
    if len(lines) > len(shown):
        least = "at least " if len(lines) >= _MOST_FAULTS else ""
        shown.append(f"{least}{len(lines) - len(shown)} more")
    warn(f"schema: {'; '.join(shown)}. Other programs, such as fastavro, may refuse the file")
