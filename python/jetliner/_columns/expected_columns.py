"""The columns that are expected of files that may differ, and the check of a file against them."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jetliner import _core
from jetliner._columns.casts import NO_SAFE_CAST, objection
from jetliner._columns.frames import schema_of_batch
from jetliner._options.cast_rules import ALL_CASTS, CastRules
from jetliner.exceptions import SchemaError


@dataclass(frozen=True, slots=True)
class ExpectedColumns:
    """The columns that each file should have, and the differences that are allowed.

    Attributes
    ----------
    columns
        The columns of a file: names and types.
    partitions
        The partition columns, with a row for each file; None if there are none.
    inserts_missing
        A file may lack a column. The column is null then.
    ignores_extra
        A file may have more columns.
    casts
        The types that may be read as other types.
    """

    columns: pl.Schema
    partitions: pl.DataFrame | None
    inserts_missing: bool
    ignores_extra: bool
    casts: CastRules

    @property
    def partition_names(self) -> list[str]:
        """The names of the partition columns."""
        return [] if self.partitions is None else self.partitions.columns

    def is_partition(self, name: str) -> bool:
        """Tell whether the values of a column come from the names of directories."""
        return self.partitions is not None and name in self.partitions.columns

    def check_files(self, own_schemas: list[tuple[int, _core.Batch]], paths: list[str]) -> None:
        """Check the columns of all files of a reader.

        Parameters
        ----------
        own_schemas
            `_core.Reader.own_schemas()`.
        paths
            The files of the reader.

        Raises
        ------
        SchemaError
            A file has an additional column, lacks one, or has one with a type that must not be cast.
        """
        for index, batch in own_schemas:
            self.check(schema_of_batch(batch), paths[index])

    def check(self, own: pl.Schema, path: str) -> None:
        """Check the columns of one file, as `check_files` does."""
        for name in own:
            if not (self.ignores_extra or name in self.columns or self.is_partition(name)):
                msg = (
                    f"schema mismatch: the column {name!r} of this file is not among the expected ones; "
                    "extra_columns='ignore' leaves it out, schema= with all columns reads it"
                )
                raise SchemaError(msg, "IncompatibleSchemas", path, name)
        for name, want in self.columns.items():
            if self.is_partition(name):
                continue
            have = own.get(name)
            if have is None:
                if self.inserts_missing:
                    continue
                msg = f"schema mismatch: this file has no column {name!r}; missing_columns='insert' fills it with nulls"
                raise SchemaError(msg, "IncompatibleSchemas", path, name)
            why = objection(have, want, self.casts)
            if why is not None:
                if why == NO_SAFE_CAST and objection(want, have, ALL_CASTS) is None:
                    why = f"{why}, but one in the other direction: expect {have} by schema= and cast_options="
                msg = f"schema mismatch: column {name!r} is {have} in this file, not {want}; {why}"
                raise SchemaError(msg, "IncompatibleSchemas", path, name)
