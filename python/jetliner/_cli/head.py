"""`jetliner head`: the first rows as a table."""

from __future__ import annotations

import click

from jetliner._cli.options import Reading, columns_option, one_path, reading


@click.command(
    epilog="""
    \b
    Examples:
      jetliner head events.avro
      jetliner head events.avro -n 3 --columns id,country
      jetliner head s3://bucket/events/2024/ --storage-option aws_region=eu-central-1
    """
)
@one_path
@click.option("-n", "--rows", type=click.IntRange(min=0), default=10, show_default=True, metavar="N", help="Rows.")
@columns_option
@reading
def head(path: str, rows: int, columns: list[str] | None, reading: Reading) -> None:
    """Print the first rows as a table. Only these are read.

    A table that is too wide for the terminal is shown in parts, one below the other.
    """
    from jetliner._cli.query import query
    from jetliner._cli.sources import first_source
    from jetliner._cli.table import tables

    frame = query(first_source(path, reading, rows=rows), reading, columns=columns, rows=rows).collect()
    for table in tables(frame):
        click.echo(table)
