"""How jobs come forward: in steps under the server's lock, between which components compute without it.

Nobody schedules anything. Whoever asks brings all jobs up to the present moment first, and computes what is due for
that; meanwhile others are answered, and see the task running. Only for what takes no time to speak of they wait, so
that several clients of one server find small jobs as far as each of them alone would. What happens to a job while it
computes is honoured when the result comes: that of a task that was stopped, or of a job that is gone, is dropped.

Components that touch what jobs have in common, such as tables, compute one at a time and in their order: whoever
uploads a table and trains on it need not wait in between, whoever computes the upload.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from flowkit_mockserver.computing.computation import Computation, claim_key
from flowkit_mockserver.computing.relief import relieved
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.kinds.lookup import find_kind, stands_alone
from flowkit_mockserver.store import Interrupted, NotStored

if TYPE_CHECKING:
    from flowkit_mockserver.components.core.interface import ComponentFailed
    from flowkit_mockserver.computing.engine import Results
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.jobs.job import Attempt, Job
    from flowkit_mockserver.jobs.service import Jobs
    from flowkit_mockserver.store.interface import Lock

__all__ = ["Progress"]

#: Seconds after which a computation is not waited for by others, and the most that one request waits.
SHORT, MOST = 0.04, 0.5

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A computation that some thread is at; `in_server` as its kind says, the moments as `Computation` has them."""

    job_id: str
    in_server: bool
    due: int
    settled: int
    begun: float = field(default_factory=time.monotonic)
    over: threading.Event = field(default_factory=threading.Event)


class Progress:
    """Brings the jobs of a server forward.

    Args:
        lock: the server's lock.
        find_jobs: returns its jobs, which are others after a reset or when changes were undone.
        commit: makes changes last, or undoes them and raises `NotStored`.

    Attributes:
        under_way: what threads compute, by the key of the task.
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
        # What was begun before a reset is not among them any more.
        self.under_way: dict[str, _UnderWay] = {}

    def concerns(self, job_id: str | None) -> bool:
        """Say whether `settle` has something to do, or to wait for; to be asked with the lock or without.

        Args:
            job_id: the only job that matters; None when all do.
        """
        if self._excused == threading.get_ident():
            return False
        jobs = self._find_jobs()
        now = jobs.now()
        due = not jobs.scheduler.idle(now) if job_id is None else jobs.scheduler.is_due(job_id, now)
        return due or bool(self._unfinished) or self._young(job_id, now) is not None

    def settle(self, job_id: str | None = None) -> None:
        """Bring all jobs up to the present moment, and compute in this thread what is due for that.

        To be called without the lock. What cannot be written is no fault of the request that comes now: it is tried
        again later. What becomes due meanwhile is left to those who ask then: otherwise a busy server would keep
        whoever came first.

        Args:
            job_id: the only job that matters; what is due for others is left to them, unless it has to wait for them.
                Empty when none does.

        Raises:
            Refusal: the server was closed meanwhile.
        """
        if self._excused == threading.get_ident():
            return
        patience = time.monotonic() + MOST
        moment = self._find_jobs().now()
        while True:
            scheduler = self._find_jobs().scheduler
            due = not scheduler.idle(moment) if job_id is None else scheduler.is_due(job_id, moment)
            if due or self._unfinished:
                self._settle(job_id, moment)
            young = self._young(job_id, moment)
            now = time.monotonic()
            if young is None or now >= patience:
                return
            with relieved():
                young.over.wait(min(young.begun + SHORT, patience) - now)

    def _young(self, job_id: str | None, moment: int) -> _UnderWay | None:
        """Return a computation that has not taken long yet and that matters for a moment; else None.

        Args:
            job_id: the job to which it has to matter; None for any.
            moment: the moment: what was not due then does not matter.
        """
        since = time.monotonic() - SHORT
        for one in list(self.under_way.values()):
            if one.begun > since and one.due <= moment and self._matters(one, job_id, moment):
                return one
        return None

    def _matters(self, one: _UnderWay, job_id: str | None, moment: int) -> bool:
        if job_id is None or job_id == one.job_id:
            return True
        scheduler = self._find_jobs().scheduler
        if not one.in_server:
            return False
        # Who waits for cores may get those of the other job; anybody else that is due waits for its turn.
        if scheduler.is_queued(job_id):
            return one.settled <= moment
        return scheduler.is_due(job_id, moment)

    def _settle(self, job_id: str | None, now: int) -> None:
        with self.lock:
            self._finish()
            jobs = self._find_jobs()
            resets = self._resets
            if job_id is not None and not jobs.scheduler.is_due(job_id, now):
                return
            if job_id is not None and not _stands_alone(jobs, job_id):
                job_id = None  # what it waits for is anybody's
            computation = self._step(lambda jobs: self._proceed(jobs, now, job_id))
            under_way = self._note(computation)
        while computation is not None:
            result = self._compute(computation)
            try:
                with self.lock:
                    if self._closed:
                        raise Refusal("the server was closed while it computed")
                    if resets != self._resets:
                        self._find_jobs().executor.disown(computation)
                        return
                    self.under_way.pop(computation.key, None)
                    kept = computation
                    computation = self._step(self._keeping(kept, result, now, job_id), kept)
                    before, under_way = under_way, self._note(computation)
            except Interrupted:
                self._leave(computation)
                raise
            if before is not None:
                before.over.set()

    def _leave(self, computation: Computation | None) -> None:
        """Clean up after a computation later, because the database is away."""
        if computation is not None:
            self.under_way.pop(computation.key, None)
            self._unfinished.append(computation)

    def _finish(self) -> None:
        """Give back what was claimed when the database went away."""
        while self._unfinished:
            _abandon(self._find_jobs(), self._unfinished[-1])
            self._unfinished.pop()

    def _note(self, computation: Computation | None) -> _UnderWay | None:
        """Note that a computation is under way."""
        if computation is None:
            return None
        in_server = _is_in_server(computation.plan, computation.component)
        self.under_way[computation.key] = noted = _UnderWay(
            computation.job_id, in_server, computation.due, computation.settled
        )
        return noted

    def _compute(self, computation: Computation) -> Results | ComponentFailed:
        resets = self._resets
        try:
            with relieved():
                return self._find_jobs().executor.compute(computation)
        # A user who presses Ctrl+C leaves the work to whoever asks next.
        except BaseException:
            try:
                with self.lock:
                    if not self._closed and resets == self._resets:
                        self.under_way.pop(computation.key, None)
                        _abandon(self._find_jobs(), computation)
            except Interrupted:
                self._leave(computation)
            raise

    def _step(
        self, step: Callable[[Jobs], Computation | None], kept: Computation | None = None
    ) -> Computation | None:
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
            if kept is not None and self._find_jobs().scheduler.claims.shared:
                # That its claim was given back was undone as well.
                self._unfinished.append(kept)
            return None
        return computation

    # Under the lock

    def _proceed(self, jobs: Jobs, now: int, job_id: str | None) -> Computation | None:
        """Carry out what was due up to `now`, until a component has to compute; None when none has to.

        Args:
            jobs: the jobs.
            now: the moment.
            job_id: the only job that matters. What others compute is left to whoever asks for them: otherwise one
                thread would take from another job to the next what several threads, or workers, can do at a time.
        """
        if jobs.scheduler.idle(now):
            return None

        # The lock is held until this step is through: what others are at is asked once.
        of_others = cache(lambda: _in_server_elsewhere(jobs))

        def admits(job: Job, attempt: Attempt) -> bool:
            # While jobs wait for cores, who gives them back when is of matter to all.
            left = job_id not in (None, job.job_id) and not jobs.scheduler.is_queued(None)
            busy = any(one.in_server for one in self.under_way.values())
            if not left and not busy and not jobs.scheduler.claims.shared:
                return True
            plan = jobs.store.plan(job.job_id)
            if plan is None or not _is_in_server(plan, attempt.component):
                return not left
            own = claim_key(job.job_id, attempt.component, attempt.version)
            return not busy and of_others() <= {own}

        try:
            while (due := jobs.scheduler.settle(now, admits)) is not None:
                computation = _begin(jobs, *due)
                if computation is not None:
                    return computation
        finally:
            jobs.flush()
        return None

    def _keeping(
        self,
        computation: Computation,
        result: Results | ComponentFailed,
        now: int,
        job_id: str | None,
    ) -> Callable[[Jobs], Computation | None]:
        """Return the step that keeps a result, and goes on up to `now`."""

        def step(jobs: Jobs) -> Computation | None:
            return _keep(jobs, computation, result) or self._proceed(jobs, now, job_id)

        return step

    def excuse(self, thread: int | None) -> None:
        """Let one thread, which holds the lock, answer without computing anything; None lets none."""
        self._excused = thread

    def reset(self) -> None:
        """Drop all computations under way when they are through."""
        self._resets += 1
        self.under_way.clear()

    def close(self) -> None:
        """Let computations under way end in nothing."""
        self._closed = True

    def renew_after_fork(self, lock: Lock) -> None:
        """Go on in a child, where nobody computes what the threads of the parent do."""
        self.lock = lock
        self.under_way.clear()
        self._find_jobs().scheduler.resume_all()


def _stands_alone(jobs: Jobs, job_id: str) -> bool:
    """Say whether a job waits for no cores and takes nothing up that another leaves in the server but tables."""
    if jobs.scheduler.is_queued(job_id):
        return False
    plan = jobs.store.plan(job_id)
    return plan is not None and all(stands_alone(plan.graph.module(n)) for n in plan.graph.order)


def _is_in_server(plan: Plan, component: str) -> bool:
    """Say whether a component touches what jobs have in common."""
    kind = find_kind(plan.graph.module(component))
    return kind is not None and kind.in_server


def _in_server_elsewhere(jobs: Jobs) -> frozenset[str]:
    """Return the keys of what other workers compute that jobs have in common."""
    if not jobs.scheduler.claims.shared:
        return frozenset()
    found = set()
    for key in jobs.scheduler.claims.of_others():
        job_id, _, rest = key.partition("/")
        plan = jobs.store.plan(job_id)
        if plan is not None and _is_in_server(plan, rest.rpartition("/")[0]):
            found.add(key)
    return frozenset(found)


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
    # The claim must not be free before the outcome is written down.
    jobs.store.touch(job)
    jobs.flush()
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
