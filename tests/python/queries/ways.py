"""Ways of running a query. Each gives a frame with the rows in the order of the query."""

from __future__ import annotations

import asyncio
import io
import pickle
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import polars as pl

Way = Callable[[pl.LazyFrame], pl.DataFrame]
Engine = Any  # Polars has no public name for this type


def _collect(engine: Engine) -> Way:
    return lambda lf: lf.collect(engine=engine)


def _unoptimized(lf: pl.LazyFrame) -> pl.DataFrame:
    return lf.collect(optimizations=pl.QueryOptFlags.none())


def _background(lf: pl.LazyFrame) -> pl.DataFrame:
    return lf.collect(background=True).fetch_blocking()


def _async(lf: pl.LazyFrame) -> pl.DataFrame:
    async def both() -> list[pl.DataFrame]:
        return list(await asyncio.gather(lf.collect_async(), lf.collect_async()))

    first, second = asyncio.run(both())
    return first if first.height <= second.height else second


def _all(engine: Engine) -> Way:
    """Run the query together with others over the same scan."""

    def run(lf: pl.LazyFrame) -> pl.DataFrame:
        frame, count, again = pl.collect_all([lf, lf.select(pl.len()), lf], engine=engine)
        assert count.item() == frame.height == again.height, (count.item(), frame.height, again.height)
        return frame

    return run


def _twice(lf: pl.LazyFrame) -> pl.DataFrame:
    lf.collect()
    return lf.collect(engine="streaming")


def _joined(lf: pl.LazyFrame, batches: list[pl.DataFrame]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=lf.collect_schema())
    return pl.concat([empty, *batches])


def _collect_batches(engine: Engine) -> Way:
    return lambda lf: _joined(lf, list(lf.collect_batches(chunk_size=100, maintain_order=True, engine=engine)))


def _sink_batches(lf: pl.LazyFrame) -> pl.DataFrame:
    batches: list[pl.DataFrame] = []
    lf.sink_batches(batches.append, maintain_order=True)  # type: ignore[arg-type]
    return _joined(lf, batches)


def _sink_parquet(lf: pl.LazyFrame) -> pl.DataFrame:
    file = io.BytesIO()
    lf.sink_parquet(file, compression="uncompressed")
    file.seek(0)
    return pl.read_parquet(file)


def _pickled(lf: pl.LazyFrame) -> pl.DataFrame:
    clone: pl.LazyFrame = pickle.loads(pickle.dumps(lf))
    return clone.collect()


def run_pickled(plan: bytes, engine: Engine) -> pl.DataFrame:
    """Run a pickled plan; called in another process."""
    lf: pl.LazyFrame = pickle.loads(plan)
    try:
        return lf.collect(engine=engine)
    except pl.exceptions.PanicException as error:
        raise RuntimeError(str(error)) from None  # PanicException cannot be pickled


def elsewhere(executor: Executor, engine: Engine) -> Way:
    """Run the query in another process."""
    return lambda lf: executor.submit(run_pickled, pickle.dumps(lf), engine).result(timeout=120)


#: Ways for every case.
ENGINES: dict[str, Way] = {
    "collect, in memory": _collect("in-memory"),
    "collect, streaming": _collect("streaming"),
}
#: Each case runs some of these.
OTHERS: dict[str, Way] = {
    "collect without optimizations": _unoptimized,
    "collect in the background": _background,
    "collect_async twice at once": _async,
    "collect_all, in memory": _all("in-memory"),
    "collect_all, streaming": _all("streaming"),
    "collected before": _twice,
    "collect_batches": _collect_batches("auto"),
    "collect_batches, streaming": _collect_batches("streaming"),
    "sink_batches": _sink_batches,
    "sink_parquet": _sink_parquet,
    "pickled": _pickled,
}
ELSEWHERE = {"in another process, in memory": "in-memory", "in another process, streaming": "streaming"}


def parquet_keeps(dtype: Any) -> bool:
    """Return True if Parquet keeps the type."""
    if isinstance(dtype, pl.Struct):
        return bool(dtype.fields) and all(
            isinstance(f.dtype, pl.DataType) and parquet_keeps(f.dtype) for f in dtype.fields
        )
    if isinstance(dtype, (pl.List, pl.Array)):
        return isinstance(dtype.inner, pl.DataType) and parquet_keeps(dtype.inner)
    return not isinstance(dtype, (pl.Enum, pl.Categorical, pl.Null))
