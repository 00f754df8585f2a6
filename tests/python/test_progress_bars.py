"""`progress=True`: bars of tqdm on stderr."""

from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import blocks_of, damage, sales_frame
from command_line import on_terminal
from conftest import WriteSales
from processes import run_python

READS: dict[str, Callable[..., int]] = {
    "read_avro": lambda path, **options: jetliner.read_avro(path, **options).height,
    "scan_avro": lambda path, **options: jetliner.scan_avro(path, **options).collect().height,
    "AvroReader": lambda path, **options: sum(batch.height for batch in jetliner.AvroReader(path, **options)),
    "MultiAvroReader": lambda path, **options: sum(b.height for b in jetliner.MultiAvroReader([path], **options)),
    "Arrow stream": lambda path, **options: pl.DataFrame(jetliner.AvroReader(path, **options)).height,
}


def states(text: str) -> list[str]:
    """Return what a bar showed, one after the other."""
    return [part for part in text.replace("\n", "\r").split("\r") if part.strip()]


@pytest.mark.parametrize("name", list(READS))
def test_reading_shows_bytes_rate_and_time(
    name: str, write_sales: WriteSales, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_sales(rows=3000, block_rows=100)
    assert READS[name](path, progress=True, batch_size=1000) == 3000
    captured = capsys.readouterr()
    assert captured.out == ""
    first, *_, last = states(captured.err)
    size = f"{Path(path).stat().st_size / 1e3:.1f}k"
    assert first.startswith("sales.avro:   0%|")
    assert f"0.00/{size}" in first
    assert last.startswith("sales.avro: 100%|")
    assert f"{size}/{size}" in last
    assert "B/s" in last
    assert "3,000 rows" in last


@pytest.mark.parametrize("name", list(READS))
def test_nothing_is_shown_by_default(name: str, write_sales: WriteSales, capsys: pytest.CaptureFixture[str]) -> None:
    assert READS[name](write_sales(rows=100)) == 100
    assert READS[name](write_sales(rows=100), progress=False) == 100
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", list(READS))
def test_a_file_without_rows_comes_to_its_end(
    name: str, write_sales: WriteSales, capsys: pytest.CaptureFixture[str]
) -> None:
    assert READS[name](write_sales(rows=0), progress=True) == 0
    assert "100%|" in states(capsys.readouterr().err)[-1]


@pytest.mark.parametrize("name", list(READS))
def test_damage_ends_the_bar_where_it_is(
    name: str, write_sales: WriteSales, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_sales(rows=1000, block_rows=100)
    damage(path, blocks_of(path)[5].sync_offset, b"\xff" * 16)
    with pytest.raises((jetliner.ParseError, pl.exceptions.ComputeError, pl.exceptions.PanicException)):
        READS[name](path, progress=True, batch_size=100)
    text = capsys.readouterr().err
    assert "100%|" not in text
    assert text.endswith("\n")  # the bar is closed


def test_several_files_have_one_bar(write_sales: WriteSales, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [write_sales(f"{number}.avro", rows=1000) for number in range(3)]
    assert jetliner.read_avro(paths, progress=True).height == 3000
    assert states(capsys.readouterr().err)[-1].startswith("3 files: 100%|")


def test_each_split_has_a_bar_of_its_own(write_sales: WriteSales, capsys: pytest.CaptureFixture[str]) -> None:
    splits = jetliner.plan_splits(write_sales(rows=3000, block_rows=10), split_bytes=10_000)
    assert len(splits) > 1
    rows = 0
    for split in splits:
        with split.open(progress=True, batch_size=100) as reader:
            height = sum(batch.height for batch in reader)
        last = states(capsys.readouterr().err)[-1]
        assert last.startswith("sales.avro: 100%|")
        assert f"{height:,} rows" in last
        rows += height
    assert rows == 3000


def test_closing_a_reader_closes_its_bar(write_sales: WriteSales, capsys: pytest.CaptureFixture[str]) -> None:
    with jetliner.AvroReader(write_sales(rows=1000, block_rows=10), batch_size=10, progress=True) as reader:
        next(reader)
    text = capsys.readouterr().err
    assert text.endswith("\n")
    assert "10 rows" in states(text)[-1]
    reader.close()
    assert capsys.readouterr().err == ""


def test_threads_that_share_a_reader_move_one_bar(write_sales: WriteSales, capsys: pytest.CaptureFixture[str]) -> None:
    reader = jetliner.AvroReader(write_sales(rows=20_000, block_rows=100), batch_size=100, progress=True)
    threads = [threading.Thread(target=lambda: [None for _ in reader]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "20,000 rows" in states(capsys.readouterr().err)[-1]
    assert reader.bytes_read == reader.total_bytes


def test_queries_show_the_bytes_that_they_read(write_sales: WriteSales, capsys: pytest.CaptureFixture[str]) -> None:
    scan = jetliner.scan_avro(write_sales(rows=5000, block_rows=100), progress=True)
    assert capsys.readouterr().err == ""  # the header only
    assert scan.filter(pl.col("user_id") % 100 == 0).select("amount").collect().height == 50
    assert "100%|" in states(capsys.readouterr().err)[-1]
    assert pickle.loads(pickle.dumps(scan)).collect().height == 5000
    assert "5,000 rows" in states(capsys.readouterr().err)[-1]


@pytest.mark.parametrize("name", list(READS))
@pytest.mark.parametrize("value", [None, 1, "yes"])
def test_it_is_true_or_false(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match="progress must be True or False"):
        READS[name]("missing.avro", progress=value)


def test_without_tqdm_an_error_says_what_to_install(in_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    frame = sales_frame(3)
    writes: list[Callable[[], None]] = [
        lambda: jetliner.write_avro(frame, "x.avro", progress=True),
        lambda: jetliner.sink_avro(frame.lazy(), "x.avro", progress=True),
    ]
    reads = [lambda read=read: read("missing.avro", progress=True) for read in READS.values()]
    for call in [*writes, *reads]:
        with pytest.raises(ImportError, match=r"progress=True needs tqdm: pip install 'jetliner\[progress\]'"):
            call()
    assert list(in_tmp.iterdir()) == []


def test_tqdm_is_not_imported_without_need(write_sales: WriteSales) -> None:
    script = "import jetliner, sys; jetliner.read_avro(sys.argv[1]); print('tqdm' in sys.modules)"
    assert run_python(script, write_sales()).stdout == "False\n"


# Writing


def _one(frame: pl.DataFrame) -> Any:
    return frame


def _list(frame: pl.DataFrame) -> Any:
    return [frame[:70_000], frame[70_000:]]


def _iterator(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    return iter(_list(frame))


@pytest.mark.parametrize("given", [_one, _list, _iterator])
def test_writing_shows_rows_and_bytes(
    given: Callable[[pl.DataFrame], Any], in_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = sales_frame(120_000)
    jetliner.write_avro(given(frame), "x.avro", progress=True, sync_marker=bytes(16))
    last = states(capsys.readouterr().err)[-1]
    assert "120k" in last
    assert "rows/s" in last
    assert " MB]" in last
    assert ("writing: 100%|" in last) == (given is not _iterator)
    jetliner.write_avro(frame, "y.avro", sync_marker=bytes(16))
    assert Path("x.avro").read_bytes() == Path("y.avro").read_bytes()
    assert capsys.readouterr().err == ""


def test_writing_of_partitions_and_queries(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = sales_frame(120_000)
    jetliner.write_avro(frame, "parts", partition_by="status", progress=True)
    last = states(capsys.readouterr().err)[-1]
    assert "100%|" in last
    assert " 0.0 MB" not in last
    found = jetliner.read_avro("parts", hive_schema={"status": pl.String})
    assert_frame_equal(found.sort("user_id").select(frame.columns), frame)
    jetliner.sink_avro(frame.lazy(), "x.avro", progress=True)
    assert "writing: 120k rows [" in states(capsys.readouterr().err)[-1]
    assert_frame_equal(jetliner.read_avro("x.avro"), frame)


def test_failure_closes_the_bar_of_writing(in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = pl.DataFrame({"n": [1, 2**40]})
    schema = {"type": "record", "name": "Row", "fields": [{"name": "n", "type": "int"}]}
    with pytest.raises(jetliner.EncodeError):
        jetliner.write_avro(frame, "x.avro", schema=schema, progress=True)
    assert capsys.readouterr().err.endswith("\n")
    assert list(in_tmp.iterdir()) == []


def test_progress_of_writing_is_true_or_false(in_tmp: Path) -> None:
    frame: Any = sales_frame(3)
    with pytest.raises(TypeError, match="progress must be True or False"):
        jetliner.write_avro(frame, "x.avro", progress=1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="progress must be True or False"):
        jetliner.sink_avro(frame.lazy(), "x.avro", progress="x")  # type: ignore[arg-type]


# The command line


@pytest.mark.parametrize("command", ["check", "count", "info", "convert", "recover", "cat"])
def test_commands_show_progress_on_terminals(write_sales: WriteSales, in_tmp: Path, command: str) -> None:
    path = write_sales(rows=1000)
    output = {"convert": ["-o", "x.parquet"], "recover": ["-o", "x.avro"]}.get(command, [])
    shown = on_terminal([command, path, *output], 100)
    # The rows of `cat` go to the terminal themselves.
    assert ("sales.avro:   0%|" in shown) == (command != "cat")
    if command == "cat":
        with Path("rows").open("wb") as rows:
            assert "sales.avro: 100%|" in on_terminal([command, path], 100, stdout=rows)
        assert len(Path("rows").read_text().splitlines()) == 1000


def test_colours_are_for_terminals(write_sales: WriteSales, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_sales()
    assert "\x1b[" in on_terminal(["schema", path], 100)
    assert "\x1b[" in on_terminal(["missing"], 100, code=2)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in on_terminal(["schema", path], 100)
    assert "\x1b[" not in on_terminal(["missing"], 100, code=2)
