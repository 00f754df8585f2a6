"""The files of tests/data: read as an independent decoder reads them, and made as their README says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import jetliner
from differential import container, oracle
from differential.codecs import CODECS
from differential.compare import difference
from differential.expect import table
from differential.model import parse

DATA = Path(__file__).parents[1] / "data"
FILES = sorted(path.name for path in DATA.glob("*.avro"))


@pytest.fixture(scope="module")
def make() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_test_data", DATA / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", FILES)
def test_file_reads_as_the_independent_decoder_reads_it(name: str) -> None:
    path = DATA / name
    content = container.read(path.read_bytes())
    expected = table(parse(content.schema), content.rows)
    assert difference(expected, jetliner.read_avro(path)) is None
    assert jetliner.read_avro_schema(path) == expected.schema


@pytest.mark.parametrize("name", FILES)
def test_file_reads_as_fastavro_reads_it(name: str) -> None:
    data = (DATA / name).read_bytes()
    content = container.read(data)
    node = parse(content.schema)
    # Behind a plainer header: fastavro takes neither a malformed decimal nor metadata that is not text.
    reading = oracle.read(container.with_header(data, oracle.plainer(content.schema)))
    assert repr(reading) == repr([oracle.as_read(node, row) for row in content.rows])


def test_files_are_those_that_the_script_makes(make: ModuleType) -> None:
    made = make.files()
    assert set(FILES) == set(made) | {f"java-{codec}.avro" for codec in CODECS}
    for name, build in made.items():
        # Libraries of other versions may compress to other bytes.
        fresh, kept = container.read(build()), container.read((DATA / name).read_bytes())
        assert (fresh.schema, fresh.codec, repr(fresh.rows)) == (kept.schema, kept.codec, repr(kept.rows)), name
        assert fresh.rows_per_block == kept.rows_per_block


def test_readme_names_every_file() -> None:
    text = (DATA / "README.md").read_text()
    named: set[str] = set()
    for pattern in re.findall(r"`([^`]*\.avro)`", text):
        match = re.fullmatch(r"(.*)\{(.*)\}(.*)", pattern)
        named |= {match[1] + each + match[3] for each in match[2].split(",")} if match else {pattern}
    assert named == set(FILES)


def test_files_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in DATA.glob("*.avro")}
    assert sum(sizes.values()) < 200_000
    assert max(sizes.values()) < 6_000
