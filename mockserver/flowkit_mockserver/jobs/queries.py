"""Rows of jobs and tasks by filters, as the server's database gives them."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from flowkit_mockserver.dialects.columns import columns_without
from flowkit_mockserver.jobs.job import party_start
from flowkit_mockserver.jobs.rows import (
    JOB_COLUMNS,
    TASK_COLUMNS,
    JobRow,
    Row,
    TaskRow,
    render,
)

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.jobs.job import Job
    from flowkit_mockserver.jobs.store import JobStore
    from flowkit_mockserver.jobs.workers import Place
    from flowkit_mockserver.party import Party

__all__ = ["Queries", "build_predicate", "select_filters", "sort_rows"]

Key = TypeVar("Key")
Value = TypeVar("Value")
Context = TypeVar("Context")
Columns = Mapping[str, Callable[[Context], Any]]

_KEPT_TEXTS = 1024
#: Columns for which a list of two means a range.
_RANGES = ("f_start_time", "f_end_time", "f_elapsed")
#: Those of the later lines, in jobs and in tasks; a list of another length filters nothing there.
_LATER_RANGES = (
    *_RANGES,
    "f_create_time",
    "f_update_time",
    "f_progress",
    "f_cores",
    "f_memory",
    "f_task_version",
    "f_auto_retries",
)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Queries:
    """Finds rows; those of jobs that have ended are rendered once.

    Args:
        store: the jobs.
        now: returns the moment.
        place: what rows show of the server.
        site: the party whose server this is; None for that of all parties.

    Attributes:
        job_columns, task_columns: the columns of the rows.
    """

    def __init__(
        self, store: JobStore, now: Callable[[], int], place: Place, site: str | None = None
    ) -> None:
        self._site = site
        self._store = store
        self._now = now
        self._place = place
        dialect = place.dialect
        later = dialect.own_project
        self._job_ranges = _LATER_RANGES if later else _RANGES
        self._task_ranges = _LATER_RANGES if later else ()
        self.job_columns = columns_without(JOB_COLUMNS, dialect.absent_job_columns)
        self.task_columns = columns_without(TASK_COLUMNS, dialect.absent_task_columns)
        self._texts: OrderedDict[tuple[str, Party], tuple[Job, int, bytes]] = OrderedDict()
        self._answers: OrderedDict[tuple[tuple[str, Any], ...], tuple[Job, int, bytes]] = (
            OrderedDict()
        )

    # Jobs

    def find_jobs(self, filters: Mapping[str, Any]) -> list[JobRow]:
        """Return the job rows that match; without a usable filter none."""
        wanted = self._select(self.job_columns, filters)
        if not wanted:
            return []
        meets = build_predicate(self.job_columns, wanted, ranges=self._job_ranges)
        rows = (row for job in self._jobs(wanted) for row in self._rows_of(job) if meets(row))
        return sort_rows(rows, self.job_columns, filters)

    def newest_jobs(self, limit: int) -> list[JobRow]:
        """Return the newest job rows, at most `limit` if that is positive."""
        rows = (
            row for job in self._all(reversed(self._store)) for row in reversed(self._rows_of(job))
        )
        return list(islice(rows, limit) if limit > 0 else rows)

    def rows_text(self, filters: Mapping[str, Any]) -> bytes:
        """Return the job rows that match as JSON, joined by commas; empty when there is none.

        The answer about one job that has ended, or waits for cores, is kept: clients poll.
        """
        plain = all(type(value) in (str, int) for value in filters.values())
        question = tuple(filters.items()) if plain and "job_id" in filters else ()
        kept = self._answers.get(question)
        if kept is not None:
            job, revision, text = kept
            if job.revision == revision and self._store.get(job.job_id) is job:
                return text
        rows = self.find_jobs(filters)
        text = b",".join([self.job_text(row) for row in rows])
        if question and rows and _stands_still(rows[0].job):
            _keep(self._answers, question, (rows[0].job, rows[0].job.revision, text))
        return text

    def job_text(self, row: JobRow) -> bytes:
        """Return a job row as JSON, kept for jobs that have ended or wait for cores."""
        key = (row.job.job_id, row.party)
        kept = self._texts.get(key)
        if kept is not None and kept[0] is row.job and kept[1] == row.job.revision:
            return kept[2]
        text = _ENCODER.encode(render(self.job_columns, row)).encode()
        if _stands_still(row.job):
            _keep(self._texts, key, (row.job, row.job.revision, text))
        return text

    def _rows_of(self, job: Job) -> list[JobRow]:
        now = job.moment(self._now())
        plan = partial(self._plan_of, job)
        return [
            JobRow(job, party, now, plan, self._place)
            for party in job.parties
            if job.is_at(self._site, party)
        ]

    def _plan_of(self, job: Job, moment: int | None = None) -> Plan:
        """Return the plan of a job, the one of a moment before its conf was changed if need be."""
        known = self._store
        found = known.plan(job.job_id) if moment is None else known.plan_at(job, moment)
        if found is None:
            raise LookupError(f"job {job.job_id} has no plan")
        return found

    # Tasks

    def _tasks_of(self, job: Job, now: int) -> Iterator[TaskRow]:
        """Yield the task rows of a job: the server of the initiator, which schedules it, has those of all parties."""
        plan: Callable[[], Plan] = partial(self._plan_of, job)
        moment = job.moment(now)
        whole = job.is_at(self._site, job.initiator)
        for attempt, index in job.task_rows():
            here = job.is_at(self._site, attempt.parties[index])
            if job.updates:
                plan = partial(
                    self._plan_of, job, party_start(attempt, index, moment) or attempt.created
                )
            if here or whole:
                yield TaskRow(job, attempt, index, moment, plan, self._place, here)

    def find_tasks(self, filters: Mapping[str, Any]) -> list[TaskRow]:
        """Return the task rows that match; of each task the newest version among them, unless all are wanted."""
        wanted = self._select(self.task_columns, filters)
        meets = build_predicate(self.task_columns, wanted, ranges=self._task_ranges)
        now = self._now()
        found = [
            row for job in self._jobs(wanted) for row in self._tasks_of(job, now) if meets(row)
        ]
        rows = sort_rows(found, self.task_columns, filters)
        return list(_latest(rows)) if filters.get("only_latest", True) else rows

    def newest_tasks(self, limit: int) -> list[TaskRow]:
        """Return the newest task rows, at most `limit` if that is positive."""
        now = self._now()
        rows = (
            row
            for job in self._all(reversed(self._store))
            for row in reversed(list(self._tasks_of(job, now)))
        )
        return list(islice(rows, limit) if limit > 0 else rows)

    def task_rows(self, filters: Mapping[str, Any]) -> list[Row]:
        """Return the task rows that match, as dictionaries."""
        return [render(self.task_columns, row) for row in self.find_tasks(filters)]

    # Candidates

    def _select(self, columns: Columns[Any], filters: Mapping[str, Any]) -> dict[str, Any]:
        wanted = select_filters(columns, filters)
        if not self._place.dialect.own_project:
            return wanted
        return {
            name: value
            for name, value in wanted.items()
            if value is not None
            and not (name in _LATER_RANGES and isinstance(value, list) and len(value) != 2)
        }

    def _jobs(self, wanted: Mapping[str, Any]) -> Iterator[Job]:
        """Yield the jobs that can match: those that a filter names, or all."""
        job_id = wanted.get("f_job_id")
        if isinstance(job_id, str | int):
            job = self._store.get(str(job_id))
            return iter(() if job is None else (job,))
        return self._all(self._store)

    def _all(self, job_ids: Iterable[str]) -> Iterator[Job]:
        for job_id in job_ids:
            job = self._store.get(job_id)
            if job is not None:
                yield job


def _stands_still(job: Job) -> bool:
    """Say whether the rows of a job are the same at any moment, until something happens to it."""
    return job.closed or job.start is None


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    if len(kept) > _KEPT_TEXTS:
        kept.popitem(last=False)


def _latest(rows: Iterable[TaskRow]) -> Iterable[TaskRow]:
    newest: dict[tuple[str, str, Party], TaskRow] = {}
    for row in rows:
        key = (row.job.job_id, row.attempt.component, row.party)
        known = newest.get(key)
        if known is None or row.attempt.version > known.attempt.version:
            newest[key] = row
    return newest.values()


# Filters


def select_filters(columns: Columns[Any], filters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the filters that name a column, by the column's full name."""
    return {f"f_{name}": value for name, value in filters.items() if f"f_{name}" in columns}


def build_predicate(
    columns: Columns[Context], wanted: Mapping[str, Any], *, ranges: Container[str]
) -> Callable[[Context], bool]:
    """Return whether a row meets all the filters.

    Args:
        columns: the columns.
        wanted: column → value; a list means any of its elements.
        ranges: the columns for which a list means a closed range instead.

    Raises:
        LookupError: a range has no two ends.
        ValueError: the end of a range is no time.
    """
    tests: list[Callable[[Context], bool]] = []
    for name, value in wanted.items():
        if name in ranges and isinstance(value, list):
            low, high = value[0], value[1]
            if name.endswith("_time"):
                low, high = _milliseconds(low), _milliseconds(high)
            tests.append(_between(columns[name], low, high))
        else:
            tests.append(_equal(columns[name], value))
    return lambda row: all(test(row) for test in tests)


def _between(column: Callable[[Context], Any], low: Any, high: Any) -> Callable[[Context], bool]:
    def test(row: Context) -> bool:
        value = column(row)
        return value is not None and bool(low <= value <= high)

    return test


def _equal(column: Callable[[Context], Any], wanted: Any) -> Callable[[Context], bool]:
    allowed = [_text(item) for item in (wanted if isinstance(wanted, list) else [wanted])]
    return lambda row: _text(column(row)) in allowed


def _text(value: Any) -> str | None:
    """Return how a value compares: numbers and texts alike, true as 1, null with nothing but null."""
    if isinstance(value, bool):
        return str(int(value))
    return None if value is None else str(value)


def sort_rows(
    rows: Iterable[Context], columns: Columns[Context], filters: Mapping[str, Any]
) -> list[Context]:
    """Return rows sorted by ``order_by``, if ``reverse`` (true or false) asks for it."""
    found = list(rows)
    reverse = filters.get("reverse")
    if reverse is not True and reverse is not False:
        return found
    column = columns.get(f"f_{filters.get('order_by')}")
    if column is None or filters.get("order_by") == "create_time":
        # Rows were made one after the other, though not a millisecond apart: their order is that of creation.
        column = columns["f_create_time"]
        if reverse:
            found.reverse()

    def key(row: Context) -> tuple[bool, bool, float, str]:
        value = column(row)
        number = isinstance(value, int | float)
        return (
            value is not None,
            not number,
            float(value) if number else 0.0,
            "" if number else str(value),
        )

    return sorted(found, key=key, reverse=reverse)


def _milliseconds(moment: object) -> object:
    """Return milliseconds for a text ``YYYY-MM-DD HH:MM:SS`` of local time; anything else as it is.

    Raises:
        ValueError: the text is no such time.
    """
    if isinstance(moment, str):
        return int(time.mktime(time.strptime(moment, "%Y-%m-%d %H:%M:%S")) * 1000)
    return moment
