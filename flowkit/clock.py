"""Time as a dependency: the client, its plugins and the mock server ask a clock, never the `time` module.

A test that hands in a `ManualClock` sees a retry back off, a deadline pass or a long job end without waiting for it.
"""

from __future__ import annotations

import threading
import time
from typing import Protocol, runtime_checkable

from flowkit.forks import renew_in_children

__all__ = ["Clock", "ManualClock", "SystemClock"]


@runtime_checkable
class Clock(Protocol):
    """What flowkit needs to know of time."""

    def now(self) -> float:
        """Seconds since the epoch (UTC), for time stamps and signatures."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, for durations and deadlines."""

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread for `seconds`; zero and less return at once."""
        if seconds > 0:
            time.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is told to move; sleeping moves it.

    Args:
        start: seconds since the epoch at which it stands first.
    """

    def __init__(self, start: float = 1_600_000_000.0) -> None:
        self._now = start
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the seconds since the epoch at which the clock stands."""
        return self._now

    def monotonic(self) -> float:
        """Return the same reading as `now`: the two never part here."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Return at once, with the clock moved on by `seconds`."""
        if seconds > 0:
            self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds`.

        Raises:
            ValueError: `seconds` is negative; time does not run backwards.
        """
        if seconds < 0:
            raise ValueError(f"seconds must not be negative, got {seconds!r}")
        with self._lock:
            self._now += seconds
