"""Servers of object stores for tests, and a proxy that makes faults.

- ``process``: a server process on a free port. ``scripts/setup_servers`` has installed it.
- ``s3`` (versitygw), ``azure`` (azurite), ``gcs`` (fake-gcs-server): a server and its buckets. ``bucket``: what these
  have in common.
- ``web``: an HTTP server of ours, with and without ranges.
- ``proxy``: passes requests on, and makes faults. ``faults``: the faults and their rules. ``relay``: one connection.
  ``message``: HTTP messages as raw bytes.
- ``log``: the requests that a proxy or the HTTP server saw.
- ``fixtures``: all of these for pytest.
"""
