"""The tree of exceptions, and how each reads as a reply of the official SDK."""

from __future__ import annotations

import pytest

from flowkit import (
    ArchiveError,
    ArgumentError,
    ConnectionFailed,
    FlowError,
    JobFailed,
    OperationError,
    Reply,
    ServerError,
    TimedOut,
)


def test_they_are_caught_as_what_python_programs_expect() -> None:
    assert issubclass(ArgumentError, ValueError)
    assert issubclass(TimedOut, TimeoutError)
    assert issubclass(ArchiveError, ServerError)


@pytest.mark.parametrize(
    ("error", "retmsg"),
    [
        (FlowError("plain"), "plain"),
        (ConnectionFailed("x", sent=False), "Connection refused, Please check if the fate flow"),
        (ConnectionFailed("broken off"), "broken off"),
        (ServerError("x"), "Internal server error. Nothing in response."),
        (ArchiveError("x"), "download failed, please check if the parameters are correct"),
    ],
)
def test_as_a_reply_each_has_retcode_100(error: FlowError, retmsg: str) -> None:
    reply = error.as_reply()
    assert reply["retcode"] == 100
    assert reply["retmsg"].startswith(retmsg)


def test_a_refusal_is_the_servers_own_answer() -> None:
    answer: Reply[None] = Reply({"retcode": 101, "retmsg": "no such job"})
    error = OperationError("job.stop", answer)
    assert error.as_reply() is answer
    assert str(error) == "job.stop: no such job (retcode 101)"


def test_a_failed_job_says_where_and_why() -> None:
    error = JobFailed("7", "failed", component="lr_0", party="guest/9999", reason="no memory")
    assert str(error) == "job 7 ended as failed: component lr_0 on guest/9999: no memory"
    assert str(JobFailed("7", "canceled")) == "job 7 ended as canceled"


def test_a_traceback_shows_by_its_last_line_and_can_be_had_whole() -> None:
    sent = "Traceback (most recent call last):\n  File x\nKeyError: 'host'\n"
    error = OperationError("job.submit", Reply({"retcode": 103, "retmsg": sent}))
    assert str(error) == "job.submit: KeyError: 'host' (retcode 103)"
    assert (error.message, error.retmsg) == ("'host'", sent)
