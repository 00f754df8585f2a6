"""Every command on files behind HTTP and in S3, good and damaged ones: it says what it says of local files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import Block, damage
from command_line import CommandLine, Result
from stores.s3 import S3Bucket
from stores.web import WebServer

#: Runs a command on a file of these bytes; "FILE" among the arguments stands for its URL.
Remote = Callable[..., Result]
URL = "FILE"
PLACES = ["web", pytest.param("s3", marks=pytest.mark.servers)]
COMMANDS = {
    "schema": ["schema", URL],
    "head": ["head", URL, "-n", "3"],
    "cat": ["cat", URL, "--columns", "user_id,status"],
    "cat where": ["cat", URL, "--where", "user_id > 90", "--format", "csv"],
    "count": ["count", URL],
    "info": ["info", URL],
    "info blocks": ["info", URL, "--blocks", "--json"],
    "check": ["check", URL, "--json"],
    "splits": ["splits", URL, "--split-bytes", "1000"],
    "convert": ["convert", URL, "-o", "out.csv"],
    "recover": ["recover", URL, "-o", "out.avro"],
}


@pytest.fixture
def remote(request: pytest.FixtureRequest, cli: CommandLine) -> Remote:
    place = request.param
    served: WebServer | S3Bucket = request.getfixturevalue(place)

    def run(data: bytes, *arguments: str) -> tuple[Result, str]:
        if isinstance(served, S3Bucket):
            url = served.put("sales.avro", data)
            options = [f"--storage-option={name}={value}" for name, value in served.options().items()]
        else:
            url, options = served.add("/sales.avro", data).url, []
        return cli(*[argument.replace(URL, url) for argument in arguments], *options), url

    return run


def same(result: Result, url: str, local: Result, path: str) -> None:
    """Check that a result tells of the URL what another one tells of the path."""
    assert (result.code, result.out.replace(url, path)) == (local.code, local.out)
    # The place of an error is told by the path in full.
    assert result.err.replace(url, path) == local.err


@pytest.mark.parametrize("remote", PLACES, indirect=True)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_good_files(remote: Remote, cli: CommandLine, ten_blocks: str, in_tmp: Path, command: list[str]) -> None:
    local = cli(*[argument.replace(URL, ten_blocks) for argument in command])
    written = {path.name: path.read_bytes() for path in in_tmp.glob("out.*")}
    for name in written:
        (in_tmp / name).unlink()
    result, url = remote(Path(ten_blocks).read_bytes(), *command)
    assert local.code == 0
    same(result, url, local, ten_blocks)
    assert {path.name for path in in_tmp.glob("out.*")} == set(written)
    if "out.csv" in written:
        assert (in_tmp / "out.csv").read_bytes() == written["out.csv"]
    if "out.avro" in written:
        assert jetliner.read_avro("out.avro").equals(jetliner.read_avro(ten_blocks))


@pytest.mark.parametrize("remote", PLACES, indirect=True)
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_damaged_files(
    remote: Remote, cli: CommandLine, ten_blocks: str, blocks: list[Block], in_tmp: Path, command: list[str]
) -> None:
    damage(ten_blocks, blocks[4].sync_offset, b"\xff" * 16)
    local = cli(*[argument.replace(URL, ten_blocks) for argument in command])
    for path in in_tmp.glob("out.*"):
        path.unlink()
    result, url = remote(Path(ten_blocks).read_bytes(), *command)
    same(result, url, local, ten_blocks)


@pytest.mark.parametrize("remote", PLACES, indirect=True)
@pytest.mark.parametrize("command", ["schema", "head", "cat", "count", "info", "check", "splits"])
def test_what_is_no_avro_file(remote: Remote, command: str) -> None:
    result, url = remote(b"PAR1 and more", command, URL)
    assert result.code == 2
    assert "a Parquet file?" in (result.out if command == "check" else result.err)
    assert url in result.out + result.err


@pytest.mark.servers
def test_convert_and_recover_write_to_a_store(cli: CommandLine, s3: S3Bucket, ten_blocks: str) -> None:
    options = [f"--storage-option={name}={value}" for name, value in s3.options().items()]
    frame = jetliner.read_avro(ten_blocks)
    for command, key in (("convert", "a/out.avro"), ("recover", "b/out.avro"), ("convert", "c/out.parquet")):
        cli.ok(command, ten_blocks, "-o", s3.url(key), *options)
        if key.endswith(".avro"):
            assert_frame_equal(jetliner.read_avro(s3.url(key), storage_options=s3.options()), frame)
        else:
            content = s3.store().get(key).bytes()
            assert_frame_equal(pl.read_parquet(bytes(content)), frame)
