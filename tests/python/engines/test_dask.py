"""jetliner.dask on a real Dask with two worker processes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro, WriteSales
from engines.kinds import KINDS, write_damaged_text, write_kinds

SMALL = 3_000


def read(source: Any, **options: Any) -> Any:
    from jetliner.dask import read_avro

    return read_avro(source, **options)


def arrow(frame: pl.DataFrame) -> Any:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())


def types(frame: Any) -> dict[str, Any]:
    """The Arrow types of a data frame of pandas, or of Dask."""
    return {name: dtype.pyarrow_dtype for name, dtype in frame.dtypes.items()}


def rows(frame: Any) -> Any:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False)


def test_all_kinds_of_types_are_those_of_read_avro(dask_client: Any, tmp_path: Path) -> None:
    path = write_kinds(tmp_path / "kinds.avro", KINDS)
    frame = read(path, split_bytes=500)
    assert frame.npartitions > 1
    expected = arrow(jetliner.read_avro(path))
    wanted = dict(zip(expected.schema.names, expected.schema.types, strict=True))
    computed = frame.compute()
    assert types(frame) == wanted
    assert types(computed) == wanted
    assert rows(computed).to_pylist() == expected.to_pylist()


def test_partitions_keep_the_order_of_files_and_rows(dask_client: Any, write_sales: WriteSales) -> None:
    paths = [write_sales(f"{index}.avro", 200, start=index * 200, block_rows=20) for index in range(3)]
    frame = read(paths, split_bytes=SMALL, include_file_paths="file")
    assert not frame.known_divisions
    assert frame.npartitions == len(jetliner.plan_splits(paths, split_bytes=SMALL))
    assert rows(frame.compute()).equals(arrow(jetliner.read_avro(paths, include_file_paths="file")))


def test_columns_are_pruned_before_they_are_decoded(dask_client: Any, tmp_path: Path) -> None:
    path = write_damaged_text(tmp_path / "damaged.avro")
    frame = read(path)
    assert frame["n"].compute().to_list() == list(range(100))
    assert frame[["n"]].compute().columns.to_list() == ["n"]
    assert int(frame["n"].sum().compute()) == sum(range(100))
    assert frame[frame["n"] > 50]["n"].compute().to_list() == list(range(51, 100))
    assert read(path, columns=["n"]).compute().columns.to_list() == ["n"]
    with pytest.raises(jetliner.DecodeError):
        frame["t"].compute()


def test_columns_have_the_order_of_the_query(dask_client: Any, path: str) -> None:
    assert read(path)[["amount", "user_id"]].compute().columns.to_list() == ["amount", "user_id"]


def test_counts(dask_client: Any, tmp_path: Path, path: str) -> None:
    assert len(read(path, split_bytes=SMALL)) == 1000
    # Dask's own len reads all columns of a frame, even of frame[["n"]].
    damaged = write_damaged_text(tmp_path / "damaged.avro")
    assert len(read(damaged, columns=["n"])) == 100
    no_columns = read(damaged)[[]]
    assert no_columns.map_partitions(len).compute().sum() == 100
    assert no_columns.compute().shape == (100, 0)


def test_filter_argument(dask_client: Any, path: str) -> None:
    expected = jetliner.read_avro(path).filter(pl.col("amount") > 450)
    frame = read(path, filter=pl.col("amount") > 450, split_bytes=SMALL)
    assert rows(frame.compute()).equals(arrow(expected))
    assert len(frame) == expected.height
    assert frame[[]].compute().shape == (expected.height, 0)
    only = read(path, columns=["status"], filter=pl.col("amount") > 450).compute()
    assert rows(only).equals(arrow(expected.select("status")))


def test_head_reads_one_partition(dask_client: Any, tmp_path: Path) -> None:
    path = write_damaged_text(tmp_path / "damaged.avro")
    assert read(path, split_bytes=200).head(3)["n"].to_list() == [0, 1, 2]


def test_grouping(dask_client: Any, path: str) -> None:
    sums = read(path, split_bytes=SMALL).groupby("status")["amount"].sum().compute()
    expected = jetliner.read_avro(path).group_by("status").agg(pl.col("amount").sum())
    assert dict(sums) == dict(expected.iter_rows())


def test_an_error_on_a_worker_has_file_block_and_cause(dask_client: Any, tmp_path: Path) -> None:
    path = write_damaged_text(tmp_path / "damaged.avro")
    with pytest.raises(jetliner.DecodeError) as raised:
        read(path).compute()
    error = raised.value
    assert (error.path, error.block_index, error.record_index, error.variant) == (path, 5, 0, "InvalidUtf8")
    assert len(read(path, ignore_errors=True)) == 90  # the block is lost from its bad record on


def test_files_without_rows_have_columns(dask_client: Any, write_sales: WriteSales) -> None:
    empty = write_sales("empty.avro", 0)
    frame = read(empty)
    computed = frame.compute()
    assert len(computed) == 0
    assert types(computed) == types(frame)
    both = read([empty, write_sales("full.avro", 5)]).compute()
    assert (len(both), types(both)) == (5, types(frame))


def test_patterns_and_reader_schemas(dask_client: Any, tmp_path: Path, write_sales: WriteSales) -> None:
    for index in range(3):
        write_sales(f"day={index}/part.avro", 10)
    pattern = str(tmp_path / "day=*" / "*.avro")
    fields = [{"name": "amount", "type": "double"}, {"name": "extra", "type": "string", "default": "none"}]
    schema = {"type": "record", "name": "Sale", "fields": fields}
    got = rows(read(pattern, reader_schema=schema).compute())
    assert got.equals(arrow(jetliner.read_avro(pattern, reader_schema=schema)))
    with_days = read(str(tmp_path), hive_partitioning=True)
    assert sorted(with_days["day"].unique().compute()) == [0, 1, 2]


def test_parts_of_columns(dask_client: Any, write_avro: WriteAvro) -> None:
    place = {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int"}]}
    schema = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "int"}, {"name": "at", "type": place}]}
    path = write_avro("parts.avro", schema, [{"id": 1, "at": {"x": 2, "y": 3}}])
    assert rows(read(path, columns=["at.y"])["at"].compute().to_frame()).to_pylist() == [{"at": {"y": 3}}]


def test_wrong_arguments(dask_client: Any, path: str) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        read(path, no_such_option=1)
    with pytest.raises(jetliner.SchemaError, match="there is no column 'amont'"):
        read(path, columns=["amont"])


def test_options_of_stores_are_not_shown(dask_client: Any, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    frame = read(path, storage_options={"aws_secret_access_key": "hush-hush"})
    frame.pprint()
    frame.optimize().pprint()
    assert "read-avro" in str(list(frame.__dask_graph__()))
    for shown in (repr(frame), repr(frame.expr), str(dict(frame.__dask_graph__())), capsys.readouterr().out):
        assert "hush" not in shown


def test_equal_calls_have_equal_names(dask_client: Any, path: str) -> None:
    first, second = (read(path, filter=pl.col("amount") > 5) for _ in range(2))
    assert first._name == second._name
    assert first._name != read(path, filter=pl.col("amount") > 6)._name
