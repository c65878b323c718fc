"""The hooks: every place at which a plugin can take part in what a client does.

A plugin is any object, class instance or module, with functions that bear these names and are
marked with `hookimpl`. A function takes any of the arguments named here, in any order. What may
*answer* is a plain implementation; what only *observes* is a wrapper
(``@hookimpl(wrapper=True)``), a generator that yields once, sees what the inner implementations
return, and returns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from flowkit.call import Call, Request, Response
    from flowkit.client import FlowClient
    from flowkit.groups.base import Group

__all__ = ["PROJECT", "hookimpl", "hookspec"]

PROJECT = "flowkit"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def flowkit_operation_groups() -> Mapping[str, type[Group]]:  # type: ignore[empty-body]
    """Add operation groups to the client.

    Runs once, while a client is made; all results are collected. Return the groups by the name
    of the client's attribute; a group lists its own operations in ``Group.operations``, and they
    join the table. The built-in groups come in the same way.

    Example::

        @hookimpl
        def flowkit_operation_groups(self):
            return {"resource": ResourceGroup}
    """


@hookspec
def flowkit_client_opened(client: FlowClient) -> None:
    """Set up what lives as long as a client.

    Runs once, at the end of the client's construction, for every plugin. May not answer.

    Example::

        @hookimpl
        def flowkit_client_opened(self, client):
            self.clock = client.clock
    """


@hookspec
def flowkit_client_closed(client: FlowClient) -> None:
    """Tear down what `flowkit_client_opened` set up.

    Runs once, when the client is closed. May not answer.

    Example::

        @hookimpl
        def flowkit_client_closed(self, client):
            self.file.close()
    """


@hookspec(firstresult=True)
def flowkit_call(call: Call) -> Response | None:
    """Take part in a call as a whole, once a call however many attempts it takes.

    A plain implementation may change ``call.request`` and return None, or answer with a
    `Response`: then nothing further inside runs and nothing is sent. A wrapper observes: it sees
    the response or the exception, and may replace either. The innermost implementation is the
    client's own loop of attempts.

    Example::

        @hookimpl
        def flowkit_call(self, call):
            return self.kept.get(call.request.read()) if call.operation.reads else None
    """


@hookspec(firstresult=True)
def flowkit_send(call: Call, request: Request) -> Response | None:
    """Take part in one attempt; a call that is retried runs it again.

    A plain implementation may answer with a `Response` in place of the network; what reaches
    a server by itself sends ``call.signed(request)``. A wrapper observes, as a recorder does. The
    request has not been signed: no credential passes here. The innermost implementation is the
    HTTP transport.

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

    Runs once an attempt, for every plugin, on a copy of the request that nothing but the wire
    will see. Change ``request.headers`` in place; may not answer.

    Example::

        @hookimpl
        def flowkit_sign(self, call, request):
            request.headers["Authorization"] = f"Bearer {self.token()}"
    """


@hookspec
def flowkit_transferred(call: Call, done: int, total: int | None) -> None:
    """Follow a body that is moving: an upload or a download, one piece at a time.

    Runs for every piece (64 KiB) of a streamed body, for every plugin: keep it cheap. `done` and
    `total` are bytes; `total` is None while it is unknown. May not answer.

    Example::

        @hookimpl
        def flowkit_transferred(self, call, done, total):
            self.bar.update(completed=done, total=total)
    """


@hookspec
def flowkit_job_changed(client: FlowClient, job: Mapping[str, Any]) -> None:
    """Follow a job that is being waited for.

    Runs whenever the status or the progress of the job differs from the last look, for every
    plugin. `job` holds ``job_id``, ``status``, ``progress`` (per cent) and ``rows``, the server's
    rows of all parties. May not answer.

    Example::

        @hookimpl
        def flowkit_job_changed(self, client, job):
            print(job["job_id"], job["status"], job["progress"])
    """
