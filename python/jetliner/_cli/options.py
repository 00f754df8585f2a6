"""The options that commands share, and what they become."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Program:
    """The state of one run."""

    show_traceback = False


class Reading(NamedTuple):
    """The options of reading, as every command has them."""

    storage_options: dict[str, str] | None = None  # may hold secrets
    reader_schema: str | None = None  # a file
    ignore_errors: bool = False
    threads: int | None = None

    def arguments(self, *leave_out: str) -> dict[str, Any]:
        """Return the keyword arguments of the functions of the package."""
        from pathlib import Path

        arguments = {
            "storage_options": self.storage_options,
            "reader_schema": None if self.reader_schema is None else Path(self.reader_schema),
            "ignore_errors": self.ignore_errors,
            "n_threads": self.threads,
        }
        return {name: value for name, value in arguments.items() if name not in leave_out}


def reading(command: _Command) -> Callable[..., Any]:
    """Give a command the options of reading; it gets them as the argument `reading`."""

    @with_version
    @with_traceback
    @click.option(
        "--threads", type=click.IntRange(1, 1024), metavar="N", help="Threads that decode. Default: all cores."
    )
    @click.option("--ignore-errors", is_flag=True, help="Skip damaged blocks, with a warning.")
    @click.option(
        "--reader-schema",
        type=click.Path(),
        metavar="FILE",
        help="The Avro schema to read by, a file with JSON: for files of different schemas.",
    )
    @click.option(
        "--storage-option",
        "storage_options",
        multiple=True,
        metavar="KEY=VALUE",
        callback=_storage_options,
        help="A setting of an object store, such as aws_region=eu-central-1. May be given several times.",
    )
    @functools.wraps(command)
    def with_options(
        storage_options: dict[str, str] | None,
        reader_schema: str | None,
        ignore_errors: bool,
        threads: int | None,
        **arguments: Any,
    ) -> Any:
        return command(reading=Reading(storage_options, reader_schema, ignore_errors, threads), **arguments)

    return with_options


def columns_option(command: _Command) -> _Command:
    """Give a command the option `--columns`."""
    return click.option(
        "--columns",
        metavar="A,B",
        callback=_names,
        help="The columns, in this order. Others are not decoded. A name with a comma stands in double quotes.",
    )(command)


def where_option(command: _Command) -> _Command:
    """Give a command the option `--where`."""
    return click.option(
        "--where",
        metavar="SQL",
        help="The rows: a condition in the SQL of Polars, such as \"amount > 5 AND status = 'new'\".",
    )(command)


def one_path(command: _Command) -> _Command:
    """Give a command the argument PATH."""
    return click.argument("path", type=click.Path(allow_dash=True))(command)


def many_paths(command: _Command) -> _Command:
    """Give a command the arguments PATH..."""
    return click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True), metavar="PATH...")(
        command
    )


def with_version(command: _Command) -> _Command:
    """Give a command the option `--version`."""
    return click.option(
        "--version", is_flag=True, expose_value=False, is_eager=True, callback=_show_version, help="Show the version."
    )(command)


def with_traceback(command: _Command) -> _Command:
    """Give a command the option `--traceback`."""
    return click.option(
        "--traceback",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_note_traceback,
        help="Show where in the program an error was raised.",
    )(command)


def _show_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"jetliner {version('jetliner')}")
        ctx.exit()


def _note_traceback(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Program).show_traceback = True


def _storage_options(_ctx: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str] | None:
    options = {}
    for text in given:
        key, separator, value = text.partition("=")
        if not separator or not key:
            msg = "expected KEY=VALUE"  # without what was given: it may be a secret
            raise click.BadParameter(msg)
        options[key] = value
    return options or None


def _names(_ctx: click.Context, _parameter: click.Parameter, given: str | None) -> list[str] | None:
    if given is None:
        return None
    import csv

    names = [name for row in csv.reader([given], skipinitialspace=True) for name in row]
    if not names or not all(names):
        msg = "expected names with commas between them"
        raise click.BadParameter(msg)
    return list(dict.fromkeys(names))
