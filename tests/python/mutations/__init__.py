"""Mutated files: sound ones, damaged in many ways, read in processes that are watched.

- ``bases``: the sound files.
- ``mutate``: from a seed to a damaged file.
- ``check``: what must hold of reading any file at all.
- ``differential``: what must hold of it beside fastavro.
- ``worker``: the process that checks one file after the other.
- ``watch``: starts workers, and finds out which file made one crash, hang or take too much memory.

Run it as ``python -m mutations --mutations 100000`` (``make test-mutations``).
"""
