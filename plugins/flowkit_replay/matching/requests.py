"""Requests as matchers see them: recorded or live, and without secrets either way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from urllib.parse import urlsplit

from flowkit import Request
from flowkit_replay.cassette.interactions import Interaction, read_pieces
from flowkit_replay.secrets.scrubbing import Scrubber

__all__ = ["ComparedRequest", "split_uri"]

# A streamed body beyond this is never held in memory just to be compared.
LONG = 1024 * 1024
PORTS: Mapping[str, int] = {"http": 80, "https": 443}


class ComparedRequest:
    """A request as matchers see it, without secrets.

    Args:
        method: HTTP method.
        origin: scheme, host and port, such as ``"http://127.0.0.1:9380"``.
        target: path and query, as sent.
        headers: headers by name.
        body: the whole body, or a function that returns its pieces from the beginning.

    Attributes:
        method: HTTP method.
        origin: scheme, host and port.
        path: path, as sent.
        query: query without ``?``, as sent.
        headers: headers by name.
    """

    __slots__ = ("_body", "headers", "method", "origin", "path", "query")

    def __init__(
        self,
        method: str,
        origin: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes | Callable[[], Iterable[bytes]] = b"",
    ) -> None:
        path, _, query = target.partition("?")
        self.method = method
        self.origin = origin
        self.path = path
        self.query = query.partition("#")[0]
        self.headers = headers
        self._body = body

    @property
    def uri(self) -> str:
        """The whole address."""
        return f"{self.origin}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def scheme(self) -> str:
        """``"http"`` or ``"https"``."""
        return urlsplit(self.origin).scheme

    @property
    def host(self) -> str:
        """Host name or IP address, in small letters."""
        return urlsplit(self.origin).hostname or ""

    @property
    def port(self) -> int:
        """TCP port, also where the address leaves it to the scheme; 0 when it names none."""
        parts = urlsplit(self.origin)
        try:
            return parts.port or PORTS.get(parts.scheme, 0)
        except ValueError:  # a recorded address may hold anything
            return 0

    @property
    def content_type(self) -> str:
        """The request's ``Content-Type``; empty without one."""
        return next((v for k, v in self.headers.items() if k.lower() == "content-type"), "")

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self._body if isinstance(self._body, bytes) else b"".join(self._body())

    @property
    def streamed(self) -> bool:
        """True for a body that is too long to be had whole without need."""
        return not isinstance(self._body, bytes)

    def read_pieces(self) -> Iterable[bytes]:
        """Return the body in pieces, from the beginning."""
        return [self._body] if isinstance(self._body, bytes) else self._body()

    @classmethod
    def from_live(cls, request: Request, scrubber: Scrubber) -> ComparedRequest:
        """Look at a request that is about to be sent, as it would be recorded."""
        long = not isinstance(request.body, bytes) and request.content_length > LONG
        body = b"" if long else request.read()
        target, headers, clean, found = scrubber.scrub_request(
            request.target, request.headers, body
        )
        if not long:
            return cls(request.method, request.origin, target, headers, clean)
        pieces = partial(_scrub, scrubber.with_secrets(found), request.chunks)
        return cls(request.method, request.origin, target, headers, pieces)

    @classmethod
    def from_recorded(cls, one: Interaction, scrubber: Scrubber) -> ComparedRequest:
        """Look at a recorded request; what others recorded may hold secrets still."""
        uri, headers, body, found = scrubber.scrub_request(
            one.uri, one.request_headers, one.request_body
        )
        origin, target = split_uri(uri)
        if one.request_body_file is None:
            return cls(one.method, origin, target, headers, body)
        source = partial(read_pieces, one.request_body_file)
        pieces = partial(_scrub, scrubber.with_secrets(found), source)
        return cls(one.method, origin, target, headers, pieces)


def split_uri(uri: str) -> tuple[str, str]:
    """Return the origin of an address, and its path and query."""
    scheme, mark, rest = uri.partition("://")
    at = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    target = rest[at:]
    return f"{scheme}{mark}{rest[:at]}", target if target.startswith("/") else f"/{target}"


def _scrub(scrubber: Scrubber, source: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
    return scrubber.scrub_pieces(source())
