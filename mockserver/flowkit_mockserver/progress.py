"""How jobs come forward: in steps under the server's lock, between which components compute without it.

Nobody schedules anything. Whoever asks brings all jobs up to the present moment first, and computes what is due for
that; meanwhile others are answered, and see the task running. What happens to the job while it computes is honoured
when the result comes: that of a task that was stopped, or of a job that is no longer there, is dropped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from flowkit_mockserver.components.core.interface import ComponentFailed
from flowkit_mockserver.computing.computation import Computation, claim_key
from flowkit_mockserver.computing.engine import Results
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.jobs.job import Attempt, Job
from flowkit_mockserver.jobs.service import Jobs
from flowkit_mockserver.store import Interrupted, NotStored
from flowkit_mockserver.store.interface import Lock

__all__ = ["Progress"]

log = logging.getLogger(__name__)


class Progress:
    """Brings the jobs of a server forward.

    Args:
        lock: the server's lock.
        find_jobs: returns its jobs, which are others after a reset or when changes were undone.
        commit: makes changes last, or undoes them and raises `NotStored`.
    """

    def __init__(
        self, lock: Lock, find_jobs: Callable[[], Jobs], commit: Callable[[], None]
    ) -> None:
        self.lock = lock
        self._find_jobs = find_jobs
        self._commit = commit
        # Counts resets: what was begun before one has no place after it.
        self._resets = 0
        self._closed = False
        # What could not be finished because the database was away.
        self._unfinished: list[Computation] = []
        self._excused: int | None = None

    def settle(self) -> None:
        """Bring all jobs up to the present moment, and compute in this thread what is due for that.

        To be called without the lock. What cannot be written is no fault of the request that comes now: it is tried
        again later.

        Raises:
            Refusal: the server was closed meanwhile.
        """
        if self._excused == threading.get_ident():
            return
        with self.lock:
            self._finish()
            resets, now = self._resets, self._find_jobs().now()
            computation = self._step(lambda jobs: _proceed(jobs, now))
        while computation is not None:
            result = self._compute(computation)
            try:
                with self.lock:
                    if self._closed:
                        raise Refusal("the server was closed while it computed")
                    if resets != self._resets:
                        self._find_jobs().executor.discard(computation)
                        return
                    computation = self._step(_keeping(computation, result, now))
            except Interrupted:
                if computation is not None:
                    self._unfinished.append(computation)
                raise

    @property
    def unfinished(self) -> bool:
        """Whether `settle` has to clean up first."""
        return bool(self._unfinished)

    def _finish(self) -> None:
        """Give back what was claimed when the database went away."""
        while self._unfinished:
            _abandon(self._find_jobs(), self._unfinished[-1])
            self._unfinished.pop()

    def _compute(self, computation: Computation) -> Results | ComponentFailed:
        resets = self._resets
        try:
            return self._find_jobs().executor.compute(computation)
        # A user who presses Ctrl+C leaves the work to whoever asks next.
        except BaseException:
            try:
                with self.lock:
                    if not self._closed and resets == self._resets:
                        _abandon(self._find_jobs(), computation)
            except Interrupted:
                self._unfinished.append(computation)
            raise

    def _step(self, step: Callable[[Jobs], Computation | None]) -> Computation | None:
        """Take a step and make it last; returns what has to be computed next, None when it cannot be written."""
        try:
            computation = step(self._find_jobs())
        except BaseException:
            self._commit()
            raise
        try:
            self._commit()
        except NotStored as error:
            log.error("jobs cannot go on: %s", error)
            if computation is not None:
                _abandon(self._find_jobs(), computation)
            return None
        return computation

    # Under the lock

    def excuse(self, thread: int | None) -> None:
        """Let one thread, which holds the lock, answer without computing anything; None lets none."""
        self._excused = thread

    def reset(self) -> None:
        """Drop all computations under way when they are through."""
        self._resets += 1

    def close(self) -> None:
        """Let computations under way end in nothing."""
        self._closed = True

    def renew_after_fork(self, lock: Lock) -> None:
        """Go on in a child, where nobody computes what the threads of the parent do."""
        self.lock = lock
        self._find_jobs().scheduler.resume_all()


def _proceed(jobs: Jobs, now: int) -> Computation | None:
    """Carry out what was due up to `now`, until a component has to compute; None when none has to."""
    if jobs.scheduler.idle(now):
        return None
    try:
        while (due := jobs.scheduler.settle(now)) is not None:
            computation = _begin(jobs, *due)
            if computation is not None:
                return computation
    finally:
        jobs.flush()
    return None


def _begin(jobs: Jobs, job: Job, attempt: Attempt) -> Computation | None:
    """Gather what an attempt computes from; None when it has an outcome without, or its job came to an end."""
    key = claim_key(job.job_id, attempt.component, attempt.version)
    try:
        computation = jobs.executor.begin(job, attempt)
    except Interrupted:
        raise
    # Whatever goes wrong with a job is its own failure, and none of the request that happens to come now.
    except Exception as error:
        log.exception("job %s", job.job_id)
        jobs.scheduler.resume(job.job_id, key)
        jobs.scheduler.give_up(job, str(error) or type(error).__name__, attempt.due)
        return None
    if computation is None:
        jobs.scheduler.resume(job.job_id, key)
    return computation


def _keeping(
    computation: Computation, result: Results | ComponentFailed, now: int
) -> Callable[[Jobs], Computation | None]:
    """Return the step that keeps a result, and goes on up to `now`."""

    def step(jobs: Jobs) -> Computation | None:
        return _keep(jobs, computation, result) or _proceed(jobs, now)

    return step


def _keep(
    jobs: Jobs, computation: Computation, result: Results | ComponentFailed
) -> Computation | None:
    """Keep a result, unless nobody waits for it; returns what parties have to compute that are left."""
    job = jobs.store.get(computation.job_id)
    attempt = None if job is None else _awaiting(job, computation)
    if job is None or attempt is None:
        _abandon(jobs, computation)
        return None
    rest = jobs.executor.keep(job, attempt, computation, result)
    if rest is None:
        jobs.scheduler.resume(computation.job_id, computation.key)
    return rest


def _awaiting(job: Job, computation: Computation) -> Attempt | None:
    """Return the attempt that waits for a computation; None when it was stopped or has an outcome."""
    if job.closed:
        return None
    for attempt in job.attempts:
        if (attempt.component, attempt.version) == (computation.component, computation.version):
            waits = attempt.outcome is None and attempt.stopped is None
            return attempt if waits and attempt.start is not None else None
    return None


def _abandon(jobs: Jobs, computation: Computation) -> None:
    """Drop a computation and give its claim back."""
    jobs.executor.discard(computation)
    jobs.scheduler.resume(computation.job_id, computation.key)
