"""Projection: what the core is asked for, and the frames that its batches become."""

from __future__ import annotations

import polars as pl
import pytest

from conftest import WriteSales
from jetliner._columns.frames import schema_of
from jetliner._columns.projection import Projection
from jetliner._columns.table import Table
from jetliner._files.opening import open_reader
from jetliner._options.read_options import ReadOptions
from jetliner.exceptions import SchemaError


def table_of(path: str) -> Table:
    options = ReadOptions(row_index_name="i", include_file_paths="file")
    reader = open_reader(options, [path])
    return Table([path], options, schema_of(reader), reader.schema_json)


def frames(projection: Projection) -> list[pl.DataFrame]:
    reader = projection.open()
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
    projection = Projection(table_of(write_sales(rows=50)), wanted)
    frame = pl.concat(frames(projection))
    assert frame.columns == columns
    assert frame.schema == projection.schema
    assert frame.height == 50
    assert projection.row_index == ("i" in columns)
    assert projection.file_paths == ("file" in columns)


def test_a_file_that_has_changed_since_the_scan_was_made_is_refused(write_sales: WriteSales) -> None:
    table = table_of(write_sales())
    other = Table(table.paths, table.options, pl.Schema({**table.schema, "amount": pl.Int64}), "another text")
    with pytest.raises(SchemaError, match="changed since the scan was made"):
        frames(Projection(other, ["amount"]))
    assert frames(Projection(other, ["status"]))[0].columns == ["status"]
