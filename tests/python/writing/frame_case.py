"""Random frames of all types, written and read: the values and types are the same."""

from __future__ import annotations

import datetime
import decimal
import random
import string
import struct
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

import jetliner

from .schema_case import COMPRESSIONS

_EPOCH = datetime.date(1970, 1, 1)
_IS_OLD_POLARS = not hasattr(pl, "Map")
_INTEGERS = {
    pl.Int8: (-(2**7), 2**7),
    pl.Int16: (-(2**15), 2**15),
    pl.Int32: (-(2**31), 2**31),
    pl.Int64: (-(2**63), 2**63),
    pl.UInt8: (0, 2**8),
    pl.UInt16: (0, 2**16),
    pl.UInt32: (0, 2**32),
    pl.UInt64: (0, 2**63),
    pl.Int128: (-(10**38) + 1, 10**38),
}


def run_frame_case(seed: int, directory: Path) -> Counter[str]:
    """Run the case of a seed; AssertionError where a frame is not read as it was written."""
    rng = random.Random(f"frame {seed}")
    frame = _frame(rng)
    target = directory / "frame.avro"
    target.unlink(missing_ok=True)
    options: dict[str, Any] = {
        "compression": rng.choice(COMPRESSIONS),
        "block_bytes": rng.choice((1, 50, 1000, 64_000)),
        "n_threads": rng.choice((1, 2, 3)),
    }
    jetliner.write_avro(_parts(frame, rng), target, **options)
    wanted = frame.select(pl.col(name).cast(as_read(dtype)) for name, dtype in frame.schema.items())
    got = jetliner.read_avro(target)
    assert got.schema == wanted.schema, f"types: {got.schema} for {frame.schema}"
    assert_frame_equal(got, wanted, check_exact=True)
    return Counter(frames=1, rows=frame.height)


def as_read(dtype: Any) -> Any:
    """Return the type as which a column comes back."""
    if isinstance(dtype, (pl.List, pl.Array)):
        return pl.List(as_read(dtype.inner))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: as_read(field.dtype) for field in dtype.fields})
    if dtype == pl.Categorical:
        return pl.String
    if isinstance(dtype, pl.Enum):
        valid = len(dtype.categories) > 0 and all(name.isidentifier() and name.isascii() for name in dtype.categories)
        return dtype if valid else pl.String
    if dtype == pl.Int128:
        return pl.Decimal(38, 0)
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        return pl.Datetime(dtype.time_unit, "UTC")
    return dtype


def _frame(rng: random.Random) -> pl.DataFrame:
    height = rng.choice((0, 1, 3, 30, 300))
    nulls = rng.choice((0.0, 0.1, 0.5, 1.0))
    columns = []
    for number in range(rng.randint(1, 6)):
        dtype = _dtype(rng, rng.choice((0, 0, 1, 2)))
        values = [_value(rng, dtype, nulls) for _ in range(height)]
        columns.append(pl.Series(f"c{number}", values, dtype=dtype, strict=True))
    return pl.DataFrame(columns)


def _parts(frame: pl.DataFrame, rng: random.Random) -> Any:
    """Return the frame as one or several, with slices and chunks."""
    way = rng.randrange(4)
    if way == 0 or frame.height < 2:
        return frame
    cut = rng.randrange(frame.height)
    if way == 1:
        return [frame.head(cut), frame.slice(cut)]
    if way == 2:
        return pl.concat([frame.head(cut), frame.slice(cut)], rechunk=False)
    return pl.concat([frame, frame]).slice(frame.height)


def _dtype(rng: random.Random, depth: int, *, is_nested: bool = False) -> Any:
    if depth > 0:
        kind = rng.choice(("list", "array", "struct"))
        if kind == "list":
            return pl.List(_dtype(rng, depth - 1, is_nested=True))
        if kind == "array":
            return pl.Array(_dtype(rng, depth - 1, is_nested=True), rng.randint(1, 3))
        return pl.Struct({f"f{i}": _dtype(rng, depth - 1, is_nested=True) for i in range(rng.randint(1, 3))})
    precision = rng.randint(1, 38)
    choices: list[Any] = [
        *_INTEGERS,
        pl.Null,
        pl.Boolean,
        pl.Float32,
        pl.Float64,
        pl.String,
        pl.Binary,
        pl.Date,
        pl.Time,
        pl.Datetime(rng.choice(("ms", "us", "ns")), rng.choice((None, "UTC", "Europe/Berlin"))),
        pl.Duration(rng.choice(("ms", "us", "ns"))),
        pl.Decimal(precision, rng.randint(0, precision)),
        pl.Categorical(),
        pl.Enum(rng.choice((["A", "B", "_c"], ["a b", "ü"], ["x"]))),
    ]
    if hasattr(pl, "Float16"):
        choices.append(pl.Float16)
    if is_nested:
        choices.remove(pl.Int128)  # Polars makes no lists of them from Python's integers
    chosen = rng.choice(choices)
    if is_nested and _IS_OLD_POLARS and isinstance(chosen, (pl.Categorical, pl.Enum)):
        return pl.String  # its own casts of such lists to String are wrong where they are slices
    return chosen


def _value(rng: random.Random, dtype: Any, nulls: float) -> Any:
    if rng.random() < nulls or dtype == pl.Null:
        return None
    if isinstance(dtype, pl.List):
        return [_value(rng, dtype.inner, nulls) for _ in range(rng.choice((0, 1, 2, 5)))]
    if isinstance(dtype, pl.Array):
        return [_value(rng, dtype.inner, nulls) for _ in range(dtype.size)]
    if isinstance(dtype, pl.Struct):
        return {field.name: _value(rng, field.dtype, nulls) for field in dtype.fields}
    return _scalar(rng, dtype)


def _scalar(rng: random.Random, dtype: Any) -> Any:
    for kind, (least, end) in _INTEGERS.items():
        if dtype == kind:
            small = rng.randrange(min(end, 1000))
            return rng.choice((least, end - 1, max(least, -1), 0, 1, 63, 64, rng.randrange(least, end), small))
    if dtype == pl.Boolean:
        return rng.random() < 0.5
    if dtype == pl.Float64:
        return rng.choice((0.0, -0.0, float("inf"), 1.5, rng.uniform(-1e300, 1e300)))
    if dtype == pl.Float32 or dtype == getattr(pl, "Float16", None):
        if dtype == pl.Float32:
            return struct.unpack("<f", struct.pack("<f", rng.uniform(-1e30, 1e30)))[0]
        return rng.choice((0.0, 1.5, -65504.0, 2.0**-24, float("inf"), rng.randrange(2048) / 4))
    if dtype == pl.String:
        return "".join(rng.choices(string.printable + "äß漢🙂", k=rng.choice((0, 1, 5, 12, 13, 40))))
    if dtype == pl.Binary:
        return rng.randbytes(rng.choice((0, 1, 12, 13, 40)))
    if dtype == pl.Date:
        return _EPOCH + datetime.timedelta(rng.randrange(-700_000, 2_900_000))
    if dtype == pl.Time:
        return (datetime.datetime.min + datetime.timedelta(microseconds=rng.randrange(86_400_000_000))).time()
    if isinstance(dtype, pl.Datetime):
        when = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=rng.randrange(-(10**12), 10**12))
        return when if dtype.time_zone is None else when.replace(tzinfo=datetime.UTC)
    if isinstance(dtype, pl.Duration):
        return datetime.timedelta(milliseconds=rng.randrange(-(10**12), 10**12))
    if isinstance(dtype, pl.Decimal):
        digits = rng.randrange(-(10**dtype.precision) + 1, 10**dtype.precision)
        return decimal.Context(prec=40).scaleb(decimal.Decimal(digits), -dtype.scale)
    if isinstance(dtype, pl.Enum):
        return rng.choice(dtype.categories.to_list())
    return rng.choice(("a", "b", "äö", ""))
