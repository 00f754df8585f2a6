"""Projection: what the core is asked for, and the frames that its batches become."""

from __future__ import annotations

import polars as pl
import pytest

from conftest import WriteSales
from jetliner.exceptions import SchemaError
from jetliner.frames import schema_of
from jetliner.options import ReadOptions
from jetliner.projection import Projection
from jetliner.scan import AvroScan


def scan_of(path: str) -> AvroScan:
    options = ReadOptions(row_index_name="i", include_file_paths="file")
    reader = options.open([path])
    return AvroScan([path], options, schema_of(reader), reader.schema_json)


def frames(scan: AvroScan, projection: Projection) -> list[pl.DataFrame]:
    reader = scan.options.open(
        scan.paths,
        columns=projection.core_columns,
        row_index=projection.row_index,
        file_paths=projection.file_paths,
    )
    projection.expect(reader)
    found = []
    while (batch := reader.next()) is not None:
        found.append(projection.frame(batch))
    return found


@pytest.mark.parametrize(
    ("wanted", "columns"),
    [
        (None, ["i", "user_id", "amount", "status", "file"]),
        (["status", "user_id"], ["user_id", "status"]),
        (["file"], ["file"]),
        (["amount", "i"], ["i", "amount"]),
        ([], ["i"]),
    ],
)
def test_frames_have_the_wanted_columns_in_schema_order_and_all_rows(
    write_sales: WriteSales, wanted: list[str] | None, columns: list[str]
) -> None:
    scan = scan_of(write_sales(rows=50))
    projection = Projection(scan, wanted)
    frame = pl.concat(frames(scan, projection))
    assert frame.columns == columns
    assert frame.schema == projection.schema
    assert frame.height == 50
    assert projection.row_index == ("i" in columns)
    assert projection.file_paths == ("file" in columns)


def test_a_file_that_has_changed_since_the_scan_was_made_is_refused(write_sales: WriteSales) -> None:
    scan = scan_of(write_sales())
    other = AvroScan(scan.paths, scan.options, pl.Schema({**scan.schema, "amount": pl.Int64}), "another text")
    with pytest.raises(SchemaError, match="changed since the scan was made"):
        frames(other, Projection(other, ["amount"]))
    assert frames(other, Projection(other, ["status"]))[0].columns == ["status"]
