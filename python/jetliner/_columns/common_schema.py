"""One Avro schema by which files of different schemas can be read without loss, as the rules of resolution allow.

Schemas are merged one after the other. A field that some files lack becomes nullable. Numbers become the wider type.
Types that do not go together become a union.
"""

from __future__ import annotations

import json
from typing import Any

#: A type: the name of a primitive or a named type, a list of types (a union), or a dictionary.
Node = Any

_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
#: Each number can be read as those after it, and `int` and `long` as `double` rather than as `float`.
_NUMBERS = ("int", "long", "float", "double")
_NAMED = frozenset({"record", "error", "enum", "fixed"})
#: The attributes of a type that decide about its values. All others, such as `doc`, are left out.
_ATTRIBUTES = ("logicalType", "precision", "scale", "adjust-to-utc")


class ConflictError(Exception):
    """Two types cannot be read by one schema."""


def common_schema(schemas: list[str]) -> tuple[Node, list[str]]:
    """Merge schemas.

    Parameters
    ----------
    schemas
        JSON texts, at least one.

    Returns
    -------
    schema
        As Python objects.
    left_out
        The fields at the top level that are left out, because no type fits them.

    Raises
    ------
    ConflictError
        There is no such schema.
    """
    merged = _Merged()
    top: Node = None
    for number, text in enumerate(schemas):
        names = merged.definitions()
        node = _resolved(json.loads(text.removeprefix("\ufeff")), "", names)
        top = merged.taken(node, names) if number == 0 else merged.merge(top, node, names, is_top=True)
    return _written(top, merged.types, set()), list(merged.left_out)


def _resolved(node: Node, namespace: str, names: dict[str, dict[str, Any]]) -> Node:
    """Return a type in plain form: named types as {"ref": full name}, their definitions are put into `names`."""
    if isinstance(node, list):
        return [_resolved(branch, namespace, names) for branch in node]
    if isinstance(node, str):
        if node in _PRIMITIVES:
            return {"type": node}
        full = node if "." in node or not namespace else f"{namespace}.{node}"
        return {"ref": full if full in names else node}
    kind = node["type"]
    if not isinstance(kind, str):
        return _resolved(kind, namespace, names)
    plain: dict[str, Any] = {"type": kind, **{key: node[key] for key in _ATTRIBUTES if key in node}}
    if kind in _NAMED:
        name: str = node["name"]
        if "." not in name and (own := node.get("namespace", namespace)):
            name = f"{own}.{name}"
        names[name] = plain
        inner = name.rpartition(".")[0]
        if kind in ("record", "error"):
            plain["type"] = "record"
            fields = [(field["name"], _resolved(field["type"], inner, names)) for field in node["fields"]]
            plain["fields"] = dict(fields)
        else:
            key = "symbols" if kind == "enum" else "size"
            plain[key] = node[key]
        return {"ref": name}
    if kind in ("array", "map"):
        key = "items" if kind == "array" else "values"
        plain[key] = _resolved(node[key], namespace, names)
        return plain
    return plain if kind in _PRIMITIVES else _resolved(kind, namespace, names)


class _Merged:
    """The merged definitions.

    Attributes
    ----------
    types
        Definitions by full name.
    left_out
        Fields at the top level that no type fits.
    """

    def __init__(self) -> None:
        self.types: dict[str, dict[str, Any]] = {}
        self.left_out: dict[str, None] = {}
        self._files: list[dict[str, dict[str, Any]]] = []  # all definitions stay alive, so each has its own id()

    def definitions(self) -> dict[str, dict[str, Any]]:
        """Return a new dictionary for the definitions of a file."""
        self._files.append({})
        return self._files[-1]

    def taken(self, node: Node, names: dict[str, dict[str, Any]]) -> Node:
        """Take over a type, with the definitions that it needs."""
        if isinstance(node, list):
            return [self.taken(branch, names) for branch in node]
        if "ref" in node:
            name = node["ref"]
            if name in self.types:
                self._merge_named(name, name, names)
            else:
                own = self.types[name] = {**names[name], "aliases": {}, "merged": {id(names[name])}}
                if "fields" in own:
                    own["fields"] = {key: self.taken(field, names) for key, field in own["fields"].items()}
            return node
        return {key: self.taken(value, names) if key in ("items", "values") else value for key, value in node.items()}

    def merge(self, a: Node, b: Node, names: dict[str, dict[str, Any]], *, is_top: bool = False) -> Node:
        """Return the type that values of a type `a` of this object, and of a type `b` of a file, can be read as."""
        if not isinstance(a, list) and not isinstance(b, list):
            found = self._merge_plain(a, b, names, is_top=is_top)
            if found is not None:
                return found
        branches = list(a) if isinstance(a, list) else [a]
        for branch in b if isinstance(b, list) else [b]:
            self._add_branch(branches, branch, names)
        return branches

    def _add_branch(self, branches: list[Node], branch: Node, names: dict[str, dict[str, Any]]) -> None:
        for place, other in enumerate(branches):
            found = self._merge_plain(other, branch, names)
            if found is not None and (found == other or found not in branches):
                branches[place] = found
                return
        kind = branch.get("type")
        if kind is not None and any(other.get("type") == kind for other in branches):
            msg = f"two branches of type {kind}"
            raise ConflictError(msg)
        branches.append(self.taken(branch, names))

    def _merge_plain(self, a: Node, b: Node, names: dict[str, dict[str, Any]], *, is_top: bool = False) -> Node | None:
        """Merge types that are no unions. None if they must be branches of a union."""
        if "ref" in a or "ref" in b:
            if "ref" not in a or "ref" not in b:
                return None
            mine, other = self.types[a["ref"]], names[b["ref"]]
            are_alike = is_top or a["ref"].rpartition(".")[2] == b["ref"].rpartition(".")[2]
            if mine["type"] != other["type"] or not are_alike:
                return None
            self._merge_named(a["ref"], b["ref"], names, is_top=is_top)
            return a
        kind = a["type"]
        if kind == b["type"] and kind in ("array", "map"):
            key = "items" if kind == "array" else "values"
            _check_attributes(a, b)
            return {**a, key: self.merge(a[key], b[key], names)}
        if kind == b["type"]:
            if kind == "string":  # a UUID is text too
                return a if a == b else {"type": kind}
            _check_attributes(a, b)
            return a
        plain = not any(key in node for key in _ATTRIBUTES for node in (a, b))
        if plain and kind in _NUMBERS and b["type"] in _NUMBERS:
            widest = max(kind, b["type"], key=_NUMBERS.index)
            return {"type": "double" if widest == "float" else widest}
        if plain and {kind, b["type"]} == {"bytes", "string"}:
            return {"type": "bytes"}
        return None

    def _merge_named(self, name: str, other: str, names: dict[str, dict[str, Any]], *, is_top: bool = False) -> None:
        mine, theirs = self.types[name], names[other]
        if id(theirs) in mine["merged"]:  # also in recursive types
            return
        mine["merged"].add(id(theirs))
        if name != other:
            mine["aliases"][other] = None
        if mine["type"] != theirs["type"] or mine.get("size") != theirs.get("size"):
            msg = f"two definitions of {name}"
            raise ConflictError(msg)
        _check_attributes(mine, theirs)
        if "symbols" in mine:
            mine["symbols"] = list(dict.fromkeys([*mine["symbols"], *theirs["symbols"]]))
        if "fields" in mine:
            self._merge_fields(mine["fields"], theirs["fields"], names, is_top=is_top)

    def _merge_fields(
        self, mine: dict[str, Node], theirs: dict[str, Node], names: dict[str, dict[str, Any]], *, is_top: bool
    ) -> None:
        for key in [*mine, *(key for key in theirs if key not in mine)]:
            if key in self.left_out and is_top:
                continue
            try:
                if key not in theirs:
                    mine[key] = _optional(mine[key])
                elif key not in mine:
                    mine[key] = _optional(self.taken(theirs[key], names))
                else:
                    mine[key] = self.merge(mine[key], theirs[key], names)
            except ConflictError:
                if not is_top:
                    raise
                self.left_out[key] = None
                mine.pop(key, None)


def _check_attributes(a: dict[str, Any], b: dict[str, Any]) -> None:
    """Refuse different meanings of one type: resolution keeps the number, not what it means."""
    if any(a.get(key) != b.get(key) for key in _ATTRIBUTES):
        msg = f"the logical types of {a['type']} differ"
        raise ConflictError(msg)


def _optional(node: Node) -> Node:
    """Mark a field that some files lack."""
    branches = node if isinstance(node, list) else [node]
    null = {"type": "null"}
    return [null, *(branch for branch in branches if branch != null)]


def _written(node: Node, types: dict[str, dict[str, Any]], known: set[str]) -> Node:
    """Return a type as Python objects for a reader schema. A named type is defined at its first place."""
    if isinstance(node, list):
        return [_written(branch, types, known) for branch in node]
    if "ref" in node:
        name = node["ref"]
        if name in known:
            return name
        known.add(name)
        definition = types[name]
        written: dict[str, Any] = {"type": definition["type"], "name": name}
        if definition["aliases"]:
            written["aliases"] = list(definition["aliases"])
        written.update({key: definition[key] for key in (*_ATTRIBUTES, "symbols", "size") if key in definition})
        if "fields" in definition:
            written["fields"] = [_field(key, field, types, known) for key, field in definition["fields"].items()]
        return written
    if node.keys() == {"type"}:
        return node["type"]
    return {key: _written(value, types, known) if key in ("items", "values") else value for key, value in node.items()}


def _field(name: str, node: Node, types: dict[str, dict[str, Any]], known: set[str]) -> dict[str, Any]:
    field = {"name": name, "type": _written(node, types, known)}
    if isinstance(node, list) and node[0] == {"type": "null"}:
        field["default"] = None
    return field
