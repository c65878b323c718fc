"""The row that decides about a job."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import FlowClient, OperationError
from flowkit.jobs.rows import fetch_rows, has_ended, initiator_row

HOST = {"f_role": "host", "f_party_id": "10000", "f_initiator_role": "guest"}
GUEST = {"f_role": "guest", "f_party_id": 9999}


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([HOST, {**GUEST, "f_is_initiator": True}], 1),
        ([HOST, {**GUEST, "f_initiator_role": "guest", "f_initiator_party_id": "9999"}], 1),
        ([HOST, GUEST], 0),
    ],
)
def test_it_is_the_initiators_else_the_first(rows: list[dict[str, Any]], place: int) -> None:
    assert initiator_row(rows) is rows[place]


@pytest.mark.parametrize("status", [None, {}, ["success"], 1])
def test_a_status_that_is_none_ends_no_job(status: object) -> None:
    assert not has_ended({"f_status": status})


def test_fetching_raises_whatever_the_client_does_about_errors() -> None:
    flow = FlowClient(plugins=[Server(envelope(retcode=100))], on_error="reply")
    with pytest.raises(OperationError):
        fetch_rows(flow, "job.query", {"job_id": "7"})
