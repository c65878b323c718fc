"""What the pages show of jobs, read through the client: the list, one job, one party's view of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Literal

from flowkit import CassetteError, FlowClient, OperationError
from flowkit.jobs.diagnosis import Failure, find_failure
from flowkit.jobs.rows import has_ended, initiator_row
from flowkit.results import Dag, read_dag
from flowkit.rows import Row
from flowkit_mockserver.board.source import attempt

__all__ = [
    "ROLES",
    "STATUSES",
    "Filters",
    "Job",
    "JobPage",
    "PartyKey",
    "graph_of",
    "known_jobs",
    "list_jobs",
    "newest_jobs",
    "read_failure",
    "read_job",
    "read_tasks",
]

Role = Literal["guest", "host", "arbiter", "local"]
ROLES: tuple[str, ...] = ("guest", "host", "arbiter", "local")
STATUSES = ("waiting", "running", "success", "failed", "canceled", "timeout")
JOBS_A_PAGE = 25
#: Rows that are asked for at first: a job has one for each role and party.
FIRST_ROWS = 4 * JOBS_A_PAGE
GROWTH = 10
NEWEST_ROWS = 300


@dataclass(frozen=True, slots=True, order=True)
class PartyKey:
    """A party in its role."""

    role: str
    party_id: str

    def __str__(self) -> str:
        return f"{self.role} {self.party_id}"


@dataclass(frozen=True)
class Job:
    """A job, from its rows.

    Attributes:
        job_id: the job.
        status: that of the initiator's row.
        progress: per cent.
        ended: whether it has ended for good.
        created, started, stopped: when; None when unknown or not yet.
        seconds: how long it ran; None when unknown.
        initiator: the party that submitted it.
        parties: status by party, for the parties that the server plays.
        job_type: ``train``, ``predict`` or what else the configuration says.
        description: what was written beside it.
        model_id, model_version: the model that it makes or uses; empty when there is none.
        dsl, conf: as they were submitted.
    """

    job_id: str
    status: str
    progress: int
    ended: bool
    created: datetime | None
    started: datetime | None
    stopped: datetime | None
    seconds: float | None
    initiator: PartyKey
    parties: Mapping[PartyKey, str]
    job_type: str
    description: str
    model_id: str
    model_version: str
    dsl: Mapping[str, Any] = field(repr=False)
    conf: Mapping[str, Any] = field(repr=False)

    @cached_property
    def dag(self) -> Dag:
        """Its components; empty where there are none, or the DSL makes no sense."""
        return graph_of(self.dsl)

    @property
    def modules(self) -> list[str]:
        """The modules of its components, in an order in which they can run."""
        return [node.module for node in self.dag.nodes]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which jobs are wanted; an empty text wants all.

    Attributes:
        text: part of the id, the description, a module's or a party's name.
        status: the status.
        role: a role of one of its parties here.
        party_id: a party of it.
    """

    text: str = ""
    status: str = ""
    role: str = ""
    party_id: str = ""

    def __bool__(self) -> bool:
        return any((self.text, self.status, self.role, self.party_id))

    def fits(self, job: Job) -> bool:
        """Return whether a job is wanted."""
        return (
            (not self.status or job.status == self.status)
            and (not self.text or self._finds(job))
            and any(
                self.role in ("", party.role) and self.party_id in ("", party.party_id)
                for party in job.parties
            )
        )

    def _finds(self, job: Job) -> bool:
        text = self.text.lower()
        words = (job.job_id, job.description, job.job_type)
        if any(text in word.lower() for word in words):
            return True
        components = _mapping(job.dsl.get("components")).values()
        return any(text in str(_mapping(one).get("module")).lower() for one in components)


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of the list of jobs.

    Attributes:
        jobs: the jobs, newest first.
        number: number of the page, from 1.
        more: whether there are older ones.
    """

    jobs: list[Job]
    number: int
    more: bool


def list_jobs(client: FlowClient, filters: Filters, number: int = 1) -> JobPage:
    """Return a page of the jobs that are wanted, newest first.

    The server lists rows; it is asked for so many as the page needs, and for more where filters leave too few. Of one
    status it finds the rows itself.

    Raises:
        FlowError: the server cannot be asked.
    """
    if filters.status:
        return _find_jobs(client, filters, number)
    wanted = number * JOBS_A_PAGE + 1
    limit = max(FIRST_ROWS, 4 * wanted)
    while True:
        rows = _newest_rows(client, limit)
        jobs = _jobs_of(rows)
        complete = len(rows) < limit
        if not complete:
            jobs.pop()  # the rest of its rows may be cut off
        found = [job for job in jobs if filters.fits(job)]
        if complete or len(found) >= wanted:
            start = wanted - 1 - JOBS_A_PAGE
            return JobPage(found[start : wanted - 1], number, len(found) >= wanted)
        limit *= GROWTH


def _find_jobs(client: FlowClient, filters: Filters, number: int) -> JobPage:
    """Return a page of the jobs of one status: rows that the server finds, and then all rows of the jobs shown."""
    rows = client.job.query(
        role=filters.role or None, party_id=filters.party_id or None, status=filters.status
    ).rows
    rows.sort(key=lambda row: row.job_id, reverse=True)
    jobs = [job for job in _jobs_of(rows) if filters.fits(job)]
    start, end = (number - 1) * JOBS_A_PAGE, number * JOBS_A_PAGE
    whole = (read_job(client, job.job_id) for job in jobs[start:end])
    return JobPage([job for job in whole if job is not None], number, len(jobs) > end)


def newest_jobs(client: FlowClient) -> list[Job]:
    """Return the jobs of the newest rows, for pages of what jobs name.

    Raises:
        FlowError: the server cannot be asked.
    """
    rows = _newest_rows(client, NEWEST_ROWS)
    jobs = _jobs_of(rows)
    return jobs if len(rows) < NEWEST_ROWS else jobs[:-1]


def known_jobs(
    client: FlowClient, job_ids: Sequence[str], filters: Filters, number: int = 1
) -> JobPage:
    """Return a page of jobs by their ids; those that the server, or a cassette, has no answer for are left out.

    Args:
        client: the client that asks.
        job_ids: the ids, newest first.
        filters: which of the jobs are wanted.
        number: number of the page, from 1.
    """
    read = (attempt(read_job, client, job_id).value for job_id in job_ids)
    found = [job for job in read if job is not None and filters.fits(job)]
    start = (number - 1) * JOBS_A_PAGE
    return JobPage(found[start : start + JOBS_A_PAGE], number, len(found) > start + JOBS_A_PAGE)


def _newest_rows(client: FlowClient, limit: int) -> list[Row]:
    try:
        return client.job.list(limit).rows
    except OperationError as error:
        if error.retcode == 101:  # there are no jobs yet
            return []
        raise


def _jobs_of(rows: Iterable[Row]) -> list[Job]:
    """Return the jobs of rows, in their order; the rows of a job stand together."""
    return [_job_of(list(group)) for _, group in groupby(rows, lambda row: row.job_id)]


def _job_of(rows: list[Row]) -> Job:
    row = Row(initiator_row(list[dict[str, Any]](rows)))
    dsl, conf = _mapping(row.get("f_dsl")), _mapping(row.get("f_runtime_conf"))
    parameters = _mapping(conf.get("job_parameters"))
    common = _mapping(parameters.get("common")) or parameters
    elapsed = row.elapsed
    return Job(
        job_id=row.job_id,
        status=row.status,
        progress=row.progress,
        ended=has_ended(row),
        created=row.created,
        started=row.started,
        stopped=row.ended,
        seconds=None if elapsed is None else elapsed.total_seconds(),
        initiator=PartyKey(
            str(row.get("f_initiator_role", "")), str(row.get("f_initiator_party_id", ""))
        ),
        parties={
            PartyKey(one.role, one.party_id): one.status
            for one in sorted(rows, key=lambda one: _party_order(one.role, one.party_id))
        },
        job_type=str(common.get("job_type") or ""),
        description=str(row.get("f_description") or row.get("f_name") or ""),
        model_id=str(common.get("model_id") or ""),
        model_version=str(common.get("model_version") or ""),
        dsl=dsl,
        conf=conf,
    )


def graph_of(dsl: Mapping[str, Any]) -> Dag:
    """Return the graph of a DSL; an empty one for a DSL that has none."""
    if not _mapping(dsl.get("components")):
        return Dag((), ())
    return attempt(read_dag, dsl).value or Dag((), ())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _party_order(role: str, party_id: str) -> tuple[int, str]:
    return (ROLES.index(role) if role in ROLES else len(ROLES), party_id)


def read_job(client: FlowClient, job_id: str) -> Job | None:
    """Return a job; None when the server knows none of that id.

    Raises:
        FlowError: the server cannot be asked.
    """
    rows = client.job.query(job_id).rows
    return _job_of(rows) if rows else None


def read_tasks(client: FlowClient, job: Job) -> dict[str, dict[PartyKey, Row]]:
    """Return the tasks of a job by component and party; a job that was not begun has none.

    Raises:
        FlowError: the server cannot be asked.
    """
    found: dict[str, dict[PartyKey, Row]] = defaultdict(dict)
    for row in _task_rows(client, job):
        found[row.component_name][PartyKey(row.role, row.party_id)] = row
    return dict(found)


def _task_rows(client: FlowClient, job: Job) -> list[Row]:
    try:
        return client.task.query(job.job_id).rows
    except OperationError as error:
        if error.retcode == 101:  # nothing matches
            return []
        raise
    except CassetteError:
        # Whoever recorded it may have asked for the parties one by one.
        parts = [
            attempt(client.task.query, job.job_id, party.role, party.party_id)
            for party in job.parties
        ]
        answers = [part.value for part in parts if part.value is not None]
        if not answers:
            raise
        return [row for answer in answers for row in answer.rows]


def read_failure(client: FlowClient, job: Job) -> Failure | None:
    """Return why a job has failed, as far as the server tells; None when it has not, or was only canceled."""
    if job.status not in ("failed", "timeout", "canceled"):
        return None
    failure = find_failure(client, job.job_id)
    return failure if job.status != "canceled" or failure.component else None
