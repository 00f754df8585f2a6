"""Random files, cut at random places; `make test-splits` runs more of them."""

from __future__ import annotations

import pytest

from parts.run import run_chunk


@pytest.mark.parametrize("first", range(0, 2000, 200))
def test_parts_have_the_rows_of_the_whole(first: int) -> None:
    counts, failures = run_chunk((first, 200))
    assert not failures, "\n".join(f"{name}: {message}" for name, message in failures[:3])
    assert counts["files"] == 200
