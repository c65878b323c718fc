"""How long an answer may take, enforced on every read and write of a connection.

urllib3's timeouts hold for one read of the socket, so that a server that sends a byte now and then
could keep a call for ever. Here a `Wait` counts the time spent reading, through interim answers,
headers, body and trailers, and a call's deadline holds through all of it.
"""

from __future__ import annotations

import http.client
import io
import time
from collections.abc import Callable
from contextvars import ContextVar
from socket import SocketIO, socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

from flowkit.call.failures import Connecting

__all__ = ["SecureTimedConnection", "TimedConnection", "Wait", "current_wait"]

#: Bytes that count as a sign of life in a download; fewer within the time allowed are silence.
TRICKLE = 1024
#: Seconds by which a time limit may be missed.
EXACT = 0.02
#: Bytes of a line, and lines in a row, beyond which an answer is no HTTP any more.
LONGEST_LINE, MOST_LINES = 65536, 1000
#: Bytes of the headers, with all interim answers before them.
LARGEST_HEAD = 1024**2
#: Bytes of a body up to which it is sent together with the head of its request.
SHORT_BODY = 65536

_CURRENT: ContextVar[Wait | None] = ContextVar("flowkit_wait", default=None)


class Wait:
    """The time that one attempt may spend waiting for the server.

    Args:
        longest: seconds for the whole answer; for a download the seconds for its headers, and then
            those spent reading `TRICKLE` bytes. None for no limit.
        left: returns the seconds left until the call's deadline; None where it has none.
        streamed: True for a download.
    """

    __slots__ = (
        "_began",
        "_came",
        "_head",
        "_headers_came",
        "_left",
        "_longest",
        "_streamed",
        "_token",
        "_waited",
    )

    def __init__(
        self, longest: float | None, left: Callable[[], float | None] | None, *, streamed: bool
    ) -> None:
        self._longest = longest
        self._left = left
        self._streamed = streamed
        self._headers_came = False
        self._began: float | None = None
        self._waited = 0.0
        self._head = self._came = 0

    def __enter__(self) -> None:
        """Have the connections that this thread uses within the block keep to it."""
        self._token = _CURRENT.set(self)

    def __exit__(self, *error: object) -> None:
        _CURRENT.reset(self._token)

    def next_write(self) -> float | None:
        """Return the seconds that the next write may take.

        Raises:
            TimeoutError: there are none left.
        """
        return self._shortest(self._longest)

    def next_read(self) -> float | None:
        """Return the seconds that the next read may take.

        Raises:
            TimeoutError: there are none left.
        """
        if self._longest is None:
            return self._shortest(None)
        if self._headers_came and self._streamed:
            return self._shortest(self._longest - self._waited)
        now = time.monotonic()
        self._began = self._began or now
        return self._shortest(self._began + self._longest - now)

    def check(self) -> None:
        """Check, between reads, that there is time left.

        Raises:
            TimeoutError: there is none.
        """
        if self._streamed:
            self._shortest(None)
        else:
            self.next_read()

    def note_read(self, size: int, seconds: float) -> None:
        """Count a read."""
        if not self._headers_came:
            self._head += size
            if self._head > LARGEST_HEAD:
                raise http.client.HTTPException(f"headers of more than {LARGEST_HEAD} bytes")
        elif self._streamed:
            self._waited += seconds
            self._came += size
            if self._came >= TRICKLE:
                self._came, self._waited = 0, 0.0

    def note_headers(self) -> None:
        """Take note that the headers have come."""
        self._headers_came = True

    def _shortest(self, seconds: float | None) -> float | None:
        if self._left is not None:
            left = self._left()
            if left is not None and (seconds is None or left < seconds):
                seconds = left
        if seconds is not None and seconds <= 0:
            raise TimeoutError("timed out")
        return seconds


def current_wait() -> Wait | None:
    """Return what the attempt that is under way in this thread keeps to; None outside of one."""
    return _CURRENT.get()


def _limit(sock: socket, seconds: float | None) -> None:
    """Have the next read or write of a socket take no longer than some seconds."""
    present = sock.gettimeout()
    if seconds is None or present is None or abs(present - seconds) > EXACT:
        sock.settimeout(seconds)  # a call of the system, which is left out where it changes nothing


class _Reads(SocketIO):
    """The reading side of a connection, where every read keeps to a `Wait`."""

    _wait: Wait

    def readinto(self, buffer: Any) -> int | None:
        """Fill `buffer` with what comes next; 0 at the end."""
        _limit(self._sock, self._wait.next_read())  # type: ignore[attr-defined]
        began = time.monotonic()
        size = super().readinto(buffer)
        self._wait.note_read(size or 0, time.monotonic() - began)
        return size


class _Lines(io.BufferedReader):
    """A chunked body, in which no line, and no run of lines, is longer than HTTP needs."""

    _lines = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes."""
        self._lines = 0
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line: the size of a chunk, or one of the trailers."""
        self._lines += 1
        if self._lines > MOST_LINES:
            raise http.client.HTTPException(f"more than {MOST_LINES} lines of trailers")
        line = super().readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise http.client.LineTooLong("line")
        return line


class _Files:
    """A socket as `http.client` sees one: something that makes a file to read from."""

    def __init__(self, sock: socket, wait: Wait) -> None:
        self._sock = sock
        self._wait = wait

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what the answer is read from."""
        raw = _Reads(self._sock, "rb")
        raw._wait = self._wait
        owner: Any = getattr(self._sock, "socket", self._sock)  # TLS within TLS is around a socket
        owner._io_refs += 1  # as socket.makefile does
        return io.BufferedReader(raw)


class _TimedResponse(http.client.HTTPResponse):
    """A response that is read within the time of the attempt that it answers."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        self._wait = _CURRENT.get()
        files: Any = sock if self._wait is None else _Files(sock, self._wait)
        super().__init__(files, *args, **kwargs)

    def begin(self) -> None:
        """Read the headers, and the interim answers (1xx) before them."""
        super().begin()
        if self._wait is not None:
            self._wait.note_headers()
            if self.chunked:
                self.fp = _Lines(self.fp)


class _Timed:
    """What makes a connection of urllib3's keep to a `Wait`."""

    response_class: Any = _TimedResponse
    sock: Any
    auto_open: int
    _held: list[bytes] | None = None

    def request(
        self, method: str, url: str, body: Any = None, headers: Any = None, **options: Any
    ) -> None:
        """Send a request: its head and a short body in one packet, which the server then reads at once."""
        if not isinstance(body, bytes) or len(body) > SHORT_BODY:
            super().request(method, url, body, headers, **options)  # type: ignore[misc]
            return
        held = self._held = []
        try:
            super().request(method, url, body, headers, **options)  # type: ignore[misc]
        finally:
            self._held = None
        self.send(b"".join(held))

    def send(self, data: Any) -> None:
        """Send some of a request, having connected where that is not done yet."""
        if self._held is not None:
            self._held.append(data)
            return
        wait = _CURRENT.get()
        if wait is not None:
            if self.sock is None and self.auto_open:
                self.connect()  # type: ignore[attr-defined]
            if self.sock is not None:
                _limit(self.sock, wait.next_write())
        super().send(data)  # type: ignore[misc]


class TimedConnection(Connecting, _Timed, HTTPConnection):
    """A connection for HTTP that keeps to the `Wait` of the attempt under way."""


class SecureTimedConnection(Connecting, _Timed, HTTPSConnection):
    """A connection for HTTPS that keeps to the `Wait` of the attempt under way."""
