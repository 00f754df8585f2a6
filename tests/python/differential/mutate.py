"""Makes a reader's schema from a writer's. Avro can resolve most changes, but not all."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass
from typing import Any

from .model import PRIMITIVES, full_name

_PROMOTIONS = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}
_TIMESTAMPS = tuple(
    f"{kind}-{unit}" for kind in ("timestamp", "local-timestamp") for unit in ("millis", "micros", "nanos")
)
_KEPT = ("type", "logicalType", "precision", "scale", "adjust-to-utc")
_NAMED = ("record", "error", "enum", "fixed")
_NEW_FIELDS: tuple[tuple[Any, Any], ...] = (
    ("null", None),
    ("int", -5),
    ("long", 2**40),
    ("float", 1.5),
    ("double", 2),
    ("boolean", True),
    ("string", "ü\n longer than twelve bytes"),
    ("bytes", "\u00ff\u0000a"),
    (["null", "string"], None),
    (["string", "null"], "x"),
    (["null", "int"], 7),
    (["null", "string", "long"], 2**40),
    ({"type": "array", "items": "int"}, [1, 2, 3]),
    ({"type": "array", "items": ["null", "string"]}, [None, "a"]),
    ({"type": "map", "values": {"type": "array", "items": "double"}}, {"k": [0.5], "": []}),
    ({"type": "long", "logicalType": "timestamp-micros"}, 1),
    ({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}, "\u0001"),
    ({"type": "enum", "name": "E", "symbols": ["a", "b"]}, "b"),
    ({"type": "fixed", "name": "F", "size": 2}, "\u0080a"),
    (
        {
            "type": "record",
            "name": "P",
            "fields": [
                {"name": "x", "type": ["null", "int"], "default": None},
                {"name": "y", "type": {"type": "array", "items": "string"}},
            ],
        },
        {"x": None, "y": ["p", "q"]},
    ),
)


@dataclass(frozen=True)
class _Reference:
    name: str  # full


class Mutator:
    """Makes one reader's schema for a writer's. Call ``schema()`` once.

    Parameters
    ----------
    rng : random.Random
        Source of every choice.
    rate : float
        Probability that a part of the schema changes.
    wrong : float
        Probability that a part changes so that it cannot be resolved.
    space : str
        The namespace of new types.
    for_java : bool
        Give an alias to every type that moves to another namespace. Without it, Java ignores the aliases of its fields.
    """

    def __init__(
        self, rng: random.Random, rate: float = 0.3, wrong: float = 0.0, space: str = "added", for_java: bool = False
    ) -> None:
        self._rng = rng
        self._for_java = for_java
        self._space = space
        self._rate = rate
        self._wrong = wrong
        self._named: dict[str, dict[str, Any]] = {}  # by their full names in the writer's schema
        self._new = 0

    def schema(self, writer: Any) -> Any:
        """Return the reader's schema."""
        root = self._unfold(copy.deepcopy(writer), "")
        for definition in list(self._named.values()):
            self._change_named(definition)
        return self._emit(self._change(root, top=True), set())

    # --- Unfolding: named types go into a table.

    def _unfold(self, schema: Any, space: str) -> Any:
        if isinstance(schema, str):
            return schema if schema in PRIMITIVES else _Reference(self._known(schema, space))
        if isinstance(schema, list):
            return [self._unfold(branch, space) for branch in schema]
        kind = schema["type"]
        if isinstance(kind, (dict, list)):
            return self._unfold(kind, space)
        if kind in ("array", "map"):
            key = "items" if kind == "array" else "values"
            return {"type": kind, key: self._unfold(schema[key], space)}
        if kind in PRIMITIVES:
            kept = {k: v for k, v in schema.items() if k in _KEPT}
            return kept if len(kept) > 1 else kind
        if kind not in _NAMED:
            return _Reference(self._known(kind, space))
        name = full_name(schema["name"], schema.get("namespace"), space)
        schema.pop("namespace", None)
        schema["name"] = name
        self._named[name] = schema
        inside = name.rpartition(".")[0]
        # Aliases and defaults of the writer's schema have no meaning in the reader's.
        schema.pop("aliases", None)
        schema.pop("default", None)
        for field in schema.get("fields", []):
            field.pop("aliases", None)
            field.pop("default", None)
            field["type"] = self._unfold(field["type"], inside)
        return _Reference(name)

    def _known(self, name: str, space: str) -> str:
        full = full_name(name, None, space)
        return full if full in self._named else name

    def _emit(self, schema: Any, defined: set[str]) -> Any:
        if isinstance(schema, list):
            return [self._emit(branch, defined) for branch in schema]
        if isinstance(schema, _Reference):
            definition = self._named[schema.name]
            name = definition["name"]
            if name in defined:
                return name
            defined.add(name)
            out = dict(definition)
            if "." not in name:
                out["namespace"] = ""
            if "fields" in out:
                out["fields"] = [field | {"type": self._emit(field["type"], defined)} for field in out["fields"]]
            return out
        if isinstance(schema, dict):
            key = {"array": "items", "map": "values"}.get(schema["type"])
            return schema | {key: self._emit(schema[key], defined)} if key else schema
        return schema

    # --- Changes.

    def _maybe(self, share: float = 1.0) -> bool:
        return self._rng.random() < self._rate * share

    def _change_named(self, definition: dict[str, Any]) -> None:
        rng = self._rng
        if self._maybe(0.3):
            self._rename(definition)
        if definition["type"] == "enum":
            self._change_enum(definition)
        elif definition["type"] == "fixed":
            if rng.random() < self._wrong:
                definition["size"] += 1
            elif self._maybe(0.5):
                for key in ("logicalType", "precision", "scale"):
                    definition.pop(key, None)
        else:
            self._change_record(definition)

    def _rename(self, definition: dict[str, Any]) -> None:
        old = definition["name"]
        space, _, short = old.rpartition(".")
        self._new += 1
        choice = self._rng.random()
        if not space:
            # A name without namespace must stay without: inside a namespace, no reference can name it.
            definition["name"] = f"New{self._new}"
            definition["aliases"] = [old]
        elif choice < 0.4:
            definition["name"] = f"moved.{space}.{short}"  # matches by its unqualified name
            if self._for_java:
                definition["aliases"] = [old]
        elif choice < 0.8:
            definition["name"] = f"{space}.New{self._new}"
            definition["aliases"] = [f"{space}.Never{self._new}", old]
        else:
            definition["name"] = f"other.{space}.New{self._new}"
            definition["aliases"] = [old]
        if self._rng.random() < self._wrong:
            definition["name"] = f"{space}.Wrong{self._new}" if space else f"Wrong{self._new}"
            definition.pop("aliases", None)

    def _change_enum(self, definition: dict[str, Any]) -> None:
        rng = self._rng
        symbols = definition["symbols"]
        if self._maybe():
            rng.shuffle(symbols)
        if self._maybe():
            symbols.insert(rng.randint(0, len(symbols)), "NEW_SYMBOL")
        if self._maybe() and len(symbols) > 1:
            del symbols[rng.randrange(len(symbols)) :: rng.randint(1, 3)]
            symbols[:] = symbols or ["only"]
            if rng.random() < 0.6:
                definition["default"] = rng.choice(symbols)

    def _change_record(self, definition: dict[str, Any]) -> None:
        rng = self._rng
        fields = [field for field in definition["fields"] if not self._maybe(0.3)]
        for field in fields:
            field["type"] = self._change(field["type"])
            if self._maybe(0.3):
                self._new += 1
                field["aliases"] = [f"never_{self._new}", field["name"]]
                field["name"] = f"renamed_{self._new}"
        if self._maybe():
            rng.shuffle(fields)
        while self._maybe(0.7):
            fields.insert(rng.randint(0, len(fields)), self._new_field())
        if not fields:
            fields.append(self._new_field())
        definition["fields"] = fields

    def _new_field(self) -> dict[str, Any]:
        kind, default = copy.deepcopy(self._rng.choice(_NEW_FIELDS))
        self._new += 1
        if isinstance(kind, dict) and "name" in kind:
            kind["name"] = f"{self._space}.{kind['name']}{self._new}"
        field = {"name": f"added_{self._new}", "type": kind, "default": default}
        if self._rng.random() < self._wrong:
            del field["default"]
        return field

    def _change(self, schema: Any, top: bool = False) -> Any:
        rng = self._rng
        if rng.random() < self._wrong:
            return rng.choice(
                ("boolean", "int", {"type": "array", "items": "string"}, {"type": "map", "values": "int"})
            )
        if isinstance(schema, list):
            return self._change_union(schema)
        if isinstance(schema, dict) and schema["type"] in ("array", "map"):
            key = "items" if schema["type"] == "array" else "values"
            changed: Any = schema | {key: self._change(schema[key])}
        elif isinstance(schema, _Reference):
            changed = schema
        else:
            changed = self._change_primitive(schema)
        if not top and self._maybe(0.4):
            return self._wrapped(changed)
        return changed

    def _change_primitive(self, schema: Any) -> Any:
        rng = self._rng
        if not self._maybe():
            return schema
        if isinstance(schema, dict):
            if schema.get("logicalType") in _TIMESTAMPS and rng.random() < 0.5:
                return {"type": schema["type"], "logicalType": rng.choice(_TIMESTAMPS)}
            if schema.get("logicalType") == "decimal" and schema["type"] == "bytes" and rng.random() < self._wrong:
                precision = schema.get("precision", 0)
                return schema | {"precision": precision + 1} if precision >= schema.get("scale", 0) > 0 else schema
            return schema["type"]
        if schema in ("int", "long") and rng.random() < 0.2:
            logical = "date" if schema == "int" else rng.choice(_TIMESTAMPS)
            return {"type": schema, "logicalType": logical}
        return rng.choice(_PROMOTIONS[schema]) if schema in _PROMOTIONS else schema

    def _kind(self, schema: Any) -> str:
        """Return the kind of a branch. A union has each kind at most once."""
        if isinstance(schema, _Reference):
            return self._named[schema.name]["name"]
        return schema if isinstance(schema, str) else schema["type"]

    def _wrapped(self, schema: Any) -> Any:
        """Return a union of the schema and other branches."""
        rng = self._rng
        branches = [schema]
        kinds = {self._kind(schema)}
        others: list[Any] = ["null", "null", "string", "double", "boolean", {"type": "array", "items": "int"}]
        for other in rng.sample(others, rng.choice((0, 1, 1, 2, 3))):
            if self._kind(other) not in kinds:
                kinds.add(self._kind(other))
                branches.append(other)
        rng.shuffle(branches)
        return branches

    def _change_union(self, schema: list[Any]) -> Any:
        rng = self._rng
        branches = list(schema)
        for index, branch in enumerate(branches):
            changed = branch if self._maybe(0.3) and isinstance(branch, str) else self._change(branch, top=True)
            others = {self._kind(other) for other in branches[:index] + branches[index + 1 :]}
            if self._kind(changed) not in others:
                branches[index] = changed
        if self._maybe():
            rng.shuffle(branches)
        if self._maybe(0.5):
            kinds = {self._kind(branch) for branch in branches}
            for other in rng.sample(("null", "string", "double", "long"), 2):
                if other not in kinds and rng.random() < 0.6:
                    branches.append(other)
        if self._maybe(0.3) and len(branches) > 1:
            del branches[rng.randrange(len(branches))]
        if len(branches) == 1 and self._maybe():
            return branches[0]
        if self._maybe(0.1):
            return rng.choice(branches)
        return branches
