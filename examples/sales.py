"""Write sales.avro and sales_2.avro: the two small files that the examples in docstrings read."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import fastavro

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Sale",
    "fields": [
        {"name": "user_id", "type": "long"},
        {"name": "amount", "type": "double"},
        {"name": "status", "type": "string"},
    ],
}
ROWS = [{"user_id": i, "amount": i * 10.0, "status": "active" if i % 2 else "inactive"} for i in range(1, 8)]


def write_sales(directory: Path) -> None:
    """Write both files: five rows, and two rows."""
    for name, rows in (("sales.avro", ROWS[:5]), ("sales_2.avro", ROWS[5:])):
        with (directory / name).open("wb") as file:
            fastavro.writer(file, SCHEMA, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--directory", type=Path, default=Path(), help="where to write (default: the working directory)"
    )
    write_sales(parser.parse_args().directory)


if __name__ == "__main__":
    main()
