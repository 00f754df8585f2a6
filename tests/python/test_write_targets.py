"""write_avro, sink_avro and AvroWriter: targets, appending, several files, what is left after an error."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_schemas import record


def test_append(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    frame = pl.DataFrame({"a": [1, 2]})
    jetliner.write_avro(frame, path, compression="deflate")
    jetliner.write_avro(frame, path, append=True)
    assert jetliner.read_avro(path)["a"].to_list() == [1, 2, 1, 2]
    assert jetliner.read_avro_metadata(path).codec == "deflate"
    before = path.read_bytes()
    with pytest.raises(jetliner.SchemaError, match="not that of the file"):
        jetliner.write_avro(frame, path, append=True, schema=record(a="long"))
    with pytest.raises(jetliner.EncodeError):
        jetliner.write_avro(
            [pl.DataFrame({"a": range(100_000)}), pl.DataFrame({"a": [2**63]}, schema={"a": pl.UInt64})],
            path,
            append=True,
        )
    assert path.read_bytes() == before
    path.write_bytes(before[:-1])
    with pytest.raises(jetliner.JetlinerError):
        jetliner.write_avro(frame, path, append=True)
    assert path.read_bytes() == before[:-1]


def test_append_says_what_it_needs(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    frame = pl.DataFrame({"a": [1, 2]})
    with pytest.raises(jetliner.FileNotFoundError, match="append=True needs an existing file"):
        jetliner.write_avro(frame, path, append=True)
    jetliner.write_avro(frame, path, compression="zstandard")
    before = path.read_bytes()
    for compression in ("xz", "null", "uncompressed"):
        with pytest.raises(jetliner.ConfigurationError, match=f"'zstandard', got compression='{compression}'"):
            jetliner.write_avro(frame, path, append=True, compression=compression)  # type: ignore[arg-type]
    assert path.read_bytes() == before
    # The codec of the file, and the default, which counts as not given.
    jetliner.write_avro(frame, path, append=True, compression="zstd")
    jetliner.write_avro(frame, path, append=True, compression="snappy")
    # The schema is that of the file, so a column that a frame lacks takes its default.
    jetliner.write_avro([frame, pl.DataFrame({"a": []}, schema={"a": pl.Int8})], path, append=True)
    assert jetliner.count_rows(path) == 8


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (pl.DataFrame({"a": [3]}), "it has no column 'b', which the first frame has"),
        (pl.DataFrame({"a": [3], "b": ["z"], "c": [1]}), "it has a column 'c', which the first frame does not have"),
        (pl.DataFrame({"a": ["3"], "b": ["z"]}), "its column 'a' is String, that of the first frame is Int64: cast it"),
        (pl.DataFrame({"a": [3], "b": [None]}), "its column 'b' is Null, that of the first frame is String: cast it"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"partition_by": "a", "mkdir": True}])
def test_frames_that_differ(tmp_path: Path, other: pl.DataFrame, text: str, options: dict[str, Any]) -> None:
    path = tmp_path / "x.avro"
    first = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.write_avro(iter([first, first.select("b", "a"), other]), path, **options)
    assert caught.value.message == f"frame 2 (counted from 0) does not fit the first frame: {text}"
    assert (caught.value.variant, caught.value.path) == ("IncompatibleSchemas", str(path))
    assert list(tmp_path.iterdir()) == []


def test_frames_may_lack_columns_where_the_schema_is_given(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    first = pl.DataFrame({"a": [1], "b": ["x"]})
    jetliner.write_avro([first, first.select("a")], path, schema=jetliner.avro_schema(first))
    jetliner.write_avro(first.select("b"), path, append=True)
    assert jetliner.read_avro(path).rows() == [(1, "x"), (1, None), (None, "x")]
    with jetliner.AvroWriter(path, first.schema) as writer:
        writer.write(first.select("a"))
    assert jetliner.read_avro(path).rows() == [(1, None)]


def test_schema_of_polars_is_refused_by_its_name(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1]})
    for schema in ({"a": pl.Int64}, frame.schema):
        with pytest.raises(
            TypeError, match=r"^schema must be an Avro schema, and this is one of Polars: .*avro_schema"
        ):
            jetliner.write_avro(frame, tmp_path / "x.avro", schema=schema)  # type: ignore[arg-type]
    for name, error, text in (
        ("no.avsc", jetliner.FileNotFoundError, "^schema: file not found: no.avsc"),
        ("no.json", jetliner.ConfigurationError, "^schema is neither JSON"),
        (3, TypeError, "^schema must be JSON text"),
    ):
        with pytest.raises(error, match=text):
            jetliner.write_avro(frame, tmp_path / "x.avro", schema=name)  # type: ignore[arg-type]


def test_files_of_limited_size(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": range(10_000)})
    jetliner.write_avro(frame, tmp_path / "rows", max_rows_per_file=3000)
    files = sorted((tmp_path / "rows").iterdir())
    assert [file.name for file in files] == [f"part-0000{i}.avro" for i in range(4)]
    assert [jetliner.count_rows(file) for file in files] == [3000, 3000, 3000, 1000]
    assert_frame_equal(jetliner.read_avro(tmp_path / "rows/"), frame)
    jetliner.write_avro(frame, tmp_path / "bytes", max_bytes_per_file=5000, block_bytes=1000, compression="null")
    sizes = [file.stat().st_size for file in sorted((tmp_path / "bytes").iterdir())]
    assert all(5000 <= size <= 6100 for size in sizes[:-1])
    assert_frame_equal(jetliner.read_avro(tmp_path / "bytes/"), frame)
    with pytest.raises(jetliner.ConfigurationError, match=r"not empty: .*; remove it first, or choose another one"):
        jetliner.write_avro(frame, tmp_path / "rows", max_rows_per_file=3000)
    jetliner.write_avro(frame.head(0), tmp_path / "none", max_rows_per_file=3000)
    assert [file.name for file in (tmp_path / "none").iterdir()] == ["part-00000.avro"]


def test_open_files(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": range(1000)})
    target = io.BytesIO()
    jetliner.write_avro(frame, target)
    assert_frame_equal(jetliner.read_avro(target.getvalue()), frame)
    with (tmp_path / "x.avro").open("w") as text, pytest.raises(TypeError, match="binary mode"):
        jetliner.write_avro(frame, text)

    class Short(io.RawIOBase):
        got = b""

        def write(self, data: Any) -> int:
            self.got += bytes(data[:7])
            return min(len(data), 7)

    short = Short()
    jetliner.write_avro(frame, short)
    assert_frame_equal(jetliner.read_avro(short.got), frame)

    class Full(io.RawIOBase):
        def write(self, data: Any) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(jetliner.SourceError, match="No space left") as caught:
        jetliner.write_avro(frame, Full())
    assert isinstance(caught.value.__cause__, OSError)


def test_links_and_directories(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": [1]})
    (tmp_path / "real.avro").write_bytes(b"old")
    (tmp_path / "link.avro").symlink_to("real.avro")
    jetliner.write_avro(frame, tmp_path / "link.avro")
    assert (tmp_path / "link.avro").is_symlink()
    assert_frame_equal(jetliner.read_avro(tmp_path / "real.avro"), frame)
    with pytest.raises(jetliner.SourceError, match="directory"):
        jetliner.write_avro(frame, tmp_path)
    with pytest.raises(jetliner.FileNotFoundError) as missing:
        jetliner.write_avro(frame, tmp_path / "no" / "x.avro")
    assert missing.value.message == f"directory not found: {tmp_path / 'no'} (mkdir=True makes it)"
    assert missing.value.path == str(tmp_path / "no" / "x.avro")
    jetliner.write_avro(frame, tmp_path / "no" / "x.avro", mkdir=True)
    assert jetliner.count_rows(tmp_path / "no" / "x.avro") == 1


# With mkdir=True these were the built-in FileExistsError and NotADirectoryError.
@pytest.mark.parametrize("mkdir", [False, True])
def test_a_file_in_place_of_a_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mkdir: bool) -> None:
    monkeypatch.chdir(tmp_path)
    frame = pl.DataFrame({"a": [1]})
    Path("file").write_bytes(b"")
    with pytest.raises(jetliner.SourceError, match="'file' is no directory") as caught:
        jetliner.write_avro(frame, "file/x.avro", mkdir=mkdir)
    assert (caught.value.variant, caught.value.path) == ("FileSystemError", "file/x.avro")
    if mkdir:
        with pytest.raises(jetliner.SourceError, match="'file/no' cannot be made: Not a directory"):
            jetliner.write_avro(frame, "file/no/x.avro", mkdir=True)


def test_writer(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    with jetliner.AvroWriter(path, {"a": pl.Int64, "b": pl.String}) as writer:
        writer.write(pl.DataFrame({"a": [1], "b": ["x"]}))
        assert not path.exists()
        writer.write(pl.DataFrame({"b": ["y"], "a": [2]}))  # by name
        assert json.loads(writer.schema)["name"] == "Row"
    assert (writer.rows_written, writer.blocks_written, writer.bytes_written) == (2, 1, path.stat().st_size)
    assert jetliner.read_avro(path).rows() == [(1, "x"), (2, "y")]
    with pytest.raises(jetliner.SourceError, match="closed"):
        writer.write(pl.DataFrame({"a": [1], "b": ["x"]}))
    writer.close()


def test_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    path.write_bytes(b"old")
    writer = jetliner.AvroWriter(path, {"a": pl.Int64})
    writer.write(pl.DataFrame({"a": range(1_000_000)}))
    with pytest.raises(TypeError, match="DataFrame"), writer:
        writer.write({"a": [1]})  # type: ignore[arg-type]
    writer = jetliner.AvroWriter(path, {"a": pl.Int64})
    writer.write(pl.DataFrame({"a": [1]}))
    del writer
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_writer_by_avro_schema(tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    with jetliner.AvroWriter(path, record(a="int")):
        pass
    assert jetliner.read_avro(path).schema == {"a": pl.Int32}


def test_sink(tmp_path: Path) -> None:
    source, target = tmp_path / "source.avro", tmp_path / "target.avro"
    frame = pl.DataFrame({"a": range(300_000), "s": [str(i) for i in range(300_000)]})
    jetliner.write_avro(frame, source)
    query = jetliner.scan_avro(source).filter(pl.col("a") % 3 == 0)
    jetliner.sink_avro(query, target)
    assert_frame_equal(jetliner.read_avro(target), frame.filter(pl.col("a") % 3 == 0))
    target.unlink()
    bad = query.with_columns(pl.when(pl.col("a") < 200_000).then("a").otherwise(2**40).alias("a"))
    with pytest.raises(jetliner.EncodeError) as caught:
        jetliner.sink_avro(bad, target, schema=record(a="int", s="string"))
    assert caught.value.field == "a"
    assert list(tmp_path.iterdir()) == [source]
    with pytest.raises(pl.exceptions.PolarsError):
        jetliner.sink_avro(query.select(pl.col("s").str.to_date("%Y")), target)
    assert list(tmp_path.iterdir()) == [source]
    with pytest.raises(TypeError, match="LazyFrame"):
        jetliner.sink_avro(frame, target)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="sink_avro"):
        jetliner.write_avro(query, target)  # type: ignore[arg-type]


def test_partitions(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"k": ["a/b", None, "c=d", "a/b"] * 500, "n": [1, 2, 3, 1] * 500, "v": range(2000)},
        schema_overrides={"n": pl.Int32},
    )
    target = tmp_path / "out"
    jetliner.write_avro([frame.head(700), frame.slice(700)], target, partition_by=["k", "n"])
    names = sorted(str(path.relative_to(target)) for path in target.rglob("*.avro"))
    assert names == [
        "k=__HIVE_DEFAULT_PARTITION__/n=2/part-00000.avro",
        "k=a%2Fb/n=1/part-00000.avro",
        "k=c%3Dd/n=3/part-00000.avro",
    ]
    assert jetliner.read_avro_schema(target / names[0]).names() == ["v"]
    back = jetliner.scan_avro(target, hive_partitioning=True).sort("v").collect()
    assert back.select("k", "v").equals(frame.select("k", "v"))


def test_partitions_by_an_unknown_column(tmp_path: Path) -> None:
    frame = pl.DataFrame({"name": ["x"], "born": [1]})
    with pytest.raises(jetliner.SchemaError) as caught:
        jetliner.write_avro(frame, tmp_path / "x", partition_by="nam")
    assert str(caught.value) == (
        "partition_by: there is no column 'nam'; the frame has 'name', 'born'; did you mean 'name'?"
    )
    assert (caught.value.variant, caught.value.schema_context) == ("ColumnNotFound", "nam")


def test_more_partitions_than_open_files(tmp_path: Path) -> None:
    frame = pl.DataFrame({"k": [i % 200 for i in range(2000)], "v": range(2000)})
    target = tmp_path / "out"
    jetliner.sink_avro(frame.lazy(), target, partition_by="k", max_rows_per_file=7)
    files = list(target.rglob("*.avro"))
    assert all(jetliner.count_rows(file) <= 7 for file in files)
    assert len(list(target.iterdir())) == 200
    assert (
        jetliner.scan_avro(target, hive_partitioning=True).sort("v").select("k", "v").collect().rows() == frame.rows()
    )


def test_partitions_that_fail_leave_nothing(tmp_path: Path) -> None:
    good = pl.DataFrame({"k": [i % 100 for i in range(1000)], "v": range(1000)})
    bad = pl.DataFrame({"k": [1], "v": [2**40]})
    target = tmp_path / "a" / "out"
    with pytest.raises(jetliner.EncodeError):
        jetliner.write_avro([good, bad], target, partition_by="k", schema=record(v="int"), mkdir=True)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(jetliner.SchemaError, match="no column"):
        jetliner.write_avro(good, target, partition_by="x", mkdir=True)
    with pytest.raises(jetliner.SchemaError, match="nothing left"):
        jetliner.write_avro(good, target, partition_by=["k", "v"], mkdir=True)
    with pytest.raises(jetliner.ConfigurationError, match="append"):
        jetliner.write_avro(good, target, partition_by="k", append=True)
    assert list(tmp_path.iterdir()) == []


def test_cut_files_that_fail_leave_nothing(tmp_path: Path) -> None:
    frames = [pl.DataFrame({"v": range(100_000)}), pl.DataFrame({"v": [2**40]})]
    with pytest.raises(jetliner.EncodeError):
        jetliner.write_avro(frames, tmp_path / "out", schema=record(v="int"), max_rows_per_file=1000)
    assert list(tmp_path.iterdir()) == []
