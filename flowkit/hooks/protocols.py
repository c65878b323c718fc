"""Types for those who write plugins: one protocol for each form of each hook.

They are not needed to run a plugin; a type checker that knows one says whether a function has
the arguments and the result that its hook wants::

    plugin: SignsRequests = MyAuth()

A client is handed over as `flowkit.FlowClient`; an implementation may also ask for no more than
`flowkit.Session`, so `client` is left open here.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from flowkit.call.model import Call, JobState, Request, Response
    from flowkit.errors import FlowError
    from flowkit.groups.base import Group

__all__ = [
    "AnswersAttempts",
    "AnswersCalls",
    "BringsGroups",
    "FollowsJobs",
    "FollowsOutages",
    "FollowsTransfers",
    "HasIdentity",
    "HasName",
    "SignsRequests",
    "WatchesAttempts",
    "WatchesCalls",
    "WatchesClose",
    "WatchesOpen",
]


class HasName(Protocol):
    """A plugin with a name, under which it is listed, ordered and found again."""

    name: str


class HasIdentity(Protocol):
    """A plugin that says for whom it signs or answers, so that caches keep people apart."""

    @property
    def identity(self) -> str:
        """A text that is no secret; empty makes no difference."""


class BringsGroups(Protocol):
    """Adds operation groups."""

    def flowkit_operation_groups(self) -> Mapping[str, type[Group]]:
        """Return the groups by the name of the client's attribute."""


class WatchesOpen(Protocol):
    """Sets up what lives as long as a client."""

    def flowkit_client_opened(self, client: Any) -> None:
        """Set up."""


class WatchesClose(Protocol):
    """Tears down what it has set up."""

    def flowkit_client_closed(self, client: Any) -> None:
        """Tear down."""


class AnswersCalls(Protocol):
    """Changes a call, or answers it."""

    def flowkit_call(self, call: Call) -> Response | None:
        """Return an answer, or None to let others."""


class WatchesCalls(Protocol):
    """Stands around a call: ``@hookimpl(wrapper=True)``."""

    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        """Yield once; return the response."""


class AnswersAttempts(Protocol):
    """Answers an attempt in the network's place."""

    def flowkit_send(self, call: Call, request: Request) -> Response | None:
        """Return an answer, or None to let others."""


class WatchesAttempts(Protocol):
    """Stands around an attempt: ``@hookimpl(wrapper=True)``."""

    def flowkit_send(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        """Yield once; return the response."""


class SignsRequests(Protocol):
    """Adds credentials or trace headers."""

    def flowkit_sign(self, call: Call, request: Request) -> None:
        """Change ``request.headers``."""


class FollowsTransfers(Protocol):
    """Follows uploads and downloads."""

    def flowkit_transferred(self, call: Call, done: int, total: int | None) -> None:
        """Note how far a body is."""


class FollowsJobs(Protocol):
    """Follows jobs that are waited for."""

    def flowkit_job_changed(self, client: Any, job: JobState) -> None:
        """Note how far a job is."""


class FollowsOutages(Protocol):
    """Follows trouble while jobs are waited for."""

    def flowkit_job_unreachable(self, client: Any, job_id: str, error: FlowError | None) -> None:
        """Note that a job's server cannot be reached, or can again."""
