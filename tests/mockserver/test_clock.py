"""The clock of a server can always be moved on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from flowkit.clock import ManualClock, SystemClock
from flowkit_mockserver.clock import ServerClock, server_clock


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = server_clock(manual=True)
    start = clock.now()

    assert clock.now() == start
    clock.advance(60)
    assert clock.now() == start + 60


def test_sleeping_moves_a_manual_clock() -> None:
    clock = server_clock(manual=True)
    start = clock.monotonic()

    clock.sleep(5)

    assert clock.monotonic() == start + 5


def test_a_running_clock_can_be_moved_on_too() -> None:
    base = SystemClock()
    clock = server_clock(manual=False, base=base)

    clock.advance(3600)

    assert 3600 <= clock.now() - base.now() + 1 < 3610


def test_somebody_elses_manual_clock_moves_along() -> None:
    base = ManualClock(1000.0)
    clock = server_clock(manual=False, base=base)

    clock.advance(10)

    assert base.now() == clock.now() == 1010.0


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        server_clock(manual=False).advance(-1)


def test_a_clock_goes_on_at_another_speed() -> None:
    base = ManualClock(1000.0)
    clock = ServerClock(base)

    clock.set_rate(60)
    base.advance(2)
    assert (clock.now(), clock.monotonic()) == (1120.0, 1120.0)

    clock.advance(5)
    assert (clock.now(), base.now()) == (1125.0, 1002.0)

    clock.set_rate(0)
    base.advance(100)
    assert clock.now() == 1125.0

    clock.set_rate(1)
    base.advance(1)
    assert clock.now() == 1126.0


def test_whoever_waits_on_a_fast_clock_waits_less() -> None:
    base = ManualClock(1000.0)
    clock = ServerClock(base, 10)

    clock.sleep(50)

    assert (base.now(), clock.now()) == (1005.0, 1050.0)


@pytest.mark.parametrize("rate", [-1, 1e7, float("inf"), float("nan")])
def test_a_speed_has_bounds(rate: float) -> None:
    with pytest.raises(ValueError, match="rate must be a number from 0 to 1000000"):
        ServerClock(SystemClock()).set_rate(rate)


def test_a_clock_that_moves_on_demand_stands_where_another_one_stands() -> None:
    one, other = server_clock(True), server_clock(True)
    one.advance(50)

    other.load(one.to_document())

    assert other.now() == one.now()
    other.advance(5)
    assert other.now() == one.now() + 5


def test_a_clock_that_goes_by_itself_is_as_far_ahead_as_another_one() -> None:
    base = ManualClock(1_000.0)
    one, other = ServerClock(SystemClock()), ServerClock(base)
    one.advance(50)

    other.load(one.to_document())

    assert other.now() == 1_050.0


class Machine:
    """The clocks of a machine, which a test sets."""

    wall, monotonic = 1_800_000_000.0, 50.0

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.wall += seconds
        self.monotonic += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine()
    monkeypatch.setattr("time.time", lambda: found.wall)
    monkeypatch.setattr("time.monotonic", lambda: found.monotonic)
    monkeypatch.setattr("flowkit_mockserver.clock._travels", lambda: False)
    return found


def test_a_clock_of_the_machine_that_is_set_back_goes_on(machine: Machine) -> None:
    clock = server_clock(manual=False)
    machine.pass_by(10)
    assert clock.now() == 1_800_000_010

    machine.wall -= 3600
    assert clock.now() == 1_800_000_010
    machine.pass_by(5)
    assert clock.now() == 1_800_000_015

    machine.wall += 7200  # set forward, or the machine slept
    assert clock.now() == machine.wall


def test_servers_that_share_a_state_go_by_the_clock_of_the_machine(machine: Machine) -> None:
    clock = server_clock(manual=False, shared=True)
    clock.now()
    machine.wall -= 3600

    assert clock.now() == machine.wall


@pytest.mark.parametrize("year", [2001, 2101])
def test_a_test_that_travels_with_time_machine_is_followed_there_and_back(year: int) -> None:
    clock = server_clock(manual=False)
    before = clock.now()
    moment = datetime(year, 1, 1, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        assert clock.now() == moment.timestamp()
        made_there = server_clock(manual=False)
        assert made_there.now() == moment.timestamp()
    assert before <= clock.now() < before + 3600
    assert before <= made_there.now() < before + 3600


@pytest.mark.parametrize("moment", [1_000_000_000.0, 4_000_000_000.0])
def test_a_test_that_freezes_the_functions_of_time_is_followed_there_and_back(
    monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    clock = server_clock(manual=False)
    before = clock.now()
    with monkeypatch.context() as frozen:  # as freezegun does
        frozen.setattr("time.time", lambda: moment)
        frozen.setattr("time.monotonic", lambda: moment)
        assert clock.now() == moment
    assert before <= clock.now() < before + 3600
