"""What happens to a job next, as it follows from its facts and a moment: which tasks compute, begin, and when."""

from __future__ import annotations

from flowkit_mockserver.jobs.job import NEVER, SUCCESS, Attempt, Job, task_status

__all__ = ["due_attempt", "next_event", "ready_attempts"]


def due_attempt(job: Job, moment: int) -> Attempt | None:
    """Return the first attempt whose component has to have run by a moment, and has not."""
    for attempt in job.latest().values():
        if (
            attempt.start is not None
            and attempt.outcome is None
            and attempt.stopped is None
            and attempt.due <= moment
        ):
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
