"""Parts of columns (columns=["address.city"]) of files that differ and of files with partitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_files import long, text
from conftest import WriteAvro, WriteRaw
from parquet_twins import casts

pytestmark = pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")

INSERT: dict[str, Any] = {"missing_columns": "insert"}


def record(name: str = "A", **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": key, "type": avro} for key, avro in fields.items()]}


@pytest.fixture
def write(write_avro: WriteAvro) -> Any:
    """Write a file with fields of these types, below the directory "data"."""

    def start(name: str, fields: dict[str, Any], rows: list[dict[str, Any]]) -> str:
        columns = [{"name": field, "type": avro} for field, avro in fields.items()]
        return write_avro(f"data/{name}", {"type": "record", "name": "Row", "fields": columns}, rows)

    return start


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


ADDRESS = {"city": "string", "zip": "int"}
PERSON = {"id": "long", "address": record(**ADDRESS)}


def person(number: int) -> dict[str, Any]:
    return {"id": number, "address": {"city": f"city {number}", "zip": number}}


def addresses(frame: pl.DataFrame) -> list[Any]:
    return frame["address"].to_list()


# --- files that differ ---


def test_files_that_happen_to_be_the_same(write: Any, data: str) -> None:
    for number in range(3):
        write(f"{number}.avro", PERSON, [person(number)])
    frame = jetliner.read_avro(data, columns=["address.city"], **INSERT)
    assert frame.schema == {"address": pl.Struct({"city": pl.String})}
    assert addresses(frame) == [{"city": f"city {number}"} for number in range(3)]


def test_a_file_without_the_column(write: Any, data: str) -> None:
    write("1.avro", PERSON, [person(1)])
    write("2.avro", {"id": "long"}, [{"id": 2}])
    frame = jetliner.read_avro(data, columns=["address.zip", "id"], row_index_name="i", **INSERT)
    assert frame.rows() == [(0, 1, {"zip": 1}), (1, 2, None)]
    with pytest.raises(jetliner.SchemaError, match="no column 'address'") as caught:
        jetliner.read_avro(data, columns=["address.zip"], extra_columns="ignore")
    assert str(caught.value.path).endswith("2.avro")


def test_a_file_without_the_field(write: Any, data: str) -> None:
    write("1.avro", PERSON, [person(1)])
    write("2.avro", {"id": "long", "address": record(zip="int")}, [{"id": 2, "address": {"zip": 2}}])
    options: dict[str, Any] = {"cast_options": casts(missing_struct_fields="insert")}
    assert addresses(jetliner.read_avro(data, columns=["address.city"], **options)) == [
        {"city": "city 1"},
        {"city": None},
    ]
    assert addresses(jetliner.read_avro(data, columns=["address.zip"], **options)) == [{"zip": 1}, {"zip": 2}]
    # All columns of a file are checked, whatever is read of them.
    with pytest.raises(jetliner.SchemaError, match="missing_struct_fields='insert'"):
        jetliner.read_avro(data, columns=["address.zip"], **INSERT)


def test_a_field_that_only_a_later_file_has(write: Any, data: str) -> None:
    write("1.avro", {"id": "long", "address": record(zip="int")}, [{"id": 1, "address": {"zip": 1}}])
    write("2.avro", PERSON, [person(2)])
    options: dict[str, Any] = {"cast_options": casts(extra_struct_fields="ignore", missing_struct_fields="insert")}
    with pytest.raises(jetliner.SchemaError, match="'address' has no field 'city'") as caught:
        jetliner.read_avro(data, columns=["address.city"], **options)
    assert (caught.value.variant, caught.value.schema_context) == ("ColumnNotFound", "address.city")
    schema = {"id": pl.Int64, "address": pl.Struct({"city": pl.String, "zip": pl.Int32})}
    frame = jetliner.read_avro(data, columns=["address.city"], schema=schema, **options)
    assert addresses(frame) == [{"city": None}, {"city": "city 2"}]


def test_types_that_differ(write: Any, data: str) -> None:
    write("1.avro", PERSON, [person(1)])
    write("2.avro", {"id": "long", "address": record(city="string", zip="long")}, [person(2**40)])
    options: dict[str, Any] = {
        "schema": {"id": pl.Int64, "address": pl.Struct({"city": pl.String, "zip": pl.Int64})},
        "cast_options": casts(integer_cast="upcast"),
    }
    frame = jetliner.read_avro(data, columns=["address.zip"], **options)
    assert frame.schema == {"address": pl.Struct({"zip": pl.Int64})}
    assert addresses(frame) == [{"zip": 1}, {"zip": 2**40}]
    frame = jetliner.read_avro(data, columns=["address.city", "id"], **options)
    assert frame.rows() == [(1, {"city": "city 1"}), (2**40, {"city": f"city {2**40}"})]


def test_types_for_which_the_core_has_columns_of_their_own(write: Any, data: str) -> None:
    # Of such columns, a path finds only the first one in the core.
    millis, micros = ({"type": "long", "logicalType": f"timestamp-{unit}"} for unit in ("millis", "micros"))
    write("1.avro", {"at": record(time=millis, n="int")}, [{"at": {"time": 1, "n": 1}}])
    write("2.avro", {"at": record(time=micros, n="int")}, [{"at": {"time": 2, "n": 2}}])
    options: dict[str, Any] = {
        "schema": {"at": pl.Struct({"time": pl.Datetime("us", "UTC"), "n": pl.Int32})},
        "cast_options": casts(datetime_cast="upcast"),
    }
    frame = jetliner.read_avro(data, columns=["at.n"], **options)
    assert frame["at"].to_list() == [{"n": 1}, {"n": 2}]
    frame = jetliner.read_avro(data, columns=["at.time"], **options)
    assert frame["at"].struct.field("time").to_physical().to_list() == [1000, 2]


def test_a_record_beside_a_union_of_the_same_polars_type(write: Any, data: str) -> None:
    # The types are equal for Polars, but not for the core.
    write("1.avro", {"u": record(int="int", string="string")}, [{"u": {"int": 1, "string": "x"}}])
    write("2.avro", {"u": ["int", "string"]}, [{"u": 2}, {"u": "y"}])
    union = pl.Struct({"int": pl.Int32, "string": pl.String})
    assert jetliner.read_avro_schema(f"{data}/1.avro") == jetliner.read_avro_schema(f"{data}/2.avro") == {"u": union}
    frame = jetliner.read_avro(data, columns=["u.string"], **INSERT)
    assert frame["u"].to_list() == [{"string": "x"}, {"string": None}, {"string": "y"}]


def test_paths_through_lists_and_maps(write: Any, data: str) -> None:
    def fields(number: str) -> dict[str, Any]:
        item = record("Item", sku="string", price=number)
        return {"orders": {"type": "array", "items": item}, "places": {"type": "map", "values": ["null", "Item"]}}

    for number, avro in ((1, "float"), (2, "double")):
        item = {"sku": f"s{number}", "price": number / 2}
        write(f"{number}.avro", fields(avro), [{"orders": [item, item], "places": {"home": item, "work": None}}])
    entry = pl.Struct({"sku": pl.String, "price": pl.Float64})
    options: dict[str, Any] = {
        "schema": {"orders": pl.List(entry), "places": pl.List(pl.Struct({"key": pl.String, "value": entry}))},
        "cast_options": casts(float_cast="upcast"),
    }
    whole = jetliner.read_avro(data, **options)
    frame = jetliner.read_avro(data, columns=["orders.price", "places.value.sku", "places.key"], **options)
    assert frame["orders"].to_list() == [[{"price": item["price"]} for item in row] for row in whole["orders"]]
    assert frame["places"].to_list() == [
        [{"key": entry["key"], "value": entry["value"] and {"sku": entry["value"]["sku"]}} for entry in row]
        for row in whole["places"].to_list()
    ]
    assert (
        jetliner.read_avro(data, columns=["places.key"], **options)["places"].to_list()
        == [[{"key": "home"}, {"key": "work"}]] * 2
    )


@pytest.mark.skipif(not hasattr(pl, "Map"), reason="this version of Polars has no Map")
def test_parts_of_maps_as_map(write: Any, data: str) -> None:
    write("1.avro", {"m": {"type": "map", "values": record(**ADDRESS)}}, [{"m": {"k": {"city": "x", "zip": 1}}}])
    alike = jetliner.read_avro(data, columns=["m.value.zip"], map_as="map")
    assert jetliner.read_avro(data, columns=["m.value.zip"], map_as="map", **INSERT).equals(alike)
    assert alike.schema == {"m": pl.Map(pl.String, pl.Struct({"zip": pl.Int32}))}
    # Of another writer, so whole columns are read first.
    write("2.avro", {"m": {"type": "map", "values": record(**ADDRESS)}, "n": ["null", "int"]}, [{"m": {}, "n": 1}])
    both = jetliner.read_avro(data, columns=["m.value.zip"], map_as="map", extra_columns="ignore")
    assert both.schema == alike.schema
    assert both[:1].equals(alike)
    assert both["m"].to_list()[1] in ({}, [])


def test_null_structs_stay_null(write: Any, data: str) -> None:
    for number, avro in enumerate(("int", "long")):
        fields = {"address": ["null", record(city="string", zip=avro)]}
        write(f"{number}.avro", fields, [{"address": None}, {"address": {"city": "x", "zip": 5}}])
    schema = {"address": pl.Struct({"city": pl.String, "zip": pl.Int64})}
    frame = jetliner.read_avro(data, columns=["address.zip"], schema=schema, cast_options=casts(integer_cast="upcast"))
    assert addresses(frame) == [None, {"zip": 5}] * 2


def test_paths_of_one_column_add_up_in_the_order_of_the_schema(write: Any, data: str) -> None:
    write("1.avro", PERSON, [person(1)])
    write("2.avro", {**PERSON, "note": "string"}, [{**person(2), "note": "x"}])
    whole = jetliner.read_avro(data, columns=["address"], extra_columns="ignore")
    for columns in (["address.zip", "address.city"], ["address", "address.city"], ["address.city", "address"]):
        assert jetliner.read_avro(data, columns=columns, extra_columns="ignore").equals(whole)


def test_names_with_dots(write_raw: WriteRaw, data: str, tmp_path: Path) -> None:
    """The longest name of the *expected* columns wins, whatever other columns the files have."""
    (tmp_path / "data").mkdir()
    inner = {"type": "record", "name": "A", "fields": [{"name": "b", "type": "int"}, {"name": "c", "type": "int"}]}
    fields = [{"name": "a", "type": inner}, {"name": "a.b", "type": "string"}]
    write_raw("data/1.avro", {"type": "record", "name": "R", "fields": fields}, [(1, long(7) + long(8) + text(b"x"))])
    assert jetliner.read_avro(data, columns=["a.b"], **INSERT).rows() == [("x",)]
    schema: dict[str, Any] = {"a": pl.Struct({"b": pl.Int32, "c": pl.Int32})}
    frame = jetliner.read_avro(data, columns=["a.b"], schema=schema, extra_columns="ignore")
    assert frame["a"].to_list() == [{"b": 7}]
    schema = {"a": pl.Struct({"b": pl.Int32, "c": pl.Int32}), "a.c": pl.Int8}
    frame = jetliner.read_avro(data, columns=["a.c"], schema=schema, extra_columns="ignore", **INSERT)
    assert frame.schema == {"a.c": pl.Int8}
    assert frame.rows() == [(None,)]


@pytest.mark.parametrize("name", ["address.nowhere", "nowhere.city", "id.city", "address.", ".city", "address..city"])
def test_a_path_that_leads_nowhere_is_a_schema_error(write: Any, data: str, name: str) -> None:
    write("1.avro", PERSON, [person(1)])
    errors = []
    for options in ({}, INSERT):
        with pytest.raises(jetliner.SchemaError, match="there is no column") as caught:
            jetliner.read_avro(data, columns=["id", name], **options)
        errors.append(caught.value.to_dict())
    assert errors[0] == errors[1]


def test_other_fields_are_not_decoded(write_raw: WriteRaw, data: str, tmp_path: Path) -> None:
    # The text is no UTF-8: only a reader that decodes it notices.
    (tmp_path / "data").mkdir()
    inner = {"type": "record", "name": "A", "fields": [{"name": "t", "type": "string"}, {"name": "n", "type": "int"}]}
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": inner}]}
    for number in (1, 2):
        write_raw(f"data/{number}.avro", schema, [(1, text(b"\xff") + long(number))])
    assert jetliner.read_avro(data, columns=["a.n"], **INSERT)["a"].to_list() == [{"n": 1}, {"n": 2}]
    with pytest.raises(jetliner.DecodeError):
        jetliner.read_avro(data, columns=["a.t"], **INSERT)


def test_files_without_rows(write: Any, data: str) -> None:
    write("1.avro", PERSON, [])
    frame = jetliner.read_avro(data, columns=["address.city"], include_file_paths="p", **INSERT)
    assert frame.schema == {"address": pl.Struct({"city": pl.String}), "p": pl.String}
    assert frame.height == 0


# --- partitions ---


def test_partition_columns_beside_a_path(write: Any, data: str) -> None:
    for year in (2023, 2024):
        write(f"year={year}/0.avro", PERSON, [person(year), person(-year)])
    frame = jetliner.read_avro(data, columns=["year", "address.zip"])
    assert frame.schema == {"address": pl.Struct({"zip": pl.Int32}), "year": pl.Int64}
    assert frame.rows() == [({"zip": sign * year}, year) for year in (2023, 2024) for sign in (1, -1)]
    frame = jetliner.read_avro(data, columns=["address.city"], n_rows=3, row_index_name="i")
    assert frame.rows() == [(0, {"city": "city 2023"}), (1, {"city": "city -2023"}), (2, {"city": "city 2024"})]
    assert jetliner.read_avro(data, columns=["year"])["year"].to_list() == [2023, 2023, 2024, 2024]


def test_partitions_of_files_that_differ(write: Any, data: str) -> None:
    write("year=2023/0.avro", PERSON, [person(1)])
    write("year=2024/0.avro", {**PERSON, "note": "string"}, [{**person(2), "note": "x"}])
    frame = jetliner.read_avro(data, columns=["address.zip", "year"], extra_columns="ignore")
    assert frame.rows() == [({"zip": 1}, 2023), ({"zip": 2}, 2024)]
    with pytest.raises(jetliner.SchemaError, match="extra_columns='ignore'"):
        jetliner.read_avro(data, columns=["address.zip", "year"])


def test_a_partition_column_has_no_parts(write: Any, data: str) -> None:
    write("year=2023/0.avro", PERSON, [person(1)])
    with pytest.raises(jetliner.SchemaError, match="'year' has no field 'x'"):
        jetliner.read_avro(data, columns=["year.x"])


def test_partitions_with_a_reader_schema(write: Any, data: str) -> None:
    write("year=2023/0.avro", PERSON, [person(1)])
    write("year=2024/0.avro", {"id": "int", "address": record(zip="int")}, [{"id": 1, "address": {"zip": 2}}])
    address = record(zip="long", country="string")
    address["fields"][1]["default"] = "?"
    schema = {"type": "record", "name": "Row", "fields": [{"name": "address", "type": address}]}
    for name in ("country", "zip"):
        whole = jetliner.read_avro(data, reader_schema=schema)
        frame = jetliner.read_avro(data, columns=[f"address.{name}", "year"], reader_schema=schema)
        assert frame["address"].to_list() == [{name: value[name]} for value in whole["address"].to_list()]
        assert frame["year"].to_list() == [2023, 2024]
