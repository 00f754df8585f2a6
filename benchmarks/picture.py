"""Draws the results: a panel for each large file, a bar for each reader, a line for the floor.

    python benchmarks/picture.py                      docs/benchmarks.svg from docs/benchmarks.json

The same results give the same bytes. Text stays text, in the colour of the viewer's theme. Needs matplotlib; run.py
makes an environment with it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from cases import LARGE
from environments import ROOT
from matplotlib.figure import Figure
from readers import FLOOR, OURS, RUST
from tables import milliseconds

# Without fastavro: it builds dicts, and its bar would dwarf all others.
SHOWN = {OURS: "#2a9d8f", "polars": "#8d99ae", "polars-avro": "#8d99ae", RUST: "#8d99ae"}
FLOOR_COLOR = "#e76f51"
TEXT = "#57606a"
COLUMNS = 2

# Overrides matplotlib's colours, which are in style attributes.
STYLE = f"""<style>
@media (prefers-color-scheme: dark) {{
 text {{ fill: #d0d7de !important }}
 g[id^="frame"] path, g[id^="ytick"] use {{ stroke: #d0d7de !important }}
}}
</style>
<!-- bars and lines are readable on light and on dark; {TEXT} is the text's colour on light -->
"""

Result = dict[str, Any]


def _panel(axes: Any, case: str, results: dict[str, Result]) -> None:
    shown = [name for name in SHOWN if name in results]
    times = [results[name].get("median_seconds", 0) * 1e3 for name in shown]
    bars = axes.barh(shown, times, color=[SHOWN[name] for name in shown], height=0.7)
    labels = [milliseconds(time / 1e3) if time > 0 else "" for time in times]
    axes.bar_label(bars, labels, color=TEXT, fontsize=8, padding=3)
    floor = results.get(FLOOR, {}).get("median_seconds")
    if floor is not None:
        axes.axvline(floor * 1e3, color=FLOOR_COLOR, linewidth=1.2, linestyle=(0, (3, 2)))
    for name, time in zip(shown, times, strict=True):
        if time == 0:  # right of the floor's line
            place = {"xy": ((floor or 0) * 1e3, name), "xytext": (4, 0), "textcoords": "offset points", "va": "center"}
            axes.annotate("cannot read it", **place, color=TEXT, fontsize=8)
    rows = next((f"{result['rows']:,} rows" for result in results.values() if "rows" in result), "")
    axes.set_title(f"{case}, {rows}", fontsize=9, color=TEXT, loc="left")
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.xaxis.set_visible(False)
    axes.tick_params(axis="y", colors=TEXT, labelsize=8, length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(TEXT)
    axes.spines["left"].set_gid("frame")


def draw(speed: dict[str, dict[str, Result]], target: Path) -> None:
    """Write the picture of the large cases."""
    cases = [case for case in LARGE if case in speed]
    lines = max(-(-len(cases) // COLUMNS), 1)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "jetliner", "font.family": "sans-serif"}):
        figure = Figure(figsize=(9, 0.6 + 1.25 * lines), layout="constrained")
        figure.patch.set_alpha(0)
        for number, case in enumerate(cases, 1):
            axes = figure.add_subplot(lines, COLUMNS, number)
            axes.patch.set_alpha(0)
            _panel(axes, case, speed[case])
        title = "Milliseconds to read a file into a DataFrame (median; dashed: the floor, decompression alone)"
        figure.suptitle(title, fontsize=10, color=TEXT)
        figure.savefig(target, format="svg", metadata={"Date": None})
    text = target.read_text()
    # matplotlib leaves blanks at the ends of lines.
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    head, tag, rest = text.partition("<defs>")
    target.write_text(head + STYLE + tag + rest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=ROOT / "docs" / "benchmarks.json")
    parser.add_argument("--svg", type=Path, default=ROOT / "docs" / "benchmarks.svg")
    options = parser.parse_args()
    draw(json.loads(options.json.read_text())["speed"], options.svg)


if __name__ == "__main__":
    main()
