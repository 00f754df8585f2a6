"""Scans that travel: a LazyFrame pickled or serialised here, collected in another process."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import blocks_of, damage, sales_frame
from conftest import WriteSales
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan

COLLECT_PICKLE = """
    import pickle, sys
    from pathlib import Path
    lf = pickle.loads(Path(sys.argv[1]).read_bytes())
    lf.collect().write_parquet(sys.argv[2])
"""
COLLECT_SERIALISED = """
    import sys
    import polars as pl
    pl.LazyFrame.deserialize(sys.argv[1]).collect().write_parquet(sys.argv[2])
"""


def collect_elsewhere(script: str, plan: bytes, folder: Path) -> pl.DataFrame:
    (folder / "plan").write_bytes(plan)
    arguments = [str(folder / "plan"), str(folder / "result.parquet")]
    subprocess.run([sys.executable, "-c", textwrap.dedent(script), *arguments], check=True, cwd="/", timeout=120)
    return pl.read_parquet(folder / "result.parquet")


@pytest.fixture
def query(write_sales: WriteSales) -> pl.LazyFrame:
    path = write_sales(rows=500, block_rows=30)
    return (
        jetliner.scan_avro(path, row_index_name="i", include_file_paths="p", n_rows=400, batch_size=77)
        .filter(pl.col("status") == "active")
        .select("i", "amount", "p")
    )


def test_pickled_lazy_frame_is_collected_in_another_process(query: pl.LazyFrame, tmp_path: Path) -> None:
    frame = collect_elsewhere(COLLECT_PICKLE, pickle.dumps(query), tmp_path)
    assert_frame_equal(frame, query.collect())
    assert frame["i"].to_list() == list(range(0, 400, 3))


def test_serialised_lazy_frame_is_collected_in_another_process(query: pl.LazyFrame, tmp_path: Path) -> None:
    frame = collect_elsewhere(COLLECT_SERIALISED, query.serialize(), tmp_path)
    assert_frame_equal(frame, query.collect())


#: Only what an installation without extras brings along can be imported: the package and what it requires.
PLAIN_INSTALL = """
    import importlib.metadata, pickle, re, sys
    from importlib.abc import MetaPathFinder

    def names(requirements):
        found = {re.match(r"[\\w.-]+", text)[0] for text in requirements or () if "extra ==" not in text}
        return found | {name for one in found for name in names(importlib.metadata.requires(one))}

    installed = {"jetliner"} | names(importlib.metadata.requires("jetliner"))
    modules = importlib.metadata.packages_distributions()
    missing = {module for module, owners in modules.items() if installed.isdisjoint(owners)} | set(sys.argv[2:])

    class Missing(MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name.partition(".")[0] in missing:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    assert "fastavro" in missing and "polars" not in missing
    sys.meta_path.insert(0, Missing())
    import jetliner
    query = jetliner.scan_avro(sys.argv[1]).select("amount")
    print(pickle.loads(pickle.dumps(query)).collect().height)
"""


def test_a_scan_can_be_pickled_in_a_plain_installation(write_sales: WriteSales) -> None:
    command = [sys.executable, "-c", textwrap.dedent(PLAIN_INSTALL), write_sales(rows=10)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["10"], done.stderr
    # What the dependency is for: Polars cannot serialise a query with a source in Python without it.
    without = subprocess.run([*command, "cloudpickle"], capture_output=True, text=True, timeout=120, check=False)
    assert without.returncode == 1
    assert "cloudpickle" in without.stderr or "serialization failed" in without.stderr


def test_pickle_after_a_collect(query: pl.LazyFrame) -> None:
    expected = query.collect()
    assert_frame_equal(pickle.loads(pickle.dumps(query)).collect(), expected)


def _collect(lf: pl.LazyFrame) -> pl.DataFrame:
    return lf.collect()


def test_process_pool(query: pl.LazyFrame) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for frame in pool.map(_collect_serialised, [query.serialize()] * 3):
            assert_frame_equal(frame, query.collect())


def _collect_serialised(plan: bytes) -> pl.DataFrame:
    import io

    return _collect(pl.LazyFrame.deserialize(io.BytesIO(plan)))


def test_scan_itself_is_picklable(write_sales: WriteSales) -> None:
    scan = AvroScan(Table([write_sales(rows=20)], ReadOptions(n_rows=10, batch_size=3), sales_frame(0).schema))
    clone = pickle.loads(pickle.dumps(scan))
    assert clone == scan
    assert_frame_equal(pl.concat(clone(None, None, None, None)), sales_frame(10))


def test_bad_block_error_is_picklable(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10, codec="deflate")
    blocks = blocks_of(path)
    damage(path, blocks[3].data_offset, b"\xff" * blocks[3].data_bytes)
    damage(path, blocks[6].sync_offset, b"\xff")
    reader = jetliner.AvroReader(path, ignore_errors=True)
    list(reader)
    assert len(reader.errors) >= 2
    for error in reader.errors:
        clone = pickle.loads(pickle.dumps(error))
        assert type(clone) is jetliner.BadBlockError
        assert clone.to_dict() == error.to_dict()


def test_errors_of_reading_are_picklable(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    damage(path, blocks_of(path)[3].sync_offset, b"\xff")
    with pytest.raises(jetliner.ParseError) as caught:
        jetliner.read_avro(path)
    clone = pickle.loads(pickle.dumps(caught.value))
    assert clone.to_dict() == caught.value.to_dict()
