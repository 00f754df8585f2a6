"""AvroReader as an object: batches, properties, the end, context, threads, signals, forks."""

from __future__ import annotations

import gc
import json
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, blocks_of, damage, open_files, sales_frame
from conftest import WriteAvro, WriteRaw, WriteSales
from jetliner import AvroReader, _core

SALES_POLARS_SCHEMA = pl.Schema({"user_id": pl.Int64, "amount": pl.Float64, "status": pl.String})


def run_python(script: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


# --- batches ---


def test_iterates_over_frames_in_file_order(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=70)
    batches = list(AvroReader(path, batch_size=300))
    assert all(isinstance(batch, pl.DataFrame) for batch in batches)
    assert_frame_equal(pl.concat(batches), sales_frame(1000))


@pytest.mark.parametrize("batch_size", [1, 7, 64, 100, 999, 1000, 1001, 100_000])
@pytest.mark.parametrize("block_rows", [1, 64, 1000])
def test_batches_are_full_but_the_last(write_sales: WriteSales, batch_size: int, block_rows: int) -> None:
    heights = [
        batch.height for batch in AvroReader(write_sales(rows=1000, block_rows=block_rows), batch_size=batch_size)
    ]
    assert heights == [batch_size] * (1000 // batch_size) + [1000 % batch_size] * (1000 % batch_size > 0)


def test_batch_size_at_least_the_rows_gives_one_batch(write_sales: WriteSales) -> None:
    path = write_sales(rows=10_000, block_rows=100)
    for batch_size in (10_000, 10_001, 2**63 - 1):
        assert [batch.height for batch in AvroReader(path, batch_size=batch_size)] == [10_000]


@pytest.mark.parametrize("read_chunk_size", [1, 3, 17, 100, 4096, 1 << 30])
@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_read_chunk_size_never_changes_results(write_sales: WriteSales, read_chunk_size: int, codec: str) -> None:
    # Smaller than the header, larger than the file, and anything between.
    path = write_sales(rows=200, block_rows=30, codec=codec)
    assert_frame_equal(pl.concat(AvroReader(path, read_chunk_size=read_chunk_size)), sales_frame(200))


@pytest.mark.parametrize(
    ("buffer_blocks", "buffer_bytes"), [(1, 1), (1, 1 << 30), (1000, 1), (2, 500), (1000, 1 << 30)]
)
def test_buffers_never_change_results(write_sales: WriteSales, buffer_blocks: int, buffer_bytes: int) -> None:
    path = write_sales(rows=1000, block_rows=30)
    reader = AvroReader(path, buffer_blocks=buffer_blocks, buffer_bytes=buffer_bytes, batch_size=111)
    assert_frame_equal(pl.concat(reader), sales_frame(1000))


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_threads_never_change_results(write_sales: WriteSales, n_threads: int) -> None:
    path = write_sales(rows=20_000, block_rows=500, codec="deflate")
    assert_frame_equal(pl.concat(AvroReader(path, n_threads=n_threads, batch_size=777)), sales_frame(20_000))


def test_file_without_blocks_yields_nothing(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=0))
    assert list(reader) == []
    assert reader.is_finished
    assert reader.polars_schema == SALES_POLARS_SCHEMA


def test_block_of_zero_records_is_not_the_end(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}, [
        (0, b""), (2, b"\x02\x04"), (0, b""), (0, b""), (1, b"\x06"), (0, b""),
    ])  # fmt: skip
    assert pl.concat(AvroReader(path))["a"].to_list() == [1, 2, 3]
    assert jetliner.read_avro(path)["a"].to_list() == [1, 2, 3]


def test_file_with_only_empty_blocks_yields_nothing(write_raw: WriteRaw) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
    assert list(AvroReader(write_raw("x.avro", schema, [(0, b"")] * 3))) == []


def test_batches_stay_valid_after_the_reader_is_gone(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=100)
    reader = AvroReader(path, batch_size=250)
    first = next(reader)
    del reader
    gc.collect()
    Path(path).unlink()
    assert_frame_equal(first, sales_frame(250))


# --- projection ---


def test_projection_is_in_schema_order_and_each_column_once(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(), projected_columns=["status", "user_id", "status"])
    assert reader.polars_schema == pl.Schema({"user_id": pl.Int64, "status": pl.String})
    assert_frame_equal(next(reader), sales_frame(100).select("user_id", "status"))


def test_projection_ignores_unknown_names_with_a_warning(write_sales: WriteSales) -> None:
    path = write_sales()
    with pytest.warns(UserWarning, match="unknown names are ignored") as warned:
        reader = AvroReader(path, projected_columns=["ammount", "amount", "\ud800", "Status", "ammount"])
    assert next(reader).columns == ["amount"]
    columns = "'user_id', 'amount', 'status'"
    assert [str(warning.message) for warning in warned] == [
        f"projected_columns: unknown names are ignored (file {path!r})\n"
        f"there is no column 'ammount'; the file has {columns}; did you mean 'amount'?\n"
        f"there is no column '\\ud800'; the file has {columns}\n"
        f"there is no column 'Status'; the file has {columns}; did you mean 'status'?"
    ]
    assert warned[0].filename == __file__


@pytest.mark.filterwarnings("error")
def test_projection_of_known_names_does_not_warn(write_sales: WriteSales) -> None:
    for columns in (["amount"], [], ["amount", "amount"]):
        list(AvroReader(write_sales(), projected_columns=columns))
    options: dict[str, Any] = {"row_index_name": "i", "include_file_paths": "p"}
    reader = jetliner.MultiAvroReader([write_sales()], projected_columns=["i", "p", "amount"], **options)
    assert next(reader).columns == ["i", "amount", "p"]


@pytest.mark.parametrize("make", [AvroReader, lambda path, **options: jetliner.MultiAvroReader([path], **options)])
def test_columns_are_those_of_read_avro(make: Any, write_sales: WriteSales) -> None:
    path = write_sales()
    for columns in (["status", "user_id", "status"], [2, 0], (0,), None):
        expected = jetliner.read_avro(path, columns=columns)
        reader = make(path, columns=columns)
        assert reader.polars_schema == expected.schema
        assert_frame_equal(pl.concat(reader), expected)
    for wrong in (["ammount"], [0, 3], [], [0, "amount"], "amount", [-1], ["user_id.x"]):
        with pytest.raises((TypeError, jetliner.JetlinerError)) as caught:
            jetliner.read_avro(path, columns=wrong)
        with pytest.raises(type(caught.value)) as of_reader:
            make(path, columns=wrong)
        assert str(of_reader.value) == str(caught.value)
    with pytest.raises(jetliner.SchemaError, match=r"'status'; did you mean 'amount'\?"):
        make(path, columns=["ammount"])
    with pytest.raises(jetliner.ConfigurationError, match="columns and projected_columns are two names of one option"):
        make(path, columns=["amount"], projected_columns=["amount"])


@pytest.mark.filterwarnings("ignore:projected_columns")
@pytest.mark.parametrize("columns", [[], ["no_such_column"]])
def test_projection_that_leaves_nothing_yields_no_batch(write_sales: WriteSales, columns: list[str]) -> None:
    path = write_sales()
    reader = AvroReader(path, projected_columns=columns)
    assert reader.polars_schema == pl.Schema()
    assert not reader.is_finished  # before the end, which the iteration has to find
    assert path not in open_files()
    assert list(reader) == []
    assert reader.is_finished


# --- properties ---


def test_schema_is_the_json_of_the_file(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    assert isinstance(reader.schema, str)
    parsed = json.loads(reader.schema)
    assert parsed["name"] == "Sale"
    assert [field["name"] for field in parsed["fields"]] == [field["name"] for field in SALES_SCHEMA["fields"]]
    assert reader.schema_dict == parsed


def test_schema_dict_is_a_dict_for_every_schema(write_avro: WriteAvro) -> None:
    assert AvroReader(write_avro("i.avro", "int", [1, 2])).schema_dict == {"type": "int"}
    assert AvroReader(write_avro("u.avro", ["null", "int"], [1, None])).schema_dict == {"type": ["null", "int"]}


def test_schema_dict_of_a_schema_after_a_byte_order_mark(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", None, [], metadata={"avro.schema": b'\xef\xbb\xbf{"type": "int"}'})
    reader = AvroReader(path)
    assert reader.polars_schema == pl.Schema({"value": pl.Int32})
    assert reader.schema_dict == {"type": "int"}


@pytest.mark.parametrize(
    "ignored",
    [b"[" * 100_000 + b"]" * 100_000, b"1" * 5000],
    ids=["too deep", "too many digits"],
)
def test_schema_dict_of_what_only_reading_ignores(write_raw: WriteRaw, ignored: bytes) -> None:
    # The inside of unknown attributes does not matter to reading: these files can be read.
    schema = b'{"type": "int", "x": ' + ignored + b"}"
    path = write_raw("x.avro", None, [(1, b"\x02")], metadata={"avro.schema": schema})
    reader = AvroReader(path)
    with pytest.raises(jetliner.SchemaError, match="dictionary") as caught:
        _ = reader.schema_dict
    assert caught.value.variant == "ParseError"
    assert caught.value.path == path
    assert next(reader)["value"].to_list() == [1]


def test_polars_schema_is_that_of_read_avro_schema_and_of_every_batch(write_sales: WriteSales) -> None:
    path = write_sales(rows=100)
    reader = AvroReader(path, batch_size=30)
    assert reader.polars_schema == SALES_POLARS_SCHEMA == jetliner.read_avro_schema(path)
    assert isinstance(reader.polars_schema, pl.Schema)
    for batch in reader:
        assert batch.schema == SALES_POLARS_SCHEMA


def test_polars_schema_is_a_copy(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    reader.polars_schema["user_id"] = pl.String()
    assert reader.polars_schema == SALES_POLARS_SCHEMA


def test_batch_size_is_what_was_given(write_sales: WriteSales) -> None:
    assert AvroReader(write_sales()).batch_size == 100_000
    assert AvroReader(write_sales(), batch_size=12).batch_size == 12


def test_rows_read_grows_by_the_height_of_each_batch(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=100), batch_size=30)
    assert reader.rows_read == 0
    expected = 0
    for batch in reader:
        expected += batch.height
        assert reader.rows_read == expected
    assert reader.rows_read == 100


def test_pending_records_are_not_negative_and_none_at_the_end(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=100, block_rows=25), batch_size=10)
    assert reader.pending_records >= 0
    for _ in reader:
        assert 0 <= reader.pending_records <= 100 - reader.rows_read
    assert reader.pending_records == 0


def test_is_finished_after_exhaustion_and_stays_so(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales(rows=100), batch_size=60)
    assert not reader.is_finished
    next(reader)
    assert not reader.is_finished
    next(reader)
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(reader)
        assert reader.is_finished


def test_errors_of_a_sound_file(write_sales: WriteSales) -> None:
    for ignore_errors in (False, True):
        reader = AvroReader(write_sales(), ignore_errors=ignore_errors)
        assert_frame_equal(pl.concat(reader), sales_frame(100))
        assert reader.errors == []
        assert reader.error_count == 0


def test_repr_tells_rows_bytes_and_state(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    size = Path(path).stat().st_size
    reader = AvroReader(path, batch_size=40)
    assert repr(reader) == f"<AvroReader {path!r}: open, 0 rows read, 0 of {size} bytes>"
    next(reader)
    assert repr(reader) == f"<AvroReader {path!r}: open, 40 rows read, {reader.bytes_read} of {size} bytes>"
    assert 0 < reader.bytes_read < size
    with reader:
        list(reader)
    assert repr(reader) == f"<AvroReader {path!r}: finished, 100 rows read, {size} of {size} bytes>"
    several = jetliner.MultiAvroReader([path, write_sales("b.avro", rows=5)], batch_size=60)
    next(several)
    with several:
        assert repr(several).startswith("<MultiAvroReader of 2 files: open, 60 rows read, ")
    assert repr(several).startswith("<MultiAvroReader of 2 files: closed, 60 rows read, ")


def test_repr_after_an_error(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    damage(path, blocks_of(path)[5].sync_offset, b"damaged")
    reader = AvroReader(path, batch_size=10)
    with pytest.raises(jetliner.ParseError):
        list(reader)
    reader.close()
    assert repr(reader).startswith(f"<AvroReader {path!r}: failed, 50 rows read, ")


# --- iterator and context manager ---


def test_reader_is_its_own_iterator(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    assert iter(reader) is reader


def test_context_manager_gives_the_reader_and_finishes_it(write_sales: WriteSales) -> None:
    with AvroReader(write_sales()) as reader:
        assert isinstance(reader, AvroReader)
        assert not reader.is_finished
    assert reader.is_finished
    with pytest.raises(StopIteration):
        next(reader)


def test_exit_does_not_swallow_exceptions(write_sales: WriteSales) -> None:
    with pytest.raises(KeyError), AvroReader(write_sales()) as reader:
        raise KeyError("mine")
    assert reader.is_finished


def test_exit_twice_and_without_enter(write_sales: WriteSales) -> None:
    reader = AvroReader(write_sales())
    assert not reader.__exit__(None, None, None)
    assert not reader.__exit__(None, None, None)
    assert reader.is_finished


def test_properties_keep_their_values_after_exit(write_sales: WriteSales) -> None:
    with AvroReader(write_sales(rows=100), batch_size=30) as reader:
        next(reader)
    assert reader.schema_dict["name"] == "Sale"
    assert json.loads(reader.schema) == reader.schema_dict
    assert reader.polars_schema == SALES_POLARS_SCHEMA
    assert reader.batch_size == 30
    assert reader.rows_read == 30
    assert reader.errors == []
    assert reader.error_count == 0
    assert reader.pending_records == 0


def test_file_is_closed_at_the_end_and_on_exit_and_with_the_object(write_sales: WriteSales) -> None:
    path = write_sales(rows=100)
    reader = AvroReader(path)
    assert path in open_files()
    list(reader)
    assert path not in open_files()
    with AvroReader(path, batch_size=10) as reader:
        next(reader)
    assert path not in open_files()
    reader = AvroReader(path, batch_size=10)
    next(reader)
    del reader
    gc.collect()
    assert path not in open_files()


def test_file_is_closed_after_an_error(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=10)
    damage(path, blocks_of(path)[5].sync_offset, b"damaged")
    reader = AvroReader(path, batch_size=10)
    with pytest.raises(jetliner.ParseError):
        list(reader)
    del reader
    gc.collect()
    assert path not in open_files()


def test_hundreds_of_abandoned_readers(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=50)
    for _ in range(300):
        next(AvroReader(path, batch_size=10))
    gc.collect()
    assert path not in open_files()


def test_construction_raises_before_any_iteration(tmp_path: Path, write_raw: WriteRaw) -> None:
    with pytest.raises(jetliner.FileNotFoundError):
        AvroReader(tmp_path / "absent.avro")
    bad = tmp_path / "bad.avro"
    bad.write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(jetliner.ParseError):
        AvroReader(bad)
    with pytest.raises(jetliner.SchemaError):
        AvroReader(write_raw("schema.avro", {"type": "no-such-type"}, []))
    with pytest.raises(jetliner.CodecError):
        AvroReader(write_raw("codec.avro", "int", [], metadata={"avro.codec": b"lzo"}))


# --- Arrow ---


def test_batch_speaks_arrow(write_sales: WriteSales) -> None:
    reader = _core.Reader([write_sales(rows=5)])
    batch = reader.next()
    assert batch is not None
    assert batch.num_rows == 5
    assert_frame_equal(pl.DataFrame(batch), sales_frame(5))  # type: ignore[arg-type]
    assert_frame_equal(pl.DataFrame(batch), sales_frame(5))  # type: ignore[arg-type] # may be taken several times
    assert pl.Series(batch).dtype == pl.Struct(dict(SALES_POLARS_SCHEMA))  # type: ignore[arg-type]


def test_stream_that_nobody_takes_is_released(write_sales: WriteSales) -> None:
    batch = _core.Reader([write_sales(rows=5)]).next()
    assert batch is not None
    for _ in range(100):
        capsule = batch.__arrow_c_stream__(requested_schema=None)
        assert "arrow_array_stream" in repr(capsule)
        del capsule
    assert_frame_equal(pl.DataFrame(batch), sales_frame(5))  # type: ignore[arg-type]


def test_core_classes_are_not_for_construction_without_files() -> None:
    with pytest.raises(TypeError):
        _core.Batch()
    with pytest.raises(TypeError):
        _core.Reader()  # type: ignore[call-arg]


# --- threads, signals, forks ---


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
