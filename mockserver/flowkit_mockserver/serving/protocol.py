"""uvicorn's HTTP/1.1 over httptools, with limits for the head of a request, which uvicorn has not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from flowkit_mockserver.serving.outlet import OUTLET, Outlet

__all__ = ["HEAD_BYTES", "HEAD_TIME", "Protocol"]

#: Seconds in which the head of a request must be here.
HEAD_TIME = 15.0
#: The largest head, give or take what is read at once.
HEAD_BYTES = 64 * 1024
#: An offer to speak another protocol, which Java's own client makes with each request. A server may ignore it;
#: httptools takes what follows for that protocol, and the body would be lost.
_UPGRADE = re.compile(rb"(?<=\n)upgrade:[^\n]*\n", re.IGNORECASE)
_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (\S+)")
_NO_METHOD = re.compile(rb"[^A-Za-z\r\n]")
_NO_HTTP = (
    "what was sent is no HTTP/1.1, or its body has no certain end; it was answered with HTTP 400"
)
_TLS = "the client spoke TLS, and this port does not: ask http://, or start the server with --tls-certificate"
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
#: Connections that may wait for a client to say something; of more the one that waits longest is closed.
SILENT = 512


Refused = Callable[[int, str, str, str], None]


class Protocol(HttpToolsProtocol):
    """One connection. It is closed when the head of a request takes too long or is too large.

    Attributes:
        silent: the connections that wait for their client to say something, the one that waits longest first.
        on_lost: called when the connection is no more.
        on_refused: told of what a client sent that is no request, or not a whole one: a status, why, and method and
            target as far as they are known.
    """

    silent: ClassVar[dict[Protocol, None]] = {}

    def __init__(self, *arguments: Any, refused: Refused | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._head_is_next = True
        self._held = b""
        self.on_lost: Callable[[], None] | None = None
        self.on_refused = refused
        self._received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        outlet: Any = Outlet(transport)
        self._outlet = outlet
        super().connection_made(outlet)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._have_head()
        super().connection_lost(exc)
        if self.on_lost is not None:
            self.on_lost()

    def on_message_begin(self) -> None:
        """Wait for the rest of a head."""
        super().on_message_begin()
        self.scope[OUTLET] = self._outlet  # type: ignore[literal-required]
        if self._head_timer is None:
            self._await_head()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._be_silent()

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self._have_head()
        self._head_is_next = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the next request."""
        self._head_is_next = True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Take data in, unless it is more than a head may have."""
        if self._head_is_next:
            data, self._held = self._held + data, b""
            end = _END_OF_HEAD.search(data)
            # What begins like no request, as TLS does, has no end to wait for.
            if end is None and len(data) <= HEAD_BYTES and not _NO_METHOD.match(data):
                self._held = data
                if self._head_timer is None:
                    self._await_head()
                return
            stop = len(data) if end is None else end.end()
            if _UPGRADE.search(data, 0, stop):
                data = _UPGRADE.sub(b"", data[:stop]) + data[stop:]
        self._received = data
        super().data_received(data)
        if self._head_timer is not None:
            self._head_size += len(data)
            if self._head_size > HEAD_BYTES:
                self._refuse(431, f"the head of the request is larger than {HEAD_BYTES} bytes")
                self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(400, _TLS if self._received.startswith(b"\x16\x03") else _NO_HTTP)
        super().send_400_response(msg)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection whose client is silent, in the middle of a head perhaps."""
        if (self._held or self._head_size) and not self.transport.is_closing():
            self._received = self._held or self._received
            self._refuse(408, f"the head of the request is not there after {HEAD_TIME:g} seconds")
        super().timeout_keep_alive_handler()

    def _refuse(self, status: int, reason: str) -> None:
        """Tell of what is refused, with what is known of it."""
        if self.on_refused is None:
            return
        line = _REQUEST_LINE.match(self._received)
        if not self._head_is_next:  # its body is in doubt
            method, target = self.scope["method"], self.url.decode("latin-1")
        elif line is not None:
            method, target = line[1].decode("latin-1"), line[2].decode("latin-1")
        else:
            method = target = ""
        self.on_refused(status, reason, method, target)

    def shutdown(self) -> None:
        """Close, unless a request is here as a whole: that one is answered first."""
        if self.cycle is not None and not self.cycle.response_complete and self.cycle.more_body:
            self.transport.abort()
        else:
            super().shutdown()

    def _be_silent(self) -> None:
        """Wait, in the place of the connection that has waited longest if there are too many."""
        self.silent[self] = None
        if len(self.silent) > SILENT:
            longest = next(iter(self.silent))
            del self.silent[longest]
            longest.transport.close()

    def _await_head(self) -> None:
        self._be_silent()
        self._head_size = 0
        self._head_timer = self.loop.call_later(HEAD_TIME, self.timeout_keep_alive_handler)

    def _have_head(self) -> None:
        self.silent.pop(self, None)
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
