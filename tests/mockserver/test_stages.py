"""Stages: components wait, take their time, fail and lose parties as rules say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowClient, PluginError
from flowkit.demo import steps, upload
from flowkit_mockserver import MockServer
from flowkit_mockserver.faults import UnmatchedFault

CONF, DSL = steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json"
Submit = Callable[..., tuple[MockServer, FlowClient, str]]


@pytest.fixture
def submit() -> Iterator[Submit]:
    opened: list[Any] = []

    def submit(*stages: dict[str, Any]) -> tuple[MockServer, FlowClient, str]:
        mock = MockServer(pace="manual")
        flow = mock.client()
        opened.extend((flow, mock))
        for role in ("guest", "host"):
            upload(flow, role)
        mock.add_rules({"stages": list(stages)})
        return mock, flow, flow.job.submit(CONF, DSL).job_id

    yield submit
    for one in opened:
        one.close()


def status(flow: FlowClient, job_id: str, component: str | None = None) -> str:
    if component is None:
        return str(flow.job.query(job_id).data[0]["f_status"])
    rows = flow.task.query(job_id, component_name=component, role="guest").data
    return str(rows[0]["f_status"])


def test_a_component_waits_and_takes_its_time(submit: Submit) -> None:
    mock, flow, job_id = submit({"component": "reader_0", "wait": 100, "seconds": 1000})

    mock.advance(50)
    assert status(flow, job_id, "reader_0") == "waiting"
    assert status(flow, job_id) == "running"
    mock.advance(100)
    assert status(flow, job_id, "reader_0") == "running"
    mock.advance(1000)
    assert status(flow, job_id, "reader_0") == "success"
    mock.advance(60)
    assert status(flow, job_id) == "success"


def test_one_in_the_middle_keeps_its_job_running_while_it_waits(submit: Submit) -> None:
    mock, flow, job_id = submit({"component": "dataio_0", "wait": 3600})

    mock.advance(1800)
    assert (status(flow, job_id), status(flow, job_id, "reader_0")) == ("running", "success")
    mock.advance(3600)
    assert status(flow, job_id) == "success"


def test_time_moves_on_to_the_end_of_a_wait(submit: Submit) -> None:
    mock, _, _ = submit({"component": "reader_0", "wait": 500})
    waited = 0.0
    while happened := mock.advance_to_next_event():
        waited = max(waited, happened.seconds)
    assert 490 < waited <= 501


def test_a_job_that_is_stopped_while_a_component_waits_stays_as_it_is(submit: Submit) -> None:
    mock, flow, job_id = submit({"component": "dataio_0", "wait": 3600})
    mock.advance(60)
    flow.job.stop(job_id)
    mock.advance(7200)

    assert status(flow, job_id) == "canceled"
    assert status(flow, job_id, "dataio_0") == "waiting"


def test_a_component_fails_on_the_party_that_is_named(submit: Submit) -> None:
    mock, flow, job_id = submit({"component": "hetero_lr_*", "role": "host", "fail": "no memory"})
    mock.advance(60)

    assert status(flow, job_id) == "failed"
    rows = flow.task.query(job_id, component_name="hetero_lr_0").data
    attempt = mock.state.jobs.find(job_id).latest()["hetero_lr_0"]
    assert {party.role: text for party, text in attempt.messages.items()} == {"host": "no memory"}
    assert {row["f_party_status"] for row in rows} == {"failed"}


def test_a_lost_party_runs_for_ever_and_the_others_fail(submit: Submit) -> None:
    mock, flow, job_id = submit({"component": "hetero_lr_0", "role": "host", "lose": True})
    mock.advance(60)

    assert status(flow, job_id) == "failed"
    rows = flow.task.query(job_id, component_name="hetero_lr_0").data
    assert {row["f_role"]: row["f_party_status"] for row in rows} == {
        "guest": "failed",
        "host": "running",
        "arbiter": "failed",
    }
    lost = next(row for row in rows if row["f_role"] == "host")
    assert lost["f_end_time"] is None
    texts = mock.state.jobs.find(job_id).latest()["hetero_lr_0"].messages.values()
    assert list(texts) == ["host 10000 does not answer"]


def test_a_stage_rests_after_so_many_times(submit: Submit) -> None:
    mock, flow, job_id = submit({"component": "dataio_0", "fail": "once", "times": 1})
    again = flow.job.submit(CONF, DSL).job_id
    mock.advance(60)
    assert (status(flow, job_id), status(flow, again)) == ("failed", "success")


def test_at_an_instant_pace_a_stage_takes_its_time_all_the_same() -> None:
    with MockServer() as mock, mock.client() as flow:
        mock.set_time("manual")
        for role in ("guest", "host"):
            upload(flow, role)
        mock.add_rules({"stages": [{"component": "dataio_0", "seconds": 10}]})
        job_id = flow.job.submit(CONF, DSL).job_id
        assert status(flow, job_id) == "running"
        mock.advance(10)
        assert status(flow, job_id) == "success"


def test_one_file_is_for_requests_and_components(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    rules = [{"fault": "answer", "path": "tag/*", "status": 503, "times": 1}]
    path.write_text(
        json.dumps({"rules": rules, "stages": [{"component": "reader_0", "fail": "x"}]})
    )
    with MockServer(pace="manual", fault_rules=path) as mock:
        http = mock.app.test_client()
        assert [http.post("/v1/tag/list", json={}).status_code for _ in (1, 2)] == [503, 404]
        assert mock.namespace("one").status()["unmatched"] == [
            f"rule 1 of {path}: answer at tag/*",
            f"stage 1 of {path}: fail of reader_0",
        ]
        unmatched = [f"stage 1 of {path}: fail of reader_0"]
        assert mock.status()["unmatched"] == unmatched
        with pytest.warns(UnmatchedFault, match="ordered, and has hit nothing: stage 1 of"):
            assert mock.reset() == unmatched
        assert http.post("/v1/tag/list", json={}).status_code == 503
        mock.state.faults.rules.clear()


def test_a_file_that_makes_no_sense_is_told_with_rule_and_field(tmp_path: Path) -> None:
    path = tmp_path / "faults.yaml"
    path.write_text("stages: [{component: a}, {jitter: 3, seconds: 1}]")

    with pytest.raises(
        PluginError, match=r"faults\.yaml, stage 2: jitter must be from 0 to 1, got 3"
    ):
        MockServer(fault_rules=path)


def test_what_was_ordered_and_never_hit_is_a_warning_at_the_end() -> None:
    mock = MockServer()
    mock.fail("lr_0", "x")
    mock.refuse("job/*")
    with pytest.warns(UnmatchedFault) as warned, mock:
        pass
    assert [str(one.message) for one in warned] == [
        "ordered, and has hit nothing: fail lr_0: x",
        "ordered, and has hit nothing: refuse job/* with 503",
    ]


def test_closing_says_so_once() -> None:
    mock = MockServer()
    mock.fail("lr_0", "x")
    with pytest.warns(UnmatchedFault, match="fail lr_0: x"):
        mock.close()
    mock.close()


def test_a_block_that_fails_says_nothing_more() -> None:
    mock = MockServer()
    mock.fail("lr_0", "x")
    with pytest.raises(KeyError), mock:
        raise KeyError
