"""The content of a file besides its rows: read_avro_metadata."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from jetliner import _core
from jetliner._columns.schema_dict import schema_dict
from jetliner._files.opening import open_inspector
from jetliner._files.sources import FileSource, first_file
from jetliner._options import defaults
from jetliner._options.checks import check_flag
from jetliner._options.parameters import documented
from jetliner._options.read_options import ReadOptions
from jetliner._stores.credentials import CredentialProviderArgument

_BLOCKS = pl.Schema(
    {
        "index": pl.Int64,
        "offset": pl.UInt64,
        "rows": pl.UInt64,
        "compressed_bytes": pl.UInt64,
        "uncompressed_bytes": pl.UInt64,
    }
)


@dataclass(frozen=True, slots=True)
class AvroMetadata:
    """The header of an Avro file, and its blocks if they were asked for.

    Attributes
    ----------
    path : str
        The file, as given or as matched by a pattern.
    size_bytes : int
        The size of the file.
    header_bytes : int
        The size of the header. The first block starts there.
    codec : str
        How the blocks are compressed: "null", "deflate", "snappy", "zstandard", "bzip2" or "xz".
    sync_marker : bytes
        The 16 bytes after each block.
    schema_json : str
        The schema that the file was written with, as text.
    metadata : dict of str to bytes
        All entries of the header, in its order, including those of Avro itself ("avro.schema", "avro.codec"). Values
        are bytes, as they were written. If a key is not valid UTF-8, its wrong bytes are replaced.
    blocks : polars.DataFrame or None
        One row for each block that has rows. `index` counts all blocks from 0, also those without rows. `offset` is the
        first byte of the block in the file. `rows` is the number of its rows, `compressed_bytes` the size of its data
        in the file, and `uncompressed_bytes` the size after decompression.
    """

    path: str
    size_bytes: int
    header_bytes: int
    codec: str
    sync_marker: bytes
    schema_json: str
    metadata: dict[str, bytes] = field(hash=False)
    blocks: pl.DataFrame | None = field(default=None, compare=False)

    @property
    def schema(self) -> dict[str, Any]:
        """The schema as a dictionary. A schema that is no JSON object, such as `"int"`, is the value of the key `type`.

        Raises
        ------
        SchemaError
            With variant "ParseError": Python's parser refuses the text (as for `AvroReader.schema_dict`).
        """
        return schema_dict(self.schema_json, self.path)

    def __repr__(self) -> str:
        others = [key for key in self.metadata if key not in ("avro.schema", "avro.codec")]
        lines = [
            f"AvroMetadata({self.path!r})",
            f"  size_bytes: {self.size_bytes}, of which the header takes {self.header_bytes}",
            f"  codec: {self.codec}",
            f"  sync marker: {self.sync_marker.hex()}",
            f"  schema: {_shortened(self.schema_json, 200)}",
        ]
        lines += [f"  {_shortened(key, 60)}: {_shortened(repr(self.metadata[key]), 100)}" for key in others[:20]]
        if len(others) > len(others[:20]):
            lines.append(f"  ... {len(others) - 20} more entries")
        if self.blocks is not None:
            lines.append(f"  blocks: {self.blocks.height}, with {self.blocks['rows'].sum()} rows")
        return "\n".join(lines)


@documented(
    source="The file. If there are several, or a pattern matches several, the first one. The others are not looked at.",
    ignore_errors="""
    List the readable parts of a damaged file. Bytes that form no block are left out. A block that cannot be
    decompressed has null for `uncompressed_bytes`.
    """,
)
def read_avro_metadata(
    source: FileSource,
    *,
    blocks: bool = False,
    glob: bool = True,
    ignore_errors: bool = False,
    storage_options: dict[str, str] | None = None,
    credential_provider: CredentialProviderArgument = "auto",
    read_chunk_size: int | None = None,
    max_block_size: int | None = defaults.MAX_BLOCK_SIZE,
) -> AvroMetadata:
    """Return the content of an Avro file besides its rows: metadata, codec, sync marker, schema, and the blocks.

    For a directory, a pattern or a list, this is the content of the first file.

    Returns
    -------
    AvroMetadata
        The header, and the blocks with `blocks=True`.

    Raises
    ------
    TypeError, ConfigurationError, FileNotFoundError, PermissionError, SourceError, ParseError, SchemaError, CodecError
        As `read_avro` does. Errors in blocks are raised only with `blocks`.
    DecodeError
        A block claims more rows than its bytes can hold.

    Examples
    --------
    >>> import jetliner
    >>> file = jetliner.read_avro_metadata("sales.avro", blocks=True)
    >>> file.codec, [field["name"] for field in file.schema["fields"]]
    ('null', ['user_id', 'amount', 'status'])
    >>> file.blocks.select("index", "rows")
    shape: (1, 2)
    ┌───────┬──────┐
    │ index ┆ rows │
    │ ---   ┆ ---  │
    │ i64   ┆ u64  │
    ╞═══════╪══════╡
    │ 0     ┆ 5    │
    └───────┴──────┘
    """
    check_flag("blocks", blocks)
    check_flag("glob", glob)
    options = ReadOptions(
        read_chunk_size=read_chunk_size,
        max_block_size=max_block_size,
        ignore_errors=ignore_errors,
        storage_options=storage_options,
        credential_provider=credential_provider,
    ).checked()
    file = first_file(source, options, glob=glob)
    path = file.paths[0]
    inspector = open_inspector(options.of(file), path)
    return AvroMetadata(
        path=path,
        size_bytes=inspector.size_bytes,
        header_bytes=inspector.header_bytes,
        codec=inspector.codec,
        sync_marker=inspector.sync_marker,
        schema_json=inspector.schema_json,
        metadata=dict(inspector.metadata),
        blocks=_blocks(inspector) if blocks else None,
    )


def _blocks(inspector: _core.Inspector) -> pl.DataFrame:
    frame = pl.DataFrame(schema=_BLOCKS)
    while (blocks := inspector.next()) is not None:
        if blocks:
            frame.vstack(pl.DataFrame(blocks, schema=_BLOCKS, orient="row"), in_place=True)
    # Not DataFrame.rechunk: that runs on threads of Polars, which a forked process does not have.
    return pl.DataFrame([column.rechunk() for column in frame])


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
