"""What the modules for Ray, Dask and Spark do without these."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

import jetliner
from jetliner._engines.plan import SplitOptions


@pytest.mark.parametrize(("module", "package"), [("ray", "ray"), ("dask", "dask"), ("spark", "pyspark")])
def test_without_its_engine_a_module_says_what_to_install(module: str, package: str) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; import jetliner.{module}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: jetliner.")
    assert f'pip install "jetliner[{module}]"' in done.stderr


def test_engines_take_the_options_of_plan_splits() -> None:
    options = inspect.signature(jetliner.plan_splits).parameters.keys() - {"source"}
    assert SplitOptions.__annotations__.keys() == options
