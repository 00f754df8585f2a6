"""An HTTP server in this process: files with and without ranges, and the habits of servers that are met in practice."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import quote

from stores.log import Log, Request

PIECE_BYTES = 1 << 18


@dataclass(frozen=True)
class Options:
    """How the server treats one file.

    Attributes
    ----------
    ranges
        False: the header ``Range`` is ignored, and the whole file is sent with status 200.
    head
        Status of the answer to HEAD. Servers refuse it with 405, and presigned URLs with 403.
    content_length
        False: the length is not said. The body is sent in chunks.
    etag
        A header ETag of this kind, or none. ``If-Match`` is obeyed if there is one.
    query
        This query must come with each request, exactly. Otherwise the status is 403.
    authorization
        This header ``Authorization`` must come with each request. Otherwise the status is 401.
    """

    ranges: bool = True
    head: int = 200
    content_length: bool = True
    etag: Literal["strong", "weak", "none"] = "strong"
    query: str = ""
    authorization: str = ""


@dataclass(eq=False)
class WebFile:
    """A file of the server. ``data`` may be replaced. The ETag follows from it.

    Attributes
    ----------
    url
        With the query that is required.
    log
        Requests for this file.
    """

    url: str
    data: bytes
    options: Options
    log: Log = field(default_factory=Log)

    @property
    def etag(self) -> str:
        if self.options.etag == "none":
            return ""
        tag = f'"{hashlib.sha256(self.data).hexdigest()[:16]}"'
        return tag if self.options.etag == "strong" else f"W/{tag}"


class WebServer:
    """An HTTP server on a free port of the loopback interface."""

    def __init__(self) -> None:
        self.files: dict[str, WebFile] = {}
        self.redirects: dict[str, tuple[int, str]] = {}
        self.log = Log()
        self._server = _Server(self)
        self.host, self.port = "127.0.0.1", self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def add(self, path: str, data: bytes, **options: Any) -> WebFile:
        """Serve `data` at `path`, with ``Options``."""
        path = quote(path if path.startswith("/") else f"/{path}")
        chosen = Options(**options)
        file = WebFile(f"{self.url}{path}" + (f"?{chosen.query}" if chosen.query else ""), data, chosen)
        self.files[path] = file
        return file

    def remove(self, path: str) -> None:
        """Serve `path` no longer."""
        del self.files[quote(path if path.startswith("/") else f"/{path}")]

    def redirect(self, path: str, url: str, status: int = 302) -> str:
        """Redirect `path` to `url`, and give the URL of `path`."""
        path = quote(path if path.startswith("/") else f"/{path}")
        self.redirects[path] = status, url
        return self.url + path

    def clear(self) -> None:
        """Forget all files, redirects and requests."""
        self.files.clear()
        self.redirects.clear()
        self.log.clear()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, owner: WebServer) -> None:
        self.owner = owner
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients may go at any time. That is no message on the terminal."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *args: Any) -> None:
        """Requests are in ``Log``."""

    def do_GET(self) -> None:
        self._handle()

    def do_HEAD(self) -> None:
        self._handle()

    def _handle(self) -> None:
        owner = self.server.owner
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = self.path.partition("?")[0]
        file = owner.files.get(path)
        self._logs = [owner.log, *([file.log] if file else [])]
        requests = [log.begin(self.command, self.path, headers, self.client_address[1]) for log in self._logs]
        try:
            if path in owner.redirects:
                status, url = owner.redirects[path]
                self._send(requests, status, b"", {"Location": url})
            elif file is None:
                self._send(requests, 404, b"no such file\n")
            else:
                self._serve(requests, file)
        finally:
            self._end(requests)

    def _end(self, requests: list[Request]) -> None:
        for log, request in zip(self._logs, requests, strict=True):
            log.end(request)

    def _serve(self, requests: list[Request], file: WebFile) -> None:
        options, data = file.options, file.data
        headers = {"Accept-Ranges": "bytes"} if options.ranges else {}
        if file.etag:
            headers["ETag"] = file.etag
        if options.query and requests[0].query != options.query:
            return self._send(requests, 403, b"the signature of the URL is wrong\n")
        if options.authorization and self.headers.get("Authorization") != options.authorization:
            return self._send(requests, 401, b"who are you?\n", {"WWW-Authenticate": "Bearer"})
        if self.command == "HEAD" and options.head != 200:
            return self._send(requests, options.head, b"")
        if file.etag and self.headers.get("If-Match", file.etag) not in (file.etag, "*"):
            return self._send(requests, 412, b"the file has changed\n")
        asked = requests[0].range if options.ranges else None
        if asked is None:
            return self._send(requests, 200, data, headers, chunked=not options.content_length)
        start, last = asked
        if start < 0:
            start = max(0, len(data) + start)
        end = len(data) if last is None else min(last + 1, len(data))
        if start >= len(data) or end <= start:
            return self._send(requests, 416, b"", {**headers, "Content-Range": f"bytes */{len(data)}"})
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
        return self._send(requests, 206, data[start:end], headers, chunked=not options.content_length)

    def _send(
        self,
        requests: list[Request],
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        chunked: bool = False,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(len(body)))))
        for request in requests:
            request.status = status
        if self.command == "HEAD":
            body, chunked = b"", False
        if not body:
            self._end(requests)
        self.end_headers()
        for start in range(0, len(body), PIECE_BYTES):
            piece = body[start : start + PIECE_BYTES]
            for request in requests:
                request.bytes_sent += len(piece)
            if start + PIECE_BYTES >= len(body):
                self._end(requests)  # before the client knows it
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
