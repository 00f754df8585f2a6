"""The tests of local files, run over stores: ``pytest --over=s3``.

- ``place``: puts the files of a test into a store, and lets jetliner read them from there. ``remote`` is for stores and
  HTTP, ``opened`` for open files.
- ``selection``: which tests run over which store, and why others do not.
- ``plugin``: the option and the fixtures. ``conftest.py`` imports them.

Files keep the names that they have on the disk: in results, in errors, in partitions. So the tests need no change. A
test fails if it reads a local file in some other way.
"""
