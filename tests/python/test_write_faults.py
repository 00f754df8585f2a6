"""Writing that fails: full disks, signals, and processes that are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import jetliner

OLD = b"the file before"


def run(code: str, path: Path) -> subprocess.Popen[str]:
    program = f"import sys, signal, resource, polars as pl, jetliner\npath = {str(path)!r}\n{code}"
    return subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


ENDLESS = """
frame = pl.DataFrame({"a": range(200_000)})
def frames():
    print("begun", flush=True)
    while True:
        yield frame
jetliner.write_avro(frames(), path, compression="null")
"""


def test_a_killed_process_leaves_the_old_file_and_a_hidden_one(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(OLD)
    process = run(ENDLESS, path)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3)
    process.kill()
    process.wait()
    assert path.read_bytes() == OLD
    others = [entry.name for entry in tmp_path.iterdir() if entry != path]
    assert len(others) == 1
    assert others[0].startswith(".x.avro.")
    assert others[0].endswith(".part")
    jetliner.write_avro(pl.DataFrame({"a": [1]}), path)
    assert jetliner.count_rows(path) == 1


def test_an_interrupt_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(OLD)
    process = run(ENDLESS, path)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3)
    begin_s = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in process.communicate()[1]
    assert time.monotonic() - begin_s < 10
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("append", [False, True])
def test_a_full_disk(tmp_path: Path, append: bool) -> None:
    path = tmp_path / "x.avro"
    jetliner.write_avro(pl.DataFrame({"a": [1, 2, 3]}), path, compression="null")
    before = path.read_bytes()
    code = f"""
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    jetliner.write_avro(pl.DataFrame({{"a": range(1_000_000)}}), path, compression="null", append={append})
except jetliner.SourceError as error:
    print(error)
"""
    process = run(code, path)
    out, errors = process.communicate(timeout=60)
    assert "too large" in out, errors
    assert str(path) in out
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_that_is_full() -> None:
    with pytest.raises(jetliner.SourceError, match="No space left"):
        jetliner.write_avro(pl.DataFrame({"a": range(100_000)}), "/dev/full")


def test_a_pipe() -> None:
    code = 'jetliner.write_avro(pl.DataFrame({"a": range(100_000)}), "/dev/stdout")'
    program = f"import polars as pl, jetliner\n{code}"
    written = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True).stdout
    assert jetliner.read_avro(written)["a"].to_list() == list(range(100_000))


def test_a_pipe_that_nobody_reads() -> None:
    program = """
import os, polars as pl, jetliner
reading, writing = os.pipe()
os.close(reading)
try:
    jetliner.write_avro(pl.DataFrame({"a": range(100_000)}), f"/dev/fd/{writing}")
except jetliner.SourceError as error:
    print(error.variant)
"""
    out = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, text=True).stdout
    assert out.strip() == "Io"
