"""The process that reads one mutated file after the other: python -m mutations.worker MODE FIRST LAST DIRECTORY.

Before it reads a file, it writes the number of the file to a progress file. So its parent knows the file if the process
dies. Finds go to standard output, one JSON object per line.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import resource
import struct
import sys
import traceback
from collections import Counter
from pathlib import Path

import jetliner

from . import bases, check, differential, mutate

#: Limit of address space above the process at its start.
MEMORY_BYTES = 1 << 30

PROGRESS = struct.Struct("<qq")
PREPARING = -1
IN_JETLINER, IN_ORACLE, IN_TEST = 0, 1, 2


class Progress:
    """The number of the current file and its reader, in memory shared with the parent."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), PROGRESS.size)

    def tell(self, number: int, phase: int) -> None:
        self._memory[:] = PROGRESS.pack(number, phase)


def file_of(number: int, mode: str, small: list[bases.Base], large: list[bases.Base]) -> tuple[str, bytes]:
    """Return the name of the base and the mutated file of a number. Both are the same in every run."""
    rng = random.Random(f"{mode} {number}")
    base = rng.choice(large) if large and rng.random() < 0.01 else rng.choice(small)
    return base.name, mutate.mutated(base, rng, keep_header=mode == "differential")


def limit_memory(more: int) -> None:
    """Let allocations fail if the process grows by more than `more` bytes."""
    size = next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if "VmSize" in line)
    resource.setrlimit(resource.RLIMIT_AS, (size * 1024 + more,) * 2)


def misbehave(how: str) -> None:
    """Do something that the parent must notice, for its tests."""
    if how == "crash":
        os.abort()
    if how == "hang":
        while True:
            pass
    if how == "memory":
        bytearray(4 * MEMORY_BYTES)
    if how == "foreign":
        raise RuntimeError("foreign")


def main() -> None:
    mode, first, last, directory = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    faults = dict(pair.split("=") for pair in sys.argv[5:])  # number=how, for tests
    progress = Progress(directory / "progress")
    progress.tell(PREPARING, IN_TEST)
    small = bases.load()
    large = bases.load_large() if mode == "read" else []
    path = directory / "file.avro"
    jetliner.read_avro(bases.DATA / "type-nested.avro")  # starts threads, and fills caches
    limit_memory(MEMORY_BYTES)
    counts: Counter[str] = Counter()
    for number in range(first, last):
        progress.tell(number, IN_TEST)
        _, data = file_of(number, mode, small, large)
        path.write_bytes(data)
        progress.tell(number, IN_JETLINER)
        try:
            misbehave(faults.get(str(number), ""))
            if mode == "differential":
                counts += differential.check(str(path), data, lambda number=number: progress.tell(number, IN_ORACLE))
            else:
                found = check.check(str(path), data, random.Random(number))
                counts += found
                if any("OutOfMemory" in name for name in found):
                    tell_find(number, "memory", "out of memory")
        except MemoryError:
            tell_find(number, "memory", traceback.format_exc())
        except AssertionError as error:
            tell_find(number, "wrong", str(error))
        except Exception:
            tell_find(number, "foreign exception", traceback.format_exc())
        if number % 100 == 99:
            print(json.dumps({"done": number + 1, "counts": counts}), flush=True)
            counts = Counter()
    progress.tell(last, IN_TEST)
    print(json.dumps({"done": last, "counts": counts}), flush=True)


def tell_find(number: int, kind: str, text: str) -> None:
    print(json.dumps({"number": number, "find": kind, "text": text[-4000:]}), flush=True)


if __name__ == "__main__":
    main()
