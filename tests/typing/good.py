"""Plugins that a type checker accepts."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from flowkit import Call, FlowClient, Group, Reply, Request, Response, hookimpl
from flowkit.hooks import protocols


class Group1(Group):
    """A group."""

    def look(self) -> Reply[list[str]]:
        """Look."""
        return self._call("group.look")


class Plain:
    """Every hook in its plain form."""

    name = "plain"
    identity = ""

    @hookimpl
    def flowkit_operation_groups(self) -> Mapping[str, type[Group]]:
        return {"group": Group1}

    @hookimpl
    def flowkit_client_opened(self, client: FlowClient) -> None: ...

    @hookimpl
    def flowkit_client_closed(self, client: FlowClient) -> None: ...

    @hookimpl
    def flowkit_call(self, call: Call) -> Response | None:
        return None

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response | None:
        return Response(200, {}, b"")

    @hookimpl(tryfirst=True)
    def flowkit_sign(self, call: Call, request: Request) -> None:
        request.headers["X"] = "y"

    @hookimpl
    def flowkit_transferred(self, call: Call, done: int, total: int | None) -> None: ...

    @hookimpl
    def flowkit_job_changed(self, client: FlowClient, job: Mapping[str, Any]) -> None: ...


class Wraps:
    """Both hooks that can be wrapped."""

    @hookimpl(wrapper=True)
    def flowkit_call(self, call: Call) -> Generator[None, Response, Response]:
        return (yield)

    @hookimpl(wrapper=True)
    def flowkit_send(self, call: Call, request: Request) -> Generator[None, Response, Response]:
        response = yield
        return response


groups: protocols.BringsGroups = Plain()
opened: protocols.WatchesOpen = Plain()
closed: protocols.WatchesClose = Plain()
answers: protocols.AnswersCalls = Plain()
sends: protocols.AnswersAttempts = Plain()
signs: protocols.SignsRequests = Plain()
transfers: protocols.FollowsTransfers = Plain()
jobs: protocols.FollowsJobs = Plain()
named: protocols.HasName = Plain()
calls: protocols.WatchesCalls = Wraps()
attempts: protocols.WatchesAttempts = Wraps()

flow = FlowClient(plugins=[Plain(), Wraps(), "cache"])
flow.hooks.job_changed(flow, {"job_id": "1", "status": "running", "progress": 0, "rows": []})
