"""The queue and the running jobs: what happens next, and when.

Jobs start first come, first served; one that finds no cores blocks those behind it. Nothing happens by
itself: `Scheduler.settle` carries out everything that was due up to a moment, in its order and at its times,
so it makes no difference whether it is called every second or once an hour.

Components are not run here. `settle` stops at the first that has to compute and hands it out, claimed; its job rests
until `resume`, and all others go on meanwhile. What happens to the job then is dated as if no time had passed.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from flowkit_mockserver.computing.computation import claim_key
from flowkit_mockserver.faults import TakeStages
from flowkit_mockserver.jobs.job import (
    CANCELED,
    END_STATUSES,
    FAILED,
    FIRST_ROUND,
    LAST_ROUND,
    RUNNING,
    TIMEOUT,
    WAITING,
    Attempt,
    Job,
    Shortage,
    Span,
    Stop,
    job_progress,
    job_status,
    task_may_become,
    task_status,
)
from flowkit_mockserver.jobs.scheduling.stages import stage_attempt
from flowkit_mockserver.jobs.scheduling.steps import (
    NEVER,
    due_attempt,
    next_event,
    next_status,
    ready_attempts,
)
from flowkit_mockserver.store import Claims, Interrupted, LocalClaims

__all__ = ["Scheduler"]

log = logging.getLogger(__name__)


class _Rest(NamedTuple):
    """Why a job rests, and at which moment it goes on."""

    key: str
    moment: float


class Scheduler:
    """Brings jobs forward.

    Args:
        cores: the number of cores of a computing engine.
        claims: who computes which attempt; an attribute as well.
        ended: called with a job whose tasks came to an end of their own (it was not stopped).
        changed: called with a job whose facts changed.
        rerun_span: milliseconds that a task takes when a job that had ended is run again; an attribute as well.
        empty_jobs_hold_cores: whether a job without tasks, which never ends, keeps its cores from others.
        take_stages: tells what stages make of a component that is about to run.
    """

    def __init__(
        self,
        cores: Callable[[str], int],
        claims: Claims,
        ended: Callable[[Job], None],
        changed: Callable[[Job], None],
        rerun_span: int = 0,
        *,
        empty_jobs_hold_cores: bool = False,
        take_stages: TakeStages = lambda component, parties: None,
    ) -> None:
        self._take_stages = take_stages
        self._empty_jobs_hold_cores = empty_jobs_hold_cores
        self.rerun_span = rerun_span
        self._cores = cores
        self.claims = claims
        self._ended = ended
        self._changed = changed
        self._free: dict[str, int] = {}
        # In their order; a plain dictionary is slow to tell its first when many have left it.
        self._waiting: OrderedDict[str, Job] = OrderedDict()
        self._running: dict[str, Job] = {}
        self._wake: dict[str, float] = {}
        self._resting: dict[str, _Rest] = {}
        self._next = NEVER

    def restore(self, jobs: Iterable[Job]) -> None:
        """Take over jobs that had not ended when the server did."""
        self.renew({job.job_id: job for job in jobs})

    def renew(self, jobs: Mapping[str, Job | None]) -> None:
        """Take over jobs as another worker left them.

        Args:
            jobs: by id; None for one that has ended or is gone.
        """
        for job_id, job in jobs.items():
            if (known := self._running.pop(job_id, None)) is not None:
                self._take(known, -self._demand(known))
            self._waiting.pop(job_id, None)
            self._wake.pop(job_id, None)
            if job is not None:
                self._adopt(job)
            elif job_id in self._resting:
                del self._resting[job_id]
        self._plan()

    def _adopt(self, job: Job) -> None:
        if job.granted is None:
            self._enqueue(job)
            return
        self._take(job, self._demand(job))
        self._running[job.job_id] = job
        rests = job.wake is None or job.job_id in self._resting
        self._wake[job.job_id] = NEVER if rests else max(job.wake or 0, job.granted)

    def _sleep(self, job: Job, moment: float) -> None:
        """Look at a job again at a moment."""
        self._wake[job.job_id] = moment
        job.wake = None if moment == NEVER else int(moment)

    def join(self, job: Job, now: int) -> None:
        """Put a job into the queue and see at once whether it can have its cores."""
        job.queued = now
        job.closed = False
        self._enqueue(job)
        self._changed(job)
        self._grant(now)
        self._plan()

    def rejoin(self, job: Job, now: int) -> None:
        """Put a job that has ended back into the queue, for what is left to run of it; see `rerun_span`."""
        job.span = self.rerun_span
        job.earlier = Span(job.start, job.end)
        job.start = job.end = job.granted = job.status = job.progress = None
        job.cancel = False
        job.lost_slots = 0
        self.join(job, now)

    def _enqueue(self, job: Job) -> None:
        """Put a job into its place: the last, unless it was created before others, as one that runs again."""
        last = next(reversed(self._waiting.values()), job)
        self._waiting[job.job_id] = job
        if (job.created, job.job_id) < (last.created, last.job_id):
            ordered = sorted(self._waiting.values(), key=lambda job: (job.created, job.job_id))
            self._waiting = OrderedDict((one.job_id, one) for one in ordered)

    def waiting(self, now: int) -> list[Job]:
        """Return the jobs whose status is waiting, oldest first."""
        jobs = (*self._waiting.values(), *self._running.values())
        found = [job for job in jobs if job_status(job, now) == WAITING]
        return sorted(found, key=lambda job: (job.created, job.job_id))

    def idle(self, now: int) -> bool:
        """Say whether nothing is due."""
        return self._next > now

    def next_event(self) -> int | None:
        """Return the moment at which something is due, in milliseconds since the epoch; None for never."""
        return None if self._next == NEVER else int(self._next)

    def is_due(self, job_id: str, now: int) -> bool:
        """Say whether something is due that can change how a job stands: for itself, or, while it waits, for any."""
        if self.is_queued(job_id):
            return not self.idle(now)
        return self._wake.get(job_id, NEVER) <= now

    def is_queued(self, job_id: str | None) -> bool:
        """Say whether a job waits for cores, or, for None, any; others decide when it starts."""
        return bool(self._waiting) if job_id is None else job_id in self._waiting

    def settle(
        self, now: int, admits: Callable[[Job, Attempt], bool] = lambda job, attempt: True
    ) -> tuple[Job, Attempt] | None:
        """Carry out everything that was due up to `now`, as far as no component has to compute first.

        Args:
            now: the moment.
            admits: whether an attempt may compute now; if not, its job waits and the others go on.

        Returns:
            the job whose component has to, which rests from now on, and the attempt, which is claimed; None when all
            is done, but for jobs whose components somebody else computes.
        """
        elsewhere: set[str] = set()
        while (moment := self._next_of_others(elsewhere)) <= now:
            for job in [job for job in self._running.values() if self._wake[job.job_id] <= moment]:
                if job.job_id in elsewhere:
                    continue
                attempt = self._advance_or_fail(job, int(max(self._wake[job.job_id], job.queued)))
                if attempt is None:
                    continue
                key = claim_key(job.job_id, attempt.component, attempt.version)
                admitted = admits(job, attempt)
                if admitted and self.claims.take(key):
                    self._resting[job.job_id] = _Rest(key, self._wake[job.job_id])
                    self._wake[job.job_id] = NEVER
                    self._plan()
                    return job, attempt
                if admitted and self.claims.shared:
                    # Another worker computes: `renew` tells when it is through, or dead.
                    self._wake[job.job_id] = NEVER
                else:
                    elsewhere.add(job.job_id)
            self._grant(int(moment))
        self._plan()
        return None

    def resume(self, job_id: str, key: str) -> None:
        """Let a job go on that rests for the claim of this key, and give that back.

        A job that was stopped meanwhile, or that rests for another claim by now, stays as it is.
        """
        self.claims.give_back(key)
        rest = self._resting.get(job_id)
        if rest is not None and rest.key == key:
            del self._resting[job_id]
            self._wake[job_id] = rest.moment
        elif self.claims.shared and rest is None and job_id in self._running:
            self._wake[job_id] = self._running[job_id].wake or 0
        self._plan()

    def resume_all(self) -> None:
        """Let all jobs go on without the threads that computed for them: this is a child that came out of a fork."""
        self.claims = LocalClaims()
        for job_id, rest in self._resting.items():
            self._wake[job_id] = rest.moment
        self._resting.clear()
        self._plan()

    def _next_of_others(self, elsewhere: set[str]) -> float:
        """Return when the next thing is due that concerns none of these jobs."""
        if not elsewhere:
            return min(self._wake.values(), default=NEVER)
        moments = (moment for job_id, moment in self._wake.items() if job_id not in elsewhere)
        return min(moments, default=NEVER)

    def _plan(self) -> None:
        self._next = self._next_of_others(set())

    def _advance_or_fail(self, job: Job, moment: int) -> Attempt | None:
        try:
            return self._advance(job, moment)
        # Whatever goes wrong with a job is its own failure, and none of the request that happens to come now.
        except Interrupted:
            raise
        except Exception as error:
            log.exception("job %s", job.job_id)
            self.give_up(job, str(error) or type(error).__name__, moment)
            return None

    def give_up(self, job: Job, message: str, moment: int) -> None:
        """End a job with which the server cannot go on."""
        for attempt in job.latest().values():
            if attempt.start is not None and attempt.outcome is None and attempt.stopped is None:
                attempt.outcome = dict.fromkeys(attempt.parties, FAILED)
                attempt.messages = dict.fromkeys(attempt.parties, message)
        job.progress = job.progress or 0
        job.status = FAILED
        job.end = moment
        self._leave(job)

    def _advance(self, job: Job, moment: int) -> Attempt | None:
        """Bring a job to a moment; returns the attempt that has to compute before it can go further."""
        if job.status is not None:
            self._leave(job)
            self._ended(job)
            return None
        if job.start is not None and moment >= job.start:
            if moment >= job.created + job.timeout * 1000:
                self.stop(job, TIMEOUT, moment)
                return None
            launched = True
            while launched:
                if (attempt := due_attempt(job, moment)) is not None:
                    self._changed(job)
                    return attempt
                launched = self._launch(job, moment)
            self._decide(job, moment)
        self._sleep(job, next_event(job, moment))
        self._changed(job)
        return None

    def _launch(self, job: Job, moment: int) -> bool:
        latest = job.latest()
        busy = sum(task_status(attempt, moment) == RUNNING for attempt in latest.values())
        slots = max(0, job.parallelism - job.lost_slots - busy)
        for attempt in (chosen := ready_attempts(job, latest, moment)[:slots]):
            attempt.start = moment
            attempt.span = int(job.span * attempt.share)
            stage_attempt(attempt, self._take_stages(attempt.component, attempt.parties))
        return bool(chosen)

    def _decide(self, job: Job, moment: int) -> None:
        status = next_status(job, moment)
        if status in END_STATUSES:
            job.progress, job.status = job_progress(job, moment), status
            starts = [attempt.start for attempt in job.latest().values()]
            busy = any(start is not None and start >= job.queued for start in starts)
            job.end = moment + int(job.span * LAST_ROUND) if busy else moment

    # Cores

    def _demand(self, job: Job) -> int:
        holds = bool(job.attempts) or self._empty_jobs_hold_cores
        return sum(job.cores.values()) if holds else 0

    def _take(self, job: Job, cores: int) -> None:
        self._free[job.engine] = self._free.get(job.engine, self._cores(job.engine)) - cores

    def _grant(self, now: int) -> None:
        while self._waiting:
            job = next(iter(self._waiting.values()))
            if not self._apply(job, now):
                self._begin_granted(now)
                return
            del self._waiting[job.job_id]
            self._running[job.job_id] = job
            # Cores may be free from a moment on at which the job was not there yet: who had them took its time.
            moment = max(now, job.queued)
            job.granted = moment
            # A job that had to wait for cores starts with them; a new one waits for the scheduler's next round.
            new = moment == job.created
            job.start = moment + int(job.span * FIRST_ROUND) if new else moment
            self._sleep(job, job.start)
            self._changed(job)

    def _begin_granted(self, now: int) -> None:
        """Let those that have their cores begin: who waits for cores finds them at work, however soon it came."""
        for job in self._running.values():
            if job.start is not None and job.start > now:
                job.start = now
                self._sleep(job, now)
                self._changed(job)

    def _apply(self, job: Job, now: int) -> bool:
        """Ask for the cores of each row in turn, as the real server does; give all back when one is refused."""
        demand = self._demand(job)
        free = self._free.get(job.engine, self._cores(job.engine))
        granted = []
        for party in job.parties:
            if job.cores[party] <= free:
                free -= job.cores[party]
                granted.append(party)
        if not demand or len(granted) == len(job.parties):
            self._take(job, demand)
            return True
        if job.refused is None or job.refused.granted != granted:
            job.refused = Shortage(now, granted)
            self._changed(job)
        return False

    def _leave(self, job: Job) -> None:
        if self._running.pop(job.job_id, None) is not None:
            self._take(job, -self._demand(job))
        for known in (self._waiting, self._wake, self._resting):
            known.pop(job.job_id, None)
        job.tag = "job_end"
        job.closed = True
        self._changed(job)

    # Stopping

    def stop(self, job: Job, status: str, now: int) -> None:
        """Stop a job, as far as its status allows; the next one has its cores after `go_on`."""
        if status == CANCELED:
            job.cancel = True
            job.canceled_at = now
        current = job_status(job, now)
        if current in (WAITING, RUNNING) and status in END_STATUSES:
            for attempt in job.latest().values():
                if attempt.start is not None and attempt.start > now:
                    attempt.start = None  # it never begins
                if task_may_become(task_status(attempt, now), status) and attempt.start is not None:
                    attempt.stopped = Stop(status, now)
            if current == WAITING:
                job.start = job.granted = None
            job.progress = job_progress(job, now)
            job.status = status
            job.end = now if current == RUNNING else None
            self._leave(job)
        self._changed(job)

    def go_on(self, now: int) -> None:
        """Give free cores to those who wait for them."""
        self._grant(now)
        self._plan()
