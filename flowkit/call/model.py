"""The values that travel through a call: Operation, Call, Request, Response.

An `Operation` is static, a line of the table. A `Call` is one use of it, and carries the `Request`
to the hooks, which hand a `Response` back. A `Session` is what a call knows of the client that makes
it, so that nothing below the client has to import it.
"""

from __future__ import annotations

import base64
import json as json_codec
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

from flowkit.call.limits import CHUNK
from flowkit.call.messages import Body, Request, Response
from flowkit.call.operation import JSON, Effect, Operation, Route

if TYPE_CHECKING:
    from flowkit.call.address import Address
    from flowkit.clock import Clock
    from flowkit.errors import FlowError, UnsupportedServer
    from flowkit.reply import Reply
    from flowkit.servers import ServerLine

__all__ = [
    "CHUNK",
    "JSON",
    "Body",
    "Call",
    "Effect",
    "JobState",
    "OnError",
    "Operation",
    "Request",
    "Response",
    "Route",
    "Session",
    "SessionHooks",
]

#: What a client does about an error: raise it, or return it as a reply.
OnError = Literal["raise", "reply"]

SHORTEST_SECRET = 6  # characters; shorter ones stand in too many texts by chance


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
        ends: when the call must be over, by the client's monotonic clock; None without a deadline.
    """

    __slots__ = (
        "_sent",
        "arguments",
        "attempt",
        "client",
        "ends",
        "operation",
        "options",
        "request",
        "scratch",
    )

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
        self._sent: Mapping[str, str] = {}
        deadline = options.get("deadline")
        self.ends: float | None = None if deadline is None else client.clock.monotonic() + deadline

    def __repr__(self) -> str:
        return f"<Call {self.operation.name}>"

    def seconds_left(self) -> float | None:
        """Return the seconds until the call's deadline, below 0 after it; None when it has none."""
        return None if self.ends is None else self.ends - self.client.clock.monotonic()

    def signed(self, request: Request) -> Request:
        """Return a copy of `request` that every ``flowkit_sign`` has signed.

        What answers ``flowkit_send`` by sending a request calls this at the last moment, so that
        nothing above the wire, a recorder for one, ever sees a credential.
        """
        copy = request.copy()
        self.client.hooks.sign(self, copy)
        self._sent = copy.headers
        return copy

    def credentials(self) -> list[str]:
        """Return the credentials that were sent, as texts that a server might send back."""
        from flowkit.call.secrets import is_secret_name  # rarely needed

        found: list[str] = []
        for name, value in self._sent.items():
            if is_secret_name(name):
                scheme, _, rest = value.partition(" ")
                found += [value, rest]
                if scheme.lower() == "basic":
                    found += _basic_texts(rest)
        return sorted({text for text in found if len(text) >= SHORTEST_SECRET}, key=len)[::-1]

    def resend(self, request: Request) -> Response:
        """Make one more attempt, through every ``flowkit_send`` and freshly signed.

        For a wrapper of ``flowkit_send`` that has seen an answer which says that the server did
        not carry the request out, such as 401: close that answer, and remember in `scratch` that
        this was done, since the wrapper sees the new attempt too. It counts as part of the same
        attempt, and is not retried by itself.
        """
        return self.client.hooks.send(self, request)

    def json(self) -> Any:
        """Return the request's JSON body, decoded; None when there is none."""
        body = self.request.body
        return json_codec.loads(body) if isinstance(body, bytes) and body else None


def _basic_texts(credentials: str) -> list[str]:
    """Return user name and password, and the password, of what follows ``Basic``."""
    try:
        pair = base64.b64decode(credentials, validate=True).decode()
    except ValueError:  # it is something else
        return []
    return [pair, pair.partition(":")[2]]


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

    def may_substitute(self) -> bool:
        """Return whether a plugin may answer in the network's place."""

    def send(self, call: Call, request: Request) -> Response:
        """Run ``flowkit_send`` and return its answer."""

    def sign(self, call: Call, request: Request) -> None:
        """Run ``flowkit_sign``."""

    def transferred(self, call: Call, done: int, total: int | None) -> None:
        """Run ``flowkit_transferred``."""

    def job_changed(self, client: Session, job: JobState) -> None:
        """Run ``flowkit_job_changed``."""

    def job_unreachable(self, client: Session, job_id: str, error: FlowError | None) -> None:
        """Run ``flowkit_job_unreachable``."""


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
        """What was said of the server: a line, a version, or ``"auto"``."""

    def server_line(self) -> ServerLine:
        """Return the server's line; the server is asked for it, if nobody has said or asked yet."""

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

    def name_other_api(self, error: UnsupportedServer) -> UnsupportedServer:
        """Return an error about FATE Flow 2.x that names the server's version, where it tells it."""

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
