"""URLs of objects: which store they are in, and under which key."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias
from urllib.parse import quote

from jetliner._options.redact import without_secrets
from jetliner.exceptions import SourceError

Kind: TypeAlias = Literal["s3", "gs", "azure", "http"]

_KINDS: dict[str, Kind] = {
    "s3": "s3",
    "s3a": "s3",
    "gs": "gs",
    "gcs": "gs",
    "az": "azure",
    "azure": "azure",
    "adl": "azure",
    "abfs": "azure",
    "abfss": "azure",
    "http": "http",
    "https": "http",
}
#: The scheme of a URL (RFC 3986, 3.1). There may be blanks before it.
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*")
#: An HTTP path and query are sent as they are given, for a signature may cover each character. Only what HTTP cannot
#: carry is encoded: blanks, control characters, and letters outside ASCII. These are the other signs of ASCII.
_SENT_AS_GIVEN = "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"
_AZURE_HOST = re.compile(r"(?P<account>[^.]+)\.(?P<service>dfs|blob)\.(?P<domain>[^:/]+)\Z")
_WHAT_HOLDS_KEYS = {"s3": "bucket", "gs": "bucket", "azure": "container"}


class StoreUrl(NamedTuple):
    """The URL of an object, or of a pattern or directory of objects.

    Attributes
    ----------
    kind
        The kind of store.
    root
        The URL without the key: bucket, container or host. It has no user and password.
    key
        The name of the object in the store. For S3, GCS and Azure it is decoded: a `%` is a percent sign. For HTTP it
        is the path and the query as they are sent, without the first slash.
    query
        The query with its question mark, or "". HTTP only. It may be a signature.
    user
        `user:password` as it is in the URL, or "". HTTP only. A secret.
    text
        The URL as it was given. It may contain secrets.
    shown
        The URL for messages: without user, password and query.
    """

    kind: Kind
    root: str
    key: str
    query: str
    user: str
    text: str
    shown: str

    def __repr__(self) -> str:
        return f"StoreUrl({self.shown!r})"

    @property
    def container(self) -> str:
        """The name of the bucket or container; for HTTP the host and port."""
        name = self.root.partition("://")[2]
        return name.partition("@")[0] if self.kind == "azure" else name

    @property
    def azure_host(self) -> AzureHost | None:
        """The storage account, if the URL names it (abfss://container@account.dfs.core.windows.net/key)."""
        host = self.root.partition("@")[2] if self.kind == "azure" else ""
        match = _AZURE_HOST.match(host)
        return AzureHost(match["account"], match["service"], match["domain"]) if match else None

    def of_key(self, key: str) -> str:
        """Return the URL of another key of the store."""
        return f"{self.root}/{key}"


class AzureHost(NamedTuple):
    """The parts of `account.dfs.core.windows.net`."""

    account: str
    service: str
    domain: str


def parse_url(text: str) -> StoreUrl | None:
    """Take the URL of an object apart.

    Returns
    -------
    StoreUrl or None
        None if the text is a local path or a `file:` URL.

    Raises
    ------
    SourceError
        The scheme is not known, or bucket, container, host or key are missing.
    """
    scheme, separator, rest = text.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme) or scheme.lower() == "file":
        return None
    kind = _KINDS.get(scheme.lower())
    if kind is None:
        shown = without_secrets(text)
        if scheme.strip().lower() in (*_KINDS, "file"):
            msg = "the URL starts with a blank"
        else:
            msg = (
                f"{scheme}:// is not known: the schemes are file://, {', '.join(f'{name}://' for name in _KINDS)}. "
                f"A file that another library opens, such as fsspec.open({shown!r}).open(), can be passed as it is"
            )
        raise SourceError(msg, "Io", shown)
    if kind == "http":
        return _http(text, scheme, rest)
    shown = _without_password(text)
    container = shown.partition("://")[2].partition("/")[0]
    key = rest.partition("/")[2]
    variant = variant_of(kind)
    name = _WHAT_HOLDS_KEYS[kind]
    if "@" in rest.partition("/")[0] and kind != "azure":
        msg = "a user and password in the URL are not used: pass them by storage_options"
        raise SourceError(msg, variant, without_secrets(text))
    if not container.partition("@")[0]:
        msg = f"the URL has no {name}: write {scheme}://{name}/key"
        raise SourceError(msg, variant, shown)
    if not key:
        msg = f"the URL has no key after the {name}. All Avro files of the {name} are {scheme}://{container}/**/*.avro"
        raise SourceError(msg, variant, shown)
    if "@" in container and not _AZURE_HOST.match(container.partition("@")[2]):
        msg = (
            "the part of the URL after @ must be the host of a storage account, as in "
            "abfss://container@account.dfs.core.windows.net/key"
        )
        raise SourceError(msg, variant, shown)
    return StoreUrl(kind, f"{scheme}://{container}", key, "", "", text, shown)


def variant_of(kind: Kind) -> str:
    """Return the variant of a SourceError of a store."""
    return "S3Error" if kind == "s3" else "Io"


def _http(text: str, scheme: str, rest: str) -> StoreUrl:
    target = rest.partition("#")[0]  # a fragment is never sent
    end = min((place for place in (target.find("/"), target.find("?")) if place >= 0), default=len(target))
    user, _, host = target[:end].rpartition("@")
    shown = without_secrets(text)
    if not host or host.startswith(":"):
        msg = f"the URL has no host: write {scheme}://host/path"
        raise SourceError(msg, "Io", shown)
    key = quote(target[end:].removeprefix("/"), safe=_SENT_AS_GIVEN, errors="surrogateescape")
    query = key[key.index("?") :] if "?" in key else ""
    return StoreUrl("http", f"{scheme}://{host}", key, query, user, text, shown)


def _without_password(url: str) -> str:
    """Return a URL of Azure, where the part before @ is the container, without anything that may be a password."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    name, at, account = host.rpartition("@")
    return scheme + separator + name.partition(":")[0] + at + account + slash + path
