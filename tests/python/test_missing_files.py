"""Paths of what is not there, or is no file, or is no text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import jetliner
from conftest import WriteSales
from entry_points import paths_read

ENTRY_POINTS = [
    jetliner.read_avro,
    jetliner.scan_avro,
    jetliner.read_avro_schema,
    jetliner.AvroReader,
    lambda path: jetliner.MultiAvroReader([path]),
]
EACH_ENTRY_POINT = pytest.mark.parametrize("entry", ENTRY_POINTS, ids=["read", "scan", "schema", "reader", "multi"])


@EACH_ENTRY_POINT
@pytest.mark.parametrize("path", ["absent.avro", "./absent.avro", "no/such/directory.avro", ""])
def test_missing_file_at_the_call_with_the_path_as_given(entry: Any, path: str, in_tmp: Path) -> None:
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        entry(path)
    assert caught.value.path == path


@EACH_ENTRY_POINT
def test_missing_file_given_as_path_object(entry: Any, in_tmp: Path) -> None:
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        entry(Path("absent.avro"))
    assert caught.value.path == "absent.avro"


def test_missing_file_among_others(write_sales: WriteSales) -> None:
    for read in (jetliner.read_avro, jetliner.scan_avro):
        with pytest.raises(jetliner.FileNotFoundError) as caught:
            read([write_sales(), "absent.avro"])
        assert caught.value.path == "absent.avro"


@EACH_ENTRY_POINT
def test_empty_file_is_a_source_error(entry: Any, tmp_path: Path) -> None:
    path = tmp_path / "empty.avro"
    path.touch()
    with pytest.raises(jetliner.SourceError, match=r"file|size|offset") as caught:
        entry(str(path))
    assert caught.value.path == str(path)


@pytest.mark.parametrize("entry", [jetliner.AvroReader, lambda path: jetliner.MultiAvroReader([path])])
def test_directory_is_a_source_error_of_the_readers(entry: Any, tmp_path: Path) -> None:
    with pytest.raises(jetliner.SourceError) as caught:
        entry(str(tmp_path))
    assert caught.value.path == str(tmp_path)


def test_unreadable_file_is_a_permission_error(write_sales: WriteSales) -> None:
    path = write_sales()
    Path(path).chmod(0)
    # In a process that is not root, which may read everything.
    script = """
import os, sys, jetliner
entries = [jetliner.read_avro, jetliner.scan_avro, jetliner.read_avro_schema, jetliner.AvroReader,
           lambda path: jetliner.MultiAvroReader([path])]
if os.geteuid() == 0:
    os.seteuid(65534)  # after the imports: they read files of Python
path = sys.argv[1]
for entry in entries:
    try:
        entry(path)
    except jetliner.PermissionError as error:
        assert error.path == error.filename == path
        print("refused")
"""
    result = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["refused"] * 5


@EACH_ENTRY_POINT
def test_path_that_is_not_unicode(entry: Any, write_sales: WriteSales, in_tmp: Path) -> None:
    path = os.fsdecode(b"caf\xe9.avro")
    Path(write_sales()).rename(path)
    entry(path)
    with pytest.raises(jetliner.FileNotFoundError) as caught:
        entry("not-" + path)
    assert caught.value.path == "not-" + path


def test_path_column_refuses_paths_that_are_not_unicode(write_sales: WriteSales, in_tmp: Path) -> None:
    # Polars takes strings without checking them.
    path = os.fsdecode(b"caf\xe9.avro")
    Path(write_sales()).rename(path)
    with pytest.raises(jetliner.ConfigurationError, match="include_file_paths"):
        jetliner.read_avro(path, include_file_paths="path")


def test_path_with_other_letters(write_sales: WriteSales, in_tmp: Path) -> None:
    write_sales("données/日本 +=.avro", 1)
    assert paths_read("données/*.avro") == ["données/日本 +=.avro"]
