"""write_avro: schemas, types, blocks, options and errors."""

from __future__ import annotations

import datetime
import decimal
import io
import warnings
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_schemas import record


def by_fastavro(path: Path) -> list[Any]:
    with path.open("rb") as file:
        return list(fastavro.reader(file))


@pytest.mark.parametrize(
    ("dtype", "avro"),
    [
        (pl.Boolean, "boolean"),
        (pl.Int32, "int"),
        (pl.Int64, "long"),
        (pl.Float32, "float"),
        (pl.Float64, "double"),
        (pl.String, "string"),
        (pl.Binary, "bytes"),
        (pl.Int8, {"type": "int", "logicalType": "arrow.int8"}),
        (pl.UInt16, {"type": "int", "logicalType": "arrow.uint16"}),
        (pl.UInt32, {"type": "long", "logicalType": "arrow.uint32"}),
        (pl.UInt64, {"type": "long", "logicalType": "arrow.uint64"}),
        (pl.Int128, {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 0}),
        (pl.Date, {"type": "int", "logicalType": "date"}),
        (pl.Time, {"type": "long", "logicalType": "time-micros"}),
        (pl.Datetime("ms"), {"type": "long", "logicalType": "local-timestamp-millis"}),
        (pl.Datetime("us", "Asia/Tokyo"), {"type": "long", "logicalType": "timestamp-micros"}),
        (pl.Datetime("ns"), {"type": "long", "logicalType": "local-timestamp-nanos"}),
        (pl.Duration("ns"), {"type": "long", "logicalType": "arrow.duration-nanos"}),
        (pl.Decimal(9, 2), {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}),
        (pl.Categorical(), "string"),
        (pl.Enum(["A", "B"]), {"type": "enum", "name": "Row_x", "symbols": ["A", "B"]}),
        (pl.Enum(["not a name"]), "string"),
        (pl.List(pl.Int32), {"type": "array", "items": ["null", "int"]}),
        (pl.Array(pl.Int32, 2), {"type": "array", "items": ["null", "int"]}),
        (
            pl.Struct({"y": pl.Int32}),
            {"type": "record", "name": "Row_x", "fields": [{"name": "y", "type": ["null", "int"], "default": None}]},
        ),
    ],
)
def test_schema_of_types(dtype: Any, avro: Any) -> None:
    schema = jetliner.avro_schema({"x": dtype})
    assert schema == {
        "type": "record",
        "name": "Row",
        "fields": [{"name": "x", "type": ["null", avro], "default": None}],
    }
    fastavro.parse_schema(schema)


def test_null_has_no_union() -> None:
    assert jetliner.avro_schema({"x": pl.Null})["fields"] == [{"name": "x", "type": "null", "default": None}]


def test_names_of_types_are_unique() -> None:
    inner = pl.Struct({"v": pl.Int64})
    schema = jetliner.avro_schema({"a_b": inner, "a": pl.Struct({"b": inner})}, name="N", namespace="x.y")
    fastavro.parse_schema(schema)
    assert schema["namespace"] == "x.y"
    assert schema["fields"][0]["type"][1]["name"] == "N_a_b"
    assert schema["fields"][1]["type"][1]["fields"][0]["type"][1]["name"] == "N_a_b_2"


def test_fastavro_reads_what_is_written(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "i": [1, None, -3],
            "s": ["a", "b" * 100, None],
            "l": [[1, None], [], None],
            "t": [{"x": True}, None, {"x": None}],
            "d": [decimal.Decimal("1.50"), None, decimal.Decimal("-0.25")],
            "when": [datetime.datetime(2024, 1, 2, 3, 4, 5, 6), None, None],
        },
        schema_overrides={"i": pl.Int32, "d": pl.Decimal(5, 2)},
    )
    for compression in ("null", "snappy", "deflate", "zstandard", "bzip2", "xz"):
        path = tmp_path / f"{compression}.avro"
        jetliner.write_avro(frame, path, compression=compression)
        rows = by_fastavro(path)
        assert [row["i"] for row in rows] == [1, None, -3]
        assert [row["s"] for row in rows] == ["a", "b" * 100, None]
        assert [row["l"] for row in rows] == [[1, None], [], None]
        assert [row["t"] for row in rows] == [{"x": True}, None, {"x": None}]
        assert [row["d"] for row in rows] == [decimal.Decimal("1.50"), None, decimal.Decimal("-0.25")]
        assert rows[0]["when"] == datetime.datetime(2024, 1, 2, 3, 4, 5, 6)
        assert_frame_equal(jetliner.read_avro(path), frame)


def test_branches_of_records_that_are_never_null(tmp_path: Path) -> None:
    """They are written with the first field, whatever it is."""

    def nested(levels: int, value: Any) -> Any:
        return value if levels == 0 else {"in": nested(levels - 1, value)}

    leaves: list[Any] = [1, None, "one", None, [1, None], None]
    dtypes = [pl.Int64, pl.Int64, pl.String, pl.Null, pl.List(pl.Int64), pl.Struct({"u": pl.Int64})]
    columns = {
        f"c{levels}_{at}": [nested(levels, leaf), nested(levels, leaves[1]), nested(levels, leaf)]
        for levels in (1, 2, 3, 4, 7)
        for at, leaf in enumerate(leaves)
    }
    schema: dict[str, Any] = {}
    for levels in (1, 2, 3, 4, 7):
        for at, leaf_type in enumerate(dtypes):
            dtype: Any = leaf_type
            for _ in range(levels):
                dtype = pl.Struct({"in": dtype})
            schema[f"c{levels}_{at}"] = dtype
    frame = pl.DataFrame(columns, schema=schema)
    target = tmp_path / "x.avro"
    jetliner.write_avro(frame.select(pl.all(), pl.struct(pl.all()).implode().alias("items")), target)
    rows = list(fastavro.reader(io.BytesIO(target.read_bytes())))
    assert [{name: row[name] for name in frame.columns} for row in rows] == frame.to_dicts()
    assert [row["items"] for row in rows] == [frame.to_dicts()] * 3


def test_blocks_are_full(tmp_path: Path) -> None:
    rows = [bytes([65 + i % 26]) * (i * 37 % 900) for i in range(20_000)]
    frame = pl.DataFrame({"x": rows})
    path = tmp_path / "x.avro"
    sizes: list[Any] = []
    for threads, parts in ((1, 1), (3, 1), (2, 7)):
        step = -(-frame.height // parts)
        frames = [frame.slice(at, step) for at in range(0, frame.height, step)]
        jetliner.write_avro(frames, path, n_threads=threads, compression="null", sync_marker=b"0123456789abcdef")
        sizes.append(path.read_bytes())
    assert sizes[0] == sizes[1] == sizes[2]  # whatever the threads and the frames
    blocks = jetliner.read_avro_metadata(path, blocks=True).blocks
    assert blocks is not None
    plain = blocks["uncompressed_bytes"].to_list()
    assert all(32_000 <= size <= 64_000 for size in plain[:-1])
    assert len(plain) > 50
    encoded = [1 + len(encoded_long(len(row))) + len(row) for row in rows]
    at = 0
    for size, count in zip(plain[:-1], blocks["rows"].to_list()[:-1], strict=True):
        at += count
        assert size + encoded[at] > 64_000  # the next row would have passed the limit


def encoded_long(value: int) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, "long", value)
    return out.getvalue()


def test_a_large_row_is_a_block_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    jetliner.write_avro(pl.DataFrame({"x": ["a", "b" * 5000, "c"]}), path, block_bytes=1000)
    blocks = jetliner.read_avro_metadata(path, blocks=True).blocks
    assert blocks is not None
    assert blocks["rows"].to_list() == [1, 1, 1]


def test_frame_without_rows(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    frame = pl.DataFrame(schema={"a": pl.Int64, "b": pl.String})
    jetliner.write_avro(frame, path)
    assert_frame_equal(jetliner.read_avro(path), frame)


def test_frame_without_columns(tmp_path: Path) -> None:
    with pytest.raises(
        jetliner.SchemaError, match=r"the frame has no columns: there is nothing to write \(a record of zero fields\)"
    ):
        jetliner.write_avro(pl.DataFrame(), tmp_path / "x.avro")
    assert list(tmp_path.iterdir()) == []


def test_header(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    schema = {"type": "record", "name": "R", "doc": "kept", "fields": [{"name": "a", "type": "long", "x": [1, {}]}]}
    jetliner.write_avro(
        pl.DataFrame({"a": [1]}), path, schema=schema, metadata={"who": "me", "raw": b"\xff"}, compression="zstd"
    )
    info = jetliner.read_avro_metadata(path)
    assert info.schema == schema
    assert info.codec == "zstandard"
    assert info.metadata["who"] == b"me"
    assert info.metadata["raw"] == b"\xff"


def test_schema_that_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    jetliner.write_avro(pl.DataFrame({"value": [1, 2]}), path, schema='"long"')
    assert by_fastavro(path) == [1, 2]
    with pytest.raises(jetliner.SchemaError, match="value"):
        jetliner.write_avro(pl.DataFrame({"a": [1, 2]}), path, schema='"long"')


@pytest.mark.parametrize(
    ("avro", "values", "dtype", "variant"),
    [
        ("int", [1, 2**31], pl.Int64, "OutOfRange"),
        ("int", [1, None], pl.Int64, "NullValue"),
        ("float", [1.5, 0.1], pl.Float64, "Inexact"),
        ("double", [1, 2**53 + 1], pl.Int64, "Inexact"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, ["A", "B"], pl.String, "UnknownSymbol"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, ["A", "B"], pl.Categorical(), "UnknownSymbol"),
        ({"type": "fixed", "name": "F", "size": 2}, [b"ab", b"abc"], pl.Binary, "WrongLength"),
        ("string", [b"ab", b"\xff"], pl.Binary, "InvalidUtf8"),
        (
            {"type": "int", "logicalType": "time-millis"},
            [datetime.time(1), datetime.time(1, 1, 1, 1)],
            pl.Time,
            "Inexact",
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 1},
            [decimal.Decimal("1.50"), decimal.Decimal("1.55")],
            pl.Decimal(5, 2),
            "Inexact",
        ),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 3, "scale": 1},
            [decimal.Decimal("1.5"), decimal.Decimal("111.1")],
            pl.Decimal(5, 1),
            "OutOfRange",
        ),
        (
            {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
            [datetime.timedelta(1), datetime.timedelta(-1)],
            pl.Duration("ms"),
            "OutOfRange",
        ),
    ],
)
def test_values_that_do_not_fit(tmp_path: Path, avro: Any, values: list[Any], dtype: Any, variant: str) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(b"old")
    frame = pl.DataFrame({"a": pl.Series(values, dtype=dtype)})
    with pytest.raises(jetliner.EncodeError) as caught:
        jetliner.write_avro([frame.head(1), frame], path, schema=record(a=avro))
    error = caught.value
    assert (error.variant, error.path, error.row_index, error.field) == (variant, str(path), 2, "a")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_lossless_conversions(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "narrow", "type": "int"},
            {"name": "wide", "type": "long"},
            {"name": "real", "type": "float"},
            {"name": "of_int", "type": "double"},
            {"name": "symbol", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
            {"name": "fixed", "type": {"type": "fixed", "name": "F", "size": 2}},
            {"name": "map", "type": {"type": "map", "values": "long"}},
            {"name": "missing", "type": ["null", "string"], "default": None},
            {"name": "other", "type": "string", "default": "x"},
            {"name": "when", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        ],
    }
    frame = pl.DataFrame(
        {
            "when": [datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)],
            "map": [[{"key": "k", "value": 7}]],
            "fixed": ["ab"],
            "symbol": ["B"],
            "of_int": [12],
            "real": [1.5],
            "wide": [3],
            "narrow": [4],
        },
        schema_overrides={"wide": pl.UInt8, "narrow": pl.Int64, "when": pl.Datetime("ms", "UTC")},
    )
    jetliner.write_avro(frame, path, schema=schema)
    assert by_fastavro(path) == [
        {
            "narrow": 4,
            "wide": 3,
            "real": 1.5,
            "of_int": 12.0,
            "symbol": "B",
            "fixed": b"ab",
            "map": {"k": 7},
            "missing": None,
            "other": "x",
            "when": datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC),
        }
    ]


@pytest.mark.parametrize(
    ("frame", "schema", "text"),
    [
        (pl.DataFrame({"a": [1], "b": [2]}), record(a="long"), "no field for"),
        (pl.DataFrame({"a": [1]}), record(a="long", b="long"), "no default"),
        (pl.DataFrame({"a": ["x"]}), record(a="long"), "cannot be written as long"),
        (
            pl.DataFrame({"a": [datetime.datetime(2024, 1, 1)]}),
            record(a={"type": "long", "logicalType": "timestamp-micros"}),
            "replace_time_zone",
        ),
        (pl.DataFrame({"a": [object()]}), None, "Python objects, .* drop it, or make text of it with map_elements"),
    ],
)
def test_schema_errors_come_before_any_byte(tmp_path: Path, frame: pl.DataFrame, schema: Any, text: str) -> None:
    path = tmp_path / "x.avro"
    with pytest.raises(jetliner.SchemaError, match=text):
        jetliner.write_avro(frame, path, schema=schema)
    assert list(tmp_path.iterdir()) == []


def test_invalid_names(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    frame = pl.DataFrame({"a b": [1], "1": [{"ü": 2}]})
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.write_avro(frame, path)
    assert caught.value.variant == "InvalidName"
    assert all(name in str(caught.value) for name in ('"a b"', '"1"', '"ü"', "invalid_names"))
    jetliner.write_avro(frame, path, invalid_names="replace")
    assert by_fastavro(path) == [{"a_b": 1, "_1": {"_": 2}}]
    jetliner.write_avro(frame, path, invalid_names="keep")
    assert_frame_equal(jetliner.read_avro(path), frame)


def test_names_of_a_schema_that_are_not_valid_give_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    kind = {"type": "enum", "name": "E-1", "symbols": ["A", "x y"]}
    schema = {"type": "record", "name": "R", "fields": [{"name": "a b", "type": kind}]}
    frame = pl.DataFrame({"a b": ["A"]})
    with pytest.warns(UserWarning, match="names? of field|not valid") as seen:
        jetliner.write_avro(frame, path, schema=schema)
    assert len(seen) == 1
    words = ('field "R.a b"', 'enum "E-1" at "R.a b"', 'symbol "x y" at "R.a b"', "may refuse the file")
    assert all(word in str(seen[0].message) for word in words)
    assert jetliner.read_avro(path).to_dicts() == frame.to_dicts()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jetliner.write_avro(frame, path, schema=schema, invalid_names="keep")
        # The schema of a file that is appended to is in it already.
        jetliner.write_avro(frame, path, append=True)
        jetliner.write_avro(frame, path, append=True, schema=schema)
    assert jetliner.count_rows(path) == 3


def test_a_file_of_polars_is_written_again_by_its_schema(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1, 2]})
    frame.write_avro(tmp_path / "x.avro")
    with jetliner.AvroReader(tmp_path / "x.avro") as reader:
        assert reader.schema_dict["name"] == ""
        jetliner.write_avro(frame, tmp_path / "y.avro", schema=reader.schema)
    assert_frame_equal(jetliner.read_avro(tmp_path / "y.avro"), frame)


# fastavro refuses to read a file with a default that does not fit.
def test_defaults_that_do_not_fit_give_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    fields = [{"name": name, "type": "int", "default": None} for name in "abcde"]
    schema = {"type": "record", "name": "R", "fields": fields}
    frame = pl.DataFrame({name: [1] for name in "abcde"})
    one = {**schema, "fields": fields[:1]}
    with pytest.warns(
        UserWarning, match='^schema: the default of field "R.a" does not fit: null is no value of'
    ) as seen:
        jetliner.write_avro(frame.select("a"), path, schema=one)
    assert len(seen) == 1
    assert seen[0].filename == __file__
    with jetliner.AvroReader(path) as reader, pytest.warns(UserWarning, match="fastavro, may refuse the file"):
        jetliner.write_avro(frame.select("a"), tmp_path / "y.avro", schema=reader.schema)
    assert (tmp_path / "y.avro").exists()
    with pytest.warns(UserWarning, match='"R.b".*"R.c".*; 2 more. Other') as seen:
        jetliner.sink_avro(frame.lazy(), path, schema=schema)
    assert len(seen) == 1
    with pytest.warns(UserWarning, match='"R.a"') as seen:
        jetliner.write_avro(frame, tmp_path / "d", schema={**schema, "fields": fields[:4]}, partition_by="e")
    assert len(seen) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        jetliner.write_avro(frame, path, append=True, schema=schema)
        with pytest.raises(UserWarning, match="does not fit"):
            jetliner.AvroWriter(tmp_path / "z.avro", schema)
    assert not (tmp_path / "z.avro").exists()


def test_errors_of_values_name_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    nulls = pl.DataFrame({"a": [1, None]})
    with pytest.raises(jetliner.EncodeError, match=r'a union with null, \["null", T\], or fill the nulls'):
        jetliner.write_avro(nulls, path, schema=record(a="long"))
    symbols = [f"S{number}" for number in range(9)]
    for dtype in (pl.String, pl.Categorical):
        frame = pl.DataFrame({"a": pl.Series(["X"], dtype=dtype)})
        with pytest.raises(jetliner.EncodeError, match=r'the enum, which has: "S0", .*"S7", [.]{3} '):
            jetliner.write_avro(frame, path, schema=record(a={"type": "enum", "name": "E", "symbols": symbols}))
    null_key = pl.DataFrame(
        {"a": [[{"key": None, "value": 1}]]}, schema={"a": pl.List(pl.Struct({"key": pl.String, "value": pl.Int64}))}
    )
    with pytest.raises(jetliner.EncodeError, match="a key of a map is null"):
        jetliner.write_avro(null_key, path, schema=record(a={"type": "map", "values": "long"}))
    for schema in (
        record(A="long"),
        {"type": "record", "name": "R", "fields": [{"name": "A", "type": "long", "default": 1}]},
    ):
        with pytest.raises(jetliner.SchemaError, match=r'; did you mean "[aA]"[?]'):
            jetliner.write_avro(nulls, path, schema=schema)


def test_what_is_no_frame(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    no_frames: list[Any] = [[{"a": 1}], {"a": [1]}]
    for records in no_frames:
        with pytest.raises(TypeError, match=r"got dict: pl.DataFrame\(records\) makes one$"):
            jetliner.write_avro(records, path)
    with pytest.raises(TypeError, match=r"got DataFrame: use write_avro for a DataFrame$"):
        jetliner.sink_avro(pl.DataFrame({"a": [1]}), path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"compression": "lzo"}, jetliner.ConfigurationError, "compression"),
        ({"compression": "snappy", "compression_level": 1}, jetliner.ConfigurationError, "no levels"),
        ({"compression": "deflate", "compression_level": 13}, jetliner.ConfigurationError, "0 to 12"),
        ({"block_bytes": 0}, jetliner.ConfigurationError, "block_bytes"),
        ({"sync_marker": b"short"}, jetliner.ConfigurationError, "16 bytes"),
        ({"metadata": {"avro.codec": "x"}}, jetliner.ConfigurationError, "Avro's own"),
        ({"metadata": {"a": 1}}, TypeError, "metadata"),
        ({"append": 1}, TypeError, "append"),
        ({"name": 3}, TypeError, "name"),
    ],
)
def test_invalid_options(tmp_path: Path, options: dict[str, Any], error: type[Exception], text: str) -> None:
    path = tmp_path / "x.avro"
    with pytest.raises(error, match=text):
        jetliner.write_avro(pl.DataFrame({"a": [1]}), path, **options)
    assert list(tmp_path.iterdir()) == []
