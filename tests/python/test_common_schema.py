"""One Avro schema made of the schemas of several files. test_way_out.py reads files by such schemas."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jetliner._columns.common_schema import ConflictError, common_schema


def record(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": key, "type": avro} for key, avro in fields.items()]}


def logical(name: str, base: str = "long", **more: Any) -> dict[str, Any]:
    return {"type": base, "logicalType": name, **more}


def fixed(size: int) -> dict[str, Any]:
    return {"type": "fixed", "name": "F", "size": size}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def common(*schemas: Any) -> Any:
    return common_schema([json.dumps(schema) for schema in schemas])


def test_common_schema_of_names() -> None:
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "x", "type": "int"}]}
    first = {
        "type": "record",
        "name": "Row",
        "namespace": "n",
        "doc": "left out",
        "fields": [{"name": "a", "type": inner}, {"name": "b", "type": "Inner"}],
    }
    second = {
        "type": "record",
        "name": "other.Row",
        "fields": [{"name": "b", "type": {**inner, "namespace": ""}}, {"name": "a", "type": ["null", "Inner"]}],
    }
    merged, left_out = common(first, second)
    assert left_out == []
    assert merged == {
        "type": "record",
        "name": "n.Row",
        "aliases": ["other.Row"],
        "fields": [
            {
                "name": "a",
                "type": [
                    {
                        "type": "record",
                        "name": "n.Inner",
                        "aliases": ["Inner"],
                        "fields": [{"name": "x", "type": "int"}],
                    },
                    "null",
                ],
            },
            {"name": "b", "type": "n.Inner"},
        ],
    }


def test_common_schema_of_recursive_types() -> None:
    def tree(**more: Any) -> dict[str, Any]:
        return record("Tree", children=array("Tree"), **more)

    merged, _ = common(tree(n="int"), tree(n="long", m="string"))
    assert merged["fields"] == [
        {"name": "children", "type": {"type": "array", "items": "Tree"}},
        {"name": "n", "type": "long"},
        {"name": "m", "type": ["null", "string"], "default": None},
    ]


def test_common_schema_of_a_type_that_is_used_twice() -> None:
    # Each use meets another type of the other file; the one definition must fit both.
    shared = record("S", x="int")
    merged, _ = common(
        record("Row", a=shared, b="S"), record("Row", a=record("p.S", x="long"), b=record("q.S", y="int"))
    )
    definition = merged["fields"][0]["type"]
    assert definition["aliases"] == ["p.S", "q.S"]
    assert [field["name"] for field in definition["fields"]] == ["x", "y"]
    assert merged["fields"][1]["type"] == "S"


def test_common_schema_does_not_mix_meanings() -> None:
    for a, b in (
        (logical("timestamp-millis"), logical("timestamp-micros")),
        ("long", logical("timestamp-micros")),
        (logical("timestamp-micros"), logical("timestamp-micros", **{"adjust-to-utc": False})),
        (fixed(2), fixed(3)),
        (array(logical("date", "int")), array("int")),
    ):
        assert common(record("Row", a=a, b="int"), record("Row", a=b, b="int")) == (record("Row", b="int"), ["a"])
        with pytest.raises(ConflictError):
            common(array(a), array(b))
