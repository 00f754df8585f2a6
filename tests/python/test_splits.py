"""plan_splits and AvroSplit."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import jetliner
from conftest import WriteAvro, WriteSales
from store_tests import OF_POLARS

LONG = {"type": "record", "name": "r", "fields": [{"name": "n", "type": "long"}]}


def together(splits: list[jetliner.AvroSplit]) -> pl.DataFrame:
    return pl.concat([split.read() for split in splits])


def test_splits_cover_a_file_in_order(write_sales: WriteSales) -> None:
    path = write_sales(rows=1000, block_rows=10)
    size = Path(path).stat().st_size
    splits = jetliner.plan_splits(path, split_bytes=1000)
    assert len(splits) == round(size / 1000)
    assert [split.start for split in splits[1:]] == [split.end for split in splits[:-1]]
    assert (splits[0].start, splits[-1].end) == (0, size)
    assert all(split.size_bytes <= 1500 and split.path == path for split in splits)
    assert together(splits).equals(jetliner.read_avro(path))
    assert sum(split.count_rows() for split in splits) == 1000


def test_scan_and_open_and_read_agree(write_sales: WriteSales) -> None:
    path = write_sales(rows=300, block_rows=7, codec="deflate")
    for split in jetliner.plan_splits(path, split_bytes=700):
        frame = split.read()
        assert split.scan().collect().equals(frame)
        assert split.count_rows() == frame.height == split.scan().select(pl.len()).collect().item()
        with split.open(batch_size=5) as reader:
            batches = list(reader)
            assert reader.bytes_read == reader.total_bytes
        assert all(batch.height <= 5 for batch in batches)
        assert (pl.concat(batches) if batches else frame.clear()).equals(frame)
        some = split.scan().filter(pl.col("user_id") % 3 == 0).select("status").collect()
        assert some.equals(frame.filter(pl.col("user_id") % 3 == 0).select("status"))
        assert split.read(columns=["amount"]).equals(frame.select("amount"))
        assert split.scan().head(3).collect().equals(frame.head(3))


def test_several_files_keep_their_order(write_sales: WriteSales, tmp_path: Path) -> None:
    write_sales("b.avro", rows=50, block_rows=5, start=100)
    write_sales("a.avro", rows=50, block_rows=5)
    splits = jetliner.plan_splits(str(tmp_path / "*.avro"), split_bytes=400, include_file_paths="path")
    assert sorted({split.path for split in splits}) == [str(tmp_path / "a.avro"), str(tmp_path / "b.avro")]
    assert together(splits).equals(jetliner.read_avro(str(tmp_path / "*.avro"), include_file_paths="path"))


def test_options_travel(write_avro: WriteAvro) -> None:
    schema = {"type": "record", "name": "r", "fields": [
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "B"]}}]}  # fmt: skip
    path = write_avro("e.avro", schema, [{"e": "A"}, {"e": "B"}])
    (split,) = jetliner.plan_splits(path, enum_as="string")
    assert split.read().schema == {"e": pl.String}
    wider = {"type": "record", "name": "r", "fields": [
        *schema["fields"], {"name": "n", "type": "int", "default": 7}]}  # fmt: skip
    (split,) = jetliner.plan_splits(path, reader_schema=wider, enum_as="string")
    assert pickle.loads(pickle.dumps(split)).read().to_dict(as_series=False) == {"e": ["A", "B"], "n": [7, 7]}


def test_a_split_is_a_value(write_sales: WriteSales) -> None:
    path = write_sales(rows=100, block_rows=5)
    first, second = jetliner.plan_splits(path, split_bytes=Path(path).stat().st_size // 2)
    copy = pickle.loads(pickle.dumps(first))
    assert copy == first
    assert hash(copy) == hash(first)
    assert first != second
    assert len({first, second, copy}) == 2
    with pytest.raises(AttributeError):
        first.start = 5  # type: ignore[misc]
    assert len(pickle.dumps(first)) < 4096
    assert copy.read().equals(first.read())


def test_nothing_secret_is_shown(write_sales: WriteSales) -> None:
    (split,) = jetliner.plan_splits(write_sales(), storage_options={"aws_secret_access_key": "hidden-value"})
    assert "hidden" not in repr(split)
    assert split.path in repr(split)


def test_partitions_travel_with_the_split(write_sales: WriteSales, tmp_path: Path) -> None:
    write_sales("t/year=2023/a.avro", rows=20, block_rows=2)
    write_sales("t/year=2024/a.avro", rows=20, block_rows=2)
    splits = jetliner.plan_splits(str(tmp_path / "t"), split_bytes=200)
    assert len(splits) > 4
    whole = jetliner.read_avro(str(tmp_path / "t"))
    assert whole["year"].to_list() == [2023] * 20 + [2024] * 20
    copies = [pickle.loads(pickle.dumps(split)) for split in splits]
    assert together(copies).equals(whole)
    assert pl.concat([split.scan().filter(pl.col("year") == 2024).collect() for split in copies]).equals(whole[20:])


def test_a_later_file_that_differs_is_an_error_of_its_split(write_avro: WriteAvro, tmp_path: Path) -> None:
    write_avro("a.avro", LONG, [{"n": 1}])
    write_avro("b.avro", {**LONG, "fields": [{"name": "m", "type": "long"}]}, [{"m": 1}])
    first, second = jetliner.plan_splits(str(tmp_path / "*.avro"))
    assert first.read().height == 1
    for use in (second.read, lambda: second.scan().collect(), second.open):
        with pytest.raises((jetliner.SchemaError, *OF_POLARS), match=r"no column 'n'|'m'") as caught:
            use()
        assert "plan_splits" not in str(caught.value)
    filled = jetliner.plan_splits(str(tmp_path / "*.avro"), missing_columns="insert", extra_columns="ignore")
    assert filled[1].read().to_dict(as_series=False) == {"n": [None]}


def test_only_the_first_file_is_opened(write_sales: WriteSales, tmp_path: Path) -> None:
    write_sales("a.avro")
    (tmp_path / "b.avro").write_bytes(b"no Avro at all")
    first, second = jetliner.plan_splits(str(tmp_path / "*.avro"))
    assert first.read().height == 100
    with pytest.raises(jetliner.ParseError, match="not an Avro file"):
        second.read()


@pytest.mark.parametrize("change", ["shorter", "longer", "another"])
def test_a_file_that_has_changed(write_sales: WriteSales, change: str) -> None:
    path = Path(write_sales(rows=100, block_rows=5))
    data = path.read_bytes()
    splits = jetliner.plan_splits(str(path), split_bytes=500)
    path.write_bytes({"shorter": data[:-100], "longer": data + data[-10:], "another": data[:-1] + b"x"}[change])
    os.utime(path, ns=(1, 1))
    for split in (splits[0], splits[-1]):
        for use in (split.read, split.count_rows, split.open, lambda split=split: split.scan().collect()):
            with pytest.raises((jetliner.SourceError, *OF_POLARS), match="has changed since the splits") as caught:
                use()
            assert getattr(caught.value, "variant", "Changed") == "Changed"


def test_every_cut_of_a_small_file(write_avro: WriteAvro) -> None:
    path = write_avro("n.avro", LONG, [{"n": n} for n in range(9)], block_rows=2)
    (split,) = jetliner.plan_splits(path)
    for cut in range(split.end + 1):
        parts = [replace(split, end=cut), replace(split, start=cut)]
        assert together(parts)["n"].to_list() == list(range(9)), cut


def test_files_of_polars_have_a_constant_marker(tmp_path: Path) -> None:
    path = tmp_path / "p.avro"
    frame = pl.DataFrame({"n": range(1000), "b": [bytes([1, 2, 3, 4]) * 9] * 1000})
    with path.open("wb") as file:
        frame.write_avro(file, name="r")
    splits = jetliner.plan_splits(path, split_bytes=500)
    assert together(splits).equals(frame)


def test_bytes_and_open_files_are_split_but_not_pickled(write_sales: WriteSales) -> None:
    data = Path(write_sales(rows=100, block_rows=5)).read_bytes()
    whole = jetliner.read_avro(data)
    for source in (data, io.BytesIO(data)):
        splits = jetliner.plan_splits(source, split_bytes=500)
        assert len(splits) > 2
        assert together(splits).equals(whole)
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(splits[0])


def test_gzip_is_one_split(write_sales: WriteSales, tmp_path: Path) -> None:
    import gzip

    data = Path(write_sales(rows=1000)).read_bytes()
    (tmp_path / "s.avro.gz").write_bytes(gzip.compress(data))
    (split,) = jetliner.plan_splits(tmp_path / "s.avro.gz", split_bytes=10)
    assert split.read().height == 1000


def test_pipes_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(jetliner.SourceError, match="only as a whole"):
        jetliner.plan_splits(tmp_path / "pipe")


def test_splits_with_other_rules_differ(write_sales: WriteSales, tmp_path: Path) -> None:
    write_sales("a.avro")
    write_sales("b.avro")
    strict = jetliner.plan_splits(str(tmp_path / "*.avro"))
    ignoring = jetliner.plan_splits(str(tmp_path / "*.avro"), extra_columns="ignore")
    assert strict[0] == jetliner.plan_splits(str(tmp_path / "*.avro"))[0]
    assert strict[0] != ignoring[0]


def test_open_with_the_path_column(write_sales: WriteSales, tmp_path: Path) -> None:
    write_sales("a.avro", rows=3)
    write_sales("b.avro", rows=3)
    for split in jetliner.plan_splits(str(tmp_path / "*.avro"), include_file_paths="path"):
        with split.open() as reader:
            assert next(reader)["path"].to_list() == [split.path] * 3
        with pytest.raises(TypeError, match="row_index_name"):
            split.open(row_index_name="row")


def test_options_are_checked(write_sales: WriteSales) -> None:
    path = write_sales()
    with pytest.raises(jetliner.ConfigurationError, match="split_bytes"):
        jetliner.plan_splits(path, split_bytes=0)
    with pytest.raises(TypeError, match="split_bytes"):
        jetliner.plan_splits(path, split_bytes="1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword argument 'storage'"):
        jetliner.plan_splits(path)[0].open(storage={})
    with pytest.raises(jetliner.FileNotFoundError):
        jetliner.plan_splits("no-such-file.avro")


def test_damage_is_skipped_in_parts_as_in_the_whole(write_sales: WriteSales) -> None:
    path = Path(write_sales(rows=200, block_rows=5))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    with pytest.warns(UserWarning, match="ignore_errors"):
        whole = jetliner.read_avro(path, ignore_errors=True)
    with pytest.warns(UserWarning, match="ignore_errors"):
        parts = together(jetliner.plan_splits(path, split_bytes=300, ignore_errors=True))
    assert parts.equals(whole)
    with pytest.raises(jetliner.JetlinerError):
        together(jetliner.plan_splits(path, split_bytes=300))


@pytest.mark.parametrize("damage_at", [None, 2_000_000])
def test_searches_do_not_read_byte_by_byte(damage_at: int | None) -> None:
    reads = 0

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal reads
            reads += 1
            return super().read(size)

    file = io.BytesIO()
    frame = pl.DataFrame({"n": range(1000), "data": [os.urandom(5000) for _ in range(1000)]})
    jetliner.write_avro(frame, file, compression="null")
    data = bytearray(file.getvalue())
    if damage_at is not None:
        data[damage_at : damage_at + 100_000] = bytes(100_000)
    options = {"ignore_errors": damage_at is not None}
    whole = jetliner.count_rows(bytes(data), **options)
    splits = jetliner.plan_splits(Counted(data), split_bytes=500_000, **options)
    rows = 0
    for split in splits:
        reads = 0
        rows += split.count_rows()
        assert reads < 100
        reads = 0
        assert split.read(columns=["n"]).height > 0 or damage_at is not None
        assert reads < 100
    assert rows == whole


def test_splits_in_spawned_processes(write_sales: WriteSales) -> None:
    code = """
import multiprocessing, sys
import jetliner

def main():
    splits = jetliner.plan_splits(sys.argv[1], split_bytes=2000)
    with multiprocessing.get_context(sys.argv[2]).Pool(2) as pool:
        frames = pool.map(jetliner.AvroSplit.read, splits)
    print(len(splits), sum(frame.height for frame in frames))

if __name__ == "__main__":
    main()
"""
    path = write_sales(rows=1000, block_rows=10)
    for method in ("spawn", "fork"):
        out = subprocess.run([sys.executable, "-c", code, path, method], capture_output=True, text=True, timeout=120)
        assert out.returncode == 0, out.stderr
        count, rows = map(int, out.stdout.split())
        assert (count > 5, rows) == (True, 1000)
