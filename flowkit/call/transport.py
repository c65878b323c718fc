"""The innermost ``flowkit_send``: HTTP over urllib3, one pool of connections to one server."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import urllib3
from urllib3.exceptions import (
    ClosedPoolError,
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from flowkit.call.certificates import Certificates
from flowkit.call.failures import suggest_scheme, was_never_made
from flowkit.call.markers import hookimpl
from flowkit.call.model import CHUNK, Call, Request, Response
from flowkit.call.pools import open_pool
from flowkit.errors import ArgumentError, ConnectionFailed, FlowError, TimedOut
from flowkit.forks import renew_in_children

if TYPE_CHECKING:
    from flowkit.call.address import Address
    from flowkit.call.proxies import Proxy

__all__ = ["CONNECTIONS", "DEFAULT_TIMEOUT", "Timeout", "Transport", "urllib3_timeout"]

#: Seconds to wait for a connection and for an answer, as one number or a pair.
Timeout = float | tuple[float, float]

DEFAULT_TIMEOUT: Timeout = (5.0, 60.0)

#: Connections that a client keeps open.
CONNECTIONS = 16

REFUSED_BY_PROXY = re.compile(r"Tunnel connection failed: 40[17]")


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
        """
        signed = call.signed(request)
        body: bytes | Iterator[bytes] | None
        if signed.body is None or isinstance(signed.body, bytes):
            body = signed.body
        else:
            body = report_progress(call, signed.chunks(), signed.body.length)
            signed.headers.setdefault("Content-Length", str(signed.body.length))
        try:
            answer = self._pool.urlopen(
                signed.method,
                signed.url if self._forwarded else signed.target,
                body=body,
                headers=signed.headers,
                timeout=call.options["timeout"],
                redirect=False,
                assert_same_host=False,
                preload_content=not signed.download,
                decode_content=True,
            )
        except HTTPError as error:
            raise self._translate(call, error) from error
        if not signed.download:
            return Response(answer.status, answer.headers, answer.data)
        pieces = self._pieces(call, answer)
        return Response(answer.status, answer.headers, pieces, close=answer.release_conn)

    def _pieces(self, call: Call, answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        length = answer.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
        try:
            yield from report_progress(call, answer.stream(CHUNK), total)
        except HTTPError as error:
            with contextlib.suppress(HTTPError, OSError):
                answer.close()
            raise self._translate(call, error) from error

    def _translate(self, call: Call, error: HTTPError) -> FlowError:
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
        if isinstance(error, ReadTimeoutError):
            seconds = timeout.read_timeout
            text = (
                f"{where} did not answer within {seconds} s; raise it with timeout=(connect, read)"
            )
            return TimedOut(text, sent=sent)
        hint = suggest_scheme(error, self._address)
        text = f"{where} broke the connection off: {error}{hint}"
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
            f"timeout must be seconds above 0, or a pair (connect, read), got {timeout!r};"
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
