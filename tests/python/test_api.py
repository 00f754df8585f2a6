"""The surface of the module: names, signatures, defaults, and the checks of arguments."""

from __future__ import annotations

import doctest
import inspect
import re
import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import jetliner
import jetliner.count
import jetliner.exceptions
import jetliner.metadata
import jetliner.read
import jetliner.reader
import jetliner.scan
from conftest import WriteSales
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan

NAMES = [
    "scan_avro",
    "read_avro",
    "read_avro_schema",
    "AvroReader",
    "MultiAvroReader",
    "BadBlockError",
    "JetlinerError",
    "DecodeError",
    "ParseError",
    "SourceError",
    "SchemaError",
    "CodecError",
    "AuthenticationError",
    "FileNotFoundError",
    "PermissionError",
    "ConfigurationError",
    "FileSource",
    "AvroMetadata",
    "count_rows",
    "plan_splits",
    "AvroSplit",
    "read_avro_metadata",
    "write_avro",
    "sink_avro",
    "AvroWriter",
    "avro_schema",
    "EncodeError",
]

IO_DEFAULTS = {
    "batch_size": 100_000,
    "buffer_blocks": 4,
    "buffer_bytes": 67_108_864,
    "read_chunk_size": None,
    "max_block_size": 536_870_912,
    "max_empty_rows": 16_777_216,
    "ignore_errors": False,
    "storage_options": None,
    "credential_provider": "auto",
    "n_threads": None,
    "reader_schema": None,
    "enum_as": "enum",
    "map_as": "list",
    "utf8": "strict",
    "invalid_values": "raise",
    "progress": False,
}
ROW_DEFAULTS = {"n_rows": None, "row_index_name": None, "row_index_offset": 0, "include_file_paths": None}
INSPECT_OPTIONS = ("ignore_errors", "storage_options", "credential_provider", "read_chunk_size", "max_block_size")
MANY_FILES_DEFAULTS = {
    "missing_columns": "raise",
    "extra_columns": "raise",
    "schema": None,
    "cast_options": None,
    "hive_partitioning": None,
    "hive_schema": None,
    "try_parse_hive_dates": True,
}
DEFAULTS: dict[str, dict[str, Any]] = {
    "scan_avro": {**IO_DEFAULTS, **ROW_DEFAULTS, **MANY_FILES_DEFAULTS, "glob": True},
    "read_avro": {**IO_DEFAULTS, **ROW_DEFAULTS, **MANY_FILES_DEFAULTS, "glob": True, "columns": None},
    "read_avro_schema": {
        "storage_options": None,
        "credential_provider": "auto",
        "glob": True,
        "reader_schema": None,
        "enum_as": "enum",
        "map_as": "list",
    },
    "read_avro_metadata": {
        **{name: IO_DEFAULTS[name] for name in INSPECT_OPTIONS},
        "blocks": False,
        "glob": True,
    },
    "count_rows": {
        **{name: IO_DEFAULTS[name] for name in (*INSPECT_OPTIONS, "max_empty_rows", "n_threads")},
        "glob": True,
    },
    "AvroReader": {**IO_DEFAULTS, "columns": None, "projected_columns": None},
    "MultiAvroReader": {**IO_DEFAULTS, **ROW_DEFAULTS, "columns": None, "projected_columns": None},
}


def call(name: str, path: str, **options: Any) -> Any:
    """Call an entry point with one file."""
    return getattr(jetliner, name)([path] if name == "MultiAvroReader" else path, **options)


def entry_points(option: str) -> list[str]:
    return [name for name, defaults in DEFAULTS.items() if option in defaults]


def with_option(*options: str) -> Callable[..., Any]:
    """Each entry point that has one of these options, with that option."""
    return pytest.mark.parametrize(
        ("name", "option"), [(name, option) for option in options for name in entry_points(option)]
    )


def test_all_names_the_public_api() -> None:
    assert sorted(jetliner.__all__) == sorted(NAMES)
    for name in NAMES:
        assert hasattr(jetliner, name)


def test_dir_shows_the_api_alone() -> None:
    assert dir(jetliner) == sorted([*NAMES, "__version__"])
    assert jetliner.reader.AvroReader is jetliner.AvroReader  # modules are there, but not shown


def test_version_is_that_of_the_build() -> None:
    cmake = (Path(__file__).parents[2] / "CMakeLists.txt").read_text()
    match = re.search(r"project\(jetliner VERSION ([0-9.]+)", cmake)
    assert match is not None
    assert jetliner.__version__ == match[1]


def test_file_source_is_a_type() -> None:
    assert typing.get_args(jetliner.FileSource)[0] is str


def test_package_is_typed() -> None:
    folder = Path(jetliner.__file__).parent
    assert (folder / "py.typed").exists()
    assert (folder / "_core.pyi").exists()


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_defaults(name: str) -> None:
    parameters = list(inspect.signature(getattr(jetliner, name)).parameters.values())
    assert {parameter.name: parameter.default for parameter in parameters[1:]} == DEFAULTS[name]


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_all_but_the_first_argument_are_keyword_only(name: str) -> None:
    parameters = list(inspect.signature(getattr(jetliner, name)).parameters.values())
    assert {parameter.kind for parameter in parameters[1:]} == {inspect.Parameter.KEYWORD_ONLY}
    with pytest.raises(TypeError, match="positional"):
        getattr(jetliner, name)("absent.avro", 1000)


@pytest.mark.parametrize("name", list(DEFAULTS))
def test_unknown_keyword_is_reported_before_any_file_is_touched(name: str) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        call(name, "absent.avro", no_such_option=1)


# Since 3.13, CPython names the option that looks like it. No function may hide this.
@pytest.mark.skipif(sys.version_info < (3, 13), reason="CPython suggests names since 3.13")
@pytest.mark.parametrize("name", list(DEFAULTS))
def test_a_misspelt_keyword_names_the_right_one(name: str) -> None:
    option = list(inspect.signature(getattr(jetliner, name)).parameters)[1]
    with pytest.raises(TypeError, match=f"Did you mean '{option}'"):
        call(name, "absent.avro", **{option + "x": 1})


def test_scan_avro_has_no_columns_argument(write_sales: WriteSales) -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'columns': use scan_avro\(...\).select\(...\)"):
        jetliner.scan_avro(write_sales(), columns=["user_id"])  # type: ignore[call-arg]


def test_help_of_writers_is_about_writing() -> None:
    for function in (jetliner.write_avro, jetliner.sink_avro, jetliner.AvroWriter):
        assert "threads that encode" in (function.__doc__ or "")
        assert "threads that decode" not in (function.__doc__ or "")
    assert "max_rows_per_file" not in (jetliner.AvroWriter.__doc__ or "")


def test_bad_block_error_cannot_be_constructed() -> None:
    with pytest.raises(TypeError):
        jetliner.BadBlockError()
    with pytest.raises(TypeError):
        jetliner.BadBlockError("RecordDecodeFailed", 0, None, 0, "message", "path")  # type: ignore[call-arg]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("FileSource",)])
def test_public_names_have_docstrings(name: str) -> None:
    assert getattr(jetliner, name).__doc__


# --- arguments ---


@with_option("batch_size", "buffer_blocks", "buffer_bytes", "read_chunk_size", "max_block_size", "n_threads", "n_rows")
def test_numbers_must_be_numbers(name: str, option: str) -> None:
    for wrong in ("10", 1.5, [1], True):
        with pytest.raises(TypeError, match=option) as caught:
            call(name, "absent.avro", **{option: wrong})
        assert repr(wrong) in str(caught.value)


@with_option("batch_size", "buffer_blocks", "buffer_bytes")
def test_numbers_without_none(name: str, option: str) -> None:
    with pytest.raises(TypeError, match=option):
        call(name, "absent.avro", **{option: None})


@with_option("batch_size", "buffer_blocks", "buffer_bytes", "read_chunk_size", "max_block_size", "n_threads", "n_rows")
def test_numbers_must_not_be_negative(name: str, option: str) -> None:
    with pytest.raises((OverflowError, ValueError), match=f"{option}.*-1"):
        call(name, "absent.avro", **{option: -1})


@with_option("batch_size", "buffer_blocks", "buffer_bytes", "read_chunk_size", "max_block_size", "n_threads")
def test_zero_is_not_allowed(name: str, option: str) -> None:
    with pytest.raises(jetliner.ConfigurationError, match=f"{option} must be from 1 "):
        call(name, "absent.avro", **{option: 0})


@with_option("batch_size", "buffer_blocks", "buffer_bytes", "read_chunk_size", "max_block_size", "n_rows")
def test_numbers_beyond_64_bits_are_refused(name: str, option: str) -> None:
    with pytest.raises(jetliner.ConfigurationError, match=option):
        call(name, "absent.avro", **{option: 2**63})


@with_option("batch_size", "buffer_blocks", "buffer_bytes", "read_chunk_size", "max_block_size", "n_rows")
def test_largest_numbers_are_accepted(name: str, option: str, write_sales: WriteSales) -> None:
    call(name, write_sales(rows=10), **{option: 2**63 - 1})


@with_option("batch_size", "n_rows", "row_index_offset")
def test_whole_numbers_of_other_types_are_numbers(name: str, option: str, write_sales: WriteSales) -> None:
    class Five:  # as NumPy's integers are
        def __index__(self) -> int:
            return 5

    call(name, write_sales(rows=10), **{option: Five()})


@with_option("n_threads")
def test_number_of_threads_has_a_maximum(name: str, option: str, write_sales: WriteSales) -> None:
    with pytest.raises(jetliner.ConfigurationError, match="n_threads must be from 1 to 1024, or None, got 1025"):
        call(name, "absent.avro", **{option: 1025})
    call(name, write_sales(rows=10), **{option: 1024})


@with_option("ignore_errors", "glob")
def test_flags_must_be_bool(name: str, option: str) -> None:
    for wrong in (1, "yes", None):
        with pytest.raises(TypeError, match=f"{option} must be True or False"):
            call(name, "absent.avro", **{option: wrong})


@with_option("row_index_name", "include_file_paths")
def test_names_of_added_columns_must_be_text(name: str, option: str) -> None:
    with pytest.raises(TypeError, match=option):
        call(name, "absent.avro", **{option: 5})


@with_option("row_index_name", "include_file_paths")
def test_names_of_added_columns_must_be_unicode(name: str, option: str) -> None:
    with pytest.raises(ValueError, match=option):
        call(name, "absent.avro", **{option: "\ud800"})


@with_option("row_index_name", "include_file_paths")
def test_names_of_added_columns_must_not_hold_a_null_character(name: str, option: str) -> None:
    # Arrow's names end at it: the column would be called "a".
    with pytest.raises(jetliner.ConfigurationError, match=f"{option} must not contain a null character"):
        call(name, "absent.avro", **{option: "a\0b"})


@with_option("row_index_offset")
def test_row_index_offset_must_not_be_negative(name: str, option: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        call(name, "absent.avro", row_index_name="i", **{option: -1})


@with_option("row_index_offset")
def test_row_index_offset_has_a_maximum(name: str, option: str, write_sales: WriteSales) -> None:
    with pytest.raises(ValueError, match="exceeds maximum"):
        call(name, "absent.avro", row_index_name="i", **{option: 2**32})
    call(name, write_sales(), row_index_name="i", **{option: 2**32 - 1})


@with_option("row_index_offset")
def test_row_index_offset_must_be_a_number(name: str, option: str) -> None:
    for wrong in ("1", 1.0, False, None):
        with pytest.raises(TypeError, match=option):
            call(name, "absent.avro", **{option: wrong})


@with_option("storage_options")
def test_storage_options_must_be_text_to_text(name: str, option: str) -> None:
    for wrong in ([("a", "b")], "a=b", {"max_retries": 3}, {1: "b"}):
        with pytest.raises(TypeError, match="storage_options"):
            call(name, "absent.avro", **{option: wrong})


@with_option("storage_options")
def test_values_of_storage_options_are_not_in_the_message(name: str, option: str) -> None:
    for wrong in ({"aws_secret_access_key": b"hunter2"}, [("aws_secret_access_key", "hunter2")]):
        with pytest.raises(TypeError) as caught:
            call(name, "absent.avro", **{option: wrong})
        assert "hunter2" not in str(caught.value)


def test_storage_options_are_not_in_a_repr() -> None:
    options = ReadOptions(storage_options={"aws_secret_access_key": "hunter2"})
    scan = AvroScan(Table(["a.avro"], options, pl.Schema()))
    assert "batch_size=100000" in repr(scan)
    for text in (repr(options), repr(scan)):
        assert "hunter2" not in text
        assert "storage_options" not in text


@with_option("storage_options")
def test_storage_options_do_not_matter_for_local_files(name: str, option: str, write_sales: WriteSales) -> None:
    call(name, write_sales(), **{option: {"region": "eu-west-1"}})


@with_option("projected_columns")
def test_projected_columns_must_be_a_list_of_names(name: str, option: str) -> None:
    for wrong in ("user_id", [1], 5):
        with pytest.raises(TypeError, match="projected_columns"):
            call(name, "absent.avro", **{option: wrong})


# --- the examples in the docstrings ---

MODULES = [
    jetliner,
    jetliner.count,
    jetliner.exceptions,
    jetliner.metadata,
    jetliner.read,
    jetliner.reader,
    jetliner.scan,
]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_of_docstrings(module: Any, in_tmp: Path) -> None:
    script = Path(__file__).parents[2] / "examples" / "sales.py"
    subprocess.run([sys.executable, str(script)], check=True)
    with pl.Config(set_tbl_rows=8):
        assert doctest.testmod(module).failed == 0
