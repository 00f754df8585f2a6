"""How much memory a process has in RAM, from Linux's /proc. Needs no packages: peers' environments run it, too."""

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
    """The most that this process had since it started, or since `reset_peak`."""
    return _field("/proc/self/status", "VmHWM:")


def resident_kib(pid: int | str = "self") -> int:
    """What a process has at the moment, counted page by page."""
    return _field(f"/proc/{pid}/smaps_rollup", "Rss:")


def reset_peak() -> None:
    """Let `peak_kib` begin anew; imports often take more for a moment than they leave."""
    Path("/proc/self/clear_refs").write_text("5")


def touch(count: int) -> None:
    """Take so many bytes of memory, in huge pages, write to all of it, and give it back.

    The host of a virtual machine may have taken back what nobody used for a second or two. To find it again takes four
    times as long as reading a file does, and meets whoever comes first. After this it meets nobody.
    """
    if count == 0:
        return
    with mmap.mmap(-1, count, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for start in range(0, count, mmap.PAGESIZE):
            memory[start] = 1
