"""Summaries: with data in any case."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import Server, envelope
from flowkit import FlowClient, OperationError

FOUR = (7, "guest", 9999, "lr_0")


def test_a_summary_that_there_is() -> None:
    flow = FlowClient(plugins=[Server(envelope({"auc": 0.9}))])
    assert flow.component.get_summary(*FOUR).data == {"auc": 0.9}


@pytest.mark.parametrize("empty", [None, {}, []])
def test_a_summary_without_data_has_some(empty: Any) -> None:
    flow = FlowClient(plugins=[Server(envelope(empty))])
    assert flow.component.get_summary(*FOUR) == {"retcode": 0, "retmsg": "success", "data": {}}
    assert flow.job.generate_dsl({}, cpn_list=["a"]).data == {}


def test_a_summary_that_there_is_not() -> None:
    miss = envelope(retcode=210, retmsg="No component summary found", status=210)
    with pytest.raises(OperationError) as caught:
        FlowClient(plugins=[Server(miss)]).component.get_summary(*FOUR)
    assert caught.value.retcode == 210
    flow = FlowClient(plugins=[Server(miss)], on_error="reply")
    assert flow.component.get_summary(*FOUR) == {
        "retcode": 210,
        "retmsg": "No component summary found",
        "data": {},
    }
