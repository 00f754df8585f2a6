"""`jetliner splits`: the parts of files for several processes or machines."""

from __future__ import annotations

import click

from jetliner._cli.options import Reading, one_path, reading


@click.command(
    epilog="""
    \b
    Examples:
      jetliner splits events.avro
      jetliner splits s3://bucket/events/ --split-bytes 268435456
    """
)
@one_path
@click.option(
    "--split-bytes",
    type=click.IntRange(min=1),
    default=128 << 20,
    show_default=True,
    metavar="N",
    help="The size of a split, about. None is longer than 1.5 times as much.",
)
@reading
def splits(path: str, split_bytes: int, reading: Reading) -> None:
    """Print the splits of files: path, first byte and end, with tabs between them.

    Each split can be read by a process of its own, as `jetliner.plan_splits` of Python does it.
    """
    from jetliner import plan_splits
    from jetliner._cli.sources import source_of

    for split in plan_splits(source_of([path]), split_bytes=split_bytes, **reading.arguments()):
        click.echo(f"{split.path}\t{split.start}\t{split.end}")
