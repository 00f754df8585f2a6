"""The same data as Avro and as Parquet files, to compare scan_avro with pl.scan_parquet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

import jetliner
from avro_files import write_file

#: Older versions know fewer casts, infer fewer types, and apply n_rows wrongly to slices: ours are those of Polars 2.
IS_MODEL = int(pl.__version__.partition(".")[0]) >= 2

#: Two columns, and a row of them.
AB = {"a": "long", "b": "string"}
ROW = {"a": 1, "b": "x"}

#: Types by their names in Avro.
TYPES: dict[str, pl.DataType] = {
    "boolean": pl.Boolean(),
    "int": pl.Int32(),
    "long": pl.Int64(),
    "float": pl.Float32(),
    "double": pl.Float64(),
    "string": pl.String(),
    "bytes": pl.Binary(),
    "null": pl.Null(),
}
_LOGICAL: dict[str, pl.DataType] = {
    "date": pl.Date(),
    **{
        f"{kind}-{unit}s": pl.Datetime(short, zone)  # type: ignore[arg-type]
        for kind, zone in (("timestamp", "UTC"), ("local-timestamp", None))
        for unit, short in (("milli", "ms"), ("micro", "us"), ("nano", "ns"))
    },
}


def logical(name: str, **more: Any) -> dict[str, Any]:
    base = {"date": "int", "decimal": "bytes"}.get(name, "long")
    return {"type": base, "logicalType": name, **more}


def dtype_of(avro: Any) -> pl.DataType:
    """The Polars type that an Avro type stands for."""
    if isinstance(avro, list):
        return dtype_of(next(branch for branch in avro if branch != "null"))
    if isinstance(avro, str):
        return TYPES[avro]
    if avro.get("logicalType") == "decimal":
        return pl.Decimal(avro["precision"], avro["scale"])
    if "logicalType" in avro:
        return _LOGICAL[avro["logicalType"]]
    if avro["type"] == "array":
        return pl.List(dtype_of(avro["items"]))
    if avro["type"] == "record":
        return pl.Struct({field["name"]: dtype_of(field["type"]) for field in avro["fields"]})
    if avro["type"] == "enum":
        return pl.Enum(avro["symbols"])
    raise NotImplementedError(avro)


class Twins:
    """Writes each file twice, below two directories, and compares what scans of both give."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, fields: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        """Write `avro/NAME.avro` and `parquet/NAME.parquet`. Values are as Polars has them."""
        frame = pl.DataFrame(rows, schema={field: dtype_of(avro) for field, avro in fields.items()})
        parquet = self._root / "parquet" / f"{name}.parquet"
        parquet.parent.mkdir(parents=True, exist_ok=True)
        frame.write_parquet(parquet)
        schema = {
            "type": "record",
            "name": "Row",
            "fields": [{"name": field, "type": _named(avro, field)} for field, avro in fields.items()],
        }
        avro_path = self._root / "avro" / f"{name}.avro"
        avro_path.parent.mkdir(parents=True, exist_ok=True)
        write_file(avro_path, json.loads(json.dumps(schema)), rows)

    def avro(self, source: str = "") -> str:
        return str(self._root / "avro" / source) if source else str(self._root / "avro")

    def compare(
        self,
        query: Callable[[pl.LazyFrame], pl.LazyFrame] = lambda lazy: lazy,
        source: str | list[str] = "",
        **options: Any,
    ) -> pl.DataFrame:
        """Run a query over both. Both give the same frame, or both an error; return ours, or raise it."""
        actual = self._outcome(jetliner.scan_avro, "avro", query, source, options)
        if not IS_MODEL:
            expected = actual
        else:
            expected = self._outcome(pl.scan_parquet, "parquet", query, source, options)
        if isinstance(actual, Exception):
            assert isinstance(expected, Exception), f"Polars gives {expected}, we raise {actual!r}"
            raise actual
        assert not isinstance(expected, Exception), f"Polars raises {expected!r}, we give {actual}"
        assert actual.schema == expected.schema
        assert list(actual.schema) == list(expected.schema)
        assert actual.to_dicts() == expected.to_dicts()
        return actual

    def _outcome(
        self,
        scan: Callable[..., pl.LazyFrame],
        kind: str,
        query: Callable[[pl.LazyFrame], pl.LazyFrame],
        source: str | list[str],
        options: dict[str, Any],
    ) -> pl.DataFrame | Exception:
        base = self._root / kind
        paths = [
            str(base / name.replace(".*", f".{kind}")) for name in ([source] if isinstance(source, str) else source)
        ]
        paths = [path.removesuffix("/") for path in paths]
        try:
            frame = query(scan(paths[0] if isinstance(source, str) else paths, **options)).collect()
        except (pl.exceptions.PolarsError, jetliner.JetlinerError, TypeError) as error:
            return error
        text = [name for name, dtype in frame.schema.items() if dtype == pl.String]
        there, suffix = str(base), f".{kind}"
        return frame.with_columns(
            pl.col(text).str.replace(there, "", literal=True).str.replace(suffix, "", literal=True)
        )


def _named(avro: Any, name: str) -> Any:
    """Give records and enums a name, which Avro asks for."""
    if isinstance(avro, list):
        return [_named(branch, name) for branch in avro]
    if not isinstance(avro, dict):
        return avro
    if avro["type"] == "array":
        return {**avro, "items": _named(avro["items"], name + "_item")}
    if avro["type"] == "record":
        fields = [{"name": f["name"], "type": _named(f["type"], f"{name}_{f['name']}")} for f in avro["fields"]]
        return {**avro, "name": name, "fields": fields}
    if avro["type"] == "enum":
        return {**avro, "name": name}
    return avro


def record(**fields: Any) -> dict[str, Any]:
    return {"type": "record", "fields": [{"name": name, "type": avro} for name, avro in fields.items()]}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def enum(*symbols: str) -> dict[str, Any]:
    return {"type": "enum", "symbols": list(symbols)}


def casts(**words: Any) -> pl.ScanCastOptions:
    return pl.ScanCastOptions(**words)
