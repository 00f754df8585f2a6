"""Texts without secrets, for messages."""

from __future__ import annotations


def without_secrets(url: str) -> str:
    """Return a URL without user, password, query and fragment. These may be credentials or signatures."""
    scheme, separator, rest = url.partition("://")
    rest = rest.partition("#")[0].partition("?")[0]
    host, slash, path = rest.partition("/")
    return scheme + separator + host.rpartition("@")[2] + slash + path


def described(value: object) -> str:
    """Return a value and its type, for messages about arguments. Not for values that may be secrets."""
    text = repr(value)
    return f"{text if len(text) <= 100 else text[:97] + '...'} ({type(value).__name__})"
