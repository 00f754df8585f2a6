"""The query of head, cat and convert: a scan, some of its rows, some of its columns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from jetliner._cli.failures import Failure, text_of
from jetliner._cli.options import Reading

if TYPE_CHECKING:
    import polars as pl

    from jetliner.exceptions import SchemaError


def query(
    source: Any,
    reading: Reading,
    *,
    columns: list[str] | None,
    where: str | None = None,
    rows: int | None = None,
    progress: bool = False,
) -> pl.LazyFrame:
    """Return the rows and columns that are asked for, lazily."""
    from jetliner import scan_avro
    from jetliner.exceptions import SchemaError

    try:
        frame = scan_avro(source, n_rows=rows, progress=progress, **reading.arguments())
    except SchemaError as error:
        if error.variant != "IncompatibleSchemas" or reading.reader_schema is not None:
            raise
        # A condition may need other columns than those that are asked for.
        raise _with_reader_schema(error, source, reading, columns if where is None else None) from error
    if where is not None:
        frame = frame.filter(_condition(where, frame))
    if columns is not None:
        frame = frame.select(_columns(columns, frame))
    return frame


def _with_reader_schema(error: SchemaError, source: Any, reading: Reading, columns: list[str] | None) -> Exception:
    """Return an error about files that differ with the JSON of a reader schema for them, if there is one."""
    import json

    from jetliner._cli.output_schema import with_fields
    from jetliner._columns.way_out import fitting_schema
    from jetliner._files.inputs import Inputs
    from jetliner._files.sources import resolve
    from jetliner._options.read_options import ReadOptions

    options = ReadOptions(**reading.arguments()).checked()
    files = resolve(source, options, glob=True)
    with Inputs() as inputs:
        schema, left_out = fitting_schema(options.of(files), files.paths, inputs)
    if schema is None:
        return error
    if columns is not None:
        left_out = [name for name in left_out if name in columns]
        schema = with_fields(schema, columns)
    lacks = f", without {', '.join(map(repr, left_out))}, for which no type fits" if left_out else ""
    text = json.dumps(schema).replace("  ", r" \u0020")  # messages keep no two spaces
    return Failure(f"{text_of(error)}; a file with this schema reads all of them{lacks}: {text}")


def shows_progress(*, rows_on_stdout: bool = False) -> bool:
    """Tell whether a bar is of use: on a terminal, if no rows go there."""
    return sys.stderr.isatty() and not (rows_on_stdout and sys.stdout.isatty())


def _condition(where: str, frame: pl.LazyFrame) -> pl.Expr:
    import polars as pl
    from polars.exceptions import ColumnNotFoundError, PolarsError, SQLInterfaceError, SQLSyntaxError

    try:
        condition = pl.sql_expr(where)
        dtype = next(iter(frame.select(condition.alias("")).collect_schema().values()))
    except ColumnNotFoundError as error:
        name = str(error).partition('"')[2].partition('"')[0]
        msg = f"--where: {_unknown(name, frame)}"
        raise Failure(msg) from error
    except (SQLInterfaceError, SQLSyntaxError) as error:
        msg = f"--where: {where!r} is no SQL condition: {str(error).partition(chr(10))[0]}"
        raise click.UsageError(msg) from error
    except PolarsError as error:
        msg = f"--where: {str(error).partition(chr(10))[0]}"
        raise click.UsageError(msg) from error
    if dtype not in (pl.Boolean, pl.Null):
        msg = f"--where: expected a condition, got an expression of type {dtype}"
        raise click.UsageError(msg)
    return condition


def _columns(names: list[str], frame: pl.LazyFrame) -> list[pl.Expr]:
    import polars as pl

    known = frame.collect_schema().names()
    for name in names:
        if name not in known:
            msg = f"--columns: {_unknown(name, frame)}"
            raise Failure(msg)
    return [pl.nth(known.index(name)) for name in names]  # not by name: Polars takes some names for patterns


def _unknown(name: str, frame: pl.LazyFrame) -> str:
    from jetliner._options.hints import nearest

    known = frame.collect_schema().names()
    if (similar := nearest(name, known)) is not None:
        return f"there is no column {name!r}; is it {similar!r}?"
    return f"there is no column {name!r}; there are {', '.join(known[:20])}{', ...' if len(known) > 20 else ''}"
