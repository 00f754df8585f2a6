"""`jetliner count`: the number of rows."""

from __future__ import annotations

import click

from jetliner._cli.options import Reading, many_paths, reading


@click.command(
    epilog="""
    \b
    Examples:
      jetliner count events.avro
      jetliner count 'events/*.avro'
    """
)
@many_paths
@reading
def count(paths: tuple[str, ...], reading: Reading) -> None:
    """Print the number of rows. Of several files: of each, and the total in the last line.

    The headers of the blocks tell it. Rows are not decoded, so damage within blocks does not show.
    """
    from jetliner._cli.query import shows_progress
    from jetliner._cli.sources import files_of
    from jetliner.count import counted

    files, options = files_of(paths, reading)
    rows, _ = counted(files, options._replace(progress=shows_progress()))
    if len(rows) == 1:
        click.echo(sum(rows.values()))
        return
    total = str(sum(rows.values()))
    for path, number in rows.items():
        click.echo(f"{number:>{len(total)}} {path}")
    click.echo(f"{total} total")
