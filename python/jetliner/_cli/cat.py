"""`jetliner cat`: rows as NDJSON or CSV."""

from __future__ import annotations

import sys

import click

from jetliner._cli.options import Reading, columns_option, many_paths, reading, where_option


@click.command(
    epilog="""
    \b
    Examples:
      jetliner cat events.avro | jq .id
      jetliner cat 'events/*.avro' --columns id,country --format csv > events.csv
      jetliner cat events.avro --where "amount > 100 AND country IN ('DE', 'FR')"
      curl -s https://example.com/events.avro | jetliner cat -
    """
)
@many_paths
@columns_option
@where_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv"]),
    default="ndjson",
    show_default=True,
    help="One JSON object in each line, or CSV with a header.",
)
@reading
def cat(paths: tuple[str, ...], columns: list[str] | None, where: str | None, form: str, reading: Reading) -> None:
    """Print the rows of files, one after the other.

    Values are written as Polars does. Bytes are in base64; in CSV, lists and structs are JSON.
    """
    from jetliner._cli.query import query, shows_progress
    from jetliner._cli.rows import write_rows
    from jetliner._cli.sources import source_of

    frame = query(source_of(paths), reading, columns=columns, where=where, progress=shows_progress(rows_on_stdout=True))
    write_rows(frame, form, sys.stdout.buffer)
