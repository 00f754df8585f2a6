"""The recipes for pandas and DuckDB, and the code for pandas on the page about other readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from page_blocks import run_page


@pytest.mark.parametrize("page", ["docs/recipes.md", "docs/migration.md"])
def test_pages(page: str, in_tmp: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_page(page, "arrow", {}, lambda: capsys.readouterr().out)
