"""The arguments PATH: files, patterns, directories, URLs, and standard input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from jetliner._cli import standard_input
from jetliner._cli.options import Reading

if TYPE_CHECKING:
    from jetliner._files.sources import Files
    from jetliner._options.read_options import ReadOptions

_STDIN = "-"


def source_of(paths: Sequence[str]) -> Any:
    """Return paths as what the package reads. Standard input becomes an open file that can seek.

    Raises
    ------
    click.UsageError
        Standard input is not the only source.
    """
    if _STDIN not in paths:
        return paths[0] if len(paths) == 1 else list(paths)
    if len(paths) > 1:
        msg = "- (standard input) cannot be read together with other files"
        raise click.UsageError(msg)
    return standard_input.whole()


def first_source(path: str, reading: Reading, *, rows: int = 0) -> Any:
    """Return a path as what the package reads, if only its header and some rows are of interest.

    Of standard input no more is read than they need, about.
    """
    if path != _STDIN:
        return path
    return standard_input.beginning(reading, rows)


def files_of(paths: Sequence[str], reading: Reading) -> tuple[Files, ReadOptions]:
    """Return the files of paths one by one, and the options to open them."""
    from jetliner._files.sources import resolve
    from jetliner._options.read_options import ReadOptions

    options = ReadOptions(**reading.arguments()).checked()
    files = resolve(source_of(paths), options, glob=True)
    return files, options.of(files)
