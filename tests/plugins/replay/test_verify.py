"""Verification: a cassette against a server, request by request."""

from __future__ import annotations

import json

from fakes import Server, envelope
from flowkit import FlowClient, Request, TimedOut
from flowkit_replay import Interaction
from flowkit_replay.verify import Stages, is_expected, load_bundled, play
from recorded import interaction

JOB = "202611231642368574510"


def poll(*statuses: str) -> Interaction:
    rows = [{"f_job_id": JOB, "f_status": status} for status in statuses]
    answer = json.dumps({"retcode": 0, "retmsg": "success", "data": rows}).encode()
    return interaction("/v1/job/query", answer, request_body=json.dumps({"job_id": JOB}).encode())


SUBMIT = interaction("/v1/job/submit", json.dumps({"retcode": 0, "jobId": JOB}).encode())
STOP = interaction("/v1/job/stop", request_body=json.dumps({"job_id": JOB}).encode())


def test_every_request_is_sent_and_every_answer_compared() -> None:
    failure = Interaction.from_failure(Request("POST", "http://h", "/v1/a"), b"", TimedOut("late"))
    script = [interaction("/v1/model/tag/list", b'{"retcode": 0, "retmsg": "success"}'), failure]
    server = Server(envelope(None, retcode=100, retmsg="no"))
    with FlowClient(plugins=[server]) as flow:
        ((one, drifts),) = play(script, flow)
    assert one is script[0]
    assert [drift.tier for drift in drifts] == ["outcome"]
    assert [request.path for request in server.requests] == ["/v1/model/tag/list"]


def test_jobs_are_waited_for_until_they_stand_where_the_recorded_ones_stood() -> None:
    stages = Stages([SUBMIT, poll("running"), interaction("/v1/job/log"), poll("success")])
    assert [stages.before(place) for place in range(4)] == [
        {},
        {JOB: "running"},
        {JOB: "ended"},
        {JOB: "ended"},
    ]


def test_a_job_that_was_stopped_was_running_then() -> None:
    stages = Stages([SUBMIT, STOP, poll("canceled")])
    assert (stages.before(1), stages.before(2)) == ({JOB: "running"}, {JOB: "canceled"})


def test_the_bundled_cassettes_are_one_session() -> None:
    script = load_bundled()
    assert len(script) == 165
    assert {name.partition(":")[0] for name, _ in script} >= {"job.submit", "tag.list"}


def test_a_difference_that_is_known_is_expected() -> None:
    with FlowClient(plugins=[Server(envelope(1))]) as flow:
        recorded = interaction("/v1/a", b'{"retcode": 0, "retmsg": "success", "data": "1"}')
        ((_, (drift,)),) = play([recorded], flow)
    assert drift.tier == "shape"
    assert is_expected("tag.list: all", drift)
    assert not is_expected("tag.list: none", drift)
