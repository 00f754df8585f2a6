"""Random round trips of the writer; `make test-writing` runs more of them."""

from __future__ import annotations

import pytest

from writing.run import run_chunk


@pytest.mark.parametrize("first", range(0, 2000, 100))
def test_frames_and_schemas_survive_writing_and_reading(first: int) -> None:
    counts, failures = run_chunk((first, 100))
    assert not failures, "\n".join(f"{name}: {message}" for name, message in failures[:3])
    assert counts["frames"] == 100
    assert counts["schemas"] + counts["recursive"] == 100
