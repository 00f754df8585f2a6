"""The benchmarks run end to end, on files of a few rows. Nothing here depends on how long anything takes.

Only readers of the test environment take part: the other peers would need packages from a registry, and the floor a
build of its own, which the C++ tests make and run.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
ROWS = 500
OURS = ["jetliner", "jetliner scan", "jetliner AvroReader", "jetliner 1 thread"]


def run(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def measure(directory: Path, *words: str) -> tuple[str, dict[str, Any]]:
    """What a run prints, and its results."""
    target = directory / "results.json"
    common = ["--rows", str(ROWS), "--rounds", "1", "--quick", "--directory", str(directory), "--json", str(target)]
    out = run(str(BENCHMARKS / "run.py"), *common, *words)
    results: dict[str, Any] = json.loads(target.read_text())
    return out, results


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmarks")


@pytest.fixture(scope="module")
def speed(directory: Path) -> tuple[str, dict[str, Any]]:
    cases = ("flat deflate", "nested", "wide 5 of 100")
    return measure(directory, "--only", "speed", "--peers", "polars", "fastavro", "--cases", *cases)


def test_speed_of_each_reader_in_each_case(speed: tuple[str, dict[str, Any]]) -> None:
    results = speed[1]["speed"]
    assert list(results) == ["flat deflate", "nested", "wide 5 of 100"]
    for case, readers in results.items():
        assert list(readers) == [*OURS, "polars", "fastavro"]
        for name, result in readers.items():
            if (case, name) == ("nested", "polars"):  # which does not read maps
                assert "error" in result
                continue
            # Whole blocks are repeated, so there may be a few rows more than were asked for.
            assert ROWS <= result["rows"] <= ROWS + 400, (case, name, result)
            assert 0 < result["min_seconds"] <= result["median_seconds"]
        assert len({result["rows"] for result in readers.values() if "rows" in result}) == 1


def test_claims_stand_at_the_end_with_numbers_and_verdicts(speed: tuple[str, dict[str, Any]]) -> None:
    lines = speed[0].partition("\nClaims\n")[2].splitlines()
    verdicts = [line for line in lines if line.endswith((" met", " not met"))]
    assert any("time of the fastest peer over that of jetliner, smallest" in line for line in verdicts)
    assert not any("floor" in line for line in verdicts)  # it was not measured


def test_what_threads_gain_in_each_case(directory: Path) -> None:
    out, results = measure(directory, "--only", "scaling", "--peers", "polars")
    assert list(results["scaling"]) == ["nested", "wide", "wide 5 of 100"]
    for case, readers in results["scaling"].items():
        assert list(readers) == ["jetliner", "jetliner AvroReader", "jetliner 1 thread", "jetliner AvroReader 1 thread"]
        assert len({result["rows"] for result in readers.values()}) == 1, case
    assert "Scaling: time with one thread over time with all threads" in out
    assert out.partition("\nClaims\n")[2].count(" with one thread over that with all threads") == 2


def test_memory_of_each_scenario(directory: Path) -> None:
    _, results = measure(directory, "--only", "memory", "--peers", "polars")
    scenarios = {scenario["name"]: scenario for scenario in results["memory"]}
    assert all("error" not in scenario for scenario in scenarios.values()), scenarios
    short = scenarios["AvroReader, small buffers"]
    long = scenarios["AvroReader, small buffers, file 10 times as long"]
    assert long["rows"] == 10 * short["rows"] >= 10 * ROWS
    assert scenarios["scan_avro().sink_parquet()"]["rows"] == scenarios["scan_avro().sink_batches()"]["rows"] >= ROWS
    assert all(scenario["peak_mb"] > 0 for scenario in scenarios.values())
    assert [name for name in scenarios if name.startswith(("polars", "jetliner 0.2.0"))] == [
        "polars.read_avro(), which reads all at once"
    ]


def test_every_latency_has_a_value_and_a_limit(directory: Path) -> None:
    _, results = measure(directory, "--only", "latency")
    names = [entry["name"] for entry in results["latency"]]
    assert len(names) == len(set(names)) == 12, names
    for entry in results["latency"]:
        assert "error" not in entry, entry
        assert entry["value"] > 0, entry
        assert entry["limit"] > 0, entry


def test_tiny_files_in_every_way(directory: Path) -> None:
    out, results = measure(directory, "--only", "tiny")
    assert len(results["tiny"]) == 20
    for entry in results["tiny"]:
        assert "error" not in entry, entry
        assert entry["rows"] == ROWS, entry
        assert entry["cpu_seconds"] > 0, entry
    assert out.partition("\nClaims\n")[2].count("5,000 files of one row") == 2


def test_every_query_has_a_value(directory: Path) -> None:
    out, results = measure(directory, "--only", "queries")
    names = [entry["name"] for entry in results["queries"]]
    assert len(names) == len(set(names)) == 7, names
    for entry in results["queries"]:
        assert "error" not in entry, entry
        assert entry["value"] > 0, entry
        assert entry["limit"] is None or entry["name"] in out.partition("\nClaims\n")[2]


def test_tables_are_written_between_the_markers_of_a_page(speed: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    results.write_text(json.dumps(speed[1]))
    page = tmp_path / "page.md"
    begin, end = "<!-- results: written by benchmarks/report.py --markdown -->", "<!-- end of results -->"
    page.write_text(f"Before.\n\n{begin}\nold\n{end}\n\nAfter.\n")
    words = [str(BENCHMARKS / "report.py"), "--markdown", "--json", str(results), "--page", str(page)]
    run(*words)
    text = page.read_text()
    assert text.startswith(f"Before.\n\n{begin}\n\nMeasured on ")
    assert text.endswith(f"\n\n{end}\n\nAfter.\n")
    assert "old" not in text
    assert "| wide 5 of 100 |" in text
    run(*words)
    assert page.read_text() == text


def test_a_page_without_markers_is_left_as_it_is(speed: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    results.write_text(json.dumps(speed[1]))
    page = tmp_path / "page.md"
    page.write_text("No place for results.\n")
    words = [sys.executable, str(BENCHMARKS / "report.py"), "--markdown", "--json", str(results), "--page", str(page)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "markers" in done.stderr
    assert page.read_text() == "No place for results.\n"


def test_writing_of_each_writer(directory: Path) -> None:
    out, results = measure(directory, "--only", "writing", "--written-cases", "flat snappy", "--peers", "polars")
    writers = results["writing"]["flat snappy"]
    assert list(writers) == ["jetliner", "jetliner sink_avro", "jetliner 1 thread", "polars"]
    assert all(ROWS <= writer["rows"] <= ROWS + 400 for writer in writers.values()), writers
    assert "writing: time of the fastest peer over that of jetliner" in out
