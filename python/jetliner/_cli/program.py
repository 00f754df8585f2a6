"""The program: its commands, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
import warnings
from contextlib import suppress
from typing import Any

import click

from jetliner._cli import failures
from jetliner._cli.cat import cat
from jetliner._cli.check import check
from jetliner._cli.convert import convert
from jetliner._cli.count import count
from jetliner._cli.head import head
from jetliner._cli.info import info
from jetliner._cli.options import Program, with_traceback, with_version
from jetliner._cli.recover import recover
from jetliner._cli.schema import schema
from jetliner._cli.splits import splits

_COMMANDS = [schema, head, cat, count, info, convert, check, recover, splits]


class _OutputClosedError(Exception):
    """Nobody reads the output any more. click would make an exit code of 1 of a BrokenPipeError."""


class _Program(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)  # in the order in which they were added

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError as error:
            raise _OutputClosedError from error


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""
    \b
    Examples:
      jetliner head events.avro
      jetliner cat 'events/*.avro' --where "country = 'DE'" | jq .id
      jetliner convert s3://bucket/events/ -o events.parquet

    `jetliner COMMAND --help` has more of them.

    \b
    Completion, for bash (or zsh_source, fish_source):
      eval "$(_JETLINER_COMPLETE=bash_source jetliner)"
    """,
)
@with_version
@with_traceback
def program() -> None:
    """Look into Avro files, convert them, check and repair them.

    A PATH is a file, a directory, a pattern in quotes ('data/**/*.avro'), the URL of an object (s3://, gs://, az://,
    https://), a pipe, or - for standard input.
    """


for _command in _COMMANDS:
    program.add_command(_command)


def run(arguments: list[str]) -> int:
    """Run a command; return the exit code. Errors go to stderr in one line."""
    state = Program()
    try:
        with warnings.catch_warnings():
            failures.show_warnings()
            code = program.main(
                arguments, prog_name="jetliner", standalone_mode=False, obj=state, color=failures.colours()
            )
        return code if isinstance(code, int) else 0
    except _OutputClosedError:
        _forget_output()
        return 0
    except BaseException as error:
        _forget_output_that_fails()
        return failures.report(error, show_traceback=state.show_traceback)


def _forget_output_that_fails() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        _forget_output()


def _forget_output() -> None:
    """Send what is left of the output nowhere. Python flushes it at its end, and would complain."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
