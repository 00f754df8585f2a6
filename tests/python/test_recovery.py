"""Some blocks of many are damaged: with `ignore_errors`, exactly the rows of the others come back, for every codec."""

from __future__ import annotations

import os
import random
from pathlib import Path

import polars as pl
import pytest

from differential.codecs import CODECS
from differential.container import SYNC, block, header
from differential.encode import encode_bytes, encode_long
from jetliner import AvroReader

#: Cases for each codec. `JETLINER_RECOVERY_CASES=1000` asks for more.
CASES = int(os.environ.get("JETLINER_RECOVERY_CASES", "170"))
SCHEMA = {
    "type": "record",
    "name": "Row",
    "fields": [{"name": "number", "type": "long"}, {"name": "text", "type": "string"}],
}


class Part:
    """A block and its rows."""

    def __init__(self, rng: random.Random, codec: str, first: int) -> None:
        texts = [rng.choice(("", "a", "text " * rng.randint(1, 30))) for _ in range(rng.randint(1, 30))]
        self.rows = list(enumerate(texts, first))
        plain = b"".join(encode_long(number) + encode_bytes(text.encode()) for number, text in self.rows)
        self.data = block(codec, len(self.rows), plain)

    def damaged(self, rng: random.Random, codec: str) -> bytes:
        """The block with damage that shows. Without a checksum, changed values are values."""
        head = len(encode_long(len(self.rows)))
        size_bytes = len(self.data) - len(SYNC) - head
        data = bytearray(self.data)
        kind = rng.choice(("marker", "size", "count", "missing", "zeros", "data"))
        if kind == "marker":
            data[len(data) - 1 - rng.randrange(16)] ^= 1 << rng.randrange(8)
        elif kind == "size":
            data[head] ^= 1 << rng.randrange(1, 7)  # the sign stays
        elif kind == "count":
            data[:head] = encode_long(-rng.randint(1, 1000))
        elif kind == "missing":
            start = head + rng.randrange(size_bytes)
            del data[start : min(len(data) - 17, start + rng.randint(1, 50))]
            if len(data) == len(self.data):
                del data[head]
        elif kind == "zeros":
            data[head:-16] = b"\xff" * size_bytes
        elif codec in ("null", "deflate", "zstandard"):  # no checksum (in fastavro's zstandard): what can be no data
            data = bytearray(encode_long(len(self.rows)) + encode_bytes(b"\xff" * 30) + SYNC)
        else:
            middle = head + 3 + rng.randrange(max(1, size_bytes - 3))
            data[min(middle, len(data) - 17)] ^= 0xFF
        return bytes(data)


@pytest.mark.parametrize("codec", CODECS)
def test_rows_of_all_other_blocks_come_back(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "x.avro"
    for seed in range(CASES):
        rng = random.Random(f"{codec} {seed}")
        parts: list[Part] = []
        for _ in range(rng.randint(1, 40)):
            parts.append(Part(rng, codec, parts[-1].rows[-1][0] + 1 if parts else 0))
        hit = set(rng.sample(range(len(parts)), rng.randint(1, max(1, len(parts) // 3))))
        content = b"".join(part.damaged(rng, codec) if i in hit else part.data for i, part in enumerate(parts))
        path.write_bytes(header(SCHEMA, codec) + content)
        reader = AvroReader(path, ignore_errors=True, n_threads=rng.choice((1, 2)))
        frame = pl.concat([pl.DataFrame(schema=reader.polars_schema), *reader])
        rows = frame.rows()
        expected = [row for i, part in enumerate(parts) if i not in hit for row in part.rows]
        # Rows of a damaged block that come before the damage are kept too: they are right, and in their place.
        kept = {row for i in hit for row in parts[i].rows}
        whole = set(expected)
        assert [row for row in rows if row in whole] == expected, f"case {seed}: {sorted(hit)} of {len(parts)}"
        assert all(row in whole or row in kept for row in rows), f"case {seed}"
        assert [row[0] for row in rows] == sorted(row[0] for row in rows)
        assert 1 <= reader.error_count <= 2 * len(hit)  # what is left of one may pass for another
