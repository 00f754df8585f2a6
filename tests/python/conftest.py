"""Files for the tests: written by fastavro, or byte by byte where a writer would not do such a thing."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from avro_files import SALES_SCHEMA, SYNC, Block, blocks_of, long, sales, text, write_file
from command_line import CommandLine
from over import plugin
from over.plugin import file_place, places  # noqa: F401
from parquet_twins import Twins
from stores.fixtures import azure, azure_server, gcs, gcs_server, proxy_to, s3, s3_server, web, web_server  # noqa: F401

#: The tests of engines need these. `make test-engines` installs them into an environment of their own.
collect_ignore = [] if importlib.util.find_spec("ray") else ["engines"]

#: Fixtures that start a server of scripts/setup_servers.
_SERVERS = {"s3_server", "azure_server", "gcs_server"}


def pytest_addoption(parser: pytest.Parser) -> None:
    plugin.add_option(parser)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    plugin.generate_tests(metafunc)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests that need servers. Those that choose a server by a parameter have the name of its bucket there."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        params = getattr(getattr(item, "callspec", None), "params", {}).values()
        if fixtures & _SERVERS or any(isinstance(param, str) and f"{param}_server" in _SERVERS for param in params):
            item.add_marker("servers")
    plugin.deselect(config, items)


class WriteSales(Protocol):
    def __call__(
        self, name: str = ..., rows: int = ..., *, start: int = ..., codec: str = ..., block_rows: int = ...
    ) -> str: ...


class WriteAvro(Protocol):
    def __call__(
        self, name: str, schema: Any, records: list[Any], *, codec: str = ..., block_rows: int = ...
    ) -> str: ...


class WriteRaw(Protocol):
    def __call__(
        self, name: str, schema: Any, blocks: list[tuple[int, bytes]], *, metadata: dict[str, bytes] | None = ...
    ) -> str: ...


@pytest.fixture
def write_avro(tmp_path: Path) -> WriteAvro:
    """Write records with fastavro; `block_rows` sets how many go into a block."""

    def write(name: str, schema: Any, records: list[Any], *, codec: str = "null", block_rows: int = 0) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, schema, records, codec=codec, block_rows=block_rows)
        return str(path)

    return write


@pytest.fixture
def write_sales(write_avro: WriteAvro) -> WriteSales:
    def write(
        name: str = "sales.avro", rows: int = 100, *, start: int = 0, codec: str = "null", block_rows: int = 0
    ) -> str:
        return write_avro(name, SALES_SCHEMA, sales(rows, start), codec=codec, block_rows=block_rows)

    return write


@pytest.fixture
def path(write_sales: WriteSales) -> str:
    """Write 1000 rows in blocks of 30."""
    return write_sales(rows=1000, block_rows=30)


@pytest.fixture
def ten_blocks(write_sales: WriteSales) -> str:
    """Write 100 rows in ten blocks."""
    return write_sales(rows=100, block_rows=10)


@pytest.fixture
def blocks(ten_blocks: str) -> list[Block]:
    """Find the blocks of `ten_blocks`."""
    return blocks_of(ten_blocks)


@pytest.fixture
def write_raw(tmp_path: Path) -> WriteRaw:
    """Write a container file without codec from the bytes of its blocks."""

    def write(
        name: str, schema: Any, blocks: list[tuple[int, bytes]], *, metadata: dict[str, bytes] | None = None
    ) -> str:
        entries = {"avro.schema": json.dumps(schema).encode(), **(metadata or {})}
        content = b"Obj\x01" + long(len(entries))
        for key, value in entries.items():
            content += text(key) + text(value)
        content += long(0) + SYNC
        for count, data in blocks:
            content += long(count) + long(len(data)) + data + SYNC
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


@pytest.fixture
def twins(tmp_path: Path) -> Twins:
    return Twins(tmp_path)


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in an empty directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """Run commands of the command line in this process."""
    return CommandLine(capsys, monkeypatch, tmp_path)
