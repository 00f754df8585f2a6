"""Schemas and rows of the benchmark files; the same in every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]

FLAT: dict[str, Any] = {
    "type": "record",
    "name": "Flat",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "price", "type": "double"},
        {"name": "code", "type": "string"},
        {"name": "label", "type": "string"},
        {"name": "active", "type": "boolean"},
        {"name": "count", "type": ["null", "int"]},
    ],
}

NESTED: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "long"},
        {
            "name": "customer",
            "type": {
                "type": "record",
                "name": "Customer",
                "fields": [
                    {"name": "name", "type": "string"},
                    {"name": "email", "type": ["null", "string"]},
                    {
                        "name": "address",
                        "type": {
                            "type": "record",
                            "name": "Address",
                            "fields": [
                                {"name": "street", "type": "string"},
                                {"name": "city", "type": "string"},
                                {"name": "zip", "type": ["null", "int"]},
                            ],
                        },
                    },
                ],
            },
        },
        {
            "name": "items",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Item",
                    "fields": [
                        {"name": "sku", "type": "string"},
                        {"name": "quantity", "type": "int"},
                        {"name": "price", "type": "double"},
                    ],
                },
            },
        },
        {"name": "tags", "type": {"type": "array", "items": "string"}},
        {"name": "attributes", "type": {"type": "map", "values": "string"}},
        {
            "name": "coupon",
            "type": [
                "null",
                {
                    "type": "record",
                    "name": "Coupon",
                    "fields": [{"name": "code", "type": "string"}, {"name": "percent", "type": "float"}],
                },
            ],
        },
    ],
}

_WIDE_TYPES: tuple[Any, ...] = (
    "int",
    "long",
    "double",
    "string",
    ["null", "long"],
    ["null", "string"],
    ["null", "double"],
    "boolean",
    "float",
    {"type": "long", "logicalType": "timestamp-micros"},
)
WIDE: dict[str, Any] = {
    "type": "record",
    "name": "Wide",
    "fields": [{"name": f"c{i:02}", "type": _WIDE_TYPES[i % len(_WIDE_TYPES)]} for i in range(100)],
}
# An int of WIDE in the middle of the row, evenly distributed in [0, FILTER_VALUES).
FILTER_COLUMN = "c50"
FILTER_VALUES = 100_000

# Reader schema for files of older_schema: FLAT with the aliases and defaults that they need.
RESOLVED: dict[str, Any] = {
    "type": "record",
    "name": "Flat",
    "fields": [
        {"name": "id", "type": "long", "aliases": ["number"]},
        {"name": "price", "type": "double"},
        {"name": "code", "type": "string"},
        {"name": "label", "type": "string", "default": ""},
        {"name": "active", "type": "boolean"},
        {"name": "count", "type": ["null", "int"], "default": None},
    ],
}


def older_schema(which: int) -> dict[str, Any]:
    """Return a variant of FLAT, another for each number: promoted, reordered, renamed, dropped and missing fields."""
    rng = random.Random(which)
    fields: list[dict[str, Any]] = [
        {"name": rng.choice(("id", "number")), "type": rng.choice(("int", "long"))},
        {"name": "price", "type": rng.choice(("float", "double"))},
        {"name": "code", "type": "string"},
        {"name": "label", "type": "string"},
        {"name": "active", "type": "boolean"},
        {"name": "count", "type": rng.choice(("int", ["null", "int"], ["int", "null"]))},
        {"name": f"dropped_{which}", "type": "int"},
    ]
    if rng.random() < 0.2:
        del fields[rng.choice((3, 5))]
    rng.shuffle(fields)
    return {"type": "record", "name": "Flat", "fields": fields}


def older_row(row: Row, which: int) -> Row:
    """Return a row of FLAT with the fields of older_schema."""
    return row | {"number": row["id"], "count": row["count"] or 0, f"dropped_{which}": 0}


def flat_rows(rng: random.Random, count: int) -> Iterator[Row]:
    """About 45 bytes each."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    codes = ["".join(rng.choices(letters, k=rng.randint(3, 8))) for _ in range(1000)]
    for i in range(count):
        yield {
            "id": i,
            "price": rng.random() * 1000,
            "code": codes[i * 7919 % 1000],
            "label": f"customer number {i * 31 % 100_000:05}",
            "active": i % 3 == 0,
            "count": None if i % 10 == 0 else i % 5000,
        }


def nested_rows(rng: random.Random, count: int) -> Iterator[Row]:
    """About 165 bytes each."""
    for i in range(count):
        yield {
            "id": i,
            "customer": {
                "name": f"Customer {rng.randint(0, 99_999)}",
                "email": None if rng.random() < 0.3 else f"user{rng.randint(0, 9_999)}@example.com",
                "address": {
                    "street": f"{rng.randint(1, 999)} Long Street",
                    "city": rng.choice(("Berlin", "Paris", "Łódź", "São Paulo", "New York")),
                    "zip": None if rng.random() < 0.2 else rng.randint(10_000, 99_999),
                },
            },
            "items": [
                {"sku": f"SKU-{rng.randint(0, 9_999):04}", "quantity": rng.randint(1, 9), "price": rng.random() * 100}
                for _ in range(rng.randint(0, 4))
            ],
            "tags": [
                rng.choice(("new", "sale", "gift", "returned", "express delivery")) for _ in range(rng.randint(0, 4))
            ],
            "attributes": {f"key{k}": f"value {rng.randint(0, 99)}" for k in range(rng.randint(0, 3))},
            "coupon": None if rng.random() < 0.7 else {"code": f"C{rng.randint(0, 999)}", "percent": 12.5},
        }


def wide_rows(rng: random.Random, count: int) -> Iterator[Row]:
    """About 680 bytes each."""
    makers: tuple[Callable[[], Any], ...] = (
        lambda: rng.randint(0, 100_000),
        lambda: rng.randint(0, 1 << 40),
        lambda: rng.random() * 1e6,
        lambda: f"text {rng.randint(0, 99_999)}",
        lambda: None if rng.random() < 0.2 else rng.randint(0, 1 << 30),
        lambda: None if rng.random() < 0.2 else f"a longer text {rng.randint(0, 9_999)}",
        lambda: None if rng.random() < 0.2 else rng.random(),
        lambda: rng.random() < 0.5,
        lambda: rng.randint(0, 1000) / 8,
        lambda: 1_700_000_000_000_000 + rng.randint(0, 1 << 40),
    )
    names = [field["name"] for field in WIDE["fields"]]
    for _ in range(count):
        yield {name: makers[i % len(makers)]() for i, name in enumerate(names)}


#: Characters that stand for the number of a file in the `doc` of TINY.
TINY_NUMBER = "#####"
_TINY_FIELDS = 80
_TINY_TYPES = ("long", "double", ["null", "string"], "string", {"type": "long", "logicalType": "timestamp-micros"})


def tiny_schema() -> dict[str, Any]:
    """A schema of 20 KB, most of it texts for people."""
    text = "What the value means, where it comes from, who answers for it, and since which release it has been there; "
    fields = [
        {"name": f"f{i:03}", "type": _TINY_TYPES[i % len(_TINY_TYPES)], "doc": f"{text}{text[:70]}{i:03}"}
        for i in range(_TINY_FIELDS)
    ]
    return {"type": "record", "name": "Tiny", "doc": f"Written by run {TINY_NUMBER}", "fields": fields}


def tiny_row(number: int) -> Row:
    """The row of a file with `tiny_schema`."""
    values = (number, number / 8, f"text {number}" if number % 2 else None, f"a longer text, of file {number}", number)
    return {f"f{i:03}": values[i % len(values)] for i in range(_TINY_FIELDS)}
