"""jetliner.ray on a real Ray with two workers."""

from __future__ import annotations

import contextlib
import io
import pickle
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro, WriteSales
from engines.kinds import KINDS, write_damaged_text, write_kinds

SMALL = 3_000  # bytes of a split: a file of sales has several


def read(source: Any, **options: Any) -> Any:
    from jetliner.ray import read_avro

    return read_avro(source, **options)


def frame(dataset: Any) -> pl.DataFrame:
    import ray

    return pl.concat([pl.DataFrame(pl.from_arrow(table)) for table in ray.get(dataset.to_arrow_refs())])


def arrow_schema(rows: pl.DataFrame) -> Any:
    return rows.to_arrow(compat_level=pl.CompatLevel.oldest()).schema


def explained(dataset: Any) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        dataset.explain()
    return out.getvalue()


def optimized(dataset: Any) -> str:
    """The logical plan after Ray has optimized it."""
    return explained(dataset).partition("Logical Plan (Optimized)")[2].partition("Physical Plan")[0]


def test_all_kinds_of_types_are_those_of_read_avro(ray_data: Any, tmp_path: Path) -> None:
    path = write_kinds(tmp_path / "kinds.avro", KINDS)
    dataset = read(path, split_bytes=500)
    expected = jetliner.read_avro(path)
    got = frame(dataset)
    assert got.schema == expected.schema
    assert got.equals(expected)
    assert dataset.schema().names == expected.columns


def test_many_tasks_keep_the_order_of_files_and_rows(ray_data: Any, write_sales: WriteSales) -> None:
    paths = [write_sales(f"{index}.avro", 200, start=index * 200, block_rows=20) for index in range(3)]
    dataset = read(paths, split_bytes=SMALL, include_file_paths="file")
    ray_data.DataContext.get_current().execution_options.preserve_order = True
    try:
        assert frame(dataset).equals(jetliner.read_avro(paths, include_file_paths="file"))
    finally:
        ray_data.DataContext.get_current().execution_options.preserve_order = False


def test_columns_are_pruned_by_rays_optimizer_before_they_are_decoded(ray_data: Any, tmp_path: Path) -> None:
    path = write_damaged_text(tmp_path / "damaged.avro")
    query = read(path).select_columns(["n"])
    assert "Project" not in optimized(query)
    assert frame(query)["n"].sort().to_list() == list(range(100))
    assert frame(read(path, columns=["n"])).columns == ["n"]
    with pytest.raises(jetliner.DecodeError):
        frame(read(path).select_columns(["t"]))


def test_selected_columns_have_the_order_of_the_query(ray_data: Any, path: str) -> None:
    assert frame(read(path).select_columns(["amount", "user_id"])).columns == ["amount", "user_id"]


def test_renamed_and_computed_columns(ray_data: Any, path: str) -> None:
    from ray.data.expressions import col

    query = read(path).with_column("twice", col("amount") * 2).rename_columns({"twice": "x"}).select_columns(["x"])
    assert frame(query)["x"].sum() == 2 * jetliner.read_avro(path)["amount"].sum()


def test_count_keeps_the_rows_and_decodes_no_column(ray_data: Any, tmp_path: Path, path: str) -> None:
    assert read(path, split_bytes=SMALL).count() == 1000
    assert read(path, columns=["status"]).count() == 1000
    assert read(write_damaged_text(tmp_path / "damaged.avro"), columns=["t"]).count() == 100


@pytest.mark.parametrize(
    ("of_ray", "of_polars"),
    [
        (
            lambda col: (col("amount") > 400.0) & (col("user_id") < 900),
            (pl.col("amount") > 400) & (pl.col("user_id") < 900),
        ),
        (
            lambda col: (col("status") == "active") | ~(col("user_id") >= 10),
            (pl.col("status") == "active") | (pl.col("user_id") < 10),
        ),
        (lambda col: col("user_id").is_in([3, 5, 5000]), pl.col("user_id").is_in([3, 5, 5000])),
        (lambda col: col("user_id").not_in([3, 5, 5000]), ~pl.col("user_id").is_in([3, 5, 5000])),
        (lambda col: col("status").is_null(), pl.col("status").is_null()),
        (lambda col: col("status") != "active", pl.col("status") != "active"),
    ],
)
def test_filters_of_ray_are_applied_on_the_workers(ray_data: Any, path: str, of_ray: Any, of_polars: pl.Expr) -> None:
    from ray.data.expressions import col

    query = read(path, split_bytes=SMALL).filter(expr=of_ray(col)).select_columns(["user_id"])
    assert "Filter" not in optimized(query)
    expected = jetliner.read_avro(path).filter(of_polars)["user_id"].to_list()
    assert sorted(frame(query)["user_id"].to_list()) == expected


def test_filters_that_could_differ_stay_with_ray(ray_data: Any, path: str) -> None:
    from ray.data.expressions import col

    query = read(path).filter(expr=col("amount") * 2.0 > 990.0)
    assert "Filter" in optimized(query)
    assert query.count() == jetliner.read_avro(path).filter(pl.col("amount") * 2 > 990).height


def test_nulls_and_nan_are_filtered_as_ray_does(ray_data: Any, write_avro: WriteAvro) -> None:
    from ray.data.expressions import col

    values = [1.0, None, float("nan"), -1.0, float("inf")]
    fields = [{"name": "x", "type": ["null", "double"]}, {"name": "n", "type": ["null", "long"]}]
    rows = [{"x": x, "n": n} for x, n in zip(values, [1, 2, None, 4, 5], strict=True)]
    path = write_avro("nan.avro", {"type": "record", "name": "R", "fields": fields}, rows)
    ours = read(path)
    of_ray = ours.materialize()  # Ray filters what is in memory itself
    for condition in (
        col("x") > 0.0,
        ~(col("x") > 0.0),
        col("x") >= 1.0,
        col("x") < 5.0,
        col("x") != 1.0,
        col("n").is_in([1, 2]),
        col("n").not_in([1, 2]),
        ~((col("n") > 1) & (col("x") < 0.0)),
    ):
        query = ours.filter(expr=condition)
        assert "Filter" not in optimized(query)
        assert query.count() == of_ray.filter(expr=condition).count(), condition


def test_filter_argument(ray_data: Any, path: str) -> None:
    expected = jetliner.read_avro(path).filter(pl.col("amount") > 450)
    assert frame(read(path, filter=pl.col("amount") > 450)).sort("user_id").equals(expected.sort("user_id"))
    only = read(path, columns=["status"], filter=pl.col("amount") > 450)
    assert frame(only).columns == ["status"]
    assert only.count() == expected.height


def test_limits(ray_data: Any, path: str) -> None:
    assert read(path, split_bytes=SMALL).limit(7).count() == 7
    assert len(read(path, split_bytes=SMALL).select_columns(["user_id"]).limit(25).take_all()) == 25
    assert len(read(path, split_bytes=SMALL).take(3)) == 3


def test_a_limit_of_a_task_ends_its_reading(ray_data: Any, path: str) -> None:
    from jetliner._engines.plan import plan
    from jetliner.ray import AvroDatasource

    source = AvroDatasource(*plan(path, None, None, {"split_bytes": SMALL}))
    [task] = source.get_read_tasks(1, per_task_row_limit=5)
    assert sum(table.num_rows for table in task()) == 5


def test_tasks_are_as_many_as_asked_for_and_know_sizes(ray_data: Any, write_sales: WriteSales) -> None:
    from jetliner._engines.plan import plan
    from jetliner.ray import AvroDatasource

    paths = [write_sales(f"{index}.avro", 20) for index in range(50)]
    source = AvroDatasource(*plan(paths, None, None, {}))
    for parallelism, count in ((1, 1), (7, 7), (50, 50), (200, 50)):
        tasks = source.get_read_tasks(parallelism)
        assert len(tasks) == count
        assert [path for task in tasks for path in task.metadata.input_files] == paths
        size = sum(task.metadata.size_bytes for task in tasks)
        assert size == pytest.approx(source.estimate_inmemory_data_size(), abs=count)
        assert size >= sum(Path(path).stat().st_size for path in paths)
    assert all(task.metadata.num_rows is None for task in source.get_read_tasks(7))
    assert read(paths).count() == 1000


def test_an_error_on_a_worker_has_file_block_and_cause(ray_data: Any, tmp_path: Path) -> None:
    path = write_damaged_text(tmp_path / "damaged.avro")
    with pytest.raises(jetliner.DecodeError) as raised:
        read(path).materialize()
    error = raised.value
    assert (error.path, error.block_index, error.record_index, error.variant) == (path, 5, 0, "InvalidUtf8")
    assert "UTF-8" in str(error)
    assert frame(read(path, ignore_errors=True)).height == 90  # the block is lost from its bad record on


def test_files_without_rows_have_columns(ray_data: Any, write_sales: WriteSales) -> None:
    empty = write_sales("empty.avro", 0)
    dataset = read(empty)
    assert dataset.count() == 0
    expected = arrow_schema(jetliner.read_avro(empty))
    assert (dataset.schema().names, dataset.schema().types) == (expected.names, expected.types)
    assert read([empty, write_sales("full.avro", 5)]).count() == 5


def test_patterns_and_reader_schemas(ray_data: Any, tmp_path: Path, write_sales: WriteSales) -> None:
    for index in range(3):
        write_sales(f"day={index}/part.avro", 10)
    pattern = str(tmp_path / "day=*" / "*.avro")
    fields = [{"name": "amount", "type": "double"}, {"name": "extra", "type": "string", "default": "none"}]
    schema = {"type": "record", "name": "Sale", "fields": fields}
    got = frame(read(pattern, reader_schema=schema))
    assert got.equals(jetliner.read_avro(pattern, reader_schema=schema))
    with_days = frame(read(str(tmp_path), hive_partitioning=True))
    assert with_days["day"].unique().sort().to_list() == [0, 1, 2]


def test_parts_of_columns(ray_data: Any, write_avro: WriteAvro) -> None:
    place = {"type": "record", "name": "P", "fields": [{"name": "x", "type": "int"}, {"name": "y", "type": "int"}]}
    fields = [{"name": "id", "type": "int"}, {"name": "at", "type": place}]
    path = write_avro(
        "parts.avro", {"type": "record", "name": "R", "fields": fields}, [{"id": 1, "at": {"x": 2, "y": 3}}]
    )
    dataset = read(path, columns=["at.y", "id"])
    assert frame(dataset).equals(jetliner.read_avro(path, columns=["at.y", "id"]))
    assert frame(dataset.select_columns(["at"])).to_dicts() == [{"at": {"y": 3}}]
    with pytest.raises(jetliner.ConfigurationError, match="whole columns"):
        read(path, columns=["at.y"], filter=pl.col("id") > 1)


def test_wrong_arguments(ray_data: Any, path: str) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        read(path, no_such_option=1)
    with pytest.raises(TypeError, match="filter must be"):
        read(path, filter="amount > 1")
    with pytest.raises(jetliner.SchemaError, match="there is no column 'amont'"):
        read(path, columns=["amont"])
    with pytest.raises(jetliner.FileNotFoundError):
        read(path + ".no")


def test_options_of_stores_are_not_shown(ray_data: Any, path: str) -> None:
    dataset = read(path, storage_options={"aws_secret_access_key": "hush-hush"})
    assert dataset.count() == 1000
    [task] = dataset._logical_plan.dag.datasource.get_read_tasks(1)
    for shown in (repr(dataset), explained(dataset), dataset.stats(), repr(task.metadata), repr(dataset._logical_plan)):
        assert "hush" not in shown
    assert len(pickle.dumps(dataset._logical_plan.dag.datasource)) < 20_000
