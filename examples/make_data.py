"""Write the files that the other examples and docs/recipes.md read: a directory for each system, in 3 s."""

from __future__ import annotations

import argparse
from pathlib import Path

import make_bigquery
import make_debezium
import make_event_hubs
import make_iceberg
import make_kafka_connect

MAKERS = {
    "kafka": make_kafka_connect.write,
    "event-hubs": make_event_hubs.write,
    "debezium": make_debezium.write,
    "iceberg": make_iceberg.write,
    "bigquery": make_bigquery.write,
}


def write_all(directory: Path) -> None:
    """Write the files of every system, each into a directory of its own."""
    for name, write in MAKERS.items():
        write(directory / name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, nargs="?", default=Path("data"), help="default: %(default)s")
    write_all(parser.parse_args().directory)


if __name__ == "__main__":
    main()
