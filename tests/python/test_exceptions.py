"""The exception family: classes, constructors, texts, and what Python's own exceptions promise."""

from __future__ import annotations

import builtins
import copy
import errno
import os
import pickle
from typing import Any

import pytest

import jetliner
import jetliner.exceptions

# Class, default variant, attributes after message and variant with an example of each.
FAMILY: list[tuple[str, str, dict[str, Any]]] = [
    ("JetlinerError", "Unknown", {}),
    (
        "DecodeError",
        "Decode",
        {"path": "a.avro", "block_index": 3, "record_index": 7, "file_offset": 1024, "block_offset": 55},
    ),
    ("ParseError", "Parse", {"path": "a.avro", "file_offset": 16}),
    ("SourceError", "Source", {"path": "a.avro"}),
    ("SchemaError", "Schema", {"path": "a.avro", "schema_context": "person.address"}),
    ("CodecError", "Codec", {"path": "a.avro", "codec": "snappy", "block_index": 2, "file_offset": 99}),
    ("AuthenticationError", "AuthenticationFailed", {"path": "a.avro"}),
    ("FileNotFoundError", "NotFound", {"path": "a.avro"}),
    ("PermissionError", "PermissionDenied", {"path": "a.avro"}),
    ("ConfigurationError", "Configuration", {}),
]
EACH = pytest.mark.parametrize(("name", "variant", "place"), FAMILY, ids=[name for name, _, _ in FAMILY])


@EACH
def test_is_exported_by_package_and_module(name: str, variant: str, place: dict[str, Any]) -> None:
    assert getattr(jetliner, name) is getattr(jetliner.exceptions, name)


@EACH
def test_derives_from_jetliner_error(name: str, variant: str, place: dict[str, Any]) -> None:
    assert issubclass(getattr(jetliner, name), jetliner.JetlinerError)


@EACH
def test_message_alone_is_enough(name: str, variant: str, place: dict[str, Any]) -> None:
    error = getattr(jetliner, name)("broken")
    unknown = {key: "" if key == "codec" else None for key in place}
    assert error.to_dict() == {"message": "broken", "variant": variant, **unknown}


@EACH
def test_positional_arguments_are_attributes_in_order(name: str, variant: str, place: dict[str, Any]) -> None:
    error = getattr(jetliner, name)("broken", "Special", *place.values())
    expected = {"message": "broken", "variant": "Special", **place}
    assert list(error.to_dict().items()) == list(expected.items())
    for attribute, value in expected.items():
        assert getattr(error, attribute) == value


@EACH
def test_keyword_arguments(name: str, variant: str, place: dict[str, Any]) -> None:
    error = getattr(jetliner, name)(message="broken", variant="Special", **place)
    assert error.to_dict() == {"message": "broken", "variant": "Special", **place}


@EACH
def test_repr_names_class_and_every_attribute_in_order(name: str, variant: str, place: dict[str, Any]) -> None:
    error = getattr(jetliner, name)("it's broken", "Special", *place.values())
    attributes = {"message": "it's broken", "variant": "Special", **place}
    assert repr(error) == f"{name}({', '.join(f'{key}={value!r}' for key, value in attributes.items())})"


@EACH
def test_survives_pickle_and_copy(name: str, variant: str, place: dict[str, Any]) -> None:
    error = getattr(jetliner, name)("broken", "Special", *place.values())
    error.note_of_caller = "kept"
    for clone in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(clone) is type(error)
        assert clone.to_dict() == error.to_dict()
        assert str(clone) == str(error)
        assert clone.note_of_caller == "kept"


@EACH
def test_text_has_the_message(name: str, variant: str, place: dict[str, Any]) -> None:
    assert "broken" in str(getattr(jetliner, name)("broken"))
    assert "broken" in str(getattr(jetliner, name)("broken", variant, *place.values()))


def test_text_of_jetliner_error_is_the_message() -> None:
    assert str(jetliner.JetlinerError("broken")) == "broken"


def test_text_of_decode_error_names_path_block_and_record() -> None:
    text = str(jetliner.DecodeError("bad value", path="data/x.avro", block_index=3, record_index=7))
    assert "data/x.avro" in text
    assert "block 3" in text
    assert "record 7" in text


def test_text_of_decode_error_leaves_out_what_is_unknown() -> None:
    text = str(jetliner.DecodeError("bad value", block_index=0))
    assert "block 0" in text
    assert "record" not in text
    assert "None" not in text


def test_text_of_parse_error_names_path_and_offset() -> None:
    text = str(jetliner.ParseError("bad magic", path="data/x.avro", file_offset=0))
    assert "data/x.avro" in text
    assert "offset 0" in text


@pytest.mark.parametrize("name", ["SourceError", "SchemaError", "CodecError"])
def test_text_names_the_path(name: str) -> None:
    assert "data/x.avro" in str(getattr(jetliner, name)("broken", path="data/x.avro"))


def test_text_of_codec_error_names_the_codec() -> None:
    assert "lzo" in str(jetliner.CodecError("unknown codec", codec="lzo"))


def test_text_of_schema_error_names_the_context() -> None:
    assert "person.address" in str(jetliner.SchemaError("no such type", schema_context="person.address"))


# "there is no column 'idd' (in schema 'idd')": the name that was not found is no place in a schema.
def test_text_of_schema_error_has_the_name_of_a_missing_column_once() -> None:
    error = jetliner.SchemaError("there is no column 'idd'", "ColumnNotFound", "a.avro", "idd")
    assert str(error) == "there is no column 'idd' (file 'a.avro')"
    assert error.schema_context == "idd"
    assert "idd" in str(jetliner.SchemaError("there is no such column", "ColumnNotFound", "a.avro", "idd"))


@pytest.mark.parametrize("name", ["FileNotFoundError", "PermissionError"])
def test_text_of_file_errors_is_the_message_alone(name: str) -> None:
    assert str(getattr(jetliner, name)("no file here", path="data/x.avro")) == "no file here"


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("FileNotFoundError", builtins.FileNotFoundError),
        ("PermissionError", builtins.PermissionError),
        ("ConfigurationError", ValueError),
    ],
)
def test_builtin_base(name: str, builtin: type[Exception]) -> None:
    with pytest.raises(builtin):
        raise getattr(jetliner, name)("broken")


@pytest.mark.parametrize(
    "name",
    ["JetlinerError", "DecodeError", "ParseError", "SourceError", "SchemaError", "CodecError", "AuthenticationError"],
)
def test_no_other_class_has_a_builtin_base_but_exception(name: str) -> None:
    bases = {base for base in getattr(jetliner, name).__mro__ if base.__module__ == "builtins"}
    assert bases == {Exception, BaseException, object}


@pytest.mark.parametrize(("name", "number"), [("FileNotFoundError", errno.ENOENT), ("PermissionError", errno.EACCES)])
def test_file_errors_have_the_attributes_of_os_error(name: str, number: int) -> None:
    error = getattr(jetliner, name)("broken", path="data/x.avro")
    assert error.errno == number
    assert error.strerror == os.strerror(number)
    assert error.filename == error.path == "data/x.avro"
    clone = pickle.loads(pickle.dumps(error))
    assert (clone.errno, clone.strerror, clone.filename) == (error.errno, error.strerror, error.filename)


@pytest.mark.parametrize("name", ["FileNotFoundError", "PermissionError"])
def test_file_errors_without_a_path_have_no_filename(name: str) -> None:
    assert getattr(jetliner, name)("broken").filename is None


def test_a_caller_of_builtin_file_not_found_error_catches_ours(in_tmp: object) -> None:
    with pytest.raises(builtins.FileNotFoundError) as caught:
        jetliner.read_avro("absent.avro")
    assert caught.value.errno == errno.ENOENT
    assert caught.value.filename == "absent.avro"
