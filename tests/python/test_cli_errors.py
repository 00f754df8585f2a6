"""Errors of the command line: one line on stderr, and the exit code."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import fastavro
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import Block, damage
from command_line import CommandLine, start
from conftest import WriteSales

SECRET = "wJalrXUtnFEMI"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["frob"], "No such command 'frob'."),
        (["cat"], "Missing argument 'PATH...'."),
        (["cat", "{path}", "--nope"], "No such option '--nope'."),
        (["cat", "{path}", "--limit", "5"], "No such option '--limit'. For the first rows use head -n."),
        (["cat", "{path}", "-n", "5"], "No such option '-n'. For the first rows use head -n."),
        (["cat", "{path}", "--format", "xml"], "Invalid value for '--format'"),
        (["cat", "{path}", "--columns", "a,,b"], "expected names with commas between them"),
        (["cat", "{path}", "--where", "user_id <"], "--where: 'user_id <' is no SQL condition: "),
        (["cat", "{path}", "--where", "user_id + 1"], "--where: expected a condition, got an expression of type Int64"),
        (["cat", "{path}", "-"], "- (standard input) cannot be read together with other files"),
        (["cat", "{path}", "--threads", "0"], "0 is not in the range"),
        (["head", "{path}", "-n", "-1"], "-1 is not in the range"),
        (["schema", "{path}", "{path}"], "Got unexpected extra argument"),
        (["convert", "{path}"], "Missing option '-o'"),
        (["convert", "{path}", "-o", "x.xlsx"], "the name of the output ends in none of .parquet"),
        (["convert", "{path}", "-o", "x.parquet", "--compression", "lzo"], "'lzo' is not one of brotli, gzip"),
        (["convert", "{path}", "-o", "x.parquet", "--level", "3"], "--level needs --compression"),
        (["convert", "{path}", "-o", "x.arrow", "--compression", "zstd", "--level", "3"], "--level is for"),
        (["convert", "{path}", "-o", "x.csv", "--compression", "gzip"], "CSV is written without compression"),
        (["recover", "{path}"], "Missing option '-o'"),
        (["recover", "{path}", "-o", "x.parquet"], "the new file is an Avro file: x.parquet"),
    ],
)
def test_wrong_use_is_told_with_a_line_on_usage(
    cli: CommandLine, write_sales: WriteSales, in_tmp: Path, arguments: list[str], message: str
) -> None:
    path = write_sales()
    result = cli(*(argument.format(path=path) for argument in arguments))
    assert (result.code, result.out) == (2, "")
    error, usage = result.err.splitlines()
    assert error.startswith("jetliner: ")
    assert message in error
    assert usage.startswith("Usage: jetliner ")
    assert sorted(path.name for path in in_tmp.iterdir()) == ["sales.avro"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cat", "missing.avro"], "file not found: missing.avro"),
        (["count", "no*.avro"], "no file matches 'no*.avro'"),
        (["head", "text.txt"], "not an Avro file"),
        (["info", "empty.avro"], "file is empty"),
        (["cat", "{path}", "--columns", "user_idd"], "--columns: there is no column 'user_idd'; is it 'user_id'?"),
        (["cat", "{path}", "--columns", "qqq"], "there is no column 'qqq'; there are user_id, amount, status"),
        (["cat", "{path}", "--where", "amont > 1"], "--where: there is no column 'amont'; is it 'amount'?"),
        (["cat", "{path}", "--reader-schema", "missing.avsc"], "--reader-schema: file not found: missing.avsc"),
        (["cat", "{path}", "{other}"], "files that differ are read with a --reader-schema"),
        (["convert", "{path}", "-o", "missing/x.parquet"], "No such directory: "),
        (["convert", "{path}", "-o", "missing/x.avro"], "directory not found: missing\n"),
        (["convert", "{path}", "-o", "x.avro", "--compression", "zstd", "--level", "99"], "level"),
        (["cat", "s3://"], "bucket"),
        (["cat", "ftp://host/x.avro"], "ftp"),
    ],
)
def test_input_that_cannot_be_read_is_told_in_one_line(
    cli: CommandLine, write_sales: WriteSales, in_tmp: Path, arguments: list[str], message: str
) -> None:
    Path("text.txt").write_text("text\n")
    Path("empty.avro").touch()
    schema = {"type": "record", "name": "Row", "fields": [{"name": "n", "type": "int"}]}
    with Path("other.avro").open("wb") as file:
        fastavro.writer(file, schema, [{"n": 1}])
    path = write_sales()
    result = cli(*(argument.format(path=path, other="other.avro") for argument in arguments))
    assert (result.code, result.out) == (2, "")
    assert len(result.err.splitlines()) == 1
    assert message in result.err


@pytest.mark.parametrize(
    ("python", "here"),
    [
        (
            "public data need storage_options={'skip_signature': 'true'}",
            "public data need --storage-option skip_signature=true",
        ),
        ("give it by storage_options={'aws_region': ...}", "give it by --storage-option aws_region=..."),
        (
            "give it by storage_options={'aws_region': 'eu-west-1'}",
            "give it by --storage-option aws_region=eu-west-1",
        ),
        ("storage_options['timeout'] must be a time", "--storage-option timeout must be a time"),
        (
            "(storage_options account_key, credential_provider, environment)",
            "(--storage-option account_key, environment)",
        ),
        ("from front to back: use read_avro or AvroReader (file 'x')", "from front to back (file 'x')"),
        ("it has none; hive_partitioning=False reads without partitions (file 'x')", "it has none (file 'x')"),
        (
            'too large (invalid_values="null" reads null instead; ignore_errors=True skips this)',
            "too large (--ignore-errors skips this)",
        ),
        ("exceeds limit (max_block_size; ignore_errors=True skips this)", "exceeds limit (--ignore-errors skips this)"),
        ("exceeds limit (max_block_size) (file 'x')", "exceeds limit (file 'x')"),
        ("by a reader_schema", "by a --reader-schema"),
        ("file not found: reader_schema.avro", "file not found: reader_schema.avro"),
        ("file not found: my/reader_schema", "file not found: my/reader_schema"),
        ("(file 'storage_options')", "(file 'storage_options')"),
    ],
)
def test_messages_have_the_words_of_the_command_line(python: str, here: str) -> None:
    from jetliner._cli.failures import in_own_words

    assert in_own_words(python) == here


@pytest.mark.parametrize("command", ["cat", "head", "count", "info", "check", "convert"])
def test_damage_has_an_exit_code_of_its_own(
    cli: CommandLine, ten_blocks: str, blocks: list[Block], in_tmp: Path, command: str
) -> None:
    damage(ten_blocks, blocks[4].sync_offset, b"\xff" * 16)
    options = {"convert": ["-o", "x.parquet"], "head": ["-n", "100"]}.get(command, [])
    result = cli(command, ten_blocks, *options)
    assert result.code == 1
    if command != "check":
        (line,) = result.err.splitlines()
        assert line.startswith("jetliner: ")
        assert "(--ignore-errors skips this and reads the rest, if there is any)" in line
        assert ten_blocks in line
    ignoring = cli(command, ten_blocks, "--ignore-errors", *options)
    assert ignoring.code == (1 if command == "check" else 0)
    if command in ("cat", "head", "convert"):
        (line,) = ignoring.err.splitlines()
        assert line.startswith("jetliner: warning: --ignore-errors: 1 damaged place skipped")
        assert line.endswith("`jetliner check` lists them")


def test_rows_before_the_damage_are_printed(cli: CommandLine, ten_blocks: str, blocks: list[Block]) -> None:
    damage(ten_blocks, blocks[4].sync_offset, b"\xff" * 16)
    result = cli("cat", ten_blocks, "--columns", "user_id", "--format", "csv")
    assert result.code == 1
    assert result.lines == ["user_id", *map(str, range(40))]


def test_traceback_shows_where(cli: CommandLine) -> None:
    for arguments in (["cat", "missing.avro", "--traceback"], ["--traceback", "cat", "missing.avro"]):
        result = cli(*arguments)
        assert result.code == 2
        assert result.err.startswith("Traceback (most recent call last):\n")
        assert result.err.endswith("jetliner: file not found: missing.avro\n")
    assert "Traceback" not in cli("cat", "--traceback").err  # wrong use


@pytest.mark.parametrize("command", ["cat", "check", "count", "head", "info", "schema"])
def test_storage_options_are_never_shown(cli: CommandLine, write_sales: WriteSales, command: str) -> None:
    path = write_sales()
    runs = [
        cli(command, path, "--storage-option", SECRET),
        cli(command, path, "--storage-option", f"={SECRET}"),
        cli(command, path, "--storage-option", f"aws_secret_access_key={SECRET}", "--threads", "x"),
        cli(command, "missing.avro", "--storage-option", f"aws_secret_access_key={SECRET}", "--traceback"),
        cli(command, f"https://u:{SECRET}@localhost:1/x?{SECRET}", "--storage-option", "max_retries=0", "--traceback"),
    ]
    assert [run.code for run in runs] == [2] * 5
    assert SECRET not in "".join(run.out + run.err for run in runs)


def test_output_that_nobody_reads_ends_quietly(write_sales: WriteSales) -> None:
    path = write_sales(rows=100_000, block_rows=1000)
    process = start("cat", path)
    assert process.stdout is not None
    assert process.stdout.readline() == b'{"user_id":0,"amount":0.0,"status":"active"}\n'
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait() == 0


def test_output_that_cannot_be_written_is_an_error(write_sales: WriteSales) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start("cat", write_sales(), stdout=full)
        _, err = process.communicate()
    assert (process.returncode, err) == (2, b"jetliner: No space left on device\n")


@pytest.mark.parametrize(
    "command", [["cat", "-"], ["convert", "-", "-o", "x.parquet"], ["recover", "-", "-o", "x.avro"]]
)
def test_interruption(write_sales: WriteSales, in_tmp: Path, command: list[str]) -> None:
    content = Path(write_sales(rows=20_000)).read_bytes()
    process = start(*command)
    assert process.stdin is not None
    process.stdin.write(content)  # more than a pipe holds: when it is written, the command reads
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 130
    process.stdin.close()
    assert process.stdout is not None
    assert process.stderr is not None
    assert (process.stdout.read(), process.stderr.read().strip()) == (b"", b"")
    assert [path.name for path in in_tmp.iterdir()] == ["sales.avro"]


def test_interruption_while_polars_writes(
    cli: CommandLine, write_sales: WriteSales, in_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jetliner._columns import projection

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    path = write_sales(rows=100_000)
    monkeypatch.setattr(projection.Projection, "frame", interrupted)
    Path("x.parquet").write_text("old")
    result = cli("convert", path, "-o", "x.parquet")
    assert (result.code, result.out, result.err.strip()) == (130, "", "")
    assert Path("x.parquet").read_text() == "old"
    assert sorted(path.name for path in in_tmp.iterdir()) == ["sales.avro", "x.parquet"]


def test_anything_else_that_fails_is_one_line(
    cli: CommandLine, write_sales: WriteSales, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jetliner._cli import rows

    def fails(*_: object, **__: object) -> None:
        msg = "two\nlines"
        raise RuntimeError(msg)

    monkeypatch.setattr(rows, "_encoded", fails)
    result = cli("cat", write_sales())
    assert (result.code, result.out, result.err) == (2, "", "jetliner: RuntimeError: two\n")


def test_files_that_differ_get_a_reader_schema(cli: CommandLine, in_tmp: Path) -> None:
    jetliner.write_avro(pl.DataFrame({"a": [1], "b": ["x"]}), "1.avro")
    jetliner.write_avro(pl.DataFrame({"a": [1.5], "b": ["y"], "c": [True]}), "2.avro")
    for options, names in [
        ([], ["a", "b", "c"]),
        (["--columns", "c,a"], ["c", "a"]),
        (["--columns", "a", "--where", "b = 'x'"], ["a", "b", "c"]),
    ]:
        command = ["convert", "1.avro", "2.avro", "-o", "out.parquet", *options]
        result = cli(*command)
        assert (result.code, result.out) == (2, "")
        assert len(result.err.splitlines()) == 1
        schema = result.err.partition("; a file with this schema reads all of them: ")[2]
        assert [field["name"] for field in json.loads(schema)["fields"]] == names
        Path("all.avsc").write_text(schema)
        cli.ok(*command, "--reader-schema", "all.avsc")
        expected = pl.DataFrame({"a": [1.0, 1.5], "b": ["x", "y"], "c": [None, True]})
        if "--where" in options:
            expected = expected.select("a").head(1)
        assert_frame_equal(pl.read_parquet("out.parquet"), expected.select(pl.read_parquet("out.parquet").columns))
        Path("out.parquet").unlink()


def test_the_reader_schema_keeps_spaces(cli: CommandLine, in_tmp: Path) -> None:
    jetliner.write_avro(pl.DataFrame({"a   b": ["x"]}), "1.avro", invalid_names="keep")
    jetliner.write_avro(pl.DataFrame({"a   b": ["x"], "b": [1]}), "2.avro", invalid_names="keep")
    found = cli("cat", "1.avro", "2.avro").err.partition("reads all of them: ")[2]
    assert [field["name"] for field in json.loads(found)["fields"]] == ["a   b", "b"]


def test_files_that_differ_without_a_reader_schema(cli: CommandLine, in_tmp: Path) -> None:
    jetliner.write_avro(pl.DataFrame({"a": [1]}), "1.avro")
    jetliner.write_avro(pl.DataFrame({"a": [{"b": "x"}]}), "2.avro")
    result = cli("cat", "1.avro", "2.avro")
    assert result.code == 2
    assert result.err.startswith("jetliner: schema mismatch with the first file, ")


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", 2, "file is empty"),
        (b"hello\n", 2, "not an Avro file"),
        (b"\x1f", 2, "not an Avro file"),
        (b"\x1f\x8b\x08\x00", 1, "the gzip file is damaged: it ends before the end of its data"),
        (b"\x1f\x8b" + b"x" * 100, 1, "the gzip file is damaged"),
    ],
)
@pytest.mark.parametrize("command", ["cat", "schema"])
def test_standard_input_that_is_no_avro_file(
    cli: CommandLine, command: str, content: bytes, code: int, message: str
) -> None:
    result = cli(command, "-", pipe=content)
    assert (result.code, result.out) == (code, "")
    assert message in result.err
    assert "<stdin>" in result.err


def test_standard_input_that_is_closed(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    result = cli("count", "-")
    assert (result.code, result.err) == (2, "jetliner: standard input is closed (file '<stdin>')\n")
