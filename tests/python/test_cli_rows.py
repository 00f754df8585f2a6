"""`jetliner cat` and `head`: rows of every type as NDJSON, as CSV and as a table."""

from __future__ import annotations

import csv
import datetime
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import long, sales_frame
from command_line import CommandLine, on_terminal
from conftest import WriteAvro, WriteRaw, WriteSales

UTC = datetime.UTC
MONTHS_DAYS_MS = (1).to_bytes(4, "little") + (2).to_bytes(4, "little") + (3).to_bytes(4, "little")
RECORD = {
    "type": "record",
    "name": "Inner",
    "fields": [{"name": "day", "type": {"type": "int", "logicalType": "date"}}, {"name": "raw", "type": "bytes"}],
}
#: Types of Avro, a value, and what NDJSON and CSV have for it.
CELLS: list[tuple[Any, Any, Any, str]] = [
    ("null", None, None, ""),
    ("boolean", True, True, "true"),
    ("int", -5, -5, "-5"),
    ("long", 2**62, 2**62, str(2**62)),
    ("float", 1.5, 1.5, "1.5"),
    ("double", 0.1, 0.1, "0.1"),
    ("double", float("nan"), None, "NaN"),
    ("double", float("-inf"), None, "-inf"),
    ("string", 'a "b",\n\u0001é', 'a "b",\n\u0001é', 'a "b",\n\u0001é'),
    ("bytes", b"\x00\xff", "AP8=", "AP8="),
    ({"type": "fixed", "name": "F", "size": 2}, b"ab", "YWI=", "YWI="),
    ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, "B", "B", "B"),
    ({"type": "array", "items": "int"}, [1, 2], [1, 2], "[1,2]"),
    ({"type": "array", "items": "bytes"}, [b"\x00"], ["AA=="], '["AA=="]'),
    ({"type": "array", "items": "int"}, [], [], "[]"),
    ({"type": "map", "values": "int"}, {"a": 1}, [{"key": "a", "value": 1}], '[{"key":"a","value":1}]'),
    (
        RECORD,
        {"day": datetime.date(2024, 1, 2), "raw": b"\xff"},
        {"day": "2024-01-02", "raw": "/w=="},
        '{"day":"2024-01-02","raw":"/w=="}',
    ),
    (["null", "int"], None, None, ""),
    (["null", RECORD], None, None, ""),
    (["int", "string"], "x", {"int": None, "string": "x"}, '{"int":null,"string":"x"}'),
    (["null", "int", "bytes"], b"\x00", {"int": None, "bytes": "AA=="}, '{"int":null,"bytes":"AA=="}'),
    ({"type": "int", "logicalType": "date"}, datetime.date(2024, 1, 2), "2024-01-02", "2024-01-02"),
    ({"type": "int", "logicalType": "time-millis"}, datetime.time(1, 2, 3), "01:02:03", "01:02:03.000000000"),
    (
        {"type": "long", "logicalType": "timestamp-millis"},
        datetime.datetime(2024, 1, 2, 3, 4, 5, 6000, UTC),
        "2024-01-02T03:04:05.006+00:00",
        "2024-01-02T03:04:05.006+0000",
    ),
    (
        {"type": "long", "logicalType": "local-timestamp-micros"},
        datetime.datetime(2024, 1, 2, 3, 4, 5, 6),
        "2024-01-02 03:04:05.000006",
        "2024-01-02T03:04:05.000006",
    ),
    ({"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}, Decimal("-1.20"), "-1.20", "-1.20"),
    (
        {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
        MONTHS_DAYS_MS,
        "PT2764800.003S",
        '{"months":0,"days":32,"milliseconds":3}',
    ),
    ({"type": "string", "logicalType": "uuid"}, "x", "x", "x"),
]


@pytest.mark.parametrize(("kind", "value", "in_json", "in_csv"), CELLS)
def test_cells_of_all_types(
    cli: CommandLine, write_avro: WriteAvro, kind: Any, value: Any, in_json: Any, in_csv: str
) -> None:
    if kind == {"type": "string", "logicalType": "uuid"}:
        kind = "string"  # fastavro wants a UUID
    schema = {"type": "record", "name": "Row", "fields": [{"name": "n", "type": "int"}, {"name": "x", "type": kind}]}
    path = write_avro("x.avro", schema, [{"n": 7, "x": value}] * 2)
    assert [json.loads(line) for line in cli.ok("cat", path)] == [{"n": 7, "x": in_json}] * 2
    text = cli("cat", path, "--format", "csv").out
    assert list(csv.reader(text.splitlines(keepends=True))) == [["n", "x"], *[["7", in_csv]] * 2]


def test_recursive_types_are_json(cli: CommandLine, write_avro: WriteAvro) -> None:
    schema = {
        "type": "record",
        "name": "Node",
        "fields": [{"name": "v", "type": "int"}, {"name": "next", "type": ["null", "Node"]}],
    }
    path = write_avro("x.avro", schema, [{"v": 1, "next": {"v": 2, "next": None}}])
    assert cli.ok("cat", path) == ['{"v":1,"next":"{\\"v\\":2,\\"next\\":null}"}']


#: Raw values at and beyond the dates that Polars can print.
LIMITS = [
    ("int", "date", 95_026_236, "+262142-12-31"),
    ("int", "date", 95_026_237, "95026237"),
    ("int", "date", -96_465_292, "-262143-01-01"),
    ("int", "date", -96_465_293, "-96465293"),
    ("int", "date", 2**31 - 1, "2147483647"),
    ("long", "timestamp-millis", 2**63 - 1, str(2**63 - 1)),
    ("long", "timestamp-micros", -(2**63), str(-(2**63))),
    ("long", "local-timestamp-micros", 2**63 - 1, str(2**63 - 1)),
]


@pytest.mark.parametrize(("base", "logical", "raw", "expected"), LIMITS)
def test_dates_that_polars_cannot_print_are_raw_numbers(
    cli: CommandLine, write_raw: WriteRaw, base: str, logical: str, raw: int, expected: str
) -> None:
    kind = {"type": base, "logicalType": logical}
    inner = {"type": "record", "name": "Inner", "fields": [{"name": "^a$", "type": {"type": "array", "items": kind}}]}
    schema = {"type": "record", "name": "Row", "fields": [{"name": "*", "type": kind}, {"name": "s", "type": inner}]}
    row = long(raw) + long(2) + long(0) + long(raw) + long(0)
    path = write_raw("x.avro", schema, [(2, row + long(0) + long(0))])
    first, second = (json.loads(line) for line in cli.ok("cat", path))
    assert first["*"] == expected
    assert first["s"]["^a$"][1] == expected
    assert second["*"].startswith("1970-01-01")
    (line,) = cli.ok("cat", path, "--format", "csv", "--columns", "*")[1:2]
    assert line == expected
    assert any(expected in line for line in cli.ok("head", path))


def test_durations_in_csv(cli: CommandLine, write_avro: WriteAvro) -> None:
    schema = {
        "type": "record",
        "name": "Row",
        "fields": [{"name": "x", "type": {"type": "long", "logicalType": "arrow.duration-micros"}}],
    }
    path = write_avro("x.avro", schema, [{"x": x} for x in (0, -86_400_000_001, 1500, 2_000)])
    cells = [json.loads(row[0]) for row in csv.reader(cli.ok("cat", path, "--format", "csv")[1:])]
    assert cells == [
        {"months": 0, "days": 0, "milliseconds": 0},
        {"months": 0, "days": -1, "milliseconds": -0.001},
        {"months": 0, "days": 0, "milliseconds": 1.5},
        {"months": 0, "days": 0, "milliseconds": 2},
    ]


def test_rows_of_many_batches_and_files(cli: CommandLine, write_sales: WriteSales) -> None:
    paths = [write_sales("a.avro", rows=120_000, block_rows=5000), write_sales("b.avro", rows=5, start=120_000)]
    expected = sales_frame(120_005)
    assert cli("cat", *paths, "--format", "csv").out == expected.write_csv()
    assert cli("cat", *paths).out == expected.write_ndjson()
    pattern = str(Path(paths[0]).parent / "*.avro")
    assert cli("cat", pattern, "--threads", "1").out == expected.write_ndjson()


def test_columns_are_in_the_order_that_is_given(cli: CommandLine, write_sales: WriteSales) -> None:
    path = write_sales(rows=2)
    assert cli.ok("cat", path, "--columns", "status, user_id,status") == [
        '{"status":"active","user_id":0}',
        '{"status":"inactive","user_id":1}',
    ]


def test_names_with_commas_and_patterns(cli: CommandLine, write_avro: WriteAvro) -> None:
    names = ["a,b", "*", "^a.*$", "a b"]
    schema = {"type": "record", "name": "Row", "fields": [{"name": name, "type": "int"} for name in names]}
    from jetliner import write_avro as write

    path = write_avro("names.avro", {**schema, "fields": [{"name": "x", "type": "int"}]}, [])
    write(pl.DataFrame({name: [number] for number, name in enumerate(names)}), path, invalid_names="keep")
    assert cli.ok("cat", path, "--columns", '"a,b",*') == ['{"a,b":0,"*":1}']
    assert cli.ok("cat", path, "--columns", "^a.*$,a b", "--format", "csv") == ["^a.*$,a b", "2,3"]
    assert cli.ok("cat", path, "--where", '"a b" = 3 AND "a,b" < 1', "--columns", "a b") == ['{"a b":3}']


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("user_id < 3", [0, 1, 2]),
        ("status = 'pending' AND amount > 4", [11, 14, 17]),
        ("status IN ('active') AND user_id BETWEEN 4 AND 9", [6, 9]),
        ("status LIKE 'in%' OR user_id = 0", [0, 1, 4, 7, 10, 13, 16, 19]),
        ("user_id IS NULL", []),
        ("user_id > 5 AND NOT user_id > 6", [6]),
    ],
)
def test_where(cli: CommandLine, write_sales: WriteSales, where: str, kept: list[int]) -> None:
    path = write_sales(rows=20)
    result = cli("cat", path, "--where", where, "--columns", "user_id", "--format", "csv")
    assert (result.code, result.err) == (0, "")
    assert result.lines == ["user_id", *map(str, kept)]
    assert len(cli.ok("cat", path, "--where", where)) == len(kept)


@pytest.mark.parametrize("where", ["day >= DATE '2024-01-31'", "at::date >= DATE '2024-01-31'"])
def test_where_with_dates(cli: CommandLine, write_avro: WriteAvro, where: str) -> None:
    fields = [
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
    ]
    times = [datetime.datetime(2024, month, 28, tzinfo=UTC) for month in (1, 2)]
    rows = [{"day": time.date(), "at": time} for time in times]
    path = write_avro("x.avro", {"type": "record", "name": "Row", "fields": fields}, rows)
    assert cli.ok("cat", path, "--where", where, "--columns", "day") == ['{"day":"2024-02-28"}']


def test_filter_is_pushed_into_the_scan(write_sales: WriteSales) -> None:
    from jetliner._cli.options import Reading
    from jetliner._cli.query import query

    frame = query(write_sales(), Reading(), columns=["amount"], where="user_id = 3")
    plan = frame.explain()
    assert "SELECTION:" in plan
    assert "FILTER" not in plan
    assert "PROJECT 2/3 COLUMNS" in plan


def test_a_file_without_rows(cli: CommandLine, write_sales: WriteSales) -> None:
    path = write_sales(rows=0)
    assert cli.ok("cat", path) == []
    assert cli.ok("cat", path, "--format", "csv") == ["user_id,amount,status"]
    assert cli.ok("cat", path, "--format", "csv", "--where", "amount > 1", "--columns", "status") == ["status"]
    assert "user_id" in "\n".join(cli.ok("head", path))


def test_reader_schema(cli: CommandLine, write_sales: WriteSales, tmp_path: Path) -> None:
    fields = [{"name": "amount", "type": "double"}, {"name": "extra", "type": "int", "default": 5}]
    reader_schema = tmp_path / "schema.json"
    reader_schema.write_text(json.dumps({"type": "record", "name": "Sale", "fields": fields}))
    path = write_sales(rows=1)
    assert cli.ok("cat", path, "--reader-schema", reader_schema) == ['{"amount":0.0,"extra":5}']
    assert "extra" in "\n".join(cli.ok("head", path, "--reader-schema", reader_schema))
    assert cli.ok("schema", path, "--format", "polars", "--reader-schema", reader_schema) == [
        "amount  Float64",
        "extra   Int32",
    ]


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, form: str) -> None:
    path = str(tmp_path / "sales.avro")
    jetliner.write_avro(pl.DataFrame({"n": range(500_000)}).with_columns(text=pl.format("text {}", "n")), path)
    script = f"""
import os, resource, sys
from jetliner._cli.program import run
def rows(count):
    assert run(["cat", *[{path!r}, {path + "2"!r}, {path + "3"!r}][:count], "--format", {form!r}]) == 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows(1)
one = rows(1)
print((rows(3) - one) / 1024, file=sys.stderr)
"""
    for number in "23":
        Path(path + number).write_bytes(Path(path).read_bytes())
    result = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True
    )
    assert float(result.stderr) < 30  # a million rows more take 40 MB as text, and as much as a frame


# Tables


def test_table_has_all_columns_and_the_first_rows(cli: CommandLine, write_avro: WriteAvro) -> None:
    names = [f"column_{number}" for number in range(60)]
    schema = {"type": "record", "name": "Row", "fields": [{"name": name, "type": "string"} for name in names]}
    rows = [{name: f"{name}:{row}" for name in names} for row in range(30)]
    path = write_avro("wide.avro", schema, rows)
    lines = cli.ok("head", path)
    assert [cell.strip() for cell in lines[1].strip("│").split("┆")] == names
    assert [cell.strip() for cell in lines[-2].strip("│").split("┆")] == [f"{name}:9" for name in names]
    assert len(lines) == 10 + 6
    assert len(cli.ok("head", path, "-n", "30")) == 30 + 6
    assert len(cli.ok("head", path, "-n", "0")) == 6
    lines = cli.ok("head", path, "-n", "1", "--columns", "column_7,column_3")
    assert [cell.strip() for cell in lines[-2].strip("│").split("┆")] == ["column_7:0", "column_3:0"]


def test_table_is_that_of_polars(cli: CommandLine, write_sales: WriteSales) -> None:
    with pl.Config(tbl_hide_dataframe_shape=True, tbl_rows=-1):
        expected = str(sales_frame(10))
    assert "\n".join(cli.ok("head", write_sales(rows=1000, block_rows=10))) == expected


def test_head_reads_no_more_than_it_needs(cli: CommandLine, ten_blocks: str) -> None:
    content = Path(ten_blocks).read_bytes()
    Path(ten_blocks).write_bytes(content[: len(content) // 2])
    assert cli("head", ten_blocks).code == 0
    assert cli("head", ten_blocks, "-n", "90").code == 1


@pytest.mark.parametrize("columns", [25, 200])
def test_table_on_a_terminal_is_cut_into_parts_that_fit(write_sales: WriteSales, columns: int) -> None:
    text = on_terminal(["head", write_sales(rows=3)], columns)
    tables = text.split("└")[:-1]
    assert len(tables) == (2 if columns == 25 else 1)
    assert max(map(len, text.splitlines())) <= columns
    assert [name for name in ("user_id", "amount", "status") if name not in text] == []


# Standard input


@pytest.mark.parametrize("how", ["file", "pipe"])
@pytest.mark.parametrize("codec", ["null", "gzip"])
@pytest.mark.parametrize("rows", [3, 30_000])
def test_standard_input(cli: CommandLine, write_sales: WriteSales, how: str, codec: str, rows: int) -> None:
    import gzip

    content = Path(write_sales(rows=rows, block_rows=100)).read_bytes()
    given: dict[str, Any] = {how: gzip.compress(content, 1) if codec == "gzip" else content}
    assert cli("cat", "-", **given).out == sales_frame(rows).write_ndjson()
    assert cli.ok("count", "-", **given) == [str(rows)]
    blocks = "1 block" if rows == 3 else "300 blocks"
    assert cli.ok("check", "-", **given) == [f"<stdin>: sound, {rows} rows in {blocks}"]
    assert len(cli.ok("head", "-", "-n", "2", **given)) == 2 + 6
    assert cli.ok("schema", "-", "--format", "polars", **given)[0] == "user_id  Int64"
    assert json.loads("\n".join(cli.ok("info", "-", "--json", **given)))["rows"] == rows


@pytest.mark.parametrize("codec", ["null", "gzip"])
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["schema", "--format", "tree"], "record Sale"),
        (["head"], "active"),
        (["cat"], '{"user_id":0,'),
        (["count"], "30000"),
        (["info"], "rows: 30,000 in 300 blocks"),
        (["info", "--blocks"], "rows: 30,000 in 300 blocks"),
        (["check"], ": sound, 30000 rows in 300 blocks"),
        (["recover", "-o", "good.avro"], "good.avro: 30000 rows; no damage found"),
        (["convert", "-o", "good.parquet"], ""),
        (["convert", "-o", "good.avro"], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_pipes_that_have_a_name(
    cli: CommandLine, write_sales: WriteSales, in_tmp: Path, arguments: list[str], shown: str, codec: str
) -> None:
    import gzip

    content = Path(write_sales(rows=30_000, block_rows=100)).read_bytes()
    os.mkfifo("pipe")
    with feeding("pipe", gzip.compress(content, 1) if codec == "gzip" else content):
        out = "\n".join(cli.ok(arguments[0], "pipe", *arguments[1:]))
    assert shown in out
    if "good.avro" in arguments:
        assert_frame_equal(jetliner.read_avro("good.avro"), sales_frame(30_000))


def test_several_pipes(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    for name, start in (("a", 0), ("b", 10)):
        content = Path(write_sales(rows=10, start=start)).read_bytes()
        os.mkfifo(name)
        threading.Thread(target=Path(name).write_bytes, args=[content], daemon=True).start()
    assert cli.ok("count", "a", "b") == ["10 a", "10 b", "20 total"]
    path = write_sales("c.avro")
    result = cli("cat", "c.avro", "a")
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("jetliner: a (a pipe) cannot be read together with other files\nUsage: ")
    assert Path(path).exists()


@contextmanager
def feeding(pipe: str, content: bytes) -> Iterator[None]:
    """Write bytes into a named pipe, as far as they are taken."""

    def write() -> None:
        with suppress(BrokenPipeError):
            Path(pipe).write_bytes(content)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_head_of_a_pipe_does_not_wait_for_its_end(write_sales: WriteSales) -> None:
    from command_line import start

    content = Path(write_sales(rows=50_000, block_rows=100)).read_bytes()
    process = start("head", "-", "-n", "1")
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(content[:200_000])
        process.stdin.flush()
    except BrokenPipeError:  # it has ended already
        pass
    assert "active" in process.stdout.read().decode()
    assert process.wait() == 0
    process.stdin.close()


def test_standard_input_is_read_from_its_position(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    content = b"a line\n" + Path(write_sales(rows=3)).read_bytes()
    Path("x").write_bytes(content)
    with Path("x").open("rb", buffering=0) as file:
        file.seek(len("a line\n"))
        out = subprocess.run(
            [sys.executable, "-m", "jetliner", "count", "-"], stdin=file, capture_output=True, check=True
        )
    assert out.stdout == b"3\n"


def test_frames_are_those_of_the_package(cli: CommandLine, write_sales: WriteSales, in_tmp: Path) -> None:
    path = write_sales(rows=100)
    Path("x.ndjson").write_text(cli("cat", path).out)
    assert_frame_equal(pl.read_ndjson("x.ndjson"), jetliner.read_avro(path))
