"""scan_avro: errors at the call and at collect, and what is closed."""

from __future__ import annotations

import gc
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from avro_files import blocks_of, damage, open_files, sales_frame
from conftest import WriteAvro, WriteSales
from entry_points import EACH_ENGINE, ENGINES
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan


def test_header_and_schema_errors_are_raised_at_the_call(tmp_path: Path, write_sales: WriteSales) -> None:
    with pytest.raises(jetliner.FileNotFoundError):
        jetliner.scan_avro(tmp_path / "absent.avro")
    bad = tmp_path / "bad.avro"
    bad.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(jetliner.ParseError):
        jetliner.scan_avro([write_sales(), bad])


@EACH_ENGINE
def test_data_errors_are_raised_at_collect(path: str, engine: Any) -> None:
    damage(path, blocks_of(path)[20].sync_offset, b"damaged")
    lf = jetliner.scan_avro(path)
    if pl.__version__.startswith("1."):
        # Polars 1.x wraps what a source raises, and keeps the text.
        with pytest.raises((jetliner.ParseError, pl.exceptions.ComputeError), match="sync marker"):
            lf.collect(engine=engine)
        return
    with pytest.raises(jetliner.ParseError, match="sync marker") as caught:
        lf.collect(engine=engine)
    assert caught.value.path == path
    assert caught.value.variant == "InvalidSyncMarker"


@EACH_ENGINE
def test_ignore_errors_skips_damaged_blocks(path: str, engine: Any) -> None:
    blocks = blocks_of(path)
    damage(path, blocks[20].sync_offset, b"damaged")
    frame = jetliner.scan_avro(path, ignore_errors=True).collect(engine=engine)
    rows = frame["user_id"].to_list()
    assert rows == sorted(set(rows))
    assert set(range(1000)) - set(rows) <= set(range(600, 660))
    assert frame.height < 1000


@EACH_ENGINE
def test_file_that_vanishes_before_collect(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path)
    Path(path).unlink()
    with pytest.raises((jetliner.FileNotFoundError, pl.exceptions.ComputeError), match=r"(?i)no such file|not found"):
        lf.collect(engine=engine)


@EACH_ENGINE
@pytest.mark.parametrize("kind", ["int", "string", ["null", "string"]])
def test_file_whose_schema_changes_before_collect(
    write_sales: WriteSales, write_avro: WriteAvro, engine: Any, kind: Any
) -> None:
    lf = jetliner.scan_avro(write_sales("x.avro"))
    fields = [{"name": name, "type": kind} for name in ("user_id", "amount", "status")]
    rows = [dict.fromkeys(("user_id", "amount", "status"), 1 if kind == "int" else "a")]
    write_avro("x.avro", {"type": "record", "name": "Sale", "fields": fields}, rows)
    for query in (lf, lf.select("user_id")):
        with pytest.raises((jetliner.SchemaError, pl.exceptions.ComputeError), match="schema of the file has changed"):
            query.collect(engine=engine)


@EACH_ENGINE
def test_files_are_closed_after_a_query(path: str, engine: Any) -> None:
    lf = jetliner.scan_avro(path, batch_size=10)
    assert path not in open_files()
    for query in (lf, lf.head(5), lf.filter(pl.col("user_id") > 10).head(5), lf.slice(500, 1)):
        query.collect(engine=engine)
        gc.collect()
    # A generator that Polars dropped on another thread may be freed with the next query only.
    pl.LazyFrame({"a": [1]}).collect(engine=engine)
    gc.collect()
    assert path not in open_files()


def test_abandoned_generator_closes_the_file(path: str) -> None:
    frames = AvroScan(Table([path], ReadOptions(batch_size=10), sales_frame(0).schema))(None, None, None, None)
    next(frames)
    assert path in open_files()
    del frames
    gc.collect()
    assert path not in open_files()


def test_interpreter_exits_with_an_abandoned_query(path: str) -> None:
    script = """
        import sys, jetliner
        batches = jetliner.scan_avro(sys.argv[1], batch_size=10).collect_batches(maintain_order=True)
        print(next(iter(batches)).height > 0)
    """
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), path], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.stdout, result.returncode) == ("True\n", 0)
    if not pl.__version__.startswith("1."):  # in Polars 1.x a worker thread of its own complains at the end
        assert result.stderr == ""


def test_declared_schema_and_frames_agree_to_the_letter(write_avro: WriteAvro) -> None:
    import datetime as dt

    schema = {
        "type": "record",
        "name": "R",
        "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
            {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}},
            {"name": "m", "type": {"type": "map", "values": "int"}},
        ],
    }
    now = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    path = write_avro("t.avro", schema, [{"at": now, "local": now.replace(tzinfo=None), "e": "B", "m": {"k": 1}}])
    lf = jetliner.scan_avro(path)
    expected = pl.Schema(
        {
            "at": pl.Datetime("us", "UTC"),
            "local": pl.Datetime("ms"),
            "e": pl.Enum(["A", "B"]),
            "m": pl.List(pl.Struct({"key": pl.String, "value": pl.Int32})),
        }
    )
    assert lf.collect_schema() == expected
    for engine in ENGINES:
        assert lf.collect(engine=engine).schema == expected  # type: ignore[call-overload]
    assert lf.filter(pl.col("at") == now, pl.col("e") == "B").collect().height == 1
