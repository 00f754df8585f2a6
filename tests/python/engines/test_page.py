"""The examples of docs/many-machines.md about engines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from conftest import WriteAvro

PAGE = Path(__file__).parents[3] / "docs" / "many-machines.md"
TOTALS = {"DE": 3.0, "FR": 4.0}


@pytest.fixture
def events(tmp_path: Path, write_avro: WriteAvro) -> str:
    fields = [{"name": "country", "type": "string"}, {"name": "amount", "type": "double"}]
    rows = [("DE", 1.0), ("FR", 4.0), ("DE", 2.0), ("FR", -1.0)]
    for index in range(2):
        write_avro(
            f"events/{index}.avro",
            {"type": "record", "name": "Event", "fields": fields},
            [{"country": country, "amount": amount} for country, amount in rows[2 * index : 2 * index + 2]],
        )
    return str(tmp_path)


def run(heading: str, directory: str, **names: Any) -> dict[str, Any]:
    """Run the example below a heading on the files of a directory, and return its variables."""
    section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    [code] = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert "/data/" in code
    exec(code.replace("/data/", f"{directory}/"), names)
    return names


def test_ray(ray_data: Any, events: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("Ray", events)
    assert sum(map(int, capsys.readouterr().out.split())) == 3


def test_dask(dask_client: Any, events: str) -> None:
    assert dict(run("Dask", events)["by_country"]) == TOTALS


def test_spark(spark: Any, events: str) -> None:
    assert {row["country"]: row["sum(amount)"] for row in run("Spark", events, spark=spark)["by_country"]} == TOTALS
