"""The commands that tell about files, and those that write files."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, Block, damage, sales_frame
from command_line import CommandLine, start
from conftest import WriteAvro, WriteSales

# schema

ADDRESS = {
    "type": "record",
    "name": "Address",
    "fields": [
        {"name": "city", "type": "string"},
        {"name": "size", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 1}]},
    ],
}
TREE_SCHEMA = {
    "type": "record",
    "name": "Person",
    "namespace": "com.example",
    "fields": [
        {"name": "id", "type": "long", "doc": "é"},
        {"name": "home", "type": ["null", ADDRESS]},
        {"name": "others", "type": {"type": "array", "items": "Address"}},
        {"name": "tags", "type": {"type": "map", "values": {"type": "enum", "name": "Tag", "symbols": ["A", "B"]}}},
        {"name": "key", "type": {"type": "fixed", "name": "Key", "size": 16}},
        {
            "name": "any",
            "type": ["null", "int", {"type": "record", "name": "Any", "fields": [{"name": "x", "type": "int"}]}],
        },
        {"name": "nothing", "type": "null"},
    ],
}


def test_schema_in_json_is_that_of_the_file(cli: CommandLine, write_avro: WriteAvro) -> None:
    path = write_avro("x.avro", TREE_SCHEMA, [])
    lines = cli.ok("schema", path)
    written = jetliner.read_avro_metadata(path).schema
    assert json.loads("\n".join(lines)) == written
    assert len(lines) > 20
    assert '"doc": "é"' in "\n".join(lines)
    # It can be used as a reader schema.
    Path(path + ".avsc").write_text("\n".join(lines))
    assert jetliner.read_avro_schema(path, reader_schema=path + ".avsc") == jetliner.read_avro_schema(path)


def test_schema_as_a_tree(cli: CommandLine, write_avro: WriteAvro) -> None:
    lines = cli.ok("schema", write_avro("x.avro", TREE_SCHEMA, []), "--format", "tree")
    assert [line.replace("com.example.", "") for line in lines] == [
        "record Person",
        "├── id: long",
        "├── home: record Address (or null)",
        "│   ├── city: string",
        "│   └── size: bytes (decimal 5, 1) (or null)",
        "├── others: array of Address",
        "├── tags: map of enum Tag (A, B)",
        "├── key: fixed Key (16 bytes)",
        "├── any: int | record Any (or null)",
        "│   └── Any: record Any",
        "│       └── x: int",
        "└── nothing: null",
    ]


def test_schema_as_polars_has_it(cli: CommandLine, write_sales: WriteSales) -> None:
    assert cli.ok("schema", write_sales(), "--format", "polars") == [
        "user_id  Int64",
        "amount   Float64",
        "status   String",
    ]


def test_schema_that_is_no_record(cli: CommandLine, write_avro: WriteAvro) -> None:
    path = write_avro("x.avro", "int", [1])
    assert cli.ok("schema", path) == ['"int"']
    assert cli.ok("schema", path, "--format", "tree") == ["int"]
    assert cli.ok("info", path)[4] == "schema: int"


def test_schema_of_a_file_that_is_cut_after_the_header(cli: CommandLine, write_sales: WriteSales) -> None:
    path = write_sales()
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: jetliner.read_avro_metadata(path).header_bytes])
    assert json.loads("\n".join(cli.ok("schema", path)))["name"] == "Sale"


# count


def test_count_of_one_file_and_of_several(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("a.avro", rows=5)
    write_sales("b.avro", rows=0)
    write_sales("c.avro", rows=12345, block_rows=100)
    assert cli.ok("count", "c.avro") == ["12345"]
    expected = ["    5 ./a.avro", "    0 ./b.avro", "12345 ./c.avro", "12350 total"]
    assert cli.ok("count", ".") == expected
    assert cli.ok("count", "*.avro", "a.avro", "--threads", "2") == [line.replace("./", "") for line in expected]
    assert cli.ok("count", "b.avro") == ["0"]


def test_names_that_are_no_text(write_sales: WriteSales, in_tmp: Path) -> None:
    Path(write_sales(rows=3)).rename(os.fsdecode(b"a\xff.avro"))
    write_sales("b.avro", rows=4)
    out, err = start("count", ".").communicate()
    assert (out, err) == (b"3 ./a\xff.avro\n4 ./b.avro\n7 total\n", b"")


# info


def test_info_in_json(cli: CommandLine, write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=30, codec="deflate")
    expected = jetliner.read_avro_metadata(path, blocks=True)
    assert expected.blocks is not None
    found = json.loads("\n".join(cli.ok("info", path, "--json")))
    assert found == {
        "path": path,
        "size_bytes": expected.size_bytes,
        "header_bytes": expected.header_bytes,
        "codec": "deflate",
        "sync_marker": expected.sync_marker.hex(),
        "schema": expected.schema,
        "metadata": {key: value.decode() for key, value in expected.metadata.items()},
        "rows": 1000,
        "blocks": 34,
    }
    listed = json.loads("\n".join(cli.ok("info", path, "--json", "--blocks")))
    assert listed == {**found, "blocks": expected.blocks.to_dicts()}


def test_info_for_people(cli: CommandLine, in_tmp: Path) -> None:
    metadata = {"by": "me", "long": "x" * 500, "raw": b"\xff"}
    jetliner.write_avro(sales_frame(5000), "x.avro", metadata=metadata, sync_marker=bytes(16), compression="zstd")
    size = Path("x.avro").stat().st_size
    header = jetliner.read_avro_metadata("x.avro").header_bytes
    lines = cli.ok("info", "x.avro", "--blocks")
    assert lines[:9] == [
        "path: x.avro",
        f"size: {size:,} bytes, of which the header takes {header:,}",
        "rows: 5,000 in 2 blocks",
        "codec: zstandard",
        "schema: Row, 3 fields",
        f"sync marker: {'00' * 16}",
        "by: me",
        f"long: {'x' * 97}...",
        "raw: /w==",
    ]
    assert lines[10].split() == ["index", "offset", "rows", "compressed_bytes", "uncompressed_bytes"]
    assert [line.split()[0] for line in lines[11:]] == ["0", "1"]
    assert sum(int(line.split()[2]) for line in lines[11:]) == 5000


def test_info_of_several_files_is_that_of_the_first(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("a.avro", rows=5)
    write_sales("b.avro", rows=6)
    result = cli("info", "*.avro", "--json")
    assert json.loads(result.out)["rows"] == 5
    assert result.err == "jetliner: this is the first of 2 files\n"


# check


def test_check_of_sound_and_damaged_files(
    cli: CommandLine, ten_blocks: str, blocks: list[Block], write_sales: WriteSales, in_tmp: Path
) -> None:
    sound = write_sales("sound.avro", rows=7)
    assert cli.ok("check", sound) == [f"{sound}: sound, 7 rows in 1 block"]
    damage(ten_blocks, blocks[4].sync_offset, b"\xff" * 16)
    damage(ten_blocks, blocks[7].data_offset + 1, b"\xff" * 10)
    with jetliner.AvroReader(ten_blocks, ignore_errors=True) as reader:
        rows = sum(batch.height for batch in reader)
        errors = [error.to_dict() for error in reader.errors]
    result = cli("check", sound, ten_blocks, "--json")
    assert (result.code, result.err) == (1, "")
    reports = json.loads(result.out)
    assert reports[0] == {"path": sound, "rows": 7, "blocks": 1, "errors": []}
    assert {key: reports[1][key] for key in ("path", "rows", "errors")} == {
        "path": ten_blocks,
        "rows": rows,
        "errors": errors,
    }
    assert len(errors) >= 2
    assert reports[1]["blocks"] == 9  # the one without its marker is none
    text = cli("check", ten_blocks)
    assert text.code == 1
    assert text.lines[0] == f"{ten_blocks}: damaged, {rows} rows in 9 blocks"
    assert [line.partition(", ")[0] for line in text.lines[1:]] == [f"  block {e['block_index']}" for e in errors]


def test_check_tells_of_files_that_cannot_be_read(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    Path("text.avro").write_text("no Avro file")
    cut = Path(write_sales("cut.avro"))
    cut.write_bytes(cut.read_bytes()[:50])
    write_sales("sound.avro", rows=3)
    result = cli("check", "text.avro", "cut.avro", "sound.avro", "--json")
    assert result.code == 2
    text, header, sound = json.loads(result.out)
    keys = ["kind", "block_index", "record_index", "file_offset", "message", "filepath"]
    assert list(text["errors"][0]) == list(header["errors"][0]) == keys
    assert text["errors"][0]["kind"] == "InvalidMagic"
    assert text["errors"][0]["filepath"] == text["path"] == "text.avro"
    assert (header["rows"], header["blocks"], sound["rows"], sound["errors"]) == (0, 0, 3, [])
    for path, code in [("text.avro", 2), ("missing.avro", 2), ("cut.avro", 1), ("sound.avro", 0)]:
        assert cli("check", path).code == code
    missing = cli("check", "text.avro", "missing.avro", "cut.avro", "sound.avro")
    assert missing.code == 2
    assert [line for line in missing.lines if not line.startswith("  ")] == [
        "text.avro: cannot be read",
        "missing.avro: cannot be read",
        "cut.avro: damaged, 0 rows in 0 blocks",
        "sound.avro: sound, 3 rows in 1 block",
    ]
    assert cli("check", "*.avo").code == 2


def test_check_shows_some_of_many_damages(cli: CommandLine, write_sales: WriteSales) -> None:
    from avro_files import blocks_of

    path = write_sales(rows=600, block_rows=10)
    for block in blocks_of(path)[::2]:
        damage(path, block.data_offset + block.data_bytes - 1, b"\xff")
    result = cli("check", path)
    assert result.code == 1
    assert len(result.lines) == 1 + 20 + 1
    assert result.lines[-1] == "  ... and 10 more (--json lists them)"
    assert len(json.loads(cli("check", path, "--json").out)[0]["errors"]) == 30


# convert


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("x.parquet", pl.read_parquet),
        ("x.pq", pl.read_parquet),
        ("x.arrow", pl.read_ipc),
        ("x.IPC", pl.read_ipc),
        ("x.feather", pl.read_ipc),
        ("x.csv", pl.read_csv),
        ("x.ndjson", pl.read_ndjson),
        ("x.jsonl", pl.read_ndjson),
        ("x.avro", jetliner.read_avro),
    ],
)
def test_convert_to_all_formats(cli: CommandLine, write_sales: WriteSales, in_tmp: Path, name: str, read: Any) -> None:
    paths = [write_sales("a.avro", rows=3000, block_rows=100), write_sales("b.avro", rows=10, start=3000)]
    umask = os.umask(0o027)
    try:
        assert cli.ok("convert", *paths, "-o", name) == []
    finally:
        os.umask(umask)
    assert_frame_equal(read(name), sales_frame(3010))
    assert stat.S_IMODE(Path(name).stat().st_mode) == 0o640
    assert cli.ok("convert", *paths, "-o", name, "--columns", "status,user_id", "--where", "user_id < 5") == []
    assert_frame_equal(read(name), sales_frame(5).select("status", "user_id"))
    assert sorted(path.name for path in in_tmp.iterdir()) == sorted(["a.avro", "b.avro", name])


@pytest.mark.parametrize(
    ("name", "compression", "level"),
    [
        ("x.parquet", "zstd", 19),
        ("x.parquet", "gzip", 1),
        ("x.parquet", "uncompressed", None),
        ("x.arrow", "lz4", None),
        ("x.avro", "zstandard", 19),
        ("x.avro", "null", None),
        ("x.avro", "xz", 9),
    ],
)
def test_compression(
    cli: CommandLine, write_sales: WriteSales, in_tmp: Path, name: str, compression: str, level: int | None
) -> None:
    options = [] if level is None else ["--level", str(level)]
    assert cli.ok("convert", write_sales(rows=500), "-o", name, "--compression", compression, *options) == []
    if name == "x.avro":
        assert jetliner.read_avro_metadata(name).codec == compression
    reads = {"x.parquet": pl.read_parquet, "x.arrow": pl.read_ipc}
    assert_frame_equal(reads.get(name, jetliner.read_avro)(name), sales_frame(500))


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow", "x.csv", "x.ndjson", "x.avro"])
def test_a_file_is_written_whole_or_not_at_all(
    cli: CommandLine, ten_blocks: str, blocks: list[Block], in_tmp: Path, name: str
) -> None:
    damage(ten_blocks, blocks[4].sync_offset, b"\xff" * 16)
    assert cli("convert", ten_blocks, "-o", name).code == 1
    assert [path.name for path in in_tmp.iterdir()] == ["sales.avro"]
    Path(name).write_text("old")
    assert cli("convert", ten_blocks, "-o", name).code == 1
    assert Path(name).read_text() == "old"
    assert sorted(path.name for path in in_tmp.iterdir()) == sorted(["sales.avro", name])
    assert cli("convert", ten_blocks, "-o", name, "--ignore-errors").code == 0
    assert Path(name).stat().st_size > 100


def test_convert_follows_links_and_writes_to_devices(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    path = write_sales(rows=3)
    Path("target.parquet").write_text("old")
    Path("link.parquet").symlink_to("target.parquet")
    assert cli.ok("convert", path, "-o", "link.parquet") == []
    assert Path("link.parquet").is_symlink()
    assert_frame_equal(pl.read_parquet("target.parquet"), sales_frame(3))
    Path("null.csv").symlink_to("/dev/null")
    assert cli.ok("convert", path, "-o", "null.csv") == []
    Path("folder.csv").mkdir()
    assert cli("convert", path, "-o", "folder.csv").code == 2


def test_convert_keeps_the_avro_schema(cli: CommandLine, write_avro: WriteAvro, in_tmp: Path) -> None:
    row = {
        "id": 1,
        "home": {"city": "Bern", "size": None},
        "others": [],
        "tags": {"t": "B"},
        "key": bytes(16),
        "any": {"x": 3},
        "nothing": None,
    }
    path = write_avro("in.avro", TREE_SCHEMA, [row])
    assert cli.ok("convert", path, "-o", "out.avro") == []
    assert cli.ok("schema", "out.avro") == cli.ok("schema", path)
    with Path("out.avro").open("rb") as file:
        assert list(fastavro.reader(file)) == [row]
    assert cli.ok("convert", path, "-o", "out.avro", "--columns", "key,id") == []
    written = jetliner.read_avro_metadata("out.avro").schema
    assert [field["name"] for field in written["fields"]] == ["key", "id"]
    assert written["name"].endswith("Person")


def test_convert_of_types_that_are_used_again(cli: CommandLine, write_avro: WriteAvro, in_tmp: Path) -> None:
    fields = [{"name": "home", "type": ADDRESS}, {"name": "work", "type": "Address"}]
    rows = [{"home": {"city": "A", "size": None}, "work": {"city": "B", "size": None}}]
    path = write_avro("in.avro", {"type": "record", "name": "Row", "fields": fields}, rows)
    assert cli.ok("convert", path, "-o", "out.avro", "--columns", "work") == []
    with Path("out.avro").open("rb") as file:
        assert list(fastavro.reader(file)) == [{"work": rows[0]["work"]}]


def test_convert_of_recursive_types(cli: CommandLine, write_avro: WriteAvro, in_tmp: Path) -> None:
    fields = [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "Node"]}]
    path = write_avro("in.avro", {"type": "record", "name": "Node", "fields": fields}, [{"v": 1, "next": None}])
    assert cli.ok("convert", path, "-o", "out.parquet") == []
    result = cli("convert", path, "-o", "out.avro")
    assert result.code == 0
    assert (
        result.err
        == "jetliner: warning: the schema is recursive: the new one has JSON text in place of recursive types\n"
    )
    assert_frame_equal(jetliner.read_avro("out.avro"), jetliner.read_avro(path))


def test_names_that_are_not_valid_are_kept(cli: CommandLine, in_tmp: Path) -> None:
    frame = pl.DataFrame({"a b": [1, 2]})
    frame.write_avro("x.avro")  # the name of its record is empty
    jetliner.write_avro(frame, "y.avro", invalid_names="keep")
    for path in ("x.avro", "y.avro"):
        cli.ok("convert", path, "-o", "z.avro")
        assert jetliner.read_avro("z.avro").equals(frame)
    assert cli("recover", "[xy].avro", "-o", "z.avro").code == 0
    assert jetliner.read_avro("z.avro").equals(pl.concat([frame, frame]))


def test_convert_in_place(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    path = write_sales(rows=100)
    assert cli.ok("convert", path, "-o", path, "--compression", "xz") == []
    assert jetliner.read_avro_metadata(path).codec == "xz"
    assert_frame_equal(jetliner.read_avro(path), sales_frame(100))


def test_convert_of_partitions(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("data/country=DE/a.avro", rows=2)
    write_sales("data/country=FR/a.avro", rows=1)
    for name, read in (("x.avro", jetliner.read_avro), ("x.parquet", pl.read_parquet)):
        assert cli.ok("convert", "data", "-o", name) == []
        assert read(name)["country"].to_list() == ["DE", "DE", "FR"]


# recover


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"])
def test_recover(cli: CommandLine, write_sales: WriteSales, in_tmp: Path, codec: str) -> None:
    from avro_files import blocks_of

    path = write_sales(rows=100, block_rows=10, codec=codec)
    block = blocks_of(path)[4]
    damage(path, block.data_offset, b"\xff" * 8)
    with pytest.warns(UserWarning, match="skipped"):
        good = jetliner.read_avro(path, ignore_errors=True)
    assert 80 < good.height < 100
    assert cli.ok("recover", path, "-o", "good.avro") == [f"good.avro: {good.height} rows; 1 damaged place skipped"]
    assert_frame_equal(jetliner.read_avro("good.avro"), good)
    written = jetliner.read_avro_metadata("good.avro")
    assert written.codec == codec
    assert written.schema == jetliner.read_avro_metadata(path).schema
    assert cli("check", "good.avro").code == 0


def test_recover_copies_what_is_not_damaged(
    cli: CommandLine, ten_blocks: str, blocks: list[Block], in_tmp: Path
) -> None:
    content = Path(ten_blocks).read_bytes()
    assert cli.ok("recover", ten_blocks, "-o", "good.avro") == ["good.avro: 100 rows; no damage found"]
    assert Path("good.avro").read_bytes() == content
    damage(ten_blocks, blocks[4].sync_offset, b"\xff" * 16)
    assert cli.ok("recover", ten_blocks, "-o", "good.avro") == ["good.avro: 90 rows; 1 damaged place skipped"]
    assert Path("good.avro").read_bytes() == content[: blocks[4].offset] + content[blocks[5].offset :]


NODE = {
    "type": "record",
    "name": "Node",
    "fields": [
        {"name": "v", "type": "int"},
        {"name": "s", "type": "string"},
        {"name": "next", "type": ["null", "Node"]},
    ],
}


def write_nodes(
    write_avro: WriteAvro, name: str = "nodes.avro", codec: str = "null"
) -> tuple[str, list[dict[str, Any]]]:
    rows = [{"v": n, "s": "x" * 30, "next": {"v": -n, "s": "é", "next": None}} for n in range(1000)]
    return write_avro(name, NODE, rows, codec=codec, block_rows=100), rows


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_recover_of_a_recursive_schema(cli: CommandLine, write_avro: WriteAvro, in_tmp: Path, codec: str) -> None:
    from avro_files import blocks_of

    path, rows = write_nodes(write_avro, codec=codec)
    block = blocks_of(path)[1]
    damage(path, block.data_offset + block.data_bytes // 2, b"\xff" * 20)
    (error,) = json.loads(cli("check", path, "--json").out)[0]["errors"]
    (line,) = cli.ok("recover", path, "-o", "good.avro")
    with Path("good.avro").open("rb") as file:
        good = list(fastavro.reader(file))
    assert good == rows[: 100 + (error["record_index"] or 0)] + rows[200:]
    assert (error["record_index"] is None) == (codec == "deflate")
    assert line == f"good.avro: {len(good)} rows; 1 damaged place skipped"
    assert cli("check", "good.avro").code == 0
    assert jetliner.read_avro_metadata("good.avro").schema == jetliner.read_avro_metadata(path).schema


def test_recover_of_recursive_schemas_that_cannot_be_copied(
    cli: CommandLine, write_avro: WriteAvro, in_tmp: Path
) -> None:
    path, _ = write_nodes(write_avro)
    write_nodes(write_avro, "more.avro")
    Path("node.avsc").write_text(json.dumps(NODE))
    for arguments in (["*.avro"], [path, "--reader-schema", "node.avsc"]):
        result = cli("recover", *arguments, "-o", "good.avro")
        assert (result.code, result.out) == (2, "")
        assert result.err == (
            "jetliner: rows of a recursive schema can only be copied: recover the files one by one, without "
            "--reader-schema\n"
        )
    assert not Path("good.avro").exists()


def test_recover_of_several_files_makes_one(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    from avro_files import blocks_of

    write_sales("data/a.avro", rows=50, block_rows=10, codec="deflate")
    path = write_sales("data/b.avro", rows=50, block_rows=10, start=50)
    damage(path, blocks_of(path)[1].sync_offset, b"\xff" * 16)
    assert cli.ok("recover", "data", "-o", "good.avro") == ["good.avro: 90 rows; 1 damaged place skipped"]
    expected = pl.concat([sales_frame(60), sales_frame(100)[70:]])
    assert_frame_equal(jetliner.read_avro("good.avro"), expected)
    assert jetliner.read_avro_metadata("good.avro").codec == "deflate"


def test_recover_by_a_reader_schema(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    path = write_sales(rows=20)
    fields = [{"name": "amount", "type": "double"}, {"name": "extra", "type": "int", "default": 5}]
    Path("new.avsc").write_text(json.dumps({"type": "record", "name": "Sale", "fields": fields}))
    assert cli.ok("recover", path, "-o", "good.avro", "--reader-schema", "new.avsc") == [
        "good.avro: 20 rows; no damage found"
    ]
    expected = sales_frame(20).select("amount", extra=pl.lit(5, pl.Int32))
    assert_frame_equal(jetliner.read_avro("good.avro"), expected)


def test_recover_keeps_the_months_of_durations(cli: CommandLine, write_avro: WriteAvro, in_tmp: Path) -> None:
    kind = {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"}
    rows = [{"d": bytes([n, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0])} for n in range(9)]
    path = write_avro("x.avro", {"type": "record", "name": "Row", "fields": [{"name": "d", "type": kind}]}, rows)
    assert cli.ok("recover", path, "-o", "good.avro") == ["good.avro: 9 rows; no damage found"]
    assert Path("good.avro").read_bytes() == Path(path).read_bytes()


def test_recover_keeps_metadata(cli: CommandLine, in_tmp: Path) -> None:
    jetliner.write_avro(sales_frame(10), "x.avro", metadata={"by": "me", "raw": b"\xff"}, schema=SALES_SCHEMA)
    assert cli.ok("recover", "x.avro", "-o", "y.avro") == ["y.avro: 10 rows; no damage found"]
    assert jetliner.read_avro_metadata("y.avro").metadata["raw"] == b"\xff"
    assert jetliner.read_avro_metadata("y.avro").metadata["by"] == b"me"
    assert jetliner.read_avro_metadata("y.avro").schema == SALES_SCHEMA


def test_recover_does_not_replace_the_damaged_file(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    path = write_sales()
    before = Path(path).read_bytes()
    Path("link.avro").symlink_to(path)
    for target in (path, "link.avro", "./sales.avro"):
        result = cli("recover", path, "-o", target)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith("jetliner: the new file is the damaged one: ")
    assert Path(path).read_bytes() == before


def test_recover_without_a_header(cli: CommandLine, in_tmp: Path) -> None:
    Path("x.avro").write_bytes(b"Obj\x01\x02")
    assert cli("recover", "x.avro", "-o", "y.avro").code == 1
    Path("x.avro").write_bytes(b"nothing")
    assert cli("recover", "x.avro", "-o", "y.avro").code == 2
    assert [path.name for path in in_tmp.iterdir()] == ["x.avro"]


def test_recover_of_a_file_that_is_cut(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    content = Path(write_sales(rows=100, block_rows=10)).read_bytes()
    rest = content[: len(content) * 2 // 3]
    (line,) = cli.ok("recover", "-", "-o", "y.avro", pipe=rest)
    assert line.endswith("; 1 damaged place skipped")
    found = jetliner.read_avro("y.avro")
    assert_frame_equal(found, sales_frame(found.height))
    assert found.height >= 50


# splits


def test_splits_are_those_of_the_package(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("a.avro", rows=2000, block_rows=50)
    write_sales("b.avro", rows=3)
    sizes = {name: Path(name).stat().st_size for name in ("a.avro", "b.avro")}
    lines = [line.split("\t") for line in cli.ok("splits", "*.avro", "--split-bytes", "8000")]
    planned = jetliner.plan_splits("*.avro", split_bytes=8000)
    assert lines == [[split.path, str(split.start), str(split.end)] for split in planned]
    assert len(lines) > 3
    assert lines[-1] == ["b.avro", "0", str(sizes["b.avro"])]
    assert cli.ok("splits", "a.avro") == [f"a.avro\t0\t{sizes['a.avro']}"]
    assert cli("splits", "a.avro", "--split-bytes", "0").code == 2
    assert cli("splits", "missing.avro").code == 2
