"""Requests as matchers see them: recorded or live, and without secrets either way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flowkit import Request
from flowkit_replay.cassette.interactions import Interaction

if TYPE_CHECKING:
    from flowkit_replay.secrets.scrubbing import Scrubber

__all__ = ["LONG", "Asking"]

# A streamed body beyond this is never held in memory just to be compared.
LONG = 1024 * 1024
PIECE = 64 * 1024


class Asking:
    """A request as matchers see it.

    Args:
        method: HTTP method.
        path: path, as sent.
        query: query without ``?``, as sent.
        content_type: the request's ``Content-Type``; empty without one.
        body: the whole body, or a function that returns its pieces from the beginning.
    """

    __slots__ = ("_body", "content_type", "method", "path", "query")

    def __init__(
        self,
        method: str,
        path: str,
        query: str = "",
        content_type: str = "",
        body: bytes | Callable[[], Iterable[bytes]] = b"",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query
        self.content_type = content_type
        self._body = body

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self._body if isinstance(self._body, bytes) else b"".join(self._body())

    @property
    def streamed(self) -> bool:
        """True for a body that is too long to be had whole without need."""
        return not isinstance(self._body, bytes)

    def pieces(self) -> Iterable[bytes]:
        """Return the body in pieces, from the beginning."""
        return [self._body] if isinstance(self._body, bytes) else self._body()

    @classmethod
    def live(cls, request: Request, scrubber: Scrubber) -> Asking:
        """Look at a request that is about to be sent, as it would be recorded."""
        long = not isinstance(request.body, bytes) and request.content_length > LONG
        body = b"" if long else request.read()
        target, _, clean, found = scrubber.request(request.target, request.headers, body)
        pieces = partial(_scrubbed, scrubber.knowing(found), request.chunks)
        return cls._of(request.method, target, request.headers.items(), pieces if long else clean)

    @classmethod
    def recorded(cls, one: Interaction, scrubber: Scrubber) -> Asking:
        """Look at a recorded request; what others recorded may hold secrets still."""
        uri, _, body, found = scrubber.request(one.uri, one.request_headers, one.request_body)
        _, _, rest = uri.partition("://")
        target = rest[rest.find("/") :] if "/" in rest else "/"
        if one.request_beside is None:
            return cls._of(one.method, target, one.request_headers.items(), body)
        pieces = partial(
            _scrubbed, scrubber.knowing(found), partial(read_pieces, one.request_beside)
        )
        return cls._of(one.method, target, one.request_headers.items(), pieces)

    @classmethod
    def _of(
        cls,
        method: str,
        target: str,
        headers: Iterable[tuple[str, str]],
        body: bytes | Callable[[], Iterable[bytes]],
    ) -> Asking:
        path, _, query = target.partition("?")
        kind = next((value for name, value in headers if name.lower() == "content-type"), "")
        return cls(method, path, query.partition("#")[0], kind, body)


def _scrubbed(scrubber: Scrubber, source: Callable[[], Iterable[bytes]]) -> Iterable[bytes]:
    return scrubber.pieces(source())


def read_pieces(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
