"""Avro files as a data source of Spark: `AvroDataSource`. It needs `pip install "jetliner[spark]"`.

spark.dataSource.register(jetliner.spark.AvroDataSource)
spark.read.format("jetliner").option("columns", "user_id,amount").load("events/*.avro")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import polars as pl

from jetliner._engines.comparisons import comparison
from jetliner._engines.plan import Selected, plan
from jetliner._engines.text_options import flag, parse
from jetliner.exceptions import DecodeError, SchemaError
from jetliner.splits import AvroSplit

try:
    import pyarrow as pa
    from pyspark.sql import datasource as api
    from pyspark.sql import types as st
    from pyspark.sql.pandas.types import to_arrow_schema
except ImportError as error:
    msg = 'jetliner.spark needs PySpark: pip install "jetliner[spark]"'
    raise ImportError(msg) from error

#: Most rows of a record batch: the JVM holds a whole one.
_BATCH_ROWS = 20_000
#: What opening a file costs, in bytes: so much smaller files share a task. Spark's own sources do the same.
_OPEN_COST_BYTES = 4 << 20
_SPLIT_BYTES = 128 << 20  # the default of plan_splits

_TYPES: dict[type[pl.DataType], st.DataType] = {
    pl.Null: st.NullType(),
    pl.Boolean: st.BooleanType(),
    pl.Int8: st.ByteType(),
    pl.Int16: st.ShortType(),
    pl.Int32: st.IntegerType(),
    pl.Int64: st.LongType(),
    pl.Float32: st.FloatType(),
    pl.Float64: st.DoubleType(),
    pl.String: st.StringType(),
    pl.Binary: st.BinaryType(),
    pl.Date: st.DateType(),
    pl.Time: st.TimeType(6),
}
_FILTERS = {
    api.EqualTo: "eq",
    api.EqualNullSafe: "eq_missing",
    api.GreaterThan: "gt",
    api.GreaterThanOrEqual: "ge",
    api.LessThan: "lt",
    api.LessThanOrEqual: "le",
    api.In: "in",
    api.StringStartsWith: "starts_with",
    api.StringEndsWith: "ends_with",
    api.StringContains: "contains",
}


class AvroDataSource(api.DataSource):
    """Avro files for Spark, under the name "jetliner".

    Options are those of `jetliner.plan_splits` that can be written as text, and:

    - `columns`: names of columns, separated by commas, or as a JSON list. Spark does not tell a Python source which
      columns a query needs. So name them here, or in `spark.read.schema(...)`.
    - `storage_options`: a JSON object.
    - `push_filters`: true takes filters from Spark, so that the rows are dropped while they are read. The session must
      have `spark.sql.python.filterPushdown.enabled` then.

    Enums are strings, for Spark has none. Types that Spark lacks raise a SchemaError that names the column.
    """

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return "jetliner"

    def schema(self) -> st.StructType:
        """Return the columns. The files are listed here, and the header of the first one is read."""
        splits, selected = self._planned
        return _struct(selected.schema, splits[0].path)

    def reader(self, schema: st.StructType) -> api.DataSourceReader:
        """Return the reader of some columns: those of `spark.read.schema(...)`, if the user gave one."""
        splits, selected = self._planned
        own = {field.name: field.dataType for field in self.schema()}
        for field in schema:
            if own.get(field.name) != field.dataType:
                have = own.get(field.name)
                msg = f"the schema has the column {field.name!r} of type {field.dataType.simpleString()}; " + (
                    "the files do not have it" if have is None else f"the files have {have.simpleString()}"
                )
                raise SchemaError(msg, "IncompatibleSchemas", splits[0].path, field.name)
        kind = _FilteringReader if flag("push_filters", self.options.get("push_filters", "false")) else _Reader
        split_bytes = int(self.options.get("split_bytes", _SPLIT_BYTES))
        return kind(splits, selected.only(schema.fieldNames()), schema, split_bytes)

    @cached_property
    def _planned(self) -> tuple[list[AvroSplit], Selected]:
        source, columns, options = parse(self.options)
        return plan(source, columns, None, {"enum_as": "string", **options})


class _Reader(api.DataSourceReader):
    def __init__(self, splits: list[AvroSplit], selected: Selected, schema: st.StructType, split_bytes: int) -> None:
        self._splits, self._selected, self._schema, self._split_bytes = splits, selected, schema, split_bytes

    def partitions(self) -> list[api.InputPartition]:
        """Return a partition for each split; small files share one."""
        groups: list[list[AvroSplit]] = []
        room = 0
        for split in self._splits:
            if room < split.size_bytes + _OPEN_COST_BYTES:
                groups.append([])
                room = self._split_bytes
            groups[-1].append(split)
            room -= split.size_bytes + _OPEN_COST_BYTES
        return [api.InputPartition(group) for group in groups]

    def read(self, partition: api.InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a partition, with exactly the Arrow types that Spark expects."""
        wanted = to_arrow_schema(self._schema, timezone="UTC")
        for split in partition.value:
            for frame in self._selected.frames(split):
                table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
                for batch in table.to_batches(max_chunksize=_BATCH_ROWS):
                    yield pa.RecordBatch.from_arrays(
                        [_cast(column, field, split) for column, field in zip(batch.columns, wanted, strict=True)],
                        schema=wanted,
                    )


class _FilteringReader(_Reader):
    def pushFilters(self, filters: list[api.Filter]) -> Iterable[api.Filter]:  # noqa: N802 (the name is Spark's)
        """Take filters, and return those that Spark must apply."""
        for one in filters:
            predicate = _to_polars(one, self._selected.schema)
            if predicate is None:
                yield one
            else:
                self._selected = self._selected.where(predicate)


def _to_polars(one: api.Filter, schema: pl.Schema) -> pl.Expr | None:
    """Return a filter of Spark as an expression of Polars; None if they could differ."""
    if isinstance(one, api.Not):
        child = _to_polars(one.child, schema)
        return None if child is None else ~child
    if len(one.attribute) != 1:  # a field of a struct
        return None
    name = one.attribute[0]
    if isinstance(one, (api.IsNull, api.IsNotNull)):
        return pl.col(name).is_null() if isinstance(one, api.IsNull) else pl.col(name).is_not_null()
    operation = _FILTERS.get(type(one))
    return None if operation is None else comparison(schema, name, operation, one.value)


def _struct(schema: Mapping[str, pl.DataType], path: str, parent: str = "") -> st.StructType:
    return st.StructType(
        [st.StructField(name, _spark_type(dtype, path, parent + name)) for name, dtype in schema.items()]
    )


def _spark_type(dtype: Any, path: str, name: str) -> st.DataType:
    kind = type(dtype)
    if kind in _TYPES:
        return _TYPES[kind]
    if kind is pl.Decimal:
        return st.DecimalType(dtype.precision, dtype.scale)
    if kind is pl.Datetime and dtype.time_unit != "ns":
        return st.TimestampNTZType() if dtype.time_zone is None else st.TimestampType()
    if kind is pl.Duration and dtype.time_unit != "ns":
        return st.DayTimeIntervalType()
    if kind is pl.List:
        return st.ArrayType(_spark_type(dtype.inner, path, name))
    if kind is pl.Struct:
        return _struct({field.name: field.dtype for field in dtype.fields}, path, f"{name}.")
    if hasattr(pl, "Map") and kind is pl.Map:
        return st.MapType(_spark_type(dtype.key, path, f"{name}.key"), _spark_type(dtype.value, path, f"{name}.value"))
    msg = f"Spark has no type for {dtype} of the column {name!r}; name the columns to read with the option `columns`"
    raise SchemaError(msg, "UnsupportedType", path, name)


def _cast(column: pa.Array, field: pa.Field, split: AvroSplit) -> pa.Array:
    try:
        return column if column.type.equals(field.type) else column.cast(field.type)
    except pa.ArrowInvalid as error:
        msg = f"a value of the column {field.name!r} is outside the range of Spark's type {field.type}: {error}"
        raise DecodeError(msg, "InvalidData", split.path) from None
