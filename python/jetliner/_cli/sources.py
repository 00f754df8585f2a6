"""The arguments PATH: files, patterns, directories, URLs, and standard input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from jetliner._cli import pipes
from jetliner._cli.options import Reading

if TYPE_CHECKING:
    from jetliner._files.sources import Files
    from jetliner._options.read_options import ReadOptions


def source_of(paths: Sequence[str]) -> Any:
    """Return paths as what the package reads. Standard input, and other pipes, become open files that can seek.

    Raises
    ------
    click.UsageError
        There are pipes and other files. A list of the package has sources of one kind.
    """
    piped = [path for path in paths if pipes.is_pipe(path)]
    if piped and len(piped) < len(paths):
        name = "standard input" if piped[0] == pipes.STDIN else "a pipe"
        msg = f"{piped[0]} ({name}) cannot be read together with other files"
        raise click.UsageError(msg)
    sources = [pipes.whole(path) for path in paths] if piped else list(paths)
    return sources[0] if len(sources) == 1 else sources


def first_source(path: str, reading: Reading, *, rows: int = 0) -> Any:
    """Return a path as what the package reads, if only its header and some rows are of interest.

    Of a pipe no more is read than they need, about.
    """
    return pipes.beginning(path, reading, rows) if pipes.is_pipe(path) else path


def files_of(paths: Sequence[str], reading: Reading) -> tuple[Files, ReadOptions]:
    """Return the files of paths one by one, and the options to open them."""
    from jetliner._files.sources import resolve
    from jetliner._options.read_options import ReadOptions

    options = ReadOptions(**reading.arguments()).checked()
    files = resolve(source_of(paths), options, glob=True)
    return files, options.of(files)
