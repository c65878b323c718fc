"""Clocks: the machine's, and one that moves when a test says so."""

from __future__ import annotations

import time

import pytest

from flowkit import Clock, ManualClock, SystemClock


def test_a_manual_clock_moves_by_sleeping_and_by_advancing() -> None:
    clock = ManualClock(100.0)
    clock.sleep(5)
    clock.advance(0.5)
    clock.sleep(-1)
    assert (clock.now(), clock.monotonic()) == (105.5, 105.5)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        ManualClock().advance(-1)


def test_the_system_clock_is_the_machines() -> None:
    before = time.time()
    assert before <= SystemClock().now() <= time.time()
    assert isinstance(SystemClock(), Clock)
    assert isinstance(ManualClock(), Clock)
