"""Options of Spark, which are texts, as arguments of `plan_splits`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jetliner.exceptions import ConfigurationError

_FLAGS = {"glob", "ignore_errors", "hive_partitioning", "try_parse_hive_dates"}
_NUMBERS = {
    "buffer_blocks",
    "buffer_bytes",
    "max_block_size",
    "max_empty_rows",
    "n_threads",
    "read_chunk_size",
    "split_bytes",
}
_TEXTS = {"extra_columns", "include_file_paths", "invalid_values", "map_as", "missing_columns", "reader_schema", "utf8"}
#: Spark adds the paths. The others are not options of `plan_splits`, or are objects there.
_OTHERS = {"columns", "path", "paths", "push_filters", "storage_options"}


def parse(options: Mapping[str, str]) -> tuple[str | list[str], list[str] | None, dict[str, Any]]:
    """Return the source, the columns, and the arguments of `plan_splits`.

    Raises
    ------
    ConfigurationError
        An option is not known or has a wrong value, or there is no path.
    """
    arguments = {name: _value(name, text) for name, text in options.items() if name not in _OTHERS}
    if "storage_options" in options:
        arguments["storage_options"] = _from_json("storage_options", options["storage_options"])
    source = _from_json("paths", options["paths"]) if "paths" in options else options.get("path")
    if not source:
        msg = 'no file is given: spark.read.format("jetliner").load(path)'
        raise ConfigurationError(msg)
    columns = options.get("columns")
    if columns is None:
        return source, None, arguments
    names = _from_json("columns", columns) if columns.startswith("[") else columns.split(",")
    return source, names, arguments


def flag(name: str, text: str) -> bool:
    """Return the value of an option that is true or false."""
    if text.lower() not in ("true", "false"):
        msg = f"the option {name} must be true or false"
        raise ConfigurationError(msg)
    return text.lower() == "true"


def _value(name: str, text: str) -> Any:
    """Return the value of an option of `plan_splits`."""
    if name in _FLAGS:
        return flag(name, text)
    if name in _NUMBERS:
        try:
            return int(text)
        except ValueError:
            msg = f"the option {name} must be a whole number"
            raise ConfigurationError(msg) from None
    if name in _TEXTS:
        return text
    known = ", ".join(sorted(_FLAGS | _NUMBERS | _TEXTS | _OTHERS))
    msg = f"there is no option {name!r}; the options are {known}"
    raise ConfigurationError(msg)


def _from_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        msg = f"the option {name} must be JSON"  # the text may be a secret
        raise ConfigurationError(msg) from None
