"""What is read: files, and columns of them."""

from __future__ import annotations

from dataclasses import dataclass

SMALL_ROWS = 1000
MANY_FILES = 500
FLAT_CODECS = ("snappy", "null", "deflate", "zstandard")
# So many times as long as another file.
TENFOLD = 10

# Files; those without a size in their name are made with as many rows as the run asks for (files.py).
SMALL = f"small-{SMALL_ROWS}"
MANY = f"many-{MANY_FILES}x{SMALL_ROWS}"

# Directories for queries, of small files: of one schema, of another schema each, and in partitions, as Hive has them.
ONE_SCHEMA = "one-schema"
MANY_SCHEMAS = "many-schemas"
PARTITIONED = "partitions"
ROWS_PER_FILE = 500  # of the large files, for each file of a directory: 2000 files beside a million rows
FILES_PER_PARTITION = 10

FIVE_COLUMNS = "c03,c20,c45,c62,c97"


@dataclass(frozen=True)
class Case:
    """A file, and the columns to read of it (None: all)."""

    name: str
    file: str
    columns: str | None = None
    # So large that its reading is decoding, and that several threads are worth while.
    is_large: bool = True
    # How many times as many rows as the run asks for.
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
# Where a second thread can gain what it is for: reading takes so long that the start of threads is little beside it.
SCALING_CASES = (
    *(Case(f"flat {codec}, {TENFOLD} times", f"flat-{codec}-tenfold", times=TENFOLD) for codec in FLAT_CODECS),
    *(case for case in CASES if case.name in ("nested", "wide", "wide 5 of 100")),
)
QUICK = ("flat snappy", "nested", "wide", "small", "many")
