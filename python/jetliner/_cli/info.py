"""`jetliner info`: what a file has besides its rows."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import click

from jetliner._cli.failures import tell
from jetliner._cli.options import Reading, one_path, reading
from jetliner._cli.output import print_json
from jetliner.exceptions import SchemaError

#: Longer values of the metadata are cut in the text for people.
_VALUE_CHARS = 100
#: Entries of the metadata that are shown otherwise.
_OF_AVRO = ("avro.schema", "avro.codec")
#: The columns of the list of blocks.
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
    from jetliner._cli.blocks import blocks_of, count_blocks, is_plain
    from jetliner._cli.sources import files_of
    from jetliner._files.opening import open_inspector
    from jetliner.count import rows_by_file

    files, options = files_of([path], reading)
    if len(files.paths) > 1:
        tell(f"this is the first of {len(files.paths)} files")
    files = replace(files, paths=files.paths[:1])
    file = files.paths[0]
    inspector = open_inspector(options, file)
    facts = {
        "path": file,
        "size_bytes": inspector.size_bytes,
        "header_bytes": inspector.header_bytes,
        "codec": inspector.codec,
        "sync_marker": inspector.sync_marker.hex(),
        "schema": _schema(inspector.schema_json, file),
        "metadata": {key: _text(value) for key, value in inspector.metadata},
    }
    if is_plain(file, options) and not with_blocks:
        facts["rows"] = rows_by_file(files, options)[file]
        facts["blocks"] = count_blocks(file, options, is_sound=not options.ignore_errors)
        return facts
    blocks = list(blocks_of(inspector))  # fetches a remote file once, not twice
    facts["rows"] = sum(block["rows"] for block in blocks)
    facts["blocks"] = blocks if with_blocks else len(blocks)
    return facts


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
