"""The scripts of docs/many-machines.md run, each as a file of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import WriteSales

PAGE = (Path(__file__).parents[2] / "docs" / "many-machines.md").read_text()
SCRIPTS = re.findall(r"```python\n(.*?)```", PAGE.partition("## Engines")[0], re.DOTALL)
OUTPUTS = ["500", "1000", "active", "1000"]


def test_the_page_has_these_scripts() -> None:
    assert len(SCRIPTS) == len(OUTPUTS)


@pytest.mark.parametrize("number", range(len(OUTPUTS)))
def test_scripts_run(number: int, write_sales: WriteSales, tmp_path: Path) -> None:
    for file in range(2):
        write_sales(f"events/{file}.avro", rows=500, block_rows=20)
    script = tmp_path / "script.py"
    script.write_text(SCRIPTS[number])
    out = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert out.returncode == 0, out.stderr
    assert OUTPUTS[number] in out.stdout
