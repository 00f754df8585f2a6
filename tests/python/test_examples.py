"""The programs of examples/, and its notebook."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*arguments: str, code: int = 0) -> str:
    """Run an example in the working directory, and return what it prints."""
    command = [sys.executable, str(EXAMPLES / arguments[0]), *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def example_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the data of all examples once."""
    directory = tmp_path_factory.mktemp("examples")
    command = [sys.executable, str(EXAMPLES / "make_data.py"), str(directory / "data")]
    subprocess.run(command, check=True, timeout=600)
    return directory / "data"


@pytest.fixture
def data(example_data: Path, in_tmp: Path) -> Path:
    """Run in an empty directory that has `data`."""
    (in_tmp / "data").symlink_to(example_data)
    return in_tmp


def test_kafka_to_parquet(data: Path) -> None:
    arguments = ["data/kafka/topics/orders/", "orders.parquet", "--columns", "order_id,placed_at,total", "--progress"]
    run("kafka_to_parquet.py", *arguments)
    orders = pl.read_parquet("orders.parquet")
    assert orders.columns == ["order_id", "placed_at", "total"]
    assert orders["order_id"].n_unique() == 3000


def test_progress_bar(data: Path) -> None:
    total = jetliner.read_avro("data/kafka/topics/orders/")["total"].sum()
    assert run("progress_bar.py", "data/kafka/topics/orders/", "total") == f"{total}\n"


def test_event_hubs(data: Path) -> None:
    assert "sensor-19" in run("event_hubs.py", "data/event-hubs/shop/telemetry/", "readings.parquet")
    readings = pl.read_parquet("readings.parquet")
    assert readings.height == 1998
    assert readings.null_count().sum_horizontal().item() == 0
    assert set(readings["firmware"]) == {"1.4", "1.5"}


def test_debezium_table(data: Path) -> None:
    run("debezium_table.py", "data/debezium/topics/shop.public.customers/", "customers.parquet")
    expected: dict[int, Any] = {}
    for change in jetliner.read_avro("data/debezium/topics/shop.public.customers/").iter_rows(named=True):
        if change["op"] == "d":
            del expected[change["before"]["id"]]
        else:
            expected[change["after"]["id"]] = change["after"]["balance"]
    customers = pl.read_parquet("customers.parquet")
    assert dict(customers.select("id", "balance").iter_rows()) == expected
    assert customers.schema["updated_at"] == pl.Datetime("us", "UTC")


def test_iceberg_files(data: Path) -> None:
    printed = run("iceberg_files.py", "data/iceberg/orders/metadata/")
    assert "58 files" in printed
    assert len(re.findall(r"│ (DE|FR|NO) ", printed)) == 3


def test_partitioned_sink(data: Path) -> None:
    assert "12 files; 2026-01-01" in run("partitioned_sink.py", "data/kafka/topics/orders/", "by-day")
    assert jetliner.count_rows("by-day") == 3000


def test_multiprocess_count(data: Path) -> None:
    pattern = "data/kafka/topics/orders/**/*.avro"
    lines = run("multiprocess_count.py", pattern, "country", "--split-bytes", "20000").splitlines()
    counts = jetliner.read_avro(pattern)["country"].value_counts()
    assert lines[0].endswith("3000 rows")
    assert dict(line.split(": ") for line in lines[1:]) == {country: str(count) for country, count in counts.rows()}


def test_repair(in_tmp: Path) -> None:
    rows = pl.DataFrame({"n": range(20_000)})
    for name in ("sound", "damaged"):
        jetliner.write_avro(rows, f"in/{name}.avro", compression="null", block_bytes=10_000, mkdir=True)
    content = bytearray(Path("in/damaged.avro").read_bytes())
    content[30_000:30_016] = bytes([255] * 16)
    Path("in/damaged.avro").write_bytes(content)
    Path("in/empty.avro").touch()

    printed = run("repair.py", "in", "out", code=1)
    assert "RecordDecodeFailed" in printed
    assert "file is empty" in printed
    assert printed.endswith("2 damaged files\n")
    assert [path.name for path in Path("out").iterdir()] == ["damaged.avro"]
    good = jetliner.read_avro("out/damaged.avro")
    assert 15_000 < good.height < 20_000
    assert set(good["n"]) < set(rows["n"])

    Path("in/damaged.avro").unlink()
    Path("in/empty.avro").unlink()
    assert run("repair.py", "in", "out") == "0 damaged files\n"


def test_the_demo(in_tmp: Path) -> None:
    assert "All that was read equals what was written" in run("demo.py", "--rows", "2000")


def test_each_maker_runs_by_itself(in_tmp: Path) -> None:
    makers = sorted(path.name for path in EXAMPLES.glob("make_*.py") if path.name != "make_data.py")
    assert len(makers) == 5
    for maker in makers:
        run(maker, maker, "--rows", "12")
        assert jetliner.count_rows(f"{maker}/**/*.avro") >= 12


def test_the_notebook(in_tmp: Path) -> None:
    notebook = json.loads((EXAMPLES / "tour.ipynb").read_text())
    assert notebook["nbformat"] == 4
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 5
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    names: dict[str, Any] = {}
    for cell in cells:
        assert cell["outputs"] == []
        exec(compile("".join(cell["source"]), f"tour.ipynb {cell['id']}", "exec"), names)
    assert 0 < names["rows"] < names["count"]
    assert jetliner.count_rows("by-city") == names["count"]


def test_the_index_names_every_example() -> None:
    index = (EXAMPLES / "README.md").read_text()
    for path in EXAMPLES.iterdir():
        if path.suffix in (".py", ".ipynb"):
            assert path.name in index, path.name
