"""The values of a call."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from fakes import Server, envelope
from flowkit import FlowClient, Request, Response, Session, hookimpl


def test_a_client_is_a_session_and_calls_know_it_as_one() -> None:
    server = Server()
    flow = FlowClient(plugins=[server])
    session: Session = flow
    request = session.request("tag.list", body=b"{}")
    call, response = session.open("tag.list", {}, request)
    assert (call.client, call.json(), response.status) == (flow, {}, 200)


def test_a_wrapper_may_have_one_more_attempt_made_freshly_signed() -> None:
    class LogInAgain:
        name = "again"
        key = "stale"

        @hookimpl
        def flowkit_sign(self, request: Request) -> None:
            request.headers["X-Key"] = self.key

        @hookimpl(wrapper=True)
        def flowkit_send(self, call: Any, request: Request) -> Generator[None, Response, Response]:
            response = yield
            if response.status != 401 or self.name in call.scratch:
                return response
            call.scratch[self.name], self.key = True, "fresh"
            return call.resend(request)

    server = Server(Response(401), envelope({}))
    assert FlowClient(plugins=[LogInAgain(), server]).queue.clean().ok
    assert [request.headers["X-Key"] for request in server.requests] == ["stale", "fresh"]
