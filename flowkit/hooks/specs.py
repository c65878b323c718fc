"""The hooks: every place at which a plugin can take part in what a client does.

A plugin is any object, class instance or module, with functions that bear these names and are
marked with `hookimpl`. A function takes any of the arguments named here, in any order. What may
*answer* is a plain implementation; what only *observes* is a wrapper
(``@hookimpl(wrapper=True)``), a generator that yields once, sees what the inner implementations
return, and returns it.

Plugins run in the order in which they were enabled, the first outermost; a plugin's attributes
``before`` and ``after`` (names of other plugins) and pluggy's ``tryfirst`` and ``trylast`` move it.
Wrappers stand outside all plain implementations.

A hook is *essential* unless it is marked as one of an `observer`: the exception of an essential
hook ends the call, with a note that names plugin, distribution, hook and operation; that of an
observer is logged once, and everything goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from flowkit.call.markers import hookspec

if TYPE_CHECKING:
    from flowkit.call.model import Call, JobState, Request, Response, Session
    from flowkit.errors import FlowError
    from flowkit.groups.base import Group

__all__ = ["OBSERVERS", "observer"]

F = TypeVar("F", bound=Callable[..., Any])

OBSERVERS: set[str] = set()


def observer(specification: F) -> F:
    """Mark a hook as one for observers: what goes wrong there stops nothing."""
    OBSERVERS.add(specification.__name__)
    return specification


@hookspec
def flowkit_operation_groups() -> Mapping[str, type[Group]]:  # type: ignore[empty-body]
    """Add operation groups to the client.

    Return the groups by the name of the client's attribute; a group lists its own operations in
    ``Group.operations``, and they join the table, and with it the command line, caches and
    cassettes. The built-in groups come in the same way.

    Runs: once, while a client is made, for every plugin; all results are collected.
    May change: the client's groups; a group of a built-in's name takes its place.
    May answer: no.
    Costs: nothing once the client is made.

    Example::

        @hookimpl
        def flowkit_operation_groups(self):
            return {"resource": ResourceGroup}
    """


@hookspec
def flowkit_client_opened(client: Session) -> None:
    """Set up what lives as long as a client.

    Runs: once, at the end of the client's construction, for every plugin; if one fails, those
        opened before it are closed again and the client is not made.
    May change: its own state. Several clients may share one plugin object.
    May answer: no.
    Costs: nothing once the client is made.

    Example::

        @hookimpl
        def flowkit_client_opened(self, client):
            self.started = client.clock.now()
    """


@observer
@hookspec
def flowkit_client_closed(client: Session) -> None:
    """Tear down what `flowkit_client_opened` set up.

    Runs: once, when the client is closed, for every plugin, in the opposite order.
    May change: its own state.
    May answer: no.
    Costs: nothing until then.

    Example::

        @hookimpl
        def flowkit_client_closed(self, client):
            self.file.close()
    """


@hookspec(firstresult=True)
def flowkit_call(call: Call) -> Response | None:
    """Take part in a call as a whole, however many attempts it takes.

    A plain implementation may change ``call.request`` and return None, or answer. A wrapper
    observes: it sees the response or the exception, and may replace either. The innermost
    implementation is the client's own loop of attempts.

    Runs: once a call, in the caller's thread; several threads may be in it at once.
    May change: ``call.request``, ``call.scratch``.
    May answer: yes, with a `Response`: then nothing further inside runs and nothing is sent.
    Costs: about 1 µs a plain implementation, 2 µs a wrapper, plus what it does.

    Example::

        @hookimpl
        def flowkit_call(self, call):
            return self.kept.get(call.request.read()) if call.operation.reads else None
    """


@hookspec(firstresult=True)
def flowkit_send(call: Call, request: Request) -> Response | None:
    """Take part in one attempt.

    What reaches a server by itself sends ``call.signed(request)``. A wrapper observes, as a
    recorder does. The request has not been signed: no credential passes here. The innermost
    implementation is the HTTP transport. To fail as a network does, raise a `TransportError`.

    Runs: once an attempt; a call that is retried runs it again.
    May change: ``call.scratch``; the request only in a copy that it sends itself.
    May answer: yes, with a `Response` in place of the network.
    Costs: as `flowkit_call`.

    Example::

        @hookimpl(wrapper=True)
        def flowkit_send(self, call, request):
            response = yield
            self.count += 1
            return response
    """


@hookspec
def flowkit_sign(call: Call, request: Request) -> None:
    """Add credentials or trace headers, just before a request leaves the process.

    A plugin that signs says in an attribute ``identity`` for whom, as a text that is no secret, so
    that a cache keeps the answers to different people apart; an empty text makes no difference.

    Runs: once an attempt, for every plugin; not when a cache or a cassette answers.
    May change: ``request.headers``, in place, of a copy that nothing but the wire will see.
    May answer: no.
    Costs: about 1 µs, plus what it does.

    Example::

        @hookimpl
        def flowkit_sign(self, call, request):
            request.headers["Authorization"] = f"Bearer {self.token()}"
    """


@observer
@hookspec
def flowkit_transferred(call: Call, done: int, total: int | None) -> None:
    """Follow a body that is moving: an upload or a download.

    `done` and `total` are bytes; `total` is None while it is unknown.

    Runs: for every piece (64 KiB) of a streamed body, for every plugin.
    May change: its own state.
    May answer: no.
    Costs: keep it below some microseconds, or a fast network waits for it.

    Example::

        @hookimpl
        def flowkit_transferred(self, call, done, total):
            self.bar.update(completed=done, total=total)
    """


@observer
@hookspec
def flowkit_job_changed(client: Session, job: JobState) -> None:
    """Follow a job that is being waited for.

    `job` is a `flowkit.JobState`: a mapping with ``job_id``, ``status``, ``progress`` (per cent) and
    ``rows``, the server's rows of all parties.

    Runs: whenever status or progress of the job differ from the last look, for every plugin.
    May change: its own state.
    May answer: no.
    Costs: little; looks are some tenths of a second apart.

    Example::

        @hookimpl
        def flowkit_job_changed(self, client, job):
            print(job["job_id"], job["status"], job["progress"])
    """


@observer
@hookspec
def flowkit_job_unreachable(client: Session, job_id: str, error: FlowError | None) -> None:
    """Follow trouble while a job is waited for: its server cannot be reached, and can again.

    The wait goes on meanwhile. `error` is what the first look failed with that did, and None when
    a look has succeeded again.

    Runs: once at the beginning of each outage and once at its end, for every plugin.
    May change: its own state.
    May answer: no.
    Costs: nothing unless there is trouble.

    Example::

        @hookimpl
        def flowkit_job_unreachable(self, client, job_id, error):
            print(job_id, "is back" if error is None else error)
    """
