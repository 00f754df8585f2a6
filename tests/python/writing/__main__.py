"""Runs many round trips from the command line; run it in ``tests/python``.

python -m writing --cases 20000 --jobs 2
python -m writing --seed 4711
"""

from __future__ import annotations

import sys

from seeds import run_seeds

from .run import run_chunk

if __name__ == "__main__":
    sys.exit(
        run_seeds("writing", __doc__.splitlines()[0], run_chunk, cases="frames, and as many schemas", runs_per_seed=2)
    )
