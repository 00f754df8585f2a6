"""MultiAvroReader, and files together: order, row index, path column, limits, schemas that must agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fastavro
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import jetliner
from avro_files import SALES_SCHEMA, blocks_of, damage, open_files, sales, sales_frame
from conftest import WriteAvro, WriteSales
from jetliner import MultiAvroReader
from jetliner.exceptions import SchemaError


@pytest.fixture
def three(write_sales: WriteSales, in_tmp: Path) -> list[str]:
    """Write 300 rows in three files, each of another codec, with two files without rows between them."""
    write_sales("a.avro", 100, block_rows=30)
    write_sales("empty1.avro", 0)
    write_sales("b.avro", 50, start=100, codec="deflate", block_rows=20)
    write_sales("empty2.avro", 0)
    write_sales("c.avro", 150, start=150, codec="bzip2")
    return ["a.avro", "empty1.avro", "b.avro", "empty2.avro", "c.avro"]


def read_all(paths: list[str], **options: Any) -> pl.DataFrame:
    return pl.concat(MultiAvroReader(paths, **options))  # type: ignore[arg-type]


def test_reads_files_one_after_the_other(three: list[str]) -> None:
    assert_frame_equal(read_all(three), sales_frame(300))


@pytest.mark.parametrize("batch_size", [1, 7, 100, 299, 300, 1000])
def test_no_batch_exceeds_batch_size(three: list[str], batch_size: int) -> None:
    batches = list(MultiAvroReader(three, batch_size=batch_size))
    assert max(batch.height for batch in batches) <= batch_size
    assert_frame_equal(pl.concat(batches), sales_frame(300))


def test_all_batches_but_the_last_are_full_across_files(three: list[str]) -> None:
    assert [batch.height for batch in MultiAvroReader(three, batch_size=70)] == [70, 70, 70, 70, 20]


def test_properties(three: list[str]) -> None:
    reader = MultiAvroReader(three, batch_size=100)
    assert reader.total_sources == 5
    assert reader.current_source_index == 0
    assert reader.schema_dict["name"] == "Sale"
    assert reader.polars_schema == sales_frame(0).schema
    assert reader.batch_size == 100
    assert reader.rows_read == 0
    assert not hasattr(reader, "pending_records")
    indices = []
    for batch in reader:
        assert batch.schema == reader.polars_schema
        indices.append(reader.current_source_index)
    assert indices == sorted(indices)
    assert all(0 <= index <= 5 for index in indices)
    assert reader.current_source_index in (4, 5)
    assert reader.rows_read == 300
    assert reader.is_finished


def test_one_file(three: list[str]) -> None:
    assert_frame_equal(read_all(three[:1]), sales_frame(100))


def test_context_manager_closes_all_files(three: list[str], in_tmp: Path) -> None:
    with MultiAvroReader(three, batch_size=10) as reader:
        next(reader)
    assert reader.is_finished
    with pytest.raises(StopIteration):
        next(reader)
    # Only these files: another test may have left a reader to the garbage collector.
    assert not {str(Path(path).resolve()) for path in three} & set(open_files())


def test_only_files_without_rows(write_sales: WriteSales) -> None:
    paths = [write_sales("a.avro", 0), write_sales("b.avro", 0)]
    reader = MultiAvroReader(paths, row_index_name="i", include_file_paths="p")
    expected = pl.Schema({"i": pl.UInt32, **sales_frame(0).schema, "p": pl.String})
    assert reader.polars_schema == expected
    for batch in reader:  # none, or one that is empty
        assert batch.height == 0
        assert batch.schema == expected
    frame = jetliner.read_avro(paths, row_index_name="i", include_file_paths="p")
    assert frame.height == 0
    assert frame.schema == expected


def test_many_files(write_sales: WriteSales) -> None:
    paths = [write_sales(f"{i:03}.avro", i % 4, start=i * 4) for i in range(400)]
    expected = [i * 4 + k for i in range(400) for k in range(i % 4)]
    assert read_all(paths, batch_size=33)["user_id"].to_list() == expected
    assert jetliner.read_avro(paths)["user_id"].to_list() == expected
    assert jetliner.scan_avro(paths).collect()["user_id"].to_list() == expected
    assert not any(path.endswith(".avro") for path in open_files())


# --- row index and path column ---


@pytest.mark.parametrize("batch_size", [1, 13, 1000])
def test_row_index_is_continuous_over_files_and_empty_files(three: list[str], batch_size: int) -> None:
    frame = read_all(three, row_index_name="i", batch_size=batch_size)
    assert frame.columns == ["i", "user_id", "amount", "status"]
    assert frame.schema["i"] == pl.UInt32
    assert frame["i"].to_list() == list(range(300))


def test_row_index_starts_at_the_offset(three: list[str]) -> None:
    assert read_all(three, row_index_name="i", row_index_offset=1000)["i"].to_list() == list(range(1000, 1300))


def test_row_index_saturates(three: list[str]) -> None:
    frame = read_all(three, row_index_name="i", row_index_offset=2**32 - 3, batch_size=2)
    assert frame["i"].to_list() == [2**32 - 3, 2**32 - 2] + [2**32 - 1] * 298


@pytest.mark.parametrize("batch_size", [1, 13, 1000])
def test_path_column_follows_the_files(three: list[str], batch_size: int) -> None:
    frame = read_all(three, include_file_paths="p", batch_size=batch_size)
    assert frame.columns == ["user_id", "amount", "status", "p"]
    assert frame.schema["p"] == pl.String
    assert frame["p"].to_list() == ["a.avro"] * 100 + ["b.avro"] * 50 + ["c.avro"] * 150


def test_row_index_and_path_column_together_with_a_projection(three: list[str]) -> None:
    frame = read_all(three, row_index_name="i", include_file_paths="p", projected_columns=["status"])
    assert frame.columns == ["i", "status", "p"]
    assert frame.height == 300


def test_row_index_alone(three: list[str]) -> None:
    frame = read_all(three, row_index_name="i", projected_columns=[])
    assert frame.columns == ["i"]
    assert frame["i"].to_list() == list(range(300))


def test_path_column_alone(three: list[str]) -> None:
    frame = read_all(three, include_file_paths="p", projected_columns=[], n_rows=120)
    assert frame["p"].to_list() == ["a.avro"] * 100 + ["b.avro"] * 20


@pytest.mark.parametrize("option", ["row_index_name", "include_file_paths"])
@pytest.mark.parametrize("entry", ["MultiAvroReader", "read_avro", "scan_avro"])
def test_added_column_with_the_name_of_another(write_sales: WriteSales, entry: str, option: str) -> None:
    with pytest.raises(jetliner.SchemaError, match="user_id") as caught:
        getattr(jetliner, entry)([write_sales()], **{option: "user_id"})
    assert caught.value.variant == "Duplicate"


@pytest.mark.parametrize("entry", ["MultiAvroReader", "read_avro", "scan_avro"])
def test_added_columns_with_one_name(write_sales: WriteSales, entry: str) -> None:
    with pytest.raises(jetliner.SchemaError) as caught:
        getattr(jetliner, entry)([write_sales()], row_index_name="x", include_file_paths="x")
    assert caught.value.variant == "Duplicate"


def test_added_column_with_the_name_of_a_column_that_is_not_read(write_sales: WriteSales) -> None:
    with pytest.raises(jetliner.SchemaError):
        MultiAvroReader([write_sales()], row_index_name="user_id", projected_columns=["amount"])


# --- n_rows ---


@pytest.mark.parametrize("n_rows", [0, 1, 99, 100, 101, 150, 299, 300, 1000])
@pytest.mark.parametrize("batch_size", [7, 100_000])
def test_n_rows_limits_the_total_over_all_files(three: list[str], n_rows: int, batch_size: int) -> None:
    reader = MultiAvroReader(three, n_rows=n_rows, batch_size=batch_size, row_index_name="i")
    batches = list(reader)
    assert sum(batch.height for batch in batches) == min(n_rows, 300)
    assert reader.rows_read == min(n_rows, 300)
    if batches:
        assert_frame_equal(pl.concat(batches).drop("i"), sales_frame(min(n_rows, 300)))


def test_n_rows_does_not_read_what_comes_after(write_sales: WriteSales) -> None:
    # The damage lies behind the limit.
    first, second = write_sales("a.avro", 100, block_rows=10), write_sales("b.avro", 100, block_rows=10)
    damage(second, blocks_of(second)[0].sync_offset, b"damaged")
    assert read_all([first, second], n_rows=100).height == 100
    assert jetliner.read_avro([first, second], n_rows=100).height == 100
    assert jetliner.scan_avro([first, second]).head(100).collect().height == 100
    with pytest.raises(jetliner.ParseError):
        read_all([first, second], n_rows=111)


# --- schemas ---


def fields(*names_and_types: Any) -> dict[str, Any]:
    return {
        "type": "record",
        "name": "Sale",
        "fields": [{"name": name, "type": kind} for name, kind in names_and_types],
    }


ENTRIES = pytest.mark.parametrize(
    "entry",
    [lambda paths: list(MultiAvroReader(paths)), jetliner.read_avro, jetliner.scan_avro],
    ids=["multi", "read", "scan"],
)


@ENTRIES
@pytest.mark.parametrize(
    "other",
    [
        fields(("user_id", "long"), ("amount", "double")),
        fields(("user_id", "long"), ("amount", "double"), ("status", "string"), ("more", "int")),
        fields(("user_id", "int"), ("amount", "double"), ("status", "string")),
        fields(("user_id", "long"), ("amount", "double"), ("state", "string")),
        fields(("user_id", "long"), ("amount", ["null", "long"]), ("status", "string")),
        "string",
    ],
    ids=["less", "more", "type", "name", "nullable_type", "no_record"],
)
def test_files_of_other_schemas_are_refused(
    write_sales: WriteSales, write_avro: WriteAvro, entry: Any, other: Any
) -> None:
    first, second = write_sales("a.avro"), write_avro("b.avro", other, [])
    with pytest.raises(jetliner.SchemaError, match=r"(?i)(schema|mismatch).*reader_schema") as caught:
        entry([first, second])
    assert caught.value.variant == "IncompatibleSchemas"
    assert caught.value.path == second


@ENTRIES
def test_other_schema_far_back_in_the_list_is_found_before_data_flows(
    write_sales: WriteSales, write_avro: WriteAvro, entry: Any
) -> None:
    paths = [write_sales(f"{i}.avro") for i in range(20)]
    paths.append(write_avro("other.avro", fields(("x", "int")), [{"x": 1}]))
    with pytest.raises(jetliner.SchemaError):
        entry(paths)


def test_fields_in_another_order_are_matched_by_name(write_sales: WriteSales, write_avro: WriteAvro) -> None:
    first = write_sales("a.avro", 10)
    turned = {**SALES_SCHEMA, "fields": SALES_SCHEMA["fields"][::-1]}
    second = write_avro("b.avro", turned, sales(10, start=10))
    assert_frame_equal(read_all([first, second]), sales_frame(20))
    assert_frame_equal(jetliner.read_avro([first, second]), sales_frame(20))
    assert_frame_equal(jetliner.scan_avro([first, second]).collect(), sales_frame(20))
    assert_frame_equal(
        jetliner.read_avro([second, first]).select("user_id"),
        sales_frame(20)[[*range(10, 20), *range(10)]].select("user_id"),
    )
    assert jetliner.read_avro([second, first]).columns == ["status", "amount", "user_id"]


def test_fields_of_nested_records_in_another_order_are_matched_by_name(write_avro: WriteAvro) -> None:
    def nested(*names: str) -> Any:
        inner = {"type": "record", "name": "In", "fields": [{"name": name, "type": "int"} for name in names]}
        return {"type": "record", "name": "Out", "fields": [{"name": "in", "type": {"type": "array", "items": inner}}]}

    first = write_avro("a.avro", nested("x", "y"), [{"in": [{"x": 1, "y": 2}]}])
    second = write_avro("b.avro", nested("y", "x"), [{"in": [{"x": 3, "y": 4}, {"x": 5, "y": 6}]}])
    frame = jetliner.read_avro([first, second])
    assert frame["in"].to_list() == [[{"x": 1, "y": 2}], [{"x": 3, "y": 4}, {"x": 5, "y": 6}]]


def test_projection_over_files_with_fields_in_another_order(write_sales: WriteSales, write_avro: WriteAvro) -> None:
    turned = {**SALES_SCHEMA, "fields": SALES_SCHEMA["fields"][::-1]}
    paths = [write_sales("a.avro", 10), write_avro("b.avro", turned, sales(10, start=10))]
    for columns in (["user_id"], ["status", "amount"], ["amount"]):
        expected = sales_frame(20).select(column for column in sales_frame(0).columns if column in columns)
        assert_frame_equal(read_all(paths, projected_columns=columns), expected)


def test_names_docs_and_aliases_of_records_do_not_matter(write_sales: WriteSales, write_avro: WriteAvro) -> None:
    other = {**SALES_SCHEMA, "doc": "the same", "namespace": "other"}
    assert_frame_equal(
        read_all([write_sales("a.avro", 10), write_avro("b.avro", other, sales(5, 10))]), sales_frame(15)
    )


def test_enums_with_other_symbols_are_refused(write_avro: WriteAvro) -> None:
    def enum(*symbols: str) -> Any:
        return fields(("e", {"type": "enum", "name": "E", "symbols": symbols}))

    paths = [write_avro("a.avro", enum("A", "B"), [{"e": "A"}]), write_avro("b.avro", enum("B", "A"), [{"e": "B"}])]
    for entry in (jetliner.read_avro, jetliner.scan_avro, MultiAvroReader):
        with pytest.raises(jetliner.SchemaError):
            entry(paths)


# --- damage ---


def test_error_names_the_failing_file(three: list[str]) -> None:
    damage("b.avro", blocks_of("b.avro")[1].sync_offset, b"damaged")
    for read in (lambda: read_all(three), lambda: jetliner.read_avro(three)):
        with pytest.raises(jetliner.ParseError) as caught:
            read()
        assert caught.value.path == "b.avro"


def test_rows_before_the_damage_are_delivered_first(three: list[str]) -> None:
    damage("b.avro", blocks_of("b.avro")[1].sync_offset, b"damaged")
    reader = MultiAvroReader(three, batch_size=10)
    rows: list[pl.DataFrame] = []
    with pytest.raises(jetliner.ParseError):
        rows.extend(reader)
    assert pl.concat(rows)["user_id"].to_list()[:120] == list(range(120))


def test_damaged_file_in_a_list_does_not_end_the_read_of_the_others(three: list[str]) -> None:
    damage("b.avro", blocks_of("b.avro")[0].sync_offset, b"damaged")
    reader = MultiAvroReader(three, ignore_errors=True, include_file_paths="p")
    frame = pl.concat(reader)
    assert frame.filter(pl.col("p") != "b.avro")["user_id"].to_list() == [*range(100), *range(150, 300)]
    assert reader.error_count == len(reader.errors) > 0
    assert {error.filepath for error in reader.errors} == {"b.avro"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("bytes", {"type": "fixed", "name": "F", "size": 2}),
        ("string", {"type": "string", "logicalType": "uuid"}),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 40, "scale": 2},
            {"type": "bytes", "logicalType": "decimal", "precision": 45, "scale": 3},
        ),
        ("int", ["null", "int"]),
    ],
)
def test_types_that_only_look_alike_in_polars_are_different(first: object, second: object, tmp_path: Path) -> None:
    paths = []
    for number, kind in enumerate((first, second)):
        path = tmp_path / f"{number}.avro"
        schema = {"type": "record", "name": "R", "fields": [{"name": "y", "type": kind}]}
        with path.open("wb") as file:
            fastavro.writer(file, schema, [])
        paths.append(str(path))
    with pytest.raises(SchemaError, match="field 'y' has another type") as caught:
        jetliner.scan_avro(paths)
    assert caught.value.variant == "IncompatibleSchemas"
