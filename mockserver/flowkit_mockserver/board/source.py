"""Where the board reads: through a client, be it of this process's mock, of a real server, or of a cassette."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, TypeVar, cast

from flask import current_app, has_request_context, request

from flowkit import Clock, FlowClient, FlowError, Retry
from flowkit.call.address import Address
from flowkit.config import read_config
from flowkit_inprocess import InProcess
from flowkit_mockserver.http.access import FROM_BOARD
from flowkit_mockserver.wire.dispatch import EXTENSION as STATE

__all__ = [
    "EXTENSION",
    "Part",
    "Source",
    "attempt",
    "current_client",
    "current_source",
    "mock_client",
]

#: Where a Flask application keeps the `Source` of its board.
EXTENSION = "flowkit-board"

WSGIApp = Callable[..., Iterable[bytes]]
Kind = Literal["mock", "server", "cassette"]
P = ParamSpec("P")
T = TypeVar("T")


class Source:
    """What the pages are about.

    Args:
        open_client: makes the client; it is called with the first page.
        kind: what answers it.
        name: how the pages call it, such as its address.
        control: the application whose control API the pages of time and faults speak with; None has no such pages.
        jobs: ids of jobs that are known before anything is asked, newest first: those in a cassette.
    """

    def __init__(
        self,
        open_client: Callable[[], FlowClient],
        kind: Kind,
        name: str,
        control: WSGIApp | None = None,
        jobs: Iterable[str] = (),
    ) -> None:
        self.kind: Kind = kind
        self.name = name
        self.control = control
        self.jobs = tuple(jobs)
        self._open = open_client
        self._client: FlowClient | None = None

    @property
    def client(self) -> FlowClient:
        """The client, made when it is first asked for."""
        if self._client is None:
            self._client = self._open()
        return self._client

    @property
    def live(self) -> bool:
        """Whether what is shown may change while one looks."""
        return self.kind != "cassette"

    def close(self) -> None:
        """Close the client, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """A part of a page: what was read, or why it could not be.

    Attributes:
        value: what was read; None when it could not be.
        problem: why it could not be; empty when it was.
    """

    value: T | None = None
    problem: str = ""


def attempt(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Part[T]:
    """Return what `read` returns for these arguments, or the sentence of the error that it raises."""
    try:
        return Part(read(*args, **kwargs))
    except FlowError as error:
        return Part(problem=str(error))


def mock_client(app: WSGIApp, server: str, clock: Clock) -> FlowClient:
    """Return a client of a mock in this process, which asks as the board does: for the namespace whose page it makes.

    Whatever plugins the environment names stay out of it: they are for programs that are tried on the mock.

    Args:
        app: the mock.
        server: line or version that it is.
        clock: its clock.
    """

    def marked(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        marks: dict[str, Any] = {FROM_BOARD: True}
        if has_request_context() and STATE in request.environ:
            marks[STATE] = request.environ[STATE]
        return app({**environ, **marks}, start_response)

    enabled = [choice.plugin for choice in read_config().choices()]
    without = [f"-{name}" for name in enabled if isinstance(name, str) and not name.startswith("-")]
    return FlowClient(
        Address.parse("http://flowkit.mock:9380", None, "the board"),
        plugins=[*without, InProcess(marked)],
        server=server,
        clock=clock,
        proxy="",
        retry=Retry(attempts=1),
    )


def current_source() -> Source:
    """Return the source of the board that is answering the request at hand."""
    return cast(Source, current_app.extensions[EXTENSION])


def current_client() -> FlowClient:
    """Return the client of the board that is answering the request at hand."""
    return current_source().client
