"""What a client of one store does: single requests. `Store` repeats them, and renews credentials."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Tells whether the rest of an object is wanted, by a piece of it and the number of bytes before the piece. Pieces come
#: in order. After a failure they come from the start again.
GoesOn: TypeAlias = "Callable[[Buffer, int], bool]"


class Fetched(NamedTuple):
    """A part of an object.

    Attributes
    ----------
    data
        The bytes. Fewer than asked for only at the end of the object.
    object_bytes
        The size of the whole object.
    version
        Names the version of the object: its ETag, or what the store has in place of it.
    is_constant
        Nobody can change `data`, so it need not be copied. Of `bytes` this is known.
    """

    data: Buffer
    object_bytes: int
    version: str
    is_constant: bool = False


class Entry(NamedTuple):
    """An object in a list."""

    key: str
    size_bytes: int
    version: str


def write_all(file: IO[bytes], data: Buffer) -> None:
    """Write bytes to a file. Without a buffer, one call of write() may write only a part."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


class Client(Protocol):
    """Makes single requests. All methods may be called by any thread, and raise `FailedError`."""

    def fetch(
        self,
        key: str,
        offset: int,
        size_bytes: int,
        version: str | None,
        *,
        see_headers: bool = False,
    ) -> Fetched:
        """Fetch a range of an object.

        `see_headers` is set after a store asked to wait. Then the request is made so, if that is possible, that the
        client sees the headers of the answer. Retry-After is one of them.
        """

    def list(self, prefix: str, *, recursive: bool) -> Iterator[Entry | str]:
        """Yield the objects below a directory, and directories (with a slash at the end) if it is not recursive."""

    def upload(self, key: str, parts: Iterator[bytes]) -> None:
        """Write an object of parts, several at a time. An exception of the iterator leaves nothing in the store."""

    def renew(self) -> bool:
        """Get other credentials than those that this thread used last. Returns False if there are none."""

    def close(self) -> None:
        """End the requests that can be ended, and close connections."""
