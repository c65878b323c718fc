"""Running again what failed or was stopped, with the quirks of a standalone 1.6.1."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from typing import TYPE_CHECKING

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.jobs.job import (
    CANCELED,
    END_STATUSES,
    RUNNING,
    SUCCESS,
    WAITING,
    Attempt,
    Job,
    Span,
    Stop,
    job_status,
    party_end,
    party_start,
    task_status,
)

if TYPE_CHECKING:
    from flowkit_mockserver.jobs.scheduling.scheduler import Scheduler

__all__ = ["ALL_COMPONENTS", "rerun", "rerun_from"]

#: The name that means every component of a job.
ALL_COMPONENTS = "pipeline"

#: What the server says then: the trace of its own failure, as it was observed.
_TRACE = "rerun_refusal.txt"


def rerun(scheduler: Scheduler, job: Job, component: str | None, now: int) -> list[Attempt]:
    """Make new versions of the tasks that neither wait nor succeeded, and queue the job if anything can run.

    Args:
        scheduler: where the job is queued.
        job: the job.
        component: the component to run again, `ALL_COMPONENTS`, or None, which means none.
        now: the moment.

    Returns:
        the versions that were replaced.

    Raises:
        Refusal: a new version was made for parties besides the initiator. A standalone server plays all parties:
            having made the rows of the new version for each of them, it makes those of the initiator's partners a
            second time, and its database refuses. The new version stays; the job runs it when a rerun is asked
            for once more.
    """
    runnable = False
    replaced: list[Attempt] = []
    for attempt in list(job.latest().values()):
        if component not in (ALL_COMPONENTS, attempt.component):
            continue
        status = task_status(attempt, now)
        if status == WAITING:
            runnable = True
        elif status != SUCCESS:
            runnable = True
            job.attempts.append(_next_version(job, attempt, now))
            replaced.append(attempt)
            if any(party != job.initiator for party in attempt.parties):
                raise _refusal(job)
    if runnable:
        job.cancel = False
        if job_status(job, now) in END_STATUSES:
            scheduler.rejoin(job, now)
    return replaced


def rerun_from(
    scheduler: Scheduler, job: Job, components: Iterable[str] | None, force: bool, now: int
) -> list[str]:
    """Make new versions as the later lines do, on all parties, and queue the job if anything can run.

    A component that succeeded runs again only by force, and then what follows it does, too.

    Args:
        scheduler: where the job is queued.
        job: the job.
        components: the components to run again, None for all.
        force: whether a success counts for nothing.
        now: the moment.

    Returns:
        the components whose earlier versions were replaced.
    """
    chosen = None if components is None else set(components)
    replaced: list[str] = []
    runnable = False
    for attempt in list(job.latest().values()):
        status = task_status(attempt, now)
        follows = any(name in replaced for name in job.upstream.get(attempt.component, ()))
        wanted = chosen is None or attempt.component in chosen or follows
        if not wanted:
            continue
        if status == WAITING:
            runnable = True
        elif status != SUCCESS or force or follows:
            runnable = True
            fresh = _next_version(job, attempt, now)
            fresh.inherited = None
            job.attempts.append(fresh)
            replaced.append(attempt.component)
    if runnable and job_status(job, now) in END_STATUSES:
        scheduler.rejoin(job, now)
    return replaced


def _next_version(job: Job, attempt: Attempt, now: int) -> Attempt:
    own = attempt.parties.index(job.initiator)
    inherited = Span(party_start(attempt, own, now), party_end(attempt, own, now))
    if task_status(attempt, now) == RUNNING:
        attempt.stopped = Stop(CANCELED, now)
        attempt.orphaned = True
        job.lost_slots += 1
    return Attempt(
        component=attempt.component,
        version=attempt.version + 1,
        parties=list(attempt.parties),
        created=now,
        share=attempt.share,
        inherited=inherited,
    )


def _refusal(job: Job) -> Refusal:
    role, party_id = job.initiator
    trace = (files(__package__) / _TRACE).read_text(encoding="utf-8")
    answer = {role: {party_id: {"retcode": 100, "retmsg": trace}}}
    return Refusal(f"rerun job failed:\n{json.dumps(answer)}", 103)
