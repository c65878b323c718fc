"""What happens next on a server, and what has happened: changes of status, moment by moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.jobs.job import Job, job_status, party_status

if TYPE_CHECKING:
    from flowkit_mockserver.jobs.service import Jobs
    from flowkit_mockserver.state import ServerState

__all__ = ["Change", "Happening", "advance_to_next_event"]

#: How many moments without a change are passed over; a job has a handful.
_MOST_MOMENTS = 10_000

#: A job, or a task of it on one party: job id, component, role and party id; the last three None for the job.
Place = tuple[str, str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """A status that changed.

    Attributes:
        job_id: the job.
        component: the component; None for the job itself.
        role, party_id: the party of the task; None for the job itself.
        before, after: the statuses, such as ``running`` and ``success``.
    """

    job_id: str
    component: str | None
    role: str | None
    party_id: str | None
    before: str
    after: str

    def __str__(self) -> str:
        what = f"job {self.job_id}"
        if self.component is not None:
            what += f", {self.component} on {self.role} {self.party_id}"
        return f"{what}: {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class Happening:
    """What a moment brought.

    Attributes:
        now: the moment, in seconds since the epoch.
        seconds: by how much time was moved on to it.
        changes: the statuses that changed.
    """

    now: float
    seconds: float
    changes: tuple[Change, ...]

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "changes": [asdict(change) for change in self.changes]}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Happening:
        """Return the happening that `to_document` has put into JSON values."""
        changes = tuple(Change(**change) for change in document["changes"])
        return cls(document["now"], document["seconds"], changes)

    def __str__(self) -> str:
        return "; ".join(map(str, self.changes))


def advance_to_next_event(state: ServerState) -> Happening | None:
    """Move time on until the status of a job or task changes, and return what did; None when nothing is going to.

    To be called without the server's lock, after `settle`.
    """
    with state.lock:
        start = state.clock.now()
        before = dict(_statuses(state.jobs))
    for _ in range(_MOST_MOMENTS):
        with state.lock:
            moment = _next_moment(state.jobs)
            if moment is None:
                return None
            # Half a millisecond more, so that no rounding keeps the moment from having come.
            state.clock.advance(max(0.0, moment / 1000 + 0.0005 - state.clock.now()))
        state.settle()
        with state.lock:
            changes = tuple(_changes(before, dict(_statuses(state.jobs, before))))
            if changes:
                return Happening(state.clock.now(), state.clock.now() - start, changes)
    return None


def _next_moment(jobs: Jobs) -> int | None:
    """Return the next moment, in milliseconds since the epoch, at which something may change; None for never."""
    now, due = jobs.now(), jobs.scheduler.next_event()
    moments = [moment for job in jobs.store.live() for moment in _moments(job)]
    moments += [] if due is None else [due]
    return min((moment for moment in moments if moment > now), default=None)


def _moments(job: Job) -> Iterator[int]:
    """Yield the moments, in milliseconds, at which something of a job shows otherwise, if nothing comes between."""
    yield from (moment for moment in (job.start, job.end) if moment is not None)
    for attempt in job.attempts:
        if attempt.start is not None and attempt.stopped is None:
            yield from (attempt.start, attempt.settled)
            for index in range(len(attempt.parties)):
                yield from (attempt.begins(index), attempt.ends(index))


def _statuses(jobs: Jobs, known: dict[Place, str] | None = None) -> Iterator[tuple[Place, str]]:
    """Yield the status of each job that has not ended, or is known, and of its tasks on each party."""
    job_ids = {place[0]: None for place in known or ()} | {
        job.job_id: None for job in jobs.store.live()
    }
    for job_id in job_ids:
        job = jobs.store.get(job_id)
        if job is None:
            continue
        now = job.moment(jobs.now())
        yield (job_id, None, None, None), job_status(job, now)
        for attempt in job.latest().values():
            for index, party in enumerate(attempt.parties):
                place = (job_id, attempt.component, party.role, party.party_id)
                yield place, party_status(attempt, index, now)


def _changes(before: dict[Place, str], after: dict[Place, str]) -> Iterator[Change]:
    """Yield what differs: tasks first, then their job."""
    for place, status in sorted(after.items(), key=lambda item: item[0][1] is None):
        if place in before and before[place] != status:
            yield Change(*place, before[place], status)
