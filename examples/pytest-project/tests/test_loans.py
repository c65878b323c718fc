"""The same tests on a mock, on cassettes, or on a live cluster."""

from __future__ import annotations

import loans
import pytest

from flowkit import FlowClient, JobFailed


def test_a_training_separates_the_loans(flow_client: FlowClient) -> None:
    for side in ("guest", "host"):
        flow_client.job.wait(loans.upload(flow_client, side), timeout=600)
    assert loans.quality(flow_client, loans.train(flow_client)) > 0.9


@pytest.mark.flow(cassette="no-table.yaml")
def test_a_training_without_its_tables_fails_in_the_reader(flow_client: FlowClient) -> None:
    for side in ("guest", "host"):
        flow_client.with_options(on_error="reply").table.delete("flowkit", f"loan_{side}")
    with pytest.raises(JobFailed) as caught:
        loans.train(flow_client)
    assert caught.value.component == "reader_0"
