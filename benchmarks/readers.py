"""The readers: jetliner in several ways, its peers, and the floor."""

from __future__ import annotations

from dataclasses import dataclass

POLARS_AVRO = ("polars-avro==0.13.0",)
JETLINER_0_2 = ("jetliner==0.2.0",)


@dataclass(frozen=True)
class Reader:
    """A reader: its name in worker.py, and the packages of its environment (None: the current environment)."""

    name: str
    worker: str
    packages: tuple[str, ...] | None = None
    n_threads: int | None = None
    most_rounds: int | None = None  # limits a reader that takes minutes


OURS = "jetliner"
SCAN = "jetliner scan"
STREAM = "jetliner AvroReader"
ONE_THREAD = "jetliner 1 thread"
STREAM_ONE_THREAD = "jetliner AvroReader 1 thread"
RUST = "jetliner 0.2.0"
FLOOR = "floor"
FLOOR_ONE_THREAD = "floor 1 thread"

READERS = (
    Reader(OURS, "jetliner"),
    Reader(SCAN, "jetliner-scan"),
    Reader(STREAM, "jetliner-stream"),
    Reader(ONE_THREAD, "jetliner", n_threads=1),
    Reader("polars", "polars"),
    Reader("polars-avro", "polars-avro", POLARS_AVRO),
    Reader(RUST, "jetliner", JETLINER_0_2),
    Reader("fastavro", "fastavro", most_rounds=1),
    Reader(FLOOR, "floor"),
    Reader(FLOOR_ONE_THREAD, "floor", n_threads=1),
)
# For the gain by threads: pairs of one thread and all threads.
SCALING_READERS = (
    *(reader for reader in READERS if reader.name in (OURS, ONE_THREAD, STREAM, FLOOR, FLOOR_ONE_THREAD)),
    Reader(STREAM_ONE_THREAD, "jetliner-stream", n_threads=1),
)
SCALING_PAIRS = ((STREAM_ONE_THREAD, STREAM), (ONE_THREAD, OURS), (FLOOR_ONE_THREAD, FLOOR))
PEERS = ("polars", "polars-avro", RUST, "fastavro")
FLOORS = (FLOOR, FLOOR_ONE_THREAD)
OWN = (OURS, SCAN, STREAM, ONE_THREAD)
# Readers that need no further packages.
QUICK = (*OWN, "polars", *FLOORS)
