"""Small files for tests of single traps."""

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
    """A file of blocks given as (number of rows, plain data)."""
    return header(schema, codec) + b"".join(block(codec, count, data) for count, data in blocks)


def encoded(schema: Any, *rows: Any) -> tuple[int, bytes]:
    """A block of raw values: their number and plain data."""
    encoder, node = Encoder(), parse(schema)
    return len(rows), b"".join(encoder.encode(node, row) for row in rows)


def record(**fields: Any) -> dict[str, Any]:
    """The schema of a record ``R`` with these fields."""
    return {"type": "record", "name": "R", "fields": [{"name": name, "type": kind} for name, kind in fields.items()]}


def save(directory: Path, data: bytes, name: str = "file.avro") -> str:
    """Write a file; its path."""
    path = directory / name
    path.write_bytes(data)
    return str(path)


def outcome(read: Callable[..., pl.DataFrame], *arguments: Any, **options: Any) -> pl.DataFrame | JetlinerError:
    """The frame, or the error where there is one; for input that may be refused or read."""
    try:
        return read(*arguments, **options)
    except JetlinerError as error:
        return error
