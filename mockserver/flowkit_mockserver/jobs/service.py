"""The jobs of a server: submitted, followed, stopped, run again, cleaned, and what they left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.dsl.plan import Plan, job_view
from flowkit_mockserver.dsl.run_parameters import MULTIPLE
from flowkit_mockserver.dsl.submission import (
    creation_answers,
    creation_failed,
    plan_submission,
)
from flowkit_mockserver.errors import FlowFault
from flowkit_mockserver.jobs.creation import create_job, keep_agreed, submit_data
from flowkit_mockserver.jobs.data_views import component_tables, output_records
from flowkit_mockserver.jobs.executor import Execution
from flowkit_mockserver.jobs.fates import Fate, Fates
from flowkit_mockserver.jobs.ids import JobIds, day_of
from flowkit_mockserver.jobs.job import Job, party_key, split_party
from flowkit_mockserver.jobs.queries import Queries
from flowkit_mockserver.jobs.reruns import RerunRefused, rerun
from flowkit_mockserver.jobs.resources import engine_cores
from flowkit_mockserver.jobs.scheduler import Schedule
from flowkit_mockserver.jobs.status import CANCELED, job_status
from flowkit_mockserver.jobs.store import JobArchive
from flowkit_mockserver.jobs.system_jobs import data_access, model_access
from flowkit_mockserver.jobs.tracker import Output, Outputs
from flowkit_mockserver.jobs.unknown_jobs import Strangers
from flowkit_mockserver.jobs.uploads import uploads

if TYPE_CHECKING:
    from flowkit_mockserver.state import ServerState

__all__ = ["Jobs"]

Row = dict[str, Any]
Submitted = tuple[str, dict[str, Any]]

#: Seconds a task takes when time passes only on demand.
_MANUAL_PACE = 1.0


class Jobs:
    """All jobs of a server. Used under its lock, after `settle`; party ids may be texts or numbers.

    Args:
        state: the server.

    Attributes:
        archive: the jobs and their plans.
        queries: rows of jobs and tasks, by filters.
        store: the outputs of components.
        strangers: logs of jobs that do not exist.
    """

    def __init__(self, state: ServerState) -> None:
        self.state = state
        pace = state.settings.pace
        self._span = int((_MANUAL_PACE if pace == "manual" else pace) * 1000)
        self.archive = JobArchive(state.store)
        self.store = Outputs(state.store)
        self.strangers = Strangers()
        self._fates = Fates()
        self._ids = JobIds(state.clock, self.archive.__contains__)
        self._execution = Execution(state, self.archive.plan, self.store, self._fates)
        self._schedule = Schedule(
            self._cores,
            self._execution.run,
            self._ended,
            self.archive.touch,
            rerun_span=self._span if pace == "manual" else 0,
        )
        self._schedule.restore(self.archive.live(), self._now())
        self.archive.flush()
        self.queries = Queries(self.archive, self._now, state.settings.run_ip)

    def _now(self) -> int:
        return int(self.state.clock.now() * 1000)

    def _cores(self, engine: str) -> int:
        return engine_cores(engine, self.state.settings.cores)

    def _ended(self, job: Job) -> None:
        plan = self._plan(job)
        outputs = {name: self.store.of_component(job.job_id, name) for name in plan.graph.declared}
        if plan.job_type == "train":
            self.state.models.save_training(plan, outputs, job.job_id, str(job.status))
        else:
            self.state.models.save_prediction(plan, outputs, job.job_id)

    def _plan(self, job: Job) -> Plan:
        plan = self.archive.plan(job.job_id)
        if plan is None:
            raise LookupError(f"job {job.job_id} has no plan")
        return plan

    # Submitting

    def new_job_id(self) -> str:
        """Return a fresh id."""
        return self._ids.next()

    def submit(
        self,
        job_dsl: Any,
        job_runtime_conf: Any,
        *,
        job_id: str | None = None,
        content: Path | None = None,
    ) -> Submitted:
        """Plan a job and queue it (job/submit).

        Args:
            job_dsl: the DSL; a prediction needs none.
            job_runtime_conf: the runtime conf.
            job_id: its id, when it has been drawn already.
            content: a file that came with the request, which the job uploads and then deletes.

        Returns:
            the job id and the data of the answer.

        Raises:
            FlowFault: with the text of the first problem.
        """
        plan = plan_submission(
            job_dsl,
            job_runtime_conf,
            job_id=job_id or self.new_job_id(),
            find_model=self.state.models.find,
        )
        now = self.settle()
        job = create_job(plan, now=now, span=self._span)
        job.content = None if content is None else str(content)
        answers = creation_answers(plan, standalone_cores=self.state.settings.cores)
        # A job of nobody but the server itself has no partner to reach, whatever engine it names.
        alone = job.mode == MULTIPLE and set(plan.roles) == {"local"}
        if creation_failed(answers) and not alone:
            keep_agreed(job, answers)
            if job.parties:
                self.archive.add(job, plan)
            raise FlowFault("create job failed", data=answers)
        self.archive.add(job, plan)
        self._schedule.join(job, now)
        self.archive.flush()
        return job.job_id, submit_data(self.state.settings, plan)

    def submit_upload(
        self, config: Mapping[str, Any], *, job_id: str | None = None, content: Path | None = None
    ) -> Submitted:
        """Queue an upload (data/upload).

        Args:
            config: the request's configuration, normalised as the real view does (name, destroy, numbers).
            job_id: its id, when it has been drawn already.
            content: the file that came with the request; None: `config["file"]` is a path on the server.
        """
        job_id = job_id or self.new_job_id()
        if content is not None:
            home = f"{self.state.settings.root}/jobs/{job_id}/fate_upload_tmp"
            config = {**config, "file": f"{home}/{PurePosixPath(str(config['file'])).name}"}
        dsl, conf = data_access("upload", config)
        return self.submit(dsl, conf, job_id=job_id, content=content)

    def submit_download(self, config: Mapping[str, Any]) -> Submitted:
        """Queue a download of a table to the server's disk (data/download)."""
        return self.submit(*data_access("download", config))

    def submit_store(self, config: Mapping[str, Any]) -> Submitted:
        """Queue the storing of a model (model/store): role, party_id, model_id, model_version, force_update."""
        return self.submit(*model_access("store", config))

    def submit_restore(self, config: Mapping[str, Any]) -> Submitted:
        """Queue the restoring of a model (model/restore): role, party_id, model_id, model_version."""
        return self.submit(*model_access("restore", config))

    # Looking

    def __iter__(self) -> Iterator[str]:
        return iter(self.archive)

    def __len__(self) -> int:
        return len(self.archive)

    def exists(self, job_id: str) -> bool:
        """Say whether there is such a job."""
        return job_id in self.archive

    def rows(self, filters: Mapping[str, Any]) -> list[Row]:
        """Return the job rows that match (job/query); without a usable filter none."""
        return self.queries.job_rows(filters)

    def task_rows(self, filters: Mapping[str, Any]) -> list[Row]:
        """Return the task rows that match (job/task/query); without a filter all."""
        return self.queries.task_rows(filters)

    def status(self, job_id: str) -> str | None:
        """Return the status of a job, or None."""
        job = self.archive.get(job_id)
        return None if job is None else job_status(job, job.moment(self._now()))

    def plan(self, job_id: str) -> Plan | None:
        """Return the plan of a job, or None."""
        return self.archive.plan(job_id)

    def initiator(self, job_id: str) -> tuple[str, str] | None:
        """Return role and party id of the initiator of a job, or None."""
        job = self.archive.get(job_id)
        return None if job is None else split_party(job.initiator)

    def runtime_conf_on_party(
        self, job_id: str, role: str, party_id: int | str
    ) -> dict[str, Any] | None:
        """Return the conf of a party of a job, or None."""
        job = self.archive.get(job_id)
        if job is None or party_key(role, party_id) not in job.parties:
            return None
        return self._plan(job).runtime_conf_on_party[role][str(party_id)]

    def data_view(self, job_id: str, role: str, party_id: int | str) -> dict[str, Any] | None:
        """Return partner, dataset and roles of a job as a party sees them, or None."""
        job = self.archive.get(job_id)
        if job is None or party_key(role, party_id) not in job.parties:
            return None
        return job_view(self._plan(job), role, int(party_id))

    # What components put out

    def outputs(self, job_id: str, component: str, role: str, party_id: int | str) -> Output | None:
        """Return what a component left behind on a party, or None.

        Returns:
            task_version, tables ``[{data_name, namespace, name}]``, metrics
            ``{namespace: {name: {data, meta}}}``, summary and model (its document); summary and model may be None.
        """
        return self.store.get(job_id, component, party_key(role, party_id))

    def output_records(self, filters: Mapping[str, Any]) -> list[Row]:
        """Return the records of output tables that match (job/data/view/query); job_id is needed."""
        job_id = filters.get("job_id")
        job = self.archive.get(job_id) if isinstance(job_id, str) else None
        now = self._now()
        if job is not None:
            return output_records(job, self.store, filters, job.moment(now))
        if not self.store.day_known(day := day_of(str(job_id))):
            table = f"t_tracking_output_data_info_{day}"
            self.strangers.note(job_id, "ERROR", f"SQLError: no such table: {table}", now)
        return []

    def component_tables(self, filters: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the tables that every component of a job takes and puts out (table/list), or None."""
        rows = self.queries.find_jobs(filters)
        if not rows:
            return None
        job, party = rows[0].job, rows[0].party
        return component_tables(job, self._plan(job), self.store, *split_party(party))

    def metric_day_known(self, day: str) -> bool:
        """Say whether a day (first 8 digits of job ids) has a table of metrics."""
        return self.store.metric_day_known(day)

    def delete_metrics_of_day(self, day: str) -> bool:
        """Drop the metrics of all jobs of a day; False when there are none to drop."""
        return self.store.drop_day(day)

    def delete_metrics(self, job_id: str, columns: Mapping[str, Any] | None = None) -> None:
        """Delete the metrics of a job, narrowed by columns (role, party_id, component_name …)."""
        self.store.delete_metrics(job_id, columns or {})

    def uploads(self, job_id: str | None = None) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield job id, parameters and notes of the successful uploads, newest first."""
        return uploads(self.archive, job_id, self._now())

    # Changing

    def stop(self, job_id: str, status: str = CANCELED) -> None:
        """Stop a job; one that has ended only gets the mark of a cancel (job/stop).

        Raises:
            FlowFault: there is no such job.
        """
        if job_id not in self.archive:
            text = f"can not found job {job_id} to stop"
            self.strangers.note(job_id, "INFO", text, self._now())
        self._stop([self._job(job_id)], status)

    def clean_queue(self) -> dict[str, int]:
        """Cancel every waiting job; returns 0 for each (job/clean/queue)."""
        jobs = self._schedule.waiting(self.settle())
        self._stop(jobs, CANCELED)
        return {job.job_id: 0 for job in jobs}

    def _stop(self, jobs: list[Job], status: str) -> None:
        now = self.settle()
        for job in jobs:
            self._schedule.stop(job, status, now)
            if job.closed and job.content is not None:
                self.state.tables.forget(Path(job.content))
                job.content = None
        self._schedule.go_on(now)
        self.archive.flush()

    def rerun(self, job_id: str, component: str | None) -> None:
        """Run again what failed or was stopped (job/rerun).

        Args:
            job_id: the job.
            component: a component, or ``pipeline`` for all; None does nothing.

        Raises:
            FlowFault: there is no such job, or the server trips; see `RerunRefused`.
        """
        job = self._job(job_id)
        before = {attempt.component for attempt in job.attempts if attempt.version}
        try:
            rerun(self._schedule, job, component, self.settle())
        except RerunRefused as refused:
            raise FlowFault(str(refused), 103) from refused
        finally:
            self._clean_metrics_of_reruns(job, before)
            self.archive.touch(job)
            self.archive.flush()

    def _clean_metrics_of_reruns(self, job: Job, before: set[str]) -> None:
        for attempt in job.attempts:
            if attempt.version and attempt.component not in before:
                columns = {"component_name": attempt.component}
                self.store.delete_metrics(job.job_id, columns)

    def note(self, job_id: str, role: str, party_id: int | str, text: str) -> None:
        """Set the description of a job row (job/update)."""
        job = self._job(job_id)
        job.notes[party_key(role, party_id)] = text
        self.archive.touch(job)
        self.archive.flush()

    def clean(self, filters: Mapping[str, Any]) -> None:
        """Delete the output tables and metrics of the tasks that match (job/clean).

        Raises:
            FlowFault: no task matches.
        """
        rows = self.queries.find_tasks(filters)
        if not rows:
            raise FlowFault("no found task")
        for row in rows:
            role, party_id = split_party(row.party)
            output = self.store.get(row.job.job_id, row.attempt.component, row.party)
            for table in output["tables"] if output else ():
                self.state.tables.delete(table["namespace"], table["name"])
            columns = {"component_name": row.attempt.component, "role": role, "party_id": party_id}
            self.store.delete_metrics(row.job.job_id, columns)

    def fail(
        self,
        component: str,
        message: str,
        *,
        role: str | None = None,
        party_id: int | str | None = None,
        times: int | None = None,
    ) -> None:
        """Let tasks of a component fail from now on.

        Args:
            component: its name in the DSL.
            message: what the log says.
            role: on which role; None: on the first that runs it.
            party_id: on which party.
            times: how often; None: always.
        """
        party = None if party_id is None else str(party_id)
        self._fates.order(Fate(component, message, role, party, times))

    def settle(self) -> int:
        """Bring all jobs up to the present moment, which is returned; next to nothing when nothing is due."""
        now = self._now()
        if not self._schedule.idle(now):
            self._schedule.settle(now)
            self.archive.flush()
        return now

    def _job(self, job_id: str) -> Job:
        job = self.archive.get(job_id)
        if job is None:
            raise FlowFault("can not found job", 102)
        return job
