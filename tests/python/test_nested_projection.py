"""Parts of columns by path: columns=["address.city"] and projected_columns."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro

ADDRESS = {
    "type": "record",
    "name": "Address",
    "fields": [{"name": "city", "type": "string"}, {"name": "zip", "type": "int"}],
}
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Person",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "address", "type": ADDRESS},
        {"name": "work", "type": ["null", "Address"]},
        {
            "name": "orders",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "Order",
                    "fields": [{"name": "sku", "type": "string"}, {"name": "price", "type": "double"}],
                },
            },
        },
        {"name": "places", "type": {"type": "map", "values": "Address"}},
    ],
}


@pytest.fixture
def people(write_avro: WriteAvro) -> str:
    def address(i: int) -> dict[str, Any]:
        return {"city": f"city {i}", "zip": i}

    rows = [
        {
            "id": i,
            "address": address(i),
            "work": address(-i) if i % 2 else None,
            "orders": [{"sku": f"s{j}", "price": j * 0.5} for j in range(i % 3)],
            "places": {"home": address(i)} if i % 4 else {},
        }
        for i in range(20)
    ]
    return write_avro("people.avro", SCHEMA, rows, block_rows=6)


def part(frame: pl.DataFrame, column: str, *fields: str) -> pl.Series:
    """The same struct with these fields only, as Polars makes it."""
    chosen = pl.struct(pl.col(column).struct.field(field) for field in fields)
    return frame.select(pl.when(pl.col(column).is_not_null()).then(chosen).alias(column))[column]


def test_a_struct_keeps_only_the_fields_that_are_asked_for(people: str) -> None:
    whole = jetliner.read_avro(people)
    got = jetliner.read_avro(people, columns=["address.city"])
    assert got.schema == {"address": pl.Struct({"city": pl.String})}
    assert got["address"].to_list() == part(whole, "address", "city").to_list()


def test_a_null_struct_stays_null(people: str) -> None:
    whole = jetliner.read_avro(people)
    got = jetliner.read_avro(people, columns=["work.zip", "id"])
    assert got.columns == ["id", "work"]
    assert got["work"].to_list() == part(whole, "work", "zip").to_list()
    assert got["work"].null_count() == 10


def test_paths_lead_through_lists_and_maps(people: str) -> None:
    whole = jetliner.read_avro(people)
    got = jetliner.read_avro(people, columns=["orders.sku", "places.value.zip", "places.key"])
    assert got["orders"].to_list() == [[{"sku": item["sku"]} for item in row] for row in whole["orders"].to_list()]
    assert got["places"].to_list() == [
        [{"key": entry["key"], "value": {"zip": entry["value"]["zip"]}} for entry in row]
        for row in whole["places"].to_list()
    ]


def test_paths_of_one_column_add_up_in_the_order_of_the_schema(people: str) -> None:
    whole = jetliner.read_avro(people)
    for columns in (["address.zip", "address.city"], ["address", "address.city"], ["address.city", "address"]):
        assert jetliner.read_avro(people, columns=columns).equals(whole.select("address"))


def test_readers_take_paths_and_ignore_those_that_lead_nowhere(people: str) -> None:
    projected = ["address.city", "address.nowhere", "nowhere.city", "id.x"]
    expected = jetliner.read_avro(people, columns=["address.city"])
    with pytest.warns(UserWarning, match="'address' has no field 'nowhere'"):
        reader = jetliner.AvroReader(people, projected_columns=projected)
    with reader:
        assert reader.polars_schema == expected.schema
        assert pl.concat(list(reader)).equals(expected)
    with pytest.warns(UserWarning, match="'id' has no field 'x'"):
        several = jetliner.MultiAvroReader([people], projected_columns=projected, row_index_name="row")
    with several as reader:
        assert pl.concat(list(reader)).drop("row").equals(expected)
    with pytest.warns(UserWarning, match="no column 'nowhere.city'"):
        reader = jetliner.AvroReader(people, projected_columns=["nowhere.city"])
    with reader:
        assert list(reader) == []


def test_the_nearest_path_is_named(people: str) -> None:
    text = "no column 'adress.city'.*did you mean 'address.city'"
    with pytest.raises(jetliner.SchemaError, match=text):
        jetliner.read_avro(people, columns=["adress.city"])
    with pytest.raises(jetliner.SchemaError, match=text):
        jetliner.read_avro(people, columns=["adress.city"], missing_columns="insert")
    with pytest.warns(UserWarning, match=text):
        jetliner.AvroReader(people, projected_columns=["adress.city"])


@pytest.mark.parametrize("name", ["address.nowhere", "nowhere.city", "id.city", "address.", ".city", "address..city"])
def test_a_path_that_leads_nowhere_is_a_schema_error(people: str, name: str) -> None:
    with pytest.raises(jetliner.SchemaError, match="column") as error:
        jetliner.read_avro(people, columns=["id", name])
    assert error.value.variant == "ColumnNotFound"
    assert error.value.schema_context == name


def test_how_far_a_path_leads_is_told(people: str) -> None:
    with pytest.raises(jetliner.SchemaError, match=r"no column 'address\.nowhere': 'address' has no field 'nowhere'"):
        jetliner.read_avro(people, columns=["address.nowhere"])
    with pytest.raises(jetliner.SchemaError, match=r"'id' has no field 'city'"):
        jetliner.read_avro(people, columns=["id.city.name"])


def test_paths_work_with_a_reader_schema(people: str) -> None:
    schema = {
        "type": "record",
        "name": "Person",
        "fields": [
            {
                "name": "address",
                "type": {
                    "type": "record",
                    "name": "Address",
                    "fields": [{"name": "country", "type": "string", "default": "?"}, {"name": "zip", "type": "long"}],
                },
            }
        ],
    }
    got = jetliner.read_avro(people, columns=["address.country"], reader_schema=schema)
    assert got["address"].to_list() == [{"country": "?"}] * 20
    got = jetliner.read_avro(people, columns=["address.zip"], reader_schema=schema)
    assert got["address"].to_list() == [{"zip": i} for i in range(20)]
