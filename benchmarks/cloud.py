"""Measure reading from a store of S3 on this machine: speed, requests, bytes, memory, and ends of reads.

Speed is a ratio to obstore alone, which fetches the same bytes. docs/performance.md has the method.

    python benchmarks/cloud.py                        everything
    python benchmarks/cloud.py --only speed memory    some parts
    python benchmarks/cloud.py --docs                 also write the table into docs/performance.md

`scripts/setup_servers` gets the server.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from cloud_measure import Cloud
from cloud_store import CloudStore
from report import PAGE, write_between
from run import machine
from tables import Table

PARTS = ("speed", "small_objects", "fetched", "counting", "memory", "endings")
BEGIN = "<!-- results: written by benchmarks/cloud.py --docs -->"
END = "<!-- end of cloud results -->"

Result = dict[str, Any]


def table(results: list[Result]) -> Table:
    """Each figure beside the one that is asked for."""
    rows, failures = [], []
    for entry in results:
        if "value" not in entry:
            failures.append(f"{entry['name']} fails: {entry['error'][:100]}")
            continue
        value, limit = entry["value"], entry["limit"]
        met = value <= limit if entry["at_most"] else value >= limit
        asked = f"{'<=' if entry['at_most'] else '>='} {limit:g}{entry['unit']}"
        measured = f"{value}" if isinstance(value, int) else f"{value:.2f}{entry['unit']}"
        rows.append([entry["name"], asked, measured, "met" if met else "not met", entry["details"]])
    return Table("Object stores", ["measurement", "asked", "measured", "", "details"], rows, failures)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="default: all parts")
    parser.add_argument("--megabytes", type=int, default=400, help="size of the large objects (default 400)")
    parser.add_argument("--rounds", type=int, default=7, help="default 7")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/performance.md")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page for --docs")
    parser.add_argument("--directory", type=Path, default=Path(".cache/benchmarks"), help="where files are kept")
    parser.add_argument("--json", type=Path, help="file for the results (default: cloud.json in the directory)")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    results: list[Result] = []
    with CloudStore() as store:
        cloud = Cloud(store, options.directory / "data", options.megabytes, options.rounds)
        for part in PARTS:
            if part not in options.only:
                continue
            for result in getattr(cloud, part)():
                results.append(result)
                print("\n" + table([result]).text(), flush=True)
    print("\n" + table(results).text())
    target = options.json or options.directory / "cloud.json"
    target.write_text(json.dumps(results, indent=1) + "\n")
    print(f"\nResults: {target}")
    if options.docs:
        about = f"Measured on {machine()}; objects of {options.megabytes} MB, {options.rounds} rounds."
        write_between(options.page, BEGIN, END, [about, table(results).markdown()])
        print(f"Written: {options.page}")


if __name__ == "__main__":
    main()
