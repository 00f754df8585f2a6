"""The cases of the speed benchmarks: files, and the columns to read."""

from __future__ import annotations

from dataclasses import dataclass

SMALL_ROWS = 1000
MANY_FILES = 500
FLAT_CODECS = ("snappy", "null", "deflate", "zstandard")
# A "tenfold" file holds the blocks of another file ten times.
TENFOLD = 10

# Names of files. If the name has no size, the run chooses the number of rows (files.py).
SMALL = f"small-{SMALL_ROWS}"
MANY = f"many-{MANY_FILES}x{SMALL_ROWS}"

# Directories of small files, for queries: one schema for all files, a different schema for each, Hive partitions.
ONE_SCHEMA = "one-schema"
MANY_SCHEMAS = "many-schemas"
PARTITIONED = "partitions"
# A directory gets one file for each 500 rows of the large files: 2000 files if these have a million rows.
ROWS_PER_FILE = 500
FILES_PER_PARTITION = 10

# Directories of tiny files: one row each, and a schema of 20 KB. In one directory all schemas are equal, in the other
# their `doc` differs.
TINY_FILES = 5000
TINY = "tiny"
TINY_DOCS = "tiny-docs"

FIVE_COLUMNS = "c03,c20,c45,c62,c97"


@dataclass(frozen=True)
class Case:
    """A file, and the columns to read (None: all)."""

    name: str
    file: str
    columns: str | None = None
    # Large: decoding takes most of the time, and several threads help.
    is_large: bool = True
    # Factor on the number of rows that the run asks for.
    times: int = 1


CASES = (
    *(Case(f"flat {codec}", f"flat-{codec}") for codec in FLAT_CODECS),
    Case("nested", "nested-snappy"),
    Case("wide", "wide-snappy"),
    Case("wide 5 of 100", "wide-snappy", FIVE_COLUMNS),
    Case("small", SMALL, is_large=False),
    Case("many", MANY, is_large=False),
)
LARGE = tuple(case.name for case in CASES if case.is_large)
# Cases for the gain by threads. Reading takes much longer than starting threads.
SCALING_CASES = (
    *(Case(f"flat {codec}, {TENFOLD} times", f"flat-{codec}-tenfold", times=TENFOLD) for codec in FLAT_CODECS),
    *(case for case in CASES if case.name in ("nested", "wide", "wide 5 of 100")),
)
QUICK = ("flat snappy", "nested", "wide", "small", "many")
