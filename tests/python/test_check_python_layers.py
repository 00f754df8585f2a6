"""scripts/check_python_layers.py must pass on a package in order, and must be able to fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "scripts" / "check_python_layers.py"


def run(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    modules = {
        "__init__.py": "from jetliner.read import read_avro\n",
        "exceptions.py": "import os\n",
        "_core.pyi": "import polars as pl\n",
        "_options/__init__.py": "",
        "_options/checks.py": "from jetliner.exceptions import ConfigurationError\n",
        "_options/read_options.py": "from jetliner._options import checks\n",
        "_files/opening.py": "from jetliner import _core\nfrom jetliner._options.read_options import ReadOptions\n",
        "_columns/table.py": "from jetliner._files.opening import open_reader\n",
        "read.py": "from jetliner._columns.table import Table\n",
        "_cli/__init__.py": "from jetliner._cli.cat import cat\n",
        "_cli/cat.py": "from jetliner import read_avro\nfrom jetliner._files.opening import open_reader\n",
        "__main__.py": "from jetliner._cli import main\n",
    }
    for name, text in modules.items():
        path = tmp_path / "python" / "jetliner" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_own_package_is_in_order() -> None:
    result = run(ROOT)
    assert result.returncode == 0, result.stdout


def test_package_in_order(tree: Path) -> None:
    result = run(tree)
    assert (result.returncode, result.stdout) == (0, "layers: 12 Python files in order\n")


@pytest.mark.parametrize(
    ("file", "statement", "why"),
    [
        ("_options/a.py", "from jetliner._files.opening import open_reader", "_options may not import _files"),
        ("_options/a.py", "from jetliner import _core", "_options may not import _core"),
        ("_files/a.py", "import jetliner._columns.table", "_files may not import _columns"),
        ("_columns/a.py", "from jetliner.read import read_avro", "_columns may not import read"),
        ("_columns/a.py", "from jetliner import read", "_columns may not import read"),
        ("scan.py", "from jetliner.read import read_avro", "scan may not import read"),
        ("scan.py", "from jetliner.ray import read_avro", "scan may not import ray"),
        ("dask.py", "from jetliner.ray import read_avro", "dask may not import ray"),
        ("splits.py", "from jetliner._engines.plan import plan", "splits may not import _engines"),
        ("exceptions.py", "from jetliner._options.checks import integer", "exceptions may not import _options"),
        ("scan.py", "import jetliner", "imports the package itself"),
        ("scan.py", "from jetliner import read_avro", "imports the package itself"),
        ("_files/a.py", "from .opening import open_reader", "which is in no group"),
        ("_files/a.py", "from jetliner.helpers import x", "imports helpers, which is in no group"),
        ("helpers.py", "import os", "not in a group"),
        ("scan.py", "from jetliner._cli.cat import cat", "scan may not import _cli"),
        ("_files/a.py", "from jetliner._cli import main", "_files may not import _cli"),
    ],
)
@pytest.mark.parametrize("where", ["module", "function", "type checking"])
def test_offence_is_named_with_file_and_line(tree: Path, file: str, statement: str, why: str, where: str) -> None:
    before = {
        "module": "import sys\n",
        "function": "def f() -> None:\n    ",
        "type checking": "if TYPE_CHECKING:\n    ",
    }[where]
    (tree / "python" / "jetliner" / file).write_text(f"{before}{statement}\n")
    result = run(tree)
    assert result.returncode == 1
    line = 1 if why == "not in a group" else 2
    assert result.stdout.startswith(f"python/jetliner/{file}:{line}: ")
    assert why in result.stdout
    assert len(result.stdout.splitlines()) == 1


def test_circle_within_a_group_is_an_offence(tree: Path) -> None:
    folder = tree / "python" / "jetliner" / "_files"
    (folder / "a.py").write_text("import os\nfrom jetliner._files import b\n")
    (folder / "b.py").write_text("def f() -> None:\n    from jetliner._files.c import g\n")
    (folder / "c.py").write_text("if TYPE_CHECKING:\n    from jetliner._files.a import x\n")
    result = run(tree)
    assert result.returncode == 1
    assert result.stdout == (
        "python/jetliner/_files/a.py:2: imports in a circle: _files.a -> _files.b -> _files.c -> _files.a\n"
    )


def test_nothing_to_check_is_a_failure(tmp_path: Path) -> None:
    assert run(tmp_path).returncode == 1
