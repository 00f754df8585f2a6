"""Names of columns and paths in files that differ."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteSales
from parquet_twins import AB, ROW, Twins, casts, logical, record

pytestmark = pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")


PATTERNS = ("*", "^.*$", "^w$", "")


@pytest.mark.parametrize("name", PATTERNS)
def test_names_that_polars_takes_for_patterns_are_names(twins: Twins, name: str) -> None:
    """Avro's own writers refuse such names, others do not."""
    row = {name: 1, "w": 10}
    twins.write("1", {name: "long", "w": "long"}, [row])
    twins.write("2", {"w": "long"}, [{"w": 20}])
    options: dict[str, Any] = {"missing_columns": "insert"}
    assert twins.compare(**options).rows() == [(1, 10), (None, 20)]
    options["schema"] = {"w": pl.Int64, name: pl.Float64}
    options["cast_options"] = casts(integer_cast="allow-float")
    assert twins.compare(**options).rows() == [(10, 1.0), (20, None)]
    twins.compare(lambda lazy: lazy.filter(pl.col("w") > 10), **options)


@pytest.mark.parametrize("name", PATTERNS)
def test_names_of_fields_that_polars_takes_for_patterns_are_names(twins: Twins, name: str) -> None:
    twins.write("1", {"s": record(**{name: "int", "b": "int"})}, [{"s": {name: 1, "b": 2}}])
    wide = pl.Struct({"b": pl.Int64, name: pl.Int64})
    options = {"schema": {"s": wide}, "cast_options": casts(integer_cast="upcast")}
    assert jetliner.read_avro(twins.avro(), **options)["s"].to_list() == [{"b": 2, name: 1}]


def test_names_of_variants_are_no_names_of_columns(twins: Twins) -> None:
    """Where two types of a column are read side by side, the core calls the second one "a (2)"."""
    for name, unit, year in (("1", "micros", 2020), ("2", "millis", 2021)):
        value = datetime(year, 1, 1)
        twins.write(name, {"a": logical(f"local-timestamp-{unit}")}, [{"a": value}])
    for other in (pl.Datetime("ms"), pl.Int64(), pl.Boolean()):
        for names in (("a", "a (2)"), ("a (2)", "a")):
            schema = {name: pl.Datetime("us") if name == "a" else other for name in names}
            options: dict[str, Any] = {"schema": schema, "missing_columns": "insert"}
            options["cast_options"] = casts(datetime_cast="millisecond-upcast")
            frame = twins.compare(**options)
            assert [value.year for value in frame["a"]] == [2020, 2021]
            assert frame["a (2)"].null_count() == 2
            twins.compare(lambda lazy: lazy.filter(pl.col("a (2)").is_null(), pl.col("a").dt.year() > 2020), **options)


def test_names_that_occur_twice_are_refused(twins: Twins) -> None:
    twins.write("1", AB, [ROW])
    for options in ({"row_index_name": "a"}, {"include_file_paths": "b"}):
        with pytest.raises(jetliner.SchemaError) as caught:
            jetliner.scan_avro(twins.avro(), missing_columns="insert", **options)
        assert caught.value.variant == "Duplicate"


def test_a_name_for_the_row_index_that_only_an_ignored_column_has(twins: Twins) -> None:
    twins.write("1", {"b": "string"}, [{"b": "y"}])
    twins.write("2", AB, [ROW])
    assert twins.compare(extra_columns="ignore", row_index_name="a").rows() == [(0, "y"), (1, "x")]
    with pytest.raises(jetliner.SchemaError, match="already a column named 'b'"):
        jetliner.scan_avro(twins.avro(), extra_columns="ignore", row_index_name="b")


def test_paths_that_are_not_text_are_refused_at_the_call(write_sales: WriteSales, tmp_path: Path) -> None:
    Path(write_sales("a.avro")).rename(tmp_path / "\udcff.avro")
    for options in ({"missing_columns": "insert"}, {"hive_schema": {}}, {}):
        with pytest.raises(jetliner.ConfigurationError, match="valid text"):
            jetliner.scan_avro(tmp_path, include_file_paths="path", **options)  # type: ignore[arg-type]
