"""Time while a cassette plays: recorded time is skipped, live time is waited for."""

from __future__ import annotations

from flowkit import ManualClock
from flowkit_replay.clock import ReplayClock


def test_recorded_time_is_skipped_and_live_time_is_waited_for() -> None:
    real, replaying = ManualClock(1000.0), [True]
    clock = ReplayClock(real, lambda: replaying[0])
    clock.sleep(5)
    assert (real.now(), clock.now()) == (1000.0, 1005.0)
    clock.sleep(-1)
    replaying[0] = False
    start = clock.monotonic()
    clock.sleep(2)
    assert (real.now(), clock.now(), clock.monotonic() - start) == (1002.0, 1007.0, 2.0)
