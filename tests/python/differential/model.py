"""Avro schemas as graphs of nodes, parsed from JSON, with resolved names (Avro 1.12, "Schema Declaration")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})

_LOGICAL_BASES = {
    "date": "int",
    "time-millis": "int",
    "time-micros": "long",
    "timestamp-millis": "long",
    "timestamp-micros": "long",
    "timestamp-nanos": "long",
    "local-timestamp-millis": "long",
    "local-timestamp-micros": "long",
    "local-timestamp-nanos": "long",
    "big-decimal": "bytes",
    "arrow.int8": "int",
    "arrow.int16": "int",
    "arrow.uint8": "int",
    "arrow.uint16": "int",
    "arrow.uint32": "long",
    "arrow.uint64": "long",
    "arrow.float16": "float",
    "arrow.time32-second": "int",
    "arrow.time64-nanosecond": "long",
    "arrow.duration-seconds": "long",
    "arrow.duration-millis": "long",
    "arrow.duration-micros": "long",
    "arrow.duration-nanos": "long",
    "arrow.timestamp-second": "long",
    "arrow.local-timestamp-second": "long",
    "arrow.date64": "long",
}
_LOGICAL_SIZES = {"uuid": 16, "duration": 12, "arrow.uint64": 8, "arrow.float16": 2}  # of fixed


@dataclass(eq=False, slots=True)
class Node:
    """One type of a schema. All uses of a named type are the same node, so recursion is a cycle."""

    kind: str
    logical: str | None = None
    precision: int = 0
    scale: int = 0
    size: int = 0
    name: str = ""  # full name of a record, enum or fixed
    fields: list[tuple[str, Node]] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    items: Node | None = None  # of an array; the values of a map
    branches: list[Node] = field(default_factory=list)

    @property
    def child(self) -> Node:
        """Return the type of the items of an array or the values of a map."""
        assert self.items is not None
        return self.items

    @property
    def branch_name(self) -> str:
        """Return the name of this type as a branch of a union in Avro's JSON encoding."""
        return self.name or self.kind


def fixed_capacity(size: int) -> int:
    """Return the largest n such that every number of n decimal digits fits in ``size`` bytes of two's complement."""
    return len(str((1 << (8 * size - 1)) - 1)) - 1 if size > 0 else 0


def full_name(name: str, namespace: str | None, enclosing: str) -> str:
    """Return the full name of a definition or reference (Avro 1.12, "Names")."""
    if "." in name:
        return name.lstrip(".")
    space = enclosing if namespace is None else namespace
    return f"{space}.{name}" if space else name


def parse(schema: Any) -> Node:
    """Parse a schema given as JSON values (str, dict or list)."""
    return _parse(schema, "", {})


def _parse(schema: Any, enclosing: str, names: dict[str, Node]) -> Node:
    if isinstance(schema, list):
        return Node("union", branches=[_parse(branch, enclosing, names) for branch in schema])
    if isinstance(schema, str):
        if schema in PRIMITIVES:
            return Node(schema)
        found = names.get(full_name(schema, None, enclosing))
        if found is None:
            raise ValueError(f"undefined name: {schema}")
        return found
    kind = schema["type"]
    if isinstance(kind, (dict, list)):
        return _parse(kind, enclosing, names)
    if kind in PRIMITIVES:
        return _with_logical(Node(kind), schema)
    if kind in ("array", "map"):
        return Node(kind, items=_parse(schema["items" if kind == "array" else "values"], enclosing, names))
    if kind not in ("record", "error", "enum", "fixed"):
        return _parse(kind, enclosing, names)
    node = Node(
        "record" if kind == "error" else kind, name=full_name(schema["name"], schema.get("namespace"), enclosing)
    )
    names[node.name] = node  # a name means its latest definition
    if node.kind == "enum":
        node.symbols = list(schema["symbols"])
    elif node.kind == "fixed":
        node.size = schema["size"]
        _with_logical(node, schema)
    else:
        inside = node.name.rpartition(".")[0]
        node.fields = [(f["name"], _parse(f["type"], inside, names)) for f in schema["fields"]]
    return node


def _with_logical(node: Node, schema: dict[str, Any]) -> Node:
    logical = schema.get("logicalType")
    if not isinstance(logical, str):
        return node
    fits = (
        _LOGICAL_BASES.get(logical) == node.kind
        or (logical == "uuid" and node.kind == "string")
        or (node.kind == "fixed" and _LOGICAL_SIZES.get(logical) == node.size)
    )
    if fits:
        is_local = logical.startswith("timestamp-") and schema.get("adjust-to-utc") is False
        node.logical = f"local-{logical}" if is_local else logical
    elif logical == "decimal" and node.kind in ("bytes", "fixed"):
        precision, scale = schema.get("precision"), schema.get("scale", 0)
        valid = isinstance(precision, int) and isinstance(scale, int) and 0 <= scale <= precision and precision > 0
        if valid and (node.kind == "bytes" or precision <= fixed_capacity(node.size)):
            node.logical, node.precision, node.scale = logical, precision, scale
    return node
