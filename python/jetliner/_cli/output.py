"""Output: JSON on stdout, and files that appear when they are whole."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

import click

from jetliner._cli.failures import colours
from jetliner._cli.options import Reading

#: Formats by the end of names.
_FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "ipc",
    ".feather": "ipc",
    ".ipc": "ipc",
    ".csv": "csv",
    ".jsonl": "ndjson",
    ".ndjson": "ndjson",
    ".avro": "avro",
}


class Output(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Write bytes."""


def format_of(output: str) -> str:
    """Return the format that the name of a file asks for.

    Raises
    ------
    click.BadParameter
        It asks for none.
    """
    suffix = PurePosixPath(output).suffix.lower()
    if suffix not in _FORMATS:
        msg = f"the name of the output ends in none of {', '.join(_FORMATS)}: {output}"
        raise click.BadParameter(msg, param_hint="-o")
    return _FORMATS[suffix]


def print_json(value: Any) -> None:
    """Print JSON; in colours on a terminal."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if sys.stdout.isatty() and colours() is None:
        from rich.console import Console
        from rich.json import JSON

        Console().print(JSON(text, indent=2), soft_wrap=True)
    else:
        click.echo(text)


@contextmanager
def whole_file(target: str) -> Iterator[IO[bytes]]:
    """Give a file to write to. It gets its own name at the end, and is removed if there is an exception.

    Symbolic links are followed. A pipe or a device is written directly. The rules are those of `write_avro`.

    A path would not do: Polars may create the file of a query after it has raised the error that ended the query.
    """
    path = Path(os.path.realpath(os.path.expanduser(target)))  # noqa: PTH111
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        with path.open("wb") as file:
            yield file
        return
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied", target)
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "No such directory", str(path.parent))
    end = f".{os.urandom(8).hex()}.part"
    hidden = path.with_name(f".{path.name[: 200 - len(end)]}{end}")
    try:
        with hidden.open("xb") as file:
            yield file
        hidden.replace(path)
    finally:
        with suppress(FileNotFoundError):
            hidden.unlink()


@contextmanager
def whole_output(target: str, reading: Reading) -> Iterator[Output]:
    """Give a file, or an object of a store, to write bytes to. It appears at the end, if there is no exception."""
    if "://" not in target:
        with whole_file(target) as file:
            yield file
        return
    from jetliner._write.targets import Target

    sink = Target(target, reading.storage_options).open(mkdir=False)
    assert not isinstance(sink, str)
    try:
        yield _Sink(sink)
        sink.finish()
    except BaseException:
        sink.abort()
        raise


class _Sink:
    """A sink of the package as a file that is written."""

    def __init__(self, sink: Any) -> None:
        self._sink = sink

    def write(self, data: bytes, /) -> None:
        self._sink.write(memoryview(data))
