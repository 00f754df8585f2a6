"""`jetliner info`: what a file has besides its rows."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from jetliner._cli.failures import tell
from jetliner._cli.options import Reading, one_path, reading
from jetliner._cli.output import print_json
from jetliner.exceptions import SchemaError

if TYPE_CHECKING:
    from jetliner import _core

#: Longer values of the metadata are cut in the text for people.
_VALUE_CHARS = 100
#: Entries of the metadata that are shown otherwise.
_OF_AVRO = ("avro.schema", "avro.codec")
#: The columns of the list of blocks, in the order in which the core gives their values.
_WIDTHS = {"index": 8, "offset": 14, "rows": 10, "compressed_bytes": 16, "uncompressed_bytes": 18}


@click.command(
    epilog="""
    \b
    Examples:
      jetliner info events.avro
      jetliner info events.avro --blocks
      jetliner info events.avro --json | jq .codec
    """
)
@one_path
@click.option("--blocks", is_flag=True, help="List the blocks, with their sizes before and after decompression.")
@click.option("--json", "as_json", is_flag=True, help='Print JSON. With --blocks, "blocks" is a list of them.')
@reading
def info(path: str, blocks: bool, as_json: bool, reading: Reading) -> None:
    """Print the codec, the number of rows and blocks, the sizes, and the metadata of a file.

    Of several files, the first one counts.
    """
    found = _facts(path, reading, with_blocks=blocks)
    if as_json:
        print_json(found)
    else:
        _print(found)


def _facts(path: str, reading: Reading, *, with_blocks: bool) -> dict[str, Any]:
    """Return what is known of a file."""
    from jetliner._cli.query import shows_progress
    from jetliner._cli.sources import files_of
    from jetliner._files.inputs import Inputs
    from jetliner._files.opening import open_inspector
    from jetliner.count import counted

    files, options = files_of([path], reading)
    if len(files.paths) > 1:
        tell(f"this is the first of {len(files.paths)} files")
    files = replace(files, paths=files.paths[:1])
    file = files.paths[0]
    with Inputs() as inputs:
        inspector = open_inspector(options, file, inputs=inputs)
        facts = {
            "path": file,
            "size_bytes": inspector.size_bytes,
            "header_bytes": inspector.header_bytes,
            "codec": inspector.codec,
            "sync_marker": inspector.sync_marker.hex(),
            "schema": _schema(inspector.schema_json, file),
            "metadata": {key: _text(value) for key, value in inspector.metadata},
        }
        if with_blocks:
            blocks = list(_blocks_of(inspector))
            facts["rows"] = sum(block["rows"] for block in blocks)
            facts["blocks"] = blocks
        else:
            rows, facts["blocks"] = counted(files, options._replace(progress=shows_progress()), inputs)
            facts["rows"] = rows[file]
    return facts


def _blocks_of(inspector: _core.Inspector) -> Iterator[dict[str, int | None]]:
    """Yield the blocks that have rows, as `AvroMetadata.blocks` has them."""
    while (blocks := inspector.next()) is not None:
        for block in blocks:
            yield dict(zip(_WIDTHS, block, strict=True))


def _schema(text: str, path: str) -> Any:
    from jetliner._columns.schema_dict import parsed

    try:
        return parsed(text, path)
    except SchemaError:
        return text  # the core can read it, Python cannot


def _text(value: bytes) -> str:
    """Return a value of the metadata as text: in base64, if it is no text."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _print(facts: dict[str, Any]) -> None:
    blocks = facts["blocks"]
    num_blocks = len(blocks) if isinstance(blocks, list) else blocks
    schema = facts["schema"]
    name = schema.get("name") if isinstance(schema, dict) else schema
    fields = schema.get("fields") if isinstance(schema, dict) else None
    _line("path", facts["path"])
    _line("size", f"{facts['size_bytes']:,} bytes, of which the header takes {facts['header_bytes']:,}")
    _line("rows", f"{facts['rows']:,} in {num_blocks:,} block{'' if num_blocks == 1 else 's'}")
    _line("codec", facts["codec"])
    _line("schema", f"{name}, {len(fields)} fields" if fields is not None else _plain(schema))
    _line("sync marker", facts["sync_marker"])
    for key, value in facts["metadata"].items():
        if key not in _OF_AVRO:
            _line(key, value if len(value) <= _VALUE_CHARS else f"{value[: _VALUE_CHARS - 3]}...")
    if isinstance(blocks, list):
        _print_blocks(blocks)


def _plain(schema: Any) -> str:
    return schema if isinstance(schema, str) else json.dumps(schema)


def _line(name: str, value: str) -> None:
    click.echo(f"{click.style(f'{name}:', bold=True)} {value}")


def _print_blocks(blocks: list[dict[str, Any]]) -> None:
    click.echo()
    click.echo(" ".join(f"{name:>{width}}" for name, width in _WIDTHS.items()))
    for block in blocks:
        click.echo(
            " ".join(f"{'?' if block[name] is None else block[name]:>{width}}" for name, width in _WIDTHS.items())
        )
