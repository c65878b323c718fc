"""Interactions: one request and its outcome, as vcrpy's cassette format keeps them.

The format is vcrpy's own, version 1, read and written with vcrpy's serializer and request class, so
that either side replays what the other recorded. Three things go beyond it and are told in headers:
an attempt that failed (``X-Flowkit-Failure``), an answer that broke off or was not read to its end
(``X-Flowkit-Broken``), and a body that lies in a file of its own beside the cassette
(``X-Flowkit-Body``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPHeaderDict

from flowkit import CassetteError, ConnectionFailed, Request, Response, TimedOut, TransportError
from flowkit_replay.cassette.coding import decompressed

__all__ = ["BODY", "BROKEN", "CLOSED", "FAILURE", "Interaction", "Recorded"]

FAILURE = "X-Flowkit-Failure"
BROKEN = "X-Flowkit-Broken"
BODY = "X-Flowkit-Body"
CLOSED = "closed"
FAILED_STATUS = 599
# What describes the bytes on one particular wire, and is wrong for the decoded body kept here.
WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})
OWN_HEADERS = frozenset({FAILURE.lower(), BROKEN.lower(), BODY.lower()})
PIECE = 64 * 1024
ERRORS: Mapping[str, type[TransportError]] = {
    error.__name__: error for error in (TimedOut, ConnectionFailed, TransportError)
}

Recorded = dict[str, Any]


@dataclass(slots=True)
class Interaction:
    """One request and what came of it.

    Attributes:
        method: HTTP method.
        uri: the whole address that was asked.
        request_headers: headers by name, without credentials.
        request_body: the body's bytes; empty when there was none.
        status: HTTP status; 599 for an attempt that failed.
        message: the reason phrase.
        headers: response headers, each with all its values.
        body: the response's body as recorded.
        played: how often it has answered.
        request_beside: the file that holds the request's body in place of `request_body`.
        beside: the file that holds the response's body in place of `body`.
    """

    method: str
    uri: str
    request_headers: dict[str, str]
    request_body: bytes
    status: int
    message: str
    headers: dict[str, list[str]]
    body: bytes
    played: int = 0
    request_beside: Path | None = None
    beside: Path | None = None

    @property
    def path(self) -> str:
        """Path of the address."""
        return urlsplit(self.uri).path

    @property
    def query(self) -> str:
        """Query of the address, as sent."""
        return urlsplit(self.uri).query

    @property
    def size(self) -> int:
        """Bytes of the response's body, wherever it lies."""
        return self.beside.stat().st_size if self.beside else len(self.body)

    def header(self, name: str) -> str:
        """Return the first value of a response header; empty when it is absent."""
        for key, values in self.headers.items():
            if key.lower() == name.lower() and values:
                return values[0]
        return ""

    def sent(self) -> bytes:
        """Return the request's body, wherever it lies."""
        return self.request_beside.read_bytes() if self.request_beside else self.request_body

    def outcome(self) -> Response:
        """Return the response, or raise the failure that was recorded.

        Raises:
            TransportError: the recorded attempt failed; the same exception again.
        """
        failure = self.header(FAILURE)
        if failure:
            raise failed(failure, self.body.decode("utf-8", "replace"))
        headers = HTTPHeaderDict()
        for name, values in self.headers.items():
            if name.lower() not in WIRE_HEADERS and name.lower() not in OWN_HEADERS:
                for value in values:
                    headers.add(name, value)
        broken = next((v for k, v in self.headers.items() if k.lower() == BROKEN.lower()), None)
        body: bytes | Iterable[bytes] = self.decoded() if self._in_memory else self._pieces()
        if broken:
            body = _breaking(body, broken[0], " ".join(broken[1:]))
        return Response(self.status, headers, body, source="cassette")

    def decoded(self) -> bytes:
        """Return the response's body without its content coding, wherever it lies."""
        body = self.beside.read_bytes() if self.beside else self.body
        return decompressed(body, self.header("Content-Encoding"))

    @property
    def _in_memory(self) -> bool:
        return self.beside is None or bool(self.header("Content-Encoding"))

    def _pieces(self) -> Iterator[bytes]:
        assert self.beside is not None
        with self.beside.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def to_recorded(self) -> tuple[Any, Recorded]:
        """Return vcrpy's request object and response mapping."""
        from vcr.request import Request as VcrRequest

        headers = {name: [value] for name, value in self.request_headers.items()}
        if self.request_beside:
            headers[BODY] = [self.request_beside.name]
        answered = {**self.headers, BODY: [self.beside.name]} if self.beside else self.headers
        request = VcrRequest(self.method, self.uri, self.request_body or None, headers)
        return request, {
            "status": {"code": self.status, "message": self.message},
            "headers": answered,
            "body": {"string": self.body},
        }

    @classmethod
    def from_recorded(cls, request: Any, response: Recorded) -> Interaction:
        """Read what vcrpy's deserializer returns."""
        status = response.get("status") or {}
        body = (response.get("body") or {}).get("string")
        return cls(
            str(request.method),
            str(request.uri),
            {str(name): _first(value) for name, value in request.headers.items()},
            _bytes(request.body),
            int(status.get("code") or 200),
            str(status.get("message") or ""),
            {str(name): _all(values) for name, values in (response.get("headers") or {}).items()},
            _bytes(body),
        )

    @classmethod
    def of(cls, request: Request, body: bytes, response: Response, answer: bytes) -> Interaction:
        """Build one from what just happened; `body` and `answer` are the whole bodies."""
        headers = {
            name: list(response.headers.getlist(name))
            for name in response.headers
            if name.lower() not in WIRE_HEADERS
        }
        headers["Content-Length"] = [str(len(answer))]
        return cls(
            request.method,
            request.url,
            dict(request.headers),
            body,
            response.status,
            "",
            headers,
            answer,
        )

    @classmethod
    def of_failure(cls, request: Request, body: bytes, error: TransportError) -> Interaction:
        """Build one from an attempt that failed."""
        return cls(
            request.method,
            request.url,
            dict(request.headers),
            body,
            FAILED_STATUS,
            "no answer",
            {FAILURE: [noted(error)], "Content-Type": ["text/plain; charset=utf-8"]},
            str(error).encode(),
        )


def noted(error: TransportError) -> str:
    """Return the kind of a failure as it stands in a header."""
    kind = next(name for name, known in ERRORS.items() if isinstance(error, known))
    return f"{kind}; sent={'true' if error.sent else 'false'}"


def failed(note: str, text: str) -> TransportError:
    """Return the failure that a header tells of."""
    kind, _, rest = note.partition(";")
    error = ERRORS.get(kind.strip(), ConnectionFailed)
    return error(text, sent="sent=false" not in rest.replace(" ", ""))


def _breaking(body: bytes | Iterable[bytes], note: str, text: str) -> Iterator[bytes]:
    """Yield a body that was not recorded to its end, and then fail."""
    yield from [body] if isinstance(body, bytes) else body
    if note == CLOSED:
        raise CassetteError(
            "the answer was not read to its end when it was recorded; record it again to read more"
        )
    raise failed(note, text)


def _first(value: Any) -> str:
    values = _all(value)
    return values[0] if values else ""


def _all(value: Any) -> list[str]:
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        return [_text(item) for item in value]
    return [_text(value)]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if hasattr(value, "read"):
        return _bytes(value.read())
    return b"".join(_bytes(piece) for piece in value)
