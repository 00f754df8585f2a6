"""Random queries over scan_avro, run in several ways, and compared with the same query over the frame of read_avro.

The modules in the order of use:

- ``rows``: schemas and rows of the files.
- ``tables``: the files, written once for each process, and their expected frames.
- ``source``: a table with random options of scan_avro, and the expected frame, made by Polars alone.
- ``predicates``, ``values``: random expressions that fit a frame. A predicate keeps a chosen share of rows.
- ``steps``: one random operation on a LazyFrame. ``pipeline``: several steps, as a function of the scans.
- ``ways``: collect with either engine, in batches, into Parquet, in another process, and so on.
- ``protocol``: calls the source directly, as Polars calls it.
- ``case``: one seed, one pipeline, all checks. ``run`` and ``__main__``: many of them.

The expected frame is made step by step: every step runs on the eager frame of the step before it. So the optimizer of
Polars never sees the whole query. The order of rows is compared, unless a step does not guarantee it. Only steps that
do not depend on the order follow such a step.
"""
