"""What a failed exchange was: whether the request can have left, and whether the scheme is wrong."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

if TYPE_CHECKING:
    from flowkit.call.address import Address

__all__ = ["Connecting", "suggest_scheme", "was_never_made", "without_frames"]

#: Raised by urllib3 while it connects, and never later.
OF_CONNECTING = (ConnectTimeoutError, NewConnectionError)
#: OpenSSL's names for an answer that is no TLS.
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST"})
MARK = "failed_while_connecting"
BEGIN_OF_TLS = ("\x15\x03", "\\x15\\x03")  # an alert: what a TLS server answers to plain HTTP


class Connecting:
    """Marks what fails while a connection is made; put in front of one of urllib3's connections.

    By its type alone an error does not tell: urllib3 raises ``SSLError`` and ``ProxyError`` for
    connections too that break after the request went out.
    """

    def connect(self) -> None:
        """Connect, with the handshake and the way through a proxy."""
        try:
            super().connect()  # type: ignore[misc]
        except (HTTPError, OSError, http.client.HTTPException) as error:
            setattr(error, MARK, True)
            raise


def was_never_made(error: BaseException) -> bool:
    """Return whether no connection came about, so that the request cannot have arrived."""
    return any(hasattr(one, MARK) or isinstance(one, OF_CONNECTING) for one in _causes(error))


def suggest_scheme(error: BaseException, address: Address, *, answered: bool = True) -> str:
    """Return what to say when the other of http and https is, or may be, spoken at `address`; else nothing.

    Args:
        error: what went wrong.
        address: the address.
        answered: whether anything was ever answered there.
    """
    if address.scheme == "https":
        reasons = {getattr(one, "reason", "") for one in _causes(error)}
        wrong = was_never_made(error) and not NO_TLS.isdisjoint(map(str, reasons))
    else:
        wrong = any(
            isinstance(one, http.client.BadStatusLine)
            and not isinstance(one, http.client.RemoteDisconnected)
            and any(begin in str(one) for begin in BEGIN_OF_TLS)
            for one in _causes(error)
        )
    other = replace(address, scheme="http" if address.scheme == "https" else "https")
    if wrong:
        kind = "HTTP without TLS" if other.scheme == "http" else "TLS"
        return f"; {kind} seems to be spoken there: is the address {other.origin}{other.base}?"
    # Many a server of TLS hangs up on HTTP without a word.
    if address.scheme == "http" and not answered and _was_hung_up(error):
        return (
            "; it has answered nothing yet: if it speaks TLS, the address is"
            f" {other.origin}{other.base}"
        )
    return ""


def _was_hung_up(error: BaseException) -> bool:
    """Return whether the other side ended a connection before it said anything."""
    return not was_never_made(error) and any(
        isinstance(one, http.client.RemoteDisconnected | ConnectionResetError)
        for one in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error of urllib3 and those that it stands for, from the outside in."""
    found: list[Any] = [error]
    seen: set[int] = set()
    while found:
        one = found.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            found += [*one.args, getattr(one, "original_error", None), one.__cause__]


def without_frames(error: BaseException) -> BaseException:
    """Return an error of the transport, and those behind it, without the frames that they passed.

    The variables of these hold the headers that were sent, credentials included, and reports of failing tests and of
    crashes show them.
    """
    chain: BaseException | None = error
    seen: set[int] = set()
    while chain is not None and id(chain) not in seen:
        seen.add(id(chain))
        chain.__traceback__ = None
        chain = chain.__cause__ or chain.__context__
    return error
