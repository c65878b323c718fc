"""Whole stories under replay: other identifiers, other polling, and no waiting."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import (
    CassetteError,
    FlowClient,
    JobFailed,
    ManualClock,
    Request,
    Response,
    SystemClock,
)
from flowkit.testing.cassettes import cassette
from flowkit_mockserver import MockServer
from flowkit_replay import Replay

JOBS = ("202611231642368574510", "202611231643216777880")
OTHERS = ("202701010101010000010", "202701010101010000020")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.yaml"


class Impatient(SystemClock):
    """A clock on which nobody may sleep."""

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s")


def counting(request: Request) -> Response:
    """Answer with the job that was asked for."""
    return envelope({"job": json.loads(request.read())["job_id"]})


def ask(flow: FlowClient, job: str) -> Any:
    request = flow.request(
        "job.query",
        body=json.dumps({"job_id": job}).encode(),
        headers={"Content-Type": "application/json"},
    )
    return flow.send("job.query", {}, request).data["job"]


def test_an_identifier_that_was_recorded_is_never_taken_for_another(path: Path) -> None:
    with FlowClient(plugins=[Replay(path), Server(counting)]) as flow:
        for job in JOBS:
            ask(flow, job)
    with FlowClient(plugins=[Replay(path, mode="none")]) as flow:
        assert ask(flow, JOBS[0]) == JOBS[0]
        with pytest.raises(CassetteError, match="recorded 1 time and asked once more"):
            ask(flow, JOBS[0])
        assert ask(flow, JOBS[1]) == JOBS[1]


def test_other_identifiers_are_paired_in_the_order_of_their_steps(path: Path) -> None:
    with FlowClient(plugins=[Replay(path), Server(counting)]) as flow:
        for job in (*JOBS, JOBS[0]):
            ask(flow, job)
    with FlowClient(plugins=[Replay(path, mode="none")]) as flow:
        assert [ask(flow, job) for job in (*OTHERS, OTHERS[0])] == [*OTHERS, OTHERS[0]]


def test_an_identifier_in_a_header_is_translated_too(path: Path) -> None:
    def answer(request: Request) -> Response:
        job = json.loads(request.read())["job_id"]
        return Response(200, {"Content-Disposition": f"attachment; filename={job}.tar"}, b"x")

    with FlowClient(plugins=[Replay(path), Server(answer)]) as flow:
        flow.open(
            "job.log", {}, flow.request("job.log", body=b'{"job_id": "%s"}' % JOBS[0].encode())
        )
    with FlowClient(plugins=[Replay(path, mode="none")]) as flow:
        request = flow.request("job.log", body=b'{"job_id": "%s"}' % OTHERS[0].encode())
        response = flow.open("job.log", {}, request)[1]
        assert response.headers["Content-Disposition"] == f"attachment; filename={OTHERS[0]}.tar"


@pytest.mark.parametrize("poll", [0.01, (0.5, 3.0)])
def test_a_wait_replays_without_waiting_however_often_it_polls(path: Path, poll: Any) -> None:
    conf = json.loads(
        (cassette("job.submit").parents[1] / "inputs" / "train_conf.json").read_text()
    )
    dsl = json.loads((cassette("job.submit").parents[1] / "inputs" / "train_dsl.json").read_text())

    def story(flow: FlowClient, **how: Any) -> str:
        job = flow.job.submit(conf, dsl).job_id
        with pytest.raises(JobFailed) as caught:  # nobody has uploaded the tables
            flow.job.wait(job, timeout=60, **how)
        return f"{job}: {caught.value.component} {caught.value.party} {caught.value.reason}"

    with (
        MockServer(pace=0.3, clock=ManualClock()) as mock,
        mock.client(plugins=[Replay(path)]) as flow,
    ):
        expected = story(flow)
    with FlowClient(plugins=[Replay(path, mode="none")], clock=Impatient()) as flow:
        assert story(flow, poll=poll) == expected


def test_a_bundled_session_replays_with_identifiers_of_another_day() -> None:
    from flowkit_replay.cassette import files

    path = cassette("stop-and-fail")
    with FlowClient(plugins=[Replay(path, mode="none")]) as flow:
        for one in files.read(path):
            body = one.read_request().replace(b"2026112", b"2027010")
            request = Request(
                one.method,
                flow.address.origin,
                one.path,
                one.query.replace("2026112", "2027010"),
                dict(one.request_headers),
                body,
            )
            answer = flow.open("job.query", {}, request)[1]
            assert answer.status == one.status
