"""Avro files as datasets of Ray Data: `jetliner.ray.read_avro`. It needs `pip install "jetliner[ray]"`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Unpack

import polars as pl

from jetliner._engines.comparisons import comparison
from jetliner._engines.plan import Selected, SplitOptions, plan
from jetliner._files.sources import FileSource
from jetliner._options.parameters import documented
from jetliner.splits import AvroSplit

try:
    import pyarrow as pa
    import ray.data
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask
    from ray.data.expressions import AliasExpr, BinaryExpr, ColumnExpr, Expr, LiteralExpr, Operation, UnaryExpr
except ImportError as error:
    msg = 'jetliner.ray needs Ray Data: pip install "jetliner[ray]"'
    raise ImportError(msg) from error

#: The column of nulls by which Ray Data itself keeps the number of rows where no column is asked for.
_ROWS_ONLY = "__bsp_stub"
_COMPARISONS = {
    Operation.EQ: "eq",
    Operation.NE: "ne",
    Operation.LT: "lt",
    Operation.LE: "le",
    Operation.GT: "gt",
    Operation.GE: "ge",
}


class AvroDatasource(Datasource):
    """Splits of Avro files. Ray's optimizer hands over the columns and filters of a query.

    Parameters
    ----------
    splits
        The splits.
    selected
        What to read of them.
    """

    def __init__(self, splits: list[AvroSplit], selected: Selected) -> None:
        super().__init__()
        self._projection_map: dict[str, str] | None = None
        self._splits = splits
        self._selected = selected

    def estimate_inmemory_data_size(self) -> int:
        """Return about how many bytes the rows take in memory."""
        return self._selected.memory_bytes(self._splits)

    def supports_projection_pushdown(self) -> bool:
        """Tell Ray to hand over the columns."""
        return True

    def apply_projection(self, projection_map: dict[str, str] | None) -> AvroDatasource:
        """Return the same with fewer columns."""
        clone: AvroDatasource = super().apply_projection(projection_map)
        if projection_map is not None:
            clone._selected = self._selected.only([name for name in projection_map if name in self._selected.schema])
        return clone

    def supports_predicate_pushdown(self) -> bool:
        """Tell Ray to hand over filters."""
        return True

    def apply_predicate(self, predicate_expr: Expr) -> AvroDatasource:
        """Return the same with fewer rows, or itself if Ray is to filter: then Ray keeps its filter."""
        predicate = to_polars(predicate_expr, self._selected.schema)
        if predicate is None:
            return self
        clone: AvroDatasource = super().apply_predicate(predicate_expr)
        clone._selected = self._selected.where(predicate)
        return clone

    def get_read_tasks(
        self,
        parallelism: int,
        per_task_row_limit: int | None = None,
        data_context: Any = None,  # noqa: ARG002 (Ray gives it)
    ) -> list[ReadTask]:
        """Return tasks of one or more splits each, at most `parallelism`."""
        count = len(self._splits)
        tasks = max(1, min(parallelism, count))
        bounds = [count * index // tasks for index in range(tasks + 1)]
        return [self._task(self._splits[start:end], per_task_row_limit) for start, end in pairwise(bounds)]

    def _task(self, splits: list[AvroSplit], row_limit: int | None) -> ReadTask:
        selected = self._selected

        def read() -> Iterator[pa.Table]:
            return _tables(splits, selected)

        metadata = BlockMetadata(
            num_rows=None,  # Ray would take an estimate for the number itself
            size_bytes=selected.memory_bytes(splits),
            input_files=list(dict.fromkeys(split.path for split in splits)),
            exec_stats=None,
        )
        # Ray stops to ask for tables at the limit.
        return ReadTask(read, metadata, schema=_table(selected.empty()).schema, per_task_row_limit=row_limit)


@documented()
def read_avro(
    source: FileSource,
    *,
    columns: Sequence[str] | Sequence[int] | None = None,
    filter: pl.Expr | None = None,  # noqa: A002 (the name that users know)
    concurrency: int | None = None,
    override_num_blocks: int | None = None,
    ray_options: dict[str, Any] | None = None,
    **options: Unpack[SplitOptions],
) -> ray.data.Dataset:
    """Read Avro files as a dataset of Ray Data.

    Tasks of Ray read splits of the files. Ray hands over the columns of a query, its filters on columns and values, and
    limits. The dataset has the types of `jetliner.read_avro`, as Arrow.

    Without `override_num_blocks` each split is a task. Its rows are one block, or several where they take more than
    Ray's `target_max_block_size`. Ray's own choice would be some 200 small blocks.

    Returns
    -------
    ray.data.Dataset
        The rows, as Arrow tables.

    Raises
    ------
    TypeError, ConfigurationError, JetlinerError
        As `jetliner.plan_splits` and `jetliner.read_avro` do. An error on a worker is a `ray.exceptions.RayTaskError`
        that is also of the class of the error, with its attributes.
    """
    splits, selected = plan(source, columns, filter, options)
    if override_num_blocks is None:
        # Ray would cut the rows of a few splits into many small blocks, which takes longer than reading them.
        override_num_blocks = max(1, len(splits))
    return ray.data.read_datasource(
        AvroDatasource(splits, selected),
        concurrency=concurrency,
        override_num_blocks=override_num_blocks,
        **(ray_options or {}),
    )


def to_polars(expr: Expr, schema: pl.Schema) -> pl.Expr | None:
    """Return a filter of Ray as an expression of Polars; None if they could differ."""
    if isinstance(expr, AliasExpr):
        return to_polars(expr.expr, schema)
    if isinstance(expr, UnaryExpr):
        if expr.op in (Operation.IS_NULL, Operation.IS_NOT_NULL) and isinstance(expr.operand, ColumnExpr):
            column = pl.col(expr.operand.name)
            return column.is_null() if expr.op == Operation.IS_NULL else column.is_not_null()
        operand = to_polars(expr.operand, schema) if expr.op == Operation.NOT else None
        return None if operand is None else ~operand
    if not isinstance(expr, BinaryExpr):
        return None
    if expr.op in (Operation.AND, Operation.OR):
        left, right = to_polars(expr.left, schema), to_polars(expr.right, schema)
        if left is None or right is None:
            return None
        return left & right if expr.op == Operation.AND else left | right
    if not isinstance(expr.left, ColumnExpr) or not isinstance(expr.right, LiteralExpr):
        return None
    name, value = expr.left.name, expr.right.value
    if expr.op in (Operation.IN, Operation.NOT_IN):
        found = comparison(schema, name, "in", value, nan_is_largest=False)
        if found is None:
            return None
        found = found.fill_null(value=False)  # Arrow finds no null in a list
        return found if expr.op == Operation.IN else ~found
    operation = _COMPARISONS.get(expr.op)
    return None if operation is None else comparison(schema, name, operation, value, nan_is_largest=False)


def _tables(splits: list[AvroSplit], selected: Selected) -> Iterator[pa.Table]:
    """Read splits on a worker."""
    is_empty = True
    for split in splits:
        if not selected.schema:
            yield pa.table({_ROWS_ONLY: pa.nulls(selected.count(split))})
            continue
        for frame in selected.frames(split):
            is_empty = False
            yield _table(frame)
    if is_empty and selected.schema:
        yield _table(selected.empty())  # without it, Ray has a block without columns


def _table(frame: pl.DataFrame) -> pa.Table:
    # Ray's own functions do not all take views of text.
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
