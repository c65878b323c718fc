"""What the attacks on the client share: a clock that does not wait, and a look at memory."""

from __future__ import annotations

import ctypes
import os
import threading
import time
from types import TracebackType

__all__ = ["ManualTime", "Memory"]

PAGE = os.sysconf("SC_PAGE_SIZE")


class ManualTime:
    """A clock on which sleeping takes no time."""

    def __init__(self) -> None:
        self._now = 1_700_000_000.0

    def now(self) -> float:
        """Return the seconds since the epoch."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds since any point."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Go on by `seconds`."""
        self._now += seconds


class Memory:
    """Watches how much memory this process takes, for the length of a ``with`` block.

    Attributes:
        most: bytes that it took more than at the beginning, at its highest.
    """

    def __enter__(self) -> Memory:
        ctypes.CDLL(None).malloc_trim(0)  # what earlier runs left behind is no reserve
        self._start = self._size()
        self.most = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._note()
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self._note()

    def _note(self) -> None:
        self.most = max(self.most, self._size() - self._start)

    @staticmethod
    def _size() -> int:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE


def seconds_of(began: float) -> float:
    """Return the seconds since `began`."""
    return time.monotonic() - began
