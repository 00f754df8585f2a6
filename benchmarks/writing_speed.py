"""The speed of all writers, side by side: the same frame, in memory, to a local file.

Every write runs in a new process. The writers take turns, as the readers of speed.py do. Before each write, the file of
the last one is deleted, and the system has written all bytes to the disk.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cases import FLAT_CODECS
from environments import build_program, environment_python
from files import benchmark_file, warm
from readers import FLOOR, FLOOR_ONE_THREAD, FLOORS, ONE_THREAD, OURS, POLARS_AVRO, Reader
from speed import measure, summary

HERE = Path(__file__).parent
SINK = "jetliner sink_avro"
WRITERS = (
    Reader(OURS, "jetliner"),
    Reader(SINK, "jetliner-sink"),
    Reader(ONE_THREAD, "jetliner", n_threads=1),
    Reader("polars", "polars"),
    Reader("polars-avro", "polars-avro", POLARS_AVRO),
    Reader("fastavro", "fastavro", most_rounds=1),
    Reader(FLOOR, "floor"),
    Reader(FLOOR_ONE_THREAD, "floor", n_threads=1),
)
CODECS = FLAT_CODECS
SHAPES = {"flat": "flat-snappy", "nested": "nested-snappy", "wide": "wide-snappy"}
QUICK = ("flat snappy", "nested deflate", "wide null")
#: Writers that take more than ten seconds for a case have so many rounds.
MOST_LONG_ROUNDS = 3
LONG_SECONDS = 10

Result = dict[str, Any]


@dataclass(frozen=True)
class Inputs:
    """The same rows twice: as a frame for writers, as a file of plain blocks for the floor."""

    frame: Path
    blocks: Path


def inputs(shape: str, directory: Path, rows: int) -> Inputs:
    """Return the inputs of a shape; make them if they are missing."""
    made = Inputs(directory / f"{shape}-{rows}.arrow", directory / f"{shape}-blocks-{rows}.avro")
    if not (made.frame.exists() and made.blocks.exists()):
        source = benchmark_file(SHAPES[shape], directory, rows)
        code = (
            "import sys, jetliner; source, frame, blocks = sys.argv[1:]; rows = jetliner.read_avro(source);"
            "rows.write_ipc(frame, compression='lz4'); jetliner.write_avro(rows, blocks, compression='null')"
        )
        subprocess.run([sys.executable, "-c", code, source, made.frame, made.blocks], check=True)
    return made


def command(writer: Reader, program: Path, files: Inputs, target: Path, codec: str) -> list[str]:
    """Return the command line of one write."""
    if writer.name in FLOORS:
        threads = [] if writer.n_threads is None else ["--threads", str(writer.n_threads)]
        return [str(program), *threads, "--codec", codec, str(files.blocks), str(target)]
    words = [str(program), str(HERE / "writing_worker.py"), writer.worker, str(files.frame), str(target)]
    words += ["--codec", codec]
    return words if writer.n_threads is None else [*words, "--n-threads", str(writer.n_threads)]


def _is_done(done: list[Result], writer: Reader) -> bool:
    if done and "error" in done[0]:
        return True
    is_long = bool(done) and done[0]["seconds"] > LONG_SECONDS
    return len(done) == writer.most_rounds or (is_long and len(done) >= MOST_LONG_ROUNDS)


def measure_case(
    files: Inputs, codec: str, writers: list[Reader], programs: dict[str, Path], directory: Path, rounds: int
) -> dict[str, Result]:
    """Run all rounds of one case; return a summary of each writer."""
    target = directory / "written.avro"
    runs: dict[str, list[Result]] = {writer.name: [] for writer in writers}
    for turn in range(rounds):
        for writer in writers if turn % 2 == 0 else reversed(writers):
            done = runs[writer.name]
            if _is_done(done, writer):
                continue
            target.unlink(missing_ok=True)
            os.sync()
            done.append(measure(command(writer, programs[writer.name], files, target, codec), None))
    target.unlink(missing_ok=True)
    return {name: summary(done) for name, done in runs.items()}


def run_writing(
    directory: Path,
    rows: int,
    peers: list[str],
    rounds: int,
    *,
    cases: list[str] | None = None,
    show: Callable[[str, dict[str, Result]], None] = lambda _name, _results: None,
) -> dict[str, dict[str, Result]]:
    """Measure all shapes with all codecs; `cases` names some of them, such as "flat snappy"."""
    chosen = [writer for writer in WRITERS if writer.name in (OURS, SINK, ONE_THREAD) or writer.name in peers]
    programs = {
        writer.name: build_program("jetliner_write_floor")
        if writer.name in FLOORS
        else environment_python(writer.packages, directory)
        for writer in chosen
    }
    results = {}
    for shape in SHAPES:
        for codec in CODECS:
            name = f"{shape} {codec}"
            if cases is not None and name not in cases:
                continue
            files = inputs(shape, directory / "data", rows)
            warm(files.frame)
            warm(files.blocks)
            results[name] = measure_case(files, codec, chosen, programs, directory, rounds)
            show(name, results[name])
    return results
