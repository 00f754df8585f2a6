"""Differential tests: jetliner, fastavro and an independent implementation read random files and must agree.

The modules in the order of the data flow:

- ``generate``: a seed gives a random schema (JSON) and random raw values of it.
- ``model``: JSON to a graph of nodes with resolved names; decides which logical types are valid.
- ``encode``, ``container``, ``codecs``: raw values to bytes to an object container file, with random block structure.
- ``decode``: bytes to raw values, for files by other writers. A simple implementation.
- ``expect``: nodes and raw values to the Polars dtype and the physical values that reading must give.
- ``compare``: a frame to comparable physical values, and their differences from the expected ones.
- ``case``: one seed, one file, all checks. ``__main__`` runs many of them.
- ``mutate``: a writer's schema to a reader's. ``resolve``: raw values of the writer's schema to those of the reader's.
  ``resolve_case``: one seed, one pair of schemas, all checks.

A *raw value* is a value without its logical type: None, bool, int, float, bytes (bytes and fixed), str (string and
enum), list (array), dict (map and record). The value of a union is a tuple (index of the branch, value).
"""
