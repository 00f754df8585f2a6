"""The pages of documentation: every block of code runs. `page_blocks` says how blocks are marked."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import jetliner
from command_line import CommandLine
from conftest import WriteAvro, WriteSales
from page_blocks import PAGES, ROOT, Block, blocks, groups, run_page
from stores.s3 import S3Server

#: Blocks that are not run. Each says why in its page.
NOT_RUN = 17
#: What `needs` may name, and where these blocks run.
ELSEWHERE = {"arrow", "dask", "ray", "spark"}  # engines/test_page.py
#: What only a shell understands.
_SHELL = re.compile(r"[|;<>]|^(?!jetliner )")
#: Commands that install and build. They are no examples for tests.
_CHANGES_THE_SYSTEM = re.compile(r"^(\$ )?(sudo |apt|cmake |git |make |pip )", re.MULTILINE)


class Shell:
    """Runs blocks of commands: those of this package in this process, all others in a shell."""

    def __init__(self, cli: CommandLine) -> None:
        self._cli = cli

    def __call__(self, block: Block) -> None:
        assert not _CHANGES_THE_SYSTEM.search(block.code), f"{block}: this must not run; say why in the page"
        if block.language != "console":
            subprocess.run(["bash", "-euo", "pipefail", "-c", block.code], check=True)
            return
        for example in re.split(r"^\$ ", block.code, flags=re.MULTILINE)[1:]:
            command, _, expected = example.partition("\n")
            assert self._told(command).strip() == expected.strip(), f"{block}: {command}"

    def _told(self, command: str) -> str:
        if not _SHELL.search(command):
            result = self._cli(*shlex.split(command)[1:])
            return result.out + result.err
        group = f"{{ {command}; }} 2>&1"
        return subprocess.run(group, shell=True, stdout=subprocess.PIPE, text=True, check=False).stdout


@pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")
@pytest.mark.parametrize("page", [page for page, group in groups() if group == ""])
def test_examples_run(
    page: str,
    in_tmp: Path,
    cli: CommandLine,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    write_avro: WriteAvro,
    write_sales: WriteSales,
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    names = {"write_avro": write_avro, "write_sales": write_sales, "zipfile": zipfile}
    run_page(page, "", names, lambda: capsys.readouterr().out, Shell(cli))


@pytest.mark.parametrize("page", [page for page, group in groups() if group == "servers"])
def test_examples_about_stores_run(
    page: str, in_tmp: Path, s3_server: S3Server, write_avro: WriteAvro, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_server.bucket("bucket")
    for name, value in bucket.environment().items():
        monkeypatch.setenv(name, value)
    run_page(page, "servers", {"bucket": bucket, "write_avro": write_avro}, str)


def test_all_blocks_run_but_some_that_say_why() -> None:
    found = [block for page in PAGES for block in blocks(page)]
    assert len(found) > 140
    assert len([block for block in found if block.group == "none"]) == NOT_RUN
    assert {block.group for block in found} == {"", "none", "servers", *ELSEWHERE}


def test_the_reference_has_every_public_name_once() -> None:
    pages = [(ROOT / page).read_text() for page in PAGES if page.startswith("docs/reference/")]
    listed = re.findall(r"^::: (.*)$", "\n".join(pages), re.MULTILINE)
    engines = ["jetliner.dask.read_avro", "jetliner.ray.read_avro", "jetliner.spark.AvroDataSource"]
    assert sorted(listed) == sorted([*(f"jetliner.{name}" for name in jetliner.__all__), *engines])


def test_the_install_page_has_the_versions_of_the_bundled_libraries() -> None:
    sources = (ROOT / "cmake" / "Bundled.cmake").read_text()
    page = (ROOT / "docs" / "install.md").read_text()
    table = re.findall(r"^\| (\w+)(?: \(xz\))? \| ([0-9.]+) \|", page, re.MULTILINE)
    assert len(table) == 6
    for library, version in table:
        # "+snappy.1.3.1", "/bzip2-1.0.8", or a comment behind the address.
        number = re.escape(version)
        assert re.search(rf"[+/]{library}[.-]{number}\b|# (xz )?{number}$", sources, re.MULTILINE), library
