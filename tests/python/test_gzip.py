"""Files that are in gzip as a whole: every entry point reads them by way of a temporary file."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import open_files, sales_frame
from conftest import WriteSales
from jetliner._files import copies

ROWS = 20_000


def gz(path: str, content: bytes | None = None) -> str:
    """Write the content of a file, or other content, in gzip beside it."""
    packed = path + ".gz"
    Path(packed).write_bytes(gzip.compress(Path(path).read_bytes() if content is None else content, 1))
    return packed


@pytest.fixture
def plain(write_sales: WriteSales) -> str:
    return write_sales(rows=ROWS, block_rows=1000, codec="deflate")


@pytest.fixture
def packed(plain: str) -> str:
    return gz(plain)


def test_every_entry_point_reads_it(packed: str, plain: str) -> None:
    before = open_files()
    frame = sales_frame(ROWS)
    assert_frame_equal(jetliner.read_avro(packed), frame)
    assert jetliner.count_rows(packed) == ROWS
    assert jetliner.read_avro_schema(packed) == frame.schema
    for columns in (["status"], [2]):
        assert_frame_equal(jetliner.read_avro(packed, columns=columns, n_threads=3), frame.select("status"))
    with jetliner.AvroReader(packed, batch_size=3000) as reader:
        assert_frame_equal(pl.concat(reader), frame)
        assert reader.total_bytes == Path(plain).stat().st_size  # of what the file holds
    with jetliner.MultiAvroReader([plain, packed], include_file_paths="path") as reader:
        both = pl.concat(reader)
    assert_frame_equal(both.drop("path"), pl.concat([frame, frame]))
    assert both["path"].unique(maintain_order=True).to_list() == [plain, packed]
    metadata, expected = (jetliner.read_avro_metadata(path, blocks=True) for path in (packed, plain))
    assert metadata.path == packed
    assert metadata.size_bytes == expected.size_bytes
    assert metadata.metadata == expected.metadata
    assert_frame_equal(metadata.blocks, expected.blocks)
    del reader
    assert not [name for name in open_files() - before if name.startswith("/")]  # what was put aside is gone


def test_scan_is_collected_several_times(packed: str) -> None:
    scan = jetliner.scan_avro(packed, include_file_paths="path", row_index_name="row")
    expected = sales_frame(ROWS).with_row_index("row").with_columns(path=pl.lit(packed))
    for _ in range(2):
        assert_frame_equal(scan.collect(), expected)
    assert scan.select(pl.len()).collect().item() == ROWS
    kept = scan.filter(pl.col("user_id") % 1000 == 1).select("amount")
    assert_frame_equal(kept.collect(), expected.filter(pl.col("user_id") % 1000 == 1).select("amount"))
    assert_frame_equal(scan.tail(3).collect(), expected.tail(3))
    assert_frame_equal(pl.concat([scan, scan]).collect(), pl.concat([expected, expected]))


def test_the_content_decides_not_the_name(plain: str) -> None:
    os.replace(gz(plain), plain)  # noqa: PTH105
    assert_frame_equal(jetliner.read_avro(plain), sales_frame(ROWS))
    os.rename(plain, plain + ".GZ")  # noqa: PTH104
    assert_frame_equal(jetliner.scan_avro(plain + ".GZ").collect(), sales_frame(ROWS))


def test_an_avro_file_may_be_called_gz(plain: str) -> None:
    os.rename(plain, plain + ".gz")  # noqa: PTH104
    assert jetliner.read_avro(plain + ".gz").height == ROWS


def test_patterns_lists_and_partitions(write_sales: WriteSales, in_tmp: Path) -> None:
    for year in (1, 2):
        gz(write_sales(f"data/year={year}/a.avro", 10))
    frame = jetliner.read_avro("data/**/*.gz", hive_partitioning=True)
    assert frame["year"].to_list() == [1] * 10 + [2] * 10
    assert_frame_equal(jetliner.scan_avro("data/**/*.gz", hive_partitioning=True).collect(), frame)
    assert jetliner.count_rows(["data/year=2/a.avro", "data/year=1/a.avro.gz", "data/year=2/a.avro.gz"]) == 30


def test_more_files_than_may_be_open(write_sales: WriteSales, in_tmp: Path) -> None:
    content = Path(gz(write_sales("a.avro", 3))).read_bytes()
    paths = [f"{number}.avro.gz" for number in range(200)]
    for path in paths:
        Path(path).write_bytes(content)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        assert jetliner.read_avro(paths).height == 600
        assert jetliner.scan_avro("[0-9]*.gz").collect().height == 600
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("member_bytes", [1, 1000, 100_000])
def test_several_members_and_padding(plain: str, member_bytes: int) -> None:
    content = Path(plain).read_bytes()[: 300_000 if member_bytes > 1 else 5000]
    members = [gzip.compress(content[at : at + member_bytes]) for at in range(0, len(content), member_bytes)]
    packed = plain + ".gz"
    Path(packed).write_bytes(b"".join(members) + bytes(1000))
    Path(plain).write_bytes(content)
    expected = jetliner.count_rows(plain, ignore_errors=True)
    assert jetliner.count_rows(packed, ignore_errors=True) == expected
    assert jetliner.read_avro_schema(packed) == sales_frame(1).schema


def test_a_header_larger_than_the_bytes_that_are_decompressed_first(write_raw: Callable[..., str]) -> None:
    content = os.urandom(700_000)
    path = write_raw("x.avro", "int", [(1, b"\x02")], metadata={"user.large": content})
    packed = gz(path)
    assert jetliner.read_avro_schema(packed) == {"value": pl.Int32}
    assert jetliner.scan_avro(packed).collect().to_series().to_list() == [1]
    cut = gz(path, Path(path).read_bytes()[:600_000])
    with pytest.raises(jetliner.ParseError, match="truncated") as caught:
        jetliner.read_avro_schema(cut)
    assert (caught.value.variant, caught.value.path) == ("UnexpectedEof", cut)


@pytest.mark.parametrize("size", [2, 3, 9, 10, 11, 1000, -9, -8, -1])
@pytest.mark.parametrize("ignore_errors", [False, True])
def test_a_file_that_is_cut_is_an_error_that_names_it(packed: str, size: int, ignore_errors: bool) -> None:
    Path(packed).write_bytes(Path(packed).read_bytes()[:size])
    for read in (
        lambda: jetliner.read_avro(packed, ignore_errors=ignore_errors),
        lambda: jetliner.count_rows(packed, ignore_errors=ignore_errors),
        lambda: jetliner.read_avro_metadata(packed, ignore_errors=ignore_errors),
        lambda: jetliner.AvroReader(packed, ignore_errors=ignore_errors),
    ):
        with pytest.raises(jetliner.CodecError, match=r"gzip file is damaged: .*truncated\?.*gzip -dc") as caught:
            read()
        assert caught.value.path == packed
        assert (caught.value.variant, caught.value.codec) == ("DecompressionError", "gzip")
    with pytest.raises((jetliner.CodecError, pl.exceptions.ComputeError), match="truncated"):
        jetliner.scan_avro(packed, ignore_errors=ignore_errors).collect()


@pytest.mark.parametrize(
    ("place", "text"), [(-8, "incorrect data check"), (-4, "incorrect length check"), (2, "unknown compression method")]
)
def test_damage_in_gzip_is_an_error(packed: str, place: int, text: str) -> None:
    content = bytearray(Path(packed).read_bytes())
    content[place] ^= 0xFF
    Path(packed).write_bytes(content)
    with pytest.raises(jetliner.CodecError, match=text) as caught:
        jetliner.read_avro(packed)
    assert caught.value.path == packed


def test_other_bytes_after_gzip_are_an_error(packed: str) -> None:
    Path(packed).write_bytes(Path(packed).read_bytes() + b"xyz")
    with pytest.raises(jetliner.CodecError, match="incorrect header check"):
        jetliner.read_avro(packed)


def test_gzip_with_something_else_in_it(tmp_path: Path) -> None:
    path = str(tmp_path / "x.avro")
    for content, text in ((b'{"a": 1}', "JSON"), (gzip.compress(b"Obj\x01"), "a gzip file"), (b"", "empty")):
        packed = gz(path, content)
        error = jetliner.ParseError if content else jetliner.SourceError
        for entry in (jetliner.read_avro, jetliner.scan_avro, jetliner.read_avro_metadata, jetliner.AvroReader):
            with pytest.raises(error, match=text) as caught:
                entry(packed)
            assert caught.value.path == packed
            if content:
                assert str(caught.value.message).startswith("not an Avro file")
                assert "the bytes that the gzip file holds" in caught.value.message


# All of it was decompressed, and only then was it looked at: some MiB of a hostile file filled the disk.
def test_what_is_no_avro_file_is_not_decompressed_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    copied = copies._copied

    def watched(*arguments: Any) -> Any:
        copy = copied(*arguments)
        sizes.append(copy.size_bytes)
        return copy

    monkeypatch.setattr(copies, "_copied", watched)
    packed = gz(str(tmp_path / "x.csv"), b"user_id,amount\n" * 1_000_000)
    for entry in (jetliner.read_avro, jetliner.scan_avro, jetliner.AvroReader):
        with pytest.raises(jetliner.ParseError, match="these are the bytes that the gzip file holds"):
            entry(packed)
    assert len(sizes) == 3
    assert max(sizes) <= 1 << 20


def test_damage_of_the_avro_file_in_gzip(plain: str) -> None:
    content = Path(plain).read_bytes()
    packed = gz(plain, content[:-100])
    with pytest.raises(jetliner.ParseError, match=r"truncated\?.*ignore_errors=True") as caught:
        jetliner.read_avro(packed)
    assert caught.value.path == packed
    with jetliner.AvroReader(packed, ignore_errors=True) as reader:
        assert sum(batch.height for batch in reader) == ROWS - 1000
        assert [error.filepath for error in reader.errors] == [packed]


def test_gzip_through_a_pipe(packed: str, tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)

    def write() -> None:
        content = Path(packed).read_bytes()
        with path.open("wb", buffering=0) as pipe:
            pipe.write(content[:1])
            pipe.write(content[1:])

    threading.Thread(target=write, daemon=True).start()
    assert_frame_equal(jetliner.read_avro(str(path)), sales_frame(ROWS))


def test_no_room_for_the_bytes(packed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    with pytest.raises(jetliner.SourceError, match=r"gzip file could not be read or put aside.*TMPDIR") as caught:
        jetliner.read_avro(packed)
    assert caught.value.path == packed


def test_memory_is_bounded_and_a_header_alone_takes_little_room(tmp_path: Path, plain: str) -> None:
    """A file of 256 MiB in 256 KiB of gzip: limited by the disk, not by the memory."""
    packed = tmp_path / "bomb.avro.gz"
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with packed.open("wb") as file:
        file.write(packer.compress(Path(plain).read_bytes()))
        for _ in range(256):
            file.write(packer.compress(bytes(1 << 20)))
        file.write(packer.flush())
    script = f"""
import resource, signal, sys, jetliner
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
assert jetliner.count_rows({str(packed)!r}, ignore_errors=True) == {ROWS}
assert peak() - before < 100_000, peak() - before
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, resource.RLIM_INFINITY))
jetliner.read_avro_schema({str(packed)!r})
jetliner.scan_avro({str(packed)!r})
try:
    jetliner.read_avro({str(packed)!r})
except jetliner.SourceError as error:
    sys.exit(3 if "put aside: File too large" in str(error) else 4)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 3
