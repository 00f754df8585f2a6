"""Output: JSON on stdout, and files that appear when they are whole."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

import click

from jetliner._cli.failures import colours

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
def whole_file(target: str) -> Iterator[str]:
    """Give the path to write a file to. It gets its own name at the end, and is removed if there is an exception.

    Symbolic links are followed. A pipe or a device is written directly. The rules are those of `write_avro`.
    """
    path = Path(os.path.realpath(os.path.expanduser(target)))  # noqa: PTH111
    if path.exists() and not stat.S_ISREG(path.stat().st_mode):
        yield str(path)
        return
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied", target)
    if not path.parent.is_dir():
        raise FileNotFoundError(2, "No such directory", str(path.parent))
    end = f".{os.urandom(8).hex()}.part"
    hidden = path.with_name(f".{path.name[: 200 - len(end)]}{end}")
    try:
        yield str(hidden)
        hidden.replace(path)
    finally:
        with suppress(FileNotFoundError):
            hidden.unlink()
