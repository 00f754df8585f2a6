"""The expected result of a read: the Polars type of every Avro type, and the physical value of every raw value.

*Physical* values are those of ``Series.to_physical().to_list()``: temporal values as numbers in the unit of their type
(time of day: nanoseconds), decimals as unscaled numbers, enums as the index of the category. A field that refers to an
enclosing record is read as JSON text. Its expectation is a ``Json``, and ``compare`` compares it with the parsed text.
"""

from __future__ import annotations

import base64
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from .decode import Cursor
from .model import Node

Convert = Callable[[Any], Any]


@dataclass(slots=True)
class Json:
    """A value that is read as JSON text."""

    node: Node
    raw: Any


@dataclass(slots=True)
class Column:
    """The Polars type of an Avro type, and the conversion of its values."""

    dtype: pl.DataType
    convert: Convert  # raw value to physical value
    has_json: bool = False


def _same(value: Any) -> Any:
    return value


def decimal_unscaled(data: bytes) -> int:
    """Decode a big-endian two's complement. No bytes mean 0."""
    return int.from_bytes(data, "big", signed=True)


def decimal_text(unscaled: int, scale: int) -> str:
    """Format in plain notation with exactly ``scale`` digits after the point."""
    if scale <= 0:
        return str(unscaled * 10**-scale)
    digits = str(abs(unscaled)).rjust(scale + 1, "0")
    return f"{'-' if unscaled < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def big_decimal_text(data: bytes) -> str:
    """Format a big-decimal. Its bytes are the unscaled value with its length, then the scale."""
    cursor = Cursor(data)
    unscaled = decimal_unscaled(cursor.take(cursor.long()))
    return decimal_text(unscaled, cursor.long())


def uuid_text(data: bytes) -> str:
    """Format a UUID of 16 bytes."""
    text = data.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def duration_micros(data: bytes) -> int:
    """Convert to microseconds. A month is 30 days, a day 24 hours."""
    months, days, millis = struct.unpack("<III", data)
    return ((months * 30 + days) * 86_400_000 + millis) * 1000


def little_endian(value: Any) -> Any:
    """Return the number of an arrow.uint64 or arrow.float16, which may be a fixed."""
    if not isinstance(value, bytes):
        return value
    return struct.unpack("<Q" if len(value) == 8 else "<e", value)[0]


_SIMPLE: dict[str, pl.DataType] = {
    "null": pl.Null(),
    "boolean": pl.Boolean(),
    "int": pl.Int32(),
    "long": pl.Int64(),
    "float": pl.Float32(),
    "double": pl.Float64(),
    "bytes": pl.Binary(),
    "string": pl.String(),
    "fixed": pl.Binary(),
}

_TEMPORAL: dict[str, Column] = {
    "date": Column(pl.Date(), _same),
    "time-millis": Column(pl.Time(), lambda value: value * 1_000_000),
    "time-micros": Column(pl.Time(), lambda value: value * 1000),
    "timestamp-millis": Column(pl.Datetime("ms", "UTC"), _same),
    "timestamp-micros": Column(pl.Datetime("us", "UTC"), _same),
    "timestamp-nanos": Column(pl.Datetime("ns", "UTC"), _same),
    "local-timestamp-millis": Column(pl.Datetime("ms"), _same),
    "local-timestamp-micros": Column(pl.Datetime("us"), _same),
    "local-timestamp-nanos": Column(pl.Datetime("ns"), _same),
    "duration": Column(pl.Duration("us"), duration_micros),
    "arrow.int8": Column(pl.Int8(), _same),
    "arrow.int16": Column(pl.Int16(), _same),
    "arrow.uint8": Column(pl.UInt8(), _same),
    "arrow.uint16": Column(pl.UInt16(), _same),
    "arrow.uint32": Column(pl.UInt32(), _same),
    "arrow.uint64": Column(pl.UInt64(), little_endian),
    "arrow.float16": Column(pl.Float16(), little_endian),
    "arrow.time32-second": Column(pl.Time(), lambda value: value * 1_000_000_000),
    "arrow.time64-nanosecond": Column(pl.Time(), _same),
    "arrow.duration-seconds": Column(pl.Duration("ms"), lambda value: value * 1000),
    "arrow.duration-millis": Column(pl.Duration("ms"), _same),
    "arrow.duration-micros": Column(pl.Duration("us"), _same),
    "arrow.duration-nanos": Column(pl.Duration("ns"), _same),
    "arrow.timestamp-second": Column(pl.Datetime("ms", "UTC"), lambda value: value * 1000),
    "arrow.local-timestamp-second": Column(pl.Datetime("ms"), lambda value: value * 1000),
    "arrow.date64": Column(pl.Datetime("ms"), _same),
    "big-decimal": Column(pl.String(), big_decimal_text),
}


def column(node: Node, around: tuple[Node, ...] = ()) -> Column:
    """Return the expectation of a type. ``around`` are its enclosing records."""
    kind = node.kind
    if node.logical is not None:
        return _logical(node)
    if kind in _SIMPLE:
        return Column(_SIMPLE[kind], _same)
    if kind == "enum":
        index = {symbol: i for i, symbol in enumerate(node.symbols)}
        return Column(pl.Enum(node.symbols), index.__getitem__)
    if kind == "array":
        item = column(node.child, around)
        convert = item.convert
        return Column(pl.List(item.dtype), lambda value: [convert(v) for v in value], item.has_json)
    if kind == "map":
        item = column(node.child, around)
        entry = pl.Struct({"key": pl.String(), "value": item.dtype})
        convert = item.convert
        return Column(
            pl.List(entry), lambda value: [{"key": k, "value": convert(v)} for k, v in value.items()], item.has_json
        )
    if kind == "union":
        return _union(node, around)
    if node in around:
        return Column(pl.String(), lambda value: Json(node, value), True)
    inside = (*around, node)
    fields = [(name, column(child, inside)) for name, child in node.fields]
    return Column(
        pl.Struct({name: field.dtype for name, field in fields}),
        lambda value: {name: field.convert(value[name]) for name, field in fields},
        any(field.has_json for _, field in fields),
    )


def _logical(node: Node) -> Column:
    logical = node.logical
    if logical == "decimal":
        if node.precision <= 38:
            return Column(pl.Decimal(node.precision, node.scale), decimal_unscaled)
        return Column(pl.String(), lambda value: decimal_text(decimal_unscaled(value), node.scale))
    if logical == "uuid":
        return Column(pl.String(), uuid_text if node.kind == "fixed" else _same)
    assert logical is not None
    return _TEMPORAL[logical]


def _union(node: Node, around: tuple[Node, ...]) -> Column:
    branches = [None if branch.kind == "null" else column(branch, around) for branch in node.branches]
    present = [branch for branch in branches if branch is not None]
    if not present:
        return Column(pl.Null(), lambda _: None)
    if len(present) == 1:

        def bare(value: tuple[int, Any]) -> Any:
            branch = branches[value[0]]
            return None if branch is None else branch.convert(value[1])

        return Column(present[0].dtype, bare, present[0].has_json)

    names = [branch.branch_name for branch in node.branches]
    empty = {name: None for name, branch in zip(names, branches, strict=True) if branch is not None}

    def tagged(value: tuple[int, Any]) -> Any:
        branch = branches[value[0]]
        return None if branch is None else empty | {names[value[0]]: branch.convert(value[1])}

    fields = {name: branch.dtype for name, branch in zip(names, branches, strict=True) if branch is not None}
    return Column(pl.Struct(fields), tagged, any(branch.has_json for branch in present))


@dataclass
class Table:
    """The expected result of reading a file."""

    schema: pl.Schema
    columns: dict[str, list[Any]]  # physical values
    json_columns: frozenset[str]
    height: int


def table(node: Node, rows: list[Any]) -> Table:
    """Return the expected table. The columns are the fields of a record, or ``value`` for any other type."""
    if node.kind == "record":
        columns = {name: column(child, (node,)) for name, child in node.fields}
        values = {name: [c.convert(row[name]) for row in rows] for name, c in columns.items()}
    else:
        columns = {"value": column(node)}
        values = {"value": [columns["value"].convert(row) for row in rows]}
    schema = pl.Schema({name: c.dtype for name, c in columns.items()})
    return Table(schema, values, frozenset(name for name, c in columns.items() if c.has_json), len(rows))


def json_difference(node: Node, raw: Any, parsed: Any, path: str) -> str | None:
    """Return the difference between a parsed JSON text and its raw value; None if there is none."""
    kind = node.kind
    if kind == "union":
        return json_difference(node.branches[raw[0]], raw[1], parsed, path)
    if kind == "record":
        if not isinstance(parsed, dict) or list(parsed) != [name for name, _ in node.fields]:
            return f"{path}: {parsed!r} does not have the fields of {node.name}"
        found = (json_difference(child, raw[name], parsed[name], f"{path}.{name}") for name, child in node.fields)
        return next(filter(None, found), None)
    if kind == "map":
        if not isinstance(parsed, dict) or list(parsed) != list(raw):
            return f"{path}: {parsed!r} does not have the keys {list(raw)}"
        found = (json_difference(node.child, raw[key], parsed[key], f"{path}[{key!r}]") for key in raw)
        return next(filter(None, found), None)
    if kind == "array":
        if not isinstance(parsed, list) or len(parsed) != len(raw):
            return f"{path}: {parsed!r} is not a list of {len(raw)}"
        found = (
            json_difference(node.child, r, p, f"{path}[{i}]") for i, (r, p) in enumerate(zip(raw, parsed, strict=True))
        )
        return next(filter(None, found), None)
    expected = json_scalar(node, raw)
    if isinstance(expected, float):
        layout = "<d" if kind == "double" else "<f"
        if type(parsed) in (int, float) and struct.pack(layout, parsed) == struct.pack(layout, expected):
            return None
        if parsed == 0 and expected == 0:  # a JSON parser reads "-0" as 0
            return None
    elif type(parsed) is type(expected) and parsed == expected:
        return None
    return f"{path}: {parsed!r} instead of {expected!r}"


def json_scalar(node: Node, raw: Any) -> Any:
    """Return the JSON value of a scalar."""
    logical = node.logical
    if logical == "decimal":
        return decimal_text(decimal_unscaled(raw), node.scale)
    if logical == "big-decimal":
        return big_decimal_text(raw)
    if logical == "uuid" and node.kind == "fixed":
        return uuid_text(raw)
    if logical == "duration":
        return dict(zip(("months", "days", "milliseconds"), struct.unpack("<III", raw), strict=True))
    if logical in ("arrow.uint64", "arrow.float16"):
        raw = little_endian(raw)
    elif node.kind in ("bytes", "fixed"):
        return base64.b64encode(raw).decode()
    if isinstance(raw, float) and not math.isfinite(raw):
        return None
    return raw
