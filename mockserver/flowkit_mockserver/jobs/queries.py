"""Rows of jobs and tasks by filters, as the server's database would give them."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.jobs.filters import ordered, predicate, usable
from flowkit_mockserver.jobs.job import Job
from flowkit_mockserver.jobs.rows import JOB_COLUMNS, TASK_COLUMNS, JobRow, Row, TaskRow, render
from flowkit_mockserver.jobs.store import JobArchive

__all__ = ["Queries"]

Key = TypeVar("Key")
Value = TypeVar("Value")
Asked = tuple[tuple[str, Any], ...]

_KEPT_TEXTS = 4096
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Queries:
    """Finds rows; those of jobs that have ended are rendered once.

    Args:
        archive: the jobs.
        now: tells the moment.
        run_ip: the address at which tasks run.
    """

    def __init__(self, archive: JobArchive, now: Callable[[], int], run_ip: str) -> None:
        self._archive = archive
        self._now = now
        self._run_ip = run_ip
        self._texts: OrderedDict[tuple[str, str], tuple[Job, int, bytes]] = OrderedDict()
        self._answers: OrderedDict[Asked, tuple[Job, int, bytes]] = OrderedDict()

    # Jobs

    def find_jobs(self, filters: Mapping[str, Any]) -> list[JobRow]:
        """Return the job rows that match; without a usable filter none."""
        wanted = usable(JOB_COLUMNS, filters)
        if not wanted:
            return []
        meets = predicate(JOB_COLUMNS, wanted, ranges=True)
        rows = (row for job in self._jobs(wanted) for row in self._rows_of(job) if meets(row))
        return ordered(rows, JOB_COLUMNS, filters)

    def newest_jobs(self, limit: int) -> list[JobRow]:
        """Return the newest job rows, at most `limit` if that is positive."""
        rows = (
            row
            for job in self._all(reversed(self._archive))
            for row in reversed(self._rows_of(job))
        )
        return list(islice(rows, limit) if limit > 0 else rows)

    def job_rows(self, filters: Mapping[str, Any]) -> list[Row]:
        """Return the job rows that match, as dictionaries."""
        return [render(JOB_COLUMNS, row) for row in self.find_jobs(filters)]

    def rows_text(self, filters: Mapping[str, Any]) -> bytes:
        """Return the job rows that match as JSON, joined by commas; empty when there is none.

        What was asked of one job that has ended is kept: clients poll, and ask again.
        """
        plain = all(type(value) in (str, int) for value in filters.values())
        asked = tuple(filters.items()) if plain and "job_id" in filters else ()
        kept = self._answers.get(asked)
        if kept is not None:
            job, revision, text = kept
            if job.revision == revision and self._archive.get(job.job_id) is job:
                return text
        rows = self.find_jobs(filters)
        text = b",".join([self.job_text(row) for row in rows])
        if asked and rows and rows[0].job.closed:
            _keep(self._answers, asked, (rows[0].job, rows[0].job.revision, text))
        return text

    def job_text(self, row: JobRow) -> bytes:
        """Return a job row as JSON, kept for jobs that have ended."""
        key = (row.job.job_id, row.party)
        kept = self._texts.get(key)
        if kept is not None and kept[0] is row.job and kept[1] == row.job.revision:
            return kept[2]
        text = _ENCODER.encode(render(JOB_COLUMNS, row)).encode()
        if row.job.closed:
            _keep(self._texts, key, (row.job, row.job.revision, text))
        return text

    def _rows_of(self, job: Job) -> list[JobRow]:
        now = job.moment(self._now())

        def plan() -> Plan:
            found = self._archive.plan(job.job_id)
            if found is None:
                raise LookupError(f"job {job.job_id} has no plan")
            return found

        return [JobRow(job, party, now, plan) for party in job.parties]

    # Tasks

    def find_tasks(self, filters: Mapping[str, Any]) -> list[TaskRow]:
        """Return the task rows that match; of each task the newest version among them, unless all are wanted."""
        wanted = usable(TASK_COLUMNS, filters)
        meets = predicate(TASK_COLUMNS, wanted, ranges=False)
        now = self._now()
        found = [
            row
            for job in self._jobs(wanted)
            for attempt, index in job.task_rows()
            if meets(row := TaskRow(job, attempt, index, job.moment(now), self._run_ip))
        ]
        rows = ordered(found, TASK_COLUMNS, filters)
        return list(_latest(rows)) if filters.get("only_latest", True) else rows

    def newest_tasks(self, limit: int) -> list[TaskRow]:
        """Return the newest task rows, at most `limit` if that is positive."""
        now = self._now()
        rows = (
            TaskRow(job, attempt, index, job.moment(now), self._run_ip)
            for job in self._all(reversed(self._archive))
            for attempt, index in reversed(list(job.task_rows()))
        )
        return list(islice(rows, limit) if limit > 0 else rows)

    def task_rows(self, filters: Mapping[str, Any]) -> list[Row]:
        """Return the task rows that match, as dictionaries."""
        return [render(TASK_COLUMNS, row) for row in self.find_tasks(filters)]

    # Candidates

    def _jobs(self, wanted: Mapping[str, Any]) -> Iterator[Job]:
        """Yield the jobs that can match: those that a filter names, or all."""
        job_id = wanted.get("f_job_id")
        if isinstance(job_id, str | int):
            job = self._archive.get(str(job_id))
            return iter(() if job is None else (job,))
        return self._all(self._archive)

    def _all(self, job_ids: Iterable[str]) -> Iterator[Job]:
        for job_id in job_ids:
            job = self._archive.get(job_id)
            if job is not None:
                yield job


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    if len(kept) > _KEPT_TEXTS:
        kept.popitem(last=False)


def _latest(rows: Iterable[TaskRow]) -> Iterable[TaskRow]:
    newest: dict[tuple[str, str, str], TaskRow] = {}
    for row in rows:
        key = (row.job.job_id, row.attempt.component, row.party)
        known = newest.get(key)
        if known is None or row.attempt.version > known.attempt.version:
            newest[key] = row
    return newest.values()
