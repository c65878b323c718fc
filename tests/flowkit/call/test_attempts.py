"""The loop of attempts: what is repeated, how often, and when it gives up."""

from __future__ import annotations

import pytest

from fakes import Server, envelope
from flowkit import ConnectionFailed, FlowClient, ManualClock, Response, Retry, TimedOut
from flowkit.call.attempts import retry_after


def refused() -> ConnectionFailed:
    return ConnectionFailed("refused", sent=False)


def broken() -> ConnectionFailed:
    return ConnectionFailed("broken off", sent=True)


def client(server: Server, **options: object) -> FlowClient:
    return FlowClient(plugins=[server], clock=ManualClock(), **options)  # type: ignore[arg-type]


def test_a_connection_that_was_never_made_is_tried_again_even_for_a_write() -> None:
    server = Server(refused(), envelope({}))
    assert client(server).queue.clean().ok
    assert len(server.requests) == 2


def test_a_write_that_may_have_arrived_is_not_sent_twice() -> None:
    server = Server(broken(), envelope({}))
    with pytest.raises(ConnectionFailed):
        client(server).queue.clean()
    assert len(server.requests) == 1


def test_a_read_is_repeated_whatever_broke() -> None:
    server = Server(broken(), TimedOut("late"), envelope({"tags": []}))
    assert client(server).tag.list().ok
    assert len(server.requests) == 3


def test_attempts_end_with_the_last_error() -> None:
    server = Server(refused())
    with pytest.raises(ConnectionFailed):
        client(server, retry=Retry(attempts=2)).tag.list()
    assert len(server.requests) == 2


def test_pauses_pass_on_the_clients_clock_and_stay_within_bounds() -> None:
    flow = client(Server(refused(), refused(), envelope({})), retry=Retry(attempts=3, base=1.0))
    before = flow.clock.monotonic()
    flow.tag.list()
    assert 0 < flow.clock.monotonic() - before <= 3.0


def test_retry_after_is_honoured_up_to_the_longest_pause() -> None:
    busy = Response(503, {"Retry-After": "120"}, b"")
    flow = client(Server(busy, envelope({})), retry=Retry(longest=7.0))
    before = flow.clock.monotonic()
    flow.tag.list()
    assert flow.clock.monotonic() - before == 7.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Tue, 14 Nov 2023 22:13:27 GMT", 7.0),
        ("Tuesday, 14-Nov-23 22:13:27 GMT", 7.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-7", None),
        ("\uff17", None),
        ("Tue, 99 Nov 2023 22:13:27 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(value, 1_700_000_000.0) == seconds


def test_a_date_counts_by_the_clients_clock() -> None:
    busy = Response(503, {"Retry-After": "Tue, 14 Nov 2023 22:13:23 GMT"}, b"")
    server, clock = Server(busy, envelope({})), ManualClock(1_700_000_000.0)
    assert FlowClient(plugins=[server], clock=clock).tag.list().ok
    assert clock.now() == 1_700_000_003.0


def test_a_write_that_was_turned_away_unread_is_repeated() -> None:
    server = Server(Response(429, {"Retry-After": "1"}, b""), envelope({}))
    assert client(server).queue.clean().ok


def test_a_busy_answer_to_a_write_is_not_repeated() -> None:
    server = Server(Response(503, {}, b"busy"), envelope({}))
    with pytest.raises(Exception, match="HTTP 503"):
        client(server).queue.clean()
    assert len(server.requests) == 1


def test_the_deadline_bounds_a_call_with_all_its_attempts() -> None:
    flow = client(Server(Response(503, {"Retry-After": "5"}, b""))).with_options(deadline=2)
    with pytest.raises(TimedOut, match="deadline"):
        flow.tag.list()


def test_a_budget_shared_by_all_calls_stops_repeats_to_a_sick_server() -> None:
    server = Server(refused())
    flow = client(server, retry=Retry(attempts=3, budget=4))
    for _ in range(5):
        with pytest.raises(ConnectionFailed):
            flow.tag.list()
    assert len(server.requests) == 5 + 4


def test_success_gives_the_budget_back() -> None:
    server = Server(refused(), *[envelope({})] * 3, refused(), envelope({}))
    flow = client(server, retry=Retry(budget=1))
    for _ in range(4):
        assert flow.tag.list().ok
    assert len(server.requests) == 6
