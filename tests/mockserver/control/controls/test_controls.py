"""The controls of a mock server, from Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowkit import FlowClient, OperationError
from flowkit.demo import steps
from flowkit_mockserver import MockServer


@pytest.fixture
def mock() -> Iterator[MockServer]:
    with MockServer(pace="manual") as mock:
        yield mock


@pytest.fixture
def flow(mock: MockServer) -> Iterator[FlowClient]:
    with mock.client() as flow:
        yield flow


def test_the_status_counts_what_there_is(mock: MockServer, flow: FlowClient) -> None:
    flow.job.query()

    assert mock.status()["requests"] == 1
    assert mock.status()["pace"] == "manual"


def test_requests_are_found_and_asserted(mock: MockServer, flow: FlowClient) -> None:
    with pytest.raises(OperationError):
        flow.job.stop("7")

    (entry,) = mock.assert_called("job.stop", times=1, arguments={"job_id": "7"}, refused=True)
    assert entry.retcode == 102
    with pytest.raises(AssertionError, match=r"job.submit: expected at least 1, got 0"):
        mock.assert_called("job.submit")


def test_moving_time_tells_the_time(mock: MockServer) -> None:
    start = mock.state.clock.now()

    assert mock.advance(60) == {"now": start + 60}


def test_starting_over_forgets_the_journal(mock: MockServer, flow: FlowClient) -> None:
    flow.job.query()
    mock.reset()

    assert mock.requests() == []


def test_time_passes_as_it_is_told_to(mock: MockServer) -> None:
    assert mock.set_time("scaled", 60)["factor"] == 60
    assert mock.set_time("real")["factor"] == mock.status()["factor"] == 1
    stopped = mock.set_time("manual")
    assert mock.status()["now"] == stopped["now"]


@pytest.mark.parametrize(
    ("mode", "factor", "why"),
    [
        ("fast", None, "mode must be one of real, scaled, manual, got 'fast'"),
        ("scaled", None, "factor belongs to scaled time, which needs one"),
        ("real", 2, "factor belongs to scaled time"),
        ("scaled", -1, "rate must be a number from 0 to 1000000, got -1"),
    ],
)
def test_time_that_makes_no_sense_is_refused(
    mock: MockServer, mode: str, factor: float | None, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        mock.set_time(mode, factor)


def test_tasks_of_new_jobs_take_as_long_as_they_are_told_to(
    mock: MockServer, flow: FlowClient
) -> None:
    assert mock.set_pace(30) == {"pace": 30.0}
    conf, dsl = steps.DATA / "train_conf.json", steps.DATA / "train_dsl.json"
    job_id = flow.job.submit(conf, dsl).job_id
    mock.advance(4)
    assert flow.job.query(job_id).data[0]["f_status"] == "running"

    assert mock.set_pace("instant") == {"pace": 0.0}
    job_id = flow.job.submit(conf, dsl).job_id
    assert flow.job.query(job_id).data[0]["f_status"] in ("failed", "success")


def test_to_go_on_demand_stops_the_clock() -> None:
    with MockServer() as mock:
        mock.set_pace("manual")

        assert mock.status()["now"] == mock.status()["now"]
        assert mock.status()["pace"] == "manual"
