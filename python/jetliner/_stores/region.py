"""The region of a bucket of AWS. A request must be signed for it, and S3 tells it to anyone who asks."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import quote

#: The region where nothing tells another one.
DEFAULT_REGION = "us-east-1"
_ASK_AT = "https://s3.amazonaws.com"
_HEADER = "x-amz-bucket-region"
_TIMEOUT_S = 3.0
#: What S3 has told before. A bucket keeps its region.
_known: dict[tuple[str, str], str] = {}


def region_of_bucket(bucket: str, ask_at: str = _ASK_AT) -> str:
    """Ask S3 for the region of a bucket, without credentials.

    Parameters
    ----------
    bucket
        The name of the bucket.
    ask_at
        The URL of the service.

    Returns
    -------
    str
        The region; "us-east-1" if S3 does not answer.
    """
    if (known := _known.get((bucket, ask_at))) is not None:
        return known
    request = urllib.request.Request(f"{ask_at}/{quote(bucket, safe='')}", method="HEAD")
    try:
        with _opener().open(request, timeout=_TIMEOUT_S) as response:
            found: str | None = response.headers.get(_HEADER)
    except urllib.error.HTTPError as error:
        # 301 (another region) and 403 (a private bucket) tell it as well.
        found = error.headers.get(_HEADER)
        error.close()
    except (OSError, ValueError):
        found = None
    if not found:
        return DEFAULT_REGION
    _known[bucket, ask_at] = found
    return found


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:  # noqa: ARG002
        return None


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_NoRedirects())
