"""Between uvicorn, which speaks HTTP, and the application, which is a WSGI one: bodies are taken in first.

A request gets a thread when all of it is here, so that a client that is slow or silent costs a place to wait,
of which there are many, and not a place to work. Its body has limits of size and time. An answer is sent piece by
piece without a thread, at the speed of its client.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes

from flowkit_mockserver.dialects.signatures import HEADER_NAMES
from flowkit_mockserver.http.access import CONTROL, NAMESPACE, PROBES
from flowkit_mockserver.http.monitor import Monitor
from flowkit_mockserver.serving.outlet import OUTLET, Outlet
from flowkit_mockserver.serving.privilege import Privilege
from flowkit_mockserver.serving.workers import Workers
from flowkit_mockserver.wire.dispatch import ARRIVED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, HTTPScope

__all__ = ["BodyLimits", "Gateway"]

#: Threads get in each other's way: with eight the server answers half as often as with two.
REQUEST_WORKERS = 2
#: Uploads work long without the lock of the server, so they have threads of their own.
UPLOAD_WORKERS = 2
#: The rest of a body that is larger goes to the disk.
IN_MEMORY = 128 * 1024
#: Seconds in which a client must have taken a piece of an answer.
SEND_TIME = 60.0

log = logging.getLogger(__name__)

#: Status, headers and the pieces of a body.
Reply = tuple[int, list[tuple[bytes, bytes]], Iterable[bytes]]
Denied = Callable[["WSGIEnvironment", int, bytes, float], None]


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much of a body is taken in, and for how long.

    Attributes:
        json_bytes: the largest body that is not multipart.
        upload_bytes: the largest multipart body.
        control_bytes: the largest body of a request to the control API.
        silence: seconds without a byte after which a body is given up.
        json_time: seconds in which a body that is not multipart must be here; an upload may take as long as it goes on.
    """

    json_bytes: int
    upload_bytes: int
    control_bytes: int = 256 * 1024 * 1024
    silence: float = 15.0
    json_time: float = 60.0


class _Denial(Exception):
    """The request is answered without the application, and its connection closed."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply[0])
        self.reply = reply


class Gateway:
    """The ASGI application.

    Args:
        app: answers the requests.
        limits: of bodies.
        spool: where bodies go that are too large for memory.
        refuse_head: given a request without its body, returns an application that refuses it, or None. It is asked
            before a body goes to the disk.
        privilege: says which questions are answered right here, in no thread; None for no privileges.
        monitor: notes how requests are answered.
        probes: paths that are answered right here whatever is under way.
        denied: told of requests that the application never sees: the request, status and body of its answer, and the
            seconds that it took.
    """

    def __init__(
        self,
        app: WSGIApplication,
        limits: BodyLimits,
        spool: Path,
        refuse_head: Callable[[WSGIEnvironment], WSGIApplication | None] | None = None,
        privilege: Privilege | None = None,
        monitor: Monitor | None = None,
        probes: Container[str] = PROBES,
        denied: Denied | None = None,
    ) -> None:
        self._denied = denied
        self._probes = probes
        self._app = app
        self._limits = limits
        self._spool = spool
        self._refuse_head = refuse_head or (lambda environ: None)
        self._privilege = privilege
        self._monitor = monitor or Monitor()
        self._requests = Workers("flowkit-mock-request", REQUEST_WORKERS)
        self._uploads = Workers("flowkit-mock-upload", UPLOAD_WORKERS)

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Answer one request, unless its client leaves or the server ends."""
        environ, monitor = _environ(scope), self._monitor
        status = size = 0
        begun = time.perf_counter()

        async def note(message: Any) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                if monitor.stopping:
                    message["headers"] = [*message["headers"], (b"connection", b"close")]
            else:
                size += len(message["body"])
            await send(message)

        monitor.begin()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await self._answer(environ, receive, note, cast("Outlet | None", scope.get(OUTLET)))
        finally:
            monitor.end(environ, status, size, time.perf_counter() - begun)

    async def _answer(
        self,
        environ: WSGIEnvironment,
        receive: ASGIReceiveCallable,
        send: ASGISendCallable,
        outlet: Outlet | None,
    ) -> None:
        upload = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
        begun = time.perf_counter()
        try:
            body = await self._take_in(environ, upload, receive)
        except _Denial as denial:
            if self._denied is not None:
                status, _, pieces = denial.reply
                answer = b"".join(pieces) if isinstance(pieces, list) else b""
                self._denied(environ, status, answer, time.perf_counter() - begun)
            await _send(denial.reply, send, self._requests, outlet)
            return
        except (ConnectionError, TimeoutError):
            return
        with body:
            environ["wsgi.input"] = body
            environ[ARRIVED] = time.monotonic()
            workers = self._uploads if upload else self._requests
            done = None if upload else await self._ask_at_once(environ, body)
            if done is None:
                reply = await workers.run(_run, self._app, environ)
            else:
                try:
                    reply = _run(self._app, environ)
                finally:
                    done()
            await _send(reply, send, workers, outlet)

    async def _ask_at_once(
        self, environ: WSGIEnvironment, body: IO[bytes]
    ) -> Callable[[], None] | None:
        """Return what ends the privilege to be answered right here, which probes have; None when there is none."""
        path = environ["PATH_INFO"]
        if path in self._probes:
            return _nothing
        # The privilege is that of the server's own state.
        if self._privilege is None or NAMESPACE in environ or not isinstance(body, io.BytesIO):
            return None
        content = body.getvalue()
        done = self._privilege.take(path, content)
        if done is None:
            done = await self._privilege.await_turn(path, content, self._requests.run)
        return done

    async def _take_in(
        self, environ: WSGIEnvironment, upload: bool, receive: ASGIReceiveCallable
    ) -> IO[bytes]:
        """Return the body of a request once all of it is here.

        Raises:
            _Denial: it is too large or too slow, or what comes with it is refused.
            ConnectionError: the client has left.
        """
        limits = self._limits
        limit = limits.upload_bytes if upload else limits.json_bytes
        if environ["PATH_INFO"].startswith(CONTROL):
            limit = limits.control_bytes
        if int(environ.get("CONTENT_LENGTH") or 0) > limit:
            raise _Denial(_too_large(limit))
        loop = asyncio.get_running_loop()
        ends = loop.time() + limits.json_time
        body: IO[bytes] = io.BytesIO()
        size = 0
        try:
            while True:
                try:
                    async with asyncio.timeout(limits.silence):
                        message: Any = await receive()
                except TimeoutError:
                    raise _Denial(_too_slow()) from None
                if message["type"] == "http.disconnect":
                    raise ConnectionError
                size += len(message["body"])
                if size > limit:
                    raise _Denial(_too_large(limit))
                if not upload and message["more_body"] and loop.time() > ends:
                    raise _Denial(_too_slow())
                if size > IN_MEMORY and isinstance(body, io.BytesIO):
                    if (refusal := self._refuse_head(environ)) is not None:
                        raise _Denial(_run(refusal, {**environ, "wsgi.input": io.BytesIO()}))
                    start = body.getvalue()
                    body = tempfile.TemporaryFile(dir=self._spool)  # noqa: SIM115 - closed by the caller
                    body.write(start)
                body.write(message["body"])
                if not message["more_body"]:
                    body.seek(0)
                    return body
        except OSError as error:
            body.close()
            if isinstance(error, ConnectionError):
                raise
            raise _Denial(_denial(507, f"the body cannot be stored: {error.strerror}")) from error
        except BaseException:
            body.close()
            raise


def _nothing() -> None:
    """Nothing is to be given back."""


def _environ(scope: HTTPScope) -> WSGIEnvironment:
    """Return a request as WSGI has it, its body left out. Nothing of the process's environment is in it."""
    host, port = scope["server"] or ("localhost", None)
    client = scope["client"]
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0] if client else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        value = raw_value.decode("latin-1")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = f"HTTP_{name}"
        environ[name] = f"{environ[name]},{value}" if name in environ else value
    environ[HEADER_NAMES] = frozenset(
        name.decode("latin-1").lower() for name, _ in scope["headers"]
    )
    return environ


def _run(app: WSGIApplication, environ: WSGIEnvironment) -> Reply:
    """Return the answer of a WSGI application."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
        started[:] = status, headers
        return None

    pieces = app(environ, start_response)
    if not isinstance(pieces, list):
        pieces = _begun(pieces)
    status, headers = started
    lower = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return int(status[:3]), lower, pieces


def _begun(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Return an iterator that has run to its first piece: until then the status is not known."""

    def run() -> Iterator[bytes]:
        try:
            iterator = iter(pieces)
            first = next(iterator, b"")
            yield b""
            yield first
            yield from iterator
        finally:
            if hasattr(pieces, "close"):
                pieces.close()

    generator = run()
    next(generator)
    return generator


async def _send(
    reply: Reply, send: ASGISendCallable, workers: Workers, outlet: Outlet | None
) -> None:
    """Send an answer; pieces that are not in memory are fetched by the workers, at the pace of the client."""
    status, headers, pieces = reply
    if isinstance(pieces, list):
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if outlet is not None:
            outlet.hold()
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
        finally:
            if outlet is not None:
                outlet.release()
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    iterator: Any = pieces
    try:
        while (piece := await workers.run(next, iterator, None)) is not None:
            async with asyncio.timeout(SEND_TIME):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        iterator.close()


def _denial(status: int, text: str) -> Reply:
    body = json.dumps({"retmsg": text, "retcode": status}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    return status, headers, [body]


def _too_large(limit: int) -> Reply:
    return _denial(413, f"the body is larger than {limit} bytes")


def _too_slow() -> Reply:
    return _denial(408, "the body takes too long to arrive")
