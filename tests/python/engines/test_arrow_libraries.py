"""Readers as Arrow streams for pyarrow, DuckDB, pandas, DataFusion and nanoarrow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import datafusion
import duckdb
import nanoarrow
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import jetliner
from conftest import WriteAvro, WriteSales
from test_arrow_stream import TYPES, rows


@pytest.fixture
def path(write_avro: WriteAvro) -> str:
    return write_avro("types.avro", TYPES, rows(1000), block_rows=50)


def expected(path: str) -> list[dict[str, Any]]:
    return jetliner.read_avro(path, enum_as="string").to_dicts()


def test_pyarrow(path: str) -> None:
    table = pa.table(jetliner.AvroReader(path, batch_size=70))
    table.validate(full=True)
    assert table.to_pylist() == expected(path)
    assert table.schema == pa.schema(jetliner.AvroReader(path))
    assert table.schema.field("s").type == pa.large_string()
    assert table.schema.field("e").type == pa.dictionary(pa.int32(), pa.large_string())
    assert table.schema.metadata is None
    assert all(field.metadata is None for field in table.schema)
    stream = pa.RecordBatchReader.from_stream(jetliner.AvroReader(path, batch_size=70))
    # A batch may be several arrays.
    sizes = [batch.num_rows for batch in stream]
    assert max(sizes) == 70
    assert sum(sizes) == 1000


def test_pyarrow_asks_for_views(path: str) -> None:
    own = pa.schema(jetliner.AvroReader(path))
    wanted = pa.schema([field.with_type(pa.string_view()) if field.name == "s" else field for field in own])
    table = pa.RecordBatchReader.from_stream(jetliner.AvroReader(path), schema=wanted).read_all()
    table.validate(full=True)
    assert table.schema.field("s").type == pa.string_view()
    assert table.to_pylist() == expected(path)


def test_maps(path: str) -> None:
    table = pa.table(jetliner.AvroReader(path, map_as="map"))
    table.validate(full=True)
    found = table.schema.field("m").type
    assert (found.key_type, found.item_type) == (pa.large_string(), pa.large_binary())
    assert dict(table["m"][7].as_py()) == {"7": b"a text of more than twelve bytes"}


def test_duckdb(path: str) -> None:
    reader = jetliner.AvroReader(path, batch_size=70)
    found = duckdb.sql("SELECT e, count(*), count(s), sum(d), max(len(l)) FROM reader GROUP BY e ORDER BY e").fetchall()
    frame = jetliner.read_avro(path, enum_as="string")
    want = frame.group_by("e").agg(pl.len(), pl.col("s").count(), pl.col("d").sum(), pl.col("l").list.len().max())
    assert found == want.sort("e").rows()
    assert reader.is_finished


def test_pandas(path: str) -> None:
    frame = pa.table(jetliner.AvroReader(path)).to_pandas(types_mapper=pd.ArrowDtype)
    assert frame["s"].isna().sum() == jetliner.read_avro(path)["s"].null_count()
    assert pd.DataFrame.from_arrow(jetliner.AvroReader(path))["t"].dtype == "datetime64[us, UTC]"


def test_datafusion(path: str) -> None:
    context = datafusion.SessionContext()
    context.from_arrow(jetliner.AvroReader(path), name="t")
    assert context.sql("SELECT count(s) AS n, max(t) AS t FROM t").to_pydict()["n"] == [666]


def test_nanoarrow(path: str) -> None:
    # nanoarrow 0.9 reads decimals of a slice from the begin of their buffer.
    columns = ["s", "e", "l", "m", "t", "z"]
    stream = nanoarrow.ArrayStream(jetliner.AvroReader(path, batch_size=70, columns=columns))
    assert stream.read_all().to_pylist() == jetliner.read_avro(path, enum_as="string", columns=columns).to_dicts()
    assert nanoarrow.ArrayStream(jetliner.AvroReader(path)).read_all().to_pylist() == expected(path)


def test_errors_arrive_with_their_text(write_sales: WriteSales) -> None:
    path = Path(write_sales(rows=100, block_rows=10))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(OSError, match=r"block 9 is not followed.*sales\.avro"):
        pa.table(jetliner.AvroReader(path))
    reader = jetliner.AvroReader(path)
    with pytest.raises(duckdb.Error, match="block 9 is not followed"):
        duckdb.sql("SELECT sum(amount) FROM reader").fetchall()
    assert "failed" in repr(reader)


def test_memory_is_constant(write_sales: WriteSales) -> None:
    paths = [write_sales("a.avro", rows=20_000, block_rows=500), write_sales("b.avro", rows=400_000, block_rows=500)]
    code = """
import resource, sys
import pyarrow as pa
import jetliner
rows = sum(batch.num_rows for batch in pa.RecordBatchReader.from_stream(jetliner.AvroReader(sys.argv[1], n_threads=1)))
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    peaks = []
    for path in paths:
        out = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
        peaks.append(int(out.stdout.split()[1]) / 1024)
    assert peaks[1] < peaks[0] + 60  # MiB; all rows would take 100 MiB more
