"""The controls of a mock server, from Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flowkit import FlowClient, OperationError
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
