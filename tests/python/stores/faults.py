"""What the proxy can do to an answer, and the rules that say to which."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from stores.log import Request


@dataclass(frozen=True)
class Status:
    """An answer of the proxy's own. The request does not reach the server."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Refuse:
    """The connection is reset (RST) before any byte of the answer."""


@dataclass(frozen=True)
class Reset:
    """The connection is reset (RST) after so many bytes of the body. 0: after the header."""

    after_bytes: int = 0


@dataclass(frozen=True)
class Cut:
    """The connection is closed (FIN) after so many bytes of the body. The header promised more."""

    after_bytes: int = 0


@dataclass(frozen=True)
class Stall:
    """No byte is sent for some time after so many bytes of the body, or for ever (None). -1: not even the header."""

    seconds: float | None = None
    after_bytes: int = 0


@dataclass(frozen=True)
class Delay:
    """The request is passed on after this time."""

    seconds: float


@dataclass(frozen=True)
class Slow:
    """The body is sent at this speed. Each answer has a link of its own."""

    bytes_per_second: float


Fault = Status | Refuse | Reset | Cut | Stall | Delay | Slow


def busy(retry_after: int | None = None) -> Status:
    """Answer 503 as S3 does when it wants fewer requests."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Status(503, headers, s3_error("SlowDown", "Please reduce your request rate."))


def too_many(retry_after: int) -> Status:
    """Answer 429."""
    return Status(429, {"Retry-After": str(retry_after)})


def expired() -> Status:
    """Answer 403 as S3 does when temporary credentials have expired."""
    return Status(403, {}, s3_error("ExpiredToken", "The provided token has expired."))


def s3_error(code: str, message: str) -> bytes:
    """Return the body of an error of S3."""
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode()


@dataclass
class Rule:
    """A fault, and the requests that it meets.

    A rule counts the requests that match `method`, `path`, `matches` and `offset`, from 1. It meets those of them that
    all of `numbers`, `first`, `last` and `every` select.

    Attributes
    ----------
    numbers
        These requests only, such as ``{2}``.
    first, last
        The first and the last request.
    every
        Every nth request, from the nth on.
    method, path
        The method, and a part of the target (with percent encoding).
    matches
        Any other condition.
    offset
        A byte of the object. Only requests whose range has this byte match, or those without a range. ``after_bytes``
        of the fault then counts from this byte.
    met
        How many requests it met. A fault after more bytes than the body has does not happen, but is counted.
    """

    fault: Fault
    numbers: Collection[int] | None = None
    first: int = 1
    last: int | None = None
    every: int = 1
    method: str = ""
    path: str = ""
    matches: Callable[[Request], bool] = lambda _: True
    offset: int | None = None
    seen: int = 0
    met: int = 0

    def meets(self, request: Request) -> bool:
        """Count the request. True if the fault is for it."""
        if self.method not in ("", request.method) or self.path not in request.target or not self.matches(request):
            return False
        if self.offset is not None and self.before_offset(request) < 0:
            return False
        self.seen += 1
        if self.numbers is not None and self.seen not in self.numbers:
            return False
        if self.seen < self.first or (self.last is not None and self.seen > self.last) or self.seen % self.every:
            return False
        self.met += 1
        return True

    def before_offset(self, request: Request) -> int:
        """Bytes of the body before `offset`. Negative if the body does not have that byte."""
        assert self.offset is not None
        first, last = request.range or (0, None)
        return -1 if first < 0 or (last is not None and self.offset > last) else self.offset - first

    def limit(self, request: Request) -> int | None:
        """Bytes of the body until the fault shows. None if it does not depend on them."""
        if not isinstance(self.fault, Reset | Cut | Stall):
            return None
        before = 0 if self.offset is None else self.before_offset(request)
        return before + self.fault.after_bytes
