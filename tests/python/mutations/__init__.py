"""Mutated files: sound files, damaged in many ways, and read in watched processes.

- ``bases``: the sound files.
- ``mutate``: makes a damaged file from a seed.
- ``check``: the rules for reading any file.
- ``differential``: the comparison with fastavro.
- ``worker``: the process that checks one file after the other.
- ``watch``: starts workers, and finds the files that crash one, hang it, or take too much memory.

Run it as ``python -m mutations --mutations 100000`` (``make test-mutations``).
"""
