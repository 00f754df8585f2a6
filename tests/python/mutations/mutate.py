"""Makes a damaged file from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable

from differential.container import block
from differential.encode import encode_long

from .bases import Base

#: Counts and lengths that are too large, negative, or at an edge.
BOMBS = [
    *(sign * ((1 << bits) + more) for bits in (7, 16, 24, 31, 32, 40, 62) for sign in (1, -1) for more in (-1, 0)),
    (1 << 63) - 1,
    -(1 << 63),
    -1,
    0,
]
_BOMB_BYTES = [encode_long(bomb) for bomb in BOMBS] + [b"\xff" * 9 + b"\x7f", b"\xff" * 11, b"\x80" * 20]

Mutation = Callable[[bytearray, random.Random, Base], None]


def _place(data: bytearray, rng: random.Random, base: Base) -> int:
    """Choose a place in the file. Seldom in the header, which is a large part of small files."""
    header_bytes = min(base.starts[0], len(data))
    if rng.random() < 0.15 or header_bytes >= len(data):
        return rng.randrange(len(data)) if data else 0
    return rng.randrange(header_bytes, len(data))


def _range(data: bytearray, rng: random.Random, base: Base) -> slice:
    start = _place(data, rng, base)
    return slice(start, min(len(data), start + rng.choice((1, 2, 5, 16, 40, rng.randint(1, max(1, len(data) // 2))))))


def flip_bit(data: bytearray, rng: random.Random, base: Base) -> None:
    """Flip one bit."""
    if data:
        data[_place(data, rng, base)] ^= 1 << rng.randrange(8)


def flip_bytes(data: bytearray, rng: random.Random, base: Base) -> None:
    """Change a run of bytes."""
    where = _range(data, rng, base)
    data[where] = rng.randbytes(where.stop - where.start) if rng.random() < 0.5 else bytes(where.stop - where.start)


def cut(data: bytearray, rng: random.Random, base: Base) -> None:
    """Cut off the end."""
    del data[_place(data, rng, base) :]


def remove(data: bytearray, rng: random.Random, base: Base) -> None:
    """Remove a range."""
    del data[_range(data, rng, base)]


def duplicate(data: bytearray, rng: random.Random, base: Base) -> None:
    """Repeat a range, in its place or in another."""
    copy = data[_range(data, rng, base)]
    data[(at := _place(data, rng, base)) : at] = copy


def insert(data: bytearray, rng: random.Random, base: Base) -> None:
    """Insert random bytes."""
    data[(at := _place(data, rng, base)) : at] = rng.randbytes(rng.choice((1, 3, 16, 100, 5000)))


def insert_marker(data: bytearray, rng: random.Random, base: Base) -> None:
    """Insert the sync marker, a part of it, or two of it."""
    marker = rng.choice((base.sync, base.sync[: rng.randrange(16)], base.sync * 2))
    data[(at := _place(data, rng, base)) : at] = marker


def inflate(data: bytearray, rng: random.Random, base: Base) -> None:
    """Replace a number by a huge one. It may be a count or a length."""
    at = _place(data, rng, base)
    end = at
    while end < len(data) and data[end] & 0x80:
        end += 1
    data[at : end + 1] = rng.choice(_BOMB_BYTES)


def inflate_head(data: bytearray, rng: random.Random, base: Base) -> None:
    """Replace the count or the size of a block by a huge number."""
    at = rng.choice(base.starts)
    for _ in range(rng.randint(1, 2)):
        end = at
        while end < len(data) and data[end] & 0x80:
            end += 1
        if rng.random() < 0.7:
            bomb = rng.choice(_BOMB_BYTES)
            data[at : end + 1] = bomb
            end = at + len(bomb) - 1
        at = end + 1


def swap(data: bytearray, rng: random.Random, base: Base) -> None:
    """Swap two halves."""
    at = max(base.starts[0], _place(data, rng, base))
    data[base.starts[0] :] = data[at:] + data[base.starts[0] : at]


def join(data: bytearray, rng: random.Random, base: Base) -> None:
    """Append the file, or a part of it, to itself."""
    data += base.data[: rng.choice((len(base.data), rng.randrange(len(base.data))))]


MUTATIONS: list[Mutation] = [
    flip_bit, flip_bit, flip_bytes, cut, remove, duplicate, insert, insert_marker, inflate, inflate, inflate_head, swap,
    join,
]  # fmt: skip
_OF_PLAIN: list[Mutation] = [flip_bit, flip_bytes, cut, remove, duplicate, insert, insert_marker, inflate, inflate]


def of_plain_data(rng: random.Random, base: Base) -> bytearray:
    """Mutate the uncompressed data of some blocks and compress them again, so the damage reaches the decoder."""
    out = bytearray(base.data[: base.starts[0]])
    inside = Base(base.name, b"", "null", base.sync, [0])
    hit = rng.randrange(max(1, len(base.plain)))
    for i, (count, plain) in enumerate(zip(base.counts, base.plain, strict=True)):
        data = bytearray(plain)
        if i == hit or rng.random() < 0.05:
            for _ in range(rng.randint(1, 3)):
                rng.choice(_OF_PLAIN)(data, rng, inside)
        if rng.random() < 0.03:
            count = max(0, count + rng.choice((-1, 1, 1000, 1 << 20)))
        out += block(base.codec, count, bytes(data), base.sync)
    return out


def mutated(base: Base, rng: random.Random, *, keep_header: bool = False) -> bytes:
    """Damage a file in one to four ways."""
    data = (
        of_plain_data(rng, base)
        if rng.random() < (0.85 if keep_header else 0.4) and len(base.data) < 300_000
        else bytearray(base.data)
    )
    if data == base.data or rng.random() < 0.2:
        for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
            rng.choice(MUTATIONS)(data, rng, base)
    if keep_header:
        data[: base.starts[0]] = base.data[: base.starts[0]]
    return bytes(data)
