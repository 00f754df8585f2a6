"""Files that Polars itself writes: pl.DataFrame.write_avro, with every type and codec that it knows."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner

#: Values of every type that write_avro takes.
COLUMNS: dict[str, pl.Series] = {
    name: pl.Series(name, values, dtype=dtype)
    for name, dtype, values in [
        ("boolean", pl.Boolean, [True, None, False]),
        ("int32", pl.Int32, [-(2**31), None, 2**31 - 1]),
        ("int64", pl.Int64, [-(2**63), None, 2**63 - 1]),
        ("float32", pl.Float32, [1.5, None, float("inf")]),
        ("float64", pl.Float64, [-0.1, None, 1e300]),
        ("string", pl.String, ["", None, "ü longer than twelve bytes"]),
        ("binary", pl.Binary, [b"", None, bytes(range(20))]),
        ("date", pl.Date, [date(1, 1, 1), None, date(9999, 12, 31)]),
        ("datetime ms", pl.Datetime("ms"), [datetime(1969, 12, 31, 23), None, datetime(2024, 2, 29, 1, 2, 3, 4000)]),
        ("datetime us", pl.Datetime("us"), [datetime(1, 1, 1), None, datetime(2024, 2, 29, 1, 2, 3, 4)]),
        ("decimal", pl.Decimal(10, 2), [Decimal("-12345678.90"), None, Decimal("0.01")]),
        ("wide decimal", pl.Decimal(38, 5), [Decimal("-0.00001"), None, Decimal(10**32)]),
        ("list", pl.List(pl.Int64), [[1, None], None, []]),
        ("list of lists", pl.List(pl.List(pl.String)), [[["a"], [], None], None, []]),
        ("struct", pl.Struct({"x": pl.Int64, "y": pl.String}), [{"x": 1, "y": "a"}, None, {"x": None, "y": None}]),
        ("list of structs", pl.List(pl.Struct({"x": pl.Date})), [[{"x": date(2024, 1, 1)}, None], None, []]),
        (
            "struct of structs",
            pl.Struct({"p": pl.Struct({"x": pl.Int64}), "q": pl.List(pl.Struct({"x": pl.Int64}))}),
            [{"p": {"x": 1}, "q": [{"x": 2}, {"x": 3}]}, None, {"p": None, "q": None}],
        ),
    ]
}
#: Types that write_avro refuses. If this changes, they belong into COLUMNS.
REFUSED = [
    pl.Int8, pl.Int16, pl.Int128, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.Time, pl.Datetime("ns"),
    pl.Datetime("us", "UTC"), pl.Duration("us"), pl.Categorical, pl.Enum(["a"]), pl.Array(pl.Int32, 2),
]  # fmt: skip
CODECS = ["uncompressed", "snappy", "deflate"]


def check(path: Path, expected: pl.DataFrame) -> None:
    """Compare values and types, by every way of reading."""
    assert_frame_equal(jetliner.read_avro(path), expected)
    assert_frame_equal(jetliner.scan_avro(path).collect(), expected)
    assert jetliner.read_avro_schema(path) == expected.schema
    assert jetliner.count_rows(path) == expected.height
    assert jetliner.read_avro_metadata(path).schema["type"] == "record"
    for reader in (jetliner.AvroReader(path, batch_size=2), jetliner.MultiAvroReader([path], batch_size=2)):
        with reader:
            assert_frame_equal(pl.concat(reader), expected)


@pytest.mark.parametrize("options", [{}, {"name": ""}, {"name": "given"}, {"name": "ns.given"}], ids=str)
@pytest.mark.parametrize("name", list(COLUMNS))
def test_every_type(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    frame = COLUMNS[name].to_frame()
    frame.write_avro(tmp_path / "f.avro", **options)
    check(tmp_path / "f.avro", frame)


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_with_all_types(codec: Any, tmp_path: Path) -> None:
    frame = pl.DataFrame(list(COLUMNS.values()))
    frame.write_avro(tmp_path / "f.avro", compression=codec)
    check(tmp_path / "f.avro", frame)


@pytest.mark.parametrize("dtype", REFUSED, ids=str)
def test_types_that_polars_does_not_write(dtype: Any, tmp_path: Path) -> None:
    with pytest.raises(pl.exceptions.ComputeError, match="not yet implemented"):
        pl.DataFrame(schema={"c": dtype}).write_avro(tmp_path / "f.avro")


def test_the_schema_of_one_as_the_reader_schema_of_another(tmp_path: Path) -> None:
    frame = pl.DataFrame(list(COLUMNS.values()))
    frame.write_avro(tmp_path / "f.avro")
    with jetliner.AvroReader(tmp_path / "f.avro") as reader:
        schema, as_dict = reader.schema, reader.schema_dict
    assert as_dict["name"] == ""
    for given in (schema, as_dict, as_dict | {"name": "Named"}):
        assert_frame_equal(jetliner.read_avro(tmp_path / "f.avro", reader_schema=given), frame)
    fewer = as_dict | {"fields": as_dict["fields"][::-2]}
    columns = [field["name"] for field in fewer["fields"]]
    assert_frame_equal(jetliner.scan_avro(tmp_path / "f.avro", reader_schema=fewer).collect(), frame.select(columns))


def test_many_files_and_a_filter(tmp_path: Path) -> None:
    frame = pl.DataFrame({"k": range(1000), "s": [{"x": i} for i in range(1000)]})
    for i in range(4):
        frame[i * 250 : (i + 1) * 250].write_avro(tmp_path / f"{i}.avro", name="" if i % 2 else f"n{i}")
    scan = jetliner.scan_avro(tmp_path / "*.avro")
    assert_frame_equal(scan.collect(), frame)
    assert_frame_equal(scan.filter(pl.col("k") % 100 == 7).select("s").collect(), frame[7::100].select("s"))
