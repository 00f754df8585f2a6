"""Schemas and rows of the tables. Floats are multiples of 1/8, so sums are exact in any order."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Schema = dict[str, Any]

_EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_WORDS = ("", "a", "Ab", "abc", "twelve bytes", "more than twelve bytes", "żółw", "naïve 🐢", "prefix-", "x" * 300)


def record(name: str, /, **fields: Any) -> Schema:
    return {"type": "record", "name": name, "fields": [{"name": key, "type": kind} for key, kind in fields.items()]}


MIXED = record(
    "Mixed",
    id="long",  # ascending: a filter keeps neighbours
    k="int",  # scattered
    g="int",  # ten values
    run="int",  # constant for 64 rows
    s="string",
    t=["null", "string"],
    n=["null", "int"],
    x="double",
    f="float",  # with NaN
    b="boolean",
    e={"type": "enum", "name": "E", "symbols": ["RED", "GREEN", "BLUE"]},
    d={"type": "int", "logicalType": "date"},
    at={"type": "long", "logicalType": "timestamp-micros"},
    dec={"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    raw="bytes",
)


def mixed(rng: random.Random, count: int, start: int = 0) -> list[Row]:
    rows = []
    for i in range(start, start + count):
        rows.append(
            {
                "id": i,
                "k": i * 7919 % 100_003,
                "g": rng.randrange(10),
                "run": i // 64,
                "s": f"{rng.choice(_WORDS)}{i % 97}",
                "t": None if rng.random() < 0.3 else rng.choice(_WORDS),
                "n": None if rng.random() < 0.5 else rng.randrange(-50, 50),
                "x": rng.randrange(-8000, 8000) / 8,
                "f": float("nan") if rng.random() < 0.05 else rng.randrange(100) / 8,
                "b": rng.random() < 0.5,
                "e": rng.choice(("RED", "GREEN", "BLUE")),
                "d": _EPOCH.date() + dt.timedelta(days=i % 1000),
                "at": _EPOCH + dt.timedelta(microseconds=i * 1_000_003),
                "dec": Decimal(rng.randrange(-(10**6), 10**6)).scaleb(-2),
                "raw": rng.randbytes(rng.randrange(4)),
            }
        )
    return rows


NESTED = record(
    "Nested",
    id="long",
    k="int",
    p=record("P", name="string", age=["null", "int"], addr=record("Addr", city="string", zip=["null", "int"])),
    opt=["null", record("Opt", u="long", v="string")],
    xs={"type": "array", "items": "int"},
    ss={"type": "array", "items": ["null", "string"]},
    rs={"type": "array", "items": record("Item", q="int", w=["null", "double"])},
    m={"type": "map", "values": "int"},
    u=["null", "int", "string"],
    xss={"type": "array", "items": {"type": "array", "items": "long"}},
)


def nested(rng: random.Random, count: int, start: int = 0) -> list[Row]:
    def several(most: int) -> range:
        return range(rng.randrange(most + 1))

    rows = []
    for i in range(start, start + count):
        age = None if rng.random() < 0.2 else rng.randrange(100)
        zip_code = None if rng.random() < 0.5 else rng.randrange(100)
        rows.append(
            {
                "id": i,
                "k": i * 7919 % 100_003,
                "p": {"name": rng.choice(_WORDS), "age": age, "addr": {"city": rng.choice(_WORDS), "zip": zip_code}},
                "opt": None if rng.random() < 0.5 else {"u": i % 13, "v": rng.choice(_WORDS)},
                "xs": [rng.randrange(20) for _ in several(4)],
                "ss": [None if rng.random() < 0.2 else rng.choice(_WORDS) for _ in several(3)],
                "rs": [{"q": rng.randrange(9), "w": None if rng.random() < 0.3 else j / 8} for j in several(3)],
                "m": {f"key {j}": rng.randrange(5) for j in several(2)},
                "u": rng.choice((None, i % 5, rng.choice(_WORDS))),
                "xss": [[j, -j] for j in several(2)],
            }
        )
    return rows


def wide_schema(columns: int) -> Schema:
    kinds: tuple[Any, ...] = (
        "long",
        "string",
        "double",
        ["null", "int"],
        "boolean",
        "int",
        ["null", "string"],
        "float",
    )
    return record("Wide", id="long", **{f"c{i:02}": kinds[i % len(kinds)] for i in range(columns)})


def wide(rng: random.Random, count: int, columns: int) -> list[Row]:
    makers = (
        lambda: rng.randrange(1 << 40),
        lambda: rng.choice(_WORDS[:-1]),
        lambda: rng.randrange(8000) / 8,
        lambda: None if rng.random() < 0.2 else rng.randrange(1000),
        lambda: rng.random() < 0.1,
        lambda: rng.randrange(100),
        lambda: None if rng.random() < 0.9 else f"rare {rng.randrange(100)}",
        lambda: rng.randrange(100) / 8,
    )
    return [
        {"id": i, **{f"c{column:02}": makers[column % len(makers)]() for column in range(columns)}}
        for i in range(count)
    ]


# Reader schema of the generations below. `id` has an alias, `k` is promoted, `since` and `tags` have defaults.
EVOLVED: Schema = {
    "type": "record",
    "name": "Thing",
    "fields": [
        {"name": "id", "type": "long", "aliases": ["number"]},
        {"name": "since", "type": ["null", "int"], "default": None},
        {"name": "k", "type": "double", "default": 0.5},
        {"name": "s", "type": ["null", "string"], "default": None},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": ["none"]},
        {
            "name": "e",
            "type": {"type": "enum", "name": "E", "symbols": ["OTHER", "GREEN", "RED"], "default": "OTHER"},
            "default": "OTHER",
        },
    ],
}
GENERATIONS: tuple[Schema, ...] = (
    record("Thing", number="int", k="int", s="string", dropped="string"),
    record("Thing", s=["null", "string"], k="float", dropped={"type": "array", "items": "long"}, id="long"),
    record(
        "Thing",
        id="long",
        tags={"type": "array", "items": "string"},
        since="int",
        e={"type": "enum", "name": "E", "symbols": ["RED", "GREEN", "BLUE"]},
    ),
)


def generation(rng: random.Random, which: int, count: int, start: int) -> list[Row]:
    rows: list[Row] = []
    for i in range(start, start + count):
        word = rng.choice(_WORDS)
        if which == 0:
            rows.append({"number": i, "k": i % 17, "s": word, "dropped": "gone"})
        elif which == 1:
            s = None if rng.random() < 0.3 else word
            rows.append({"s": s, "k": i % 9 / 8, "dropped": [i] * rng.randrange(3), "id": i})
        else:
            tags = [word] * rng.randrange(3)
            rows.append({"id": i, "tags": tags, "since": i % 100, "e": rng.choice(("RED", "GREEN", "BLUE"))})
    return rows
