"""`python -m jetliner`: the command line."""

import sys

from jetliner._cli import main

if __name__ == "__main__":
    sys.exit(main())
