"""`storage_options`, split by who uses them: the store, the HTTP client, or the retries.

The keys are those of Polars (in upper or lower case, with the cloud's prefix or without) and a few short ones:
`endpoint`, `region`, `max_retries`. Messages name keys, never values: values may be secrets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from jetliner._options.hints import nearest, warn
from jetliner._stores.known_keys import ALIASES, CLIENT_KEYS, DURATIONS, FLAGS, IGNORED, KEYS, PREFIXES, USUAL_NAMES
from jetliner._stores.retries import RETRY_KEYS, RetryPolicy
from jetliner._stores.urls import Kind
from jetliner.exceptions import ConfigurationError

#: Keys that start with this are HTTP headers of each request: "header.X-Api-Key".
_HEADER = "header."
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")
_DURATION_PART = re.compile(r"\s*(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[a-z]*)")
_SECONDS = {
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 0.001),
    **dict.fromkeys(("", "s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3600.0),
}


class ClientOptions(NamedTuple):
    """How connections are made.

    Attributes
    ----------
    connect_s
        The most seconds until a connection stands, the look-up of the host's name included.
    read_s
        The most seconds without a byte, also before the first one.
    total_s
        The most seconds of a whole request; None for no limit, so that large ranges pass over slow links.
    allow_http
        Whether requests may go without TLS; None: if the endpoint begins with `http:`.
    others
        Other options, by their names in obstore.
    """

    connect_s: float = 4.0
    read_s: float = 10.0
    total_s: float | None = None
    allow_http: bool | None = None
    others: dict[str, str] = {}  # noqa: RUF012 (a named tuple; never changed)


class StoreOptions(NamedTuple):
    """`storage_options` of one kind of store. Values may be secrets, so the repr shows names only.

    Attributes
    ----------
    store
        Options of the store by their short names ("access_key_id", "endpoint").
    headers
        Headers of all requests.
    client
        Options of the HTTP client.
    retries
        How often and when requests are repeated.
    profile
        The profile of the AWS configuration, or None.
    unknown
        Keys that mean nothing.
    """

    store: dict[str, str]
    headers: dict[str, str]
    client: ClientOptions
    retries: RetryPolicy
    profile: str | None
    unknown: tuple[str, ...]

    def __repr__(self) -> str:
        return f"StoreOptions({', '.join([*sorted(self.store), *sorted(self.headers)])})"


def split(options: Mapping[str, str] | None, kind: Kind) -> StoreOptions:
    """Split options.

    Raises
    ------
    ConfigurationError
        A value that must be a number, a time, a flag or a header is none.
    """
    store: dict[str, str] = {}
    headers: dict[str, str] = {}
    client: dict[str, str] = {}
    retries: dict[str, str] = {}
    unknown: list[str] = []
    profile = None
    for given, value in (options or {}).items():
        if given.lower().startswith(_HEADER):
            _add_header(headers, given[len(_HEADER) :], value, given)
            continue
        key = _short_name(given, kind)
        if key in RETRY_KEYS:
            retries[key] = value
        elif key == "profile" and kind == "s3":
            profile = value
        elif key in KEYS[kind]:
            store[key] = str(flag(given, value)).lower() if key in FLAGS else value
        elif key in CLIENT_KEYS:
            client[key] = value
        elif not _is_known_elsewhere(given, kind):
            unknown.append(given)
    return StoreOptions(
        store, headers, _client_options(client), RetryPolicy.from_options(retries), profile, tuple(unknown)
    )


def warn_of_unknown(unknown: tuple[str, ...], kind: Kind) -> None:
    """Warn of keys that mean nothing. Their values are not shown."""
    if not unknown:
        return
    known = [
        *KEYS[kind],
        *CLIENT_KEYS,
        *RETRY_KEYS,
        *(f"{prefix}{key}" for prefix in PREFIXES[kind] for key in KEYS[kind]),
    ]
    shown = []
    for key in unknown:
        meant = USUAL_NAMES.get(key.lower()) or nearest(key, known)
        shown.append(f"{key!r} (is {meant!r} meant?)" if meant else repr(key))
    warn(f"storage_options: {', '.join(shown)} {'is' if len(shown) == 1 else 'are'} not known and not used")


def flag(name: str, value: str) -> bool:
    """Return a flag as the clouds' libraries write it.

    Raises
    ------
    ConfigurationError
        It is none.
    """
    text = value.strip().lower()
    if text in ("true", "1", "yes", "on", "y", "requester"):
        return True
    if text in ("false", "0", "no", "off", "n", ""):
        return False
    msg = f"storage_options[{name!r}] must be 'true' or 'false'"
    raise ConfigurationError(msg)


def seconds(name: str, value: str) -> float:
    """Return a time such as "30s", "500ms", "1m 30s", or a plain number of seconds.

    Raises
    ------
    ConfigurationError
        It is no time, or zero.
    """
    total = 0.0
    position = 0
    text = value.strip().lower()
    while (match := _DURATION_PART.match(text, position)) and match["unit"] in _SECONDS:
        total += float(match["number"]) * _SECONDS[match["unit"]]
        position = match.end()
    if position != len(text) or total <= 0:
        msg = f"storage_options[{name!r}] must be a time such as '30s' or '500ms'"
        raise ConfigurationError(msg)
    return total


def _short_name(given: str, kind: Kind) -> str:
    """Return a key in lower case, without the cloud's prefix, and one name of those that mean the same."""
    key = given.strip().lower()
    for prefix in PREFIXES[kind]:
        if key.startswith(prefix):
            key = key[len(prefix) :]
            break
    return ALIASES[kind].get(key, key)


def _is_known_elsewhere(given: str, kind: Kind) -> bool:
    """Tell whether a key is of another cloud, or one of Polars that has no effect here."""
    key = given.strip().lower()
    if key in IGNORED or _short_name(given, kind) in IGNORED:
        return True
    return any(_short_name(given, other) in KEYS[other] | IGNORED for other in KEYS)


def _add_header(headers: dict[str, str], name: str, value: str, given: str) -> None:
    if not _HEADER_NAME.match(name) or not value.isprintable() or not value.isascii():
        msg = f"storage_options[{given!r}] must be an HTTP header: a name after the dot, and a value in printable ASCII"
        raise ConfigurationError(msg)
    headers[name.lower()] = value


def _client_options(options: dict[str, str]) -> ClientOptions:
    times = {key: seconds(key, options[key]) for key in DURATIONS if key in options}
    others = {key: value for key, value in options.items() if key not in DURATIONS and key != "allow_http"}
    default = ClientOptions()
    return ClientOptions(
        connect_s=times.get("connect_timeout", default.connect_s),
        read_s=times.get("read_timeout", default.read_s),
        total_s=times.get("timeout"),
        allow_http=flag("allow_http", options["allow_http"]) if "allow_http" in options else None,
        others={key: str(flag(key, value)).lower() if key in FLAGS else value for key, value in others.items()},
    )
