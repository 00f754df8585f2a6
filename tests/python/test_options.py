"""Options: values that cannot change, texts that are written once, and their way from the arguments to the core."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from unittest import mock

import polars as pl
import pytest

import jetliner
from conftest import WriteSales
from jetliner._files import opening
from jetliner._options import defaults
from jetliner._options.many_files import ManyFilesOptions
from jetliner._options.parameters import PARAMETERS, documented
from jetliner._options.read_options import ReadOptions
from over.place import Place

ENTRY_POINTS = [
    jetliner.scan_avro,
    jetliner.read_avro,
    jetliner.read_avro_schema,
    jetliner.read_avro_metadata,
    jetliner.count_rows,
    jetliner.AvroReader,
    jetliner.MultiAvroReader,
    jetliner.plan_splits,
]
#: Parameters of jetliner.ray, jetliner.dask and jetliner.spark alone, which need their engines.
OF_ENGINES = {"concurrency", "filter", "options", "override_num_blocks", "ray_options"}
WRITING = [jetliner.write_avro, jetliner.sink_avro, jetliner.AvroWriter, jetliner.avro_schema]
EACH = pytest.mark.parametrize("entry", [*ENTRY_POINTS, *WRITING], ids=lambda entry: entry.__name__)


def parameters_of(entry: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(entry).parameters)


# --- values ---


@pytest.mark.parametrize("options", [ReadOptions(), ReadOptions(n_rows=1).checked(), ManyFilesOptions().checked()])
def test_options_cannot_change(options: Any) -> None:
    with pytest.raises(AttributeError):
        setattr(options, type(options)._fields[0], 5)
    with pytest.raises(AttributeError):
        options.no_such_option = 5


def test_defaults_are_valid() -> None:
    # They are not checked in a call, for speed.
    others = {"n_rows": 5, "hive_partitioning": True}
    for kind, name in ((ReadOptions, "n_rows"), (ManyFilesOptions, "hive_partitioning")):
        checked = kind(**{name: others[name]}).checked()
        assert checked._replace(**{name: None}) == kind() == kind().checked()


def test_values_that_are_equal_to_a_default_are_checked() -> None:
    for wrong in ({"ignore_errors": 0}, {"batch_size": 100_000.0}, {"row_index_offset": False}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            ReadOptions(**wrong).checked()
    with pytest.raises(TypeError, match="try_parse_hive_dates"):
        ManyFilesOptions(try_parse_hive_dates=1).checked()  # type: ignore[arg-type]


# --- texts ---


def entries_of(entry: Callable[..., Any]) -> dict[str, str]:
    """The names of the section "Parameters", with their types."""
    document = inspect.getdoc(entry)
    assert document is not None
    assert document.count("\nParameters\n----------\n") == 1
    section = re.split(r"\n\n\w+\n-+\n", document.partition("\nParameters\n----------\n")[2])[0]
    return dict(re.findall(r"^(\w+) : (.+)\n    \S", section, re.MULTILINE))


@EACH
def test_docstrings_describe_each_parameter_in_the_order_of_the_signature(entry: Callable[..., Any]) -> None:
    entries = entries_of(entry)
    parameters = parameters_of(entry)
    assert list(entries) == list(parameters)
    for name, parameter in parameters.items():
        if parameter.default is None:
            assert entries[name].endswith(", optional")
        elif parameter.default is not parameter.empty:
            shown = f'"{parameter.default}"' if isinstance(parameter.default, str) else repr(parameter.default)
            assert entries[name].endswith(f", default {shown}")


@EACH
def test_docstrings_have_an_example_and_fit_the_screen(entry: Callable[..., Any]) -> None:
    document = inspect.getdoc(entry)
    assert document is not None
    assert "\nExamples\n--------\n>>> " in document
    assert max(map(len, document.splitlines())) <= 120
    order = re.findall(r"\n(\w+)\n-{5,}\n", document)
    assert order == [name for name in ("Parameters", "Returns", "Raises", "Examples") if name in order]


def test_each_text_is_used() -> None:
    used = {name for entry in [*ENTRY_POINTS, *WRITING] for name in parameters_of(entry)}
    assert set(PARAMETERS) == used | OF_ENGINES


def test_a_parameter_without_a_text_is_an_error() -> None:
    def function(no_such_parameter: int) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match="no_such_parameter has no text"):
        documented()(function)


def test_a_text_without_a_parameter_is_an_error() -> None:
    def function(path: str) -> None:
        """Do nothing."""

    with pytest.raises(TypeError, match="function has no parameter n_rows"):
        documented(n_rows="The most rows.")(function)


def test_package_works_without_docstrings() -> None:
    script = "import jetliner; assert jetliner.read_avro.__doc__ is None"
    subprocess.run([sys.executable, "-OO", "-c", f"{script}; import sys; sys.exit(0)"], check=True)


# --- from the arguments to the core ---

#: A value of each option that is not its default, and under which name and how the core gets it.
TO_CORE: dict[str, tuple[Any, str, Any]] = {
    "batch_size": (7, "batch_size", 7),
    "buffer_blocks": (3, "buffer_blocks", 3),
    "buffer_bytes": (1 << 20, "buffer_bytes", 1 << 20),
    "read_chunk_size": (999, "read_chunk_size", 999),
    "max_block_size": (1 << 21, "max_block_size", 1 << 21),
    "max_empty_rows": (5, "max_empty_rows", 5),
    "ignore_errors": (True, "ignore_errors", True),
    "n_threads": (2, "n_threads", 2),
    "reader_schema": ({"type": "string"}, "reader_schema", '{"type": "string"}'),
    "enum_as": ("string", "enum_as", "string"),
    "map_as": ("list", "map_as", "list"),
    "utf8": ("replace", "utf8", "replace"),
    "invalid_values": ("null", "invalid_values", "null"),
    "n_rows": (2, "n_rows", 2),
    "row_index_name": ("i", "row_index_name", "i"),
    "row_index_offset": (9, "row_index_offset", 9),
    "include_file_paths": ("p", "path_column", "p"),
}
#: read_avro takes no size of batches, count_rows and others have no use for it.
NOT_TO_CORE = {("read_avro", "batch_size")}


class _OpenedError(Exception):
    pass


@pytest.mark.parametrize(
    ("entry", "option"),
    [
        (entry, option)
        for entry in ENTRY_POINTS
        for option in TO_CORE
        if option in parameters_of(entry) and (entry.__name__, option) not in NOT_TO_CORE
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_each_option_arrives_in_the_core(
    entry: Callable[..., Any],
    option: str,
    write_sales: WriteSales,
    monkeypatch: pytest.MonkeyPatch,
    file_place: Place | None,
) -> None:
    given, name, expected = TO_CORE[option]
    if option == "buffer_bytes" and file_place is not None:
        expected //= 2  # the other half is for bytes that are fetched ahead
    core = mock.Mock()
    core.Reader.side_effect = core.Inspector.side_effect = _OpenedError
    monkeypatch.setattr(opening, "_core", core)
    path = write_sales()
    with pytest.raises(_OpenedError):
        entry([path] if entry is jetliner.MultiAvroReader else path, **{option: given})
    opened = core.Inspector if entry is jetliner.read_avro_metadata else core.Reader
    assert opened.call_args.kwargs[name] == expected


def test_options_for_many_files_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = {"a": pl.Int8()}
    given: dict[str, Any] = {
        "missing_columns": "insert",
        "extra_columns": "ignore",
        "schema": schema,
        "cast_options": pl.ScanCastOptions(),
        "hive_partitioning": True,
        "hive_schema": schema,
        "try_parse_hive_dates": False,
    }
    assert set(given) == set(ManyFilesOptions._fields) - {"has_reader_schema"}
    for module, entry in (("jetliner.read", jetliner.read_avro), ("jetliner.scan", jetliner.scan_avro)):
        seen: list[ManyFilesOptions] = []

        def stop(files: object, many: ManyFilesOptions, seen: list[ManyFilesOptions] = seen) -> None:
            seen.append(many)
            raise _OpenedError

        monkeypatch.setattr(f"{module}.find_partitions", stop)
        with pytest.raises(_OpenedError):
            entry("a.avro", **given)
        assert seen == [ManyFilesOptions(**given).checked()]
        with pytest.raises(_OpenedError):
            entry("a.avro", reader_schema='"int"')
        assert seen[1] == ManyFilesOptions(has_reader_schema=True)


@pytest.mark.parametrize(
    ("text", "threads"),
    [
        ("1", 1),
        ("3", 3),
        ("007", 7),
        ("1024", 1024),
        ("1025", 1024),
        ("9" * 5000, 1024),
        ("0", 0),
        ("", 0),
        ("many", 0),
        ("-1", 0),
        ("+1", 0),
        (" 2", 0),
        ("1.5", 0),
        ("\u0663", 0),  # a digit, but not an ASCII one
    ],
)
def test_number_of_threads_by_the_variable_of_polars(text: str, threads: int) -> None:
    assert defaults.threads_by_text(text) == threads


def test_default_number_of_threads_is_that_of_polars(write_sales: WriteSales) -> None:
    script = """
import sys
from unittest import mock
import jetliner
from jetliner._files import opening
core = mock.Mock(wraps=opening._core)
opening._core = core
for n_threads in (None, 2):
    jetliner.read_avro(sys.argv[1], n_threads=n_threads)
    print(core.Reader.call_args.kwargs["n_threads"])
"""
    for environment, shown in (({"POLARS_MAX_THREADS": "5"}, "5\n2\n"), ({}, "0\n2\n")):
        command = [sys.executable, "-c", script, write_sales()]
        result = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        assert result.stdout == shown
