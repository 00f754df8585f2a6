"""The exceptions of jetliner. Each has the place of the failure, as far as it is known.

All derive from `JetlinerError`. `FileNotFoundError` and `PermissionError` also derive from the built-in exceptions with
the same names, and `ConfigurationError` from `ValueError`. If memory runs out, that is a `JetlinerError` itself, with
the variant "OutOfMemory". Indices count from 0, offsets are in bytes, and values that are not known are None.
"""

from __future__ import annotations

import builtins
import errno
import os
from typing import Any, TypeVar

__all__ = [
    "AuthenticationError",
    "CodecError",
    "ConfigurationError",
    "DecodeError",
    "EncodeError",
    "FileNotFoundError",
    "JetlinerError",
    "ParseError",
    "PermissionError",
    "SchemaError",
    "SourceError",
]


class JetlinerError(Exception):
    """The base of all errors of this package.

    Parameters
    ----------
    message
        What went wrong.
    variant
        The kind of failure, in more detail than the class: "InvalidMagic", "UnsupportedCodec", ... The page
        docs/errors.md lists all.
    """

    #: Names of the constructor's parameters, which are the attributes, in order.
    _fields: tuple[str, ...] = ("message", "variant")

    message: str
    variant: str

    def __init__(self, message: str, variant: str = "Unknown") -> None:
        super().__init__(message)
        self.message = message
        self.variant = variant

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes as a dictionary, in the order of the constructor's parameters."""
        return {name: getattr(self, name) for name in self._fields}

    def _place(self) -> list[str]:
        """Say in words where it happened; `str()` appends this to the first line of the message."""
        return []

    def __str__(self) -> str:
        place = self._place()
        first, line_end, others = self.message.partition("\n")
        return f"{first} ({', '.join(place)}){line_end}{others}" if place else self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.to_dict().items())})"

    def __reduce__(self) -> tuple[Any, ...]:
        # The default would call the class with `args`, which hold the message alone.
        others = {name: value for name, value in self.__dict__.items() if name not in self._fields}
        return type(self), tuple(self.to_dict().values()), others or None


_Error = TypeVar("_Error", bound=JetlinerError)


def with_hint(error: _Error, hint: str) -> _Error:
    """Return the same error with a text added to its message."""
    return type(error)(**{**error.to_dict(), "message": error.message + hint})


class DecodeError(JetlinerError):
    """The data of a record does not fit the schema.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file, as the caller gave it.
    block_index
        The block of the file.
    record_index
        The record in the block.
    file_offset
        Where the block starts in the file, in bytes.
    block_offset
        Where in the decompressed block it happened, in bytes.
    """

    _fields = ("message", "variant", "path", "block_index", "record_index", "file_offset", "block_offset")

    def __init__(
        self,
        message: str,
        variant: str = "Decode",
        path: str | None = None,
        block_index: int | None = None,
        record_index: int | None = None,
        file_offset: int | None = None,
        block_offset: int | None = None,
    ) -> None:
        super().__init__(message, variant)
        self.path = path
        self.block_index = block_index
        self.record_index = record_index
        self.file_offset = file_offset
        self.block_offset = block_offset

    def _place(self) -> list[str]:
        return _known(
            path=self.path,
            block=self.block_index,
            record=self.record_index,
            offset=self.file_offset,
            **{"offset in block": self.block_offset},
        )


class EncodeError(JetlinerError):
    """A value that is to be written does not fit the schema.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The target, as the caller gave it.
    row_index
        The row, counted over all that was written.
    field
        The column or field, its names joined by dots.
    """

    _fields = ("message", "variant", "path", "row_index", "field")

    def __init__(
        self,
        message: str,
        variant: str = "Encode",
        path: str | None = None,
        row_index: int | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message, variant)
        self.path = path
        self.row_index = row_index
        self.field = field

    def _place(self) -> list[str]:
        return _known(path=self.path, row=self.row_index, field=self.field)


class ParseError(JetlinerError):
    """The file is not a whole and sound Avro object container file.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file, as the caller gave it.
    file_offset
        Where in the file, in bytes.
    """

    _fields = ("message", "variant", "path", "file_offset")

    def __init__(
        self, message: str, variant: str = "Parse", path: str | None = None, file_offset: int | None = None
    ) -> None:
        super().__init__(message, variant)
        self.path = path
        self.file_offset = file_offset

    def _place(self) -> list[str]:
        return _known(path=self.path, offset=self.file_offset)


class SourceError(JetlinerError):
    """Reading or writing failed: of a disk, a store, or an open file.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file, as the caller gave it.
    """

    _fields = ("message", "variant", "path")

    def __init__(self, message: str, variant: str = "Source", path: str | None = None) -> None:
        super().__init__(message, variant)
        self.path = path

    def _place(self) -> list[str]:
        return _known(path=self.path)


class SchemaError(JetlinerError):
    """The schema is not valid or not supported, or it does not fit the arguments.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file, as the caller gave it.
    schema_context
        Where in the schema: the path of a field, or the part that is wrong.
    """

    _fields = ("message", "variant", "path", "schema_context")

    def __init__(
        self, message: str, variant: str = "Schema", path: str | None = None, schema_context: str | None = None
    ) -> None:
        super().__init__(message, variant)
        self.path = path
        self.schema_context = schema_context

    def _place(self) -> list[str]:
        context = self.schema_context
        if self.variant == "ColumnNotFound" and repr(context) in self.message:
            context = None  # no place in a schema, but the name that was not found
        return _known(path=self.path, **{"in schema": context})


class ColumnIndexError(SchemaError, IndexError):
    """There is no column of that index. It is not exported: catch `SchemaError` or `IndexError`."""


class CodecError(JetlinerError):
    """A block cannot be decompressed, or the codec of the file is not known.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file, as the caller gave it.
    codec
        The codec's name in the file, "" where it is not known.
    block_index
        The block of the file.
    file_offset
        Where the block starts in the file, in bytes.
    """

    _fields = ("message", "variant", "path", "codec", "block_index", "file_offset")

    def __init__(
        self,
        message: str,
        variant: str = "Codec",
        path: str | None = None,
        codec: str = "",
        block_index: int | None = None,
        file_offset: int | None = None,
    ) -> None:
        super().__init__(message, variant)
        self.path = path
        self.codec = codec
        self.block_index = block_index
        self.file_offset = file_offset

    def _place(self) -> list[str]:
        return _known(path=self.path, codec=self.codec or None, block=self.block_index, offset=self.file_offset)


class AuthenticationError(JetlinerError):
    """A store refused the credentials.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file, as the caller gave it.
    """

    _fields = ("message", "variant", "path")

    def __init__(self, message: str, variant: str = "AuthenticationFailed", path: str | None = None) -> None:
        super().__init__(message, variant)
        self.path = path

    def _place(self) -> list[str]:
        return _known(path=self.path)


class FileNotFoundError(JetlinerError, builtins.FileNotFoundError):  # noqa: A001 (it is one)
    """There is no such file, or a pattern matches none.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file or pattern, as the caller gave it; also `filename`, as in the built-in exception.
    """

    _fields = ("message", "variant", "path")

    def __init__(self, message: str, variant: str = "NotFound", path: str | None = None) -> None:
        super().__init__(message, variant)
        self.path = path
        _set_os_error(self, errno.ENOENT, path)


class MissingObjectError(FileNotFoundError, SourceError):
    """A store has no such object or bucket. It is not exported: catch `FileNotFoundError` or `SourceError`."""

    def _place(self) -> list[str]:
        return []


class PermissionError(JetlinerError, builtins.PermissionError):  # noqa: A001 (it is one)
    """The file may not be read.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    path
        The file, as the caller gave it; also `filename`, as in the built-in exception.
    """

    _fields = ("message", "variant", "path")

    def __init__(self, message: str, variant: str = "PermissionDenied", path: str | None = None) -> None:
        super().__init__(message, variant)
        self.path = path
        _set_os_error(self, errno.EACCES, path)


class ConfigurationError(JetlinerError, ValueError):
    """An argument has a value that is not allowed.

    Parameters
    ----------
    message, variant
        As in `JetlinerError`.
    """

    def __init__(self, message: str, variant: str = "Configuration") -> None:
        super().__init__(message, variant)


def _known(**place: str | int | None) -> list[str]:
    """Put the known parts of a place into words."""
    return [
        f"{'file' if name == 'path' else name} {value!r}" if isinstance(value, str) else f"{name} {value}"
        for name, value in place.items()
        if value is not None
    ]


def _set_os_error(error: OSError, number: int, path: str | None) -> None:
    error.errno = number
    error.strerror = os.strerror(number)
    error.filename = path
