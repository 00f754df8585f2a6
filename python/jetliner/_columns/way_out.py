"""The way out of errors about files that differ: one call that reads these very files, at the end of the message."""

from __future__ import annotations

from typing import Any, NamedTuple

import polars as pl

from jetliner._columns.code import casts_code, schema_code
from jetliner._columns.common_schema import ConflictError, common_schema
from jetliner._columns.common_types import common_columns, enums_as_text, fewest_casts
from jetliner._columns.frames import schema_of, schema_of_batch
from jetliner._columns.new_structs import new_structs
from jetliner._files.inputs import Inputs
from jetliner._files.opening import open_reader
from jetliner._options.many_files import ManyFilesOptions
from jetliner._options.read_options import ReadOptions
from jetliner._options.selection import Selection
from jetliner.exceptions import JetlinerError, SchemaError, with_hint

#: What files that differ are read by, for errors of the core, which does not know the names of options.
BY_OPTIONS = (
    "; files that differ are read with missing_columns, extra_columns, schema and cast_options, or by a reader_schema"
)
BY_READER_SCHEMA = "; files that differ are read by a reader_schema"

_LINE_END = "\n"
_MAX_SOURCES = 100
_MAX_SCHEMAS = 1000
_DEFAULTS = ReadOptions()
_MANY_DEFAULTS = ManyFilesOptions()
#: Options that a message does not repeat: secrets, and what the way out decides.
_NOT_REPEATED = frozenset(
    {"storage_options", "credential_provider", "reader_schema", "enum_as", "objects", "remote", "part"}
)


class Call(NamedTuple):
    """A call as the user made it.

    Attributes
    ----------
    function
        Its name, without "jetliner".
    sources
        The paths, patterns and directories as they were given.
    many
        Options for files that differ. Readers have none.
    glob
        As for `scan_avro`.
    selection
        The columns.
    """

    function: str
    sources: list[str]
    many: ManyFilesOptions = _MANY_DEFAULTS
    glob: bool = True
    selection: Selection = Selection()

    def code(self, options: ReadOptions, *others: str, function: str | None = None) -> str:
        """Return this call as Python code, with other options at its end."""
        function = function or self.function
        source = repr(self.sources[0] if len(self.sources) == 1 and function != "MultiAvroReader" else self.sources)
        if len(self.sources) > _MAX_SOURCES:
            source = "source"
        selection = self.selection
        own = [] if self.glob else ["glob=False"]
        if selection.names is not None or selection.indices:
            name = "columns" if selection.must_exist else "projected_columns"
            own.append(f"{name}={selection.names if selection.names is not None else list(selection.indices)!r}")
        for name, value in options._asdict().items():
            if name not in _NOT_REPEATED and value != getattr(_DEFAULTS, name):
                own.append(f"{name}={value!r}")
        for name in ("hive_partitioning", "try_parse_hive_dates"):
            if (value := getattr(self.many, name)) is not getattr(_MANY_DEFAULTS, name):
                own.append(f"{name}={value!r}")
        if self.many.hive_schema is not None:
            own.append(f"hive_schema={schema_code(self.many.hive_schema)}")
        return f"jetliner.{function}({', '.join([source, *own, *others])})"


def with_way_out(
    error: SchemaError,
    call: Call | None,
    options: ReadOptions,
    paths: list[str],
    *,
    hint: str = "",
    partition_names: list[str] | None = None,
    inputs: Inputs | None = None,
) -> SchemaError:
    """Return an error about files that differ, with a call at its end that reads them.

    Other errors stay as they are, and so do those of a read by a reader schema, whose text says what to do.

    Parameters
    ----------
    error, call
        The error, and the call that it ends.
    options, paths
        The options and files of this call.
    hint
        A text to add to the message of the error.
    partition_names
        The names of partition columns.
    inputs
        As for `open_reader`.
    """
    if error.variant != "IncompatibleSchemas" or options.reader_schema is not None or call is None:
        return error
    try:
        text = _way_out(call, options, paths, partition_names or [], inputs)
    except JetlinerError as other:
        text = (
            f"no call is shown that reads all of them, because one cannot be read: {str(other).partition(_LINE_END)[0]}"
        )
    except pl.exceptions.PolarsError:
        text = None
    return with_hint(error, hint if text is None else f"{hint}\n{text}")


def fitting_schema(options: ReadOptions, paths: list[str], inputs: Inputs) -> tuple[Any, list[str]]:
    """Make a reader schema for files that differ.

    Returns
    -------
    schema
        An Avro schema as Python objects; None if there is none.
    left_out
        The columns that it lacks, because no type fits them.
    """
    try:
        reader = open_reader(options, paths, row_index=False, file_paths=False, merge_columns=True, inputs=inputs)
        different = [paths[index] for index, _ in reader.own_schemas()]
        reader.close()
        if len(different) > _MAX_SCHEMAS:
            return None, []
        schema, left_out, _ = _by_schema(options, different, paths, inputs)
    except (JetlinerError, pl.exceptions.PolarsError):
        return None, []
    return schema, left_out


def _way_out(
    call: Call, options: ReadOptions, paths: list[str], partition_names: list[str], inputs: Inputs | None
) -> str | None:
    reader = open_reader(options, paths, row_index=False, file_paths=False, merge_columns=True, inputs=inputs)
    try:
        batches = reader.own_schemas()
        own = [(index, schema_of_batch(batch)) for index, batch in batches[:_MAX_SCHEMAS]]
    finally:
        reader.close()
    if len(batches) > _MAX_SCHEMAS:
        return None
    schemas = [
        pl.Schema({name: dtype for name, dtype in schema.items() if name not in partition_names}) for _, schema in own
    ]
    by_types = _by_types(call, options, schemas)
    if by_types is not None and call.function != "MultiAvroReader":
        return f"this call reads all of them:\n{by_types}"
    different = [paths[index] for index, _ in own]
    schema, left_out, columns = _by_schema(options, different, paths, inputs)
    others = [] if options.enum_as == "enum" else [f"enum_as={options.enum_as!r}"]
    by_schema = None if schema is None else call.code(options, *others, f"reader_schema={schema!r}")
    if by_types is not None and (by_schema is None or left_out):
        return f"a query reads all of them:\n{by_types}"
    if by_schema is None:
        return None
    made = new_structs(columns, dict(zip(different, schemas, strict=True)))
    if not left_out:
        return f"this call reads all of them{made}:\n{by_schema}"
    names = ", ".join(map(repr, left_out))
    return f"this call reads all of them, without {names}, for which no type fits{made}:\n{by_schema}"


def _by_types(call: Call, options: ReadOptions, schemas: list[pl.Schema]) -> str | None:
    """Return the call with `schema`, `missing_columns`, `extra_columns` and `cast_options`; None if these do not do."""
    many = call.many
    enum_as = options.enum_as
    wanted = many.schema
    casts = None if wanted is None else _casts(schemas, wanted, is_chosen=True)
    if casts is None:
        wanted = common_columns(schemas)
        if wanted is None and enum_as == "enum":
            enum_as = "string"
            schemas = [enums_as_text(schema) for schema in schemas]
            wanted = common_columns(schemas)
        if wanted is None:
            return None
        if many.extra_columns == "ignore":
            wanted = pl.Schema({name: dtype for name, dtype in wanted.items() if name in schemas[0]})
        casts = _casts(schemas, wanted, is_chosen=False)
    if casts is None:
        return None
    others = [] if enum_as == "enum" else [f"enum_as={enum_as!r}"]
    lacks = any(name not in schema for schema in schemas for name in wanted)
    has_more = any(name not in wanted for schema in schemas for name in schema)
    if many.schema is not None or wanted != schemas[0] or not (lacks or has_more or casts):
        others.append(f"schema={schema_code(wanted)}")
    if lacks or many.missing_columns == "insert":
        others.append("missing_columns='insert'")
    if has_more or many.extra_columns == "ignore":
        others.append("extra_columns='ignore'")
    if casts:
        others.append(f"cast_options={casts}")
    function = "scan_avro" if call.function == "MultiAvroReader" else call.function
    if function != call.function:  # a query selects columns and batches in its own ways
        call, options = call._replace(selection=Selection()), options._replace(batch_size=_DEFAULTS.batch_size)
    return call.code(options, *others, function=function)


def _casts(schemas: list[pl.Schema], wanted: pl.Schema, *, is_chosen: bool) -> str | None:
    pairs = [(schema[name], dtype) for schema in schemas for name, dtype in wanted.items() if name in schema]
    rules = fewest_casts(pairs, is_chosen=is_chosen)
    return None if rules is None else casts_code(rules)


def _by_schema(
    options: ReadOptions, different: list[str], paths: list[str], inputs: Inputs | None
) -> tuple[Any, list[str], pl.Schema]:
    """Return a reader schema that is made of the schemas of the files.

    Returns
    -------
    schema
        None if there is no such schema.
    left_out
        The columns that it lacks.
    columns
        The types of those that it has.
    """
    texts = []
    for path in different:
        reader = open_reader(options, [path], n_rows=0, row_index=False, file_paths=False, inputs=inputs)
        texts.append(reader.schema_json)
        reader.close()
    try:
        schema, left_out = common_schema(texts)
        read_by = ReadOptions(**{**options._asdict(), "reader_schema": schema}).checked()
        reader = open_reader(read_by, paths, row_index=False, file_paths=False, inputs=inputs)  # it fits, or raises
        columns = schema_of(reader)
        reader.close()
    except (ConflictError, JetlinerError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        return None, [], pl.Schema()
    return schema, left_out, columns
