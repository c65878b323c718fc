"""What goes over the wire: a Request with its Body, and the Response that comes back."""

from __future__ import annotations

import json as json_codec
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from urllib3 import HTTPHeaderDict

from flowkit.call.limits import CHUNK, keep_within

__all__ = ["Body", "Request", "Response"]

UNREAD = object()
#: Levels of lists and mappings within each other; FATE Flow's own answers have a dozen.
DEEPEST = 100
ALIKE = bytes.maketrans(b"{}", b"[]")
NO_MARKS = bytes(byte for byte in range(256) if byte not in b'[]{}"')
CONTAINERS = frozenset({dict, list})


class Body(Protocol):
    """A request body that is produced while it is sent; each iteration starts anew."""

    @property
    def length(self) -> int:
        """Size in bytes, known beforehand."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes, from the beginning."""


@dataclass(slots=True)
class Request:
    """What is sent.

    Attributes:
        method: HTTP method.
        origin: scheme, host and port, such as ``"http://127.0.0.1:9380"``.
        path: absolute path, percent-encoded, without the query.
        query: the query as sent, without ``?``; empty when there is none.
        headers: headers by name; names are written in their usual case.
        body: bytes, a streamed body, or None.
        form: the plain fields of a multipart form, for signatures; None otherwise.
        download: True when the answer is a file that should be streamed.
    """

    method: str
    origin: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: bytes | Body | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    download: bool = False

    @property
    def target(self) -> str:
        """Path and query as they stand on the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """The whole address."""
        return self.origin + self.target

    @property
    def content_length(self) -> int:
        """Size of the body in bytes."""
        if self.body is None:
            return 0
        return len(self.body) if isinstance(self.body, bytes) else self.body.length

    def chunks(self) -> Iterator[bytes]:
        """Yield the body piece by piece, from the beginning."""
        if isinstance(self.body, bytes):
            yield self.body
        elif self.body is not None:
            yield from self.body

    def read(self) -> bytes:
        """Return the whole body."""
        return self.body if isinstance(self.body, bytes) else b"".join(self.chunks())

    def copy(self) -> Request:
        """Return a request whose headers can be changed without touching this one."""
        target = self.method, self.origin, self.path, self.query
        return Request(*target, dict(self.headers), self.body, self.form, self.download)


class Response:
    """What came back; its body can be read whole or streamed, once.

    Args:
        status: HTTP status.
        headers: headers; looked up without regard to case.
        body: the whole body, or an iterable of its pieces.
        source: where it came from: ``"network"``, ``"mock"``, ``"cassette"``, ``"cache"`` ….
        close: called once when the body has been read or given up.

    Attributes:
        problem: why `json` returned None; empty before that, and where it did not.
    """

    __slots__ = ("_body", "_close", "_decoded", "headers", "problem", "source", "status")

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str] | HTTPHeaderDict | None = None,
        body: bytes | Iterable[bytes] = b"",
        *,
        source: str = "network",
        close: Callable[[], None] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers if isinstance(headers, HTTPHeaderDict) else HTTPHeaderDict(headers)
        self.source = source
        self._body: bytes | Iterable[bytes] = body
        self._close = close
        self._decoded: Any = UNREAD
        self.problem = ""

    def __repr__(self) -> str:
        return f"<Response {self.status} from {self.source}>"

    @property
    def streamed(self) -> bool:
        """True while the body has not been read into memory."""
        return not isinstance(self._body, bytes)

    def read(self, limit: int | None = None) -> bytes:
        """Return the whole body; it stays readable.

        Args:
            limit: bytes that are read at most, where it has not been read yet; None for any number.

        Raises:
            ServerError: it is longer than `limit`.
        """
        if not isinstance(self._body, bytes):
            pieces = self._body
            if limit is not None:
                pieces = keep_within(pieces, "answer_limit", limit, self.status)
            try:
                self._body = b"".join(pieces)
            finally:
                self.close()
        return self._body

    def json(self) -> Any:
        """Return the body decoded from JSON, None when it is none; decoded once, for all who ask.

        Whoever asks must leave it as it is: the caller's reply is made of it.
        """
        if self._decoded is UNREAD:
            try:
                self._decoded = _decode_json(self.read())
            except ValueError as error:
                self._decoded, self.problem = None, str(error)
        return self._decoded

    def stream(self, size: int = CHUNK) -> Iterator[bytes]:
        """Yield the body in pieces of at most `size` bytes, then close.

        A streamed body can be streamed once; one that was read, any number of times.
        """
        body = self._body
        try:
            if isinstance(body, bytes):
                for start in range(0, len(body), size):
                    yield body[start : start + size]
            else:
                for piece in body:
                    for start in range(0, len(piece), size):
                        yield piece[start : start + size]
        finally:
            self.close()

    def replace_stream(self, body: bytes | Iterable[bytes]) -> None:
        """Put another body in this one's place, such as a generator that watches it pass."""
        self._body = body
        self._decoded = UNREAD

    def take_stream(self) -> bytes | Iterable[bytes]:
        """Return the body as it stands, for a plugin that is going to wrap it."""
        return self._body

    def close(self) -> None:
        """Give the connection back; harmless when repeated."""
        close, self._close = self._close, None
        if close is not None:
            close()


def _decode_json(body: bytes) -> Any:
    """Return what a body says.

    Raises:
        ValueError: it is no JSON, or nests deeper than `DEEPEST` levels: what is made of such an
            answer could not be compared, copied or printed.
    """
    try:
        value = json_codec.loads(body)
    except RecursionError:
        raise _nests() from None
    if _may_nest(body):
        _check_depth(value)
    return value


def _may_nest(body: bytes) -> bool:
    """Return whether a JSON text may nest deeper than `DEEPEST` levels: quick, and never wrongly False."""
    marks = body.translate(ALIKE, NO_MARKS)
    half = len(marks) // 2
    # What opens before the deepest place, and what closes after it, are as many as there are levels.
    if marks.count(b"[", 0, half) <= DEEPEST and marks.count(b"]", half) <= DEEPEST:
        return False
    if b"\0" in body:  # UTF-16 or UTF-32, where other letters hold the bytes of brackets
        return True
    if b"\\" in body:
        marks = body.replace(b"\\\\", b"").replace(b'\\"', b"").translate(ALIKE, NO_MARKS)
    marks = marks.replace(b'""', b"")
    if b'"' in marks:  # there are brackets in texts
        return True
    for _ in range(DEEPEST):
        fewer = marks.replace(b"[]", b"")  # takes off the innermost level
        if len(fewer) == len(marks):
            break
        marks = fewer
    return bool(marks)


def _check_depth(value: Any) -> None:
    level = [value] if type(value) in CONTAINERS else []
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in CONTAINERS
        ]
        if not level:
            return
    raise _nests()


def _nests() -> ValueError:
    return ValueError(f"the JSON nests deeper than {DEEPEST} levels")
