"""scripts/stages, which `make test` consists of: it ends at the first failure, and always says what took how long."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "stages"
#: Stands for make: the target "broken" fails.
MAKE = '#!/bin/sh\necho "making $1"\n[ "$1" != broken ] || exit 3\n'


@pytest.fixture
def make(tmp_path: Path) -> Path:
    path = tmp_path / "make"
    path.write_text(MAKE)
    path.chmod(0o755)
    return path


def run(make: Path, *targets: str) -> tuple[int, list[str]]:
    result = subprocess.run(
        [SCRIPT, *targets], env={**os.environ, "MAKE": str(make)}, capture_output=True, text=True, check=False
    )
    return result.returncode, [re.sub(r"^ +\d+ s  ", "", line) for line in result.stdout.splitlines()]


def test_all_stages_pass(make: Path) -> None:
    assert run(make, "lint", "docs") == (
        0,
        ["making lint", "making docs", "", "== Time of each stage", "lint", "docs", "in all"],
    )


def test_first_failure_ends_the_run(make: Path) -> None:
    assert run(make, "lint", "broken", "docs") == (
        3,
        ["making lint", "making broken", "", "== Time of each stage", "lint", "broken (failed)", "in all"],
    )
