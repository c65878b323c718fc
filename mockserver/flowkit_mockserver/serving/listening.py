"""A threaded HTTP server for tests: it starts at once, in this process, and keeps connections.

Werkzeug's own server closes a connection after each answer, which leaves a client's pool nothing to pool.
cheroot 11 keeps connections, but passes each request from a selector to a pool of threads: on one connection, as a
client that polls has, this server answers 1.3 to 1.9 times as many ``job.query`` a second; on eight connections the
two are about even, 0.7 to 1.3 times (``python -m benchmarks listening``, a busy machine with two cores). In cheroot
as many stalled uploads as the pool has threads also block everybody else; here each connection has a thread.

Heads have limits of size and time, and connections are counted; what a body may have is up to the application. A
client that is slow costs its own thread and nobody else.

A request whose length is in doubt (several lengths, one that is no number, a length beside chunks) is refused and
its connection closed, so that nothing of it is taken for another request.
"""

from __future__ import annotations

import contextlib
import io
import logging
import socket
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from http.client import LineTooLong
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import DechunkedInput
from werkzeug.wsgi import LimitedStream

from flowkit_mockserver.dialects.signatures import HEADER_NAMES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

__all__ = ["Listener", "browser_url", "listening_url", "open_port"]

#: How much of a body that the application did not want is read to save the connection.
DRAINED = 1024 * 1024
#: The largest head, and the seconds in which it must be here.
HEAD_BYTES, HEAD_TIME = 64 * 1024, 15.0
#: Connections that can be open; further ones are closed at once.
CONNECTIONS = 512

log = logging.getLogger(__name__)


class _Head:
    """The lines of a head, as far as its limits go.

    Args:
        stream: what the client sends.
    """

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self._left = HEAD_BYTES
        self._ends = time.monotonic() + HEAD_TIME

    def readline(self, limit: int) -> bytes:
        """Return the next line.

        Raises:
            http.client.LineTooLong: the head is too large.
            TimeoutError: it takes too long.
        """
        line = self._stream.readline(limit)
        self._left -= len(line)
        if self._left < 0:
            raise LineTooLong("head")
        if time.monotonic() > self._ends:
            raise TimeoutError("the head takes too long")
        return line


class _Handler(BaseHTTPRequestHandler):
    """One connection: request after request, each handed to the application."""

    server: Listener
    protocol_version = "HTTP/1.1"
    server_version = "flowkit-mock"
    sys_version = ""
    # Without it the kernel holds small answers back for 40 ms: 22 requests/s in place of 2,400.
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024
    # Seconds of silence after which a connection is closed.
    timeout = 60.0

    def parse_request(self) -> bool:
        """Read the head of a request, within its limits."""
        stream = self.rfile
        self.rfile = cast(Any, _Head(cast(Any, stream)))
        try:
            return super().parse_request()
        finally:
            self.rfile = stream

    def answer(self) -> None:
        """Answer the request whose head has been read."""
        fields = [(name.upper().replace("-", "_"), value) for name, value in self.headers.items()]
        lengths = [value for name, value in fields if name == "CONTENT_LENGTH"]
        codings = [value for name, value in fields if name == "TRANSFER_ENCODING"]
        if (problem := self._doubt_length(lengths, codings)) is not None:
            self.send_error(*problem)
            return
        # `DechunkedInput` ends where the chunks do, `LimitedStream` after so many bytes.
        body = (
            DechunkedInput(cast(Any, self.rfile))
            if codings
            else LimitedStream(cast(Any, self.rfile), int(lengths[0]) if lengths else 0)
        )
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            started[:] = status, headers
            return None

        result = self.server.app(self._environ(fields, body), start_response)
        try:
            pieces = iter(result)
            first = next(pieces, b"")
            status, headers = started
            chunked = self._begin(status, headers)
            if self.command != "HEAD":
                self._write(first, chunked)
                for piece in pieces:
                    self._write(piece, chunked)
                if chunked:
                    self.wfile.write(b"0\r\n\r\n")
            self.wfile.flush()
        finally:
            if hasattr(result, "close"):
                result.close()
        self._drain(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def _begin(self, status: str, headers: list[tuple[str, str]]) -> bool:
        """Write the head of the answer; return whether the body goes in chunks."""
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        chunked = not any(name.lower() == "content-length" for name, _ in headers)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        return chunked

    def _write(self, piece: bytes, chunked: bool) -> None:
        if piece and chunked:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        elif piece:
            self.wfile.write(piece)

    def _doubt_length(self, lengths: list[str], codings: list[str]) -> tuple[int, str] | None:
        """Return status and text for a request whose body has no certain end, None for any other."""
        if codings and [coding.lower() for coding in codings] != ["chunked"]:
            return 501, "The only transfer encoding is chunked"
        if codings and lengths:
            return 400, "Content-Length beside Transfer-Encoding"
        if codings and self.request_version != "HTTP/1.1":
            return 400, "Transfer-Encoding needs HTTP/1.1"
        if len(lengths) > 1:
            return 400, "Content-Length is repeated"
        if lengths and not (lengths[0].isascii() and lengths[0].isdecimal()):
            return 400, "Content-Length is not a number of bytes"
        return None

    def _drain(self, body: io.RawIOBase) -> None:
        """Read what the application left of the body, or close the connection if that is much."""
        left = DRAINED
        # The client has its answer: that it left, or that its chunks make no sense, is nobody's trouble.
        with contextlib.suppress(ClientDisconnected, OSError):
            while left > 0:
                piece = body.read(min(left, 64 * 1024))
                if not piece:
                    return
                left -= len(piece)
        self.close_connection = True

    def _environ(self, fields: list[tuple[str, str]], body: io.RawIOBase) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "wsgi.input_terminated": True,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in fields:
            environ[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"] = value
        environ[HEADER_NAMES] = frozenset(name.lower() for name in self.headers)
        return environ

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse a request whose head is none, or is in doubt."""
        if self.server.refused is not None:
            words = str(getattr(self, "requestline", "")).split()
            method, target = words[:2] if len(words) >= 2 else ("", "")
            reason = message or HTTPStatus(code).phrase
            self.server.refused(code, reason, method, target)
        super().send_error(code, message, explain)

    def handle_expect_100(self) -> bool:
        """Tell a client that asks whether it may send a large body that it may."""
        answer = super().handle_expect_100()
        self.wfile.flush()
        return answer

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class Listener(ThreadingMixIn, TCPServer):
    """A server that is listening, and serves once `serve_forever` is called.

    Args:
        app: answers the requests.
        listener: a socket that listens; it is closed here, and a copy of it used.
        refused: told of what clients send that is no request: the status that they get, why, and method and target as
            far as they are known.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        app: WSGIApplication,
        listener: socket.socket,
        refused: Callable[[int, str, str, str], None] | None = None,
    ) -> None:
        self.app = app
        self.refused = refused
        self._open: set[socket.socket] = set()
        self._closed = False
        with listener:
            self.address_family = listener.family
            super().__init__(listener.getsockname(), _Handler, bind_and_activate=False)
            self.socket.close()
            self.socket = socket.fromfd(listener.fileno(), listener.family, socket.SOCK_STREAM)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a new connection in a thread of its own, unless there are too many."""
        if len(self._open) >= CONNECTIONS:
            log.warning("more than %d connections; one is closed", CONNECTIONS)
            self.shutdown_request(request)
            return
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening and end the connections that clients keep."""
        self._closed = True
        super().server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong with a connection, unless its client just left, or this server closed it.

        A connection that is closed while it is read is told by other errors than a client's leaving, under gevent.
        """
        expected = OSError if self._closed else ConnectionError
        if not isinstance(sys.exc_info()[1], expected):
            log.exception("connection from %s", client_address)


def open_port(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        OSError: the port cannot be had; the text says which.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"cannot listen at {host}:{port}: {error.strerror}") from error
    return listener


def listening_url(listener: socket.socket, scheme: str = "http") -> str:
    """Return the address at which a socket listens."""
    host, port = listener.getsockname()[:2]
    return _url(scheme, host, port)


def browser_url(listener: socket.socket, scheme: str = "http") -> str:
    """Return the address at which this machine reaches a socket that listens, at all of its addresses perhaps."""
    host, port = listener.getsockname()[:2]
    return _url(scheme, {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port)


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
