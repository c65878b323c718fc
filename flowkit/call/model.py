"""The values that travel through a call: Operation, Call, Request, Response.

An `Operation` is static, a line of the table. A `Call` is one use of it, and carries the `Request`
to the hooks, which hand a `Response` back. A `Session` is what a call knows of the client that makes
it, so that nothing below the client has to import it.
"""

from __future__ import annotations

import json as json_codec
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

from urllib3 import HTTPHeaderDict

if TYPE_CHECKING:
    from flowkit.call.address import Address
    from flowkit.clock import Clock
    from flowkit.reply import Reply

__all__ = [
    "JSON",
    "Body",
    "Call",
    "Effect",
    "JobState",
    "OnError",
    "Operation",
    "Request",
    "Response",
    "Session",
    "SessionHooks",
]

#: What a client does about an error: raise it, or return it as a reply.
OnError = Literal["raise", "reply"]

#: Headers of a request whose body is JSON.
JSON: Mapping[str, str] = {"Content-Type": "application/json"}
CHUNK = 64 * 1024
UNREAD = object()


class Effect(Enum):
    """What an operation does to the server: whether it may be repeated, and what it outdates."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the server: a line of the table in `flowkit.operations`.

    Attributes:
        name: ``"group.method"``, as on the client.
        method: HTTP method.
        path: path below the API version, without a leading slash.
        effect: whether the operation only reads.
        summary: one sentence for people.
        resources: kinds of things it reads or, for a write, changes (``"job"``, ``"table"`` …).
        sends: kind of the request body: ``"json"``, ``"multipart"`` or ``"none"``.
        answers: ``"json"`` or the kind of file that comes back: ``"tar.gz"``, ``"zip"``.
        since: first server line that has it, ``"1.6"`` or ``"1.11"``.
        later: (method, path) on servers from 1.7 on, where they moved.
        settled: True when the answer about a finished job can never change.
        guide: True for the 41 operations of FATE Flow's user guide.
    """

    name: str
    method: str
    path: str
    effect: Effect
    summary: str
    resources: tuple[str, ...] = ()
    sends: str = "json"
    answers: str = "json"
    since: str = "1.6"
    later: tuple[str, str] | None = None
    settled: bool = False
    guide: bool = False

    @property
    def group(self) -> str:
        """The client's attribute under which the operation stands."""
        return self.name.partition(".")[0]

    @property
    def reads(self) -> bool:
        """True when the operation changes nothing."""
        return self.effect is Effect.READ


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
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | Body | None = None
    form: Mapping[str, str] | None = None
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
    """

    __slots__ = ("_body", "_close", "_decoded", "headers", "source", "status")

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

    def __repr__(self) -> str:
        return f"<Response {self.status} from {self.source}>"

    @property
    def streamed(self) -> bool:
        """True while the body has not been read into memory."""
        return not isinstance(self._body, bytes)

    def read(self) -> bytes:
        """Return the whole body; it stays readable."""
        if not isinstance(self._body, bytes):
            try:
                self._body = b"".join(self._body)
            finally:
                self.close()
        return self._body

    def json(self) -> Any:
        """Return the body decoded from JSON, None when it is none; decoded once, for all who ask.

        Whoever asks must leave it as it is: the caller's reply is made of it.
        """
        if self._decoded is UNREAD:
            try:
                self._decoded = json_codec.loads(self.read())
            except ValueError:
                self._decoded = None
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


class Call:
    """One use of an operation, from the client's method to its reply.

    Attributes:
        operation: the line of the table.
        arguments: the caller's arguments by name, as they were understood.
        request: what is about to be sent; plugins may change it before it is.
        client: the client that makes the call.
        options: settings for this call: the client's, overlaid by ``client.with_options``.
        scratch: room for plugins; keyed by the plugin's own name.
        attempt: number of the attempt under way, from 1; 0 before the first.
    """

    __slots__ = ("arguments", "attempt", "client", "operation", "options", "request", "scratch")

    def __init__(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        request: Request,
        client: Session,
        options: Mapping[str, Any],
    ) -> None:
        self.operation = operation
        self.arguments = arguments
        self.request = request
        self.client = client
        self.options = options
        self.scratch: dict[str, Any] = {}
        self.attempt = 0

    def __repr__(self) -> str:
        return f"<Call {self.operation.name}>"

    def signed(self, request: Request) -> Request:
        """Return a copy of `request` that every ``flowkit_sign`` has signed.

        What answers ``flowkit_send`` by sending a request calls this at the last moment, so that
        nothing above the wire, a recorder for one, ever sees a credential.
        """
        copy = request.copy()
        self.client.hooks.sign(self, copy)
        return copy

    def json(self) -> Any:
        """Return the request's JSON body, decoded; None when there is none."""
        body = self.request.body
        return json_codec.loads(body) if isinstance(body, bytes) and body else None


class JobState(TypedDict):
    """A job that is being waited for, as ``flowkit_job_changed`` and ``on_change`` receive it.

    Attributes:
        job_id: the job.
        status: waiting, running, success, failed, canceled or timeout.
        progress: per cent, 0 to 100.
        rows: the server's rows of the job, one for each role and party.
    """

    job_id: str
    status: str
    progress: int
    rows: list[dict[str, Any]]


class SessionHooks(Protocol):
    """The hooks that run below the client: while a call is made, and while a job is waited for."""

    def identity(self) -> tuple[str, ...]:
        """Return for whom the client signs, and who answers it."""

    def send(self, call: Call, request: Request) -> Response:
        """Run ``flowkit_send`` and return its answer."""

    def sign(self, call: Call, request: Request) -> None:
        """Run ``flowkit_sign``."""

    def transferred(self, call: Call, done: int, total: int | None) -> None:
        """Run ``flowkit_transferred``."""

    def job_changed(self, client: Session, job: JobState) -> None:
        """Run ``flowkit_job_changed``."""


class Session(Protocol):
    """What groups, downloads, waiting and plugins need of a client; `flowkit.FlowClient` is one."""

    @property
    def address(self) -> Address:
        """Where the server is."""

    @property
    def version(self) -> str:
        """API version, the first segment of every path."""

    @property
    def server(self) -> str:
        """Line of the server, such as ``"1.6"``."""

    @property
    def on_error(self) -> OnError:
        """What is done about an error."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Settings of every call; see `with_options`."""

    @property
    def clock(self) -> Clock:
        """Where time comes from."""

    @property
    def hooks(self) -> SessionHooks:
        """The client's plugins, one method for each hook."""

    def with_options(self, **options: Any) -> Session:
        """Return a client that shares everything with this one but these settings."""

    def request(
        self,
        name: str,
        *,
        body: Any = None,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        path: str | None = None,
        method: str | None = None,
        download: bool = False,
    ) -> Request:
        """Build the request of an operation; `path` and `method` replace those of the table."""

    def send(self, name: str, arguments: Mapping[str, Any], request: Request) -> Reply[Any]:
        """Make a call and return the decoded reply."""

    def open(
        self, name: str, arguments: Mapping[str, Any], request: Request
    ) -> tuple[Call, Response]:
        """Make a call and return the response undecoded, for what comes as a file."""
