"""ManyFilesOptions: how files may differ, and partition directories. The keywords are those of pl.scan_parquet."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from jetliner._options.cast_rules import CastRules, cast_rules
from jetliner._options.checks import are_same, check_flag
from jetliner.exceptions import ConfigurationError


class ManyFilesOptions(NamedTuple):
    """How files that differ, and partition directories, are read. Immutable values, made as `ReadOptions` are.

    `jetliner._options.parameters` describes each option.
    """

    missing_columns: str = "raise"
    extra_columns: str = "raise"
    schema: Any = None  # Mapping | None; when checked: pl.Schema | None
    cast_options: Any = None  # pl.ScanCastOptions | None; when checked: CastRules | None
    hive_partitioning: bool | None = None
    hive_schema: Any = None  # Mapping | None; when checked: pl.Schema | None
    try_parse_hive_dates: bool = True
    has_reader_schema: bool = False

    def checked(self) -> ManyFilesOptions:
        """Return the same options after checks, with schemas and casts in the form in which they are used.

        Raises
        ------
        TypeError
            An option has a value of the wrong type.
        ConfigurationError
            An option has a value that is not allowed, or two options exclude each other.
        """
        if are_same(self, _DEFAULTS):
            return self
        changed: dict[str, Any] = {}
        _check_word("missing_columns", self.missing_columns, "insert")
        _check_word("extra_columns", self.extra_columns, "ignore")
        if self.schema is not None:
            changed["schema"] = _schema("schema", self.schema)
            if len(changed["schema"]) == 0:
                msg = "schema must have at least one column"
                raise ConfigurationError(msg)
        if self.cast_options is not None:
            changed["cast_options"] = cast_rules(self.cast_options)
        if self.hive_partitioning is not None:
            check_flag("hive_partitioning", self.hive_partitioning)
        check_flag("try_parse_hive_dates", self.try_parse_hive_dates)
        if self.hive_schema is not None:
            changed["hive_schema"] = _schema("hive_schema", self.hive_schema)
            if self.hive_partitioning is False:
                msg = "hive_schema is of no use with hive_partitioning=False"
                raise ConfigurationError(msg)
        if self.has_reader_schema:
            self._check_without_reader_schema()
        return self._replace(**changed)

    @property
    def casts(self) -> CastRules:
        """The casts that `cast_options` allows."""
        rules: CastRules | None = self.cast_options
        return CastRules() if rules is None else rules

    @property
    def files_are_alike(self) -> bool:
        """Whether all files must have the columns of the first one."""
        return (
            self.missing_columns == "raise"
            and self.extra_columns == "raise"
            and self.schema is None
            and self.cast_options is None
        )

    def _check_without_reader_schema(self) -> None:
        for name, is_given in (
            ("missing_columns='insert'", self.missing_columns != "raise"),
            ("extra_columns='ignore'", self.extra_columns != "raise"),
            ("schema", self.schema is not None),
            ("cast_options", self.cast_options is not None),
        ):
            if is_given:
                msg = (
                    f"reader_schema and {name} exclude each other: the reader schema says itself which columns there "
                    "are, what missing ones are filled with, and which types are read as which"
                )
                raise ConfigurationError(msg)


_DEFAULTS = ManyFilesOptions()


def _check_word(name: str, value: Any, other: str) -> None:
    if not isinstance(value, str):
        msg = f"{name} must be {other!r} or 'raise', got {type(value).__name__}"
        raise TypeError(msg)
    if value not in (other, "raise"):
        msg = f"{name} must be {other!r} or 'raise', got {value!r}"
        raise ConfigurationError(msg)


def _schema(name: str, value: Any) -> pl.Schema:
    hint = ": for an Avro schema use reader_schema" if name == "schema" and _may_be_avro(value) else ""
    if not isinstance(value, Mapping):
        msg = f"{name} must be a mapping of column names to Polars data types or None, got {type(value).__name__}{hint}"
        raise TypeError(msg)
    for column, dtype in value.items():
        if not isinstance(column, str):
            msg = f"{name}: names of columns must be str, got {type(column).__name__}"
            raise TypeError(msg)
        if not (isinstance(dtype, pl.DataType) or (isinstance(dtype, type) and issubclass(dtype, pl.DataType))):
            msg = f"{name}[{column!r}] must be a Polars data type, got {dtype!r}{hint}"
            raise TypeError(msg)
    try:
        return pl.Schema({column: _instance(dtype) for column, dtype in value.items()})
    except TypeError as error:
        msg = f"{name}: {error}"
        raise TypeError(msg) from error


def _may_be_avro(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return isinstance(schema.get("type"), (str, list, dict))
    return isinstance(schema, (str, os.PathLike, list))


def _instance(dtype: Any) -> Any:
    # pl.Datetime means pl.Datetime("us"), as in Polars' scans. Classes that need an argument are refused by pl.Schema.
    try:
        return dtype() if isinstance(dtype, type) else dtype
    except TypeError:
        return dtype
