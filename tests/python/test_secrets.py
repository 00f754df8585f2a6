"""Credentials stay out of whatever may be logged."""

from __future__ import annotations

import pickle
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

import jetliner
from conftest import WriteSales
from jetliner._columns.table import Table
from jetliner._options.read_options import ReadOptions
from jetliner._query.io_source import AvroScan

SECRET = "wJalrXUtnFEMI"
OPTIONS = {"aws_secret_access_key": SECRET, "aws_access_key_id": SECRET, "no such key": SECRET}
URLS = [
    f"s3://user:{SECRET}@bucket/key",
    f"https://{SECRET}@example.com/x.avro",
    f"https://example.com/x.avro?X-Amz-Signature={SECRET}",
    f"https://example.com/x.avro#{SECRET}",
]
ENTRIES: list[Callable[..., object]] = [
    jetliner.read_avro,
    jetliner.scan_avro,
    jetliner.read_avro_schema,
    jetliner.AvroReader,
    lambda path, **options: jetliner.MultiAvroReader([path], **options),
]


def told_by(error: BaseException) -> str:
    told = [str(error), repr(error), repr(error.args), repr(vars(error))]
    if isinstance(error, jetliner.JetlinerError):
        told.append(repr(error.to_dict()))
    return "\n".join([*told, *traceback.format_exception(error)[-1:]])


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("url", URLS)
def test_credentials_in_urls(entry: Callable[..., object], url: str) -> None:
    with pytest.raises(jetliner.SourceError) as caught:
        entry(url, storage_options=OPTIONS)
    assert SECRET not in told_by(caught.value)


@pytest.mark.parametrize("entry", ENTRIES)
def test_storage_options_in_errors_and_warnings(entry: Callable[..., object], tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(jetliner.FileNotFoundError) as caught:
            entry(str(tmp_path / "missing.avro"), storage_options=OPTIONS)
    assert SECRET not in told_by(caught.value)
    assert SECRET not in "".join(str(warning.message) for warning in seen)


@pytest.mark.parametrize(
    "options",
    [{"key": SECRET.encode()}, {SECRET.encode(): "value"}, [SECRET], {"key": [SECRET]}, {"key": 5, "a": SECRET}],
)
def test_storage_options_of_wrong_types(write_sales: WriteSales, options: object) -> None:
    with pytest.raises(TypeError) as caught:
        jetliner.read_avro(write_sales(), storage_options=options)  # type: ignore[arg-type]
    assert SECRET not in told_by(caught.value)


def test_storage_options_in_representations(write_sales: WriteSales) -> None:
    path = write_sales()
    options = ReadOptions(storage_options=OPTIONS)
    scan = jetliner.scan_avro(path, storage_options=OPTIONS)
    reader = jetliner.AvroReader(path, storage_options=OPTIONS)
    for told in (
        repr(options),
        repr(scan),
        scan.explain(),
        repr(reader),
        repr(AvroScan(Table([path], options, reader.polars_schema))),
    ):
        assert SECRET not in told
    # A pickled query does hold them: it could not be collected elsewhere without.
    assert pickle.loads(pickle.dumps(options)).storage_options == OPTIONS


@pytest.mark.parametrize("scheme", ["https", "my-scheme", "a.b", " https"])
def test_credentials_in_urls_of_any_scheme(scheme: str) -> None:
    for entry in (jetliner.scan_avro, jetliner.AvroReader):
        with pytest.raises(jetliner.JetlinerError) as caught:
            entry(f"{scheme}://user:hunter2@host/x.avro")  # type: ignore[operator]
        assert "hunter2" not in repr(caught.value)
        assert "hunter2" not in str(caught.value.path)


@pytest.mark.parametrize("url", ["https://host/x.avsc?signature=hunter2", "s3://user:hunter2@bucket/x.avsc"])
def test_credentials_in_the_url_of_a_reader_schema(write_sales: WriteSales, url: str) -> None:
    with pytest.raises(jetliner.ConfigurationError, match="not a URL") as caught:
        jetliner.read_avro(write_sales(), reader_schema=url)
    assert "hunter2" not in repr(caught.value)
