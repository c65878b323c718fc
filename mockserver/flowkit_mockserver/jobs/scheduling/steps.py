"""What a job does next, and when: the tasks that can start, those whose component has to have run, the next event."""

from __future__ import annotations

from flowkit_mockserver.jobs.job import SUCCESS, Attempt, Job, settle_job, task_status

__all__ = ["NEVER", "due_attempt", "next_event", "next_status", "ready_attempts"]

#: A moment that does not come.
NEVER = float("inf")


def due_attempt(job: Job, moment: int) -> Attempt | None:
    """Return the first attempt whose component has to have run by a moment, and has not."""
    for attempt in job.latest().values():
        computed = attempt.outcome is not None or attempt.stopped is not None
        if attempt.start is not None and not computed and attempt.due <= moment:
            return attempt
    return None


def next_event(job: Job, moment: int) -> float:
    """Return when something happens to a running job next that begins or ends a task, or itself."""
    if job.status is not None:
        return NEVER if job.end is None else job.end
    if job.start is None or job.start > moment:
        return NEVER if job.start is None else job.start
    events: list[float] = [max(job.created + job.timeout * 1000, moment + 1)]
    for attempt in job.latest().values():
        if attempt.start is not None and attempt.stopped is None:
            events.append(attempt.due if attempt.outcome is None else attempt.settled)
    return min((event for event in events if event > moment), default=NEVER)


def ready_attempts(job: Job, latest: dict[str, Attempt], moment: int) -> list[Attempt]:
    """Return the waiting tasks of which everything upstream has succeeded."""
    return [
        attempt
        for attempt in latest.values()
        if attempt.start is None
        and all(
            name in latest and task_status(latest[name], moment) == SUCCESS
            for name in job.upstream.get(attempt.component, ())
        )
    ]


def next_status(job: Job, moment: int) -> str | None:
    """Return the status that the tasks of a job give it; None when they leave it as it is."""
    latest = job.latest()
    if not latest:
        # The real server cannot tell the status of a job without tasks, and leaves it running.
        return None
    return settle_job(
        [task_status(attempt, moment) for attempt in latest.values()],
        startable=bool(ready_attempts(job, latest, moment))
        or any((attempt.start or 0) > moment for attempt in latest.values()),
    )
