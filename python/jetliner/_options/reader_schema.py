"""The options that are Avro schemas, `reader_schema` and `schema` of the writers: as the JSON text for the core."""

from __future__ import annotations

import builtins
import json
import os
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from jetliner._options.redact import without_secrets
from jetliner.exceptions import (
    ConfigurationError,
    FileNotFoundError,  # noqa: A004 (ours)
    PermissionError,  # noqa: A004 (ours)
    SchemaError,
    SourceError,
)

#: An Avro schema: JSON text, the same as Python objects, or the path of an .avsc file.
AvroSchema: TypeAlias = str | os.PathLike[str] | dict[str, Any] | list[Any]

_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})


def schema_text(schema: Any, option: str = "reader_schema") -> str:
    """Return a schema as JSON text. The core checks later whether the text is an Avro schema.

    Parameters
    ----------
    schema
        A dict or list is written as JSON. A path (os.PathLike, or a str that ends in ".avsc") is read. A str that
        starts like JSON, or with a comment, is taken as it is. The bare name of a primitive type is put into quotes.
    option
        The name of the option, for messages.

    Raises
    ------
    TypeError
        It is none of these, or contains objects that JSON cannot hold.
    ConfigurationError
        It is a str, but neither JSON nor such a path.
    FileNotFoundError, PermissionError, SourceError
        The file cannot be read.
    SchemaError
        The text is not Unicode.
    """
    if isinstance(schema, (dict, list)):
        return _dumped(schema, option)
    if isinstance(schema, os.PathLike):
        return _checked(_read(os.fspath(schema), option), option)
    if not isinstance(schema, str):
        msg = (
            f"{option} must be JSON text (str), a dict, a list, or the path of an .avsc file, "
            f"got {type(schema).__name__}"
        )
        raise TypeError(msg)
    if _starts_like_json(schema.lstrip("\ufeff \t\r\n")):
        return _checked(schema, option)
    if schema in _PRIMITIVES:
        return json.dumps(schema)
    if "://" in schema:
        msg = f"{option} must be JSON or the path of a local .avsc file, not a URL: {without_secrets(schema)!r}"
        raise ConfigurationError(msg)
    if schema.endswith(".avsc"):
        return _checked(_read(schema, option), option)
    shown = schema if len(schema) <= 80 else schema[:77] + "..."
    msg = f'{option} is neither JSON (which starts with {{, [ or ") nor a path that ends in .avsc: {shown!r}'
    raise ConfigurationError(msg)


def _starts_like_json(text: str) -> bool:
    # A comment to the end of the line needs another line after it. Without one, it may be the path //host/x.avsc.
    return text.startswith(("{", "[", '"', "/*")) or (text.startswith("//") and "\n" in text)


def _dumped(schema: dict[str, Any] | list[Any], option: str) -> str:
    try:
        return json.dumps(schema)
    except TypeError as error:
        if isinstance(schema, dict) and any(map(_is_polars_type, schema.values())):
            msg = f"{option} must be an Avro schema, and this is one of Polars: jetliner.avro_schema makes one of it"
        else:
            msg = f"{option} must be an Avro schema, made of what JSON knows: {error}"
        raise TypeError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{option} cannot be written as JSON: {error}"
        raise ConfigurationError(msg) from error


def _is_polars_type(value: object) -> bool:
    return isinstance(value, pl.DataType) or (isinstance(value, type) and issubclass(value, pl.DataType))


def _checked(text: str, option: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        msg = f"{option} is not valid Unicode text: {error.reason} at character {error.start}"
        raise SchemaError(msg, "ParseError") from error
    return text


def _read(path: Any, option: str) -> str:
    shown = os.fsdecode(path)
    try:
        return Path(shown).read_bytes().decode()
    except builtins.FileNotFoundError as error:
        msg = f"{option}: file not found: {shown}"
        raise FileNotFoundError(msg, "NotFound", shown) from error
    except builtins.PermissionError as error:
        msg = f"{option}: permission denied: {shown}"
        raise PermissionError(msg, "PermissionDenied", shown) from error
    except OSError as error:
        msg = f"{option} cannot be read: {error.strerror or error}"
        raise SourceError(msg, "Io", shown) from error
    except UnicodeDecodeError as error:
        msg = f"{option} is not UTF-8: {error.reason} at byte {error.start}"
        raise SchemaError(msg, "ParseError", shown) from error
    except ValueError as error:
        msg = f"{option}: a path must not contain a null character, got {shown!r}"
        raise ConfigurationError(msg) from error
