"""jetliner.spark on a real Spark with two cores, and so several Python workers."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro, WriteSales
from engines.kinds import KINDS, column_name, write_damaged_text, write_kinds

SMALL = 3_000
#: Spark's times end at microseconds.
NOT_IN_SPARK = ["timestamp-nanos", "local-timestamp-nanos"]
#: The names of Spark's types for some kinds.
SPARK_TYPES = {
    "null": "void",
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "fixed": "binary",
    "string": "string",
    "enum": "string",
    "array": "array<int>",
    "map": "array<struct<key:string,value:int>>",
    "record": "struct<x:int,y:string>",
    "date": "date",
    "time-millis": "time(6)",
    "time-micros": "time(6)",
    "timestamp-millis": "timestamp",
    "timestamp-micros": "timestamp",
    "local-timestamp-millis": "timestamp_ntz",
    "local-timestamp-micros": "timestamp_ntz",
    "decimal of precision 38": "decimal(38,0)",
    "duration": "interval day to second",
}


def read(spark: Any, source: str | list[str], **options: Any) -> Any:
    reader = spark.read.format("jetliner")
    for name, value in options.items():
        reader = reader.option(name, value)
    return reader.load(source)


def frame(rows: Any) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(rows.toArrow()))


def explained(rows: Any) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        rows.explain(True)
    return out.getvalue()


def spark_filters(rows: Any) -> bool:
    """Whether Spark filters the rows itself."""
    return re.search(r"\bFilter\b", explained(rows).partition("== Physical Plan ==")[2]) is not None


def test_all_kinds_of_types_are_those_of_read_avro(spark: Any, tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind not in NOT_IN_SPARK]
    path = write_kinds(tmp_path / "kinds.avro", kinds)
    rows = read(spark, path, split_bytes=500)
    expected = jetliner.read_avro(path, enum_as="string")
    types = dict(rows.dtypes)
    assert list(types) == expected.columns
    assert {kind: types[column_name(kind)] for kind in SPARK_TYPES} == SPARK_TYPES
    got = frame(rows)
    for name in expected.columns:
        assert got[name].to_list() == expected[name].to_list(), name


@pytest.mark.parametrize("kind", NOT_IN_SPARK)
def test_a_type_that_spark_lacks_raises_and_names_the_column(spark: Any, tmp_path: Path, kind: str) -> None:
    path = write_kinds(tmp_path / "kinds.avro", ["int", kind])
    with pytest.raises(Exception, match=rf"Spark has no type for Datetime.*of the column '{column_name(kind)}'"):
        read(spark, path)
    assert read(spark, path, columns="int").count() == 6


@pytest.mark.parametrize("type_", ["arrow.uint8", "arrow.uint16"])
def test_unsigned_numbers_within_records_raise_too(spark: Any, write_avro: WriteAvro, type_: str) -> None:
    inner = {"type": "record", "name": "In", "fields": [{"name": "u", "type": {"type": "int", "logicalType": type_}}]}
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "array", "items": inner}}]}
    path = write_avro("unsigned.avro", schema, [])
    with pytest.raises(Exception, match=r"Spark has no type for UInt.* of the column 'a.u'"):
        read(spark, path)


def test_a_value_beyond_sparks_range_names_the_column(spark: Any, write_avro: WriteAvro) -> None:
    schema = {
        "type": "record",
        "name": "R",
        "fields": [{"name": "at", "type": {"type": "long", "logicalType": "local-timestamp-millis"}}],
    }
    path = write_avro("far.avro", schema, [{"at": 2**62}])
    with pytest.raises(Exception, match=r"a value of the column 'at' is outside the range of Spark's type"):
        read(spark, path).collect()


def test_maps_as_maps(spark: Any, write_avro: WriteAvro) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "m", "type": {"type": "map", "values": "int"}}]}
    path = write_avro("map.avro", schema, [{"m": {"a": 1}}, {"m": {}}])
    rows = read(spark, path, map_as="map")
    assert rows.dtypes == [("m", "map<string,int>")]
    assert [row.m for row in rows.collect()] == [{"a": 1}, {}]


def test_partitions_keep_the_order_of_files_and_rows(spark: Any, write_sales: WriteSales) -> None:
    paths = [write_sales(f"{index}.avro", 200, start=index * 200, block_rows=20) for index in range(3)]
    rows = read(spark, paths, split_bytes=1_000, include_file_paths="file")
    assert rows.rdd.getNumPartitions() == len(jetliner.plan_splits(paths, split_bytes=1_000)) > 3
    assert frame(rows).equals(jetliner.read_avro(paths, include_file_paths="file"))


def test_small_files_share_partitions(spark: Any, tmp_path: Path, write_sales: WriteSales) -> None:
    for index in range(40):
        write_sales(f"small/{index:02}.avro", 5)
    rows = read(spark, str(tmp_path / "small" / "*.avro"))
    assert rows.count() == 200
    assert rows.rdd.getNumPartitions() == 2
    assert read(spark, str(tmp_path / "small" / "*.avro"), split_bytes=1 << 20).rdd.getNumPartitions() == 40


def test_columns_are_not_decoded_unless_they_are_named(spark: Any, tmp_path: Path) -> None:
    path = write_damaged_text(tmp_path / "damaged.avro")
    assert sorted(frame(read(spark, path, columns="n"))["n"]) == list(range(100))
    assert read(spark, path, columns='["n"]').columns == ["n"]
    by_schema = spark.read.format("jetliner").schema("n bigint").load(path)
    assert by_schema.count() == 100
    with pytest.raises(Exception, match=r"UTF-8"):
        read(spark, path, columns="t").collect()


def test_a_schema_of_the_user_must_fit(spark: Any, path: str) -> None:
    reader = spark.read.format("jetliner")
    assert frame(reader.schema("status string, user_id bigint").load(path)).columns == ["status", "user_id"]
    with pytest.raises(Exception, match=r"'user_id' of type int; the files have bigint"):
        reader.schema("user_id int").load(path).collect()
    with pytest.raises(Exception, match=r"'no' of type int; the files do not have it"):
        reader.schema("no int").load(path).collect()


@pytest.mark.parametrize(
    ("of_spark", "of_polars"),
    [
        ("amount > 400 and status = 'active'", (pl.col("amount") > 400) & (pl.col("status") == "active")),
        ("user_id in (3, 5, 5000)", pl.col("user_id").is_in([3, 5, 5000])),
        ("not status like 'act%'", ~pl.col("status").str.starts_with("act")),
        ("status like '%ct%' and user_id <> 3", pl.col("status").str.contains("ct") & (pl.col("user_id") != 3)),
        ("status is null", pl.col("status").is_null()),
        ("user_id <=> 7", pl.col("user_id") == 7),
    ],
)
def test_filters_are_applied_on_the_workers(spark: Any, path: str, of_spark: str, of_polars: pl.Expr) -> None:
    rows = read(spark, path, push_filters="true").filter(of_spark)
    assert not spark_filters(rows)
    expected = jetliner.read_avro(path).filter(of_polars)
    assert frame(rows).equals(expected)


def test_filters_that_could_differ_stay_with_spark(spark: Any, path: str) -> None:
    rows = read(spark, path, push_filters="true").filter("amount * 2 > 990 and user_id >= 0")
    assert spark_filters(rows)
    assert rows.count() == jetliner.read_avro(path).filter(pl.col("amount") * 2 > 990).height


def test_nulls_nan_and_times_are_filtered_as_spark_does(spark: Any, write_avro: WriteAvro) -> None:
    micros = {"type": "long", "logicalType": "timestamp-micros"}
    fields = [
        {"name": "x", "type": ["null", "double"]},
        {"name": "n", "type": ["null", "long"]},
        {"name": "at", "type": ["null", micros]},
    ]
    day = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    rows = [
        {"x": x, "n": n, "at": None if n is None else day + dt.timedelta(days=n)}
        for x, n in ((1.0, 1), (None, 2), (float("nan"), None), (-1.0, 4), (float("inf"), 5))
    ]
    path = write_avro("nan.avro", {"type": "record", "name": "R", "fields": fields}, rows)
    pushed, plain = read(spark, path, push_filters="true"), read(spark, path)
    for condition in (
        "x > 0",
        "not x > 0",
        "x <> 1",
        "x < 5",
        "n in (1, 2)",
        "n not in (1, 2)",
        "n <=> 4",
        "at >= timestamp'2024-01-03 00:00:00'",
        "x = double('nan')",
    ):
        assert pushed.filter(condition).count() == plain.filter(condition).count(), condition


def test_filters_need_a_setting_of_the_session(spark: Any, path: str) -> None:
    spark.conf.set("spark.sql.python.filterPushdown.enabled", "false")
    try:
        assert read(spark, path).filter("amount > 400").count() == 199
        with pytest.raises(Exception, match=r"spark.sql.python.filterPushdown.enabled"):
            read(spark, path, push_filters="true").filter("amount > 400").count()
    finally:
        spark.conf.set("spark.sql.python.filterPushdown.enabled", "true")


def test_counts_and_limits(spark: Any, path: str) -> None:
    assert read(spark, path, split_bytes=SMALL).count() == 1000
    assert len(read(spark, path, split_bytes=SMALL).limit(7).collect()) == 7


def test_sql(spark: Any, path: str) -> None:
    read(spark, path).createOrReplaceTempView("sales")
    rows = spark.sql("select status, count(*) as n from sales group by status order by status").collect()
    assert [row.n for row in rows] == [334, 333, 333]


def test_an_error_on_a_worker_has_file_block_and_cause(spark: Any, tmp_path: Path) -> None:
    path = write_damaged_text(tmp_path / "damaged.avro")
    with pytest.raises(Exception, match=r"DecodeError") as raised:
        read(spark, path).collect()
    text = str(raised.value)
    assert f"file '{path}', block 5, record 0" in text
    assert "not valid UTF-8" in text
    assert read(spark, path, ignore_errors="true").count() == 90  # the block is lost from its bad record on


def test_files_without_rows_have_columns(spark: Any, write_sales: WriteSales) -> None:
    empty = write_sales("empty.avro", 0)
    rows = read(spark, empty)
    assert (rows.count(), rows.columns) == (0, ["user_id", "amount", "status"])
    assert read(spark, [empty, write_sales("full.avro", 5)]).count() == 5


def test_patterns_and_reader_schemas(spark: Any, tmp_path: Path, write_sales: WriteSales) -> None:
    for index in range(3):
        write_sales(f"day={index}/part.avro", 10)
    pattern = str(tmp_path / "day=*" / "*.avro")
    fields = [{"name": "amount", "type": "double"}, {"name": "extra", "type": "string", "default": "none"}]
    schema = json.dumps({"type": "record", "name": "Sale", "fields": fields})
    got = frame(read(spark, pattern, reader_schema=schema))
    assert got.equals(jetliner.read_avro(pattern, reader_schema=schema))
    with_days = read(spark, str(tmp_path), hive_partitioning="true")
    assert sorted(row.day for row in with_days.select("day").distinct().collect()) == [0, 1, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"colums": "a"}, "there is no option 'colums'"),
        ({"columns": "amont"}, "there is no column 'amont'"),
        ({"columns": "[amount"}, "the option columns must be JSON"),
        ({"split_bytes": "many"}, "the option split_bytes must be a whole number"),
        ({"ignore_errors": "maybe"}, "the option ignore_errors must be true or false"),
        ({"n_rows": "5"}, "there is no option 'n_rows'"),
    ],
)
def test_wrong_options(spark: Any, path: str, options: dict[str, str], message: str) -> None:
    with pytest.raises(Exception, match=r"ConfigurationError|SchemaError") as raised:
        read(spark, path, **options)
    assert message in str(raised.value)


def test_missing_files(spark: Any, path: str) -> None:
    with pytest.raises(Exception, match=r"FileNotFoundError"):
        read(spark, path + ".no")
    with pytest.raises(Exception, match=r"no file is given"):
        spark.read.format("jetliner").load()


def test_options_of_stores_are_not_shown(spark: Any, path: str) -> None:
    rows = read(spark, path, storage_options=json.dumps({"azure_storage_account_key": "hush-hush"}))
    assert rows.count() == 1000
    assert "hush" not in repr(rows)
    assert "hush" not in explained(rows)
    with pytest.raises(Exception, match=r"must be JSON") as raised:
        read(spark, path, storage_options="hush-hush")
    assert "hush" not in str(raised.value)


def test_the_module_does_not_need_pandas() -> None:
    code = "import sys; sys.modules['pandas'] = None; import jetliner.spark"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
