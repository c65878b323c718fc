"""Trouble while a job is waited for: what the wait outlives, and what ends it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import urllib3

from fakes import Answer, Server, envelope
from flowkit import (
    ArgumentError,
    ConnectionFailed,
    FlowClient,
    FlowError,
    ManualClock,
    OperationError,
    Response,
    ServerError,
    TimedOut,
    hookimpl,
)

RUNNING = {"f_status": "running", "f_progress": 40, "f_is_initiator": True}
DONE = {**RUNNING, "f_status": "success", "f_progress": 100}
REFUSED = ConnectionFailed("refused", sent=False)
RESET = ConnectionFailed("broken off", sent=True)
SILENT = TimedOut("no answer")
UNKNOWN_HOST = ConnectionFailed("no such host", sent=False, refused=False)
UNTRUSTED = ConnectionFailed("certificate verify failed", sent=False, refused=False)


def page(status: int) -> Response:
    return Response(status, {"Content-Type": "text/html"}, b"<html>gateway</html>")


class Outages:
    """Notes what is told of outages."""

    name = "outages"

    def __init__(self) -> None:
        self.told: list[str] = []

    @hookimpl
    def flowkit_job_unreachable(self, job_id: str, error: FlowError | None) -> None:
        self.told.append(f"{job_id} {'back' if error is None else type(error).__name__}")


def wait(*answers: Answer, timeout: float | None = 600.0) -> tuple[Any, Outages, float]:
    """Wait for a job whose server answers so; return the reply, what was told, the seconds."""
    outages, clock = Outages(), ManualClock(0.0)
    flow = FlowClient(plugins=[outages, Server(*answers)], clock=clock)
    return flow.job.wait("7", timeout=timeout), outages, clock.now()


@pytest.mark.parametrize(
    "trouble",
    [
        REFUSED, RESET, SILENT, page(503), page(404), page(502), page(504), page(429), page(500),
        Response(503, {"Retry-After": " 2 "}, b""), Response(504, {}, b"upstream request timeout"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", [True, False])
def test_the_wait_outlives_what_passes(trouble: Answer, first: bool) -> None:
    before = [] if first else [envelope([RUNNING])]
    reply, outages, seconds = wait(*before, *[trouble] * 40, envelope([DONE]))
    assert reply.data["status"] == "success"
    assert len(outages.told) == 2
    assert outages.told[1] == "7 back"
    assert seconds > 20


@pytest.mark.parametrize(
    "trouble",
    [
        UNKNOWN_HOST, UNTRUSTED, Response(200, {}, b"<html>maintenance</html>"),
        envelope(retcode=100, retmsg="(2006, 'MySQL server has gone away')"),
    ],
)  # fmt: skip
def test_what_tells_of_a_wrong_address_passes_only_after_the_job_was_seen(trouble: Answer) -> None:
    reply, _, _ = wait(envelope([RUNNING]), *[trouble] * 9, envelope([DONE]))
    assert reply.ok
    with pytest.raises((ConnectionFailed, ServerError, OperationError)):
        wait(*[trouble] * 9, envelope([DONE]))


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (page(401), ServerError),
        (page(403), ServerError),
        (page(407), ServerError),
        (page(302), ServerError),
        (envelope(retcode=109, retmsg="signature"), OperationError),
        (envelope(retcode=101, retmsg="refused"), OperationError),
        (envelope([]), ArgumentError),
    ],
)
@pytest.mark.parametrize("seen", [True, False])
def test_what_does_not_pass_ends_it_at_once(
    trouble: Answer, error: type[FlowError], seen: bool
) -> None:
    before = [envelope([RUNNING])] if seen else []
    with pytest.raises(error):
        wait(*before, trouble, envelope([DONE]))


def test_it_ends_with_its_own_timeout_and_says_what_the_last_look_failed_with() -> None:
    with pytest.raises(TimedOut, match=r"after 30 s.*The last look failed: refused") as caught:
        wait(envelope([RUNNING]), REFUSED, timeout=30)
    assert isinstance(caught.value.__cause__, ConnectionFailed)


def test_each_outage_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    looks = [envelope([RUNNING]), *[REFUSED] * 9, envelope([RUNNING]), *[page(503)] * 9]
    with caplog.at_level(logging.INFO, "flowkit.jobs"):
        _, outages, _ = wait(*looks, envelope([DONE]))
    assert outages.told == ["7 ConnectionFailed", "7 back", "7 ServerError", "7 back"]
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO", "WARNING", "INFO"]
    assert "the wait goes on" in caplog.records[0].getMessage()


def test_limits_that_are_none_are_bounded_by_the_wait() -> None:
    left: list[float | None] = []

    class Looks:
        @hookimpl
        def flowkit_send(self, call: Any) -> Response:
            left.append(call.seconds_left())
            return envelope([DONE])

    flow = FlowClient(plugins=[Looks()], clock=ManualClock(0.0))
    endless = flow.with_options(timeout=urllib3.Timeout(connect=None, read=None))
    assert endless.job.wait("7", timeout=3).ok
    assert endless.job.wait("7").ok
    assert left == [3, None]


def test_a_look_waits_no_longer_than_what_is_left() -> None:
    limits: list[float] = []

    class Slow:
        @hookimpl
        def flowkit_send(self, call: Any) -> Response:
            limits.append(call.seconds_left())
            call.client.clock.sleep(25)
            return envelope([RUNNING])

    flow = FlowClient(plugins=[Slow()], clock=ManualClock(0.0), timeout=60)
    with pytest.raises(TimedOut):
        flow.job.wait("7", timeout=70)
    assert limits[0] == 70
    assert limits[-1] < 25
