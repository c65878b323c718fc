"""The tree of exceptions, and how each reads as a reply of the official SDK."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from flowkit import (
    ArchiveError,
    ArgumentError,
    CassetteError,
    ConnectionFailed,
    FlowError,
    JobFailed,
    OperationError,
    PluginError,
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


REFUSED: Reply[Any] = Reply(
    {
        "retcode": 104,
        "retmsg": "stop job failed",
        "data": {"guest": {"9999": {"retcode": 100, "retmsg": "no such party"}}},
    }
)
REFUSED.status = 500

EVERY_ERROR = [
    FlowError("plain"),
    ArgumentError("port must be a number", argument="port", value="x"),
    ConnectionFailed("refused", sent=False),
    ConnectionFailed("broken off", sent=True, refused=False),
    TimedOut("late", sent=False),
    ServerError("a page", status=502, body=b"<html>"),
    ArchiveError("damaged", status=200, body=b"PK"),
    OperationError("job.stop", REFUSED),
    JobFailed("7", "failed", component="lr_0", party="guest/9999", reason="no memory"),
    CassetteError("nothing answers"),
    PluginError("not found"),
]


def pickled(error: FlowError) -> FlowError:
    found: FlowError = pickle.loads(pickle.dumps(error))
    return found


@pytest.mark.parametrize("again", [pickled, copy.copy, copy.deepcopy])
@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_every_error_survives_pickling_and_copying(
    error: FlowError, again: Callable[[FlowError], FlowError]
) -> None:
    error.add_note("seen on the way")
    found = again(error)
    assert found is not error
    assert type(found) is type(error)
    assert (str(found), found.args, vars(found)) == (str(error), error.args, vars(error))
    assert found.as_reply() == error.as_reply()


def test_what_the_parties_said_and_the_status_of_the_reply_survive() -> None:
    found = pickled(OperationError("job.stop", REFUSED))
    assert isinstance(found, OperationError)
    assert found.reasons == {"guest/9999": "no such party"}
    assert isinstance(found.reply, Reply)
    assert (found.reply.status, found.reply.retcode) == (500, 104)


def test_a_value_that_no_other_process_can_have_becomes_its_repr() -> None:
    lock = threading.Lock()
    error = ArgumentError("clock must be a clock", argument="clock", value=lock)
    found = pickled(error)
    assert isinstance(found, ArgumentError)
    assert (found.argument, found.value) == ("clock", repr(lock))
    assert copy.copy(error).value is lock


def fail() -> None:
    raise JobFailed("7", "failed", reason="no memory")


def test_a_pool_of_processes_raises_them() -> None:
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(JobFailed, match="job 7 ended as failed: no memory") as caught,
    ):
        pool.submit(fail).result()
    assert caught.value.job_id == "7"
