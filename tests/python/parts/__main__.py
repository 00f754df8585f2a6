"""Cuts many random files into parts, from the command line; run it in ``tests/python``.

python -m parts --cases 20000 --jobs 2
python -m parts --seed 4711
"""

from __future__ import annotations

import sys

from seeds import run_seeds

from .run import run_chunk

if __name__ == "__main__":
    about = __doc__.splitlines()[0]
    sys.exit(run_seeds("parts", about, run_chunk, cases="files"))
