"""Statuses: a pure function of a job's facts and a moment."""

from __future__ import annotations

from collections.abc import Collection

from flowkit_mockserver.jobs.job import Attempt, Job

__all__ = [
    "CANCELED",
    "END_STATUSES",
    "FAILED",
    "RUNNING",
    "SUCCESS",
    "TIMEOUT",
    "WAITING",
    "job_progress",
    "job_status",
    "overall",
    "party_end",
    "party_start",
    "party_status",
    "settle_job",
    "task_may_become",
    "task_status",
]

WAITING = "waiting"
RUNNING = "running"
CANCELED = "canceled"
TIMEOUT = "timeout"
FAILED = "failed"
SUCCESS = "success"

#: How a job or a task can end; the later of two interruptions outweighs the earlier.
END_STATUSES = (CANCELED, TIMEOUT, FAILED, SUCCESS)
_INTERRUPTIONS = (FAILED, TIMEOUT, CANCELED)

_TASK_MAY_BECOME: dict[str, tuple[str, ...]] = {
    WAITING: (RUNNING, SUCCESS),
    RUNNING: END_STATUSES,
    CANCELED: (WAITING,),
    TIMEOUT: (FAILED, SUCCESS),
    FAILED: (),
    SUCCESS: (),
}


def task_may_become(status: str, new: str) -> bool:
    """Say whether the server lets a task go from one status to another; other changes do nothing."""
    return new in _TASK_MAY_BECOME[status]


def party_status(attempt: Attempt, index: int, now: int) -> str:
    """Return ``f_party_status`` of the party at `index`."""
    if attempt.start is None:
        return WAITING
    stop = None if attempt.stopped is None else attempt.stopped[1]
    moment = now if stop is None else min(now, stop)
    if attempt.outcome is not None and moment >= attempt.ends(index):
        return SUCCESS if attempt.outcome[attempt.parties[index]] == SUCCESS else FAILED
    status = RUNNING if moment >= attempt.begins(index) and not attempt.unlaunched else WAITING
    if attempt.stopped is not None and task_may_become(status, attempt.stopped[0]):
        return str(attempt.stopped[0])
    return status


def task_status(attempt: Attempt, now: int) -> str:
    """Return ``f_status`` of a task: running from its start, then what its parties amount to."""
    if attempt.start is None or now < attempt.start:
        return WAITING
    if attempt.orphaned:
        return RUNNING
    if attempt.stopped is None and (attempt.outcome is None or now < attempt.settled):
        return RUNNING
    moment = now if attempt.stopped is None else attempt.stopped[1]
    return overall([party_status(attempt, i, moment) for i in range(len(attempt.parties))])


def overall(statuses: Collection[str]) -> str:
    """Return what the statuses of all parties amount to."""
    found = set(statuses)
    if len(found) == 1:
        return found.pop()
    return next((status for status in _INTERRUPTIONS if status in found), RUNNING)


def party_start(attempt: Attempt, index: int, now: int) -> int | None:
    """Return ``f_start_time`` of a task row."""
    if attempt.start is not None and not attempt.unlaunched and now >= attempt.begins(index):
        stop = now if attempt.stopped is None else attempt.stopped[1]
        if attempt.begins(index) <= stop:
            return attempt.begins(index)
    return None if attempt.inherited is None else attempt.inherited[0]


def party_end(attempt: Attempt, index: int, now: int) -> int | None:
    """Return ``f_end_time`` of a task row: only a process that came to its own end reports one."""
    moment = now if attempt.stopped is None else min(now, attempt.stopped[1])
    ended = attempt.start is not None and attempt.outcome is not None
    if ended and moment >= attempt.ends(index) and not attempt.unlaunched:
        killed = (attempt.outcome or {}).get(attempt.parties[index]) == "killed"
        return None if killed else attempt.ends(index)
    return None if attempt.inherited is None else attempt.inherited[1]


def settle_job(statuses: Collection[str], *, startable: bool) -> str | None:
    """Return the status of a job whose tasks (of the initiator) have these statuses.

    Args:
        statuses: of the newest versions.
        startable: whether a waiting task could start.

    Returns:
        the status; None when the server cannot tell, and leaves the job as it is.
    """
    found = set(statuses)
    if len(found) == 1:
        return found.pop()
    if RUNNING in found or (WAITING in found and startable):
        return RUNNING
    for status in _INTERRUPTIONS:
        if status in found:
            return status
    return CANCELED if found == {WAITING, SUCCESS} else None


def job_status(job: Job, now: int) -> str:
    """Return ``f_status`` of all rows of a job."""
    if job.status is not None and (job.end is None or now >= job.end):
        return job.status
    return WAITING if job.start is None or now < job.start else RUNNING


def job_progress(job: Job, now: int) -> int:
    """Return ``f_progress``: the share of the initiator's tasks that have ended."""
    if job.progress is not None and (job.end is None or now >= job.end):
        return job.progress
    if job_status(job, now) == WAITING:
        return 0
    tasks = job.latest().values()
    ended = sum(task_status(attempt, now) in END_STATUSES for attempt in tasks)
    return int(ended / len(tasks) * 100) if tasks else 0
