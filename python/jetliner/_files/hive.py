"""Partition directories, as Hive and Spark make them: `year=2024/month=1/0.avro` has the columns year and month."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

import polars as pl

from jetliner._files.paths import with_slashes
from jetliner._files.sources import Files
from jetliner._options.many_files import ManyFilesOptions
from jetliner.exceptions import SchemaError

#: The value that means null.
_NULL = "__HIVE_DEFAULT_PARTITION__"
#: Separates the columns of the CSV text from which Polars infers types. Real values do not contain it.
_SEPARATOR = "\x1f"


class Partition(NamedTuple):
    """One directory of a path."""

    key: str
    value: str | None
    directory: str  # the path up to this directory, which is included


@dataclass(frozen=True, slots=True)
class Partitions:
    """The partition directories of files.

    Attributes
    ----------
    keys
        The names of the partition columns, at least one, in the order of the first file's path.
    of_files
        A dictionary for each file: its directories by their keys.
    """

    keys: list[str]
    of_files: list[dict[str, Partition]]

    def columns(self, file_columns: pl.Schema, options: ManyFilesOptions) -> pl.DataFrame:
        """Return the partition columns: a row for each file.

        Parameters
        ----------
        file_columns
            The columns of the files. A partition column that is also one of these has the type of this column.
        options
            Types in its `hive_schema` have priority.

        Raises
        ------
        SchemaError
            A value is not of its type, or `hive_schema` lacks a column.
        """
        series = []
        for key in self.keys:
            parts = [found[key] for found in self.of_files]
            dtype = file_columns.get(key)
            if options.hive_schema is not None:
                dtype = options.hive_schema.get(key)
                if dtype is None:
                    msg = f"hive_schema has no type for the partition column {key!r}"
                    raise SchemaError(msg, "ColumnNotFound", parts[0].directory, key)
            if dtype is None:
                values = _inferred([part.value for part in parts], dates=options.try_parse_hive_dates)
            else:
                values = _parsed(parts, dtype)
            series.append(values.alias(key))
        return pl.DataFrame(series)


def find_partitions(files: Files, options: ManyFilesOptions) -> Partitions | None:
    """Look for partition directories in the paths of files.

    Parameters
    ----------
    files
        If a file was found in a directory of the source, only the directories below this one count. Otherwise all
        directories of its path count.
    options
        Tell whether partition directories are wanted.

    Returns
    -------
    Partitions or None
        None if there are none, or they are not wanted.

    Raises
    ------
    SchemaError
        A directory has no key or no value, or the files do not have the same keys.
    """
    if options.hive_partitioning is False:
        return None
    if options.hive_partitioning is None and options.hive_schema is None and not files.is_directory:
        return None
    of_files = [_partitions(path, files.directories.get(path, "")) for path in files.paths]
    keys = list(of_files[0])
    for path, found in zip(files.paths, of_files, strict=True):
        if found.keys() != of_files[0].keys():
            shown, first_shown = ("/".join(names) if names else "none" for names in (found, keys))
            msg = (
                f"the partition directories differ from file to file: this one has {shown}, the first file, "
                f"{files.paths[0]!r}, has {first_shown}; hive_partitioning=False reads without partitions"
            )
            raise SchemaError(msg, "IncompatibleSchemas", path, shown)
    return Partitions(keys, of_files) if keys else None


def _partitions(path: str, directory: str) -> dict[str, Partition]:
    """Return the partition directories of a file by their keys, from the outermost on."""
    found: dict[str, Partition] = {}
    slashed = with_slashes(path)
    start = len(directory)
    end = slashed.rfind("/")
    while start < end:
        stop = slashed.find("/", start)
        stop = end if stop < 0 or stop > end else stop
        name, place = path[start:stop], path[:stop]
        start = stop + 1
        if "=" not in name:
            continue
        key, _, value = name.partition("=")
        if not key or not value:
            missing = "key" if not key else "value"
            msg = f"the partition directory {name!r} has no {missing}; hive_partitioning=False reads without partitions"
            raise SchemaError(msg, "InvalidSchema", place, name)
        if key in found:
            msg = f"the partition column {key!r} occurs twice in one path"
            raise SchemaError(msg, "Duplicate", place, key)
        found[key] = Partition(key, _decoded(value, place), place)
    return found


def _decoded(value: str, place: str) -> str | None:
    """Undo the escapes in the name of a directory, such as `%3A` for a colon."""
    if value == _NULL:
        return None
    try:
        decoded = unquote(value, errors="strict")
        decoded.encode()
    except UnicodeError:
        msg = f"the value of the partition directory is not valid text: {value!r}"
        raise SchemaError(msg, "InvalidSchema", place, value) from None
    return decoded


def _inferred(values: list[str | None], *, dates: bool) -> pl.Series:
    """Return values with the type that all of them have in common.

    Polars infers it, by its reader of CSV. Its own scans infer the types of partitions in the same way.
    """
    text = "".join(f"0{_SEPARATOR}{value or ''}\n" for value in values)
    present = [value for value in values if value is not None]
    if not present or text.count("\n") > len(values) or any("\r" in v or _SEPARATOR in v or '"' in v for v in present):
        return pl.Series(values, dtype=pl.String)
    try:
        parsed = pl.read_csv(
            io.BytesIO(text.encode()),
            has_header=False,
            separator=_SEPARATOR,
            quote_char=None,
            infer_schema_length=None,
            try_parse_dates=dates,
        ).to_series(1)
    except pl.exceptions.PolarsError:
        # Some versions infer Int64 for numbers that do not fit.
        return pl.Series(values, dtype=pl.String)
    # Scans of Polars do not infer times of day.
    return pl.Series(values, dtype=pl.String) if parsed.dtype in (pl.Time, pl.String) else parsed


def _parsed(parts: list[Partition], dtype: pl.DataType) -> pl.Series:
    """Return the values with a given type."""
    text = pl.Series([part.value for part in parts], dtype=pl.String)
    try:
        values = _cast(text, dtype)
    except (pl.exceptions.PolarsError, ValueError) as error:
        msg = f"partition column {parts[0].key!r}: values cannot be of type {dtype}: {error}"
        raise SchemaError(msg, "InvalidSchema", parts[0].directory, parts[0].key) from error
    wrong = (values.is_null() & text.is_not_null()).arg_true()
    if len(wrong) > 0:
        part = parts[wrong[0]]
        msg = f"partition column {part.key!r}: {part.value!r} is not a value of type {dtype}"
        raise SchemaError(msg, "InvalidSchema", part.directory, part.key)
    return values


def _cast(text: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return texts as values of a type, null where that is not possible."""
    if isinstance(dtype, pl.Boolean):
        words = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
        return text.replace_strict(words, default=None, return_dtype=pl.Boolean)
    if isinstance(dtype, pl.Date):
        return text.str.to_date(strict=False)
    if isinstance(dtype, pl.Datetime):
        # The number does not change with the time zone. Polars' scans do the same.
        return text.str.to_datetime(time_unit=dtype.time_unit, strict=False).cast(dtype)
    if isinstance(dtype, pl.Time):
        return text.str.to_time(strict=False)
    if dtype.is_numeric():
        return text.str.strip_chars().cast(dtype, strict=False)
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum)):
        return text.cast(dtype, strict=False)
    msg = "it is no type that the name of a directory can have"
    raise ValueError(msg)
