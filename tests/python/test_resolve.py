"""`reader_schema`: how it is given, what it may be combined with, and how it fails."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.exceptions import ComputeError
from polars.testing import assert_frame_equal

import jetliner
from conftest import WriteAvro, WriteSales

READER = {
    "type": "record",
    "name": "Sale",
    "fields": [
        {"name": "state", "type": {"type": "string"}, "aliases": ["status"]},
        {"name": "user_id", "type": "double"},
        {"name": "country", "type": ["null", "string"], "default": None},
    ],
}
COLUMNS = {"state": pl.String, "user_id": pl.Float64, "country": pl.String}
READERS = ("read_avro", "scan_avro", "AvroReader", "MultiAvroReader", "read_avro_schema")


def expected(rows: int) -> pl.DataFrame:
    states = [("active", "inactive", "pending")[i % 3] for i in range(rows)]
    return pl.DataFrame({"state": states, "user_id": list(range(rows)), "country": [None] * rows}, schema=COLUMNS)


def call(name: str, path: str, **options: Any) -> Any:
    return getattr(jetliner, name)([path] if name == "MultiAvroReader" else path, **options)


def frame_of(name: str, path: str, **options: Any) -> pl.DataFrame:
    found = call(name, path, **options)
    if isinstance(found, pl.LazyFrame):
        return found.collect()
    if isinstance(found, pl.Schema):
        return pl.DataFrame(schema=found)
    return found if isinstance(found, pl.DataFrame) else pl.concat(found)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "form", ["dict", "text", "text with blanks", "text with comments", "path", "str of a path", "any name"]
)
def test_every_form_for_every_entry_point(name: str, form: str, write_sales: WriteSales, tmp_path: Path) -> None:
    avsc = tmp_path / "reader.avsc"
    avsc.write_text(json.dumps(READER, indent=2))
    forms: dict[str, Any] = {
        "dict": READER,
        "text": json.dumps(READER),
        "text with blanks": " \n" + json.dumps(READER),
        "text with comments": "// ours\n/* and yours */" + json.dumps(READER, indent=2).replace("\n", " // *\n") + "//",
        "path": avsc,
        "str of a path": str(avsc),
        "any name": READER | {"name": "Purchase"},
    }
    frame = frame_of(name, write_sales(rows=7), reader_schema=forms[form])
    assert_frame_equal(frame, expected(0 if name == "read_avro_schema" else 7))


def test_top_level_that_is_no_record(write_avro: WriteAvro) -> None:
    path = write_avro("ints.avro", "int", [1, 2])
    for schema in ("double", '"double"', ["null", "double"], {"type": "double"}):
        assert jetliner.read_avro(path, reader_schema=schema)["value"].to_list() == [1.0, 2.0]


def test_any_path_like_and_any_name_ending(write_sales: WriteSales, tmp_path: Path) -> None:
    path = tmp_path / "reader.json"
    path.write_bytes(b"\xef\xbb\xbf/* licence */" + json.dumps(READER).encode())
    assert_frame_equal(jetliner.read_avro(write_sales(rows=3), reader_schema=path), expected(3))


def test_files_of_several_schemas(write_sales: WriteSales, write_avro: WriteAvro) -> None:
    old = {"type": "record", "name": "Sale", "fields": [{"name": "user_id", "type": "int"}]}
    reader = {
        "type": "record",
        "name": "Sale",
        "fields": [
            {"name": "user_id", "type": "long"},
            {"name": "amount", "type": "double", "default": -1},
            {"name": "tags", "type": {"type": "array", "items": "string"}, "default": ["none"]},
        ],
    }
    paths = [
        write_sales("a.avro", 3),
        write_avro("b.avro", old, [{"user_id": 100}, {"user_id": 101}]),
        write_sales("c.avro", 2, start=3),
    ]
    frame = jetliner.read_avro(paths, reader_schema=reader, row_index_name="row", include_file_paths="path")
    assert frame["row"].to_list() == list(range(7))
    assert frame["path"].to_list() == [paths[0]] * 3 + [paths[1]] * 2 + [paths[2]] * 2
    assert frame["user_id"].to_list() == [0, 1, 2, 100, 101, 3, 4]
    assert frame["amount"].to_list() == [0.0, 0.5, 1.0, -1.0, -1.0, 1.5, 2.0]
    assert frame["tags"].to_list() == [["none"]] * 7
    scan = jetliner.scan_avro(paths, reader_schema=reader)
    assert scan.filter(pl.col("user_id") > 2).select("amount").collect()["amount"].to_list() == [-1.0, -1.0, 1.5, 2.0]
    with jetliner.MultiAvroReader(paths, reader_schema=reader, batch_size=2, n_rows=5) as multi:
        assert json.loads(multi.schema)["fields"][1]["name"] == "amount"  # of the first file
        assert [batch["user_id"].to_list() for batch in multi] == [[0, 1], [2, 100], [101]]
    # Without it they do not belong together.
    with pytest.raises(jetliner.SchemaError, match="mismatch"):
        jetliner.read_avro(paths)


def test_columns_are_the_readers(write_sales: WriteSales) -> None:
    path = write_sales(rows=4)
    every = expected(4)
    assert_frame_equal(
        jetliner.read_avro(path, reader_schema=READER, columns=["country", "state"]), every.select("state", "country")
    )
    assert_frame_equal(jetliner.read_avro(path, reader_schema=READER, columns=[1]), every.select("user_id"))
    with pytest.raises(jetliner.SchemaError, match="no column 'status'"):
        jetliner.read_avro(path, reader_schema=READER, columns=["status"])
    with pytest.raises(IndexError):
        jetliner.read_avro(path, reader_schema=READER, columns=[3])
    with jetliner.AvroReader(path, reader_schema=READER, projected_columns=["user_id", "amount"]) as reader:
        assert_frame_equal(pl.concat(reader), every.select("user_id"))
    scan = jetliner.scan_avro(path, reader_schema=READER)
    assert scan.select(pl.len()).collect().item() == 4
    assert_frame_equal(scan.select("country").collect(), every.select("country"))


def test_scans_are_pickled_with_it(write_sales: WriteSales, tmp_path: Path) -> None:
    avsc = tmp_path / "reader.avsc"
    avsc.write_text(json.dumps(READER))
    scan = jetliner.scan_avro(write_sales(rows=5), reader_schema=avsc)
    avsc.unlink()  # it was read when the scan was made
    assert_frame_equal(pickle.loads(pickle.dumps(scan)).collect(), expected(5))


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("schema", "context", "message"),
    [
        ({"fields": [{"name": "amount", "type": "int"}]}, "Sale.amount", "double cannot be read as int"),
        ({"fields": [{"name": "x", "type": "int"}]}, "Sale.x", "no such field"),
        ({"name": "Purchase", "fields": []}, "Purchase", None),
    ],
)
def test_schemas_that_do_not_fit(
    name: str, schema: dict[str, Any], context: str, message: str | None, write_sales: WriteSales
) -> None:
    path = write_sales(rows=1)
    with pytest.raises(jetliner.SchemaError, match=message) as caught:
        call(name, path, reader_schema=READER | schema)
    if message is None:  # no columns at all is refused before any file is opened
        assert "zero fields" in caught.value.message
        return
    assert caught.value.variant == "IncompatibleSchemas"
    assert caught.value.path == path
    assert caught.value.schema_context == context


NESTED = {
    "type": "record",
    "name": "Sale",
    "fields": [
        {"name": "user_id", "type": "long"},
        {
            "name": "items",
            "type": {
                "type": "array",
                "items": {"type": "record", "name": "Item", "fields": [{"name": "price", "type": ["null", "double"]}]},
            },
        },
    ],
}


def _nested_with(price: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(NESTED))
    copy["fields"][1]["type"]["items"]["fields"][0]["type"] = price
    return copy


@pytest.mark.parametrize("name", ["read_avro", "scan_avro", "MultiAvroReader"])
def test_a_file_that_does_not_fit_is_found_before_any_row_is_read(name: str, write_avro: WriteAvro) -> None:
    """The error names the file and the place, however deep."""
    good = [{"user_id": 1, "items": [{"price": 1}]}]
    paths = [write_avro(f"{i}.avro", _nested_with(["null", "int"]), good) for i in range(5)]
    assert jetliner.read_avro(paths, reader_schema=NESTED).height == 5
    bad = write_avro("bad.avro", _nested_with("boolean"), [{"user_id": 2, "items": [{"price": True}]}])
    for files in ([*paths, bad], [bad, *paths], [*paths[:2], bad, *paths[2:]]):
        with pytest.raises(jetliner.SchemaError, match="boolean matches no branch") as caught:
            getattr(jetliner, name)(files, reader_schema=NESTED)
        assert caught.value.path == bad
        assert caught.value.variant == "IncompatibleSchemas"
        assert caught.value.schema_context == "Sale.items[].price"


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_a_file_that_no_longer_fits_when_the_query_runs(write_avro: WriteAvro, engine: Any) -> None:
    good = [{"user_id": 1, "items": [{"price": 1}]}]
    paths = [write_avro(f"{i}.avro", NESTED, good) for i in range(3)]
    scan = jetliner.scan_avro(paths, reader_schema=NESTED)
    write_avro("2.avro", _nested_with("string"), [{"user_id": 2, "items": [{"price": "x"}]}])
    batches: list[pl.DataFrame] = []
    with pytest.raises((jetliner.SchemaError, pl.exceptions.ComputeError), match=r"2\.avro"):
        scan.sink_batches(batches.append, engine=engine)  # type: ignore[arg-type]
    assert batches == []
    # A file that changes into another that can be read by the schema gives the same columns.
    write_avro("2.avro", _nested_with("float"), [{"user_id": 2, "items": [{"price": 0.5}]}])
    assert scan.filter(pl.col("user_id") == 2).collect(engine=engine)["items"].to_list() == [[{"price": 0.5}]]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    ("fields", "context", "message"),
    [
        ([{"name": "user_id", "type": "long", "default": "x"}], "Sale.user_id", "no value of type long"),
        (
            [
                {"name": "user_id", "type": "long", "aliases": ["amount"]},
                {"name": "amount", "type": "double", "aliases": ["user_id"]},
            ],
            "Sale.user_id",
            'the alias "amount" is the name of the field "amount" as well',
        ),
        (
            [
                {"name": "a", "type": "long", "aliases": ["user_id"]},
                {"name": "b", "type": "long", "aliases": ["user_id"]},
            ],
            "Sale.b",
            'the alias "user_id" is an alias of the field "a" as well',
        ),
        ([{"name": "a", "type": "Missing"}], "Sale.a", "undefined name"),
    ],
    ids=["default of the wrong type", "alias loop", "alias twice", "undefined name"],
)
def test_reader_schemas_that_are_wrong_in_themselves(
    name: str, fields: list[Any], context: str, message: str, write_sales: WriteSales
) -> None:
    with pytest.raises(jetliner.SchemaError, match=message) as caught:
        call(name, write_sales(rows=1), reader_schema=READER | {"fields": fields})
    assert caught.value.path is None
    assert caught.value.schema_context == context


@pytest.mark.parametrize("name", READERS)
def test_hints_about_names(name: str, write_avro: WriteAvro) -> None:
    """What the error says is what helps."""
    item = {"type": "record", "name": "Item", "fields": [{"name": "price", "type": "int"}]}
    fixed = {"type": "fixed", "name": "F", "size": 1}

    def sale(item: Any, fixed: Any) -> dict[str, Any]:
        fields = [{"name": "items", "type": {"type": "array", "items": item}}, {"name": "f", "type": ["null", fixed]}]
        return {"type": "record", "name": "Sale", "fields": fields}

    path = write_avro("sales.avro", sale(item, fixed), [{"items": [{"price": 1}], "f": b"a"}])
    article = item | {"name": "Article", "namespace": "shop"}
    with pytest.raises(
        jetliner.SchemaError, match=r'add the alias "\.Item" to the reader\'s record "shop.Article"'
    ) as caught:
        call(name, path, reader_schema=sale(article, fixed))
    assert caught.value.schema_context == "Sale.items[]"
    article["aliases"] = [".Item"]
    if name != "read_avro_schema":
        with pytest.raises((jetliner.DecodeError, ComputeError), match='add the alias "F" to the reader\'s fixed "G"'):
            frame_of(name, path, reader_schema=sale(article, fixed | {"name": "G"}))
    frame = frame_of(name, path, reader_schema=sale(article, fixed | {"name": "G", "aliases": ["F"]}))
    if name != "read_avro_schema":
        assert frame.rows() == [([{"price": 1}], b"a")]


@pytest.mark.parametrize("name", READERS)
def test_hint_about_null_in_quotes(name: str, write_sales: WriteSales) -> None:
    fields = [*READER["fields"], {"name": "x", "type": ["null", "int"], "default": "null"}]
    with pytest.raises(jetliner.SchemaError, match="write null without quotes") as caught:
        call(name, write_sales(rows=1), reader_schema=READER | {"fields": fields})
    assert caught.value.schema_context == "Sale.x"


def test_other_arguments(write_sales: WriteSales, tmp_path: Path) -> None:
    path = write_sales(rows=1)
    for wrong in (5, b"{}", ("int",)):
        with pytest.raises(TypeError, match="reader_schema must be"):
            jetliner.read_avro(path, reader_schema=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        jetliner.read_avro(path, reader_schema={"type": object()})
    loop: dict[str, Any] = {"type": "array"}
    loop["items"] = loop
    with pytest.raises(jetliner.ConfigurationError, match="cannot be written as JSON"):
        jetliner.read_avro(path, reader_schema=loop)
    for text in ("", "schema.json", "Sale", "/", "// Sale", "//host/schema.json"):
        with pytest.raises(jetliner.ConfigurationError, match="neither JSON"):
            jetliner.read_avro(path, reader_schema=text)
    with pytest.raises(jetliner.SchemaError, match="not valid JSON") as caught:
        jetliner.read_avro(path, reader_schema="{")
    assert caught.value.variant == "ParseError"
    with pytest.raises(jetliner.SchemaError, match="Unicode"):
        jetliner.read_avro(path, reader_schema='"\ud800"')
    absent = tmp_path / "absent.avsc"
    with pytest.raises(jetliner.FileNotFoundError) as missing:
        jetliner.read_avro(path, reader_schema=absent)
    assert missing.value.path == str(absent)
    with pytest.raises(jetliner.SourceError):
        jetliner.read_avro(path, reader_schema=tmp_path)
    absent.write_bytes(b'"\xff"')
    with pytest.raises(jetliner.SchemaError, match="not UTF-8"):
        jetliner.read_avro(path, reader_schema=str(absent))
    with pytest.raises(jetliner.ConfigurationError, match="null character"):
        jetliner.read_avro(path, reader_schema="a\0.avsc")


def test_values_without_a_place(write_avro: WriteAvro) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": ["int", "string"]}]}
    path = write_avro("mixed.avro", schema, [{"a": 1}, {"a": "x"}, {"a": 3}], block_rows=2)
    reader = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}
    with pytest.raises(jetliner.DecodeError, match=r"field 'a'.*string cannot be read as long") as caught:
        jetliner.read_avro(path, reader_schema=reader)
    assert caught.value.variant == "TypeMismatch"
    assert (caught.value.path, caught.value.block_index, caught.value.record_index) == (path, 0, 1)
    assert jetliner.read_avro(path, reader_schema=reader, ignore_errors=True)["a"].to_list() == [1, 3]
    with jetliner.AvroReader(path, reader_schema=reader, ignore_errors=True) as lenient:
        list(lenient)
        assert [error.kind for error in lenient.errors] == ["SchemaViolation"]
    # Where it is not read it does no harm.
    both = {"type": "record", "name": "R", "fields": [*reader["fields"], {"name": "b", "type": "int", "default": 0}]}
    assert jetliner.read_avro(path, reader_schema=both, columns=["b"])["b"].to_list() == [0, 0, 0]
