"""Results as tables, on the terminal or in docs/performance.md.

python benchmarks/report.py                       print the tables of docs/benchmarks.json
python benchmarks/report.py --markdown            write them into docs/performance.md, between its two markers
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from claims import all_claims
from environments import ROOT
from readers import OURS, SCALING_PAIRS, STREAM, STREAM_ONE_THREAD
from tables import Table, milliseconds, ratio

DOCS = ROOT / "docs"
RESULTS = DOCS / "benchmarks.json"
PAGE = DOCS / "performance.md"
BEGIN = "<!-- results: written by benchmarks/report.py --markdown -->"
END = "<!-- end of results -->"

Result = dict[str, Any]


def case_table(name: str, results: dict[str, Result]) -> Table:
    """All numbers of one case."""
    base = results.get(OURS, {})
    rows, failures = [], []
    for reader, result in results.items():
        if "error" in result:
            failures.append(f"{reader} fails: {result['error'][:100]}")
            continue
        cells = [reader, milliseconds(result["median_seconds"]), milliseconds(result["min_seconds"])]
        cells += [milliseconds(result["cpu_seconds"]), f"{result['peak_mb']:.0f}"]
        for key in ("median_seconds", "min_seconds"):
            cells.append(ratio(result[key] / base[key]) if key in base else "-")
        rows.append(cells)
    counts = {result["rows"] for result in results.values() if "rows" in result}
    if len(counts) > 1:
        failures.append("The readers do not agree on the number of rows.")
    headings = ["reader", "median ms", "min ms", "CPU ms", "memory MB", "ratio: median", "min"]
    title = f"{name}: {', '.join(f'{count:,}' for count in sorted(counts)) or 'no'} rows"
    return Table(title, headings, rows, failures)


def _matrix(speed: dict[str, dict[str, Result]], title: str, unit: str, cell: Any) -> Table:
    """A table with a row for each case and a column for each reader."""
    readers = list(dict.fromkeys(reader for results in speed.values() for reader in results))
    rows = []
    for case, results in speed.items():
        cells = [cell(results[r], results) if r in results and "error" not in results[r] else "-" for r in readers]
        rows.append([case, *cells])
    return Table(title, [unit, *readers], rows)


def _ratio_cell(result: Result, results: dict[str, Result]) -> str:
    base = results.get(OURS, {})
    if "median_seconds" not in base:
        return milliseconds(result["median_seconds"]) + " ms"
    if result is base:
        return f"{milliseconds(base['median_seconds'])} ms"
    median = ratio(result["median_seconds"] / base["median_seconds"])
    return f"{median} ({ratio(result['min_seconds'] / base['min_seconds'])})"


def speed_tables(speed: dict[str, dict[str, Result]]) -> Iterator[Table]:
    if not speed:
        return
    title = "Time: the median of jetliner; for others, how many times as long they take, by medians (by minima)"
    yield _matrix(speed, title, "", _ratio_cell)
    yield _matrix(speed, "CPU time of all threads, ms", "", lambda r, _: milliseconds(r["cpu_seconds"]))
    yield _matrix(
        speed, "Peak memory over the interpreter with its imports, MB", "", lambda r, _: f"{r['peak_mb']:.0f}"
    )


def scaling_table(scaling: dict[str, dict[str, Result]]) -> Table:
    """The gain of all threads over one thread, next to the gain of the floor on the same machine."""

    def gain(results: dict[str, Result], one: str, all_threads: str, key: str) -> str:
        a, b = results.get(one, {}), results.get(all_threads, {})
        return ratio(a[key] / b[key]) if key in a and key in b else "-"

    rows = []
    for case, results in scaling.items():
        seconds = results.get(STREAM, {}).get("median_seconds")
        cells = [case, "-" if seconds is None else f"{milliseconds(seconds)} ms"]
        for one, all_threads in SCALING_PAIRS:
            cells += [gain(results, one, all_threads, key) for key in ("median_seconds", "min_seconds")]
        rows.append([*cells, gain(results, STREAM, STREAM_ONE_THREAD, "cpu_seconds")])
    headings = ["", "AvroReader", "gains", "by minima", "read_avro gains", "by minima", "the floor gains", "by minima"]
    title = "Scaling: time with one thread over time with all threads"
    return Table(title, [*headings, "AvroReader's CPU time, all threads over one"], rows)


def memory_table(memory: list[Result]) -> Table:
    rows, failures = [], []
    for scenario in memory:
        if "error" in scenario:
            failures.append(f"{scenario['name']} fails: {scenario['error'][:100]}")
            continue
        cells = [scenario["name"], f"{scenario['file_mb']:,.0f}", f"{scenario['peak_mb']:.1f}"]
        limit = scenario.get("limit_mb")
        cells += [f"{scenario['sampled_mb']:.1f}", "" if limit is None else f"{limit}", f"{scenario['seconds']:.2f}"]
        rows.append(cells)
    headings = ["reading the wide file", "file MB", "peak MB", "sampled MB", "limit MB", "seconds"]
    return Table("Memory over an interpreter with Polars loaded", headings, rows, failures)


def writing_tables(writing: dict[str, dict[str, Result]]) -> Iterator[Table]:
    if writing:
        title = "Writing: the median of jetliner; for others, how many times as long they take, by medians (by minima)"
        yield _matrix(writing, title, "", _ratio_cell)


def latency_table(latency: list[Result], title: str = "Latency") -> Table:
    rows, failures = [], []
    for entry in latency:
        if "error" in entry:
            failures.append(f"{entry['name']} fails: {entry['error'][:100]}")
            continue
        limit = ""
        if entry["limit"] is not None:
            limit = f"{'<=' if entry['at_most'] else '>='} {entry['limit']:g}{entry['unit']}"
        rows.append([entry["name"], f"{entry['value']:.3f}{entry['unit']}", limit, entry["details"]])
    return Table(title, ["measurement", "value", "limit", "details"], rows, failures)


def tiny_table(tiny: list[Result]) -> Table:
    rows, failures = [], []
    for entry in tiny:
        if "error" in entry:
            failures.append(f"{entry['name']} fails: {entry['error'][:100]}")
            continue
        cells = [entry["name"], milliseconds(entry["min_seconds"]), milliseconds(entry["cpu_seconds"])]
        rows.append([*cells, ratio(entry["ratio"]), f"{entry['peak_mb']:.1f}"])
    headings = ["reading very many files of one row", "min ms", "CPU ms", "time over the loop of fastavro", "peak MB"]
    return Table("Tiny files", headings, rows, failures)


def claims_table(results: dict[str, Any]) -> Table:
    rows = []
    for claim in all_claims(results):
        limit = f"{'<=' if claim.at_most else '>='} {claim.limit:g}{claim.unit}"
        digits = 3 if claim.value < 0.1 else 2
        value = f"{claim.value:.{digits}f}{claim.unit}" + (f" ({claim.of})" if claim.of else "")
        rows.append([claim.text, value, limit, "met" if claim.met else "not met"])
    return Table("Claims", ["claim", "measured", "limit", ""], rows)


def about(results: dict[str, Any]) -> str:
    facts = results["about"]
    text = (
        f"Measured on {facts['machine']} with CPython {facts['python']} and Polars {facts['polars']}; "
        f"{facts['rows']:,} rows, {facts['rounds']} {'round' if facts['rounds'] == 1 else 'rounds'}, {facts['when']}."
    )
    if facts["load_before"] is not None:
        text += f" The load average before it was {facts['load_before']:.1f}."
    return text + (f" Note: {facts['note']}." if facts["note"] else "")


def all_tables(results: dict[str, Any]) -> Iterator[Table]:
    """All tables. The claims are last, so they stand at the end of a run."""
    yield from speed_tables(results.get("speed", {}))
    if results.get("scaling"):
        yield scaling_table(results["scaling"])
    if results.get("memory"):
        yield memory_table(results["memory"])
    if results.get("latency"):
        yield latency_table(results["latency"])
    if results.get("queries"):
        yield latency_table(results["queries"], "Queries")
    if results.get("tiny"):
        yield tiny_table(results["tiny"])
    yield from writing_tables(results.get("writing", {}))
    yield claims_table(results)


def write_between(page: Path, begin: str, end: str, parts: Sequence[str]) -> None:
    """Replace the text between two markers of a page."""
    text = page.read_text()
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit(f"{page} does not have each of the markers once: {begin} {end}")
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2]
    page.write_text(before + begin + "\n\n" + "\n\n".join(parts) + "\n\n" + end + after)


def write_markdown(results: dict[str, Any], page: Path) -> None:
    """Write all tables into a page."""
    *tables, claims = all_tables(results)
    write_between(page, BEGIN, END, [about(results), claims.markdown(), *(table.markdown() for table in tables)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=RESULTS, help="the results (default: docs/benchmarks.json)")
    parser.add_argument("--markdown", action="store_true", help="write the page instead of printing")
    parser.add_argument("--page", type=Path, default=PAGE, help="default: docs/performance.md")
    options = parser.parse_args()
    results = json.loads(options.json.read_text())
    if options.markdown:
        write_markdown(results, options.page)
        return
    print(about(results))
    for table in all_tables(results):
        print("\n" + table.text())


if __name__ == "__main__":
    main()
