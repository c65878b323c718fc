"""The innermost ``flowkit_send``: HTTP over urllib3, one pool of connections to one server."""

from __future__ import annotations

import contextlib
import http.client
import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    InvalidChunkLength,
    InvalidHeader,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from flowkit.call.certificates import Certificates
from flowkit.call.failures import suggest_scheme, was_never_made, without_frames
from flowkit.call.limits import ANSWER_LIMIT, DOWNLOAD_LIMIT, keep_within
from flowkit.call.markers import hookimpl
from flowkit.call.model import CHUNK, Call, Request, Response
from flowkit.call.pools import open_pool
from flowkit.call.secrets import mask_text
from flowkit.call.waits import Wait
from flowkit.errors import ArgumentError, ConnectionFailed, FlowError, ServerError, TimedOut, shown
from flowkit.forks import renew_in_children

if TYPE_CHECKING:
    from flowkit.call.address import Address
    from flowkit.call.proxies import Proxy

__all__ = [
    "CONNECTIONS",
    "DEFAULT_TIMEOUT",
    "MOST_CONNECTIONS",
    "Timeout",
    "Transport",
    "urllib3_timeout",
]

#: Seconds to wait for a connection and for an answer, as one number or a pair.
Timeout = float | tuple[float, float]

DEFAULT_TIMEOUT: Timeout = (5.0, 60.0)

#: Connections that a client keeps open.
CONNECTIONS = 16
#: The most that may be kept open: room for each is made when a client is.
MOST_CONNECTIONS = 10_000

REFUSED_BY_PROXY = re.compile(r"Tunnel connection failed: 40[17]")

#: What says that an answer is no HTTP, rather than that the connection broke.
NO_HTTP = (DecodeError, InvalidChunkLength, InvalidHeader, http.client.HTTPException, ValueError)
BROKEN = (http.client.RemoteDisconnected, http.client.IncompleteRead)
LONGEST_QUOTE = 300
LEAST = 0.01  # seconds that are as good as none


class Transport:
    """Sends requests to one address.

    Args:
        address: where the server is, and where that was said.
        certificates: whom to trust, and what to show of itself, where the address is ``https``.
        proxy: the proxy on the way; None for none.
        connections: connections kept open for further requests; a thread that finds none idle
            gets one more, which is closed after use.

    Raises:
        ArgumentError: a file of certificates cannot be used, or the kind of proxy.
    """

    name = "transport"
    identity = ""

    def __init__(
        self,
        address: Address,
        *,
        certificates: Certificates | None = None,
        proxy: Proxy | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        self._address = address
        self._proxy = proxy
        self._connections = connections
        # A proxy is sent the whole address, except through a tunnel.
        self._forwarded = (
            proxy is not None and address.scheme == "http" and proxy.scheme in ("http", "https")
        )
        secure = address.scheme == "https"
        certificates = certificates or Certificates()
        self._context = certificates.context() if secure else None
        # What the client shows of itself is for the server.
        secure = proxy is not None and proxy.scheme == "https"
        self._proxy_context = certificates.without_client().context() if secure else None
        self._pool = self._open_pool()
        self._answered = False
        renew_in_children(self)

    def _open_pool(self) -> urllib3.HTTPConnectionPool:
        return open_pool(
            self._address, self._proxy, self._context, self._connections, self._proxy_context
        )

    def renew_after_fork(self) -> None:
        """Leave the parent's connections to it: a child makes its own."""
        self._pool = self._open_pool()

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @hookimpl(trylast=True)
    def flowkit_send(self, call: Call, request: Request) -> Response:
        """Send the signed request and return the response.

        Raises:
            ConnectionFailed: the server cannot be reached, or broke the connection off.
            TimedOut: connecting or reading took longer than allowed.
            ServerError: what it sends is no HTTP, or too much.
        """
        signed = call.signed(request)
        body: bytes | Iterator[bytes] | None
        if signed.body is None or isinstance(signed.body, bytes):
            body = signed.body
        else:
            body = report_progress(call, signed.chunks(), signed.body.length)
            signed.headers.setdefault("Content-Length", str(signed.body.length))
        wait = Wait(
            _seconds(call.options["timeout"].read_timeout),
            None if call.ends is None else call.seconds_left,
            streamed=signed.download,
        )
        try:
            with wait:
                answer = self._pool.urlopen(
                    signed.method,
                    signed.url if self._forwarded else signed.target,
                    body=body,
                    headers=signed.headers,
                    timeout=self._timeout(call),
                    redirect=False,
                    assert_same_host=False,
                    preload_content=False,
                    decode_content=True,
                )
        except (HTTPError, ValueError) as error:  # ValueError: numbers in headers that are none
            if isinstance(error, FlowError):
                raise
            raise self._translate(call, error) from without_frames(error)
        self._answered = True
        if signed.download:
            pieces = self._pieces(call, answer, wait, download=True)
            return Response(answer.status, answer.headers, pieces, close=lambda: _close(answer))
        return Response(answer.status, answer.headers, self._read(call, answer, wait))

    def _timeout(self, call: Call) -> urllib3.Timeout:
        """Return how long to wait for a connection and for an answer, within the call's deadline."""
        timeout: urllib3.Timeout = call.options["timeout"]
        left = call.seconds_left()
        if left is None:
            return timeout
        if left <= 0:
            text = f"{call.operation.name}: {self._address}: the deadline has passed"
            raise TimedOut(text, sent=False)
        connect, read = _seconds(timeout.connect_timeout), _seconds(timeout.read_timeout)
        return urllib3.Timeout(
            connect=left if connect is None else min(connect, left),
            read=left if read is None else min(read, left),
        )

    def _read(self, call: Call, answer: urllib3.BaseHTTPResponse, wait: Wait) -> bytes:
        """Return the whole body of an answer, and give the connection back."""
        headers = answer.headers
        length = headers.get("Content-Length", "")
        short = len(length) < 6 and length.isascii() and length.isdigit()
        if short and "Content-Encoding" not in headers and "Transfer-Encoding" not in headers:
            try:  # most answers are like this
                return answer.read()
            except (HTTPError, ValueError) as error:
                raise self._translate(call, error) from without_frames(error)
        return b"".join(self._pieces(call, answer, wait, download=False))

    def _pieces(
        self, call: Call, answer: urllib3.BaseHTTPResponse, wait: Wait, *, download: bool
    ) -> Iterator[bytes]:
        """Yield the body of an answer."""
        pieces: Iterator[bytes] = answer.stream(CHUNK)
        name, most = "answer_limit", ANSWER_LIMIT
        if download:
            length = answer.headers.get("Content-Length", "")
            known = length.isascii() and length.isdigit() and len(length) < 20
            pieces = report_progress(call, pieces, int(length) if known else None)
            name, most = "download_limit", DOWNLOAD_LIMIT
        try:
            limit = call.options.get(name) or most
            for piece in keep_within(pieces, name, limit, answer.status):
                wait.check()
                yield piece
        except FlowError as error:
            _close(answer)
            text = f"{call.operation.name}: {self._address}: {error}"
            raise ServerError(text, status=answer.status) from error
        except (
            HTTPError,
            ValueError,
            TimeoutError,
        ) as error:  # ValueError: sizes of chunks that are none
            _close(answer)
            raise self._translate(call, error) from without_frames(error)

    def _translate(self, call: Call, error: Exception) -> FlowError:
        """Return our own error for one of urllib3's, with what to do about it."""
        if isinstance(error, ClosedPoolError):
            return FlowError(f"{call.operation.name}: the client is closed; make a new one")
        where = f"{call.operation.name}: {self._address}"
        timeout = call.options["timeout"]
        sent = not was_never_made(error)
        if isinstance(error, ProxyError) and not sent:
            return self._translate_proxy(where, error)
        if self._proxy is not None:
            where += f" through {self._proxy}"
        left = call.seconds_left()
        timed_out = isinstance(error, ConnectTimeoutError | ReadTimeoutError) or isinstance(
            _cause(error), TimeoutError
        )
        if timed_out and left is not None and left <= LEAST:
            deadline = call.options["deadline"]
            text = f"{where} has not answered when the deadline of {deadline:g} s had passed"
            return TimedOut(text, sent=sent)
        if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
            seconds = timeout.connect_timeout
            text = f"{where} did not accept a connection within {seconds} s; is the address right?"
            return TimedOut(text, sent=False)
        if isinstance(error, SSLError) and not sent:
            hint = suggest_scheme(error, self._address)
            text = f"{where}: no secure connection could be made: {error}{hint}"
            return ConnectionFailed(text, sent=False, refused=False)
        if isinstance(error, NameResolutionError):
            text = (
                f"{where}: the host name {self._address.host!r} is not known; is it spelled right?"
            )
            return ConnectionFailed(text, sent=False, refused=False)
        if isinstance(error, NewConnectionError):
            text = f"{where} refused the connection; is a FATE Flow server running there?"
            return ConnectionFailed(text, sent=False)
        if timed_out:
            seconds = timeout.read_timeout
            text = (
                f"{where} did not answer within {seconds} s; raise it with timeout=(connect, read)"
            )
            return TimedOut(text, sent=sent)
        hint = suggest_scheme(error, self._address, answered=self._answered)
        quote = mask_text(str(error)[: 4 * LONGEST_QUOTE], call.credentials())[:LONGEST_QUOTE]
        cause = _cause(error)
        if isinstance(cause, NO_HTTP) and not isinstance(cause, BROKEN):
            return ServerError(f"{where} sends what is no HTTP: {quote}{hint}")
        text = f"{where} broke the connection off: {quote}{hint}"
        return ConnectionFailed(text, sent=sent, refused=False)

    def _translate_proxy(self, where: str, error: ProxyError) -> ConnectionFailed:
        """Return our own error about a proxy: the request has not left it."""
        cause = error.original_error
        if REFUSED_BY_PROXY.search(str(cause)):
            what = "demands credentials, or other ones: give them as http://user:password@host:port"
        elif "Tunnel connection failed" in str(cause):
            what = f"makes no connection to the server: {cause}"
        elif isinstance(cause, NameResolutionError):
            what = "has a host name that is not known; is it spelled right?"
        elif isinstance(cause, NewConnectionError):
            what = "refused the connection; is it running there?"
        else:
            what = f"cannot be used: {cause}"
        text = f"{where}: {self._proxy} {what}{'' if what.endswith('?') else ';'}"
        text += f" proxy='' or NO_PROXY={self._address.host} goes without it"
        return ConnectionFailed(text, sent=False, refused=False)


def _cause(error: BaseException) -> BaseException:
    """Return what lies at the bottom of one of urllib3's errors."""
    if (
        isinstance(error, HTTPError)
        and len(error.args) > 1
        and isinstance(error.args[1], Exception)
    ):
        return error.args[1]
    return error


def _close(answer: urllib3.BaseHTTPResponse) -> None:
    """Give a connection back; one on which something may still come is closed first."""
    with contextlib.suppress(HTTPError, OSError, ValueError):
        answer.close()
    answer.release_conn()


def _seconds(value: Any) -> float | None:
    """Return one of urllib3's timeouts as seconds; None when it sets no limit."""
    return value if isinstance(value, int | float) else None


def report_progress(call: Call, pieces: Iterator[bytes], total: int | None) -> Iterator[bytes]:
    """Yield `pieces`, telling ``flowkit_transferred`` about each."""
    done = 0
    transferred = call.client.hooks.transferred
    for piece in pieces:
        done += len(piece)
        yield piece
        transferred(call, done, total)


def urllib3_timeout(timeout: Timeout | urllib3.Timeout) -> urllib3.Timeout:
    """Return seconds, or a pair of them, as urllib3 wants them.

    Raises:
        ArgumentError: they are not numbers above 0.
    """
    if isinstance(timeout, urllib3.Timeout):
        return timeout
    pair: tuple[object, ...] = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    if len(pair) != 2 or not all(_is_time(seconds) for seconds in pair):
        raise ArgumentError(
            f"timeout must be seconds above 0, or a pair (connect, read), got {shown(timeout)};"
            " a long wait is a large number, such as 86400",
            argument="timeout",
            value=timeout,
        )
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return urllib3.Timeout(connect=connect, read=read)


def _is_time(seconds: object) -> bool:
    """Return whether these are seconds that a socket can wait."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return False
    return 0 < seconds <= threading.TIMEOUT_MAX  # neither NaN nor infinity is
