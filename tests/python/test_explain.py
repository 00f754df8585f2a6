"""What `explain` shows of a scan: the source, its files, the projection and the filter."""

from __future__ import annotations

import polars as pl
import pytest

import jetliner
from conftest import WriteSales
from jetliner._query.io_source import CAN_EXPLAIN, explanation

if pl.__version__ >= "2":
    assert CAN_EXPLAIN


def files_line(plan: str) -> str:
    """Return what stands between the brackets."""
    return plan.partition("FILES: [")[2].partition("]")[0]


def test_source_projection_and_filter(write_sales: WriteSales) -> None:
    path = write_sales()
    plan = jetliner.scan_avro(path).filter(pl.col("amount") > 5).select("user_id").explain()
    width = len(jetliner.read_avro_schema(path))
    assert f"PROJECT 2/{width} COLUMNS" in plan or f"PROJECT 1/{width} COLUMNS" in plan
    assert "SELECTION" in plan
    if CAN_EXPLAIN:
        assert "PYTHON[AVRO] SCAN" in plan
        assert files_line(plan) == path
    else:
        assert "PYTHON SCAN" in plan


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["a.avro"], "a.avro"),
        (["a.avro", "b.avro"], "a.avro, b.avro"),
        (["a.avro", "b.avro", "c.avro"], "a.avro, ... 2 other sources"),
        ([f"{i}.avro" for i in range(5000)], "0.avro, ... 4999 other sources"),
        (["größe \N{SNOWMAN}.avro"], "größe \N{SNOWMAN}.avro"),
        (["two\nlines.avro"], r"two\nlines.avro"),
        (["no\udcfftext.avro"], r"no\udcfftext.avro"),
    ],
)
def test_files(paths: list[str], shown: str) -> None:
    if not CAN_EXPLAIN:
        assert explanation(paths) == {}
        return
    shown_by_plan = explanation(paths)
    assert files_line(shown_by_plan["explain_detail"]) == shown
    shown_by_plan["explain_detail"].encode()  # Polars takes no other text


def test_files_of_a_pattern_in_a_plan(write_sales: WriteSales) -> None:
    first = write_sales("part-1.avro")
    write_sales("part-2.avro")
    write_sales("part-3.avro")
    plan = jetliner.scan_avro(first.replace("part-1", "part-*")).explain()
    if CAN_EXPLAIN:
        assert files_line(plan) == f"{first}, ... 2 other sources"
    assert plan.count("SCAN") == 1
