"""The benchmark of object stores runs end to end, on tiny objects. Nothing here depends on how long anything takes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- results: written by benchmarks/cloud.py --docs -->", "<!-- end of cloud results -->"


@pytest.mark.servers
def test_every_measurement_has_a_value_and_stands_in_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"Before.\n\n{BEGIN}\nold\n{END}\n\nAfter.\n")
    target = tmp_path / "cloud.json"
    words = [sys.executable, str(ROOT / "benchmarks" / "cloud.py"), "--megabytes", "2", "--rounds", "1", "--docs"]
    words += ["--page", str(page), "--directory", str(tmp_path), "--json", str(target)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads(target.read_text())
    names = [entry["name"] for entry in results]
    assert len(names) == len(set(names)) == 16, names
    text = page.read_text()
    for entry in results:
        assert "error" not in entry, entry
        assert entry["value"] >= 0, entry
        assert f"| {entry['name']} |" in text
    assert "old" not in text
    assert text.startswith(f"Before.\n\n{BEGIN}\n\nMeasured on ")
    assert text.endswith(f"\n\n{END}\n\nAfter.\n")
