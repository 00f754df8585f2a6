"""Memory of a file whose blocks unfold to a hundred times their size: many blocks are read at once."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import jetliner
from avro_files import blocks_of, write_file

SCHEMA = {
    "type": "record",
    "name": "Event",
    "fields": [{"name": "id", "type": "long"}, {"name": "text", "type": "string"}, {"name": "more", "type": "bytes"}],
}
#: 1000 rows of 2 KiB, 200 times: 400 MB of columns, if all were kept.
ROWS, REPEATS = 1000, 200
FRAME_BYTES = ROWS * REPEATS * 2 * 1024
#: For what is on its way, and for 1 % of the above.
LIMIT_BYTES = 200 << 20


@pytest.fixture(scope="module")
def large_text_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("filter") / "large.avro"
    rows = [{"id": i, "text": f"{i:04}" * 256, "more": bytes([i % 256]) * 1024} for i in range(ROWS)]
    write_file(path, SCHEMA, rows, codec="deflate", block_rows=ROWS)
    content = path.read_bytes()
    start = blocks_of(path)[0].offset
    path.write_bytes(content[:start] + content[start:] * REPEATS)
    return str(path)


def peak_over_base(query: str, path: str, rows: int = ROWS * REPEATS // 100) -> int:
    """Return how much more memory a process had at most while it ran a query of so many rows, in bytes."""
    script = f"""
        import sys
        import jetliner
        import polars as pl

        def status(key):
            with open("/proc/self/status") as file:
                return next(int(line.split()[1]) * 1024 for line in file if line.startswith(key))

        path = sys.argv[1]
        pl.LazyFrame({{"a": [1]}}).collect()
        base = status("VmRSS")
        open("/proc/self/clear_refs", "w").write("5")  # the peak starts anew
        kept = {query}
        print(kept.height)
        print(status("VmHWM") - base)
    """
    command = [sys.executable, "-c", textwrap.dedent(script), path]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.split()
    assert int(printed[0]) == rows
    return int(printed[1])


# Few rows that a filter keeps used to hold the memory of all of them: Polars copies rows, but not their text.
@pytest.mark.parametrize(
    "query",
    [
        "jetliner.scan_avro(path).filter(pl.col('id') % 100 == 7).collect()",
        "jetliner.scan_avro(path).filter(pl.col('text').str.ends_with('07')).select('text').collect()",
        "jetliner.scan_avro(path).filter(pl.col('text').str.ends_with('07'), pl.col('more').is_not_null(),"
        " pl.col('id') >= 0).collect()",
    ],
    ids=["by one of several columns", "by the only column", "by all columns"],
)
def test_rows_that_a_filter_drops_hold_no_memory(large_text_file: str, query: str) -> None:
    assert FRAME_BYTES > 1.5 * LIMIT_BYTES
    assert peak_over_base(query, large_text_file) < LIMIT_BYTES


# Room for all rows of a unit used to be made for each chunk, as many bytes as rows had taken before: 64 MiB for a few
# rows, again and again.
def test_room_is_made_for_the_rows_of_a_chunk_only(large_text_file: str) -> None:
    query = "next(jetliner.AvroReader(path, batch_size=100_000)).gather_every(50)"
    assert peak_over_base(query, large_text_file) < 100_000 * 2 * 1024 + LIMIT_BYTES
    with jetliner.AvroReader(large_text_file, batch_size=ROWS * REPEATS, n_threads=1) as reader:
        batch = next(reader)
    assert batch.height == ROWS * REPEATS
    assert batch.n_chunks() < 2 * FRAME_BYTES / (16 << 20)


# The rows that a filter chose of a block used to be decoded all at once, whatever they unfold to.
def test_chosen_rows_that_unfold_are_decoded_a_chunk_at_a_time(tmp_path: Path) -> None:
    fields = [{"name": f"f{i}", "type": "string"} for i in range(400)]
    inner = {"type": "record", "name": "Inner", "fields": fields}
    outer = [{"name": "x", "type": "int"}, {"name": "r", "type": ["null", inner]}]
    rows = [{"x": i % 50, "r": None} for i in range(200_000)]
    path = tmp_path / "unfolds.avro"
    write_file(path, {"type": "record", "name": "R", "fields": outer}, rows, codec="deflate", block_rows=len(rows))
    for threads in (1, 2):
        for predicate in ("pl.col('x') >= 0", "pl.col('r').is_null()"):
            scan = f"jetliner.scan_avro(path, batch_size=1000, n_threads={threads}).filter({predicate})"
            query = f"{scan}.select(pl.col('r').is_null().sum()).collect(engine='streaming')"
            assert peak_over_base(query, str(path), 1) < LIMIT_BYTES


# A column that a query keeps used to hold the memory of all that were read with it.
def test_a_column_that_is_kept_does_not_hold_the_text_of_others(large_text_file: str) -> None:
    lengths = "pl.col('text').str.len_bytes(), pl.col('more').bin.size()"
    query = f"jetliner.scan_avro(path, batch_size=2_000).select('id', {lengths}).collect(engine='streaming')"
    assert peak_over_base(query, large_text_file, ROWS * REPEATS) < LIMIT_BYTES
    with jetliner.AvroReader(large_text_file, batch_size=20_000) as reader:
        ids = [batch["id"] for batch in reader]
    assert sum(map(len, ids)) == ROWS * REPEATS
    assert ids[0].to_list() == list(range(ROWS)) * 20
