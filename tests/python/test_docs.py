"""The pages of documentation: their examples run."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "docs"


@pytest.mark.filterwarnings("ignore:ScanCastOptions is considered unstable")
def test_examples_of_queries_run(in_tmp: Path) -> None:
    found = doctest.testfile(
        str(PAGES / "queries.md"), module_relative=False, optionflags=doctest.IGNORE_EXCEPTION_DETAIL, encoding="utf-8"
    )
    assert found.attempted > 10
    assert found.failed == 0
