"""The texts of parameters, written once, and the decorator that puts them into docstrings.

A docstring in the source has no section "Parameters". `documented` inserts it when the module is imported, in the order
of the signature, with types and texts from the table below. Defaults come from the signature. A function gives a text
of its own where the common one does not fit.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T", bound=Callable[..., Any])
_WIDTH = 115

#: For each parameter: its type, and what it means.
PARAMETERS: dict[str, tuple[str, str]] = {
    "source": (
        "str, os.PathLike, bytes, open binary file, or list or tuple of them",
        """
        A file, a directory or a pattern, or several of these. A list keeps its order. The matches of a pattern and the
        files in a directory are sorted by path. A file that is named twice is read once. Patterns have `*`, `**`
        (directories at any depth), `?`, `[...]` and `{a,b}`. As in a shell, a name that starts with a dot is matched
        only by a pattern that starts with one. A directory stands for the files in it and below it whose names end in
        `.avro` (in any case), end in `.avro` and twelve digits (of BigQuery), or have no dot. Names that start with `_`
        or `.` are left out. A pattern that matches only directories stands for the files in them. `~` is the home
        directory. `file:///` URLs are paths. Files in gzip are decompressed to a temporary file. URLs of object stores
        (`s3://`, `gs://`, `az://`, `https://`, ...), bytes and open binary files are sources too: see docs/stores.md.
        """,
    ),
    "path": (
        "str, os.PathLike, bytes or open binary file",
        """
        The file. Patterns are not expanded. `~` is the home directory. A `file:///` URL is a path. A file in gzip is
        decompressed to a temporary file. URLs of object stores, bytes and open binary files: see docs/stores.md.
        """,
    ),
    "paths": (
        "sequence of str, os.PathLike, bytes or open binary files",
        """
        The files, read in this order. One that is listed twice is read once. Patterns are not expanded. `~` is the home
        directory. `file:///` URLs are paths. Files in gzip are decompressed to a temporary file. URLs of object stores,
        bytes and open binary files: see docs/stores.md.
        """,
    ),
    "columns": (
        "sequence of str or of int",
        """
        The columns to read, by name or by index from 0. Frames have them in the order of the file. A name may be a
        path of names joined by dots, such as "address.city". Then the column `address` has only the fields that are
        named. Paths lead through lists, which add no name, and through maps, which are lists of `key` and `value`. If
        names contain dots themselves, the longest name wins, and the name of a whole column comes first. Fields that
        are not named are skipped, not decoded. If files have different schemas, whole columns are decoded, and then
        reduced.
        """,
    ),
    "projected_columns": (
        "list of str",
        """
        Another name of `columns`, for names and paths only. Names that the file does not have are ignored, with a
        warning. If it has none of them, there is no batch.
        """,
    ),
    "blocks": (
        "bool",
        """
        List the blocks too. This reads the whole file, and decompresses each block to know its size. Records are not
        decoded.
        """,
    ),
    "n_rows": (
        "int",
        "The most rows to read from all files together. Reading stops there.",
    ),
    "row_index_name": (
        "str",
        "Adds a first column with this name that counts the rows through all files (UInt32).",
    ),
    "row_index_offset": (
        "int",
        "The first number of the row index, from 0 to 4294967295. At 4294967295 the index stops counting.",
    ),
    "glob": (
        "bool",
        "Expand patterns. False takes paths literally.",
    ),
    "include_file_paths": (
        "str",
        "Adds a last column with this name: the path of the file that a row comes from (String).",
    ),
    "ignore_errors": (
        "bool",
        """
        Skip damaged blocks instead of raising. If a record only has an invalid value (see `invalid_values`), no other
        record is skipped. A warning tells how many damages were skipped, and in which files. `AvroReader.errors` lists
        them.
        """,
    ),
    "progress": (
        "bool",
        """
        Show a progress bar on stderr, or in a notebook: bytes, rate, and time left. It needs tqdm (`pip install
        'jetliner[progress]'`).
        """,
    ),
    "storage_options": (
        "dict of str to str",
        """
        Settings of object stores, by the keys of Polars: "aws_region", "aws_endpoint_url", "skip_signature", ... The
        page docs/stores.md lists them. Local files need none.
        """,
    ),
    "credential_provider": (
        "callable, or 'auto' or None",
        """
        Gives the credentials of a store, as in `polars.scan_parquet`. It is a `polars.CredentialProvider*` object, or a
        function that returns two things: a dict of options, and the time at which they expire (seconds since 1970, or
        None). It is asked again when they have expired, or when a store refuses them. "auto" finds profiles, as Polars
        does. None uses only `storage_options` and the environment.
        """,
    ),
    "buffer_blocks": (
        "int",
        """
        The most blocks that are read ahead and not yet decoded. Neighbouring blocks are joined up to 1 MiB, and then
        count as one.
        """,
    ),
    "buffer_bytes": (
        "int",
        """
        The most bytes that are read ahead and not yet decoded, in whole blocks. A block that is larger is read alone.
        """,
    ),
    "split_bytes": (
        "int",
        "About the size of a split.",
    ),
    "read_chunk_size": (
        "int",
        "The number of bytes to ask for at a time. By default the source chooses.",
    ),
    "batch_size": (
        "int",
        "The most rows in a batch.",
    ),
    "max_block_size": (
        "int or None",
        "The most bytes that a block may have when decompressed. None sets no limit. For the codec xz it also limits "
        "the dictionary, which may always have 64 MiB.",
    ),
    "max_empty_rows": (
        "int",
        """
        The most rows that take no bytes (null, records without fields). A file of a few bytes can claim any number of
        them.
        """,
    ),
    "n_threads": (
        "int",
        """
        The number of threads that decode, from 1 to 1024. By default the number that Polars was told to use
        (POLARS_MAX_THREADS), or else the number of cores that the process may use.
        """,
    ),
    "reader_schema": (
        "str, dict, list or os.PathLike",
        """
        The Avro schema to read by, whatever schemas the files were written with. The files may then have different
        schemas. It is JSON text, the same as Python objects, or the path of an .avsc file. Text and files may have
        comments. The columns are those of this schema. Fields are found by name or alias, in any order. A field that a
        file lacks gets its default. Types are promoted, and enums and unions matched, by the rules of the Avro
        specification ("Schema Resolution").
        """,
    ),
    "enum_as": (
        '{"enum", "categorical", "string"}',
        "The type for Avro's enums: `Enum` with the symbols of the schema, `Categorical`, or `String`.",
    ),
    "map_as": (
        '{"list", "map"}',
        """
        The type for Avro's maps, and for arrays of records `{key, value}` with logicalType `map`: a `List` of structs
        `{key, value}`, or `Map`, if this version of Polars has it. If a map has a key several times, `Map` keeps its
        first place and its last value.
        """,
    ),
    "utf8": (
        '{"strict", "replace"}',
        """
        What to do with a string that is not valid UTF-8: treat it as damage, or read it with U+FFFD in place of the
        wrong bytes, as `bytes.decode("utf-8", "replace")` does.
        """,
    ),
    "invalid_values": (
        '{"raise", "null"}',
        """
        What to do with a value that its column cannot hold: raise an error, or read null, even if the schema does not
        admit null. Such values are a time of day outside 0 to 24 hours ("24:00:00"), a decimal with more digits than
        its precision, a duration beyond 64 bits, a number outside the range of its logical type ("arrow.uint8"), and a
        symbol that the enum of `reader_schema` lacks.
        """,
    ),
    "missing_columns": (
        '{"raise", "insert"}',
        "What to do if a file lacks a column: raise, or insert nulls. For fields of structs see `cast_options`.",
    ),
    "extra_columns": (
        '{"raise", "ignore"}',
        "What to do if a file has a column that is not expected: raise, or leave it out.",
    ),
    "schema": (
        "mapping of str to polars.DataType",
        """
        The columns to expect, instead of those of the first file. Other types are cast if `cast_options` allows it.
        """,
    ),
    "cast_options": (
        "polars.ScanCastOptions",
        """
        The types that may be read as other types. By default none. A column of nulls may always be read as any type.
        With `categorical_to_string="allow"`, enums may be read as strings.
        """,
    ),
    "hive_partitioning": (
        "bool",
        """
        Whether directories such as `year=2024` become columns. By default they do if the source is one directory, or if
        `hive_schema` is given. With True they do in all paths. With partitions, only the header of the first file is
        read at the call. The other headers are read with their rows.
        """,
    ),
    "hive_schema": (
        "mapping of str to polars.DataType",
        """
        The types of all partition columns. By default a column that is also in the files has the type that it has
        there. Another column has the type that fits all its values: Int64, Int128, Float64, Boolean, Date, Datetime, or
        String.
        """,
    ),
    "try_parse_hive_dates": (
        "bool",
        "Whether values of partitions may become dates and datetimes.",
    ),
    "frame": (
        "polars.DataFrame or iterable of them",
        """
        The rows. Several frames are taken one by one, as they are needed. They must have the same columns, in any
        order, of the same types. With `schema` or `append`, a column that a frame lacks takes the default of its field,
        such as null.
        """,
    ),
    "lazy_frame": (
        "polars.LazyFrame",
        """
        The query.
        """,
    ),
    "frame_or_schema": (
        "polars.DataFrame, polars.LazyFrame or polars.Schema",
        """
        The columns.
        """,
    ),
    "target": (
        "str, os.PathLike or open binary file",
        """
        The file to write, or the URL of an object in S3, GCS or Azure. One that is there is replaced. `~` is the home
        directory. Symbolic links are followed. A pipe is written directly. An open file is written from its position,
        and stays open. With `partition_by`, `max_rows_per_file` or `max_bytes_per_file` the target is a directory for
        the files `part-00000.avro` and so on. It must be empty, or is made.
        """,
    ),
    "name": (
        "str",
        """
        The name of the top-level record, if no `schema` is given.
        """,
    ),
    "namespace": (
        "str",
        """
        The namespace of that name.
        """,
    ),
    "compression": (
        '"null", "uncompressed", "deflate", "snappy", "zstandard", "zstd", "bzip2" or "xz"',
        """
        The codec of the blocks. With `append`, it is that of the file, and another one is an error. Only the default,
        "snappy", counts as not given.
        """,
    ),
    "compression_level": (
        "int",
        """
        Higher levels take more time and make smaller files: deflate 0 to 12 (default 6), zstandard 1 to 22 (3), bzip2 1
        to 9 (9), xz 0 to 9 (6). The others have none.
        """,
    ),
    "block_bytes": (
        "int",
        """
        The most bytes of a block before compression. A block is closed when the next row would make it larger. A row
        that is larger itself is a block of its own.
        """,
    ),
    "sync_marker": (
        "bytes",
        """
        The 16 bytes that end each block. None: random ones. With `append`, those of the file.
        """,
    ),
    "metadata": (
        "dict of str to str or bytes",
        """
        Entries of the header. Keys must not begin with "avro.". With `append`, the header stays as it is.
        """,
    ),
    "append": (
        "bool",
        """
        Add blocks to a file that is there. They have the schema, the codec and the sync marker of the file. A file that
        is damaged is refused.
        """,
    ),
    "partition_by": (
        "str or sequence of str",
        """
        Columns that become directories below the target, as Hive writes them: `country=DE/year=2024/part-00000.avro`.
        They are left out of the files. When they are read back, these columns come last. The target is an empty
        directory, or one that is made.
        """,
    ),
    "max_rows_per_file": (
        "int",
        """
        The most rows of a file.
        """,
    ),
    "max_bytes_per_file": (
        "int",
        """
        The size of a file at which the next one begins. A file is larger by one block at most.
        """,
    ),
    "invalid_names": (
        '"raise", "replace" or "keep"',
        """
        What to do with names of columns that are not valid in Avro (`[A-Za-z_][A-Za-z0-9_]*`): raise an error, replace
        other characters by `_`, or keep them. Some parsers refuse files with such names. Names in a `schema` are
        never replaced. They give a warning, unless they are to be kept.
        """,
    ),
    "mkdir": (
        "bool",
        """
        Make the directories above the target, if they are missing. By default a missing directory is an error.
        """,
    ),
    "maintain_order": (
        "bool",
        """
        Write the rows in the order of the query. With False, the engine may be faster.
        """,
    ),
    "engine": (
        "str",
        """
        The engine of Polars, as for `LazyFrame.collect`.
        """,
    ),
    "filter": (
        "polars.Expr",
        """
        The rows to keep. Workers drop the others while they read. It may use columns that are not in `columns`.
        """,
    ),
    "concurrency": (
        "int",
        """
        The most tasks that run at a time, as for `ray.data.read_datasource`.
        """,
    ),
    "override_num_blocks": (
        "int",
        """
        The number of blocks, as for `ray.data.read_datasource`.
        """,
    ),
    "ray_options": (
        "dict",
        """
        Other arguments of `ray.data.read_datasource`, such as `num_cpus` or `resources`.
        """,
    ),
    "options": (
        "keywords",
        """
        Options of `jetliner.plan_splits`: `split_bytes`, `storage_options`, `reader_schema`, `ignore_errors`, ... A
        worker decodes with one thread (`n_threads`), because engines run a task on each core.
        """,
    ),
}


#: The parameter `n_threads` of the functions that write.
ENCODING_THREADS = """
    The number of threads that encode and compress, from 1 to 1024. By default the number of cores that the process may
    use.
"""

#: The parameter `schema` of the functions that write; that of the functions that read is another one.
AVRO_SCHEMA = (
    "str, dict, list or os.PathLike",
    """
    The Avro schema of the file: JSON text, the same as Python objects, or the path of an .avsc file. Columns are
    matched by name. Values are converted where that loses nothing. A column that is missing takes the default of
    its field. By default it is what `avro_schema` returns for the columns.
    """,
)


def documented(**own_texts: str | tuple[str, str]) -> Callable[[_T], _T]:
    """Return a decorator that inserts the section "Parameters" into the docstring of a function or class.

    Parameters
    ----------
    **own_texts
        Texts in place of those in PARAMETERS, by the names of parameters; or type and text.

    Raises
    ------
    TypeError
        A parameter has no text, or a text belongs to no parameter.
    """

    def decorate(target: _T) -> _T:
        parameters = inspect.signature(target).parameters
        unknown = own_texts.keys() - parameters.keys()
        if unknown:
            msg = f"{target.__name__} has no parameter {', '.join(sorted(unknown))}"
            raise TypeError(msg)
        entries = [_entry(parameter, own_texts.get(name)) for name, parameter in parameters.items()]
        if target.__doc__ is not None:  # None with python -OO
            target.__doc__ = _with_section(inspect.cleandoc(target.__doc__), "Parameters", "\n".join(entries))
        return target

    return decorate


def _entry(parameter: inspect.Parameter, own: str | tuple[str, str] | None) -> str:
    """Return the name, the type and the text of a parameter, as numpydoc has it."""
    if parameter.name not in PARAMETERS:
        msg = f"the parameter {parameter.name} has no text in PARAMETERS"
        raise TypeError(msg)
    type_text, text = own if isinstance(own, tuple) else PARAMETERS[parameter.name]
    default = parameter.default
    if default is None:
        type_text += ", optional"
    elif isinstance(default, str):
        type_text += f', default "{default}"'
    elif default is not parameter.empty:
        type_text += f", default {default!r}"
    words = " ".join((own if isinstance(own, str) else text).split())
    return f"{parameter.name} : {type_text}\n" + textwrap.fill(
        words, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _with_section(docstring: str, title: str, content: str) -> str:
    """Insert a section before the first section of a docstring, or at its end."""
    lines = docstring.split("\n")
    section = [title, "-" * len(title), *content.split("\n")]
    for index in range(1, len(lines)):
        if lines[index] and lines[index] == "-" * len(lines[index - 1]):
            return "\n".join([*lines[: index - 1], *section, "", *lines[index - 1 :]])
    return "\n".join([*lines, "", *section])
