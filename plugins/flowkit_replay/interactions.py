"""Interactions: one request and its outcome, as vcrpy's cassette format keeps them.

The format is vcrpy's own, version 1, read and written with vcrpy's serializer and request class, so
that either side replays what the other recorded. Two things go beyond it and are told in headers of
the response: an attempt that failed (``X-Flowkit-Failure``), and a body that lies in a file of its
own beside the cassette (``X-Flowkit-Body``).
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flowkit import ConnectionFailed, Request, Response, TimedOut, TransportError

__all__ = ["FAILURE", "Interaction", "Recorded"]

FAILURE = "X-Flowkit-Failure"
BODY = "X-Flowkit-Body"
FAILED_STATUS = 599
# What describes the bytes on one particular wire, and is wrong for the decoded body kept here.
WIRE_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection"})

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

    @property
    def path(self) -> str:
        """Path of the address."""
        return urlsplit(self.uri).path

    @property
    def query(self) -> str:
        """Query of the address, as sent."""
        return urlsplit(self.uri).query

    def header(self, name: str) -> str:
        """Return the first value of a response header; empty when it is absent."""
        for key, values in self.headers.items():
            if key.lower() == name.lower() and values:
                return values[0]
        return ""

    def outcome(self) -> Response:
        """Return the response, or raise the failure that was recorded.

        Raises:
            TransportError: the recorded attempt failed; the same exception again.
        """
        failure = self.header(FAILURE)
        if failure:
            raise _failure(failure, self.body.decode("utf-8", "replace"))
        headers = {
            name: ", ".join(values)
            for name, values in self.headers.items()
            if name.lower() not in WIRE_HEADERS
        }
        return Response(self.status, headers, self.decoded(), source="cassette")

    def decoded(self) -> bytes:
        """Return the response's body without its content coding.

        Plain vcrpy keeps the bytes of the wire, or the decoded ones with the header still there;
        only bytes that really are compressed are decoded.
        """
        coding = self.header("Content-Encoding").lower()
        if coding == "gzip" and self.body[:2] == b"\x1f\x8b":
            return gzip.decompress(self.body)
        if coding == "deflate":
            try:
                return zlib.decompress(self.body)
            except zlib.error:
                return self.body
        return self.body

    def to_recorded(self) -> tuple[Any, Recorded]:
        """Return vcrpy's request object and response mapping."""
        from vcr.request import Request as VcrRequest

        headers = {name: [value] for name, value in self.request_headers.items()}
        request = VcrRequest(self.method, self.uri, self.request_body or None, headers)
        return request, {
            "status": {"code": self.status, "message": self.message},
            "headers": self.headers,
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
        kind = "TimedOut" if isinstance(error, TimedOut) else "ConnectionFailed"
        note = f"{kind}; sent={'true' if error.sent else 'false'}"
        return cls(
            request.method,
            request.url,
            dict(request.headers),
            body,
            FAILED_STATUS,
            "no answer",
            {FAILURE: [note], "Content-Type": ["text/plain; charset=utf-8"]},
            str(error).encode(),
        )


def _failure(note: str, text: str) -> TransportError:
    kind, _, rest = note.partition(";")
    sent = "sent=false" not in rest.replace(" ", "")
    error = TimedOut if kind.strip() == "TimedOut" else ConnectionFailed
    return error(text, sent=sent)


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
