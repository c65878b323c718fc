"""Plugins that a type checker refuses; each refusal is expected, and its absence an error."""

from __future__ import annotations

from collections.abc import Generator

from flowkit import Call, FlowClient, Request, Response, hookimpl
from flowkit.hooks import protocols


class Wrong:
    """Every mistake there is."""

    @hookimpl
    def flowkit_call(self, call: Call) -> str:
        return "no response"

    @hookimpl(wrapper=True)
    def flowkit_send(self, call: Call) -> Generator[None, Response, Response]:
        return (yield)

    @hookimpl
    def flowkit_sign(self, call: Call, request: str) -> None: ...

    @hookimpl
    def flowkit_transferred(self, call: Call, done: int, total: int) -> None: ...


answers: protocols.AnswersCalls = Wrong()  # type: ignore[assignment]
attempts: protocols.WatchesAttempts = Wrong()  # type: ignore[assignment]
signs: protocols.SignsRequests = Wrong()  # type: ignore[assignment]
transfers: protocols.FollowsTransfers = Wrong()  # type: ignore[assignment]
named: protocols.HasName = Wrong()  # type: ignore[assignment]

flow = FlowClient()
flow.hooks.job_changed(flow)  # type: ignore[call-arg]
flow.hooks.sign(Request("POST", "", ""), Request("POST", "", ""))  # type: ignore[arg-type]
