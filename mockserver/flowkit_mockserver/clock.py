"""The clock of a server: it can always be moved on, and run at another speed or not at all."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from types import BuiltinFunctionType

from flowkit.clock import Clock, ManualClock, SystemClock
from flowkit.forks import renew_in_children

__all__ = ["LAST_MOMENT", "ServerClock", "SteadyClock", "server_clock"]


#: The last day of the year 9999, after which there are no dates.
LAST_MOMENT = 253402214400.0
#: Eleven days in a second: the year 9999 is three days away then.
_FASTEST = 1_000_000


class ServerClock:
    """A clock that follows another one: at its speed, at a multiple of it, or only when it is moved.

    Args:
        base: the clock beneath; one that can be moved itself is moved instead, as long as this one runs at its speed.
        rate: how many seconds pass here in one of the clock beneath; 0 stands still.
    """

    def __init__(self, base: Clock, rate: float = 1.0) -> None:
        self._base = base
        # Where this clock stood when the one beneath stood where, and its speed from there on.
        self._now = self._monotonic = (0.0, 0.0, 1.0)
        self.renew_after_fork()
        renew_in_children(self)
        if rate != 1.0:
            self.set_rate(rate)

    def renew_after_fork(self) -> None:
        """Make the lock anew, which another thread of the parent may have held."""
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """How many seconds pass here in one of the clock beneath."""
        return self._now[2]

    @property
    def stands_still(self) -> bool:
        """Whether time passes only when it is moved on, here or on the clock beneath."""
        return self.rate == 0 or isinstance(self._base, ManualClock)

    def now(self) -> float:
        """Return the seconds since the epoch."""
        start, since, rate = self._now
        return start + (self._base.now() - since) * rate

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        start, since, rate = self._monotonic
        return start + (self._base.monotonic() - since) * rate

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass; a clock that stands still is moved on by them."""
        rate = self.rate
        if rate == 0:
            if seconds > 0:
                self._move(seconds)
        else:
            self._base.sleep(seconds / rate)

    def set_rate(self, rate: float) -> None:
        """Go on from the present moment at another speed.

        Raises:
            ValueError: `rate` is negative, for time does not run backwards, or more than a million.
        """
        if not 0 <= rate <= _FASTEST:
            raise ValueError(f"rate must be a number from 0 to {_FASTEST}, got {rate!r}")
        with self._lock:
            if rate == self.rate:
                return
            self._now = (self.now(), self._base.now(), rate)
            self._monotonic = (self.monotonic(), self._base.monotonic(), rate)

    def set_now(self, now: float) -> None:
        """Go on from another moment, which may be an earlier one; `monotonic` takes no notice.

        Args:
            now: seconds since the epoch.
        """
        with self._lock:
            self._now = (now, self._base.now(), self.rate)

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`.

        Raises:
            ValueError: `seconds` is negative, for time does not run backwards, or leads beyond the year 9999.
        """
        if not seconds >= 0:
            raise ValueError(f"seconds must not be negative, got {seconds!r}")
        if self.now() + seconds > LAST_MOMENT:
            raise ValueError(f"seconds must not lead beyond the year 9999, got {seconds!r}")
        if isinstance(self._base, ManualClock) and self.rate == 1:
            self._base.advance(seconds)
        else:
            self._move(seconds)

    def _move(self, seconds: float) -> None:
        with self._lock:
            self._now = (self._now[0] + seconds, *self._now[1:])
            self._monotonic = (self._monotonic[0] + seconds, *self._monotonic[1:])

    def to_document(self) -> dict[str, float]:
        """Return how it stands to the clock beneath, for a server on another machine: `rate`, `now` and `since`."""
        now, since, rate = self._now
        return {"now": now, "since": since, "rate": rate}

    def load(self, document: Mapping[str, float]) -> None:
        """Go on as another server's clock does, which gave this document; `monotonic` moves on as far as `now` does."""
        told = (document["now"], document["since"], document["rate"])
        with self._lock:
            if told != self._now:
                before, passed = self.now(), self.monotonic()
                self._now = told
                jump = max(0.0, self.now() - before)
                self._monotonic = (passed + jump, self._base.monotonic(), told[2])


class SteadyClock(SystemClock):
    """The machine's clock, which goes on at its speed when it is set back: jobs would start over otherwise.

    A test that travels in time is followed, there and back. Any number of threads may ask.
    """

    def __init__(self) -> None:
        # By how much it is ahead of the clock that is never set; known with the first reading.
        self._ahead = 0.0

    def now(self) -> float:
        """Return the seconds since the epoch."""
        if _travels():
            return time.time()
        # The wall clock first: a thread that is stopped in between finds it behind, never ahead.
        wall, monotonic = time.time(), time.monotonic()
        # Set forward, or woken up; and not by a journey that another thread has just begun.
        if wall - monotonic > self._ahead and not _travels():
            self._ahead = wall - monotonic
        return monotonic + self._ahead


def _travels() -> bool:
    """Say whether a test travels in time: freezegun puts functions in the place of Python's, time-machine tells."""
    machine = sys.modules.get("time_machine")
    return not isinstance(time.time, BuiltinFunctionType) or (
        machine is not None and machine.escape_hatch.is_travelling()
    )


def server_clock(manual: bool, base: Clock | None = None, *, shared: bool = False) -> ServerClock:
    """Return a clock for a server.

    Args:
        manual: True for one that stands still until it is moved.
        base: the clock beneath; None for the machine's own.
        shared: whether other servers go by the machine's clock, too, as it is.
    """
    if base is None:
        own = SystemClock() if shared else SteadyClock()
        return ServerClock(own, 0.0 if manual else 1.0)
    return ServerClock(base)
