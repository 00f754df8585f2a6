"""Scripts in processes of their own: for signals, forks, limits, and the end of the interpreter."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def run_python(script: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
