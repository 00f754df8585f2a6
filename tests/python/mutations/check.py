"""The rules for reading any file. A broken rule is an AssertionError. Unexpected exceptions pass through."""

from __future__ import annotations

import random
from collections import Counter

import polars as pl

import jetliner
from jetliner import AvroReader
from jetliner.exceptions import JetlinerError


def _read(path: str, **options: object) -> tuple[pl.DataFrame | None, JetlinerError | None, AvroReader | None]:
    """Return the rows up to an error, the error, and the reader. No rows if the file cannot be opened."""
    try:
        reader = AvroReader(path, **options)  # type: ignore[arg-type]
    except JetlinerError as error:
        return None, error, None
    frames = [to_empty(reader)]
    error = None
    try:
        frames.extend(reader)
    except JetlinerError as caught:
        error = caught
    assert reader.is_finished
    return pl.concat(frames, rechunk=False), error, reader


def to_empty(reader: AvroReader) -> pl.DataFrame:
    """Return an empty frame with the schema that the reader promises."""
    return pl.DataFrame(schema=reader.polars_schema)


def check(path: str, data: bytes, rng: random.Random) -> Counter[str]:
    """Read a file strictly and with `ignore_errors`; return counts."""
    options = {
        "n_threads": rng.choice((1, 1, 1, 2, 3)),
        "batch_size": rng.choice((1 << 20, 100, 7)) if len(data) < 20_000 else 1 << 20,
        "read_chunk_size": rng.choice((None, None, 1 << 16, 50)),
        # The limit of rows that take no bytes is low. Many frames of few rows would take too long.
        "max_empty_rows": 100_000,
    }
    strict, error, _ = _read(path, **options)
    lenient, fatal, reader = _read(path, ignore_errors=True, **options)
    if error is not None:
        assert str(error), "an error without a message"
        assert isinstance(error.to_dict(), dict)
    if strict is None or lenient is None:
        assert strict is None, "only one way of reading opens the file"
        assert lenient is None, "only one way of reading opens the file"
        assert type(error) is type(fatal)
        return Counter([f"refused: {type(error).__name__}"])
    assert reader is not None
    bad = reader.errors
    assert len(bad) == min(reader.error_count, 10_000)
    for one in bad[:5]:
        assert "skipped" in one.message, one.message
        assert one.filepath == path
    if fatal is not None:
        assert fatal.variant == "OutOfMemory", f"an error in spite of ignore_errors: {fatal!r}"
    # A strict read gives the first rows of a read with ignore_errors.
    assert strict.height <= lenient.height
    assert strict.equals(lenient.head(strict.height)), "strict rows are not the first of those with ignore_errors"
    if error is None:
        assert not bad, f"damage in a file that reads without error: {bad[0]}"
        assert strict.height == lenient.height
    if rng.random() < 0.1:
        _check_query(path, strict, error)
    if error is None:
        return Counter(["read whole"])
    kind = f"{type(error).__name__} {error.variant}"
    return Counter([f"damaged: {kind}", *(["rows saved after the damage"] if lenient.height > strict.height else [])])


def _check_query(path: str, strict: pl.DataFrame, error: JetlinerError | None) -> None:
    column = strict.columns[0]
    try:
        frame = jetliner.scan_avro(path).select(column).collect()
    except (JetlinerError, pl.exceptions.ComputeError):
        # Columns that are not selected are not checked: there may be fewer errors, but not more.
        assert error is not None, "a query fails on a file that reads without error"
        return
    if error is None:
        assert frame.equals(strict.select(column))
