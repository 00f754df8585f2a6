"""The examples of the pages that need engines, or libraries that are installed with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import WriteAvro, WriteSales
from page_blocks import groups, run_page

#: The fixtures of the groups of blocks.
FIXTURES = {"arrow": None, "dask": "dask_client", "ray": "ray_data", "spark": "spark"}


@pytest.mark.parametrize(("page", "group"), [(page, group) for page, group in groups() if group in FIXTURES])
def test_examples_run(
    page: str,
    group: str,
    in_tmp: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    write_avro: WriteAvro,
    write_sales: WriteSales,
) -> None:
    fixture = FIXTURES[group]
    engine = request.getfixturevalue(fixture) if fixture else None
    names = {"engine": engine, "write_avro": write_avro, "write_sales": write_sales}
    run_page(page, group, names, lambda: capsys.readouterr().out)
