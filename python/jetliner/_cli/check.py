"""`jetliner check`: damage in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jetliner._cli.failures import DAMAGE, UNUSABLE, is_damage, text_of
from jetliner._cli.options import Reading, many_paths, reading
from jetliner._cli.output import print_json
from jetliner.exceptions import JetlinerError

if TYPE_CHECKING:
    from jetliner._options.read_options import ReadOptions

#: Damages that are shown for a file. `--json` has more.
_MOST_SHOWN = 20


@click.command(
    epilog="""
    \b
    Examples:
      jetliner check events.avro
      jetliner check 'events/*.avro' && echo sound
      jetliner check events/ --json | jq '.[] | select(.errors != []) | .path'
    """
)
@many_paths
@click.option("--json", "as_json", is_flag=True, help="Print JSON: a list with an object for each file.")
@reading
def check(paths: tuple[str, ...], as_json: bool, reading: Reading) -> int:
    """Read every row of every file, and tell what is damaged.

    The exit code is 0 if all is sound, 1 if there is damage, and 2 if a file cannot be read.
    """
    from jetliner._cli.query import shows_progress
    from jetliner._cli.sources import files_of

    files, options = files_of(paths, reading)
    options = options._replace(ignore_errors=True, progress=shows_progress())
    reports = []
    worst = 0
    for path in files.paths:
        report, code = _checked(path, options)
        worst = max(worst, code)
        if as_json:
            reports.append(report)
        else:
            _print(report, is_unusable=code == UNUSABLE)
    if as_json:
        print_json(reports)
    return worst


def _checked(path: str, options: ReadOptions) -> tuple[dict[str, Any], int]:
    """Read a file; return what is told of it, and the exit code for it alone."""
    from jetliner._files.inputs import Inputs
    from jetliner._files.opening import open_reader
    from jetliner._progress import ReadingBar

    report: dict[str, Any] = {"path": path, "rows": 0, "blocks": 0, "errors": []}
    try:
        with Inputs() as inputs:
            reader = open_reader(options, [path], inputs=inputs)
        bar = ReadingBar(reader, [path], stays=False) if options.progress else None
        try:
            while reader.next() is not None:
                if bar is not None:
                    bar.follow()
        finally:
            reader.close()
            if bar is not None:
                bar.close()
        report["rows"] = reader.rows_read
        report["errors"] = [damage.to_dict() for damage in reader.bad_blocks()]
        report["blocks"] = reader.num_blocks
    except JetlinerError as error:
        report["errors"].append(_as_damage(error, path))
        return report, DAMAGE if is_damage(error) else UNUSABLE
    return report, DAMAGE if report["errors"] else 0


def _as_damage(error: JetlinerError, path: str) -> dict[str, Any]:
    """Return an error that ends the reading of a file, in the form of `BadBlockError.to_dict()`."""
    return {
        "kind": error.variant,
        "block_index": getattr(error, "block_index", None),
        "record_index": getattr(error, "record_index", None),
        "file_offset": getattr(error, "file_offset", None),
        "message": text_of(error),
        "filepath": path,
    }


def _print(report: dict[str, Any], *, is_unusable: bool) -> None:
    errors = report["errors"]
    if is_unusable:
        click.echo(f"{report['path']}: {click.style('cannot be read', fg='red')}")
    else:
        verdict = click.style("damaged", fg="red") if errors else click.style("sound", fg="green")
        blocks = f"{report['blocks']} block{'' if report['blocks'] == 1 else 's'}"
        click.echo(f"{report['path']}: {verdict}, {report['rows']} rows in {blocks}")
    for damage in errors[:_MOST_SHOWN]:
        block, record = damage["block_index"], damage["record_index"]
        place = "" if block is None else f"block {block}, " if record is None else f"block {block}, record {record}, "
        offset = "" if damage["file_offset"] is None else f"offset {damage['file_offset']}: "
        click.echo(f"  {place}{offset}{damage['message']}")
    if len(errors) > _MOST_SHOWN:
        click.echo(f"  ... and {len(errors) - _MOST_SHOWN} more (--json lists them)")
