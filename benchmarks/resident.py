"""Resident memory of a process, from /proc of Linux. Needs no packages: it also runs in environments of peers."""

from __future__ import annotations

import mmap
from pathlib import Path


def _field(path: str, name: str) -> int:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    msg = f"{path} has no {name}"
    raise ValueError(msg)


def peak_kib() -> int:
    """Return the peak of this process since its start or since `reset_peak`."""
    return _field("/proc/self/status", "VmHWM:")


def resident_kib(pid: int | str = "self") -> int:
    """Return the current memory of a process, counted page by page."""
    return _field(f"/proc/{pid}/smaps_rollup", "Rss:")


def reset_peak() -> None:
    """Start `peak_kib` again. Call it after imports, which often need more memory while they run."""
    Path("/proc/self/clear_refs").write_text("5")


def touch(count: int) -> None:
    """Allocate `count` bytes in huge pages, write to every page, and free them.

    The host of a virtual machine may take back memory that was unused for a second or two. To get it again can take
    four times as long as reading a file, and the first reader would pay for it. After this call no reader pays.
    """
    if count == 0:
        return
    with mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for start in range(0, count, mmap.PAGESIZE):
            memory[start] = 1
