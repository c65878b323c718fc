"""The innermost ``flowkit_send``: HTTP over urllib3, one pool of connections to one server."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from flowkit.call.markers import hookimpl
from flowkit.call.model import CHUNK, Call, Request, Response
from flowkit.errors import ArgumentError, ConnectionFailed, TimedOut, TransportError

if TYPE_CHECKING:
    from flowkit.call.address import Address

__all__ = ["DEFAULT_TIMEOUT", "Timeout", "Transport", "urllib3_timeout"]

#: Seconds to wait for a connection and for an answer, as one number or a pair.
Timeout = float | tuple[float, float]

DEFAULT_TIMEOUT: Timeout = (5.0, 60.0)

NEVER_MADE = (ConnectTimeoutError, NewConnectionError, NameResolutionError, SSLError)


class Transport:
    """Sends requests to one address.

    Args:
        address: where the server is, and where that was said.
        connections: connections kept open; further threads wait for one.
        ca_certificates: file of certificates to trust in place of the system's.
        verify: False accepts any certificate; for tests only.
    """

    name = "transport"
    identity = ""

    def __init__(
        self,
        address: Address,
        *,
        connections: int = 16,
        ca_certificates: str | None = None,
        verify: bool = True,
    ) -> None:
        self._address = address
        settings: dict[str, Any] = {"maxsize": connections, "block": False, "retries": False}
        self._pool: urllib3.HTTPConnectionPool
        if address.scheme == "https":
            context = ssl.create_default_context(cafile=ca_certificates)
            if not verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            self._pool = urllib3.HTTPSConnectionPool(
                address.host, address.port, ssl_context=context, **settings
            )
        else:
            self._pool = urllib3.HTTPConnectionPool(address.host, address.port, **settings)

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
                signed.target,
                body=body,
                headers=signed.headers,
                timeout=call.options["timeout"],
                redirect=False,
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

    def _translate(self, call: Call, error: HTTPError) -> TransportError:
        """Return our own error for one of urllib3's, with what to do about it."""
        where = f"{call.operation.name}: {self._address}"
        timeout = call.options["timeout"]
        if isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
            seconds = timeout.connect_timeout
            text = f"{where} did not accept a connection within {seconds} s; is the address right?"
            return TimedOut(text, sent=False)
        if isinstance(error, SSLError):
            text = f"{where}: no secure connection could be made: {error}"
            return ConnectionFailed(text, sent=False, refused=False)
        if isinstance(error, NameResolutionError):
            text = (
                f"{where}: the host name {self._address.host!r} is not known; is it spelled right?"
            )
            return ConnectionFailed(text, sent=False, refused=False)
        if isinstance(error, NEVER_MADE):
            text = f"{where} refused the connection; is a FATE Flow server running there?"
            return ConnectionFailed(text, sent=False)
        if isinstance(error, ReadTimeoutError):
            seconds = timeout.read_timeout
            text = (
                f"{where} did not answer within {seconds} s; raise it with timeout=(connect, read)"
            )
            return TimedOut(text)
        return ConnectionFailed(f"{where} broke the connection off: {error}")


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
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    for seconds in (connect, read):
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
            raise ArgumentError(
                f"timeout must be seconds above 0, or a pair (connect, read), got {timeout!r}",
                argument="timeout",
                value=timeout,
            )
    return urllib3.Timeout(connect=connect, read=read)
