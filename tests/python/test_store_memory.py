"""Memory of reads from a store: what is freed is used again."""

from __future__ import annotations

import json
import platform

import pytest

from processes import run_python
from store_tests import PAYLOAD_BYTES, payload_file
from stores.s3 import S3Bucket

ROWS = 15_000
SIZE_BYTES = ROWS * PAYLOAD_BYTES


# glibc used to give the memory of each range back to the system. So all bytes of an object went into pages that were
# new for the process, which took as much time as all other work.
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the heap of glibc")
def test_ranges_use_the_memory_of_earlier_ranges(s3: S3Bucket) -> None:
    url = s3.put("payload.avro", payload_file(ROWS))
    script = """
        import json, resource, sys
        import jetliner

        faults = []
        for _ in range(6):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
            frame = jetliner.read_avro(sys.argv[1], columns=["id"], storage_options=json.loads(sys.argv[2]))
            faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
            assert frame.height == int(sys.argv[3])
        print(min(faults) * resource.getpagesize())
    """
    done = run_python(script, url, json.dumps(s3.options()), str(ROWS))
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < SIZE_BYTES / 3
