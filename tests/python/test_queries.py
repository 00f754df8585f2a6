"""Random lazy queries over scan_avro equal the same over the frame of read_avro.

JETLINER_QUERY_CASES sets how many cases run (default 1000).
For more, run ``python -m queries`` in ``tests/python``.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any

import polars as pl
import pytest

from jetliner._query.io_source import AvroScan
from queries.case import MismatchError, describe, difference, make_case, run_case
from queries.protocol import run_protocol_case, source_of
from queries.source import Source
from queries.tables import LARGE_TABLES, RANDOM, SMALL_TABLES, Tables
from queries.ways import ELSEWHERE, ENGINES, OTHERS

CASES = int(os.environ.get("JETLINER_QUERY_CASES", "1000"))
CHUNK = 50
PROTOCOL_CASES = CASES // 4

Frames = Iterator[pl.DataFrame]
Call = Callable[..., Frames]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return Tables(tmp_path_factory.mktemp("queries"))


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Executor]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


@pytest.mark.parametrize("first", range(0, CASES, CHUNK))
def test_queries(first: int, tables: Tables, elsewhere: Executor) -> None:
    counts: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, CASES)):
        try:
            counts += run_case(seed, tables, elsewhere)
        except Exception as error:
            pytest.fail(f"{error}\n{describe(seed, tables)}", pytrace=not isinstance(error, AssertionError))
    assert counts["cases"] == min(CHUNK, CASES - first)
    # What Polars does not do alike with a frame in memory says nothing about us. There must be next to nothing of it;
    # 1.x does so more often.
    assert counts["Polars disagrees with itself"] <= (10 if pl.__version__.startswith("1.") else 2), counts


@pytest.mark.parametrize("first", range(0, PROTOCOL_CASES, CHUNK))
def test_source_asked_directly(first: int, tables: Tables) -> None:
    for seed in range(first, min(first + CHUNK, PROTOCOL_CASES)):
        try:
            run_protocol_case(seed, tables)
        except Exception as error:
            again = f"from tests/python run `python -m queries --protocol --seed {seed}`"
            pytest.fail(f"{error}\n{again}", pytrace=not isinstance(error, AssertionError))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_limit_counts_rows_of_files_that_a_filter_leaves_out(tables: Tables, share: float) -> None:
    """Files are pruned by such filters, but not before their rows have counted."""
    table = tables["partitioned"]
    frame, limit = table.frame, int(share * table.frame.height)
    wanted = pl.col("year") == 2024
    got = pl.concat([frame.clear(), *source_of(Source(table, table.paths))(None, wanted, limit, None)])
    assert difference(frame.head(limit).filter(wanted), got, ordered=True) is None


def test_cases_cover_tables_options_steps_and_ways(tables: Tables) -> None:
    """The first hundreds use all there is, and keep anything from no row to all."""
    counts: Counter[str] = Counter()
    shares: Counter[str] = Counter()
    for seed in range(400):
        case = make_case(seed, tables)
        pipeline = case.pipeline
        table = pipeline.source.table.name
        counts[RANDOM if table.startswith(RANDOM) else table] += 1
        counts.update(list(pipeline.source.options))
        counts.update(text.split("(")[0] for text in pipeline.texts)
        before = pipeline.source.frame().height
        if before > 1000 and all(text.startswith((".filter", ".remove")) for text in pipeline.texts):
            share = pipeline.frame.height / before
            shares["none" if not share else "few" if share < 0.01 else "some" if share < 0.9 else "most"] += 1
    assert {*SMALL_TABLES, *LARGE_TABLES} <= set(counts)
    assert counts[RANDOM] > 30
    options = ("n_rows", "row_index_name", "row_index_offset", "include_file_paths", "batch_size", "n_threads")
    steps = (".filter", ".remove", ".select", ".with_columns", ".sort", ".group_by", ".unique", ".explode", ".unnest")
    steps += (".head", ".limit", ".tail", ".slice", ".drop_nulls", ".with_row_index", "concat", ".join", ".reverse")
    assert {*options, "buffer_bytes", *steps} <= set(counts)
    assert set(shares) == {"none", "few", "some", "most"}, shares
    assert len({*ENGINES, *OTHERS, *ELSEWHERE}) >= 15


def test_a_seed_always_gives_the_same_case(tables: Tables) -> None:
    for seed in range(30):
        first, second = make_case(seed, tables), make_case(seed, tables)
        assert str(first.pipeline) == str(second.pipeline)
        assert difference(first.pipeline.frame, second.pipeline.frame, first.pipeline.ordered) is None


# --- the checks themselves: a source that is wrong in one way is found out ---


def _loses_the_last_row(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    frames = list(call(names, predicate, n_rows, batch_size))
    yield from (*frames[:-1], *(frame[:-1] for frame in frames[-1:]))


def _loses_a_row_that_is_kept(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    for frame in call(names, predicate, n_rows, batch_size):
        yield frame if predicate is None else frame[:-1]


def _ignores_the_predicate(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    return call(names, None, n_rows, batch_size)


def _keeps_where_the_predicate_is_null(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    return call(names, None if predicate is None else predicate.fill_null(value=True), n_rows, batch_size)


def _ignores_the_limit(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    return call(names, predicate, None, batch_size)


def _limits_what_the_predicate_leaves(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    frames = list(call(names, predicate, None, batch_size))
    if frames:
        yield pl.concat(frames).head(2**40 if n_rows is None else n_rows)


def _mixes_rows_of_a_late_column(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    used = set() if predicate is None else set(predicate.meta.root_names())
    for frame in call(names, predicate, n_rows, batch_size):
        late = [name for name in frame.columns if name not in used]
        yield frame.with_columns(pl.col(late[:1]).reverse()) if used and late else frame


def _swaps_batches(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    yield from reversed(list(call(names, predicate, n_rows, batch_size)))


def _counts_kept_rows(call: Call, names: Any, predicate: Any, n_rows: Any, batch_size: Any) -> Frames:
    """A row index of the rows that are kept, not of those that are read."""
    for frame in call(names, predicate, n_rows, batch_size):
        name = next((name for name in ("row", "index") if name in frame.columns), None)
        index = (
            None if name is None or not frame.height else pl.int_range(frame.height, dtype=pl.UInt32) + frame[name][0]
        )
        yield frame if index is None else frame.with_columns(index.alias(name))


WRONG = (
    _loses_the_last_row,
    _loses_a_row_that_is_kept,
    _ignores_the_predicate,
    _keeps_where_the_predicate_is_null,
    _ignores_the_limit,
    _limits_what_the_predicate_leaves,
    _mixes_rows_of_a_late_column,
    _swaps_batches,
    _counts_kept_rows,
)


def check_many(check: Any, tables: Tables) -> None:
    for seed in range(150):
        check(seed, tables)


# A limit and a predicate together are rare in what Polars asks: that source has to be asked directly.
FOUND_BY = [(check, wrong) for check in (run_case, run_protocol_case) for wrong in WRONG]
FOUND_BY.remove((run_case, _limits_what_the_predicate_leaves))


@pytest.mark.parametrize(("check", "wrong"), FOUND_BY)
def test_a_wrong_source_is_found(wrong: Any, check: Any, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    right = AvroScan.__call__

    def call(scan: AvroScan, *asked: Any) -> Iterator[pl.DataFrame]:
        return wrong(lambda *words: right(scan, *words), *asked)

    monkeypatch.setattr(AvroScan, "__call__", call)
    with pytest.raises(MismatchError):
        check_many(check, tables)


def test_differences_are_found() -> None:
    frame = pl.DataFrame({"a": [1, 2, 2, None], "b": [float("nan"), 0.5, 0.5, 1.0]})
    assert difference(frame, frame.clone(), ordered=True) is None
    assert difference(frame, frame.reverse(), ordered=True) is not None
    assert difference(frame, frame.reverse(), ordered=False) is None
    others = [frame[:3], frame[[0, 1, 1, 1]], frame.with_columns(b=pl.col("b") + 1), frame.cast({"a": pl.Int32})]
    others += [frame.select("b", "a"), frame.rename({"a": "c"})]
    for other in others:
        assert difference(frame, other, ordered=random.random() < 0.5) is not None
