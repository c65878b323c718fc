"""Interactions: one request and its outcome.

Three things go beyond what vcrpy records, and stand in headers: an attempt that failed
(``X-Flowkit-Failure``), an answer that broke off or was not read to its end (``X-Flowkit-Broken``),
and a body that lies in a file of its own beside the cassette (``X-Flowkit-Body``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from urllib3 import HTTPHeaderDict

from flowkit import CassetteError, ConnectionFailed, Request, Response, TimedOut, TransportError
from flowkit_replay.cassette.compression import decompress

__all__ = [
    "BODY",
    "BROKEN",
    "CLOSED",
    "FAILURE",
    "Interaction",
    "Layout",
    "describe_failure",
    "read_pieces",
]

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


@dataclass(frozen=True, slots=True)
class Layout:
    """How another library's recording differs from what is written here, so that nothing is lost.

    Attributes:
        structured_body: True when the request's body is a YAML mapping, list or number, as vcrpy
            records the ``json=`` of aiohttp.
        flat_response: True when the response has ``content`` and ``status_code``, as vcrpy up to 5
            records httpx.
        request: further keys of the request.
        response: further keys of the response, such as ``url`` or ``http_version``.
        interaction: further keys beside request and response.
    """

    structured_body: bool = False
    flat_response: bool = False
    request: Mapping[str, Any] = field(default_factory=dict)
    response: Mapping[str, Any] = field(default_factory=dict)
    interaction: Mapping[str, Any] = field(default_factory=dict)


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
        request_body_file: the file that holds the request's body in place of `request_body`.
        body_file: the file that holds the response's body in place of `body`.
        layout: how the recording is laid out, where another library laid it out in its own way.
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
    request_body_file: Path | None = None
    body_file: Path | None = None
    layout: Layout | None = None

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
        return self.body_file.stat().st_size if self.body_file else len(self.body)

    @property
    def failed(self) -> bool:
        """True for an attempt that got no answer."""
        return bool(self.get_header(FAILURE))

    def get_header(self, name: str) -> str:
        """Return the first value of a response header; empty when it is absent."""
        for key, values in self.headers.items():
            if key.lower() == name.lower() and values:
                return values[0]
        return ""

    def get_request_header(self, name: str) -> str:
        """Return the value of a request header; empty when it is absent."""
        wanted = name.lower()
        return next((v for k, v in self.request_headers.items() if k.lower() == wanted), "")

    def read_request(self) -> bytes:
        """Return the request's body, wherever it lies."""
        return self.request_body_file.read_bytes() if self.request_body_file else self.request_body

    def decode(self) -> bytes:
        """Return the response's body without its content coding, wherever it lies."""
        body = self.body_file.read_bytes() if self.body_file else self.body
        return decompress(body, self.get_header("Content-Encoding"))

    def respond(self) -> Response:
        """Return the response, or raise the failure that was recorded.

        Raises:
            TransportError: the recorded attempt failed; the same exception again.
        """
        failure = self.get_header(FAILURE)
        if failure:
            raise rebuild_failure(failure, self.body.decode("utf-8", "replace"))
        headers = HTTPHeaderDict()
        broken: list[str] = []
        for name, values in self.headers.items():
            low = name.lower()
            if low == BROKEN.lower():
                broken = values
            elif low not in WIRE_HEADERS and low not in OWN_HEADERS:
                for value in values:
                    headers.add(name, value)
        body: bytes | Iterable[bytes]
        if self.body_file is None or self.get_header("Content-Encoding"):
            body = self.decode()
        else:
            body = read_pieces(self.body_file)
        if broken:
            body = _break_off(body, broken[0], " ".join(broken[1:]))
        return Response(self.status, headers, body, source="cassette")

    @classmethod
    def from_exchange(
        cls, request: Request, body: bytes, response: Response, answer: bytes
    ) -> Interaction:
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
    def from_failure(cls, request: Request, body: bytes, error: TransportError) -> Interaction:
        """Build one from an attempt that failed."""
        return cls(
            request.method,
            request.url,
            dict(request.headers),
            body,
            FAILED_STATUS,
            "no answer",
            {FAILURE: [describe_failure(error)], "Content-Type": ["text/plain; charset=utf-8"]},
            str(error).encode(),
        )


def describe_failure(error: TransportError) -> str:
    """Return the kind of a failure as it stands in a header."""
    kind = next(name for name, known in ERRORS.items() if isinstance(error, known))
    return f"{kind}; sent={'true' if error.sent else 'false'}"


def rebuild_failure(description: str, text: str) -> TransportError:
    """Return the failure that a header describes."""
    kind, _, rest = description.partition(";")
    error = ERRORS.get(kind.strip(), ConnectionFailed)
    return error(text, sent="sent=false" not in rest.replace(" ", ""))


def read_pieces(path: Path) -> Iterator[bytes]:
    """Yield what a file holds, piece by piece."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def _break_off(body: bytes | Iterable[bytes], description: str, text: str) -> Iterator[bytes]:
    """Yield a body that was not recorded to its end, and then fail."""
    yield from [body] if isinstance(body, bytes) else body
    if description == CLOSED:
        raise CassetteError(
            "the answer was not read to its end when it was recorded; record it again to read more"
        )
    raise rebuild_failure(description, text)
