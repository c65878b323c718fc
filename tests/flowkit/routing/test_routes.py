"""Where operations are on each line, and that a line without one is said before anything is sent."""

from __future__ import annotations

import pytest

from fakes import Server, envelope
from flowkit import OPERATIONS, FlowClient, OperationError, UnsupportedOperation, servers
from flowkit.servers import LINES, ServerLine


@pytest.mark.parametrize(
    ("line", "log", "permissions"),
    [
        ("1.5", "GET job/log", "permission/query/privilege"),
        ("1.6", "GET job/log", "permission/query/privilege"),
        ("1.7", "POST job/log/download", "permission/query/privilege"),
        ("1.8", "POST job/log/download", "permission/query/privilege"),
        ("1.9", "POST job/log/download", "permission/query"),
        ("1.11", "POST job/log/download", "permission/query"),
    ],
)
def test_routes_are_those_of_the_line(line: str, log: str, permissions: str) -> None:
    flow = FlowClient(server=line)
    found = flow.request("job.log")
    assert f"{found.method} {found.path.removeprefix('/v1/')}" == log
    assert flow.request("privilege.query").path == f"/v1/{permissions}"


@pytest.mark.parametrize(
    ("name", "line", "since"),
    [
        ("checkpoint.list_checkpoints", "1.6", "1.7"),
        ("table.disable", "1.7", "1.8"),
        ("key.query", "1.8", "1.9"),
        ("component.woe_array_extract", "1.9", "1.10"),
    ],
)
def test_an_operation_that_a_line_lacks_is_refused_and_names_one_that_has_it(
    name: str, line: str, since: str
) -> None:
    with pytest.raises(UnsupportedOperation) as caught:
        FlowClient(server=line).request(name)
    assert str(caught.value) == (
        f"{name}: FATE Flow {line} has no such operation; {since} has it. Nothing was sent"
    )
    assert caught.value.line == line
    assert FlowClient(server=since).request(name).path == f"/v1/{OPERATIONS[name].path}"


def test_the_drop_in_replies_with_the_refusal() -> None:
    server = Server(version="1.6.1")
    reply = FlowClient(plugins=[server], on_error="reply").provider.list()
    assert reply == {
        "retcode": 100,
        "retmsg": "provider.list: FATE Flow 1.6 has no such operation; 1.7 has it. Nothing was sent",
    }
    assert server.requests == []


def test_metrics_of_a_day_and_validation_are_refused_where_they_cannot_work() -> None:
    server = Server(version="1.11.4")
    flow = FlowClient(plugins=[server])
    with pytest.raises(UnsupportedOperation, match=r"servers up to 1\.7 do\. Give job_id"):
        flow.component.metric_delete("20261127")
    with pytest.raises(UnsupportedOperation, match=r"1\.11 refuses every such request"):
        flow.component.validate("hetero_lr_0", "HeteroLR", {"guest": [9999]}, {})
    assert server.requests == []
    flow.component.metric_delete(job_id="1")
    old = Server(version="1.7.2")
    FlowClient(plugins=[old]).component.metric_delete("20261127")
    assert (len(server.requests), len(old.requests)) == (1, 1)


def test_a_line_that_was_said_wrongly_is_named() -> None:
    missing = envelope(retcode=100, retmsg="<NotFound '404: Not Found'>")
    flow = FlowClient(plugins=[Server(missing)], server="1.8")
    with pytest.raises(OperationError) as caught:
        flow.privilege.query(10000, "guest")
    assert str(caught.value) == (
        "privilege.query: <NotFound '404: Not Found'> (retcode 100) (server='1.8' was said; is it "
        "of another line? server='auto' asks it)"
    )


def test_a_new_line_with_a_moved_path_is_added_in_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = ServerLine(
        "1.12", ("1.12.0",), ("1.12.0",), {"POST /job/stop": "/job/halt", "GET /job/log": "/zz"}
    )
    monkeypatch.setattr(servers, "LINES", (*LINES, made_up))
    assert FlowClient(server="1.12").request("job.stop").path == "/v1/job/halt"
    assert FlowClient(server="1.12.0").request("job.log").path == "/v1/job/log/download"
    assert FlowClient(server="1.11").request("job.stop").path == "/v1/job/stop"
    asked = Server(version="1.12.0")
    FlowClient(plugins=[asked]).job.stop("1")
    assert [request.path for request in asked.requests] == ["/v1/job/halt"]
    kept = Server(version="1.11.4")
    FlowClient(plugins=[kept]).job.stop("1")
    assert [request.path for request in kept.requests] == ["/v1/job/stop"]
