"""Measure jetliner on Ray, Dask and Spark beside what these do with Avro files themselves, with two workers.

Each engine reads all rows of four files into the memory of its workers; Spark drops them there. The readers take turns.
Ratios are of medians; a reader that takes longer than 20 s runs once. "overhead" is the time beside
`jetliner.read_avro` in one process, on all cores.

    python benchmarks/engines.py                            everything
    python benchmarks/engines.py --only ray --shapes flat   one engine, one shape
    python benchmarks/engines.py --docs                     also write the table into docs/many-machines.md

`make bench-engines` installs the engines. Maven gets spark-avro.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from files import ROWS, benchmark_file, warm
from report import DOCS, write_between
from run import machine
from tables import Table, ratio

FILES = 4
SHAPES = ("flat", "nested", "wide")
PEERS = {"ray": "ray.data.read_avro", "dask": "dask.bag.read_avro", "spark": "spark-avro"}
#: So many times as fast the issue asks us to be. Spark's figure is reported as it is.
ASKED = {"ray": 10, "dask": 10}
SPARK_AVRO = "org.apache.spark:spark-avro_2.13:4.2.0"
PAGE = DOCS / "many-machines.md"
BEGIN = "<!-- results: written by benchmarks/engines.py --docs -->"
END = "<!-- end of results -->"

Result = dict[str, Any]


def files_of(shape: str, directory: Path, rows: int) -> Path:
    """Return a directory with the rows in four files; make it if it is missing."""
    target = directory / f"engines-{shape}-{rows}"
    if not target.exists():
        source = benchmark_file(f"{shape}-snappy", directory, rows // FILES)
        unfinished = target.with_name(target.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        for index in range(FILES):
            shutil.copy(source, unfinished / f"part-{index}.avro")
        unfinished.rename(target)
    return target


def spark_avro() -> str:
    """Return the jar of spark-avro, which Maven downloads."""
    group, name, version = SPARK_AVRO.split(":")
    jar = Path.home() / ".m2" / "repository" / group.replace(".", "/") / name / version / f"{name}-{version}.jar"
    if not jar.exists():
        words = ["mvn", "-q", "-B", "dependency:get", f"-Dartifact={SPARK_AVRO}", "-Dtransitive=false"]
        subprocess.run(words, check=True)
    return str(jar)


def measure(engine: str, shape: str, directory: Path, rows: int, rounds: int) -> Result:
    """Run one engine on one shape."""
    files = files_of(shape, directory, rows)
    warm(files)
    words = [sys.executable, str(Path(__file__).parent / "engines_worker.py"), engine, str(files)]
    words += ["--rounds", str(rounds)]
    if engine == "spark":
        words += ["--jar", spark_avro()]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"engine": engine, "shape": shape, "error": done.stderr.strip().splitlines()[-1:]}
    seconds = json.loads(done.stdout.strip().splitlines()[-1])
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {"engine": engine, "shape": shape, "rows": rows, "seconds": medians}


def table(results: list[Result]) -> Table:
    """Rows per second, and ratios."""
    lines, failures = [], []
    for result in results:
        engine, shape = result["engine"], result["shape"]
        if "error" in result:
            failures.append(f"{engine} {shape} fails: {result['error']}")
            continue
        seconds, rows = result["seconds"], result["rows"]
        ours, theirs = seconds["jetliner"], seconds[PEERS[engine]]
        asked = f" (asked: {ASKED[engine]}x)" if engine in ASKED else ""
        lines.append(
            [
                f"{engine}, {shape}",
                f"{rows / ours:,.0f}",
                f"{PEERS[engine]}: {rows / theirs:,.0f}",
                ratio(theirs / ours) + asked,
                ratio(ours / seconds["read_avro"]),
            ]
        )
    headings = ["engine, rows", "rows/s", "the engine's own, rows/s", "times as fast", "overhead"]
    return Table("Engines with two workers", headings, lines, failures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PEERS, default=list(PEERS), help="default: all engines")
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES), help="default: all")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"default {ROWS:,}")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/many-machines.md")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page for --docs")
    parser.add_argument("--directory", type=Path, default=Path(".cache/benchmarks"), help="where files are kept")
    options = parser.parse_args()
    results = []
    for engine in options.only:
        for shape in options.shapes:
            results.append(measure(engine, shape, options.directory / "data", options.rows, options.rounds))
            print("\n" + table(results[-1:]).text(), flush=True)
    print("\n" + table(results).text())
    (options.directory / "engines.json").write_text(json.dumps(results, indent=1) + "\n")
    if options.docs:
        about = f"Measured on {machine()}; {options.rows:,} rows in {FILES} files, {options.rounds} rounds."
        write_between(options.page, BEGIN, END, [about, table(results).markdown()])
        print(f"Written: {options.page}")


if __name__ == "__main__":
    main()
