"""Numbers at the ends of their range."""

from __future__ import annotations

import datetime as dt

import pytest

import jetliner
from avro_files import long, text
from avro_schemas import field, logical
from conftest import WriteRaw

UTC = dt.UTC


@pytest.mark.parametrize("unit", ["millis", "micros", "nanos"])
@pytest.mark.parametrize("kind", ["timestamp", "local-timestamp"])
def test_timestamps_keep_the_raw_number_over_the_whole_range(write_raw: WriteRaw, kind: str, unit: str) -> None:
    numbers = [2**63 - 1, -(2**63), 0, 124_649_280_000_000_000]  # the last one: the year 5920 in microseconds
    path = write_raw("x.avro", field(logical("long", f"{kind}-{unit}")), [(4, b"".join(map(long, numbers)))])
    assert jetliner.read_avro(path)["x"].to_physical().to_list() == numbers


def test_dates_keep_the_raw_number_over_the_whole_range(write_raw: WriteRaw) -> None:
    numbers = [2**31 - 1, -(2**31)]
    path = write_raw("x.avro", field(logical("int", "date")), [(2, b"".join(map(long, numbers)))])
    assert jetliner.read_avro(path)["x"].to_physical().to_list() == numbers


@pytest.mark.parametrize(
    ("base", "name", "number"),
    [
        ("int", "time-millis", 86_400_000),
        ("int", "time-millis", -1),
        ("long", "time-micros", 86_400_000_000),
        ("long", "time-micros", -1),
        ("long", "time-micros", 2**63 - 1),
    ],
)
def test_time_outside_of_a_day_is_an_error(write_raw: WriteRaw, base: str, name: str, number: int) -> None:
    path = write_raw("x.avro", field(logical(base, name)), [(1, long(number))])
    with pytest.raises(jetliner.DecodeError, match="time") as caught:
        jetliner.read_avro(path)
    assert caught.value.record_index == 0


def test_decimal_of_more_digits_than_polars_has_is_never_wrong(write_raw: WriteRaw) -> None:
    value = 10**45 + 7
    data = text(value.to_bytes(20, "big")) + text((-value).to_bytes(20, "big", signed=True))
    path = write_raw("x.avro", field(logical("bytes", "decimal", precision=50, scale=5)), [(2, data)])
    digits = "1" + "0" * 40 + ".00007"
    assert jetliner.read_avro(path)["x"].to_list() == [digits, "-" + digits]


def test_decimal_value_beyond_its_precision_is_never_wrong(write_raw: WriteRaw) -> None:
    path = write_raw("x.avro", field(logical("bytes", "decimal", precision=4, scale=2)), [(1, text(b"\x7f" * 20))])
    with pytest.raises(jetliner.DecodeError):
        jetliner.read_avro(path)
