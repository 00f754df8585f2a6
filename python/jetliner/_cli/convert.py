"""`jetliner convert`: rows to a file of another format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jetliner._cli.options import Reading, columns_option, many_paths, reading, where_option
from jetliner._cli.output import format_of, whole_file, whole_output

if TYPE_CHECKING:
    import polars as pl

_COMPRESSIONS = {
    "parquet": ["brotli", "gzip", "lz4", "snappy", "uncompressed", "zstd"],
    "ipc": ["lz4", "uncompressed", "zstd"],
    "avro": ["bzip2", "deflate", "null", "snappy", "uncompressed", "xz", "zstandard", "zstd"],
}


def _compressions(ctx: click.Context, _parameter: click.Parameter, begin: str) -> list[str]:
    """Return the names that begin so, for shells: those of the output's format, or of all if it is not known yet."""
    try:
        forms = [format_of(ctx.params.get("output") or "")]
    except click.BadParameter:
        forms = list(_COMPRESSIONS)
    names = {name for form in forms for name in _COMPRESSIONS.get(form, ())}
    return sorted(name for name in names if name.startswith(begin))


@click.command(
    options_metavar="[OPTIONS] -o OUT",
    epilog="""
    \b
    Examples:
      jetliner convert events.avro -o events.parquet
      jetliner convert 'events/*.avro' -o de.parquet --where "country = 'DE'" --columns id,amount
      jetliner convert events.avro -o smaller.avro --compression zstandard --level 19
    """,
)
@many_paths
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(),
    metavar="OUT",
    help="A file or the URL of an object: .parquet, .arrow (or .ipc, .feather), .csv, .ndjson (or .jsonl) or .avro.",
)
@columns_option
@where_option
@click.option(
    "--compression",
    metavar="C",
    shell_complete=_compressions,
    help="For Parquet, Arrow and Avro, by its name there: zstd, snappy, uncompressed, ...",
)
@click.option("--level", type=int, metavar="N", help="The level of the compression, if it has levels.")
@reading
def convert(
    paths: tuple[str, ...],
    output: str,
    columns: list[str] | None,
    where: str | None,
    compression: str | None,
    level: int | None,
    reading: Reading,
) -> None:
    """Write the rows of files to one file of another format, which follows from its name.

    The file appears when it is whole. An older one is replaced. An Avro file keeps the schema of the (first) file.
    """
    form = format_of(output)
    _check_compression(form, compression, level)
    from jetliner._cli.query import query, shows_progress
    from jetliner._cli.sources import source_of

    source = source_of(paths)
    rows = query(source, reading, columns=columns, where=where, progress=shows_progress())
    if form == "avro":
        _write_avro(rows, output, _schema_of_input(source, reading), compression, level, reading)
    elif form in ("csv", "ndjson"):
        _write_text(rows, output, form, reading)
    else:
        _write_table(rows, output, form, compression, level, reading)


def _check_compression(form: str, compression: str | None, level: int | None) -> None:
    if compression is None and level is None:
        return
    known = _COMPRESSIONS.get(form)
    if known is None:
        msg = f"{form.upper()} is written without compression"
        raise click.UsageError(msg)
    if compression is None:
        msg = "--level needs --compression"
        raise click.UsageError(msg)
    if compression not in known:
        msg = f"{compression!r} is not one of {', '.join(known)}"
        raise click.BadParameter(msg, param_hint="--compression")
    if level is not None and form == "ipc":
        msg = "--level is for Parquet and Avro"
        raise click.UsageError(msg)


def _write_table(
    rows: pl.LazyFrame, output: str, form: str, compression: str | None, level: int | None, reading: Reading
) -> None:
    options: dict[str, Any] = {} if compression is None else {"compression": compression}
    if level is not None:
        options["compression_level"] = level
    sink = rows.sink_parquet if form == "parquet" else rows.sink_ipc
    if "://" in output:
        sink(output, storage_options=reading.storage_options, **options)
        return
    with whole_file(output) as file:
        sink(file, **options)


def _write_text(rows: pl.LazyFrame, output: str, form: str, reading: Reading) -> None:
    from jetliner._cli.rows import write_rows

    with whole_output(output, reading) as file:
        write_rows(rows, form, file)


def _write_avro(
    rows: pl.LazyFrame, output: str, schema: str, compression: str | None, level: int | None, reading: Reading
) -> None:
    from jetliner import sink_avro
    from jetliner._cli.output_schema import output_schema

    options: dict[str, Any] = {} if compression is None else {"compression": compression}
    kept_schema = output_schema(schema, rows)
    if kept_schema is not None:
        options["invalid_names"] = "keep"  # those of the file
    sink_avro(
        rows,
        output,
        schema=kept_schema,
        compression_level=level,
        n_threads=reading.threads,
        storage_options=reading.storage_options,
        **options,
    )


def _schema_of_input(source: Any, reading: Reading) -> str:
    """Return the Avro schema that the rows are read by."""
    from jetliner import read_avro_metadata
    from jetliner._options.reader_schema import schema_text

    if reading.reader_schema is not None:
        return schema_text(Path(reading.reader_schema))
    return read_avro_metadata(source, storage_options=reading.storage_options).schema_json
