"""Errors as one line on stderr, and as exit codes."""

from __future__ import annotations

import os
import re
import sys
import warnings
from typing import TextIO

import click

from jetliner.exceptions import CodecError, DecodeError, JetlinerError, ParseError

#: Exit codes.
DAMAGE, UNUSABLE, INTERRUPTED = 1, 2, 130
#: How Polars 1.x reports an error of the package that ends a query. The class and the message follow.
_OF_POLARS = "caught exception during execution of a Python source, exception: "
_DAMAGE_OF_POLARS = ("DecodeError: ", "ParseError: ", "CodecError: ")


def _word(python: str) -> str:
    """Return a pattern for a name of Python that stands alone, and is no part of a path."""
    return rf"""(?<![\w./'"-]){python}(?![\w/'"-]|\.\w)"""


#: What messages of the package say to users of Python, and what it is here. In this order.
_WORDS = [
    ("missing_columns, extra_columns, schema and cast_options, or by a reader_schema", "a reader_schema"),
    # There are no options for these.
    (r"""(?:max_block_size|max_empty_rows|invalid_values="null" reads null instead); (?=ignore_errors)""", ""),
    (r""" \((?:max_block_size|max_empty_rows|invalid_values="null" reads null instead)\)""", ""),
    (r"; (?:glob|hive_partitioning)=False [a-z ]+?(?= \(|$)", ""),
    (", credential_provider", ""),
    (r" \(mkdir=True makes it\)", ""),
    (": use read_avro or AvroReader", ""),
    ("ignore_errors=True", "--ignore-errors"),
    ("ignore_errors: ", "--ignore-errors: "),
    ("; AvroReader and MultiAvroReader list the damages in `errors`", "; `jetliner check` lists them"),
    (r"storage_options=\{'(\w+)': '?([\w.-]+)'?\}", r"--storage-option \1=\2"),
    (r"storage_options\['([^']+)'\]", r"--storage-option \1"),
    (_word("storage_options"), "--storage-option"),
    (_word("reader_schema"), "--reader-schema"),
    (_word("compression_level"), "--level"),
    ("n_threads=1 needs none", "--threads 1 needs none"),
]


#: Options of other programs for the first rows.
_LIMITS = frozenset({"-n", "--limit", "--head", "--rows", "--n-rows", "--nrows"})


class Failure(click.ClickException):
    """An error of the command line itself, where the usage is not what is wrong."""


def report(error: BaseException, *, show_traceback: bool) -> int:
    """Print an error to stderr; return the exit code."""
    if show_traceback and not isinstance(error, (click.ClickException, click.Abort, KeyboardInterrupt)):
        import traceback

        traceback.print_exception(error)
    if isinstance(error, (click.Abort, KeyboardInterrupt)) or str(error).startswith(f"{_OF_POLARS}KeyboardInterrupt"):
        return INTERRUPTED
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return UNUSABLE
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else UNUSABLE
    tell(text_of(error))
    if isinstance(error, click.UsageError) and error.ctx is not None:
        usage = " ".join(error.ctx.get_usage().split())
        click.echo(f"{usage}   (more: {error.ctx.command_path} --help)", err=True)
    return DAMAGE if is_damage(error) else UNUSABLE


def tell(text: str) -> None:
    """Print a line to stderr."""
    click.echo(f"{click.style('jetliner:', bold=True)} {' '.join(text.split())}", err=True, color=colours())


def colours() -> bool | None:
    """Tell whether there may be colours: None if there may be on a terminal."""
    return False if os.environ.get("NO_COLOR") else None  # https://no-color.org


def text_of(error: BaseException) -> str:
    """Return what an error says, in the words of the command line."""
    if isinstance(error, click.NoSuchOption) and error.option_name in _LIMITS and _is_of(error, "cat"):
        return f"{error.format_message()} For the first rows use head -n."
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, OSError) and not isinstance(error, JetlinerError):
        name = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{name}"
    text = str(error).partition("\n")[0] or type(error).__name__  # more lines have calls in Python
    if text.startswith(_OF_POLARS):
        text = text.removeprefix(_OF_POLARS).partition(": ")[2]
    text = in_own_words(text)
    if not isinstance(error, JetlinerError) and not type(error).__module__.startswith("polars"):
        text = f"{type(error).__name__}: {text}"
    return text


def _is_of(error: click.UsageError, command: str) -> bool:
    return error.ctx is not None and error.ctx.command.name == command


def in_own_words(text: str) -> str:
    """Return a message of the package with the options of the command line in place of those of Python."""
    for python, here in _WORDS:
        text = re.sub(python, here, text)
    return text


def is_damage(error: BaseException) -> bool:
    """Tell whether an error says that a file is damaged. A file of another format is not: it cannot be read at all."""
    if isinstance(error, ParseError):
        return error.variant != "InvalidMagic"
    if isinstance(error, CodecError):
        return error.variant != "UnsupportedCodec"
    return isinstance(error, DecodeError) or str(error).removeprefix(_OF_POLARS).startswith(_DAMAGE_OF_POLARS)


def show_warnings() -> None:
    """Show the warnings of the package as lines on stderr, and no others."""

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        del category, filename, lineno, file, line
        tell(f"warning: {in_own_words(str(message))}")

    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    warnings.filterwarnings("always", category=UserWarning)
    warnings.showwarning = show
