"""`jetliner schema`: the schema of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jetliner._cli.options import Reading, one_path, reading
from jetliner._cli.output import print_json
from jetliner.exceptions import SchemaError

if TYPE_CHECKING:
    import polars as pl


@click.command(
    epilog="""
    \b
    Examples:
      jetliner schema events.avro
      jetliner schema events.avro --format tree
      jetliner schema events.avro > events.avsc
    """
)
@one_path
@click.option(
    "--format",
    "form",
    type=click.Choice(["avro", "polars", "tree"]),
    default="avro",
    show_default=True,
    help="The Avro schema in JSON, the columns as Polars has them, or the Avro schema as a tree.",
)
@reading
def schema(path: str, form: str, reading: Reading) -> None:
    """Print the schema of a file. Of several files, the first one counts.

    With --reader-schema, it is the schema that rows are read by.
    """
    text, columns = _schemas(path, reading)
    if form == "polars":
        width = max((len(name) for name in columns), default=0)
        for name, dtype in columns.items():
            click.echo(f"{name:{width}}  {dtype}")
    elif form == "tree":
        from jetliner._cli.tree import tree
        from jetliner._columns.schema_dict import parsed

        for line in tree(parsed(text, path)):
            click.echo(line)
    else:
        _print_json(text, path)


def _print_json(text: str, path: str) -> None:
    from jetliner._columns.schema_dict import parsed

    try:
        avro = parsed(text, path)
    except SchemaError:
        click.echo(text)  # the core can read it, Python cannot
        return
    print_json(avro)


def _schemas(path: str, reading: Reading) -> tuple[str, pl.Schema]:
    """Return the Avro schema as JSON text, and the columns."""
    from jetliner import read_avro_metadata, read_avro_schema
    from jetliner._cli.sources import first_source
    from jetliner._options.reader_schema import schema_text

    source = first_source(path, reading)
    columns = read_avro_schema(source, **reading.arguments("ignore_errors", "n_threads"))
    if reading.reader_schema is not None:
        return schema_text(Path(reading.reader_schema)), columns
    return read_avro_metadata(source, storage_options=reading.storage_options).schema_json, columns
