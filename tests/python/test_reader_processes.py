"""AvroReader with threads of Python, signals, forks, and at the end of the interpreter."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from avro_files import sales_frame
from conftest import WriteSales
from jetliner import AvroReader
from processes import run_python


def test_readers_of_one_file_are_independent(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=100)
    first, second = AvroReader(path, batch_size=100), AvroReader(path, batch_size=100)
    next(first)
    assert_frame_equal(next(second), sales_frame(100))
    assert_frame_equal(next(first), sales_frame(100, start=100))


def test_readers_in_parallel_threads(write_sales: WriteSales) -> None:
    path = write_sales(rows=5000, block_rows=100, codec="deflate")
    with ThreadPoolExecutor(8) as pool:
        frames = list(pool.map(lambda _: pl.concat(AvroReader(path, batch_size=333)), range(24)))
    for frame in frames:
        assert_frame_equal(frame, sales_frame(5000))


def test_one_reader_shared_by_threads_gives_every_row_once(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=10_000, block_rows=100), batch_size=50)
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda _: list(reader), range(8)))
    rows = pl.concat([batch for part in parts for batch in part]).sort("user_id")
    assert_frame_equal(rows, sales_frame(10_000))
    assert reader.rows_read == 10_000


def test_close_from_another_thread_ends_the_iteration(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=50_000, block_rows=100), batch_size=1)
    seen = 0
    closer = threading.Timer(0.05, reader.close)
    closer.start()
    for batch in reader:
        seen += batch.height
        if seen == 1000:
            closer.join()  # however slow this machine is, the rest is read after close()
    closer.join()
    assert reader.is_finished
    assert seen < 50_000


def test_properties_can_be_read_while_another_thread_iterates(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=20_000, block_rows=100), batch_size=10)
    worker = threading.Thread(target=lambda: list(reader))
    worker.start()
    rows_before = 0
    while worker.is_alive():
        rows = reader.rows_read
        assert rows >= rows_before
        rows_before = rows
        assert reader.errors == []
        assert reader.error_count == 0
        assert reader.pending_records >= 0
    worker.join()
    assert reader.rows_read == 20_000


def test_other_python_threads_run_while_decoding(write_sales: WriteSales) -> None:
    path = write_sales(rows=200_000, codec="deflate")
    ticks = 0
    stop = threading.Event()

    def tick() -> None:
        nonlocal ticks
        while not stop.is_set():
            ticks += 1
            time.sleep(0.0005)

    def ticks_during_a_call() -> int:
        reader = AvroReader(path, batch_size=200_000)
        before = ticks
        batch = next(reader)  # one call into the core
        during = ticks - before
        assert batch.height == 200_000
        return during

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        # A call that held the GIL would let others in at its ends only. One that does not may still find all cores
        # busy, so a single good call is enough.
        assert any(ticks_during_a_call() >= 4 for _ in range(50))
    finally:
        stop.set()
        ticker.join()


@pytest.mark.parametrize("entry", ["AvroReader", "read_avro"])
def test_ctrl_c_interrupts_a_call(write_sales: WriteSales, entry: str) -> None:
    # One call that takes some ten seconds, however busy the machine is: the core must hear the signal within it.
    path = write_sales(rows=20_000, codec="bzip2")
    script = """
        import sys, jetliner
        path, entry = sys.argv[1:]
        files = [path] + [path.replace("sales", f"link{i}") for i in range(1200)]
        print("ready", flush=True)
        if entry == "read_avro":
            jetliner.read_avro(files)
        else:
            next(jetliner.MultiAvroReader(files, batch_size=1 << 40))  # one batch of all files
        print("finished")
    """
    for i in range(1200):
        Path(path.replace("sales", f"link{i}")).symlink_to(path)
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), path, entry],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in errors
    assert process.returncode == -signal.SIGINT
    assert "finished" not in output


def test_signal_handler_may_use_the_reader_it_interrupts(write_sales: WriteSales) -> None:
    script = """
        import signal, sys, jetliner
        reader = jetliner.AvroReader(sys.argv[1], batch_size=10)
        heights = []
        def handler(*_):
            batch = next(reader, None)
            if batch is not None:
                heights.append(batch.height)
            assert reader.errors == []
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for batch in reader:
            heights.append(batch.height)
        signal.setitimer(signal.ITIMER_REAL, 0)
        print(sum(heights), reader.rows_read)
    """
    result = run_python(script, write_sales(rows=30_000, block_rows=100))
    assert result.stdout.split() == ["30000", "30000"], result.stderr


def test_forked_process_exits_with_an_inherited_reader(write_sales: WriteSales) -> None:
    script = """
        import os, sys, warnings, jetliner
        warnings.simplefilter("ignore", DeprecationWarning)
        reader = jetliner.AvroReader(sys.argv[1], batch_size=10)
        next(reader)
        child = os.fork()
        if child == 0:
            try:
                next(reader)
            except jetliner.JetlinerError as error:
                assert "fork" in str(error)
            else:
                sys.exit(1)
            assert reader.rows_read == 10
            reader.close()
            assert reader.is_finished
            fresh = sum(batch.height for batch in jetliner.AvroReader(sys.argv[1]))
            sys.exit(7 if fresh == 30_000 else 2)  # through the destructors, unlike os._exit
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), 10 + sum(batch.height for batch in reader))
    """
    result = run_python(script, write_sales(rows=30_000, block_rows=100))
    assert result.stdout.split() == ["7", "30000"], result.stderr


def test_what_works_in_a_process_that_forked_after_a_query(write_sales: WriteSales) -> None:
    # The threads of Polars did not follow into the child. What uses them hangs.
    script = """
        import os, signal, sys, warnings, jetliner
        import polars as pl
        warnings.simplefilter("ignore")
        path = sys.argv[1]
        jetliner.scan_avro(path).filter(pl.col("user_id") > 5).group_by("status").len().collect()
        child = os.fork()
        if child == 0:
            signal.alarm(50)
            frame = jetliner.read_avro(path)
            assert frame.shape == (250_000, 3) and frame.n_chunks() > 1
            assert jetliner.read_avro([path, "other.avro"], columns=["amount"], n_rows=5).shape == (5, 1)
            assert sum(batch.height for batch in jetliner.AvroReader(path)) == 250_000
            assert sum(batch.height for batch in jetliner.MultiAvroReader([path], row_index_name="i")) == 250_000
            assert jetliner.count_rows(path) == 250_000
            assert jetliner.read_avro_metadata(path, blocks=True).blocks["rows"].sum() == 250_000
            assert jetliner.read_avro_schema(path) == frame.schema
            os._exit(7)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status))
    """
    path = write_sales(rows=250_000, block_rows=5000)
    other = write_sales("other.avro", rows=3)
    result = run_python(script.replace("other.avro", other), path)
    assert result.stdout.split() == ["7"], result.stderr


def test_a_query_in_a_process_that_forked_before_any_query(write_sales: WriteSales) -> None:
    script = """
        import os, signal, sys, warnings, jetliner
        warnings.simplefilter("ignore")
        child = os.fork()
        if child == 0:
            signal.alarm(50)
            frame = jetliner.scan_avro(sys.argv[1]).group_by("status").len().collect()
            os._exit(7 if frame.height == 3 else 1)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status))
    """
    result = run_python(script, write_sales(rows=1000))
    assert result.stdout.split() == ["7"], result.stderr


def test_interpreter_exits_with_readers_left_open(write_sales: WriteSales) -> None:
    script = """
        import sys, jetliner
        kept = [jetliner.AvroReader(sys.argv[1], batch_size=10) for _ in range(20)]
        for reader in kept:
            next(reader)
        kept.append(kept)  # a cycle that only the interpreter's end takes apart
        print("done")
    """
    result = run_python(script, write_sales(rows=30_000, block_rows=100))
    assert (result.stdout, result.stderr, result.returncode) == ("done\n", "", 0)
