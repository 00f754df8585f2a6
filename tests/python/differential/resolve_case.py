"""One seed, one pair of schemas: fastavro and jetliner read rows of the writer's schema by the reader's."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from . import container, oracle
from .case import MismatchError, encode_file
from .choices import choices, difference_by_choice
from .compare import difference
from .expect import table
from .generate import SchemaGenerator, ValueGenerator
from .model import Node, parse
from .mutate import Mutator
from .resolve import ReaderSchema, Resolver, UnresolvableError, ValueUnresolvableError, float32


@dataclass
class Pair:
    """A file, a reader's schema, and the expected rows."""

    seed: int
    writer: Any
    node: Node
    reader: ReaderSchema
    rows: list[Any]  # raw values of the writer's schema
    data: bytes
    resolved: list[Any]  # raw values of the reader's schema, up to the first row that cannot be resolved
    problem: str | None  # why a row, or the pair of schemas, cannot be resolved
    opens: bool  # True if the schemas can be resolved; otherwise `resolved` is empty
    rng: random.Random


def make_pair(seed: int) -> Pair:
    """Generate the pair of a seed."""
    rng = random.Random(f"resolve {seed}")
    writer = SchemaGenerator(rng, max_depth=rng.choice((1, 2, 3, 3, 4)), max_nodes=rng.choice((5, 10, 25))).schema()
    if isinstance(writer, dict) and writer.get("fields") == []:
        writer["fields"].append({"name": "only", "type": "int"})
    wrong = rng.choice((0.0, 0.0, 0.0, 0.03, 0.15))
    reader = ReaderSchema(Mutator(rng, rate=rng.choice((0.0, 0.1, 0.3, 0.5)), wrong=wrong).schema(writer))
    node = parse(writer)
    values = ValueGenerator(rng, null_share=rng.choice((0.1, 0.3, 0.9)))
    rows = [values.value(node) for _ in range(rng.choice((1, 2, rng.randint(3, 12))))]
    data = encode_file(writer, node, rows, rng.choice(("null", "deflate")), rng)
    resolved: list[Any] = []
    problem = None
    opens = True
    try:
        resolver = Resolver(node, reader)
        for row in rows:
            resolved.append(resolver.resolve(row))
    except ValueUnresolvableError as error:
        problem = str(error)
    except UnresolvableError as error:
        problem = str(error)
        opens = False
    return Pair(seed, writer, node, reader, rows, data, resolved, problem, opens, rng)


def describe(pair: Pair) -> str:
    """Describe a pair: its schemas, and the command that runs it again."""
    return (
        f"seed {pair.seed}: from tests/python run `python -m differential --resolve --seed {pair.seed}`\n"
        f"writer: {json.dumps(pair.writer, ensure_ascii=False)}\n"
        f"reader: {json.dumps(pair.reader.json, ensure_ascii=False)}"
    )


# --- fastavro.


def check_fastavro(pair: Pair, counts: Counter[str]) -> None:
    """Compare the resolution of the tests with fastavro's.

    fastavro gives values of unions without branch, does not round to floats, and gives defaults as their JSON. The
    comparison allows for that.
    """
    try:
        # fastavro refuses some headers, so it gets a simpler one.
        data = container.with_header(pair.data, oracle.plainer(pair.writer))
        rows = oracle.read_by(data, oracle.plainer(pair.reader.json))
    except Exception as error:
        if pair.problem is not None:
            counts["fastavro raises as well"] += 1
        elif Resolver(pair.node, pair.reader).has_other_top_level_name:
            counts["fastavro needs the name of a record at top level"] += 1
        elif isinstance(error, TypeError):
            counts["fastavro stumbles over a reference to a named type"] += 1
        elif _resolves(pair, first_branch=True) is None:
            counts["fastavro takes the first branch of a union, which does not hold the value"] += 1
        else:
            raise MismatchError(f"fastavro raises {type(error).__name__}: {error}") from error
        return
    if pair.problem is None:
        _compare(pair, pair.resolved, rows)
        counts["equal to fastavro"] += 1
        return
    if "decimal" in pair.problem:
        counts["fastavro does not compare decimals"] += 1
        return
    # fastavro does not check types without values, such as the items of an empty array.
    by_value = _resolves(pair, by_value=True)
    if by_value is None:
        raise MismatchError(f"fastavro does not raise: {pair.problem}")
    _compare(pair, by_value, rows)
    counts["fastavro reads, since what does not fit does not occur"] += 1


def _resolves(pair: Pair, **options: bool) -> list[Any] | None:
    """Resolve the rows with other options; None if that fails."""
    try:
        resolver = Resolver(pair.node, pair.reader, **options)
        return [resolver.resolve(row) for row in pair.rows]
    except UnresolvableError:
        return None


def _compare(pair: Pair, ours: list[Any], theirs: list[Any]) -> None:
    for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        if not alike(pair.reader.node, one, other):
            raise MismatchError(f"row {index}: fastavro reads {other!r}\n  instead of {one!r}")


def alike(node: Node, ours: Any, theirs: Any) -> bool:
    """Return True if fastavro's value can be this raw value."""
    kind = node.kind
    if kind == "union":
        return alike(node.branches[ours[0]], ours[1], theirs)
    if kind == "record":
        # A default may leave out fields that have a default of their own.
        return isinstance(theirs, dict) and all(alike(c, ours[n], theirs[n]) for n, c in node.fields if n in theirs)
    if kind == "array":
        return (
            isinstance(theirs, list)
            and len(ours) == len(theirs)
            and all(alike(node.child, a, b) for a, b in zip(ours, theirs, strict=True))
        )
    if kind == "map":
        return (
            isinstance(theirs, dict)
            and ours.keys() == theirs.keys()
            and all(alike(node.child, ours[k], theirs[k]) for k in ours)
        )
    if isinstance(ours, (bytes, str)) and isinstance(theirs, (bytes, str)):
        texts = [value if isinstance(value, bytes) else value.encode() for value in (ours, theirs)]
        return texts[0] == texts[1] or (isinstance(theirs, str) and ours == _latin(theirs))
    if isinstance(ours, float) and isinstance(theirs, (int, float)):
        return repr(float32(ours)) == repr(float32(theirs))
    if isinstance(ours, int) and isinstance(theirs, float):
        return float(ours) == theirs  # fastavro takes the first branch that the number can be promoted to
    return bool(ours == theirs)


def _latin(text: str) -> bytes | None:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


# --- jetliner.


def check_jetliner(pair: Pair, directory: Path) -> None:
    """Read the file by the reader's schema in all ways."""
    import jetliner

    path = directory / f"pair-{pair.seed}.avro"
    path.write_bytes(pair.data)
    forms: list[Any] = [json.dumps(pair.reader.json)]
    if isinstance(pair.reader.json, (dict, list)):
        forms.append(pair.reader.json)
    schema = pair.rng.choice(forms)
    try:
        if not pair.opens:
            _check_refused(jetliner, path, schema)
        elif pair.problem is not None:
            _check_partial(jetliner, pair, path, schema)
        else:
            _check_whole(jetliner, pair, path, schema)
    finally:
        path.unlink()


def _check_refused(jetliner: Any, path: Path, schema: Any) -> None:
    for read in (jetliner.read_avro, jetliner.scan_avro, jetliner.AvroReader, jetliner.read_avro_schema):
        try:
            read(path, reader_schema=schema)
        except jetliner.SchemaError as error:
            if error.path != str(path) or error.variant != "IncompatibleSchemas" or not error.message:
                raise MismatchError(f"{read.__name__}: {error!r}") from error
        else:
            raise MismatchError(f"{read.__name__} does not raise")


def _check_partial(jetliner: Any, pair: Pair, path: Path, schema: Any) -> None:
    """Check the rows before the bad one, then the error."""
    expected = table(pair.reader.node, pair.resolved)
    frames = []
    try:
        with jetliner.AvroReader(path, reader_schema=schema, batch_size=1) as reader:
            frames.append(pl.DataFrame(schema=reader.polars_schema))
            frames.extend(reader)
    except jetliner.DecodeError as error:
        if (
            error.path != str(path)
            or error.variant not in ("TypeMismatch", "InvalidUtf8")
            or error.record_index is None
        ):
            raise MismatchError(repr(error)) from error
    else:
        raise MismatchError("AvroReader does not raise")
    found = difference(expected, pl.concat(frames))
    if found is not None:
        raise MismatchError(f"rows before the error: {found}")


def _check_whole(jetliner: Any, pair: Pair, path: Path, schema: Any) -> None:
    rng = pair.rng
    expected = table(pair.reader.node, pair.resolved)
    frame = jetliner.read_avro(path, reader_schema=schema)
    found = difference(expected, frame)
    if found is not None:
        raise MismatchError(f"read_avro: {found}")
    if jetliner.read_avro_schema(path, reader_schema=schema) != expected.schema:
        raise MismatchError("read_avro_schema")
    options = choices(pair.seed)
    found = difference_by_choice(frame, jetliner.read_avro(path, reader_schema=schema, **options), options)
    if found is not None:
        raise MismatchError(f"read_avro({options}): {found}")
    names = list(expected.schema)
    chosen = rng.sample(names, rng.randint(1, len(names)))
    in_order = [name for name in names if name in chosen]
    _same(frame.select(in_order), jetliner.read_avro(path, reader_schema=schema, columns=chosen), f"columns={chosen}")
    scan = jetliner.scan_avro([path, path.parent / "." / path.name], reader_schema=schema)
    _same(frame.select(chosen), scan.select(chosen).collect(), f"scan_avro.select({chosen})")
    with jetliner.AvroReader(path, reader_schema=schema, batch_size=rng.randint(1, 5)) as reader:
        _same(frame, pl.concat([frame.clear(), *reader]), "AvroReader")


def _same(expected: pl.DataFrame, frame: pl.DataFrame, what: str) -> None:
    if expected.schema != frame.schema or expected.columns != frame.columns:
        raise MismatchError(f"{what}: schema {frame.schema}")
    for name in expected.columns:
        if repr(frame[name].to_physical().to_list()) != repr(expected[name].to_physical().to_list()):
            raise MismatchError(f"{what}: column {name!r}")


def run_pair(seed: int, directory: Path, with_jetliner: bool = True) -> Counter[str]:
    """Make and check the pair of a seed; return counts, or raise MismatchError."""
    pair = make_pair(seed)
    counts: Counter[str] = Counter(pairs=1, rows=len(pair.rows))
    counts["resolved" if pair.problem is None else "a value has no place" if pair.opens else "unresolvable"] += 1
    counts["the same schema"] += pair.writer == pair.reader.json
    try:
        check_fastavro(pair, counts)
        if with_jetliner:
            check_jetliner(pair, directory)
    except MismatchError as error:
        raise MismatchError(f"{error}\n{describe(pair)}") from error
    except Exception as error:
        raise MismatchError(f"{type(error).__name__}: {error}\n{describe(pair)}") from error
    return counts
