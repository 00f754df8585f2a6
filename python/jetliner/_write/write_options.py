"""WriteOptions: the options that the writing functions have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from jetliner._options import checks
from jetliner._options.checks import Bounds
from jetliner._options.defaults import LARGEST_N_THREADS
from jetliner._options.reader_schema import schema_text
from jetliner._options.redact import described
from jetliner.exceptions import ConfigurationError

Compression: TypeAlias = Literal["null", "uncompressed", "deflate", "snappy", "zstandard", "zstd", "bzip2", "xz"]
InvalidNames: TypeAlias = Literal["raise", "replace", "keep"]
_COMPRESSIONS, _INVALID_NAMES = get_args(Compression), get_args(InvalidNames)
_CODECS = {"uncompressed": "null", "zstd": "zstandard"}
_SYNC_MARKER_BYTES = 16


class WriteOptions(NamedTuple):
    """Options of writing: immutable values. Arguments of the caller become options by `WriteOptions(...).checked()`.

    `jetliner._options.parameters` describes each option.
    """

    schema: Any = None  # AvroSchema | None; when checked: str | None
    name: str = "Row"
    namespace: str | None = None
    compression: Compression = "snappy"
    compression_level: int | None = None
    block_bytes: int = 64_000
    sync_marker: bytes | None = None
    metadata: Any = None  # Mapping[str, str | bytes] | None; when checked: list[tuple[str, bytes]]
    append: bool = False
    max_rows_per_file: int | None = None
    max_bytes_per_file: int | None = None
    invalid_names: InvalidNames = "raise"
    mkdir: bool = False
    n_threads: int | None = None
    storage_options: dict[str, str] | None = None  # may hold secrets
    credential_provider: Any = "auto"  # CredentialProviderArgument (_stores/credentials.py)

    def checked(self) -> WriteOptions:
        """Return the same options after checks, with the schema as JSON text.

        Raises
        ------
        TypeError
            An option has a value of the wrong type.
        ConfigurationError
            An option has a value that is not allowed (this is a ValueError).
        """
        checks.check_choice("compression", self.compression, _COMPRESSIONS)
        checks.check_choice("invalid_names", self.invalid_names, _INVALID_NAMES)
        checks.check_flag("append", self.append)
        checks.check_flag("mkdir", self.mkdir)
        _check_text("name", self.name)
        if self.namespace is not None:
            _check_text("namespace", self.namespace)
        if self.storage_options is not None:
            checks.check_storage_options(self.storage_options)
        level = self.compression_level
        return self._replace(
            schema=None if self.schema is None else schema_text(self.schema, "schema"),
            compression_level=None if level is None else checks.integer("compression_level", level, Bounds(-1000)),
            block_bytes=checks.integer("block_bytes", self.block_bytes, Bounds()) or 0,
            sync_marker=_sync_marker(self.sync_marker),
            metadata=_metadata(self.metadata),
            max_rows_per_file=checks.integer("max_rows_per_file", self.max_rows_per_file, Bounds(or_none=True)),
            max_bytes_per_file=checks.integer("max_bytes_per_file", self.max_bytes_per_file, Bounds(or_none=True)),
            n_threads=checks.integer("n_threads", self.n_threads, Bounds(largest=LARGEST_N_THREADS, or_none=True)),
        )

    @property
    def codec(self) -> str:
        """The name of the codec in Avro's files."""
        return _CODECS.get(self.compression, self.compression)

    @property
    def cuts_files(self) -> bool:
        """Whether the rows may go to several files in a directory."""
        return self.max_rows_per_file is not None or self.max_bytes_per_file is not None

    def __repr__(self) -> str:
        hidden = {"storage_options", "credential_provider"}
        shown = (f"{name}={value!r}" for name, value in self._asdict().items() if name not in hidden)
        return f"WriteOptions({', '.join(shown)})"

    def for_core(self) -> dict[str, Any]:
        """Return the arguments of the core's writer."""
        return {
            "schema": self.schema,
            "name": self.name,
            "namespace": self.namespace or "",
            "invalid_names": self.invalid_names,
            "codec": self.codec,
            "compression_level": self.compression_level,
            "block_bytes": self.block_bytes,
            "sync_marker": self.sync_marker,
            "metadata": self.metadata,
            "max_rows_per_file": self.max_rows_per_file,
            "max_bytes_per_file": self.max_bytes_per_file,
            "n_threads": self.n_threads or 0,
        }


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        msg = f"{name} must be str, got {described(value)}"
        raise TypeError(msg)
    if not checks.is_utf8(value):
        msg = f"{name} must be valid Unicode text, got {value!r}"
        raise ConfigurationError(msg)


def _sync_marker(value: Any) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, (bytes, bytearray, memoryview)):
        msg = f"sync_marker must be bytes or None, got {described(value)}"
        raise TypeError(msg)
    marker = bytes(value)
    if len(marker) != _SYNC_MARKER_BYTES:
        msg = f"sync_marker must have {_SYNC_MARKER_BYTES} bytes, got {len(marker)}"
        raise ConfigurationError(msg)
    return marker


def _metadata(value: Any) -> list[tuple[str, bytes]]:
    if value is None:
        return []
    if not isinstance(value, Mapping):
        msg = f"metadata must be a dict of str to str or bytes, or None, got {described(value)}"
        raise TypeError(msg)
    entries = []
    for key, content in value.items():
        _check_text("a key of metadata", key)
        if isinstance(content, str):
            _check_text("a value of metadata", content)
        elif not isinstance(content, (bytes, bytearray, memoryview)):
            msg = f"values of metadata must be str or bytes, got {described(content)}"
            raise TypeError(msg)
        entries.append((key, content.encode() if isinstance(content, str) else bytes(content)))
    return entries
