"""The pages of documentation: their examples run."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from command_line import CommandLine
from conftest import WriteAvro, WriteSales
from stores.s3 import S3Server

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs"


@pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")
@pytest.mark.parametrize("page", ["queries.md", "errors.md", "avro-support.md", "writing.md"])
def test_examples_of_pages_run(page: str, in_tmp: Path) -> None:
    found = doctest.testfile(
        str(PAGES / page), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL, encoding="utf-8"
    )
    assert found.attempted >= 8
    assert found.failed == 0


#: What only a shell understands.
_SHELL = re.compile(r"[|;<>]|^(cp|printf) ")


def test_examples_of_the_command_line_run(in_tmp: Path, cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    page = (PAGES / "command-line.md").read_text()
    ran = 0
    for kind, block in re.findall(r"^```(python|console)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        if kind == "python":
            exec(block, {})
            continue
        for example in block.removeprefix("$ ").split("\n$ "):
            command, _, expected = example.partition("\n")
            if _SHELL.search(command):
                done = subprocess.run(
                    f"{{ {command}; }} 2>&1", shell=True, stdout=subprocess.PIPE, text=True, check=False
                )
                told = done.stdout
            else:
                result = cli(*shlex.split(command)[1:])
                told = result.out + result.err
            assert told.strip() == expected.strip(), command
            ran += 1
    assert ran > 15


def test_code_of_the_readme_runs_on_the_files_of_the_demo(in_tmp: Path, capfd: pytest.CaptureFixture[str]) -> None:
    demo = [sys.executable, str(ROOT / "examples" / "demo.py"), "--rows", "2000"]
    assert (
        "All that was read equals what was written"
        in subprocess.run(demo, capture_output=True, text=True, check=True).stdout
    )
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 1
    names: dict[str, Any] = {}
    exec(blocks[0], names)
    assert names["rows"] == 2000
    assert names["df"].width == 2
    assert names["df"].height == 1000
    assert pl.read_parquet("demo-output/delivered.parquet").height > 0
    assert jetliner.count_rows("demo-output/written/cities.avro") == 1000


def test_examples_about_stores_run(
    in_tmp: Path, write_avro: WriteAvro, write_sales: WriteSales, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (PAGES / "stores.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    bucket = s3_server.bucket("bucket")
    for name, value in bucket.environment().items():
        monkeypatch.setenv(name, value)
    schema = {"type": "record", "name": "Event", "fields": [{"name": "country", "type": "string"}]}
    for day, countries in enumerate((["DE", "FR"], ["DE", "DE", "IT"])):
        path = write_avro("part.avro", schema, [{"country": country} for country in countries])
        bucket.put(f"events/day={day}/part.avro", Path(path).read_bytes())
    sales = Path(write_sales(rows=7)).read_bytes()
    with zipfile.ZipFile("export.zip", "w") as archive:
        archive.writestr("part-0.avro", sales)
    names: dict[str, Any] = {"jetliner": jetliner, "pl": pl, "zipfile": zipfile}
    for block in blocks:
        exec(block, names)
    assert pl.read_parquet("events.parquet")["country"].to_list() == ["DE"] * 3
    assert names["frame"].height == 7
