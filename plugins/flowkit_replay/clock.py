"""Time while a cassette plays: what was waited for once need not be waited for again."""

from __future__ import annotations

import threading
from typing import Protocol

from flowkit import Clock

__all__ = ["ReplayClock"]


class Passing(Protocol):
    """What tells whether time is the recording's."""

    @property
    def passes(self) -> bool:
        """True when the present thread's last answer came from the cassette."""


class ReplayClock:
    """A clock under which time that was recorded passes at once, and live time as it is.

    Args:
        real: the client's own clock.
        replay: tells which of the two it is.
    """

    def __init__(self, real: Clock, replay: Passing) -> None:
        self.real = real
        self._replay = replay
        self._ahead = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the seconds since the epoch, those that passed at once included."""
        return self.real.now() + self._ahead

    def monotonic(self) -> float:
        """Return monotonic seconds, those that passed at once included."""
        return self.real.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait while live; otherwise only move the clock on."""
        if not self._replay.passes:
            self.real.sleep(seconds)
        elif seconds > 0:
            with self._lock:
                self._ahead += seconds
