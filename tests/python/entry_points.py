"""Ways to read, for tests that must hold for each of them."""

from __future__ import annotations

from typing import Any

import pytest

import jetliner

EACH_READ = pytest.mark.parametrize("read", [jetliner.read_avro, lambda *a, **k: jetliner.scan_avro(*a, **k).collect()])
#: Engines of Polars for `collect`.
ENGINES = ["in-memory", "streaming"]
EACH_ENGINE = pytest.mark.parametrize("engine", ENGINES)


def paths_read(source: Any, **options: Any) -> list[str]:
    """The files that were read, in order."""
    frame = jetliner.read_avro(source, include_file_paths="path", **options)
    return frame["path"].unique(maintain_order=True).to_list()
