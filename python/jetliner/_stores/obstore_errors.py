"""obstore's exceptions as failures.

obstore (object_store in Rust) has few classes of errors, and puts the rest into texts: the status, the body of the
answer, and, in Rust's debug notation, the cause. These texts hold URIs and bodies, so they are never shown.
"""

from __future__ import annotations

import builtins
import re

from jetliner._stores import errors
from jetliner._stores.errors import Failure, What
from jetliner._stores.urls import Kind, variant_of
from jetliner.exceptions import AuthenticationError, ConfigurationError, SourceError

_STATUS = re.compile(r"non-2xx status code: (\d{3})")
_KIND = re.compile(r"HttpError \{\s*kind: (\w+)")
_URI = re.compile(r"uri: Some\(\s*(https?)://([^/?\s]+)")
#: A time-out while connecting has the kind of all time-outs.
_CONNECTING = re.compile(r"legacy::Error\(\s*Connect,")
#: What the debug notation has in it, and what it means.
_REASONS = (
    ("dns error", "the name of the host is not known"),
    ("ConnectionRefused", "the host refused the connection"),
    ("invalid peer certificate", "the certificate is not trusted"),
    ("InvalidContentType", "the host does not speak TLS (http:// in place of https:// ?)"),
    ("InvalidMessage", "the host does not speak TLS (http:// in place of https:// ?)"),
    ("ConnectionReset", "the host reset it"),
    ("IncompleteBody", "it ended before the end of the data"),
    ("UnexpectedEof", "it ended before the end of the data"),
    ("IncompleteMessage", "the host closed it"),
    ("TimedOut", "no answer in time"),
)
MALFORMED = "the credentials do not have the form that they must have"
_WITHOUT_USE = ("certificate", "TLS")
#: Requests for credentials, which obstore makes itself: metadata of instances and containers, tokens. Objects are only
#: read, so a request with another method than GET is one of them.
_FOR_CREDENTIALS = re.compile(
    r"error: Error performing token request|credential error|Error performing (PUT|POST) "
    r"|Error performing GET https?://([^/\s]*/latest/meta-data/iam/|169\.254\.|metadata\.google\.internal)"
)


#: In an upload, PUT and POST are the object's own requests. Only the metadata of an instance get a PUT, too.
_FOR_CREDENTIALS_OF_UPLOAD = re.compile(
    _FOR_CREDENTIALS.pattern.replace("|Error performing (PUT|POST) ", "")
    + r"|Error performing PUT http://([^/\s]*/latest/api/token |169\.254\.)"
)


def of_obstore(error: BaseException, kind: Kind, shown: str, *, is_upload: bool = False) -> Failure:
    """Return the failure that an exception of obstore stands for."""
    text = str(error)
    message, _, debug = text.partition("\n\nDebug source:")
    status = _STATUS.search(message)
    if (_FOR_CREDENTIALS_OF_UPLOAD if is_upload else _FOR_CREDENTIALS).search(message):
        return Failure(_no_credentials(kind, shown, is_upload=is_upload))
    if status is not None:
        return errors.of_answer(kind, int(status[1]), message[status.end() :], shown, is_upload=is_upload)
    name = type(error).__name__
    if isinstance(error, builtins.FileNotFoundError):
        return errors.of_answer(kind, 404, "", shown)
    if name == "PreconditionError":
        return Failure(errors.changed(shown))
    if name in ("UnauthenticatedError", "PermissionDeniedError"):  # without an answer of the store
        return Failure(AuthenticationError(MALFORMED, path=shown), What.REFUSED)
    if (found := _KIND.search(debug)) is not None or "HTTP error" in message:
        return _of_network(found[1] if found else "", debug, kind, shown)
    if "without LOCATION" in message or "BareRedirect" in debug:
        return errors.of_answer(kind, 301, "", shown)
    if "StartTooLarge" in debug:
        return errors.of_answer(kind, 416, "", shown)
    if "NotPartial" in debug:
        return Failure(SourceError("the store ignores ranges of bytes", variant_of(kind), shown))
    if name == "InvalidPathError":
        msg = "the list has a key with an empty, '.' or '..' part, or a control character, which cannot be read"
        return Failure(SourceError(msg, variant_of(kind), shown))
    if name == "ValueError":
        msg = "the key has an empty, '.' or '..' part, or a control character: such objects cannot be read by their URL"
        return Failure(SourceError(msg, variant_of(kind), shown))
    return Failure(SourceError(f"the request failed ({name})", variant_of(kind), shown))


def of_construction(error: BaseException, shown: str) -> Failure:
    """Return the failure of a store that cannot be made of its options."""
    text = str(error)
    if "MissingAccount" in text or "Account must be specified" in text:
        msg = (
            "the storage account is not known: give storage_options={'account_name': ...}, or a URL such as "
            "abfss://container@account.dfs.core.windows.net/key"
        )
        return Failure(ConfigurationError(msg))
    if "service account file" in text or "application credentials" in text or "OpenCredentials" in text:
        return Failure(AuthenticationError("the file with the credentials cannot be read", path=shown))
    if "Access Key" in text or "Credential" in text or "SAS" in text:
        return Failure(AuthenticationError(MALFORMED, path=shown))
    option = re.search(r"failed to parse \".*?\" as ([\w ]+)", text)
    detail = f": a value must be a {option[1]}" if option else ""
    return Failure(ConfigurationError(f"storage_options or the environment do not fit this kind of store{detail}"))


def _of_network(found: str, debug: str, kind: Kind, shown: str) -> Failure:
    reason = next((meaning for mark, meaning in _REASONS if mark in debug), "the connection failed")
    uri = _URI.search(debug)
    host = uri[2].rpartition("@")[2] if uri else "the store"
    if "BadScheme" in debug:
        msg = f"{host} is http:// without TLS: allow it by storage_options={{'allow_http': 'true'}}"
        return Failure(SourceError(msg, variant_of(kind), shown))
    if found == "Connect" or _CONNECTING.search(debug):
        return errors.no_connection(kind, host, reason, shown, passing=not any(x in reason for x in _WITHOUT_USE))
    return errors.interrupted(kind, reason, shown)


def _no_credentials(kind: Kind, shown: str, *, is_upload: bool) -> AuthenticationError:
    ways = {
        "s3": "storage_options aws_access_key_id and aws_secret_access_key, the environment, or a profile (by boto3)",
        "gs": "storage_options service_account or bearer_token, or GOOGLE_APPLICATION_CREDENTIALS",
        "azure": "storage_options account_key or sas_key, or the environment",
        "http": "storage_options",
    }[kind]
    msg = f"no credentials were found, and this machine gives none: give them by {ways}"
    if not is_upload:
        msg += "; public data need storage_options={'skip_signature': 'true'}"
    return AuthenticationError(msg, path=shown)
