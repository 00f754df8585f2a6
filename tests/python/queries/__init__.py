"""Random queries: each over scan_avro, in several ways of running it, against the same over the frame of read_avro.

The modules in the order of their use:

- ``rows``: schemas and rows of the files.
- ``tables``: the files, written once for each process, and the frame that each must give.
- ``source``: a table read with random options of scan_avro, and the frame of that, made by Polars alone.
- ``predicates``, ``values``: random expressions that fit a frame, the predicates with a share of rows to keep.
- ``steps``: one random operation upon a LazyFrame. ``pipeline``: several, held as a function of the scans.
- ``ways``: collect with either engine, in batches, into Parquet, in another process, and so on.
- ``protocol``: the source asked directly, as Polars asks it.
- ``case``: one seed, one pipeline, all checks. ``run`` and ``__main__``: many of them.

What is expected is found step by step: every step runs upon the eager frame of the step before, so no optimizer of
Polars sees the whole. Order is compared unless a step is documented not to keep it; only steps that do not depend on
order follow such a one.
"""
