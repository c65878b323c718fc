"""What a job is made of: its parties, its attempts at tasks, and the marks that events left on it.

A `Job` holds facts only. Everything a user sees (statuses, progress, times) follows from them and the
present moment; see `flowkit_mockserver.jobs.status`. Times are milliseconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

__all__ = ["Attempt", "Job", "party_key", "split_party"]

#: Share of a task's time after which the parties have begun, and share at which the first one is ready.
_BEGUN = 0.1
_READY = 0.85


def party_key(role: object, party_id: object) -> str:
    """Return the text by which a job names one of its parties, ``guest/9999``."""
    return f"{role}/{party_id}"


def split_party(key: str) -> tuple[str, str]:
    """Return role and party id of a party's key."""
    role, _, party_id = key.rpartition("/")
    return role, party_id


@dataclass(slots=True)
class Attempt:
    """One version of a task, on all its parties at once.

    Attributes:
        component: its name in the DSL.
        version: 0, then one more at each rerun.
        parties: keys of the parties that run it, in the order of the roles.
        created: when its rows were made.
        share: how long it takes, as a share of what tasks of the job take.
        span: how long it takes; known once it starts.
        start: when it starts; None before that.
        outcome: by party ``success``, ``failed`` or ``killed`` (stopped because another failed); None
            until the component has run.
        messages: by party, why it failed.
        stopped: status and time of a stop while it ran.
        unlaunched: it failed before any process ran.
        orphaned: a rerun left it behind while it ran; its status is never brought up to date again.
        inherited: start and end of the initiator's earlier version, which the rows show until it starts.
    """

    component: str
    version: int
    parties: list[str]
    created: int
    share: float = 1.0
    span: int = 0
    start: int | None = None
    outcome: dict[str, str] | None = None
    messages: dict[str, str] = field(default_factory=dict)
    stopped: list[Any] | None = None
    unlaunched: bool = False
    orphaned: bool = False
    inherited: list[int | None] | None = None

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
        initiator: key of the initiating party.
        parties: keys of all parties, one job row each, in the order of the conf.
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
        refused: when cores were last refused, and the parties that had got theirs for a moment.
        start: when it starts; None while it waits.
        end: when it ends or ended; None before that is known, and for a job canceled while it waited.
        status: its end status, from `end` on.
        progress: progress at its end; None while it follows from the tasks.
        cancel: whether a cancel was asked for; the time stays when a rerun takes it back.
        canceled_at: when.
        tag: shows once it has ended for the first time.
        closed: nothing happens to it any more, unless a rerun queues it again.
        earlier: start and end before a rerun, which the rows show until it starts again.
        lost_slots: tasks whose cores were never given back.
        notes: by party, the description that a user set.
        content: where the content of an uploaded file lies, when it came with the request.
        revision: counts the changes.
    """

    job_id: str
    created: int
    span: int
    initiator: str
    parties: list[str]
    engine: str
    mode: str
    collect: str
    cores: dict[str, int]
    task_cores: int
    parallelism: int
    timeout: float
    upstream: dict[str, list[str]]
    attempts: list[Attempt]
    queued: int = 0
    granted: int | None = None
    refused: list[Any] | None = None
    start: int | None = None
    end: int | None = None
    status: str | None = None
    progress: int | None = None
    cancel: bool = False
    canceled_at: int | None = None
    tag: str = ""
    closed: bool = False
    earlier: list[int | None] | None = None
    lost_slots: int = 0
    notes: dict[str, str] = field(default_factory=dict)
    content: str | None = None
    revision: int = 0

    def moment(self, now: int) -> int:
        """Return the moment at which to look at the job: `now`, but never before a closed job came to its end.

        A server that is started anew may have a clock that stands earlier than the last one's did.
        """
        return max(now, self.end or 0, self.canceled_at or 0) if self.closed else now

    def task_id(self, component: str) -> str:
        """Return the id of a task."""
        return f"{self.job_id}_{component}"

    def latest(self, party: str | None = None) -> dict[str, Attempt]:
        """Return the newest version of each task that `party` (None: the initiator) runs."""
        key = self.initiator if party is None else party
        found: dict[str, Attempt] = {}
        for attempt in self.attempts:
            if key in attempt.parties:
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

    def to_document(self) -> dict[str, Any]:
        """Return the job as plain JSON."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Job:
        """Return the job that `to_document` had turned into JSON."""
        known = {item.name for item in fields(cls)}
        values = {name: value for name, value in document.items() if name in known}
        values["attempts"] = [Attempt(**attempt) for attempt in values["attempts"]]
        return cls(**values)
