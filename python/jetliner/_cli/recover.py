"""`jetliner recover`: the good rows of a damaged file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from jetliner._cli.failures import Failure
from jetliner._cli.options import Reading, one_path, reading
from jetliner._cli.output import format_of

if TYPE_CHECKING:
    from jetliner._write.write_options import Compression

_OF_AVRO = "avro."


@click.command(
    options_metavar="[OPTIONS] -o OUT",
    epilog="""
    \b
    Example:
      jetliner recover damaged.avro -o good.avro
    """,
)
@one_path
@click.option("-o", "--output", required=True, type=click.Path(), metavar="OUT", help="The new Avro file, or its URL.")
@reading
def recover(path: str, output: str, reading: Reading) -> None:
    """Write the good rows of a damaged file to a new Avro file.

    It has the same schema, codec and metadata. What is damaged is skipped, as with --ignore-errors. `jetliner check`
    tells what that is. The new file appears when it is whole.
    """
    if format_of(output) != "avro":
        msg = f"the new file is an Avro file: {output}"
        raise click.BadParameter(msg, param_hint="-o")
    from jetliner import AvroWriter
    from jetliner._cli.query import shows_progress
    from jetliner._cli.sources import files_of
    from jetliner._columns.frames import to_frame
    from jetliner._files.inputs import Inputs
    from jetliner._files.opening import open_inspector, open_reader
    from jetliner._progress import ReadingBar

    files, options = files_of([path], reading)
    for file in files.paths:
        if Path(file).exists() and Path(output).exists() and Path(file).samefile(output):
            msg = f"the new file is the damaged one: {output}"
            raise Failure(msg)
    header = open_inspector(options, files.paths[0])
    with Inputs() as inputs:
        reader = open_reader(options._replace(ignore_errors=True), files.paths, inputs=inputs)
    bar = ReadingBar(reader, files.paths) if shows_progress() else None
    try:
        with AvroWriter(
            output,
            options.reader_schema or header.schema_json,
            compression=cast("Compression", header.codec),
            metadata={key: value for key, value in header.metadata if not key.startswith(_OF_AVRO)},
            n_threads=reading.threads,
            storage_options=reading.storage_options,
        ) as writer:
            while (batch := reader.next()) is not None:
                writer.write(to_frame(batch))
                if bar is not None:
                    bar.follow()
    finally:
        reader.close()
        if bar is not None:
            bar.close()
    damages = reader.num_bad_blocks
    places = {0: "no damage found", 1: "1 damaged place skipped"}.get(damages, f"{damages} damaged places skipped")
    click.echo(f"{output}: {reader.rows_read} rows; {places}")
