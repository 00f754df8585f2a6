"""Files after public bug reports. tests/data/reports has the files, and `cases.json` what is right for each."""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.exceptions import ComputeError

import jetliner

REPORTS = Path(__file__).parents[1] / "data" / "reports"
CASES = json.loads((REPORTS / "cases.json").read_text())
WAYS = ("read", "scan", "reader")


def at(micros: int, zone: timezone | None = None) -> datetime:
    """Return the time so many microseconds after 1970."""
    return datetime(1970, 1, 1, tzinfo=zone) + timedelta(microseconds=micros)


#: What the Python expressions of cases.json use.
NAMES = {"pl": pl, "at": at, "utc": UTC, "Decimal": Decimal}


def frame_by(way: str, path: Path, **options: Any) -> pl.DataFrame:
    if way == "read":
        return jetliner.read_avro(path, **options)
    if way == "scan":
        return jetliner.scan_avro(path, **options).collect()
    with jetliner.AvroReader(path, **options) as reader:
        return pl.concat([pl.DataFrame(schema=reader.polars_schema), *reader])


@pytest.mark.parametrize(
    ("case", "way"),
    [pytest.param(case, way, id=f"{case['id']}-{way}") for case in CASES for way in case.get("ways", WAYS)],
)
def test_report(case: dict[str, Any], way: str) -> None:
    path, options = REPORTS / case["file"], case.get("kwargs", {})
    if "error" not in case:
        frame = frame_by(way, path, **options)
        assert dict(frame.schema) == eval(case["schema"], NAMES)
        assert frame.rows() == eval(case["rows"], NAMES)
        return
    kind = getattr(jetliner, case["error"])
    with pytest.raises((kind, ComputeError)) as caught:
        frame_by(way, path, **options)
    text = str(caught.value)
    assert case.get("text", "") in text
    if "not_text" in case:
        assert case["not_text"] not in text
    if isinstance(caught.value, kind):  # Polars 1 makes a ComputeError of errors within a query
        assert caught.value.variant == case["variant"]
    else:
        assert way == "scan"
        assert case["error"] != "SchemaError"


def test_every_file_has_a_case_and_is_what_the_script_makes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_reports", REPORTS / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in REPORTS.glob("*.avro")}
    assert set(made) == {case["file"] for case in CASES}
    assert len(CASES) == len({case["id"] for case in CASES})


@pytest.mark.parametrize("name", ["comments.avro", "surrogates.avro", "anonymous_record.avro"])
def test_the_schema_as_a_dictionary(name: str) -> None:
    with jetliner.AvroReader(REPORTS / name) as reader:
        assert reader.schema_dict["type"] == "record"
        names = [field["name"] for field in reader.schema_dict["fields"]]
        assert names == list(reader.polars_schema)
    assert [field["name"] for field in jetliner.read_avro_metadata(REPORTS / name).schema["fields"]] == names


def test_counts_of_files_without_a_name() -> None:
    assert jetliner.count_rows(REPORTS / "anonymous_record.avro") == 2
