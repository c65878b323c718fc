"""The lock of a worker that shares its state: whoever takes it is the only one of all workers that changes it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

from flowkit_mockserver.store.errors import Outdated
from flowkit_mockserver.store.shared.database import Changes, SharedDatabase

__all__ = ["SharedLock"]

#: Looks at the state that others may spoil before it is looked at alone.
LOOKS = 5


class SharedLock:
    """Held around whatever changes the state; `reading` is for what only looks. Reentrant.

    The state of the process is up to date when either has been entered.

    Args:
        database: the shared database.
        learn: called with what others changed.
        finish: called before the outermost hold ends, to commit what has not been.

    Attributes:
        inner: the lock of the process, for what needs no state that is up to date.
    """

    def __init__(
        self,
        database: SharedDatabase,
        learn: Callable[[Changes], None],
        finish: Callable[[], None],
    ) -> None:
        self._db = database
        self._learn = learn
        self._finish = finish
        self.inner = threading.RLock()
        self._holder: int | None = None
        self._depth = 0
        self._looked_at = float("-inf")

    def __enter__(self) -> bool:
        if self._holder == threading.get_ident():
            self._depth += 1
            return True
        prepared = self._db.prepare_alone()
        self.inner.acquire()
        started = time.monotonic()
        try:
            self._learn(self._db.open_alone(prepared))
        except BaseException:
            self._db.undo()
            self._db.close_section()
            self.inner.release()
            raise
        self._looked_at = started
        self._holder, self._depth = threading.get_ident(), 1
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
        /,
    ) -> None:
        self._depth -= 1
        if self._depth:
            return
        try:
            self._finish()
        finally:
            self._leave()

    def _leave(self) -> None:
        self._holder = None
        try:
            self._db.close_section()
        finally:
            self.inner.release()

    @contextmanager
    def reading(self, arrived: float | None = None) -> Iterator[None]:
        """Hold the lock of the process and look at one state; to change it raises `Outdated`.

        Args:
            arrived: when the request came, in seconds of `time.monotonic`: it is enough to know what had been committed
                until then. None: until now.
        """
        if self._holder == threading.get_ident():
            yield
            return
        self.inner.acquire()
        try:
            self._look(arrived)
        except BaseException:
            self._db.undo()
            self._db.close_section()
            self.inner.release()
            raise
        self._holder, self._depth = threading.get_ident(), 1
        try:
            yield
        finally:
            self._depth -= 1
            self._leave()

    def _look(self, arrived: float | None) -> None:
        for left in reversed(range(LOOKS)):
            started = time.monotonic()
            look = arrived is None or arrived >= self._looked_at
            try:
                self._learn(self._db.open_reading(look=look))
                if look:
                    self._looked_at = started
                return
            except Outdated:
                if not left:
                    raise
                self._db.undo()
                self._db.close_section()

    def renew_after_fork(self) -> None:
        """Be free in a child, whatever the threads of the parent hold."""
        self.inner = threading.RLock()
        self._holder, self._depth = None, 0

    # For whoever only wants that nobody else of this process is at work.

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Take the lock of the process."""
        return self.inner.acquire(blocking, timeout)

    def release(self) -> None:
        """Give the lock of the process back."""
        self.inner.release()
