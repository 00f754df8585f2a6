"""scripts/check_layers.py must pass on a tree in order, and must be able to fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "scripts" / "check_layers.py"


def run(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("include/jetliner/source.h", "include/jetliner/error.h", "src/base/bytes.h", "src/schema/schema.h"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#include <vector>\n")
    (tmp_path / "src/plan").mkdir()
    (tmp_path / "src/plan/op.h").write_text('#include "base/bytes.h"\n#include "schema/schema.h"\n')
    (tmp_path / "src/container").mkdir()
    (tmp_path / "src/container/header.h").write_text('#include "jetliner/source.h"\n#include "base/bytes.h"\n')
    return tmp_path


def test_own_tree_is_in_order() -> None:
    result = run(ROOT)
    assert result.returncode == 0, result.stdout


def test_tree_in_order(tree: Path) -> None:
    result = run(tree)
    assert (result.returncode, result.stdout) == (0, "layers: 6 files in order\n")


@pytest.mark.parametrize(
    ("file", "include", "why"),
    [
        ("src/schema/a.h", '"plan/op.h"', "schema may not include plan"),
        ("src/base/a.h", '"schema/schema.h"', "base may not include schema"),
        ("src/container/a.cc", '"schema/schema.h"', "container may not include schema"),
        ("src/schema/a.cc", '"container/header.h"', "schema may not include container"),
        ("src/schema/a.cc", '"jetliner/source.h"', 'schema may not include "jetliner/source.h"'),
        ("src/codec/a.cc", '"jetliner/source.h"', 'codec may not include "jetliner/source.h"'),
        ("src/plan/a.cc", '"op.h"', '"op.h" is not a path from src/'),
        ("src/plan/a.cc", '"../base/bytes.h"', "is not a path from src/"),
        ("src/plan/a.cc", "<schema/schema.h>", "is included in quotes"),
        ("src/plan/a.cc", '"jetliner/missing.h"', "no such header"),
        ("include/jetliner/a.h", '"base/bytes.h"', "only jetliner/ may appear there"),
        ("src/util/a.h", "<vector>", "not in a layer"),
    ],
)
def test_offence_is_named_with_file_and_line(tree: Path, file: str, include: str, why: str) -> None:
    path = tree / file
    path.parent.mkdir(parents=True, exist_ok=True)
    line = 1 if why == "not in a layer" else 2
    path.write_text(f"// a comment\n#include {include}\n")
    result = run(tree)
    assert result.returncode == 1
    assert result.stdout.startswith(f"{file}:{line}: ")
    assert why in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_nothing_to_check_is_a_failure(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 1
