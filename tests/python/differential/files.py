"""Helpers that make small files, each for one special case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from jetliner.exceptions import JetlinerError

from .container import block, header
from .encode import Encoder
from .model import parse


def avro(schema: Any, *blocks: tuple[int, bytes], codec: str = "null") -> bytes:
    """Return a file of blocks, given as (number of rows, uncompressed data)."""
    return header(schema, codec) + b"".join(block(codec, count, data) for count, data in blocks)


def encoded(schema: Any, *rows: Any) -> tuple[int, bytes]:
    """Return a block of raw values: their number and uncompressed data."""
    encoder, node = Encoder(), parse(schema)
    return len(rows), b"".join(encoder.encode(node, row) for row in rows)


def record(**fields: Any) -> dict[str, Any]:
    """Return the schema of a record ``R`` with these fields."""
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": kind} for name, kind in fields.items()]}


def save(directory: Path, data: bytes, name: str = "file.avro") -> str:
    """Write a file; return its path."""
    path = directory / name
    path.write_bytes(data)
    return str(path)


def outcome(read: Callable[..., pl.DataFrame], *arguments: Any, **options: Any) -> pl.DataFrame | JetlinerError:
    """Return the frame or the error. For input that may be read or refused."""
    try:
        return read(*arguments, **options)
    except JetlinerError as error:
        return error
