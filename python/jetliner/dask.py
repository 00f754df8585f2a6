"""Avro files as data frames of Dask: `jetliner.dask.read_avro`. It needs `pip install "jetliner[dask]"`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Unpack

import polars as pl

from jetliner._engines.plan import Selected, SplitOptions, plan
from jetliner._files.sources import FileSource
from jetliner._options.parameters import documented
from jetliner.splits import AvroSplit

try:
    import dask
    import dask.dataframe as dd
    import pandas as pd
    import pyarrow  # noqa: F401 (Polars and pandas need it)
except ImportError as error:
    msg = 'jetliner.dask needs Dask: pip install "jetliner[dask]"'
    raise ImportError(msg) from error


class _Read(NamedTuple):
    """The function that reads a partition. `columns` has no default: Dask then gives it even if there is none."""

    selected: Selected

    def __call__(self, split: AvroSplit, columns: Sequence[str]) -> pd.DataFrame:
        if len(columns) == 0:
            return pd.DataFrame(index=pd.RangeIndex(self.selected.count(split)))
        return _to_pandas(self.selected.only(columns).frame(split))


@documented()
def read_avro(
    source: FileSource,
    *,
    columns: Sequence[str] | Sequence[int] | None = None,
    filter: pl.Expr | None = None,  # noqa: A002 (the name that users know)
    **options: Unpack[SplitOptions],
) -> dd.DataFrame:
    """Read Avro files as a data frame of Dask.

    Each split of the files is a partition. Dask hands over the columns of a query. It does not hand over filters: give
    them as `filter`. The columns have the types `pd.ArrowDtype`. The divisions are not known.

    Returns
    -------
    dask.dataframe.DataFrame
        The rows, with a partition for each split.

    Raises
    ------
    TypeError, ConfigurationError, JetlinerError
        As `jetliner.plan_splits` and `jetliner.read_avro` do. An error on a worker is raised by `compute`.
    """
    splits, selected = plan(source, columns, filter, options)
    # Dask would make its own text type of ours.
    with dask.config.set({"dataframe.convert-string": False}):
        return dd.from_map(_Read(selected), splits, meta=_to_pandas(selected.empty()), label="read-avro")


def _to_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).to_pandas(types_mapper=pd.ArrowDtype)
