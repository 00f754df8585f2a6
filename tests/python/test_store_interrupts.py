"""Ctrl-C while a query or a reader waits for a store, from the command's point of view."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time

import fastavro
import pytest

from stores import faults
from stores.fixtures import ProxyTo
from stores.s3 import S3Bucket

pytestmark = pytest.mark.servers

WAYS = {
    "scan": "jetliner.scan_avro(url, storage_options=options).collect()",
    "scan with a filter": "jetliner.scan_avro(url, storage_options=options).filter(pl.col('a') > 5).collect()",
    "in memory": "jetliner.scan_avro(url, storage_options=options).collect(engine='in-memory')",
    "sink": "jetliner.scan_avro(url, storage_options=options).sink_parquet(io.BytesIO())",
    "read": "jetliner.read_avro(url, storage_options=options)",
    "reader": "list(jetliner.AvroReader(url, storage_options=options))",
}


@pytest.mark.parametrize("way", WAYS)
def test_ctrl_c_ends_the_wait(s3: S3Bucket, proxy_to: ProxyTo, way: str) -> None:
    out = io.BytesIO()
    schema = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "long"}]}
    fastavro.writer(out, schema, [{"a": i} for i in range(500_000)], sync_interval=10_000)
    s3.put("a.avro", out.getvalue())
    proxy = proxy_to(s3.port)
    proxy.rule(faults.Stall(None, -1), first=2)  # the header comes
    program = f"""
import io, time, polars as pl, jetliner
url, options = {s3.url("a.avro")!r}, {s3.options(proxy)!r}
try:
    try:
        {WAYS[way]}
    except KeyboardInterrupt:
        time.sleep(0.01)  # Polars and Python may raise it, each for itself
except KeyboardInterrupt:
    pass
print("interrupted")
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        while len(proxy.log.requests) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.2)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[0] == "interrupted\n"
        assert time.monotonic() - begin < 3  # a second, and the end of Python
