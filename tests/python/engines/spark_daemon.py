"""Spark's daemon, which forks a worker for each step of a query. It has imported already what each worker would.

Importing takes a second in each worker. With it the tests of Spark would take some minutes.
"""

from pyspark import daemon

import jetliner.spark  # noqa: F401

if __name__ == "__main__":
    daemon.manager()
