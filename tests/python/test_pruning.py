"""Files that a filter on partitions or paths rules out are not opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_files import SALES_SCHEMA, sales, write_file
from jetliner._query.pruning import matching_files

FILES = pl.DataFrame({"y": [2023, 2023, 2024, None], "m": [1, 2, 1, 1], "path": ["a", "b", "c", "d"]})
Y, M, PATH, OTHER = pl.col("y"), pl.col("m"), pl.col("path"), pl.col("other")


@pytest.mark.parametrize(
    ("predicate", "kept"),
    [
        (Y == 2023, [0, 1]),
        ((Y == 2023) & (M == 1), [0]),
        ((Y == 2023) & (OTHER > 5), [0, 1]),
        ((OTHER > 5) & (Y == 2023) & (OTHER < 9) & (M == 2), [1]),
        ((OTHER > 5) & ((Y == 2023) & (M == 2)), [1]),
        ((Y == 2023) | (M == 1), [0, 1, 2, 3]),
        ((Y == 2023) | (OTHER > 5), [0, 1, 2, 3]),
        (~(Y == 2023), [2]),
        (Y.is_null(), [3]),
        (Y.is_in([2024, 7]), [2]),
        (Y > M + 2022, [2]),
        (Y > OTHER, [0, 1, 2, 3]),
        (PATH.str.contains("[ac]") & (M == 1), [0, 2]),
        (OTHER > 5, [0, 1, 2, 3]),
        (pl.lit(False), [0, 1, 2, 3]),
        (Y == 1, []),
        (Y.is_between(2024, 2030) & PATH.is_not_null() & OTHER.is_null(), [2]),
        (pl.all_horizontal(Y == 2023, M == 1), [0]),
        (pl.when(OTHER > 1).then(Y == 1).otherwise(M == 1), [0, 1, 2, 3]),
        (Y.cast(pl.String).str.to_integer() / 0 > 1, [0, 1, 2]),
        (PATH.str.to_integer() == 1, [0, 1, 2, 3]),  # fails here, so it does not decide
    ],
)
def test_matching_files(predicate: pl.Expr, kept: list[int]) -> None:
    assert matching_files(predicate, FILES) == kept


def test_a_column_may_have_any_name() -> None:
    files = pl.DataFrame({"file": [1, 2], "index": [3, 4]})
    assert matching_files(pl.col("file") == 2, files) == [1]


# --- through scan_avro ---

PARTITIONS = 200


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """200 partitions of 10 rows. All but the first and k=137 hold garbage."""
    for key in range(PARTITIONS):
        path = tmp_path / "data" / f"k={key}" / "f.avro"
        path.parent.mkdir(parents=True)
        if key in (0, 137):
            write_file(path, SALES_SCHEMA, sales(10, key * 10))
        else:
            path.write_bytes(b"garbage")
    return tmp_path / "data"


def test_one_of_200_partitions_opens_only_that_ones_files(root: Path) -> None:
    lazy = jetliner.scan_avro(root)  # reads the header of k=0, the first by path
    frame = lazy.filter(pl.col("k") == 137).collect()
    assert frame["user_id"].to_list() == list(range(1370, 1380))
    assert frame["k"].to_list() == [137] * 10
    with pytest.raises((jetliner.ParseError, pl.exceptions.ComputeError)):
        lazy.filter(pl.col("k") >= 137).collect()
    with pytest.raises((jetliner.ParseError, pl.exceptions.ComputeError)):
        lazy.filter((pl.col("k") == 137) | (pl.col("user_id") == 1)).collect()


@pytest.mark.parametrize(
    "query",
    [
        lambda lazy: lazy.filter(pl.col("k") == 137).select("status"),
        lambda lazy: lazy.filter(pl.col("k") == 137).select(pl.len()),
        lambda lazy: lazy.filter(pl.col("k") == 137, pl.col("user_id") > 1375),
        lambda lazy: lazy.filter(pl.col("user_id") > 1375).filter(pl.col("k") == 137),
        lambda lazy: lazy.filter(pl.col("k").is_in([137, 1000])).head(3),
        lambda lazy: lazy.filter(pl.col("k") == 1000),
        lambda lazy: lazy.filter(pl.col("path").str.ends_with("k=137/f.avro")),
        lambda lazy: lazy.group_by("k").agg(pl.col("amount").sum()).filter(pl.col("k") == 137),
        lambda lazy: lazy.join(pl.LazyFrame({"k": [137]}), on="k").filter(pl.col("k") == 137),
    ],
)
@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_queries_that_open_no_other_file(root: Path, query: Any, engine: Any) -> None:
    lazy = jetliner.scan_avro(root, include_file_paths="path")
    frame = query(lazy).collect(engine=engine)
    assert frame.height <= 10


def test_paths_prune_without_partitions(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_file(tmp_path / f"{name}.avro", SALES_SCHEMA, sales(10))
    lazy = jetliner.scan_avro(tmp_path / "*.avro", include_file_paths="path")
    (tmp_path / "b.avro").unlink()
    assert lazy.filter(pl.col("path").str.contains("a.avro", literal=True)).collect().height == 10
    with pytest.raises((jetliner.FileNotFoundError, pl.exceptions.ComputeError)):
        lazy.filter(pl.col("user_id") == 1).collect()


def test_rows_of_pruned_files_count_where_rows_are_counted(tmp_path: Path) -> None:
    for key in range(4):
        path = tmp_path / f"k={key}" / "f.avro"
        path.parent.mkdir()
        write_file(path, SALES_SCHEMA, sales(10, key * 10))
    indexed = jetliner.scan_avro(tmp_path, row_index_name="i").filter(pl.col("k") == 2)
    assert indexed.collect()["i"].to_list() == list(range(20, 30))
    assert indexed.select("user_id").collect()["user_id"].to_list() == list(range(20, 30))
    limited = jetliner.scan_avro(tmp_path, n_rows=25).filter(pl.col("k") == 2)
    assert limited.collect().height == 5
    assert jetliner.scan_avro(tmp_path).head(25).filter(pl.col("k") == 2).collect().height == 5


def test_the_first_file_decides_about_order_though_it_is_pruned(tmp_path: Path) -> None:
    point = {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int"}]}
    fields = [{"name": "p", "type": point}, {"name": "n", "type": "int"}]
    turned = [fields[1], {"name": "p", "type": {**point, "fields": point["fields"][::-1]}}]
    for name, order in (("a", fields), ("b", turned)):
        schema = {"type": "record", "name": "R", "fields": order}
        write_file(tmp_path / f"{name}.avro", schema, [{"p": {"x": 1, "y": 2}, "n": 3}])
    lazy = jetliner.scan_avro(tmp_path / "*.avro", include_file_paths="path")
    frame = lazy.filter(pl.col("path").str.ends_with("b.avro")).collect()
    assert frame.schema == lazy.collect_schema()
    assert list(frame.schema) == ["p", "n", "path"]
    assert frame.drop("path").rows() == [({"x": 1, "y": 2}, 3)]
