"""A job: what it is made of, what happened to it, and what follows from both at a moment.

A `Job` and its `Attempt`s hold facts only. What a user sees of them (statuses, progress, times) is a pure function
of the facts and the moment. Times are milliseconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flowkit_mockserver.party import Party

__all__ = [
    "CANCELED",
    "END_STATUSES",
    "FAILED",
    "FIRST_ROUND",
    "KILLED",
    "LAST_ROUND",
    "LOST",
    "RUNNING",
    "SUCCESS",
    "TIMEOUT",
    "WAITING",
    "Attempt",
    "Job",
    "Shortage",
    "Span",
    "Stop",
    "combine_statuses",
    "job_progress",
    "job_status",
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
#: How a party ends whose partner failed; it never shows as a status.
KILLED = "killed"
#: How a party ends that is lost: nobody hears of it any more.
LOST = "lost"

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

#: Share of a task's time after which the parties have begun, and share at which the first one is ready.
_BEGUN = 0.1
_READY = 0.85

#: How long a new job waits for the scheduler, and how long the scheduler is busy with the models of a job
#: before it calls it ended, as shares of the time that a task takes.
FIRST_ROUND, LAST_ROUND = 0.07, 0.3


class Stop(NamedTuple):
    """A stop while a task ran: the status that it set, and when."""

    status: str
    moment: int


class Span(NamedTuple):
    """Start and end of an earlier run, either of them None when it has none."""

    start: int | None
    end: int | None


class Shortage(NamedTuple):
    """When cores were refused, and the parties that had got theirs for a moment."""

    moment: int
    granted: list[Party]


@dataclass(slots=True)
class Attempt:
    """One version of a task, on all its parties at once.

    Attributes:
        component: its name in the DSL.
        version: 0, then one more at each rerun.
        parties: those that run it, in the order of the roles.
        created: when its rows were made.
        share: how long it takes, as a share of what tasks of the job take.
        span: how long it takes; known once it starts.
        start: when it starts; None before that.
        outcome: by party ``success``, ``failed`` or ``killed`` (stopped because another failed); None
            until the component has run.
        messages: by party, why it failed.
        stopped: the stop while it ran.
        unlaunched: it failed before any process ran.
        orphaned: a rerun left it behind while it ran; its status is never brought up to date again.
        inherited: when the initiator's earlier version ran, which the rows show until it starts.
        ordered: how a stage lets it end: ``party`` (its key), ``message``, and ``lost``, whether the party is lost.
    """

    component: str
    version: int
    parties: list[Party]
    created: int
    share: float = 1.0
    span: int = 0
    start: int | None = None
    outcome: dict[Party, str] | None = None
    messages: dict[Party, str] = field(default_factory=dict)
    stopped: Stop | None = None
    unlaunched: bool = False
    orphaned: bool = False
    inherited: Span | None = None
    ordered: dict[str, Any] | None = None

    def begins(self, index: int) -> int:
        """Return when the party at `index` begins. Only for an attempt that has a start."""
        return (self.start or 0) + int(self.span * _BEGUN * (index + 1) / len(self.parties))

    def ends(self, index: int) -> int:
        """Return when the party at `index` is through, if nothing stops it."""
        rest = (1 - _READY) * (index + 1) / (len(self.parties) + 1)
        return (self.start or 0) + int(self.span * (_READY + rest))

    @property
    def due(self) -> int:
        """When the component has to run, so that the first party can be through."""
        return (self.start or 0) + int(self.span * _READY)

    @property
    def settled(self) -> int:
        """When the status over all parties follows theirs."""
        return (self.start or 0) + self.span


@dataclass(slots=True)
class Job:
    """One job.

    Attributes:
        job_id: its id.
        created: when its rows were made.
        span: how long a task of it takes.
        initiator: the initiating party.
        parties: all parties, one job row each, in the order of their creation.
        engine: computing engine.
        mode: federated mode.
        collect: how task statuses are collected.
        cores: by party, the cores its row asks for.
        task_cores: the cores one task needs on the initiator.
        parallelism: how many tasks may run at a time.
        timeout: seconds after which it is stopped, counted from `created`.
        upstream: by component, those it waits for.
        attempts: all versions of all tasks; the first versions in topological order.
        queued: when it joined the queue (last).
        granted: when it got its cores (last).
        refused: when cores were last refused.
        start: when it starts; None while it waits.
        end: when it ends or ended; None before that is known, and for a job canceled while it waited.
        status: its end status, from `end` on.
        progress: progress at its end; None while it follows from the tasks.
        cancel: whether a cancel was asked for; the time stays when a rerun takes it back.
        canceled_at: when.
        tag: shows once it has ended for the first time.
        closed: nothing happens to it any more, unless a rerun queues it again.
        earlier: when it ran before a rerun, which the rows show until it starts again.
        lost_slots: tasks whose cores were never given back.
        notes: by party, the description that a user set.
        updates: how often its conf was changed.
        rerun_signal: a rerun was asked for, and the scheduler has not begun with it.
        content: where the content of an uploaded file lies, when it came with the request.
        site: the party at whose server it was submitted; None where one server is that of all parties.
        revision: counts the changes.
        wake: when something happens to it next, 0 when nobody has looked yet; None: not by itself.
    """

    job_id: str
    created: int
    span: int
    initiator: Party
    parties: list[Party]
    engine: str
    mode: str
    collect: str
    cores: dict[Party, int]
    task_cores: int
    parallelism: int
    timeout: float
    upstream: dict[str, list[str]]
    attempts: list[Attempt]
    queued: int = 0
    granted: int | None = None
    refused: Shortage | None = None
    start: int | None = None
    end: int | None = None
    status: str | None = None
    progress: int | None = None
    cancel: bool = False
    canceled_at: int | None = None
    tag: str = ""
    closed: bool = False
    earlier: Span | None = None
    lost_slots: int = 0
    notes: dict[Party, str] = field(default_factory=dict)
    updates: int = 0
    rerun_signal: bool = False
    content: str | None = None
    site: str | None = None
    revision: int = 0
    wake: int | None = 0

    def site_of(self, party: Party) -> str:
        """Return the party id of the server that has the rows, tables and models of a party of this job.

        A server does all of a job by itself that runs in standalone mode, and the part of party 0, which is itself.
        """
        alone = self.mode == "SINGLE" or party.role == "local" or party.party_id == "0"
        return self.site if alone and self.site is not None else party.party_id

    def is_at(self, site: str | None, party: Party) -> bool:
        """Say whether the server of `site` has the part of a party; that of all parties (None) has every part."""
        return party in self.parties and (site is None or self.site_of(party) == site)

    @property
    def sites(self) -> list[str]:
        """The party ids of the servers that have anything of this job."""
        return list(dict.fromkeys(map(self.site_of, self.parties)))

    def moment(self, now: int) -> int:
        """Return the moment at which to look at the job: `now`, but never before a closed job came to its end.

        A server that is started anew may have a clock that stands earlier than the last one's did.
        """
        return max(now, self.end or 0, self.canceled_at or 0) if self.closed else now

    def task_id(self, component: str) -> str:
        """Return the id of a task."""
        return f"{self.job_id}_{component}"

    def latest(self, party: Party | None = None) -> dict[str, Attempt]:
        """Return the newest version of each task that `party` (None: the initiator) runs."""
        own = self.initiator if party is None else party
        found: dict[str, Attempt] = {}
        for attempt in self.attempts:
            if own in attempt.parties:
                known = found.get(attempt.component)
                if known is None or attempt.version > known.version:
                    found[attempt.component] = attempt
        return found

    def task_rows(self) -> Iterator[tuple[Attempt, int]]:
        """Yield the task rows in the order in which they were made: attempt and index of the party."""
        firsts = [attempt for attempt in self.attempts if attempt.version == 0]
        for party in self.parties:
            for attempt in firsts:
                if party in attempt.parties:
                    yield attempt, attempt.parties.index(party)
        for attempt in self.attempts:
            if attempt.version > 0:
                for index in range(len(attempt.parties)):
                    yield attempt, index


def task_may_become(status: str, new: str) -> bool:
    """Say whether the server lets a task go from one status to another; other changes do nothing."""
    return new in _TASK_MAY_BECOME[status]


def party_status(attempt: Attempt, index: int, now: int) -> str:
    """Return ``f_party_status`` of the party at `index`."""
    if attempt.start is None:
        return WAITING
    stop = None if attempt.stopped is None else attempt.stopped.moment
    moment = now if stop is None else min(now, stop)
    lost = attempt.outcome is not None and attempt.outcome[attempt.parties[index]] == LOST
    if attempt.outcome is not None and moment >= attempt.ends(index) and not lost:
        return SUCCESS if attempt.outcome[attempt.parties[index]] == SUCCESS else FAILED
    status = RUNNING if moment >= attempt.begins(index) and not attempt.unlaunched else WAITING
    if attempt.stopped is not None and task_may_become(status, attempt.stopped.status):
        return attempt.stopped.status
    return status


def task_status(attempt: Attempt, now: int) -> str:
    """Return ``f_status`` of a task: running from its start, then what its parties amount to."""
    if attempt.start is None or now < attempt.start:
        return WAITING
    if attempt.orphaned:
        return RUNNING
    if attempt.stopped is None and (attempt.outcome is None or now < attempt.settled):
        return RUNNING
    moment = now if attempt.stopped is None else attempt.stopped.moment
    return combine_statuses([party_status(attempt, i, moment) for i in range(len(attempt.parties))])


def combine_statuses(statuses: Collection[str]) -> str:
    """Return the status of a task whose parties have these statuses."""
    found = set(statuses)
    if len(found) == 1:
        return found.pop()
    return next((status for status in _INTERRUPTIONS if status in found), RUNNING)


def party_start(attempt: Attempt, index: int, now: int) -> int | None:
    """Return ``f_start_time`` of a task row."""
    if attempt.start is not None and not attempt.unlaunched and now >= attempt.begins(index):
        stop = now if attempt.stopped is None else attempt.stopped.moment
        if attempt.begins(index) <= stop:
            return attempt.begins(index)
    return None if attempt.inherited is None else attempt.inherited.start


def party_end(attempt: Attempt, index: int, now: int) -> int | None:
    """Return ``f_end_time`` of a task row: only a process that came to its own end reports one."""
    moment = now if attempt.stopped is None else min(now, attempt.stopped.moment)
    ended = attempt.start is not None and attempt.outcome is not None
    if ended and moment >= attempt.ends(index) and not attempt.unlaunched:
        silent = (attempt.outcome or {}).get(attempt.parties[index]) in (KILLED, LOST)
        return None if silent else attempt.ends(index)
    return None if attempt.inherited is None else attempt.inherited.end


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
