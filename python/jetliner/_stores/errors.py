"""What goes wrong with a request, as jetliner's exceptions. The texts of stores are never shown: they have secrets."""

from __future__ import annotations

import enum
import re
from typing import NamedTuple

from jetliner._stores.urls import Kind, variant_of
from jetliner.exceptions import (
    AuthenticationError,
    JetlinerError,
    MissingObjectError,
    PermissionError,  # noqa: A004 (ours)
    SourceError,
)

#: What to do where obstore is missing.
INSTALL = 'pip install "jetliner[cloud]"'
_CODE = re.compile(r"<Code>\s*(\w+)\s*</Code>")
#: S3 names the right region in some answers to a signature for another one.
_REGION = re.compile(r"<Region>\s*([a-z0-9-]{1,40})\s*</Region>")
#: Codes of refusals that are about the credentials, not about what they may do: S3, GCS, Azure.
_ABOUT_CREDENTIALS = frozenset(
    {
        "AuthenticationFailed",
        "AuthenticationRequired",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidAccessKeyId",
        "InvalidAuthenticationInfo",
        "InvalidClientTokenId",
        "InvalidSecurity",
        "InvalidToken",
        "NoAuthenticationInformation",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "UnrecognizedClientException",
        "XAdminUserNotFound",  # versitygw, with the status 404
    }
)
_MISSING_CONTAINER = frozenset({"NoSuchBucket", "ContainerNotFound", "ContainerBeingDeleted"})
_WRONG_REGION = frozenset({"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"})
#: Status codes of answers that may be different the next time.
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


class What(enum.Enum):
    """What a failure means for the next step."""

    FINAL = "it would fail again"
    PASSING = "it may pass the next time"
    NO_CONNECTION = "there was no connection; it may pass the next time"
    THROTTLED = "the store asks to wait"
    BEYOND = "the range begins after the end of the object"
    REFUSED = "the credentials are refused; newer ones may pass"


class Failure(NamedTuple):
    """A request that failed.

    Attributes
    ----------
    error
        What the caller gets in the end.
    what
        What it means for the next step.
    retry_after_s
        How long the store asks to wait, if it says so and the client can see it.
    """

    error: JetlinerError
    what: What = What.FINAL
    retry_after_s: float | None = None


class FailedError(Exception):
    """Carries a failure from a client to the store. Callers never see it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error.message)
        self.failure = failure


class NoRangesError(SourceError):
    """The server sends whole objects only. The caller copies the object to a file (`Store.download`)."""


def of_answer(
    kind: Kind, status: int, body: str, shown: str, retry_after_s: float | None = None, *, is_upload: bool = False
) -> Failure:
    """Return the failure of an answer with an error status.

    Parameters
    ----------
    kind
        The kind of store.
    status
        The HTTP status.
    body
        The answer's body, of which only the error's code and the name of a region are shown.
    shown
        The URL of the object, for the message.
    retry_after_s
        The header Retry-After, if it is known.
    is_upload
        Whether the request was to write the object.
    """
    code = match[1] if (match := _CODE.search(body)) else ""
    answer = f"the store answered {status}{f' ({code})' if code else ''}"
    if status in (404, 410) and code not in _ABOUT_CREDENTIALS:
        thing = "the bucket or container" if code in _MISSING_CONTAINER else repr(shown)
        place = f" of {shown!r}" if code in _MISSING_CONTAINER else ""
        return Failure(MissingObjectError(f"not found: {thing}{place} does not exist; {answer}", "NotFound", shown))
    if code in _WRONG_REGION or (status in (301, 307) and kind == "s3"):
        region = repr(match[1]) if (match := _REGION.search(body)) else "..."
        msg = f"{answer}: the bucket is in another region. Give it by storage_options={{'aws_region': {region}}}"
        return Failure(SourceError(msg, variant_of(kind), shown))
    if code == "RequestTimeTooSkewed":
        return Failure(SourceError(f"{answer}: is the clock of this machine right?", variant_of(kind), shown))
    hint = _hint(kind, is_upload=is_upload)
    if status in (401, 407) or code in _ABOUT_CREDENTIALS:
        return Failure(AuthenticationError(f"{answer}: {hint}", "AuthenticationFailed", shown), What.REFUSED)
    if status == 403:
        msg = f"permission denied: {shown!r}: {answer}: {hint}"
        return Failure(PermissionError(msg, "PermissionDenied", shown), What.REFUSED)
    if status == 412:
        return Failure(changed(shown))
    if status == 416:
        msg = "the object has no bytes there: is it shorter now?"
        return Failure(SourceError(msg, variant_of(kind), shown), What.BEYOND)
    if status in _PASSING:
        what = What.THROTTLED if status in (429, 503) else What.PASSING
        return Failure(SourceError(answer, variant_of(kind), shown), what, retry_after_s)
    return Failure(SourceError(answer, variant_of(kind), shown))


def changed(shown: str) -> SourceError:
    """Return the error of an object that was replaced while it was read."""
    msg = "the object has changed since it was opened: rows of two versions would be mixed. Read it again"
    return SourceError(msg, "Changed", shown)


def incomplete(kind: Kind, shown: str) -> Failure:
    """Return the failure of a body that ends too soon."""
    return Failure(SourceError("the store sent fewer bytes than it announced", variant_of(kind), shown), What.PASSING)


def oversized(kind: Kind, shown: str) -> Failure:
    """Return the failure of a body that goes on after the range."""
    msg = "the store sent more bytes than it was asked for"
    return Failure(SourceError(msg, variant_of(kind), shown), What.PASSING)


def no_connection(kind: Kind, host: str, reason: str, shown: str, *, passing: bool = True) -> Failure:
    """Return the failure of a connection that was not made."""
    error = SourceError(f"no connection to {host}: {reason}", variant_of(kind), shown)
    return Failure(error, What.NO_CONNECTION if passing else What.FINAL)


def interrupted(kind: Kind, reason: str, shown: str) -> Failure:
    """Return the failure of a connection that was made and then lost."""
    return Failure(SourceError(f"the connection was lost: {reason}", variant_of(kind), shown), What.PASSING)


def _hint(kind: Kind, *, is_upload: bool) -> str:
    if kind == "http":
        return "has a signed URL expired? Credentials go into storage_options ('authorization', 'bearer_token', ...)"
    name = {"s3": "aws_access_key_id, ...", "gs": "service_account, ...", "azure": "account_key, ..."}[kind]
    credentials = f"check the credentials (storage_options {name}, credential_provider, environment)"
    if is_upload:
        return f"{credentials}, and whether they have the right to write there"
    return f"{credentials}; public data need storage_options={{'skip_signature': 'true'}}"
