"""Turns: how many runs compute in this process at a time; the others wait, and who came first goes first.

Python's interpreter lock lets one thread compute at a time. Threads that hand it to each other at every operation of
numpy lose more by that than they gain where an operation needs no lock, and hold the memory of all their runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from flowkit.forks import renew_in_children

__all__ = ["Turns"]


class Turns:
    """So many at a time, in the order in which they come.

    Args:
        count: how many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self.renew_after_fork()
        renew_in_children(self)

    def renew_after_fork(self) -> None:
        """Begin anew in a child, which has none of the threads that have a turn or wait for one."""
        self._lock = Lock()
        self._free = self._count
        self._waiting: deque[Event] = deque()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn, and have it for the length of a block."""
        self._take()
        try:
            yield
        finally:
            with self._lock:
                self._pass_on()

    def _take(self) -> None:
        with self._lock:
            if self._free:
                self._free -= 1
                return
            called = Event()
            self._waiting.append(called)
        try:
            called.wait()
        # A user who presses Ctrl+C does not wait any more; if the turn came just then, it is another's.
        except BaseException:
            with self._lock:
                if called.is_set():
                    self._pass_on()
                else:
                    self._waiting.remove(called)
            raise

    def _pass_on(self) -> None:
        """Give a turn to whoever waits longest. Under the lock."""
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._free += 1
