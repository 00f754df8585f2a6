"""Check all Avro files of a directory, and write the good rows of damaged ones to new files.

    python repair.py data/kafka repaired/

Exit code 1 means that a file was damaged. `jetliner check` and `jetliner recover` do the same in the shell.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import jetliner


def repair(source: Path, target: Path) -> list[jetliner.BadBlockError]:
    """Write the good rows of a file to a new one of the same schema, and return the damage."""
    with (
        jetliner.AvroReader(source, ignore_errors=True) as reader,
        jetliner.AvroWriter(target, reader.schema, mkdir=True) as writer,
    ):
        for batch in reader:
            writer.write(batch)
    return reader.errors


def is_sound(source: Path) -> bool:
    """Decode every row, and keep none."""
    try:
        with jetliner.AvroReader(source) as reader:
            for _ in reader:
                pass
    except jetliner.JetlinerError:
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("target", type=Path, help="a directory for the repaired files")
    args = parser.parse_args()

    damaged = 0
    for path in sorted(args.directory.rglob("*.avro")):
        if is_sound(path):
            continue
        damaged += 1
        copy = args.target / path.relative_to(args.directory)
        try:
            for error in repair(path, copy):
                print(f"{path}: {error.kind} in block {error.block_index}, byte {error.file_offset}")
            print(f"{copy}: {jetliner.count_rows(copy)} good rows")
        except jetliner.JetlinerError as reason:  # no header, or a damaged one: nothing can be read
            print(reason)
    print(f"{damaged} damaged files")
    sys.exit(damaged > 0)


if __name__ == "__main__":
    main()
