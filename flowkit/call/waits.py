"""How long an answer may take, enforced on every read and write of a connection.

urllib3's timeouts hold for one read of the socket, so that a server that sends a byte now and then
could keep a call for ever. Here a `Wait` counts the time spent reading, through interim answers,
headers, body and trailers, and a call's deadline holds through all of it.
"""

from __future__ import annotations

import http.client
import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from socket import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection

__all__ = ["SecureTimedConnection", "TimedConnection", "Wait", "current_wait"]

#: Bytes that count as a sign of life in a download; fewer within the time allowed are silence.
TRICKLE = 1024
#: Bytes of a line, and lines in a row, beyond which an answer is no HTTP any more.
LONGEST_LINE, MOST_LINES = 65536, 1000

_CURRENT: ContextVar[Wait | None] = ContextVar("flowkit_wait", default=None)


class Wait:
    """The time that one attempt may spend waiting for the server.

    Args:
        longest: seconds for the whole answer; for a download the seconds for its headers, and then
            for each `TRICKLE` bytes. None for no limit.
        left: returns the seconds left until the call's deadline; None for none.
        streamed: True for a download.
    """

    def __init__(
        self, longest: float | None, left: Callable[[], float | None], *, streamed: bool
    ) -> None:
        self._longest = longest
        self._left = left
        self._streamed = streamed
        self._headers_came = False
        self._waited = 0.0
        self._came = 0

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Have the connections that this thread uses within the block keep to it."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

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
        return self._shortest(None if self._longest is None else self._longest - self._waited)

    def note_read(self, size: int, seconds: float) -> None:
        """Count a read."""
        self._waited += seconds
        if self._headers_came:
            self._came += size
            if self._came >= TRICKLE:
                self._came, self._waited = 0, 0.0

    def note_headers(self) -> None:
        """Take note that the headers have come."""
        if self._streamed:
            self._headers_came, self._waited = True, 0.0

    def _shortest(self, seconds: float | None) -> float | None:
        left = self._left()
        if left is not None:
            seconds = left if seconds is None else min(seconds, left)
        if seconds is not None and seconds <= 0:
            raise TimeoutError("timed out")
        return seconds


def current_wait() -> Wait | None:
    """Return what the attempt that is under way in this thread keeps to; None outside of one."""
    return _CURRENT.get()


class _Reads(io.RawIOBase):
    """The reading side of a connection, where every read keeps to a `Wait`."""

    def __init__(self, raw: io.RawIOBase, sock: socket, wait: Wait) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._wait = wait

    def readable(self) -> bool:
        """Return True: reading is what it is for."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Fill `buffer` with what comes next; 0 at the end."""
        self._sock.settimeout(self._wait.next_read())
        began = time.monotonic()
        size: int | None = self._raw.readinto(buffer)
        self._wait.note_read(size or 0, time.monotonic() - began)
        return size

    def close(self) -> None:
        """Close the reading side."""
        self._raw.close()
        super().close()


class _Lines(io.BufferedReader):
    """A buffer that hands out no line, and no run of lines, that is longer than HTTP needs."""

    _lines = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Read `size` bytes."""
        self._lines = 0
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line: of the headers, the trailers, or the size of a chunk."""
        self._lines += 1
        if self._lines > MOST_LINES:
            raise http.client.HTTPException(f"more than {MOST_LINES} lines of headers")
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise http.client.LineTooLong("line")
        return line


class _TimedResponse(http.client.HTTPResponse):
    """A response that is read within the time of the attempt that it answers."""

    def __init__(self, sock: socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._wait = _CURRENT.get()
        if self._wait is not None:
            self.fp = _Lines(_Reads(self.fp.detach(), sock, self._wait))

    def begin(self) -> None:
        """Read the headers, and the interim answers (1xx) before them."""
        super().begin()
        if self._wait is not None:
            self._wait.note_headers()


class _Timed:
    """What makes a connection of urllib3's keep to a `Wait`."""

    response_class: Any = _TimedResponse
    sock: Any
    auto_open: int

    def send(self, data: Any) -> None:
        """Send some of a request, having connected where that is not done yet."""
        wait = _CURRENT.get()
        if wait is not None:
            if self.sock is None and self.auto_open:
                self.connect()  # type: ignore[attr-defined]
            if self.sock is not None:
                self.sock.settimeout(wait.next_write())
        super().send(data)  # type: ignore[misc]


class TimedConnection(_Timed, HTTPConnection):
    """A connection for HTTP that keeps to the `Wait` of the attempt under way."""


class SecureTimedConnection(_Timed, HTTPSConnection):
    """A connection for HTTPS that keeps to the `Wait` of the attempt under way."""
