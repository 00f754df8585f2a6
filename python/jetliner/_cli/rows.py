"""Rows as NDJSON and CSV: as Polars writes them, and what Polars cannot write as the JSON of recursive types has it."""

from __future__ import annotations

import io
from collections.abc import Callable

import polars as pl

from jetliner._cli.output import Output

#: The dates and times that Polars can print, as days since 1970. It panics on others, which Avro can hold.
_FIRST_DAY, _LAST_DAY = -96_465_292, 95_026_236
_UNITS_PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def write_rows(query: pl.LazyFrame, form: str, output: Output) -> None:
    """Write the rows of a query, batch by batch."""
    is_first = True
    for frame in query.collect_batches():
        output.write(_encoded(frame, form, header=is_first))
        is_first = False
    if is_first:
        output.write(_encoded(query.collect_schema().to_frame(), form, header=True))


def _encoded(frame: pl.DataFrame, form: str, *, header: bool) -> bytes:
    buffer = io.BytesIO()
    if form == "csv":
        printable(frame, csv_column).write_csv(buffer, include_header=header)
    else:
        printable(frame, json_column).write_ndjson(buffer)
    return buffer.getvalue()


def printable(frame: pl.DataFrame, column: Callable[[pl.Series], pl.Series]) -> pl.DataFrame:
    """Return a frame whose columns went through a function.

    It gets them with a plain name: Polars takes some names for patterns, also in methods of series.
    """
    return pl.DataFrame([column(series.alias("x")).alias(series.name) for series in frame.get_columns()])


def json_column(series: pl.Series) -> pl.Series:
    """Return a column that `write_ndjson` can write."""
    if _has(series.dtype, pl.Binary) or has_unprintable(series):
        return _mapped(series, _json_value(pl.col("x"), series.dtype))
    return series


def table_column(series: pl.Series) -> pl.Series:
    """Return a column that can be shown in a table."""
    return _mapped(series, _dates_as_text(pl.col("x"), series.dtype)) if has_unprintable(series) else series


def csv_column(series: pl.Series) -> pl.Series:
    """Return a column that `write_csv` can write."""
    if series.dtype.is_nested():
        # As an object with one field, of which the value is cut out.
        objects = json_column(series).to_frame("v").select(pl.struct("v").struct.json_encode().alias("x"))["x"]
        values = objects.str.slice(len('{"v":')).str.head(-1)
        return values.set(series.is_null(), None)
    if series.dtype == pl.Duration:
        return _mapped(series, _duration(pl.col("x"), series.dtype))
    return json_column(series)


def _mapped(series: pl.Series, expression: pl.Expr) -> pl.Series:
    return series.to_frame("x").select(expression.alias("x")).to_series()


def _has(dtype: pl.DataType, kind: type[pl.DataType]) -> bool:
    if isinstance(dtype, (pl.List, pl.Array)):
        return _has(dtype.inner, kind)  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct):
        return any(_has(field.dtype, kind) for field in dtype.fields)  # type: ignore[arg-type]
    return dtype == kind


def _json_value(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return an expression for a value without bytes, and without dates that cannot be printed."""
    if dtype == pl.Binary:
        return value.bin.encode("base64")
    return _within(value, dtype, _json_value)


def _dates_as_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return an expression for a value without dates that cannot be printed."""
    return _within(value, dtype, _dates_as_text)


def _within(value: pl.Expr, dtype: pl.DataType, change: Callable[[pl.Expr, pl.DataType], pl.Expr]) -> pl.Expr:
    if isinstance(dtype, pl.List):
        return value.list.eval(change(pl.element(), dtype.inner))  # type: ignore[arg-type]
    if isinstance(dtype, pl.Struct) and dtype.fields:
        numbers = [str(number) for number in range(len(dtype.fields))]
        plain = value.struct.rename_fields(numbers)  # the names may be patterns
        fields = [
            change(plain.struct.field(number), field.dtype).alias(field.name)  # type: ignore[arg-type]
            for number, field in zip(numbers, dtype.fields, strict=True)
        ]
        return pl.when(value.is_not_null()).then(pl.struct(fields))
    if (limits := _limits(dtype)) is not None:
        is_printable = value.to_physical().is_between(*limits)
        text = pl.when(is_printable).then(value).cast(pl.String)
        return pl.coalesce(text, value.to_physical().cast(pl.String))
    return value


def _limits(dtype: pl.DataType) -> tuple[int, int] | None:
    """Return the first and the last raw value of a date or time that Polars can print; None if it prints all."""
    if dtype == pl.Date:
        return _FIRST_DAY, _LAST_DAY
    if isinstance(dtype, pl.Datetime) and dtype.time_unit != "ns":
        per_day = _UNITS_PER_DAY[dtype.time_unit]
        return _FIRST_DAY * per_day, _LAST_DAY * per_day
    return None


def has_unprintable(series: pl.Series) -> bool:
    """Tell whether a column has dates or times that Polars cannot print."""
    dtype = series.dtype
    if isinstance(dtype, pl.List):
        return (_has(dtype, pl.Date) or _has(dtype, pl.Datetime)) and has_unprintable(series.explode())
    if isinstance(dtype, pl.Struct):
        return (_has(dtype, pl.Date) or _has(dtype, pl.Datetime)) and any(
            has_unprintable(field.alias("x")) for field in series.struct.unnest().get_columns()
        )
    if (limits := _limits(dtype)) is None:
        return False
    return not series.to_physical().is_between(*limits).all()


def _duration(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return an expression for the JSON of a duration: {"months", "days", "milliseconds"}."""
    assert isinstance(dtype, pl.Duration)
    per_day = _UNITS_PER_DAY[dtype.time_unit]
    per_ms = per_day // 86_400_000
    raw = value.to_physical()
    days = pl.when(raw < 0).then(-(raw // -per_day)).otherwise(raw // per_day)
    rest = raw - days * per_day
    milliseconds = pl.when(rest % per_ms == 0).then(rest // per_ms).cast(pl.String)
    milliseconds = pl.coalesce(milliseconds, (rest / per_ms).cast(pl.String))
    parts = [pl.lit('{"months":0,"days":'), days.cast(pl.String), pl.lit(',"milliseconds":'), milliseconds, pl.lit("}")]
    return pl.concat_str(parts)  # null if a part is
