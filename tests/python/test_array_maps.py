"""Arrays with logicalType `map`, as Iceberg, Paimon and Hudi write maps whose keys are no strings."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import HAS_MAP, long, text
from conftest import WriteAvro, WriteRaw

needs_map = pytest.mark.skipif(not HAS_MAP, reason="this Polars has no Map")
pytestmark = pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")

#: As Iceberg writes maps, and beside it the same array without the logical type.
REPORT = Path(__file__).parents[1] / "data" / "reports" / "map_as_array.avro"
READERS = ("read_avro", "scan_avro", "AvroReader", "MultiAvroReader", "read_avro_schema")


def record(name: str = "R", **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": key, "type": avro} for key, avro in fields.items()]}


def pairs(key: Any, value: Any, name: str = "KV", *, logical: bool = True) -> dict[str, Any]:
    items = record(name, key=key, value=value)
    return {"type": "array", "items": items, **({"logicalType": "map"} if logical else {})}


def frame_of(name: str, path: str, **options: Any) -> pl.DataFrame:
    found = getattr(jetliner, name)([path] if name == "MultiAvroReader" else path, **options)
    if isinstance(found, pl.LazyFrame):
        return found.collect()
    if isinstance(found, pl.Schema):
        return pl.DataFrame(schema=found)
    return found if isinstance(found, pl.DataFrame) else pl.concat(found)


def entries(key: Any, value: Any) -> pl.List:
    return pl.List(pl.Struct({"key": key, "value": value}))


BESIDE: dict[str, Any] = record(
    m=["null", pairs("int", ["null", "long"], "k1_v2")], l=pairs("int", ["null", "long"], "k3_v4", logical=False)
)
BESIDE_ROWS = [
    {
        "m": [{"key": 7, "value": 8}, {"key": 9, "value": None}, {"key": 7, "value": 1}],
        "l": [{"key": 1, "value": 2}] * 2,
    },
    {"m": None, "l": []},
    {"m": [], "l": []},
]


@needs_map
@pytest.mark.parametrize("name", READERS)
def test_every_reader_makes_maps_of_them(name: str, write_avro: WriteAvro) -> None:
    path = write_avro("m.avro", BESIDE, BESIDE_ROWS, block_rows=2)
    frame = frame_of(name, path, map_as="map")
    assert frame.schema == {"m": pl.Map(pl.Int32, pl.Int64), "l": entries(pl.Int32, pl.Int64)}
    if name != "read_avro_schema":
        assert frame["m"].to_list() == [{7: 1, 9: None}, None, {}]
        assert frame["l"].to_list() == [row["l"] for row in BESIDE_ROWS]


@needs_map
@pytest.mark.parametrize("name", READERS)
def test_the_file_of_a_report(name: str) -> None:
    frame = frame_of(name, str(REPORT), map_as="map")
    assert frame.schema == {"m": pl.Map(pl.Int32, pl.Int64), "l": entries(pl.Int32, pl.Int64)}
    if name != "read_avro_schema":
        assert frame.rows() == [({7: 8, 9: None}, [{"key": 1, "value": 2}]), (None, []), ({}, [])]


@pytest.mark.parametrize("name", READERS)
def test_they_are_lists_by_default(name: str, write_avro: WriteAvro) -> None:
    path = write_avro("m.avro", BESIDE, BESIDE_ROWS)
    for options in ({}, {"map_as": "list"}):
        frame = frame_of(name, path, **options)
        assert frame.schema == {"m": entries(pl.Int32, pl.Int64), "l": entries(pl.Int32, pl.Int64)}
        if name != "read_avro_schema":
            assert frame.to_dicts() == BESIDE_ROWS


@needs_map
@pytest.mark.parametrize(
    "items",
    [
        "int",
        ["null", record("KV", key="int", value="int")],
        record("KV", key="int", value="int", more="int"),
        record("KV", key="int"),
        record("KV", k="int", v="int"),
        record("KV", key=["null", "int"], value="int"),
        record("KV", key="null", value="int"),
    ],
    ids=str,
)
def test_other_items_stay_lists(items: Any, write_avro: WriteAvro) -> None:
    path = write_avro("m.avro", record(a={"type": "array", "logicalType": "map", "items": items}), [{"a": []}])
    as_map = jetliner.read_avro(path, map_as="map")
    assert_frame_equal(as_map, jetliner.read_avro(path))
    assert isinstance(as_map.schema["a"], pl.List)


def day(n: int) -> datetime.date:
    return datetime.date(1970, 1, 1) + datetime.timedelta(n)


#: Key types with some values. Polars compares them in ways of its own.
KEYS: dict[str, tuple[Any, list[Any]]] = {
    "boolean": ("boolean", [True, False]),
    "int": ("int", [-(2**31), -1, 0, 1, 2**31 - 1]),
    "long": ("long", [-(2**63), -1, 0, 1, 2**63 - 1]),
    "float": ("float", [0.0, -0.0, 1.5, float("nan"), float("-inf"), float("inf")]),
    "arrow.float16": (
        {"type": "float", "logicalType": "arrow.float16"},
        [0.0, -0.0, 1.5, float("nan"), float("-inf"), float("inf")],
    ),
    "arrow.int8": ({"type": "int", "logicalType": "arrow.int8"}, [-128, -1, 0, 1, 127]),
    "double": ("double", [0.0, -0.0, 1.5, float("nan"), float("-inf"), float("inf")]),
    "string": ("string", ["", "a", "ab", "text that is longer than a view", "text that is longer than a View"]),
    "bytes": ("bytes", [b"", b"\0", b"\0\0", bytes(20), bytes(19) + b"\1"]),
    "fixed": ({"type": "fixed", "name": "F", "size": 2}, [b"ab", b"ac", b"\0\0"]),
    "enum": ({"type": "enum", "name": "E", "symbols": ["B", "A", "C"]}, ["A", "B", "C"]),
    "date": ({"type": "int", "logicalType": "date"}, [day(0), day(-1), day(20_000)]),
    "decimal": (
        {"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": 2},
        [Decimal("0.00"), Decimal("-1.00"), Decimal("12345678901234567890.12")],
    ),
    "uuid": ({"type": "string", "logicalType": "uuid"}, ["8c1d9a2e-0000-4000-8000-000000000000", "other"]),
    "record": (
        record("K", x=["null", "int"], y=record("I", s=["null", "string"])),
        [{"x": x, "y": {"s": s}} for x in (None, 0, 1) for s in (None, "", "a")],
    ),
    "nullable record inside": (
        record("K", r=["null", record("I", x=["null", "double"], e=record("Empty"))]),
        [{"r": None}, {"r": {"x": None, "e": {}}}, {"r": {"x": -0.0, "e": {}}}, {"r": {"x": 0.0, "e": {}}}],
    ),
    "array": ({"type": "array", "items": ["null", "int"]}, [[], [None], [1], [1, None], [None, 1], [1, 2, 3]]),
    "union": (["int", "string"], [0, 1, "", "a"]),
}


def random_rows(kind: str, count: int, limit: int) -> list[dict[str, Any]]:
    at = random.Random(f"{kind} {limit}")
    values = KEYS[kind][1]
    return [
        {"m": [{"key": at.choice(values), "value": f"value {i}"} for i in range(at.randrange(limit))]}
        for _ in range(count)
    ]


@needs_map
@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("limit", [4, 40])
def test_keys_of_every_type_are_as_polars_resolves_them(kind: str, limit: int, write_avro: WriteAvro) -> None:
    key, _ = KEYS[kind]
    path = write_avro("m.avro", record(m=pairs(key, "string")), random_rows(kind, 300, limit), block_rows=64)
    as_list = jetliner.read_avro(path)
    as_map = jetliner.read_avro(path, map_as="map", batch_size=100)
    dtype: Any = as_map.schema["m"]
    assert isinstance(dtype, pl.Map)
    assert as_list.schema["m"] == entries(dtype.key, dtype.value)
    expected = as_list.cast(dict(as_map.schema))
    assert_frame_equal(as_map, expected)
    # Floats that are equal may differ: the first one stays.
    assert str(as_map.cast(dict(as_list.schema)).to_dicts()) == str(expected.cast(dict(as_list.schema)).to_dicts())


@needs_map
@pytest.mark.parametrize("enum_as", ["enum", "categorical", "string"])
def test_enums_as_keys(enum_as: Any, write_avro: WriteAvro) -> None:
    path = write_avro("m.avro", record(m=pairs(KEYS["enum"][0], "string")), random_rows("enum", 50, 9))
    as_map = jetliner.read_avro(path, map_as="map", enum_as=enum_as)
    dtype = {"enum": pl.Enum(["B", "A", "C"]), "categorical": pl.Categorical(), "string": pl.String()}[enum_as]
    assert as_map.schema == {"m": pl.Map(dtype, pl.String)}
    assert_frame_equal(as_map, jetliner.read_avro(path, enum_as=enum_as).cast(dict(as_map.schema)))


@needs_map
def test_nested_in_lists_structs_maps_and_unions(write_avro: WriteAvro) -> None:
    schema = record(
        l={"type": "array", "items": pairs("int", "string", "A")},
        s=record("S", m=pairs("long", {"type": "array", "items": "int"}, "B")),
        m={"type": "map", "values": pairs("bytes", "boolean", "C")},
        u=["null", "int", pairs("int", "int", "D")],
        mm=pairs("int", pairs("string", "double", "F"), "E"),
    )
    row = {
        "l": [[{"key": 1, "value": "a"}, {"key": 1, "value": "b"}], []],
        "s": {"m": [{"key": 1, "value": [1, 2]}, {"key": 2, "value": []}, {"key": 1, "value": [3]}]},
        "m": {"x": [{"key": b"k", "value": True}, {"key": b"k", "value": False}]},
        "u": [{"key": 5, "value": 6}],
        "mm": [
            {"key": 1, "value": [{"key": "a", "value": 1.0}]},
            {"key": 1, "value": [{"key": "b", "value": 1.0}, {"key": "b", "value": 2.0}]},
        ],
    }
    path = write_avro("m.avro", schema, [row] * 10)
    frame = jetliner.read_avro(path, map_as="map")
    of = pl.Map
    assert frame.schema == {
        "l": pl.List(of(pl.Int32, pl.String)),
        "s": pl.Struct({"m": of(pl.Int64, pl.List(pl.Int32))}),
        "m": of(pl.String, of(pl.Binary, pl.Boolean)),
        "u": pl.Struct({"int": pl.Int32, "array": of(pl.Int32, pl.Int32)}),
        "mm": of(pl.Int32, of(pl.String, pl.Float64)),
    }
    assert (
        frame.to_dicts()
        == [
            {
                "l": [{1: "b"}, {}],
                "s": {"m": {1: [3], 2: []}},
                "m": {"x": {b"k": False}},
                "u": {"int": None, "array": {5: 6}},
                "mm": {1: {"b": 2.0}},
            }
        ]
        * 10
    )


@needs_map
@pytest.mark.parametrize(("written", "asked"), [(True, True), (False, True), (True, False)])
def test_of_two_schemas_the_readers_counts(written: bool, asked: bool, write_avro: WriteAvro) -> None:
    path = write_avro(
        "m.avro",
        record(m=pairs("int", "int", logical=written)),
        [{"m": [{"key": 1, "value": 1}, {"key": 2, "value": 2}, {"key": 1, "value": 3}]}],
    )
    reader = record(m=["null", pairs("long", ["null", "double"], logical=asked)], d=pairs("int", "int", "D"))
    reader["fields"][1]["default"] = [{"key": 3, "value": 4}]
    frame = jetliner.read_avro(path, reader_schema=reader, map_as="map")
    assert frame["d"].to_list() == [{3: 4}]
    if asked:
        assert frame.schema["m"] == pl.Map(pl.Int64, pl.Float64)
        assert frame["m"].to_list() == [{1: 3.0, 2: 2.0}]
    else:
        assert frame.schema["m"] == entries(pl.Int64, pl.Float64)
        assert frame["m"].to_list() == [[{"key": 1, "value": 1.0}, {"key": 2, "value": 2.0}, {"key": 1, "value": 3.0}]]


WIDE = record(
    id="long",
    m=pairs(record("K", x="int", y="int"), record("V", a="string", b="int")),
    t="string",
)


def wide_rows(count: int) -> list[dict[str, Any]]:
    at = random.Random(count)
    return [
        {
            "id": i,
            "m": [
                {"key": {"x": at.randrange(2), "y": at.randrange(3)}, "value": {"a": f"a{i}", "b": k}}
                for k in range(at.randrange(6))
            ],
            "t": "even" if i % 2 == 0 else "odd",
        }
        for i in range(count)
    ]


@needs_map
def test_projections_and_filters(write_avro: WriteAvro) -> None:
    path = write_avro("m.avro", WIDE, wide_rows(2000), block_rows=100)
    whole = jetliner.read_avro(path, map_as="map")
    key, value = pl.Struct({"x": pl.Int32, "y": pl.Int32}), pl.Struct({"a": pl.String, "b": pl.Int32})
    assert whole.schema["m"] == pl.Map(key, value)
    assert_frame_equal(whole, jetliner.read_avro(path).cast(dict(whole.schema)))
    query = jetliner.scan_avro(path, map_as="map")
    assert_frame_equal(query.select("m").collect(), whole.select("m"))
    assert_frame_equal(query.filter(pl.col("t") == "odd").collect(), whole.filter(pl.col("t") == "odd"))
    rare = pl.col("id") % 700 == 3
    assert_frame_equal(query.filter(rare).select("t", "m").collect(), whole.filter(rare).select("t", "m"))
    large = pl.col("m").map.len() > 4
    assert_frame_equal(query.filter(large).collect(), whole.filter(large))
    assert_frame_equal(query.tail(7).collect(), whole.tail(7))


@needs_map
def test_parts_of_maps_keep_whole_keys(write_avro: WriteAvro) -> None:
    rows = wide_rows(200)
    paths = [write_avro(f"{i}.avro", WIDE, rows, block_rows=50) for i in range(2)]
    key = pl.Struct({"x": pl.Int32, "y": pl.Int32})
    whole = jetliner.read_avro(paths, map_as="map")
    for part, value in (("m.key.x", {"a": pl.String, "b": pl.Int32}), ("m.value.b", {"b": pl.Int32})):
        dtype = pl.Map(key, pl.Struct(value))
        expected = whole.select(pl.col("m").cast(entries(key, pl.Struct({"a": pl.String, "b": pl.Int32}))))
        expected = expected.select(pl.col("m").list.eval(_reduced(value)).cast(dtype))
        for options in ({}, {"missing_columns": "insert"}):
            found = jetliner.read_avro(paths, columns=[part], map_as="map", **options)
            assert found.schema == {"m": dtype}
            assert_frame_equal(found, expected)


def _reduced(value: dict[str, Any]) -> pl.Expr:
    """Return entries whose values have some fields only."""
    field = pl.element().struct.field
    kept = pl.struct(field("value").struct.field(name) for name in value).alias("value")
    return pl.struct(field("key"), kept)


@needs_map
def test_files_that_differ(write_avro: WriteAvro) -> None:
    ints = write_avro("1.avro", record(m=pairs("int", "int")), [{"m": [{"key": 1, "value": 1}] * 2}])
    longs = write_avro("2.avro", record(m=pairs("long", "int")), [{"m": [{"key": 2**40, "value": 1}]}])
    lists = write_avro("3.avro", record(m=pairs("int", "int", logical=False)), [{"m": [{"key": 1, "value": 1}] * 2}])
    with pytest.raises(jetliner.SchemaError, match=r"field 'm' has another type \(array instead of map of array\)"):
        list(jetliner.MultiAvroReader([ints, lists], map_as="map"))
    for other in (longs, lists):
        with pytest.raises(jetliner.SchemaError, match="m"):
            jetliner.read_avro([ints, other], map_as="map")
        with pytest.raises(jetliner.SchemaError, match="'m'"):
            jetliner.read_avro([ints, other], map_as="map", missing_columns="insert")
    assert jetliner.read_avro([ints, lists]).height == 2  # both are lists
    reader = record(m=pairs("long", "long"))
    frame = jetliner.read_avro([ints, longs, lists], reader_schema=reader, map_as="map")
    assert frame["m"].to_list() == [{1: 1}, {2**40: 1}, {1: 1}]


@needs_map
def test_values_of_files_that_differ(write_avro: WriteAvro) -> None:
    one = record(m=pairs("int", record("V", a="int")), id="int")
    other = record(m=pairs("int", record("V", a="int", b="int")), id="int")
    first = write_avro("1.avro", one, [{"m": [{"key": 1, "value": {"a": 1}}], "id": 1}])
    second = write_avro("2.avro", other, [{"m": [{"key": 1, "value": {"a": 1, "b": 2}}] * 2, "id": 2}])
    with pytest.raises(jetliner.SchemaError, match=r"field 'm\[\]\.value\.b' is additional"):
        jetliner.read_avro([first, second], map_as="map")
    # Types that differ within a map are not cast.
    with pytest.raises(jetliner.SchemaError, match="there is no safe cast"):
        jetliner.read_avro([first, second], map_as="map", extra_columns="ignore")
    frame = jetliner.read_avro([first, second], map_as="map", reader_schema=one)
    assert frame["m"].to_list() == [{1: {"a": 1}}] * 2


@needs_map
def test_maps_of_several_blocks_and_threads(write_raw: WriteRaw) -> None:
    at = random.Random(5)
    blocks, expected = [], []
    for _ in range(40):
        data = b""
        for _ in range(25):
            keys = [at.randrange(30) for _ in range(at.randrange(60))]
            half = len(keys) // 2
            for part in filter(None, (range(half), range(half, len(keys)))):
                items = b"".join(long(keys[i]) + text(f"v{i}") for i in part)
                sized = long(-len(part)) + long(len(items))
                data += (sized if at.random() < 0.5 else long(len(part))) + items
            expected.append({key: f"v{i}" for i, key in enumerate(keys)})
            data += long(0)
        blocks.append((25, data))
    path = write_raw("m.avro", record(m=pairs("long", "string")), blocks)
    batches = list(jetliner.AvroReader(path, map_as="map", batch_size=33, n_threads=3))
    found = pl.concat(batches)["m"].to_list()
    assert found == expected
    assert [list(row) for row in found] == [list(row) for row in expected]  # the same order
