"""`jetliner recover`: the good rows of a damaged file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from jetliner._cli.failures import Failure
from jetliner._cli.options import Reading, one_path, reading
from jetliner._cli.output import format_of, whole_output
from jetliner.exceptions import SchemaError

if TYPE_CHECKING:
    from jetliner._options.read_options import ReadOptions
    from jetliner._progress import ReadingProgress
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
    tells what that is. Rows are copied byte by byte. The new file appears when it is whole.

    Of several files, and with --reader-schema, rows are written anew by the schema of the first file, or by the reader
    schema.
    """
    if format_of(output) != "avro":
        msg = f"the new file is an Avro file: {output}"
        raise click.BadParameter(msg, param_hint="-o")
    from jetliner._cli.sources import files_of

    files, options = files_of([path], reading)
    for file in files.paths:
        if Path(file).exists() and Path(output).exists() and Path(file).samefile(output):
            msg = f"the new file is the damaged one: {output}"
            raise Failure(msg)
    options = options._replace(ignore_errors=True)
    copies = len(files.paths) == 1 and options.reader_schema is None
    rows, damages = (_copy if copies else _write_anew)(files.paths, options, output, reading)
    places = {0: "no damage found", 1: "1 damaged place skipped"}.get(damages, f"{damages} damaged places skipped")
    click.echo(f"{output}: {rows} rows; {places}")


def _copy(paths: list[str], options: ReadOptions, output: str, reading: Reading) -> tuple[int, int]:
    """Copy the good rows of one file; return their number, and that of the damaged places."""
    from jetliner._files.opening import open_recovery

    recovery = open_recovery(options, paths[0])
    with whole_output(output, reading) as file, _bar(recovery, paths) as follow:
        while (data := recovery.next()) is not None:
            file.write(data)
            follow()
    return recovery.rows_read, recovery.num_bad_blocks


def _write_anew(paths: list[str], options: ReadOptions, output: str, reading: Reading) -> tuple[int, int]:
    """Read the good rows of files, and write them."""
    from jetliner import AvroWriter
    from jetliner._columns.frames import to_frame
    from jetliner._files.inputs import Inputs
    from jetliner._files.opening import open_inspector, open_reader

    with Inputs() as inputs:
        header = open_inspector(options, paths[0], inputs=inputs)
        reader = open_reader(options, paths, inputs=inputs)
    try:
        with (
            AvroWriter(
                output,
                options.reader_schema or header.schema_json,
                compression=cast("Compression", header.codec),
                invalid_names="keep",  # those of the file
                metadata={key: value for key, value in header.metadata if not key.startswith(_OF_AVRO)},
                n_threads=reading.threads,
                storage_options=reading.storage_options,
            ) as writer,
            _bar(reader, paths) as follow,
        ):
            while (batch := reader.next()) is not None:
                writer.write(to_frame(batch))
                follow()
    except SchemaError as error:
        if "recursive" not in error.message:
            raise
        msg = "rows of a recursive schema can only be copied: recover the files one by one, without --reader-schema"
        raise Failure(msg) from error
    finally:
        reader.close()
    return reader.rows_read, reader.num_bad_blocks


@contextmanager
def _bar(reader: ReadingProgress, paths: list[str]) -> Iterator[Callable[[], None]]:
    """Give a function that moves the bar, if there is one."""
    from jetliner._cli.query import shows_progress
    from jetliner._progress import ReadingBar

    if not shows_progress():
        yield lambda: None
        return
    bar = ReadingBar(reader, paths)
    try:
        yield bar.follow
    finally:
        bar.close()
