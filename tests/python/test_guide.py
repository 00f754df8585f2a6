"""The guide "Streaming large files": every example as it stands on the page, with the results that it must have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, sales, sales_frame, write_file

ROWS = 25_000
EXPECTED = sales_frame(ROWS)

Run = Callable[[str], dict[str, Any]]


@pytest.fixture
def processed() -> list[pl.DataFrame]:
    """What the examples gave to `process`."""
    return []


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("guide") / "large_file.avro"
    write_file(path, SALES_SCHEMA, sales(ROWS), codec="deflate", block_rows=400)
    return path


@pytest.fixture
def run(large_file: Path, in_tmp: Path, processed: list[pl.DataFrame]) -> Run:
    """Run an example beside the files that it names, and return its variables."""
    for name in ("large_file.avro", "huge_file.avro", "input.avro", "data.avro"):
        (in_tmp / name).hardlink_to(large_file)
    (in_tmp / "output").mkdir()

    def run_example(code: str) -> dict[str, Any]:
        variables: dict[str, Any] = {"process": processed.append}
        exec(compile(code, "guide", "exec"), variables)
        return variables

    return run_example


CONTROL = """\
import jetliner

with jetliner.AvroReader("large_file.avro") as reader:
    for batch in reader:
        # Process each batch individually
        # Memory is released after each iteration
        process(batch)
"""


def test_streaming_control(run: Run, processed: list[pl.DataFrame]) -> None:
    variables = run(CONTROL)
    assert_frame_equal(pl.concat(processed), EXPECTED)
    assert variables["reader"].is_finished


WITHOUT_ACCUMULATION = """\
import jetliner

total_amount = 0
row_count = 0

with jetliner.AvroReader("huge_file.avro") as reader:
    for batch in reader:
        # Aggregate without keeping data in memory
        total_amount += batch["amount"].sum()
        row_count += batch.height

print(f"Total: {total_amount}, Rows: {row_count}")
"""


def test_processing_without_accumulation(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    variables = run(WITHOUT_ACCUMULATION)
    assert variables["total_amount"] == EXPECTED["amount"].sum()
    assert variables["row_count"] == ROWS
    assert capsys.readouterr().out == f"Total: {EXPECTED['amount'].sum()}, Rows: {ROWS}\n"


INCREMENTALLY = """\
import jetliner

with jetliner.AvroReader("input.avro") as reader:
    for i, batch in enumerate(reader):
        # Process and write each batch
        processed = batch.filter(batch["amount"] > 0)
        processed.write_parquet(f"output/part_{i:04d}.parquet")
"""


def test_writing_results_incrementally(run: Run, in_tmp: Path) -> None:
    run(INCREMENTALLY)
    parts = sorted(path.name for path in (in_tmp / "output").iterdir())
    assert parts == [f"part_{i:04d}.parquet" for i in range(len(parts))]
    written = pl.concat(pl.read_parquet(in_tmp / "output" / part) for part in parts)
    assert_frame_equal(written, EXPECTED.filter(pl.col("amount") > 0))


HIGH_THROUGHPUT = """\
import jetliner

# More prefetching, larger buffer
df = jetliner.scan_avro(
    "data.avro",
    buffer_blocks=8,
    buffer_bytes=128 * 1024 * 1024,  # 128MB
).collect()
"""


def test_high_throughput_settings(run: Run) -> None:
    assert_frame_equal(run(HIGH_THROUGHPUT)["df"], EXPECTED)


MEMORY_CONSTRAINED = """\
import jetliner

# Less prefetching, smaller buffer
with jetliner.AvroReader(
    "data.avro",
    buffer_blocks=2,
    buffer_bytes=16 * 1024 * 1024,  # 16MB
) as reader:
    for batch in reader:
        process(batch)
"""


def test_memory_constrained_settings(run: Run, processed: list[pl.DataFrame]) -> None:
    run(MEMORY_CONSTRAINED)
    assert_frame_equal(pl.concat(processed), EXPECTED)


BATCH_SIZE = """\
import jetliner

# Smaller batches for fine-grained control
with jetliner.AvroReader("data.avro", batch_size=10_000) as reader:
    for batch in reader:
        assert batch.height <= 10_000
        process(batch)

# Larger batches for better throughput
with jetliner.AvroReader("data.avro", batch_size=500_000) as reader:
    for batch in reader:
        process(batch)
"""


def test_batch_size_control(run: Run, processed: list[pl.DataFrame]) -> None:
    run(BATCH_SIZE)
    assert [batch.height for batch in processed] == [10_000, 10_000, 5_000, ROWS]
    assert_frame_equal(pl.concat(processed), pl.concat([EXPECTED, EXPECTED]))


PROGRESS = """\
import jetliner

with jetliner.AvroReader("large_file.avro") as reader:
    total_rows = 0
    batch_count = 0

    for batch in reader:
        batch_count += 1
        total_rows += batch.height

        if batch_count % 10 == 0:
            print(f"Processed {batch_count} batches, {total_rows:,} rows")

        process(batch)

    print(f"Complete: {batch_count} batches, {total_rows:,} rows")
"""


def test_progress_tracking(run: Run, processed: list[pl.DataFrame], capsys: pytest.CaptureFixture[str]) -> None:
    run(PROGRESS)
    assert capsys.readouterr().out == "Complete: 1 batches, 25,000 rows\n"
    assert_frame_equal(pl.concat(processed), EXPECTED)


TQDM = """\
import jetliner
from tqdm import tqdm

with jetliner.AvroReader("large_file.avro") as reader:
    for batch in tqdm(reader, desc="Processing"):
        process(batch)
"""


def test_with_tqdm(run: Run, processed: list[pl.DataFrame], capsys: pytest.CaptureFixture[str]) -> None:
    run(TQDM)
    assert_frame_equal(pl.concat(processed), EXPECTED)
    assert "Processing: 1it" in capsys.readouterr().err


SCAN = """\
import jetliner
import polars as pl

# Memory-efficient: only matching rows are accumulated
df = (
    jetliner.scan_avro("large_file.avro")
    .filter(pl.col("status") == "active")  # Selective filter
    .collect()
)
"""


def test_streaming_with_scan_avro(run: Run) -> None:
    assert_frame_equal(run(SCAN)["df"], EXPECTED.filter(pl.col("status") == "active"))


SINK_PARQUET = """\
jetliner.scan_avro("large_file.avro").sink_parquet("output.parquet")
"""


def test_streaming_sink(run: Run, in_tmp: Path) -> None:
    run("import jetliner\n" + SINK_PARQUET)
    assert_frame_equal(pl.read_parquet(in_tmp / "output.parquet"), EXPECTED)


SINK_BATCHES = """\
import jetliner
import polars as pl

(
    jetliner.scan_avro("large_file.avro")
    .select(["user_id", "amount"])
    .filter(pl.col("amount") > 100)
    .sink_batches(lambda batch: process(batch))
)
"""


def test_sink_batches(run: Run, processed: list[pl.DataFrame]) -> None:
    run(SINK_BATCHES)
    expected = EXPECTED.select("user_id", "amount").filter(pl.col("amount") > 100)
    assert_frame_equal(pl.concat(processed).sort("user_id"), expected)


COLLECT_BATCHES = """\
import jetliner
import polars as pl

lf = (
    jetliner.scan_avro("large_file.avro")
    .select(["user_id", "amount"])
    .filter(pl.col("amount") > 100)
)

for batch in lf.collect_batches():
    process(batch)
"""


def test_collect_batches(run: Run, processed: list[pl.DataFrame]) -> None:
    run(COLLECT_BATCHES)
    expected = EXPECTED.select("user_id", "amount").filter(pl.col("amount") > 100)
    assert_frame_equal(pl.concat(processed).sort("user_id"), expected)


# What the page says in words.


def test_defaults_of_the_table() -> None:
    import inspect

    for entry in (jetliner.AvroReader, jetliner.MultiAvroReader, jetliner.scan_avro):
        parameters = inspect.signature(entry).parameters
        assert parameters["buffer_blocks"].default == 4
        assert parameters["buffer_bytes"].default == 64 * 1024 * 1024


def test_memory_is_released_after_each_iteration(run: Run, in_tmp: Path) -> None:
    # The memory of a batch goes with the batch: a thousand of them need no more than one.
    variables = run(
        """
import resource, jetliner

with jetliner.AvroReader("large_file.avro", batch_size=1000) as reader:
    next(reader)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for _ in range(40):
    with jetliner.AvroReader("large_file.avro", batch_size=1000) as reader:
        for batch in reader:
            pass
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
"""
    )
    # 40 times 25,000 rows take 32 MB and more as frames (kilobytes here).
    assert variables["after"] - variables["before"] < 16 * 1024


def test_reader_shows_the_reading_process(run: Run) -> None:
    # "error inspection (.errors, .error_count), schema access, progress tracking (.rows_read, .is_finished), and
    # early termination with resource cleanup"
    with jetliner.AvroReader("large_file.avro", batch_size=1000) as reader:
        for _ in reader:
            if reader.rows_read >= 3000:
                break
        assert not reader.is_finished
    assert reader.is_finished
    assert reader.rows_read == 3000
    assert reader.errors == []
    assert reader.error_count == 0
    assert reader.polars_schema == EXPECTED.schema
