"""Differential tests: random schemas and values, an encoder, a decoder and expectations of their own, and fastavro.

The modules in the datum's order:

- ``generate``: a seed gives a random schema (JSON) and random raw values of it.
- ``model``: JSON to a graph of nodes with names resolved; decides which logical types count.
- ``encode``, ``container``, ``codecs``: raw values to bytes to an object container file, with random block structure.
- ``decode``: bytes to raw values, the short way, for files that others wrote.
- ``expect``: nodes and raw values to the Polars dtype and the physical values that reading must give.
- ``compare``: a frame to comparable physical values, and the differences between them and the expected ones.
- ``case``: one seed, one file, all checks. ``__main__`` runs many of them.
- ``mutate``: a writer's schema to a reader's. ``resolve``: raw values of the one as raw values of the other.
  ``resolve_case``: one seed, one pair of schemas, all checks.

A *raw value* is the value under the logical type: None, bool, int, float, bytes (bytes and fixed), str (string and
enum), list (array), dict (map and record), and for every union a tuple (index of the branch, value).
"""
