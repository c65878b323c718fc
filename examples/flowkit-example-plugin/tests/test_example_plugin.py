"""Both plugins in use, without a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flowkit_example_plugin import Audit, Resources

from flowkit import Call, ConnectionFailed, FlowClient, ManualClock, Request, Response, hookimpl
from flowkit.testing import assert_plugin_conforms


class Server:
    """Answers in place of a server; remembers what it was asked."""

    def __init__(self, failures: int = 0) -> None:
        self.requests: list[Request] = []
        self._failures = failures

    @hookimpl
    def flowkit_send(self, call: Call, request: Request) -> Response:
        self.requests.append(call.signed(request))
        call.client.hooks.transferred(call, 10, 10)
        if len(self.requests) <= self._failures:
            raise ConnectionFailed("not now", sent=False)
        return Response(200, {}, b'{"retcode": 0, "retmsg": "success", "data": {"cores": 20}}')


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    return tmp_path / "audit.jsonl"


def lines(trail: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in trail.read_text().splitlines()]


def test_writes_are_written_down_and_reads_are_not(trail: Path) -> None:
    server = Server(failures=1)
    with FlowClient("flow", plugins=[Audit(trail, "ann"), server], clock=ManualClock(7.0)) as flow:
        flow.tag.list()
        flow.tag.create("gold")
    (line,) = lines(trail)
    assert line["operation"] == "tag.create"
    assert (line["user"], line["server"]) == ("ann", "http://flow:9380")
    assert (line["outcome"], line["bytes"]) == ("HTTP 200", 10)
    assert server.requests[-1].headers["X-Request-Id"] == line["id"]


def test_attempts_are_counted_and_failures_are_written_down_too(trail: Path) -> None:
    plugins = [Audit(trail), Server(failures=9)]
    with (
        FlowClient(plugins=plugins, clock=ManualClock()) as flow,
        pytest.raises(ConnectionFailed),
    ):
        flow.tag.create("gold")
    (line,) = lines(trail)
    assert (line["outcome"], line["attempts"]) == ("failed", 3)


def test_the_end_of_a_job_is_written_down(trail: Path) -> None:
    with FlowClient(plugins=[Audit(trail)]) as flow:
        for status in ("running", "success"):
            flow.hooks.job_changed(flow, {"job_id": "1", "status": status, "progress": 0})
    assert [line["status"] for line in lines(trail)] == ["success"]


def test_the_audit_conforms(trail: Path) -> None:
    assert_plugin_conforms(lambda: Audit(trail))


def test_resources_are_operations_like_any_other() -> None:
    server = Server()
    flow: Any = FlowClient(plugins=[Resources(), server], server="1.11")
    assert flow.resource.query().data == {"cores": 20}
    assert server.requests[0].path == "/v1/resource/query"
    assert flow.operations["resource.give_back"].resources == ("resource", "job")
    assert_plugin_conforms(Resources)
