"""Readers with worker threads: the threads end with the reader, whatever ends it, and hang nothing."""

from __future__ import annotations

import contextlib
import gc
import threading
import time
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, blocks_of, damage, open_files, sales, sales_frame, write_file
from jetliner import AvroReader
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan
from processes import run_python

#: The file is one block many times, so that it holds more than what is decoded ahead, and is written in no time.
BLOCK_ROWS = 2000
BLOCKS = 1000
ROWS = BLOCK_ROWS * BLOCKS
SUM = BLOCKS * sum(range(BLOCK_ROWS))


def write_large_file(path: Path, codec: str) -> str:
    write_file(path, SALES_SCHEMA, sales(BLOCK_ROWS), codec=codec, block_rows=BLOCK_ROWS)
    content = path.read_bytes()
    start = blocks_of(path)[0].offset
    path.write_bytes(content[:start] + content[start:] * BLOCKS)
    return str(path)


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_large_file(tmp_path_factory.mktemp("threads") / "large.avro", "deflate")


@pytest.fixture(scope="module")
def slow_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the same with a codec that takes its time: reading is under way for a second or so."""
    return write_large_file(tmp_path_factory.mktemp("threads") / "slow.avro", "bzip2")


@pytest.fixture
def damaged_file(large_file: str, tmp_path: Path) -> str:
    """Write the same with a damaged block in the middle."""
    path = tmp_path / "damaged.avro"
    path.write_bytes(Path(large_file).read_bytes())
    damage(str(path), blocks_of(large_file)[BLOCKS // 2].sync_offset, b"damaged")
    return str(path)


def read_until_threads_work(frames: Iterable[pl.DataFrame]) -> None:
    """The first rows come from the calling thread: a small file needs no other."""
    before = n_threads()
    for _ in frames:
        if n_threads() > before:
            return
    pytest.fail("no thread was started")


def n_threads() -> int:
    """How many threads of ours there are, by their name. (Those of Polars come and go.)"""
    names = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended
            names.append((task / "comm").read_text().strip())
    return names.count("jetliner")


def wait_for(condition: object, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("batch_size", [10_007, 10**9])
def test_rows_are_the_same_for_any_number_of_threads(large_file: str, threads: int, batch_size: int) -> None:
    batches = list(AvroReader(large_file, n_threads=threads, batch_size=batch_size))
    assert [batch.height for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    assert_frame_equal(pl.concat(batches), pl.concat([sales_frame(BLOCK_ROWS)] * BLOCKS))


@pytest.mark.parametrize("buffer_blocks", [1, 4, 1000])
@pytest.mark.parametrize("buffer_bytes", [1, 1 << 20, 1 << 30])
def test_buffers_never_change_results_with_threads(large_file: str, buffer_blocks: int, buffer_bytes: int) -> None:
    reader = AvroReader(large_file, n_threads=3, buffer_blocks=buffer_blocks, buffer_bytes=buffer_bytes)
    assert sum(batch["user_id"].sum() for batch in reader) == SUM


def test_threads_are_started_and_end_with_the_iteration(large_file: str) -> None:
    before = n_threads()
    reader = AvroReader(large_file, n_threads=3, batch_size=1000)
    read_until_threads_work(reader)
    for _ in reader:
        pass
    assert wait_for(lambda: n_threads() <= before)


@pytest.mark.parametrize("how", ["close", "exit", "del", "error"])
def test_threads_end_with_the_reader(large_file: str, damaged_file: str, how: str) -> None:
    path = damaged_file if how == "error" else large_file
    before = n_threads()
    reader = AvroReader(path, n_threads=3, batch_size=1000)
    read_until_threads_work(reader)
    if how == "close":
        reader.close()
    elif how == "exit":
        with reader:
            pass
    elif how == "error":
        with pytest.raises(jetliner.ParseError):
            list(reader)
    if how != "error":
        del reader
        gc.collect()
    assert wait_for(lambda: n_threads() <= before)
    assert path not in open_files()


def test_threads_of_an_abandoned_query_end(large_file: str) -> None:
    before = n_threads()
    frames = AvroScan(Table([large_file], ReadOptions(n_threads=3, batch_size=1000), sales_frame(0).schema))(
        None, None, None, None
    )
    read_until_threads_work(frames)
    del frames
    gc.collect()
    assert wait_for(lambda: n_threads() <= before)
    assert large_file not in open_files()


def test_many_abandoned_readers_leave_no_thread(large_file: str) -> None:
    before = n_threads()
    for _ in range(30):
        read_until_threads_work(AvroReader(large_file, n_threads=2, batch_size=5000))
    assert wait_for(lambda: n_threads() <= before)


def test_error_is_raised_after_all_rows_before_it(damaged_file: str) -> None:
    got: list[pl.DataFrame] = []
    with pytest.raises(jetliner.ParseError):
        got.extend(AvroReader(damaged_file, n_threads=3, batch_size=999))
    expected = pl.concat([sales_frame(BLOCK_ROWS)] * (BLOCKS // 2))
    assert sum(batch.height for batch in got) >= expected.height
    assert_frame_equal(pl.concat(got).head(expected.height), expected)


def test_close_wakes_a_thread_that_waits(large_file: str) -> None:
    reader = AvroReader(large_file, n_threads=3, batch_size=10)
    read_until_threads_work(reader)
    ended = threading.Event()

    def iterate() -> None:
        for _ in reader:
            pass
        ended.set()

    thread = threading.Thread(target=iterate, daemon=True)
    thread.start()
    time.sleep(0.05)
    reader.close()
    assert ended.wait(5)
    assert reader.rows_read < ROWS


def test_nothing_is_pending_after_close_while_another_thread_waits(slow_file: str) -> None:
    reader = AvroReader(slow_file, n_threads=2, batch_size=10 * ROWS)
    thread = threading.Thread(target=lambda: list(reader), daemon=True)
    thread.start()
    assert wait_for(lambda: reader.pending_records > 0)
    reader.close()
    # That thread publishes how far it came once more, after this.
    thread.join(10)
    assert not thread.is_alive()
    assert reader.rows_read == 0
    assert reader.pending_records == 0


def test_threads_share_one_reader(large_file: str) -> None:
    reader = AvroReader(large_file, n_threads=3, batch_size=5000)
    sums: list[int] = []

    def iterate() -> None:
        for batch in reader:
            sums.append(batch["user_id"].sum())

    threads = [threading.Thread(target=iterate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sums) == SUM
    assert len(sums) == ROWS // 5000


def test_forked_process_exits_with_threads_of_its_parent(large_file: str) -> None:
    script = """
        import os, sys, warnings, jetliner
        warnings.simplefilter("ignore", DeprecationWarning)
        readers = [jetliner.AvroReader(sys.argv[1], n_threads=3, batch_size=1000) for _ in range(3)]
        for reader in readers:
            for _ in range(100):
                next(reader)
        assert len(os.listdir("/proc/self/task")) > 9
        child = os.fork()
        if child == 0:
            readers[0].close()
            del readers[1]
            fresh = jetliner.AvroReader(sys.argv[1], n_threads=3)
            sys.exit(7 if sum(batch.height for batch in fresh) == 2_000_000 else 2)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), 100_000 + sum(batch.height for batch in readers[0]))
    """
    result = run_python(script, large_file)
    assert result.stdout.split() == ["7", "2000000"], result.stderr


def test_interpreter_exits_with_threads_at_work(large_file: str) -> None:
    script = """
        import sys, jetliner
        kept = [jetliner.AvroReader(sys.argv[1], n_threads=3, batch_size=1000) for _ in range(5)]
        for reader in kept:
            for _ in range(100):
                next(reader)
        kept.append(kept)
        sys.kept = kept
        print("done")
    """
    result = run_python(script, large_file)
    assert (result.stdout, result.stderr, result.returncode) == ("done\n", "", 0)


def test_interpreter_exits_while_a_daemon_thread_reads(large_file: str) -> None:
    script = """
        import sys, threading, time, jetliner
        def iterate():
            while True:
                # Without frames: Polars itself may not survive this.
                reader = jetliner._core.Reader([sys.argv[1]], n_threads=3, batch_size=1000)
                while reader.next() is not None:
                    pass
        threading.Thread(target=iterate, daemon=True).start()
        time.sleep(0.3)
        print("done")
    """
    result = run_python(script, large_file)
    assert (result.stdout, result.stderr, result.returncode) == ("done\n", "", 0)


def test_signals_go_to_python_not_to_the_workers(large_file: str) -> None:
    script = """
        import signal, sys, threading, jetliner
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append(threading.current_thread() is threading.main_thread()))
        signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
        rows = 0
        for _ in range(3):
            rows += sum(batch.height for batch in jetliner.AvroReader(sys.argv[1], n_threads=3, batch_size=1000))
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(rows, len(seen) > 5 and all(seen))
    """
    result = run_python(script, large_file)
    assert result.stdout.split() == ["6000000", "True"], result.stderr


def test_reader_in_a_cycle_is_collected_on_another_thread(large_file: str) -> None:
    before = n_threads()
    reader = AvroReader(large_file, n_threads=3, batch_size=1000)
    read_until_threads_work(reader)
    cycle: list[object] = [reader]
    cycle.append(cycle)
    del reader, cycle
    assert large_file in open_files()
    collector = threading.Thread(target=gc.collect)
    collector.start()
    collector.join(10)
    assert not collector.is_alive()
    assert wait_for(lambda: n_threads() <= before)
    assert large_file not in open_files()


def test_readers_in_cycles_are_dropped_while_other_threads_read_and_collect(large_file: str) -> None:
    before = n_threads()
    stop = threading.Event()
    rows: list[int] = []

    def collect() -> None:
        while not stop.is_set():
            gc.collect()

    def drop() -> None:
        while not stop.is_set():
            reader = AvroReader(large_file, n_threads=2, batch_size=1000)
            for _ in range(20):
                next(reader)
            cycle: list[object] = [reader, iter(reader)]
            cycle.append(cycle)

    def iterate() -> None:
        rows.extend(batch.height for batch in AvroReader(large_file, n_threads=2, batch_size=20_000))

    background = [threading.Thread(target=action) for action in (collect, drop, drop)]
    foreground = [threading.Thread(target=iterate) for _ in range(2)]
    for thread in background + foreground:
        thread.start()
    for thread in foreground:
        thread.join(60)
    stop.set()
    for thread in background:
        thread.join(20)
    assert not any(thread.is_alive() for thread in background + foreground)
    assert sum(rows) == 2 * ROWS
    gc.collect()
    assert wait_for(lambda: n_threads() <= before)
    assert large_file not in open_files()
