"""The clock of a server: it can always be moved on."""

from __future__ import annotations

from collections.abc import Mapping

from flowkit.clock import Clock, ManualClock, SystemClock

__all__ = ["ServerClock", "server_clock"]


#: The last day of the year 9999, after which there are no dates.
_LAST_MOMENT = 253402214400.0


class ServerClock:
    """Another clock's time, plus what it was moved on by.

    Args:
        base: the clock that runs beneath; one that can be moved itself is moved instead.
        own: whether nobody else moves that one.
    """

    def __init__(self, base: Clock, *, own: bool = False) -> None:
        self._base = base
        self._own = own
        self._offset = 0.0

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return self._base.now() + self._offset

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return self._base.monotonic() + self._offset

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass on the clock beneath."""
        self._base.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`.

        Raises:
            ValueError: `seconds` is negative, for time does not run backwards, or leads beyond the year 9999.
        """
        if not seconds >= 0:
            raise ValueError(f"seconds must not be negative, got {seconds!r}")
        if self.now() + seconds > _LAST_MOMENT:
            raise ValueError(f"seconds must not lead beyond the year 9999, got {seconds!r}")
        if isinstance(self._base, ManualClock):
            self._base.advance(seconds)
        else:
            self._offset += seconds

    def to_document(self) -> dict[str, float]:
        """Return where it stands if it moves on demand only, or how far from the clock beneath."""
        return {"now": self.now()} if self._own else {"offset": self._offset}

    def load(self, document: Mapping[str, float]) -> None:
        """Stand where another server's clock stands, which gave this document."""
        if self._own:
            self._offset = document["now"] - self._base.now()
        else:
            self._offset = document["offset"]


def server_clock(manual: bool, base: Clock | None = None) -> ServerClock:
    """Return a clock for a server.

    Args:
        manual: True for one that stands still until it is moved.
        base: the clock beneath; None for the machine's own.
    """
    if base is None and manual:
        return ServerClock(ManualClock(SystemClock().now()), own=True)
    return ServerClock(base or SystemClock())
