"""Limits: what may be asked for, and what is refused."""

from __future__ import annotations

import pytest

from flowkit import ArgumentError, FlowClient, ServerError
from flowkit.call.limits import keep_within


@pytest.mark.parametrize(
    ("name", "value"),
    [("deadline", 0), ("deadline", "3"), ("deadline", True), ("answer_limit", 0),
     ("download_limit", 1.5)],
)  # fmt: skip
def test_options_that_bound_a_call_are_checked(name: str, value: object) -> None:
    with FlowClient("127.0.0.1") as flow, pytest.raises(ArgumentError, match=name) as caught:
        flow.with_options(**{name: value})
    assert caught.value.argument == name


def test_an_answer_up_to_the_limit_is_taken() -> None:
    assert b"".join(keep_within([b"12", b"34"], "answer_limit", 4, 200)) == b"1234"


def test_an_answer_beyond_the_limit_says_how_to_raise_it() -> None:
    with pytest.raises(ServerError, match=r"larger than 3 bytes.*answer_limit") as caught:
        list(keep_within([b"12", b"34"], "answer_limit", 3, 210))
    assert caught.value.status == 210
