"""Time while a cassette plays: what was waited for once need not be waited for again."""

from __future__ import annotations

from collections.abc import Callable

from flowkit import Clock
from flowkit_replay.cassette.locks import ProcessLock

__all__ = ["ReplayClock"]


class ReplayClock:
    """A clock that skips what was waited for when the cassette was recorded, and waits while live.

    Args:
        real: the client's own clock.
        is_replaying: returns True when the present thread's last answer came from the cassette.
    """

    def __init__(self, real: Clock, is_replaying: Callable[[], bool]) -> None:
        self.real = real
        self._is_replaying = is_replaying
        self._ahead = 0.0
        self._lock = ProcessLock()

    def now(self) -> float:
        """Return the seconds since the epoch, those that were skipped included."""
        return self.real.now() + self._ahead

    def monotonic(self) -> float:
        """Return monotonic seconds, those that were skipped included."""
        return self.real.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        """Wait while live; otherwise only move the clock on."""
        if not self._is_replaying():
            self.real.sleep(seconds)
        elif seconds > 0:
            with self._lock:
                self._ahead += seconds
