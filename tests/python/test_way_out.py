"""Errors about files that differ end in a call that reads these very files. The tests run this call as it stands."""

from __future__ import annotations

import datetime as dt
import pickle
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro

pytestmark = pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")

FUNCTIONS = ["read_avro", "scan_avro", "MultiAvroReader"]
NOON = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)


def record(name: str, **fields: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": key, "type": avro} for key, avro in fields.items()]}


def logical(name: str, base: str = "long", **more: Any) -> dict[str, Any]:
    return {"type": base, "logicalType": name, **more}


def enum(*symbols: str) -> dict[str, Any]:
    return {"type": "enum", "name": "E", "symbols": list(symbols)}


def fixed(size: int) -> dict[str, Any]:
    return {"type": "fixed", "name": "F", "size": size}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


class File(NamedTuple):
    fields: dict[str, Any]
    row: dict[str, Any]


class Case(NamedTuple):
    files: list[File]
    rows: list[dict[str, Any]]
    schema: dict[str, Any]
    #: The columns of a read by a reader schema, if they differ.
    schema_by_schema: dict[str, Any] | None = None


def values(name: str, avro: list[Any], given: list[Any], dtype: Any, by_schema: Any = None) -> Case:
    """Return a case of one column whose type differs."""
    files = [File({name: kind}, {name: value}) for kind, value in zip(avro, given, strict=True)]
    rows = [{name: value} for value in given]
    return Case(files, rows, {name: dtype}, None if by_schema is None else {name: by_schema})


CASES = {
    "a column is missing": Case(
        [File({"a": "long", "b": "string"}, {"a": 1, "b": "x"}), File({"a": "long"}, {"a": 2})],
        [{"a": 1, "b": "x"}, {"a": 2, "b": None}],
        {"a": pl.Int64, "b": pl.String},
    ),
    "a column is additional": Case(
        [File({"a": "long"}, {"a": 1}), File({"b": "string", "a": "long"}, {"a": 2, "b": "y"})],
        [{"a": 1, "b": None}, {"a": 2, "b": "y"}],
        {"a": pl.Int64, "b": pl.String},
    ),
    "another order, and another type": Case(
        [File({"a": "int", "b": "string"}, {"a": 1, "b": "x"}), File({"b": "string", "a": "long"}, {"a": 2, "b": "y"})],
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
        {"a": pl.Int64, "b": pl.String},
    ),
    "three files": Case(
        [
            File({"a": "int"}, {"a": 1}),
            File({"a": "float", "b": "int"}, {"a": 0.5, "b": 2}),
            File({"b": "long", "c": array("int")}, {"b": 3, "c": [4]}),
        ],
        [{"a": 1.0, "b": None, "c": None}, {"a": 0.5, "b": 2, "c": None}, {"a": None, "b": 3, "c": [4]}],
        {"a": pl.Float64, "b": pl.Int64, "c": pl.List(pl.Int32)},
    ),
    "int and long": values("a", ["int", "long"], [1, 2**40], pl.Int64),
    "long and int": values("a", ["long", "int"], [2**40, 1], pl.Int64),
    "float and double": values("a", ["float", "double"], [0.5, 0.1], pl.Float64),
    "int and float": values("a", ["int", "float"], [2**30 + 1, 0.5], pl.Float64),
    "long and double": values("a", ["long", "double"], [3, 0.1], pl.Float64),
    "nullable": values("a", ["int", ["null", "int"]], [1, None], pl.Int32),
    "only nulls": values("a", ["null", "long"], [None, 3], pl.Int64),
    "fields of a record": Case(
        [
            File({"s": record("S", x="int", y="string")}, {"s": {"x": 1, "y": "q"}}),
            File({"s": record("S", z="double", x="long")}, {"s": {"x": 2, "z": 0.5}}),
        ],
        [{"s": {"x": 1, "y": "q", "z": None}}, {"s": {"x": 2, "y": None, "z": 0.5}}],
        {"s": pl.Struct({"x": pl.Int64, "y": pl.String, "z": pl.Float64})},
    ),
    "fields of records in arrays": Case(
        [
            File({"s": array(record("S", x="int"))}, {"s": [{"x": 1}]}),
            File({"s": array(["null", record("S", x="int", y="int")])}, {"s": [None, {"x": 2, "y": 3}]}),
        ],
        [{"s": [{"x": 1, "y": None}]}, {"s": [None, {"x": 2, "y": 3}]}],
        {"s": pl.List(pl.Struct({"x": pl.Int32, "y": pl.Int32}))},
    ),
    "items": values("l", [array("int"), array("long")], [[1], [2**40]], pl.List(pl.Int64)),
    "symbols": values("e", [enum("A"), enum("A", "B")], ["A", "B"], pl.String, pl.Enum(["A", "B"])),
    "other order of symbols": values("e", [enum("B", "A"), enum("A", "B")], ["B", "A"], pl.String, pl.Enum(["B", "A"])),
    "branches of a union": Case(
        [File({"u": ["string", "long"]}, {"u": "x"}), File({"u": ["string", "long", "boolean"]}, {"u": True})],
        [
            {"u": {"string": "x", "long": None, "boolean": None}},
            {"u": {"string": None, "long": None, "boolean": True}},
        ],
        {"u": pl.Struct({"string": pl.String, "long": pl.Int64, "boolean": pl.Boolean})},
    ),
    "units of time": values(
        "t", [logical("timestamp-millis"), logical("timestamp-micros")], [NOON, NOON], pl.Datetime("us", "UTC")
    ),
    "precision": values(
        "d",
        [logical("decimal", "bytes", precision=5, scale=2), logical("decimal", "bytes", precision=9, scale=2)],
        [Decimal("1.25"), Decimal("1234567.89")],
        pl.Decimal(9, 2),
    ),
    "text that is a UUID": values("a", [logical("uuid", "string"), "string"], ["0" * 36, "x"], pl.String),
    "sizes of a fixed": values("a", [fixed(2), fixed(3)], [b"ab", b"abc"], pl.Binary),
    "bytes and text": Case(
        [File({"a": "string"}, {"a": "x"}), File({"a": "bytes"}, {"a": b"\xff"})],
        [{"a": b"x"}, {"a": b"\xff"}],
        {"a": pl.Binary},
    ),
    "types that do not go together": Case(
        [File({"a": "string"}, {"a": "x"}), File({"a": ["null", "long"]}, {"a": 3})],
        [{"a": {"string": "x", "long": None}}, {"a": {"string": None, "long": 3}}],
        {"a": pl.Struct({"string": pl.String, "long": pl.Int64})},
    ),
    "a column that no type fits": Case(
        [
            File({"a": logical("timestamp-millis"), "b": "int"}, {"a": NOON, "b": 1}),
            File({"a": logical("local-timestamp-millis"), "b": "int"}, {"a": NOON.replace(tzinfo=None), "b": 2}),
        ],
        [{"b": 1}, {"b": 2}],
        {"b": pl.Int32},
    ),
}


@pytest.fixture
def sources(request: pytest.FixtureRequest, write_avro: WriteAvro, in_tmp: Path) -> list[str]:
    case: Case = CASES[request.param]
    for number, file in enumerate(case.files):
        write_avro(f"{number}.avro", record("Row", **file.fields), [file.row])
    return [f"{number}.avro" for number in range(len(case.files))]


def call_in(error: BaseException) -> str:
    """Return the last line of a message: the call."""
    first, way, call = str(error).split("\n")
    assert "mismatch" in first
    assert way.endswith(":")
    assert call.startswith("jetliner.")
    return call


def run(call: str) -> pl.DataFrame:
    result = eval(call, {"jetliner": jetliner, "pl": pl})
    if isinstance(result, pl.LazyFrame):
        return result.collect()
    return result if isinstance(result, pl.DataFrame) else pl.concat(result)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("name", "sources"), [(name, name) for name in CASES], ids=list(CASES), indirect=["sources"])
def test_the_call_reads_the_files(name: str, sources: list[str], function: str) -> None:
    case = CASES[name]
    with pytest.raises(jetliner.SchemaError) as caught:
        getattr(jetliner, function)(sources)
    assert caught.value.variant == "IncompatibleSchemas"
    assert caught.value.path == sources[1]
    call = call_in(caught.value)
    frame = run(call)
    by_schema = "reader_schema" in call and case.schema_by_schema is not None
    assert frame.schema == pl.Schema(case.schema_by_schema if by_schema else case.schema)
    assert frame.to_dicts() == case.rows
    if function != "MultiAvroReader":
        assert call.startswith(f"jetliner.{function}(")


def test_the_call_has_no_more_than_it_needs(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int", b="string"), [])
    write_avro("2.avro", record("Row", a="int"), [])
    write_avro("3.avro", record("Row", a="long", b="string"), [])
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro(["1.avro", "2.avro"])
    assert call_in(caught.value) == "jetliner.read_avro(['1.avro', '2.avro'], missing_columns='insert')"
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.scan_avro(["3.avro", "1.avro"])
    assert call_in(caught.value) == (
        "jetliner.scan_avro(['3.avro', '1.avro'], cast_options=pl.ScanCastOptions(integer_cast='upcast'))"
    )
    assert str(caught.value).startswith(
        "schema mismatch with the first file, '3.avro': field 'a' has another type (int instead of long); "
        "files that differ are read with missing_columns, extra_columns, schema and cast_options, or by a "
        "reader_schema (file '1.avro')\nthis call reads all of them:\n"
    )
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.MultiAvroReader(("1.avro", "3.avro"), batch_size=7)
    schema = record("Row", a="long", b="string")
    assert call_in(caught.value) == (
        f"jetliner.MultiAvroReader(['1.avro', '3.avro'], batch_size=7, reader_schema={schema!r})"
    )


def test_the_call_keeps_the_arguments(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int", b="string", m={"type": "map", "values": "int"}), [])
    write_avro("2.avro", record("Row", a="long", b="string", m={"type": "map", "values": "int"}), [])
    options: dict[str, Any] = {
        "columns": ["a"],
        "n_rows": 5,
        "row_index_name": "i",
        "row_index_offset": 3,
        "include_file_paths": "p",
        "ignore_errors": True,
        "hive_partitioning": False,
        "storage_options": {"aws_secret_access_key": "hunter2"},
    }
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro("*.avro", **options)
    call = call_in(caught.value)
    assert call.startswith("jetliner.read_avro('*.avro', columns=['a'], ")
    assert "hunter2" not in call
    for name in options.keys() - {"storage_options"}:
        assert f"{name}={options[name]!r}" in call
    assert run(call).schema == pl.Schema({"i": pl.UInt32, "a": pl.Int64, "p": pl.String})


def test_options_that_are_given_count(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int"), [{"a": 1}])
    write_avro("2.avro", record("Row", a="long", b="string"), [{"a": 2, "b": "x"}])
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro("*.avro", extra_columns="ignore")
    assert run(call_in(caught.value)).to_dicts() == [{"a": 1}, {"a": 2}]
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro("*.avro", schema={"b": pl.String, "a": pl.Float32})
    frame = run(call_in(caught.value))
    assert frame.schema == pl.Schema({"b": pl.String, "a": pl.Float32})
    assert frame.rows() == [(None, 1.0), ("x", 2.0)]
    with pytest.raises(jetliner.SchemaError) as caught:  # not possible: the types of the files are taken
        jetliner.read_avro("*.avro", schema={"a": pl.Date})
    assert run(call_in(caught.value)).rows() == [(1, None), (2, "x")]


def test_one_file_and_a_schema_that_does_not_fit(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int", b="int"), [{"a": 1, "b": 2}])
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.scan_avro(Path("1.avro"), schema={"a": pl.Int64})
    assert call_in(caught.value) == (
        "jetliner.scan_avro('1.avro', schema={'a': pl.Int64}, extra_columns='ignore', "
        "cast_options=pl.ScanCastOptions(integer_cast='upcast'))"
    )
    assert run(call_in(caught.value)).rows() == [(1,)]


def test_enum_and_text(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", e=enum("A")), [{"e": "A"}])
    write_avro("2.avro", record("Row", e="string"), [{"e": "x"}])
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro("*.avro")
    assert run(call_in(caught.value)).to_dict(as_series=False) == {"e": ["A", "x"]}
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.MultiAvroReader(["1.avro", "2.avro"])
    rows = [{"E": "A", "string": None}, {"E": None, "string": "x"}]
    assert run(call_in(caught.value)).to_dict(as_series=False) == {"e": rows}


@pytest.mark.parametrize("pickled", [False, True])
def test_partitions(write_avro: WriteAvro, in_tmp: Path, pickled: bool) -> None:
    write_avro("t/y=1/0.avro", record("Row", a="int"), [{"a": 1}])
    write_avro("t/y=2/0.avro", record("Row", a="long", b="string"), [{"a": 2, "b": "x"}])
    query = jetliner.scan_avro("t", hive_schema={"y": pl.Int8})
    if pickled:
        query = pickle.loads(pickle.dumps(query))
    with pytest.raises((jetliner.SchemaError, pl.exceptions.ComputeError)) as caught:
        query.collect()
    call = next(line for line in str(caught.value).splitlines() if line.startswith("jetliner."))
    assert run(call).rows() == [(1, None, 1), (2, "x", 2)]
    with pytest.raises(jetliner.SchemaError) as error:
        jetliner.read_avro("t")
    assert run(call_in(error.value)).rows() == [(1, None, 1), (2, "x", 2)]


def test_names_of_all_kinds(write_avro: WriteAvro, in_tmp: Path) -> None:
    odd = 'it\'s "quoted"\n\\ ☃'
    path = "a'b.avro"
    write_avro("0.avro", record("Row", a="int"), [{"a": 1}])
    schema = {"type": "record", "name": "Row", "fields": [{"name": "a", "type": "int"}, {"name": odd, "type": "int"}]}
    (in_tmp / path).write_bytes(b"")
    write_avro(path, schema, [{"a": 2, odd: 3}])
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro(["0.avro", path])
    assert run(str(caught.value).rpartition("\n")[2]).rows() == [(1, None), (2, 3)]


def test_many_sources_are_not_listed(write_avro: WriteAvro, in_tmp: Path) -> None:
    paths = [write_avro(f"{number}.avro", record("Row", a="long" if number else "int"), []) for number in range(101)]
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro(paths)
    call = call_in(caught.value)
    assert call.startswith("jetliner.read_avro(source, ")
    assert eval(call, {"jetliner": jetliner, "pl": pl, "source": paths}).schema == pl.Schema({"a": pl.Int64})


def test_pipes_are_read_once(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int"), [{"a": 1}])
    write_avro("2.avro", record("Row", a="long"), [{"a": 2}])
    script = "import jetliner; jetliner.read_avro(['1.avro', '/dev/stdin'])"
    with Path("2.avro").open("rb") as file:
        cat = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        done = subprocess.run([sys.executable, "-c", script], stdin=cat.stdout, capture_output=True, text=True)
        cat.wait()
    assert "field 'a' has another type" in done.stderr
    assert "schema={'a': pl.Int64}" in done.stderr


def test_other_errors_have_no_call(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int"), [])
    write_avro("2.avro", record("Row", a="string"), [])
    for options in ({"reader_schema": record("Row", a="int")}, {"columns": ["b"]}):
        with pytest.raises(jetliner.SchemaError) as caught:
            jetliner.read_avro(["1.avro", "2.avro"] if "reader_schema" in options else "1.avro", **options)  # type: ignore[arg-type]
        assert "jetliner." not in str(caught.value)


def test_columns_that_become_structs_are_named(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int", b="long", c=array("int")), [])
    write_avro("2.avro", record("Row", a="int", c=array("int")), [])
    write_avro("3.avro", record("Row", a="string", b="long", c=array("string")), [])
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro(["1.avro", "2.avro", "3.avro"])
    # The first difference is a column that is missing. The types are what matters.
    assert "field 'b' is missing" in str(caught.value)
    assert (
        "\nthis call reads all of them; column 'a' becomes a struct, because it is Int32 in '1.avro' and String in "
        "'3.avro'; column 'c' becomes a struct, because it is List(Int32) in '1.avro' and List(String) in '3.avro' "
        "(docs/avro-support.md#unions):\n"
    ) in str(caught.value)
    assert run(call_in(caught.value)).schema["a"] == pl.Struct({"int": pl.Int32, "string": pl.String})


def test_structs_that_the_files_have_are_not_named(write_avro: WriteAvro, in_tmp: Path) -> None:
    point = record("Point", x="int")
    write_avro("1.avro", record("Row", p=point, u=["int", "string"]), [])
    write_avro("2.avro", record("Row", p=point, u=["int", "string"], e=["null", "string"]), [])
    write_avro("3.avro", record("Row", p=point, u=["string", "int"]), [])
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro(["1.avro", "2.avro", "3.avro"])
    assert "becomes a struct" not in str(caught.value)


# The call was left out without a reason.
def test_another_file_that_cannot_be_read_is_named(write_avro: WriteAvro, in_tmp: Path) -> None:
    write_avro("1.avro", record("Row", a="int"), [])
    write_avro("2.avro", record("Row", a="string"), [])
    Path("3.avro").write_bytes(b"")
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.read_avro(["1.avro", "2.avro", "3.avro"])
    assert caught.value.path == "2.avro"
    assert str(caught.value).endswith(
        "\nno call is shown that reads all of them, because one cannot be read: file is empty (size 0 bytes) "
        "(file '3.avro')"
    )
