"""A job at a glance."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import ArgumentError, FlowClient, ServerError
from flowkit.demo.steps import train, upload
from flowkit.jobs.overview import job_dag, look_at_job
from flowkit.rows import Row
from flowkit_mockserver import MockServer


def test_a_job_that_has_succeeded() -> None:
    with MockServer() as server, server.client() as flow:
        for name in ("guest", "host"):
            upload(flow, name)
        job_id = train(flow).job_id
        flow.job.wait(job_id)
        found = look_at_job(flow, job_id)
    assert (found.status, found.progress, found.ended) == ("success", 100, True)
    assert (found.initiator, set(found.parties)) == (
        "guest/9999", {"guest/9999", "host/10000", "arbiter/10000"}
    )  # fmt: skip
    assert found.dag.node("hetero_lr_0").statuses["arbiter/10000"] == "success"
    assert found.elapsed is not None


def test_an_unknown_job_is_refused() -> None:
    with (
        MockServer() as server,
        server.client() as flow,
        pytest.raises(ArgumentError, match="knows no job 1"),
    ):
        look_at_job(flow, "1")


@pytest.mark.parametrize("dsl", [None, {}, "x"])
def test_a_job_without_a_dsl_has_its_tasks(dsl: Any) -> None:
    tasks = [
        {"f_component_name": "upload_0", "f_role": "local", "f_party_id": 0, "f_status": "success"}
    ]
    dag = job_dag(Row(f_dsl=dsl), tasks)
    assert [(node.name, node.status) for node in dag.nodes] == [("upload_0", "success")]
    assert job_dag(Row(f_dsl=dsl), []).nodes == ()


def test_a_progress_that_is_none_is_the_servers_fault() -> None:
    answer = envelope([{"f_status": "running", "f_progress": "soon"}])
    with (
        FlowClient(plugins=[Server(answer, answer)]) as flow,
        pytest.raises(ServerError, match=r"job\.query: f_progress must be a number, and is 'soon'"),
    ):
        look_at_job(flow, "1")
