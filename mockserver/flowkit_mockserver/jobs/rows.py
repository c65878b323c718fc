"""The rows of jobs and tasks, column by column: what `job/query` and `job/task/query` show.

A column is a function of the row's context, so that a filter costs the column it looks at and no more.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flowkit_mockserver.jobs.job import (
    END_STATUSES,
    RUNNING,
    SUCCESS,
    WAITING,
    Attempt,
    Job,
    job_progress,
    job_status,
    party_end,
    party_start,
    party_status,
    task_status,
)
from flowkit_mockserver.jobs.workers import (
    Place,
    asked_provider,
    error_report,
    provider_info,
    worker_command,
    worker_id,
)

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.party import Party

__all__ = ["JOB_COLUMNS", "TASK_COLUMNS", "JobRow", "Row", "TaskRow", "render"]

Row = dict[str, Any]

_FIRST_PID = 2000
_PIDS = 30000
_HTTP_PORT = 9380
#: Share of a task's time after which a process has reported the address it runs at.
_REPORTED = 0.05


@dataclass(slots=True)
class JobRow:
    """The context of one job row.

    Attributes:
        job: the job.
        party: the party whose row it is.
        now: the moment.
        plan: the plan, fetched when a column needs it.
        place: where it runs.
    """

    job: Job
    party: Party
    now: int
    plan: Callable[[], Plan]
    place: Place

    def date(self, moment: int | None) -> str | None:
        """Return a date as the server writes it."""
        return self.place.dialect.format_date(moment)

    @property
    def status(self) -> str:
        """The job's status."""
        return job_status(self.job, self.now)

    @property
    def begun(self) -> bool:
        """Whether it has started (at least once)."""
        return self.began is not None

    @property
    def began(self) -> int | None:
        """When it started (last)."""
        job = self.job
        if job.start is not None and self.now >= job.start:
            return job.start
        return None if job.earlier is None else job.earlier.start

    @property
    def ended(self) -> int | None:
        """When it ended; None while it has not."""
        job = self.job
        return None if job.end is None or self.now < job.end or not self.begun else job.end

    @property
    def tried(self) -> int | None:
        """When this row had cores for a moment, while another row of the job was refused."""
        refused = None if self.place.dialect.own_project else self.job.refused
        return refused.moment if refused is not None and self.party in refused.granted else None

    @property
    def equipped(self) -> bool:
        """Whether cores were applied for with success, ever."""
        return self.begun or self.tried is not None

    def conf_on_party(self) -> Any:
        """Return the conf of this party."""
        return self.plan().runtime_conf_on_party[self.party.role][self.party.party_id]


@dataclass(slots=True)
class TaskRow:
    """The context of one task row.

    Attributes:
        job: the job.
        attempt: the version of the task.
        index: which of its parties.
        now: the moment.
        plan: the plan, fetched when a column needs it.
        place: where it runs.
        here: whether the party is at this server; of others the server of the initiator has what they report.
    """

    job: Job
    attempt: Attempt
    index: int
    now: int
    plan: Callable[[], Plan]
    place: Place
    here: bool = True

    def date(self, moment: int | None) -> str | None:
        """Return a date as the server writes it."""
        return self.place.dialect.format_date(moment)

    @property
    def party(self) -> Party:
        """The party."""
        return self.attempt.parties[self.index]

    @property
    def launched(self) -> bool:
        """Whether a process of this version ran."""
        if self.attempt.start is None or self.attempt.unlaunched or not self.here:
            return False
        return party_status(self.attempt, self.index, self.now) != WAITING

    @property
    def equipped(self) -> bool:
        """Whether it has been given to an engine."""
        if self.attempt.unlaunched:
            return self.here and self.now >= (self.attempt.start or 0)
        return self.launched or (self.here and self.attempt.inherited is not None)


_Context = TypeVar("_Context", JobRow, TaskRow)


def _remaining_cores(row: JobRow) -> int:
    job = row.job
    cores = job.cores[row.party]
    if not row.equipped or not cores:
        return 0
    if not row.begun:
        return cores
    tasks = job.latest(row.party).values()
    if row.party == job.initiator:
        busy = sum(
            task_status(attempt, row.now) == RUNNING or attempt.stopped is not None
            for attempt in tasks
        )
        return max(0, cores - job.task_cores * busy)
    # The real server gives a partner's cores back that it never took.
    return cores + job.task_cores * sum(
        task_status(attempt, row.now) in END_STATUSES and attempt.stopped is None
        for attempt in tasks
    )


def _user(row: JobRow) -> dict[str, dict[str, str]]:
    return {
        role: {str(party): conf.get("user", "") for party, conf in parties.items()}
        for role, parties in row.plan().job_parameters.items()
    }


def _user_id(row: JobRow) -> str | None:
    # Before jobs had users nothing was written there.
    if "f_user" in row.place.dialect.absent_job_columns:
        return None
    return str(_user(row).get(row.party.role, {}).get(row.party.party_id, ""))


def _returned(row: JobRow) -> int | None:
    return row.tried if row.ended is None else row.ended


def _elapsed(row: JobRow) -> int | None:
    began, ended = row.began, row.ended
    return None if began is None or ended is None else ended - began


def _end_date(row: JobRow) -> str | None:
    earlier = None if row.job.earlier is None else row.job.earlier.end
    return row.date(row.ended if row.ended is not None else earlier)


def _signalled(row: JobRow) -> bool:
    """Say whether a scheduler of the later lines looks after the job, as it does until the job has ended."""
    if not row.place.dialect.own_project or not row.begun or row.job.rerun_signal:
        return False
    return row.ended is None


def _updated(row: JobRow) -> int:
    """Return when the row changed last; the first lines never write that down."""
    if not row.place.dialect.own_project:
        return row.job.created
    moments = (row.job.created, row.began, row.ended, row.job.canceled_at)
    return max(moment for moment in moments if moment is not None)


def _applied(row: JobRow) -> int | None:
    return row.job.granted if row.begun and row.job.granted is not None else row.tried


JOB_COLUMNS: Mapping[str, Callable[[JobRow], Any]] = {
    "f_apply_resource_time": _applied,
    "f_cancel_signal": lambda row: row.job.cancel,
    "f_cancel_time": lambda row: row.job.canceled_at,
    "f_cores": lambda row: row.job.cores[row.party] if row.equipped else 0,
    "f_create_date": lambda row: row.date(row.job.created),
    "f_create_time": lambda row: row.job.created,
    "f_description": lambda row: row.job.notes.get(row.party, ""),
    "f_dsl": lambda row: row.plan().dsl,
    "f_elapsed": _elapsed,
    "f_end_date": _end_date,
    "f_end_scheduling_updates": lambda row: 0 if row.ended is None else 1,
    "f_end_time": lambda row: row.ended,
    "f_engine_name": lambda row: row.job.engine if row.equipped else None,
    "f_engine_type": lambda row: "computing" if row.equipped else None,
    "f_inheritance_info": lambda row: row.plan().common_parameters.get("inheritance_info") or {},
    "f_inheritance_status": lambda row: "pass",
    "f_initiator_party_id": lambda row: row.job.initiator.party_id,
    "f_initiator_role": lambda row: row.job.initiator.role,
    "f_is_initiator": lambda row: row.party == row.job.initiator,
    "f_job_id": lambda row: row.job.job_id,
    "f_memory": lambda row: 0,
    "f_name": lambda row: "",
    "f_party_id": lambda row: row.party.party_id,
    "f_progress": lambda row: job_progress(row.job, row.now),
    "f_ready_signal": _signalled,
    "f_ready_time": lambda row: row.began if _signalled(row) else None,
    "f_remaining_cores": _remaining_cores,
    "f_remaining_memory": lambda row: 0,
    "f_rerun_signal": lambda row: row.job.rerun_signal,
    "f_resource_in_use": lambda row: row.status == RUNNING,
    "f_return_resource_time": _returned,
    "f_role": lambda row: row.party.role,
    "f_roles": lambda row: row.plan().roles,
    "f_runtime_conf": lambda row: row.plan().runtime_conf,
    "f_runtime_conf_on_party": lambda row: row.conf_on_party(),
    "f_start_date": lambda row: row.date(row.began),
    "f_start_time": lambda row: row.began,
    "f_status": lambda row: row.status,
    "f_status_code": lambda row: None,
    "f_tag": lambda row: row.job.tag if row.job.closed or row.job.earlier else "",
    "f_train_runtime_conf": lambda row: row.plan().train_runtime_conf,
    "f_update_date": lambda row: row.date(_updated(row)),
    "f_update_time": _updated,
    "f_user": _user,
    "f_user_id": _user_id,
    "f_work_mode": lambda row: row.plan().work_mode,
}


def _task_start(row: TaskRow) -> int | None:
    return party_start(row.attempt, row.index, row.now)


def _task_end(row: TaskRow) -> int | None:
    return party_end(row.attempt, row.index, row.now)


def _task_elapsed(row: TaskRow) -> int | None:
    start, end = _task_start(row), _task_end(row)
    return None if start is None or end is None else max(0, end - start)


def _pid(row: TaskRow) -> int | None:
    if not row.launched:
        return None
    text = f"{row.job.task_id(row.attempt.component)}_{row.attempt.version}_{row.party.key}"
    return _FIRST_PID + zlib.crc32(text.encode()) % _PIDS


def _ip(row: TaskRow) -> str | None:
    reported = row.attempt.span * _REPORTED
    if not row.launched or row.now < row.attempt.begins(row.index) + reported:
        return None
    return row.place.run_ip


def _changed_at(row: TaskRow) -> int:
    """Return when the row changed last; the first lines never write that down."""
    if not row.place.dialect.own_project:
        return row.attempt.created
    return max(row.attempt.created, _task_start(row) or 0, _task_end(row) or 0)


def _worker_id(row: TaskRow) -> str | None:
    if not row.launched:
        return None
    return worker_id(row.job.task_id(row.attempt.component), row.attempt.version, row.party)


def _command(row: TaskRow) -> list[Any] | dict[str, Any]:
    if not row.launched:
        return {}
    task, version = row.job.task_id(row.attempt.component), row.attempt.version
    place = row.place
    return worker_command(place.dialect, place.root, task, version, row.party, place.run_ip)


def _stored(row: TaskRow) -> Mapping[str, Any]:
    """Return the parameters of the task as the row keeps them."""
    by_role = row.plan().parameters.get(row.attempt.component, {})
    return by_role.get(row.party.role, {}).get(row.party.party_id, {})


def _error_report(row: TaskRow) -> str:
    message = row.attempt.messages.get(row.party)
    return "" if message is None or _task_end(row) is None else error_report(message)


def _provider(row: TaskRow) -> dict[str, Any]:
    place = row.place
    plan, component = row.plan(), row.attempt.component
    name, version = asked_provider(plan, component, row.party)
    path = place.provider_versions(name).get(version)
    return provider_info(place.dialect, plan.graph.module(component), place.root, version, path)


TASK_COLUMNS: Mapping[str, Callable[[TaskRow], Any]] = {
    "f_auto_retries": lambda row: row.plan().common_parameters.get("auto_retries", 0),
    "f_auto_retry_delay": lambda row: row.plan().common_parameters.get("auto_retry_delay", 1),
    "f_cmd": _command,
    "f_component_module": lambda row: row.plan().graph.module(row.attempt.component),
    "f_component_name": lambda row: row.attempt.component,
    "f_component_parameters": lambda row: dict(_stored(row)),
    "f_create_date": lambda row: row.date(row.attempt.created),
    "f_create_time": lambda row: row.attempt.created,
    "f_deepspeed_id": lambda row: None,
    "f_elapsed": _task_elapsed,
    "f_end_date": lambda row: row.date(_task_end(row)),
    "f_end_time": _task_end,
    "f_engine_conf": lambda row: {"computing_engine": row.job.engine} if row.equipped else {},
    "f_error_report": _error_report,
    "f_federated_mode": lambda row: row.job.mode,
    "f_federated_status_collect_type": lambda row: row.job.collect,
    "f_initiator_party_id": lambda row: row.job.initiator.party_id,
    "f_initiator_role": lambda row: row.job.initiator.role,
    "f_is_deepspeed": lambda row: False,
    "f_job_id": lambda row: row.job.job_id,
    "f_kill_status": lambda row: row.here and task_status(row.attempt, row.now) == SUCCESS,
    "f_party_id": lambda row: row.party.party_id,
    "f_party_status": lambda row: party_status(row.attempt, row.index, row.now),
    "f_provider_info": _provider,
    "f_role": lambda row: row.party.role,
    "f_run_ip": _ip,
    "f_run_on_this_party": lambda row: row.here,
    "f_run_pid": _pid,
    "f_run_port": lambda row: None if _ip(row) is None else _HTTP_PORT,
    "f_start_date": lambda row: row.date(_task_start(row)),
    "f_start_time": _task_start,
    "f_status": lambda row: task_status(row.attempt, row.now),
    "f_status_code": lambda row: None,
    "f_task_id": lambda row: row.job.task_id(row.attempt.component),
    "f_task_version": lambda row: row.attempt.version,
    "f_update_date": lambda row: row.date(_changed_at(row)),
    "f_update_time": _changed_at,
    "f_worker_id": _worker_id,
}


def render(columns: Mapping[str, Callable[[_Context], Any]], row: _Context) -> Row:
    """Return all columns of a row."""
    return {name: column(row) for name, column in columns.items()}
