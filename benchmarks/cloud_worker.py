"""One measurement of cloud.py, in a new process; prints lines of JSON."""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import obstore
from obstore.store import ObjectStore, from_url

import jetliner

Result = dict[str, Any]

# Most bytes that jetliner asks for ahead when it reads from front to back: half of buffer_bytes.
REQUESTS = 8
REQUEST_BYTES = 4 << 20
# A close() or Ctrl-C that has no effect for this long has failed.
PATIENCE_SECONDS = 30.0


@functools.cache
def _store(root: str, options: str) -> ObjectStore:
    settings: Any = {"client_options": {"allow_http": True}}
    return from_url(root, config=json.loads(options), **settings)


def fetch_all(url: str, options: dict[str, str]) -> int:
    """Fetch an object by obstore alone, and drop its bytes. All calls use one store, as those of jetliner do."""
    root, key = url.rsplit("/", 1)
    store = _store(root, json.dumps(options))
    size_bytes = obstore.head(store, key)["size"]

    def fetch(begin: int) -> int:
        return len(obstore.get_range(store, key, start=begin, end=min(begin + REQUEST_BYTES, size_bytes)))

    with ThreadPoolExecutor(REQUESTS) as pool:
        return sum(pool.map(fetch, range(0, size_bytes, REQUEST_BYTES)))


def read_one_column(url: str, options: dict[str, str]) -> None:
    """Read one small column: nearly all bytes of the object have to be fetched."""
    jetliner.read_avro(url, columns=["id"], storage_options=options)


def repeated(read: Callable[[str, dict[str, str]], object]) -> Callable[[str, dict[str, str], int], Result]:
    """Read for each line of input, and print the seconds. What is compared has processes of its own, and takes turns.

    In one process, one of them could change how the memory allocator works for the other.
    """

    def measure(url: str, options: dict[str, str], rounds: int) -> Result:
        del rounds
        for _ in sys.stdin:
            started = time.perf_counter()
            read(url, options)
            print(json.dumps(time.perf_counter() - started), flush=True)
        return {}

    return measure


def many(url: str, options: dict[str, str], rounds: int) -> Result:
    """Read all objects of a directory; the median time."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        jetliner.read_avro(url, storage_options=options)
        times.append(time.perf_counter() - started)
    return {"value": statistics.median(times), "worst_seconds": max(times)}


def closed(url: str, options: dict[str, str], rounds: int) -> Result:
    """Close a reader whose requests get no answer. The parent says when; the time until close() and iteration end."""
    del rounds
    reader = jetliner.AvroReader(url, storage_options=options)
    ended = threading.Event()

    def read() -> None:
        try:
            for batch in reader:
                del batch
        except jetliner.JetlinerError:
            pass  # closed
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    _wait_for_parent()
    started = time.monotonic()
    reader.close()
    ended.wait(PATIENCE_SECONDS)
    return {"value": time.monotonic() - started}


def interrupted(read: Callable[[str, dict[str, str]], object]) -> Callable[[str, dict[str, str], int], Result]:
    def measure(url: str, options: dict[str, str], rounds: int) -> Result:
        del rounds
        name = KeyboardInterrupt.__name__
        try:
            try:
                print("reading", flush=True)
                read(url, options)
            except BaseException as error:
                name = type(error).__name__
                time.sleep(0.01)
        except KeyboardInterrupt:
            pass  # Polars has raised one for this signal; Python raises a second one
        return {"at": time.monotonic(), "ended_by": name}

    return measure


def _wait_for_parent() -> None:
    print("reading", flush=True)
    sys.stdin.readline()


def _stream(url: str, options: dict[str, str]) -> None:
    with jetliner.AvroReader(url, storage_options=options) as reader:
        for batch in reader:
            del batch


MEASUREMENTS: dict[str, Callable[[str, dict[str, str], int], Result]] = {
    "one-column": repeated(read_one_column),
    "obstore": repeated(fetch_all),
    "many": many,
    "closed": closed,
    "interrupted AvroReader": interrupted(_stream),
    "interrupted read_avro": interrupted(lambda url, options: jetliner.read_avro(url, storage_options=options)),
    "interrupted scan_avro": interrupted(
        lambda url, options: jetliner.scan_avro(url, storage_options=options).collect()
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=MEASUREMENTS)
    parser.add_argument("url")
    parser.add_argument("--options", type=json.loads, required=True)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    result = MEASUREMENTS[arguments.what](arguments.url, arguments.options, arguments.rounds)
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
