"""Random schemas and random values of them, from a seed."""

from __future__ import annotations

import random
import struct
from typing import Any

from .encode import encode_bytes, encode_long
from .model import Node, fixed_capacity

_FIELD_NAMES = (
    "a", "A", "b", "id", "ID", "value", "type", "name", "items", "key", "int", "string", "null", "record", "_", "_x9",
    "longer_field_name_than_twelve_bytes", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "doc", "fields", "row_nr",
)  # fmt: skip
_LOGICAL_INTS = ("date", "time-millis")
_LOGICAL_LONGS = (
    "time-micros", "timestamp-millis", "timestamp-micros", "timestamp-nanos", "local-timestamp-millis",
    "local-timestamp-micros", "local-timestamp-nanos",
)  # fmt: skip
_ARROW_INTS = {
    "arrow.int8": (-128, 127), "arrow.int16": (-32768, 32767), "arrow.uint8": (0, 255), "arrow.uint16": (0, 65535),
    "arrow.time32-second": (0, 86_399),
}  # fmt: skip
_MOST_SECONDS = (2**63 - 1) // 1000
_ARROW_LONGS = {
    "arrow.uint32": (0, 2**32 - 1), "arrow.uint64": (0, 2**63 - 1),
    "arrow.time64-nanosecond": (0, 86_399_999_999_999),
    **{f"arrow.{name}": (-_MOST_SECONDS, _MOST_SECONDS)
       for name in ("duration-seconds", "timestamp-second", "local-timestamp-second")},
    **{f"arrow.{name}": (-(2**63), 2**63 - 1)
       for name in ("duration-millis", "duration-micros", "duration-nanos", "date64")},
}  # fmt: skip
#: Logical types with their least and largest numbers.
ARROW_NUMBERS = {**_ARROW_INTS, **_ARROW_LONGS}
_ANY_LOGICAL = (*_LOGICAL_INTS, *_LOGICAL_LONGS, "decimal", "big-decimal", "uuid", "duration", "no-such-type", "")


class SchemaGenerator:
    """Generates one random schema. Call ``schema()`` once.

    Parameters
    ----------
    rng : random.Random
        Source of every choice.
    max_depth : int
        Maximum levels of nesting.
    max_nodes : int
        Approximate maximum number of types.
    arrow : bool
        Whether there are logical types "arrow.*".
    """

    def __init__(self, rng: random.Random, max_depth: int = 4, max_nodes: int = 40, *, arrow: bool = True) -> None:
        self._rng = rng
        self._has_arrow = arrow
        self._any_logical = (*_ANY_LOGICAL, *ARROW_NUMBERS, "arrow.float16") if arrow else _ANY_LOGICAL
        self._max_depth = max_depth
        self._nodes_left = max_nodes
        self._count = 0
        self._closed: list[str] = []  # full names of complete types, for references
        self._open: list[str] = []  # full names of the enclosing records
        self._weights: dict[str, int] = {}  # how many types a named type expands to

    def schema(self) -> Any:
        """Return the JSON values of a schema."""
        if self._rng.random() < 0.88:
            return self._record(0, "", top=True)
        return self._type(0, "")

    def _type(self, depth: int, space: str) -> Any:
        rng = self._rng
        self._nodes_left -= 1
        if depth >= self._max_depth or self._nodes_left <= 0:
            return self._scalar(space)
        roll = rng.random()
        if roll < 0.40:
            return self._scalar(space)
        if roll < 0.62:
            return self._union(depth, space)
        if roll < 0.75:
            return self._annotated({"type": "array", "items": self._type(depth + 1, space)})
        if roll < 0.84:
            return self._annotated({"type": "map", "values": self._type(depth + 1, space)})
        if roll < 0.95 or not self._open:
            return self._record(depth, space)
        return self._recursive(space)

    def _annotated(self, schema: dict[str, Any]) -> dict[str, Any]:
        if self._rng.random() < 0.05:
            schema["logicalType"] = self._rng.choice(self._any_logical)
        return schema

    def _scalar(self, space: str) -> Any:
        rng = self._rng
        roll = rng.random()
        if roll < 0.45:
            return self._spelled(
                rng.choice(("null", "boolean", "int", "long", "float", "double", "bytes", "string", "string"))
            )
        if roll < 0.55:
            return self._enum(space)
        if roll < 0.63:
            return self._fixed(space)
        if roll < 0.72 and (reference := self._reference(space)) is not None:
            return reference
        if roll < 0.78:
            base = rng.choice(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))
            # Often a logical type that does not fit its base. A decimal without precision is never valid.
            logical = rng.choice(self._any_logical)
            return self._plain_base(base, logical)
        return self._logical(space)

    def _plain_base(self, base: str, logical: str) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": base, "logicalType": logical}
        if logical == "decimal" and self._rng.random() < 0.5:
            schema |= {"precision": 3, "scale": 5}
        return schema

    def _spelled(self, name: str) -> Any:
        roll = self._rng.random()
        if roll < 0.85:
            return name
        if roll < 0.96:
            return {"type": name}
        return {"type": {"type": name}} if roll < 0.98 else {"type": name, "doc": "é", "x-unknown": [1, {"y": None}]}

    def _logical(self, space: str) -> Any:
        rng = self._rng
        if self._has_arrow and rng.random() < 0.2:
            return self._arrow(space)
        roll = rng.random()
        if roll < 0.25:
            return {"type": "int", "logicalType": rng.choice(_LOGICAL_INTS)}
        if roll < 0.60:
            return {"type": "long", "logicalType": rng.choice(_LOGICAL_LONGS)}
        if roll < 0.70:
            precision = rng.choice((1, 2, 9, 10, 18, 19, 37, 38, rng.randint(1, 38)))
            if rng.random() < 0.04:
                precision = rng.randint(39, 80)
            return {"type": "bytes", "logicalType": "decimal", **self._precision(precision)}
        if roll < 0.80:
            size = rng.choice((1, 2, 4, 5, 8, 12, 16, 17, 20, 40))
            capacity = fixed_capacity(size) if rng.random() < 0.04 else min(38, fixed_capacity(size))
            schema = self._fixed(space, size)
            return schema | {"logicalType": "decimal", **self._precision(rng.randint(1, capacity))}
        if roll < 0.85:
            return {"type": "bytes", "logicalType": "big-decimal"}
        if roll < 0.90:
            return {"type": "string", "logicalType": "uuid"}
        if roll < 0.95:
            return self._fixed(space, 16) | {"logicalType": "uuid"}
        return self._fixed(space, 12) | {"logicalType": "duration"}

    def _arrow(self, space: str) -> Any:
        rng = self._rng
        roll = rng.random()
        if roll < 0.35:
            return {"type": "int", "logicalType": rng.choice(list(_ARROW_INTS))}
        if roll < 0.75:
            return {"type": "long", "logicalType": rng.choice(list(_ARROW_LONGS))}
        if roll < 0.85:
            return {"type": "float", "logicalType": "arrow.float16"}
        if roll < 0.92:
            return self._fixed(space, 2) | {"logicalType": "arrow.float16"}
        return self._fixed(space, 8) | {"logicalType": "arrow.uint64"}

    def _precision(self, precision: int) -> dict[str, int]:
        scale = self._rng.choice((0, precision, self._rng.randint(0, precision)))
        return (
            {"precision": precision}
            if scale == 0 and self._rng.random() < 0.5
            else {"precision": precision, "scale": scale}
        )

    def _named(self, kind: str, space: str) -> tuple[dict[str, Any], str, str]:
        """Begin a definition; return it, its full name, and the namespace inside it."""
        rng = self._rng
        self._count += 1
        name = f"{rng.choice(('R', 'Type', 'x_', 'Abc'))}{self._count}"
        schema: dict[str, Any] = {"type": kind, "name": name}
        roll = rng.random()
        full = f"{space}.{name}" if space else name
        if roll < 0.10:
            full = f"n{rng.randint(1, 3)}.m.{name}"
            schema["name"] = full
        elif roll < 0.25:
            inside = rng.choice(("a", "a.b", "com.example.data"))
            schema["namespace"] = inside
            full = f"{inside}.{name}"
        if rng.random() < 0.1:
            schema["doc"] = 'A "doc" with quotes, é and 😀'
        if rng.random() < 0.1:
            schema["aliases"] = [f"Old{self._count}", f"x.y.Old{self._count}"]
        return schema, full, full.rpartition(".")[0]

    def _enum(self, space: str) -> dict[str, Any]:
        schema, full, _ = self._named("enum", space)
        count = self._rng.choice((1, 2, 3, 5, 5, 40, 300))
        schema["symbols"] = [f"S{i}" if i % 3 else f"symbol_longer_than_12_{i}" for i in range(count)]
        if self._rng.random() < 0.2:
            schema["default"] = schema["symbols"][-1]
        self._closed.append(full)
        self._weights[full] = 1
        return schema

    def _fixed(self, space: str, size: int | None = None) -> dict[str, Any]:
        schema, full, _ = self._named("fixed", space)
        schema["size"] = size if size is not None else self._rng.choice((0, 1, 3, 12, 13, 16, 40))
        self._closed.append(full)
        self._weights[full] = 1
        return schema

    def _reference(self, space: str) -> str | None:
        """Return a reference to a complete type: its full name, or its short name if that means the same."""
        usable = [name for name in self._closed if ("." in name or not space) and self._weights[name] <= 12]
        return self._spell_reference(self._rng.choice(usable), space) if usable else None

    def _spell_reference(self, name: str, space: str) -> str:
        namespace, _, short = name.rpartition(".")
        return short if namespace == space and self._rng.random() < 0.6 else name

    def _recursive(self, space: str) -> Any:
        """Return a reference to an enclosing record. Data can always end: a union, array or map stands between."""
        rng = self._rng
        usable = [name for name in self._open if "." in name or not space]
        if not usable:
            return self._scalar(space)
        reference = self._spell_reference(rng.choice(usable), space)
        return rng.choice(
            (
                ["null", reference],
                [reference, "null"],
                {"type": "array", "items": reference},
                {"type": "map", "values": reference},
                {"type": "array", "items": ["null", reference]},
                ["null", {"type": "array", "items": reference}],
                ["int", reference, "null", "string"],
                ["string", reference],
            )
        )

    def _union(self, depth: int, space: str) -> list[Any]:
        rng = self._rng
        roll = rng.random()
        if roll < 0.05:
            return ["null"]
        count = 1 if roll < 0.80 else rng.randint(2, 5)
        branches: list[Any] = []
        seen: set[str] = set()
        for _ in range(count):
            branch = self._branch(depth, space, seen)
            if branch is not None:
                branches.append(branch)
        if count == 1 and roll >= 0.10:
            branches.insert(rng.randint(0, 1), "null")
        elif count > 1 and rng.random() < 0.7:
            branches.insert(rng.randint(0, len(branches)), "null")
        return branches

    def _branch(self, depth: int, space: str, seen: set[str]) -> Any:
        """Return a branch that is not a union, not null, and of a type that no other branch has."""
        for _ in range(8):
            rng = self._rng
            known = len(self._closed)
            roll = rng.random()
            branch: Any
            if roll < 0.25 and depth + 1 < self._max_depth:
                branch = self._record(depth + 1, space)
            elif roll < 0.35:
                branch = {"type": "array", "items": self._type(depth + 1, space)}
            elif roll < 0.43:
                branch = {"type": "map", "values": self._type(depth + 1, space)}
            else:
                branch = self._scalar(space)
            kind = branch
            while isinstance(kind, dict):
                kind = kind.get("name") or kind["type"]
            kind = kind.rpartition(".")[2]  # each name ends in a number of its own, so short names are unique
            if kind != "null" and kind not in seen:
                seen.add(kind)
                return branch
            del self._closed[known:]  # the branch is dropped, with the types defined in it
        return None if seen else "boolean"

    def _record(self, depth: int, space: str, top: bool = False) -> dict[str, Any]:
        rng = self._rng
        schema, full, inside = self._named("error" if rng.random() < 0.02 and not top else "record", space)
        before = self._nodes_left
        self._open.append(full)
        count = rng.randint(1, 8) if top else rng.choice((0, 1, 1, 2, 2, 3, 4, 5))
        fields = []
        for name in rng.sample(_FIELD_NAMES, count):
            field: dict[str, Any] = {"name": name, "type": self._type(depth + 1, inside)}
            self._decorate(field)
            fields.append(field)
        schema["fields"] = fields
        self._open.remove(full)
        self._weights[full] = before - self._nodes_left + 1
        self._closed.append(full)
        return schema

    def _decorate(self, field: dict[str, Any]) -> None:
        """Add attributes that do not change how the data are read."""
        rng = self._rng
        kind = field["type"]
        if rng.random() < 0.3:
            if isinstance(kind, list) and kind[0] == "null":
                field["default"] = None
            elif isinstance(kind, str):
                defaults = {"int": 5, "long": -1, "string": "ü\n", "boolean": True, "double": 1e300, "bytes": "\u00ff"}
                if kind in defaults:
                    field["default"] = defaults[kind]
        if rng.random() < 0.05:
            field["doc"] = "documentation"
        if rng.random() < 0.05:
            field["aliases"] = ["former_name"]
        if rng.random() < 0.05:
            field["order"] = rng.choice(("ascending", "descending", "ignore"))


_INT_EDGES = (0, -1, 1, 63, 64, -64, -65, 8191, 8192, 2**31 - 1, -(2**31))
_LONG_EDGES = (*_INT_EDGES, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63))
_DOUBLE_EDGES = (0.0, -0.0, 1.0, float("nan"), float("inf"), float("-inf"), 5e-324, 1.7976931348623157e308, 0.1)
_FLOAT_EDGES = (0.0, -0.0, 1.0, float("nan"), float("inf"), float("-inf"), 1e-45, 3.4028234663852886e38, 0.1)
_LETTERS = ("abcdefghijklmnopqrstuvwxyz XYZ", 'aé\u00df漢字😀\u0000\n"\\', "0123456789")
_LENGTHS = (0, 0, 1, 3, 4, 5, 11, 12, 13, 14, 31, 32, 33)


class ValueGenerator:
    """Generates random raw values.

    Parameters
    ----------
    rng : random.Random
        Source of every choice.
    null_share : float
        Share of nulls in a union with null.
    """

    float_edges: tuple[float, ...] = _FLOAT_EDGES

    def __init__(self, rng: random.Random, null_share: float = 0.3) -> None:
        self._rng = rng
        self._null_share = null_share

    def value(self, node: Node, depth: int = 0) -> Any:
        """Return a raw value. Beyond a depth of 6 it takes the choices that end."""
        rng = self._rng
        kind = node.kind
        if node.logical is not None:
            return self._logical(node)
        if kind == "int":
            return (
                rng.choice(_INT_EDGES)
                if rng.random() < 0.4
                else rng.randint(-(2 ** rng.randint(0, 31)), 2 ** rng.randint(0, 30))
            )
        if kind == "long":
            return (
                rng.choice(_LONG_EDGES)
                if rng.random() < 0.4
                else rng.randint(-(2 ** rng.randint(0, 63)), 2 ** rng.randint(0, 62))
            )
        if kind == "string":
            return self._string()
        if kind == "bytes":
            return rng.randbytes(rng.choice(_LENGTHS))
        if kind == "union":
            return self._union(node, depth)
        if kind == "record":
            return {name: self.value(child, depth + 1) for name, child in node.fields}
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "double":
            return rng.choice(_DOUBLE_EDGES) if rng.random() < 0.5 else rng.uniform(-1e6, 1e6)
        if kind == "float":
            number = rng.choice(self.float_edges) if rng.random() < 0.5 else rng.uniform(-1e6, 1e6)
            return struct.unpack("<f", struct.pack("<f", number))[0]
        if kind == "fixed":
            return rng.randbytes(node.size)
        if kind == "enum":
            return rng.choice(node.symbols)
        if kind == "array":
            return [self.value(node.child, depth + 1) for _ in range(self._length(depth))]
        if kind == "map":
            return {self._string(): self.value(node.child, depth + 1) for _ in range(self._length(depth))}
        return None

    def _length(self, depth: int) -> int:
        if depth > 6:
            return 0
        rng = self._rng
        return rng.choice((0, 0, 1, 2, 3)) if depth > 2 or rng.random() < 0.95 else rng.randint(4, 40)

    def _string(self) -> str:
        rng = self._rng
        roll = rng.random()
        if roll < 0.02:
            return rng.choice(_LETTERS[0]) * rng.randint(100, 3000)
        letters = _LETTERS[0] if roll < 0.7 else _LETTERS[1] if roll < 0.9 else _LETTERS[2]
        return "".join(rng.choices(letters, k=rng.choice(_LENGTHS)))

    def _union(self, node: Node, depth: int) -> tuple[int, Any]:
        rng = self._rng
        nulls = [i for i, branch in enumerate(node.branches) if branch.kind == "null"]
        others = [i for i, branch in enumerate(node.branches) if branch.kind != "null"]
        if depth > 6:
            ends = [i for i in others if node.branches[i].kind != "record"]
            others = [] if nulls else ends or others
        if nulls and (not others or rng.random() < self._null_share):
            return nulls[0], None
        index = rng.choice(others)
        return index, self.value(node.branches[index], depth + 1)

    def _logical(self, node: Node) -> Any:
        rng = self._rng
        logical = node.logical
        edge = rng.random() < 0.3
        if logical == "date":
            return rng.choice(_INT_EDGES) if edge else rng.randint(-800_000, 2_900_000)
        if logical in ("time-millis", "time-micros"):
            last = 86_399_999 if logical == "time-millis" else 86_399_999_999
            return rng.choice((0, 1, last)) if edge else rng.randint(0, last)
        if logical == "arrow.float16":
            half = struct.pack("<e", rng.choice((0.0, -0.0, 1.0, float("nan"), float("inf"), 6e-8, 65504.0, 0.1)))
            half = half if edge else struct.pack("<e", rng.uniform(-1000, 1000))
            return half if node.kind == "fixed" else struct.unpack("<e", half)[0]
        if node.kind == "fixed" and logical == "arrow.uint64":
            return rng.randbytes(8)
        if logical in ARROW_NUMBERS:
            return rng.choice(ARROW_NUMBERS[logical]) if edge else rng.randint(*ARROW_NUMBERS[logical])
        if logical == "decimal":
            return self._decimal(node)
        if logical == "big-decimal":
            scale = rng.choice((0, 1, 2, 10, 40))
            unscaled = rng.choice((0, 1, -1, 123, -123, 10 ** rng.randint(0, 60), rng.randint(-(10**30), 10**30)))
            return encode_bytes(_twos_complement(unscaled)) + encode_long(scale)
        if logical == "uuid":
            if node.kind == "fixed":
                return rng.randbytes(16)
            return "not a UUID" if edge else f"{rng.getrandbits(32):08x}-0000-4000-8000-{rng.getrandbits(48):012X}"
        if logical == "duration":
            # 4,294,967,295 months do not fit in 64 bits of microseconds. The most days that fit are an edge case.
            months = rng.choice((0, 1, 11, 12, 1000, 1_000_000))
            days = rng.choice((0, 1, 30, 31, 76_000_000)) if edge else rng.randint(0, 10_000)
            return struct.pack("<III", months, days, rng.choice((0, 1, 999, 86_400_000, 2**31, 2**32 - 1)))
        return rng.choice(_LONG_EDGES) if edge else rng.randint(-(2**62), 2**62) // 10 ** rng.randint(0, 18)

    def _decimal(self, node: Node) -> bytes:
        rng = self._rng
        limit = 10**node.precision - 1
        unscaled = rng.choice((0, 1, -1, limit, -limit)) if rng.random() < 0.4 else rng.randint(-limit, limit)
        if rng.random() < 0.3:
            unscaled //= 10 ** rng.randint(0, node.precision)
        if node.kind == "fixed":
            return unscaled.to_bytes(node.size, "big", signed=True)
        if unscaled == 0 and rng.random() < 0.5:
            return b""
        data = _twos_complement(unscaled)
        if rng.random() < 0.2:  # additional sign bytes
            data = (b"\xff" if unscaled < 0 else b"\x00") * rng.randint(1, 24) + data
        return data


def _twos_complement(number: int) -> bytes:
    """Return the shortest big-endian two's complement, at least one byte."""
    return number.to_bytes(
        number.bit_length() // 8 + 1 if number >= 0 else (number + 1).bit_length() // 8 + 1, "big", signed=True
    )
