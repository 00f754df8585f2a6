"""The command line `jetliner`. Each command has a module; they call the package and print what it returns.

No module here imports Polars, or a module of the package that does, before a command runs: `--help` and `--version`
answer at once.
"""

from __future__ import annotations

import io
import sys


def main() -> int:
    """Run the command line; return the exit code."""
    try:
        from jetliner._cli.program import run
    except ImportError as error:
        if error.name != "click":
            raise
        print("jetliner: the command line needs more packages: pip install 'jetliner[cli]'", file=sys.stderr)
        return 2
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Names of files may be no text: their bytes are printed as they are. In other encodings tables lack some signs.
        is_utf8 = sys.stdout.encoding.lower() == "utf-8"
        sys.stdout.reconfigure(errors="surrogateescape" if is_utf8 else "backslashreplace")
    return run(sys.argv[1:])
