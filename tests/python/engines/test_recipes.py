"""The recipes for pandas and DuckDB, and the code for pandas on the page about other readers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

import jetliner
import pages

MAKE_DATA = Path(__file__).parents[3] / "examples" / "make_data.py"


def test_recipes_with_pandas_and_duckdb(in_tmp: Path) -> None:
    subprocess.run([sys.executable, str(MAKE_DATA)], check=True, timeout=120)
    blocks = [block for block in pages.blocks("recipes.md") if "tests/python/engines" in (block.not_run or "")]
    assert pages.run("recipes.md", blocks, {"jetliner": jetliner, "pl": pl}) == 2


def test_from_pandavro_to_pandas(in_tmp: Path) -> None:
    jetliner.write_avro(pl.DataFrame({"station": ["Oslo"], "celsius": [-4.5]}), "weather.avro")
    blocks = [block for block in pages.blocks("migration.md") if "tests/python/engines" in (block.not_run or "")]
    names: dict[str, Any] = {"jetliner": jetliner, "pl": pl}
    assert pages.run("migration.md", blocks, names) == 2
    assert jetliner.read_avro("written.avro").to_dicts() == [{"station": "Oslo"}]
    assert str(names["frame"].dtypes["celsius"]) == "double[pyarrow]"
