"""List the data files of an Iceberg table by partition, from its manifests alone.

python iceberg_files.py data/iceberg/orders/metadata/
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl

import jetliner

DELETED = 2  # the status of an entry whose file is no longer part of the table


def snapshot_files(metadata: Path, snapshot: str) -> pl.LazyFrame:
    """Scan the manifests that a manifest list names, without the entries of deleted files."""
    manifests = jetliner.read_avro(snapshot, columns=["manifest_path"])["manifest_path"]
    # The paths are those of the store. Here the manifests lie beside their list.
    local = [metadata / Path(path).name for path in manifests]
    return (
        jetliner.scan_avro(local)
        .filter(pl.col("status") != DELETED)
        .select(pl.col("data_file").struct.field("file_path", "partition", "record_count", "file_size_in_bytes"))
        .unnest("partition")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("metadata", type=Path, help="the directory `metadata` of a table")
    args = parser.parse_args()

    for snapshot in sorted(args.metadata.glob("snap-*.avro")):
        header = jetliner.read_avro_metadata(snapshot)
        files = snapshot_files(args.metadata, str(snapshot)).collect()
        print(f"snapshot {header.metadata['snapshot-id'].decode()}: {files.height} files")
        partition = [name for name in files.columns if name not in ("file_path", "record_count", "file_size_in_bytes")]
        by_partition = files.group_by(partition).agg(
            pl.len().alias("files"), pl.col("record_count").sum(), pl.col("file_size_in_bytes").sum()
        )
        print(by_partition.sort(partition))


if __name__ == "__main__":
    main()
