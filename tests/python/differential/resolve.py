"""A simple schema resolution on raw values (Avro 1.12, "Schema Resolution").

``Resolver`` turns a value of one schema into a value of another. It is independent of jetliner, and resolves value by
value. If the specification leaves a choice, it follows docs/avro-support.md.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from .generate import ARROW_NUMBERS
from .model import Node, full_name, parse


class UnresolvableError(Exception):
    """A reader must refuse this: the schemas when the file is opened, or a value when it is read."""


class ValueUnresolvableError(UnresolvableError):
    """Only a value cannot be resolved: a branch of a union or a symbol."""


_PROMOTIONS = {
    ("int", "long"), ("int", "float"), ("int", "double"), ("long", "float"), ("long", "double"), ("float", "double"),
    ("string", "bytes"), ("bytes", "string"),
}  # fmt: skip
_NAMED = ("record", "enum", "fixed")


def float32(value: float) -> float:
    """Round to the nearest 32-bit float."""
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def long_to_float32(value: int) -> float:
    """Round a long to the nearest 32-bit float, in one step, not through a double."""
    if abs(value) < 2**53:
        return float32(float(value))
    sign, size = (-1 if value < 0 else 1), abs(value)
    shift = size.bit_length() - 24
    whole, rest = size >> shift, size & ((1 << shift) - 1)
    half = 1 << (shift - 1)
    if rest > half or (rest == half and whole & 1):
        whole += 1
    return sign * float(whole << shift)


class ReaderSchema:
    """A reader's schema: its nodes, and the aliases and defaults, which ``model`` does not keep."""

    def __init__(self, schema: Any) -> None:
        self.json = schema
        self.node = parse(schema)
        self.aliases: dict[str, list[str]] = {}  # of named types, by full name
        self.fields: dict[str, dict[str, dict[str, Any]]] = {}  # of records, by full name: field name to its JSON
        self.enum_defaults: dict[str, str] = {}
        self._collect(schema, "")

    def _collect(self, schema: Any, space: str) -> None:
        if isinstance(schema, list):
            for branch in schema:
                self._collect(branch, space)
        if not isinstance(schema, dict):
            return
        if isinstance(schema["type"], (dict, list)):
            self._collect(schema["type"], space)
            return
        for key in ("items", "values"):
            if key in schema:
                self._collect(schema[key], space)
        if schema["type"] not in ("record", "error", "enum", "fixed"):
            return
        name = full_name(schema["name"], schema.get("namespace"), space)
        inside = name.rpartition(".")[0]
        self.aliases[name] = [full_name(alias, None, inside) for alias in schema.get("aliases", [])]
        if "default" in schema:
            self.enum_defaults[name] = schema["default"]
        if "fields" in schema:
            self.fields[name] = {field["name"]: field for field in schema["fields"]}
            for field in schema["fields"]:
                self._collect(field["type"], inside)


class Resolver:
    """Turns raw values of the writer's schema into raw values of the reader's.

    Parameters
    ----------
    writer, reader
        The schemas.
    by_value : bool
        Check only the types of values that occur, as some implementations do.
    first_branch : bool
        In a reader's union, take the first branch that matches instead of the branch of the same type.
    """

    def __init__(
        self, writer: Node, reader: ReaderSchema, *, by_value: bool = False, first_branch: bool = False
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._by_value = by_value
        self._first_branch = first_branch
        self._checked: dict[tuple[Node, Node], str | None] = {}
        problem = None if by_value else self._problem(writer, reader.node)
        if problem is not None:
            raise UnresolvableError(problem)

    def resolve(self, raw: Any) -> Any:
        """Resolve one row."""
        return self._value(self._writer, self._reader.node, raw)

    # --- Checks without a value: reasons why no value of one type can be read as the other.

    def _problem(self, writer: Node, reader: Node) -> str | None:
        key = (writer, reader)
        if key not in self._checked:
            self._checked[key] = None  # a recursive type: assume no problem
            self._checked[key] = self._find_problem(writer, reader)
        return self._checked[key]

    def _find_problem(self, writer: Node, reader: Node) -> str | None:
        if writer.kind == "union":
            problems = [self._problem(branch, reader) for branch in writer.branches]
            return problems[0] if all(problems) else None
        if reader.kind == "union":
            branch = self._branch(writer, reader)
            return "no branch" if branch is None else self._problem(writer, reader.branches[branch])
        problem = self._mismatch(writer, reader)
        if problem is not None:
            return problem
        if writer.kind in ("array", "map"):
            return self._problem(writer.child, reader.child)
        if writer.kind == "record":
            return self._record_problem(writer, reader)
        return None

    def _mismatch(self, writer: Node, reader: Node) -> str | None:
        """Return the mismatch of two types that are not unions, without their inner types."""
        if writer.kind != reader.kind:
            return None if (writer.kind, reader.kind) in _PROMOTIONS else f"{writer.kind} to {reader.kind}"
        if writer.kind in _NAMED and self._rank(writer, reader) is None:
            return f"{writer.name} to {reader.name}"
        if writer.kind == "fixed" and writer.size != reader.size:
            return "fixed of another size"
        if writer.logical == reader.logical == "decimal" and (
            (writer.precision, writer.scale) != (reader.precision, reader.scale)
        ):
            return "decimal of another precision or scale"
        return None

    def _record_problem(self, writer: Node, reader: Node) -> str | None:
        theirs = dict(writer.fields)
        for name, node in reader.fields:
            source = self._source(theirs, reader, name)
            if source is not None:
                problem = self._problem(theirs[source], node)
                if problem is not None:
                    return problem
            elif "default" not in self._reader.fields[reader.name][name]:
                return f"no field {name}, no default"
        return None

    def _source(self, theirs: dict[str, Node], reader: Node, name: str) -> str | None:
        """Return the writer's field for a field of the reader."""
        names = {name, *self._reader.fields[reader.name][name].get("aliases", [])}
        found = [name for name in theirs if name in names]
        if len(found) > 1:
            raise UnresolvableError(f"{found} are {name}")
        return found[0] if found else None

    def _rank(self, writer: Node, reader: Node) -> int | None:
        aliases = self._reader.aliases[reader.name]
        short = writer.name.rpartition(".")[2]
        if writer.name == reader.name:
            return 0
        if short == reader.name.rpartition(".")[2]:
            return 1
        if writer.name in aliases:
            return 2
        return 3 if self.has_other_top_level_name and writer is self._writer and reader is self._reader.node else None

    @property
    def has_other_top_level_name(self) -> bool:
        """Return True if two records at top level have different names. Java accepts them, and so does jetliner."""
        writer, reader = self._writer, self._reader.node
        return writer.kind == reader.kind == "record" and (
            writer.name.rpartition(".")[2] != reader.name.rpartition(".")[2]
            and writer.name not in self._reader.aliases[reader.name]
        )

    def _branch(self, writer: Node, reader: Node) -> int | None:
        """Return the branch of a reader's union for a writer's type: the same type first, then a promotion."""
        ranks: list[tuple[int, int]] = []
        for index, branch in enumerate(reader.branches):
            if writer.kind != branch.kind:
                if (writer.kind, branch.kind) in _PROMOTIONS:
                    ranks.append((3, index))
                continue
            rank: int | None = 0
            if writer.kind in _NAMED:
                rank = None if writer.kind == "fixed" and writer.size != branch.size else self._rank(writer, branch)
            if rank is not None:
                ranks.append((rank, index))
        if not ranks:
            return None
        return min(index for _, index in ranks) if self._first_branch else min(ranks)[1]

    # --- Values.

    def _value(self, writer: Node, reader: Node, raw: Any) -> Any:
        if writer.kind == "union":
            branch = writer.branches[raw[0]]
            if not self._by_value and self._problem(branch, reader) is not None:
                raise ValueUnresolvableError(f"branch {branch.branch_name}")
            return self._value(branch, reader, raw[1])
        if reader.kind == "union":
            index = self._branch(writer, reader)
            if index is None:
                raise ValueUnresolvableError("no branch")
            return index, self._value(writer, reader.branches[index], raw)
        problem = self._mismatch(writer, reader)
        if problem is not None:
            raise ValueUnresolvableError(problem)
        kind = reader.kind
        if kind == "record":
            return self._record(writer, reader, raw)
        if kind == "array":
            return [self._value(writer.child, reader.child, item) for item in raw]
        if kind == "map":
            return {key: self._value(writer.child, reader.child, item) for key, item in raw.items()}
        if kind == "enum":
            if raw in reader.symbols:
                return raw
            if reader.name in self._reader.enum_defaults:
                return self._reader.enum_defaults[reader.name]
            raise ValueUnresolvableError(f"symbol {raw}")
        if writer.kind == kind:
            return raw
        if kind == "float":
            return self._held(reader, long_to_float32(raw))
        if kind == "double":
            return float(raw)
        if kind == "bytes":
            return raw.encode()
        if kind == "string":
            try:
                return raw.decode()
            except UnicodeDecodeError as error:
                raise ValueUnresolvableError(str(error)) from error
        return self._held(reader, raw)

    def _held(self, reader: Node, number: Any) -> Any:
        """Return a promoted number. Raise if the reader's `arrow.*` type does not have it."""
        if self._by_value or reader.logical is None:
            return number
        least, largest = ARROW_NUMBERS.get(reader.logical, (-math.inf, math.inf))
        fits = least <= number <= largest
        if reader.logical == "arrow.float16":
            fits = abs(number) <= 65504 and struct.unpack("<e", struct.pack("<e", number))[0] == number
        if not fits:
            raise ValueUnresolvableError(f"{number} is no {reader.logical}")
        return number

    def _record(self, writer: Node, reader: Node, raw: dict[str, Any]) -> dict[str, Any]:
        theirs = dict(writer.fields)
        out = {}
        for name, node in reader.fields:
            source = self._source(theirs, reader, name)
            field = self._reader.fields[reader.name][name]
            if source is not None:
                out[name] = self._value(theirs[source], node, raw[source])
            elif "default" in field:
                out[name] = default_value(self._reader, node, field["default"])
            else:
                raise ValueUnresolvableError(f"no field {name}, no default")
        return out


class _NoDefaultError(Exception):
    pass


def default_value(schema: ReaderSchema, node: Node, value: Any) -> Any:
    """Return the raw value of a default in JSON."""
    kind = node.kind
    if kind == "union":
        for index, branch in enumerate(node.branches):
            try:
                return index, default_value(schema, branch, value)
            except _NoDefaultError:
                continue
        raise _NoDefaultError
    if kind == "record" and isinstance(value, dict):
        out = {}
        for name, child in node.fields:
            field = schema.fields[node.name][name]
            if name not in value and "default" not in field:
                raise _NoDefaultError
            out[name] = default_value(schema, child, value[name] if name in value else field["default"])
        return out
    if kind == "array" and isinstance(value, list):
        return [default_value(schema, node.child, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: default_value(schema, node.child, item) for key, item in value.items()}
    if kind in ("bytes", "fixed") and isinstance(value, str):
        data = value.encode("latin-1")
        if kind == "fixed" and len(data) != node.size:
            raise _NoDefaultError
        return data
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("float", "double") and is_number:
        return float32(float(value)) if kind == "float" else float(value)
    limits = {"int": 2**31, "long": 2**63}
    fits = {
        "null": value is None,
        "boolean": isinstance(value, bool),
        "string": isinstance(value, str),
        "enum": isinstance(value, str) and value in node.symbols,
        **{name: type(value) is int and -limit <= value < limit for name, limit in limits.items()},
    }
    if fits.get(kind, False):
        return value
    raise _NoDefaultError
