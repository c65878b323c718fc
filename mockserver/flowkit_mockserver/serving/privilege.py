"""Questions that are answered in the thread that takes requests in, because they take no time.

A thread for each would take longer to get hold of the interpreter and of the lock than the answer takes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from threading import get_ident
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_mockserver.state import ServerState

__all__ = ["Privilege", "Run"]

#: Questions that are answered at once, when they are no longer than so many bytes.
_QUICK = frozenset({"/v1/job/query", "/v1/job/task/query", "/v1/version/get"})
_SHORT = 1024
#: Seconds in which whoever has the lock is through with it, unless it does something long.
_PATIENCE = 0.005

#: Runs something in a thread.
Run = Callable[..., Awaitable[Any]]


class Privilege:
    """The privilege to answer at once: the lock, and leave to compute nothing.

    Args:
        state: the state that is asked.
    """

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._patience = _PATIENCE
        # Who brings forward the jobs that others wait for, and who will after that.
        self._settling: asyncio.Task[None] | None = None
        self._next: asyncio.Task[None] | None = None

    def take(self, path: str, body: bytes) -> Callable[[], None] | None:
        """Take the lock for a question that is answered quickly, if it is free and the job in question up to date.

        Args:
            path: what is asked.
            body: the question.

        Returns:
            what gives the lock back; None when the question may take its time.
        """
        if not self._is_quick(path, body) or not self._acquire():
            return None
        if self._state.unsettled(_job_in(body)):
            self._state.lock.release()
            return None
        return self._granted()

    async def await_turn(self, path: str, body: bytes, run: Run) -> Callable[[], None] | None:
        """Take the lock once the jobs before the one in question have come forward; see `take`.

        Args:
            path: what is asked.
            body: the question.
            run: has a thread bring jobs forward; one does so for all who wait.

        Returns:
            what gives the lock back; None when the job in question waits for no other.
        """
        job_id = _job_in(body) if self._is_quick(path, body) else None
        if job_id is None or not self._state.jobs.scheduler.is_queued(job_id):
            return None
        if self._next is None:
            self._next = asyncio.ensure_future(self._settle(self._settling, job_id, run))
        waiting = self._next
        try:
            await asyncio.shield(waiting)
        # What it was shows to a thread that takes the question on.
        except Exception:
            return None
        return self._granted() if self._acquire() else None

    async def _settle(self, before: asyncio.Task[None] | None, job_id: str, run: Run) -> None:
        """Bring jobs forward, after those who do so by now: they may have begun before the question came."""
        if before is not None:
            await asyncio.wait([before])
        self._settling, self._next = self._next, None
        await run(self._state.settle, job_id)

    def _is_quick(self, path: str, body: bytes) -> bool:
        # Rules may delay an answer, which must not delay the others; nor must a database.
        state = self._state
        return (
            path in _QUICK
            and len(body) <= _SHORT
            and state.sharing is None
            and not state.faults.rules
        )

    def _acquire(self) -> bool:
        """Take the lock; where somebody has had it for long, nobody is made to wait for it again."""
        free = self._state.lock.acquire(timeout=self._patience)
        self._patience = _PATIENCE if free else 0
        return free

    def _granted(self) -> Callable[[], None]:
        # A job may be due a moment later, and nothing must be computed here.
        self._state.progress.excuse(get_ident())
        return self._answered

    def _answered(self) -> None:
        self._state.progress.excuse(None)
        self._state.lock.release()


def _job_in(body: bytes) -> str | None:
    """Return the job that a question names, None when it names none."""
    try:
        question = json.loads(body)
    # What is no question is answered by whoever reads it next.
    except (ValueError, RecursionError):
        return None
    job_id = question.get("job_id") if isinstance(question, dict) else None
    return job_id if isinstance(job_id, str) and job_id else None
