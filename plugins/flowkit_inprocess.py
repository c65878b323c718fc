"""Plugin ``inprocess``: a WSGI application answers in place of a server, without a socket.

By its name alone (``FLOWKIT_PLUGINS=inprocess``) it answers from a mock server of its own. With an
application at hand::

    from flowkit import FlowClient
    from flowkit_inprocess import InProcess
    from flowkit_mockserver import create_app

    flow = FlowClient(plugins=[InProcess(create_app())])

Whatever stands further out (retries, caches, recorders, signatures) works as over the network; the
request is handed over as a WSGI environment and nothing is copied, so files are streamed both ways.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes, urlsplit

from flowkit import Response, hookimpl
from flowkit.hooks.loading import mock_server_class

if TYPE_CHECKING:
    from flowkit import Call, Request

__all__ = ["InProcess"]

WSGIApp = Callable[..., Iterable[bytes]]


class InProcess:
    """Answers every request from an application in this process.

    Args:
        app: any WSGI application, such as `flowkit_mockserver.create_app` makes; None for a mock
            server of its own, which is forgotten when the client is closed.
        source: what `Response.source` says of its answers.
    """

    name = "inprocess"

    def __init__(self, app: WSGIApp | None = None, source: str = "mock") -> None:
        self._own: Any = None
        if app is None:
            # The mock is an extra; who brings an application does without it.
            self._own = mock_server_class()()
            app = self._own.app
        self._app: WSGIApp = app
        self._source = source

    @hookimpl
    def flowkit_client_closed(self) -> None:
        """Give up a mock server of its own."""
        if self._own is not None:
            self._own.close()

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        """Let the application answer the signed request."""
        environ = _environ(call, call.signed(request))
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> None:
            started[:] = (int(status[:3]), headers)

        body = self._app(environ, start_response)
        if request.download:
            pieces = _begun(body, started)
            status, headers = started
            close = getattr(body, "close", None)
            return Response(status, dict(headers), pieces, source=self._source, close=close)
        try:
            content = b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        status, headers = started
        return Response(status, dict(headers), content, source=self._source)


def _begun(body: Iterable[bytes], started: list[Any]) -> Iterable[bytes]:
    """Return the pieces; an application may call `start_response` with the first one only."""
    if started:
        return body
    pieces = iter(body)
    first = next(pieces, b"")
    return _chain(first, pieces)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _environ(call: Call, request: Request) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    origin = urlsplit(request.origin)
    body = request.body
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        # WSGI wants the decoded bytes of the path, one character each.
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "SERVER_NAME": origin.hostname or "localhost",
        "SERVER_PORT": str(origin.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": origin.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": origin.scheme,
        "wsgi.input": io.BytesIO(body or b"")
        if body is None or isinstance(body, bytes)
        else _Incoming(call, request),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["flowkit.header_names"] = frozenset(name.lower() for name in request.headers)
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(request.content_length) if body is not None else ""
    return environ


class _Incoming(io.RawIOBase):
    """A streamed request body as a file: each piece is fetched when it is read.

    Args:
        call: the call whose ``flowkit_transferred`` follows the body.
        request: the request, whose body is not bytes.
    """

    def __init__(self, call: Call, request: Request) -> None:
        self._call = call
        self._total = request.content_length
        self._pieces = iter(request.chunks())
        self._piece = memoryview(b"")
        self._done = 0

    def readable(self) -> bool:
        """Return True: reading is all it can do."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the piece at hand, and return by how many bytes; 0 at the end."""
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
            self._done += len(piece)
            self._call.client.hooks.transferred(self._call, self._done, self._total)
        taken = min(len(buffer), len(self._piece))
        buffer[:taken] = self._piece[:taken]
        self._piece = self._piece[taken:]
        return taken
