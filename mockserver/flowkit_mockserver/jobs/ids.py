"""Job ids: the local time of the server and a counter, 21 digits in all."""

from __future__ import annotations

import time
from collections.abc import Callable

from flowkit.clock import Clock

__all__ = ["DAY_DIGITS", "JobIds", "day_of"]

#: How many leading digits of a job id are its day.
DAY_DIGITS = 8

_MICROSECONDS = 1_000_000
_COUNTER = 10


def day_of(job_id: str) -> str:
    """Return the day (``YYYYMMDD``) under which the outputs of a job are filed."""
    return job_id[:DAY_DIGITS]


class JobIds:
    """Makes ids that grow, even while the clock stands still.

    Args:
        clock: the server's clock.
        taken: says of an id whether a job bears it already.
    """

    def __init__(self, clock: Clock, taken: Callable[[str], bool]) -> None:
        self._clock = clock
        self._taken = taken
        self._last = -1

    def next(self) -> str:
        """Return an id that no job bears."""
        number = max(int(self._clock.now() * _MICROSECONDS) * _COUNTER, self._last + 1)
        while self._taken(text := self._text(number)):
            number += 1
        self._last = number
        return text

    @staticmethod
    def _text(number: int) -> str:
        micros, counter = divmod(number, _COUNTER)
        seconds, micros = divmod(micros, _MICROSECONDS)
        stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(seconds))
        return f"{stamp}{micros:06}{counter}"
