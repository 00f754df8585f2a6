"""One seed, one case: a schema, rows, a file, the expected table, and the checks."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from . import container, oracle
from .choices import choices, difference_by_choice
from .codecs import CODECS
from .compare import difference
from .encode import Encoder
from .expect import Table, table
from .generate import SchemaGenerator, ValueGenerator
from .model import Node, parse
from .others import as_others_write


class MismatchError(AssertionError):
    """Two reads of one file differ."""


@dataclass
class Case:
    """A generated file."""

    seed: int
    schema: Any
    node: Node
    rows: list[Any]  # raw values
    codec: str
    data: bytes
    rng: random.Random  # for the choices of the checks
    counts: Counter[str]


def make_case(seed: int, *, arrow: bool = True) -> Case:
    """Generate the case of a seed. fastavro also reads the file, and must give the written values.

    `arrow`: as for ``SchemaGenerator``.
    """
    rng = random.Random(seed)
    schema = _schema(rng, arrow=arrow)
    node = parse(schema)
    rows = _rows(node, rng)
    codec = rng.choice(CODECS)
    counts: Counter[str] = Counter(cases=1, rows=len(rows))
    data = None
    if rng.random() < 0.2:
        try:
            data = oracle.write(schema, node, rows, codec, rng.choice((1, 100, 16000)), rng.randbytes(16))
        except Exception as error:
            counts[f"fastavro cannot write: {_kind(error)}"] += 1
        else:
            counts["written by fastavro"] += 1
            rows = container.read(data).rows  # fastavro has chosen the branches of unions
    if data is None:
        data = encode_file(schema, node, rows, codec, rng)
        counts["written by the test's encoder"] += 1
    reading = _read_by_fastavro(schema, data, counts)
    if reading is not None:
        _same("fastavro", repr([oracle.as_read(node, row) for row in rows]), repr(reading))
    else:  # fastavro cannot read the file; check with the decoder of the tests
        _same("the test's decoder", repr(rows), repr(container.read(data).rows))
    changed = as_others_write(schema, random.Random(f"others {seed}"))
    if changed != schema:
        schema, node, data = changed, parse(changed), container.with_header(data, changed)
        counts["with a schema as other writers write it"] += 1
    return Case(seed, schema, node, rows, codec, data, rng, counts)


def _read_by_fastavro(schema: Any, data: bytes, counts: Counter[str]) -> list[Any] | None:
    """Return the rows by fastavro. If it refuses the header, read the same blocks behind a simpler header."""
    try:
        reading = oracle.read(data)
    except Exception as error:
        counts[f"fastavro cannot read: {_kind(error)}"] += 1
    else:
        counts["read by fastavro"] += 1
        return reading
    try:
        reading = oracle.read(container.with_header(data, oracle.plainer(schema)))
    except Exception as error:
        counts[f"fastavro cannot read either, behind a plainer header: {_kind(error)}"] += 1
        return None
    counts["read by fastavro behind a plainer header"] += 1
    return reading


def encode_file(schema: Any, node: Node, rows: list[Any], codec: str, rng: random.Random) -> bytes:
    """Write a file with the encoder of the tests, in random blocks."""
    encoder = Encoder(rng)
    encoded = [encoder.encode(node, row) for row in rows]
    name = None if codec == "null" and rng.random() < 0.3 else codec
    return container.container(
        schema, encoded, codec=name, rows_per_block=rng.choice((1, 3, 20, 1000)), sync=rng.randbytes(16), rng=rng
    )


def _kind(error: Exception) -> str:
    """Return the kind of a failure: its text without values."""
    line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {re.split(r'[0-9{<]|byte', line)[0][:60]}"


def _same(who: str, wrote: str, read: str) -> None:
    if wrote != read:
        at = next(i for i, (a, b) in enumerate(zip(wrote + "\0", read + "\0", strict=False)) if a != b)
        raise MismatchError(f"{who} reads ...{read[at - 40 : at + 40]} for ...{wrote[at - 40 : at + 40]}")


def _schema(rng: random.Random, *, arrow: bool) -> Any:
    """Return a random schema. A record at top level has at least one field, since a table needs a column."""
    depth, nodes = rng.choice((1, 2, 3, 4, 4)), rng.choice((5, 15, 40))
    schema = SchemaGenerator(rng, max_depth=depth, max_nodes=nodes, arrow=arrow).schema()
    if isinstance(schema, dict) and schema.get("fields") == []:
        schema["fields"].append({"name": "only", "type": "int"})
    return schema


def _rows(node: Node, rng: random.Random) -> list[Any]:
    values = ValueGenerator(rng, null_share=rng.choice((0.0, 0.1, 0.3, 0.9, 1.0)))
    count = rng.choice((0, 1, 2, rng.randint(3, 30), rng.randint(3, 30), rng.randint(30, 120)))
    rows: list[Any] = []
    leaves = 0
    while len(rows) < count and leaves < 1500:
        row = values.value(node)
        leaves += _leaves(row)
        rows.append(row)
    return rows


def _leaves(raw: Any) -> int:
    if isinstance(raw, dict):
        return 1 + sum(map(_leaves, raw.values()))
    if isinstance(raw, list):
        return 1 + sum(map(_leaves, raw))
    return _leaves(raw[1]) if isinstance(raw, tuple) else 1


def values_of(frame: pl.DataFrame) -> dict[str, str]:
    """Return a text for every column. Equal texts mean equal values."""
    return {series.name: repr(series.to_physical().to_list()) for series in frame}


class Checks:
    """Reads one case with jetliner in many ways, and compares the results with the expectation and with each other."""

    def __init__(self, case: Case, directory: Path) -> None:
        import jetliner

        self._jetliner = jetliner
        self._case = case
        self._rng = case.rng
        self._directory = directory
        self._path = directory / f"case-{case.seed}.avro"
        self._path.write_bytes(case.data)
        self._paths = [self._path]
        self._table: Table = table(case.node, case.rows)
        self._values: dict[str, str] = {}
        self._doing = ""

    def run(self) -> None:
        """Run all checks. Raise MismatchError, or the exception of jetliner with a note about the read."""
        try:
            self._check_full()
            self._check_batches()
            self._check_projection()
            self._check_rest()
            self._check_choices()
            if self._rng.random() < 0.2:
                self._check_many_files()
        except MismatchError:
            raise
        except Exception as error:
            raise MismatchError(f"{self._doing}: {type(error).__name__}: {error}") from error
        finally:
            for path in self._paths:
                path.unlink(missing_ok=True)

    def _check_full(self) -> None:
        self._doing = "read_avro"
        frame = self._jetliner.read_avro(self._path)
        found = difference(self._table, frame)
        if found is not None:
            raise MismatchError(f"read_avro: {found}")
        self._values = values_of(frame)
        self._doing = "read_avro_schema"
        schema = self._jetliner.read_avro_schema(self._path)
        if schema != self._table.schema:
            raise MismatchError(f"read_avro_schema: {schema}\n  instead of {self._table.schema}")

    def _expect(self, frame: pl.DataFrame, names: list[str] | None = None, rows: slice | None = None) -> None:
        """Check that a later read equals the first one, with these columns and rows."""
        wanted = list(self._table.schema) if names is None else names
        if frame.columns != wanted or any(frame.schema[name] != self._table.schema[name] for name in wanted):
            raise MismatchError(f"{self._doing}: schema {frame.schema} for {wanted}")
        values = values_of(frame)
        if rows is not None:
            full = self._jetliner.read_avro(self._path)[rows]
            expected = values_of(full)
        else:
            expected = self._values
        for name in wanted:
            if values[name] != expected[name]:
                raise MismatchError(
                    f"{self._doing}: column {name!r}\n  {values[name][:500]}\n  instead of\n  {expected[name][:500]}"
                )

    def _read_batches(self, names: list[str] | None) -> None:
        rng = self._rng
        height = self._table.height
        batch_size = rng.randint(1, height + 1)
        chunk = rng.choice((None, rng.randint(1, 40), rng.randint(1, 2 * len(self._case.data)), 1 << 20))
        self._doing = f"AvroReader(batch_size={batch_size}, read_chunk_size={chunk}, projected_columns={names})"
        with self._jetliner.AvroReader(
            self._path, batch_size=batch_size, read_chunk_size=chunk, projected_columns=names
        ) as reader:
            if list(reader.polars_schema) != (names or list(self._table.schema)):
                raise MismatchError(f"{self._doing}: polars_schema {reader.polars_schema}")
            batches = list(reader)
            heights = [batch.height for batch in batches]
            if any(h != batch_size for h in heights[:-1]) or any(not 0 < h <= batch_size for h in heights[-1:]):
                raise MismatchError(f"{self._doing}: batches of {heights} rows")
            if (reader.rows_read, reader.error_count, reader.is_finished) != (height, 0, True):
                raise MismatchError(
                    f"{self._doing}: {reader.rows_read} rows, errors {reader.errors}, {reader.is_finished=}"
                )
            if reader.polars_schema != pl.Schema({name: self._table.schema[name] for name in reader.polars_schema}):
                raise MismatchError(f"{self._doing}: polars_schema {reader.polars_schema}")
        if sum(heights) != height:
            raise MismatchError(f"{self._doing}: batches of {heights} rows instead of {height} in all")
        if batches:
            self._expect(pl.concat(batches), names)

    def _check_batches(self) -> None:
        self._read_batches(None)

    def _check_projection(self) -> None:
        names = list(self._table.schema)
        chosen = self._rng.sample(names, self._rng.randint(1, len(names)))
        in_order = [name for name in names if name in chosen]
        self._doing = f"read_avro(columns={chosen})"
        self._expect(self._jetliner.read_avro(self._path, columns=chosen), in_order)
        indices = [names.index(name) for name in chosen]
        self._doing = f"read_avro(columns={indices})"
        self._expect(self._jetliner.read_avro(self._path, columns=indices), in_order)
        self._doing = f"scan_avro.select({chosen})"
        self._expect(self._jetliner.scan_avro(self._path).select(chosen).collect(), chosen)
        self._read_batches(in_order)

    def _check_rest(self) -> None:
        rng = self._rng
        jetliner = self._jetliner
        self._doing = "read_avro(ignore_errors=True)"
        self._expect(jetliner.read_avro(self._path, ignore_errors=True))
        self._doing = "AvroReader(ignore_errors=True)"
        with jetliner.AvroReader(self._path, ignore_errors=True) as reader:
            rows = sum(batch.height for batch in reader)
            if rows != self._table.height or reader.errors:
                raise MismatchError(f"{self._doing}: {rows} rows, errors {reader.errors}")
        count = rng.randint(0, self._table.height + 1)
        self._doing = f"read_avro(n_rows={count})"
        self._expect(jetliner.read_avro(self._path, n_rows=count), rows=slice(0, count))
        self._doing = f"scan_avro.head({count})"
        self._expect(jetliner.scan_avro(self._path).head(count).collect(), rows=slice(0, count))

    def _check_choices(self) -> None:
        options = choices(self._case.seed)
        self._doing = f"read_avro({options})"
        frame = self._jetliner.read_avro(self._path, **options)
        found = difference_by_choice(self._jetliner.read_avro(self._path), frame, options)
        if found is not None:
            raise MismatchError(f"{self._doing}: {found}")

    def _check_many_files(self) -> None:
        """Read the rows from two or three files with different codecs and blocks."""
        rng = self._rng
        case = self._case
        cuts = sorted(rng.randint(0, len(case.rows)) for _ in range(rng.randint(1, 2)))
        paths = []
        for i, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(case.rows)], strict=True)):
            path = self._directory / f"case-{case.seed}-{i}.avro"
            path.write_bytes(encode_file(case.schema, case.node, case.rows[start:end], rng.choice(CODECS), rng))
            paths.append(path)
        self._paths += paths
        batch_size = rng.randint(1, len(case.rows) + 1)
        self._doing = f"read_avro of {len(paths)} files cut at {cuts}, batch_size={batch_size}"
        self._expect(self._jetliner.read_avro(paths, batch_size=batch_size))
        self._doing = f"MultiAvroReader of {len(paths)} files cut at {cuts}"
        with self._jetliner.MultiAvroReader(
            [str(path) for path in paths],
            batch_size=batch_size,
            row_index_name="row index",
            include_file_paths="path of file",
        ) as reader:
            batches = list(reader)
        if batches:
            frame = pl.concat(batches)
            sizes = [end - start for start, end in zip([0, *cuts], [*cuts, len(case.rows)], strict=True)]
            files = [str(path) for path, size in zip(paths, sizes, strict=True) for _ in range(size)]
            if frame["row index"].to_list() != list(range(len(case.rows))) or frame["path of file"].to_list() != files:
                raise MismatchError(f"{self._doing}: row index or path column")
            self._expect(frame.drop("row index", "path of file"))
        elif case.rows:
            raise MismatchError(f"{self._doing}: no batch")


def run_case(seed: int, directory: Path, with_jetliner: bool = True) -> Counter[str]:
    """Make and check the case of a seed; return counts, or raise MismatchError."""
    case = make_case(seed)
    if with_jetliner:
        Checks(case, directory).run()
    else:
        table(case.node, case.rows)
    return case.counts


def describe(seed: int) -> str:
    """Describe a seed: its schema, and the command that runs it again."""
    text = json.dumps(_schema(random.Random(seed)), ensure_ascii=False)
    return f"seed {seed}: from tests/python run `python -m differential --seed {seed}`\nschema: {text}"
