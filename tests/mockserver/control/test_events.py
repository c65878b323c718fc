"""Time is moved on to the next event, which says what changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowkit import FlowClient
from flowkit.demo import steps, upload
from flowkit_mockserver import MockServer


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(pace="manual") as mock:
        yield mock


@pytest.fixture
def flow(mock: MockServer) -> Iterator[FlowClient]:
    with mock.client() as flow:
        for role in ("guest", "host"):
            upload(flow, role)
        yield flow


def submit(flow: FlowClient) -> str:
    return flow.job.submit(steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json").job_id


def test_each_event_changes_something_until_the_job_has_ended(
    mock: MockServer, flow: FlowClient
) -> None:
    job_id = submit(flow)
    seen: list[str] = []
    moments: list[float] = []
    while happened := mock.advance_to_next_event():
        seen += [str(change).removeprefix(f"job {job_id}") for change in happened.changes]
        moments.append(happened.now)
        assert happened.seconds > 0

    assert seen[0] == ": waiting -> running"
    assert ", dataio_0 on guest 9999: waiting -> running" in seen
    assert ", dataio_0 on guest 9999: running -> success" in seen
    assert seen[-1] == ": running -> success"
    assert moments == sorted(moments)
    assert flow.job.query(job_id).data[0]["f_status"] == "success"


def test_without_jobs_time_stays(mock: MockServer) -> None:
    before = mock.state.clock.now()

    assert mock.advance_to_next_event() is None
    assert mock.state.clock.now() == before


def test_an_event_is_data_as_well(mock: MockServer, flow: FlowClient) -> None:
    job_id = submit(flow)
    answer = mock.app.test_client().post("/_flowkit/advance/next", json={}).json

    assert answer is not None
    assert answer["data"]["changes"] == [
        {
            "job_id": job_id,
            "component": None,
            "role": None,
            "party_id": None,
            "before": "waiting",
            "after": "running",
        }
    ]
