"""Single paths: what the caller gives, as the text that is opened.

Paths stay text all the way, as they were given: a `Path` would drop "./" and cost more than opening a small file.
"""
# ruff: noqa: PTH111

from __future__ import annotations

import os
from typing import Any
from urllib.parse import unquote_to_bytes

from jetliner._options.redact import without_secrets
from jetliner._stores.urls import parse_url
from jetliner.exceptions import ConfigurationError, FileNotFoundError, SourceError  # noqa: A004 (ours)


def path_text(path: Any, expected: str = "Expected str or Path", hint: str = "") -> str:
    """Return a path as text, just as it was given, but for a home directory (`~`) and URLs of local files.

    Raises
    ------
    TypeError
        It is not a path. The text starts with `expected`, and ends with `hint`.
    ConfigurationError
        It has a null character.
    FileNotFoundError
        It is empty.
    SourceError
        It is a URL that cannot be read.
    """
    text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else None
    if not isinstance(text, str):
        msg = f"{expected}, got {type(path).__name__}{hint}"
        raise TypeError(msg)
    if not text:
        msg = "not found: the path is empty"
        raise FileNotFoundError(msg, "NotFound", text)
    if "\0" in text:
        msg = f"a path must not contain a null character, got {text!r}"
        raise ConfigurationError(msg)
    if text[0] == "~":
        return os.path.expanduser(text)
    if text[:6].lower() == "file:/":
        return _path_of_file_url(text)
    if "://" in text:
        parse_url(text)  # whether it is a URL that can be read
    return text


def with_slashes(path: str) -> str:
    """Return a path as Polars shows it: with "/" between names, on Windows too. URLs stay as they are."""
    return path if "://" in path else path.replace(os.sep, "/")


def _path_of_file_url(url: str) -> str:
    """Return the path in `file:///a/b`, `file://localhost/a/b` or `file:/a/b` (RFC 8089), its escapes decoded.

    On Windows, the path in `file:///C:/a` is `C:/a`.
    """
    path = url[len("file:") :]
    if path.startswith("//"):
        host, _, rest = path[2:].partition("/")
        if host.lower() not in ("", "localhost") or not rest:
            msg = "a URL of a local file holds the whole path and no host, as in file:///home/me/x.avro"
            raise SourceError(msg, "Io", without_secrets(url))
        path = "/" + rest
    text = os.fsdecode(unquote_to_bytes(os.fsencode(path)))
    return path_text(text[1:] if os.path.splitdrive(text[1:])[0] else text)
