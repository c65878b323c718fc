"""What can be done to the jobs of a server: submit, stop, run again, describe, clean.

What can be seen of them stands elsewhere: `Queries` finds rows, the `Tracker` holds outputs, the `JobStore` jobs
and plans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.dialects.exceptions import traceback_of
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.jobs.creation import (
    JobIds,
    create_job,
    engine_cores,
    fail_creation,
    keep_agreed,
    submit_data,
)
from flowkit_mockserver.jobs.executor import Executor, TakeFault
from flowkit_mockserver.jobs.job import CANCELED, Job
from flowkit_mockserver.jobs.logs import UnknownJobLogs
from flowkit_mockserver.jobs.queries import Queries
from flowkit_mockserver.jobs.reruns import rerun, rerun_from
from flowkit_mockserver.jobs.scheduling.scheduler import Scheduler
from flowkit_mockserver.jobs.workers import Place
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit.clock import Clock
    from flowkit_mockserver.computing.engine import Engine
    from flowkit_mockserver.data.paths import PathPolicy
    from flowkit_mockserver.data.tables import Tables
    from flowkit_mockserver.dialects import Dialect
    from flowkit_mockserver.dsl.later_submission import Answers, Permits
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.faults import TakeStages
    from flowkit_mockserver.jobs.providers import Providers
    from flowkit_mockserver.jobs.store import JobStore
    from flowkit_mockserver.jobs.tracker import Tracker
    from flowkit_mockserver.models.service import Models
    from flowkit_mockserver.settings import Pace, Settings
    from flowkit_mockserver.store import Claims

__all__ = ["Jobs"]

Submitted = tuple[str, dict[str, Any]]

#: Seconds a task takes when time passes only on demand.
_MANUAL_PACE = 1.0
_OPERATING_ERROR = 103
_TRACEBACK = "Traceback (most recent call last):"


class Jobs:
    """All jobs of a server. Used under its lock, after its `Progress` has settled them.

    Args:
        settings: the choices made at the start.
        clock: the server's time.
        dialect: how the server speaks.
        store: the jobs and their plans.
        ids: makes ids.
        tracker: the outputs of components.
        tables: the tables of the server.
        models: its models.
        providers: the registered providers of components.
        paths: which files jobs may name.
        take_fault: the failures that were ordered.
        take_stages: the stages that were ordered.
        permits: by party id, tells what it refuses the jobs of others; None when parties refuse nothing.
        unwritable: outputs that could not be written; see `Executor`.
        new_file: makes an empty file of the server's own.
        claims: who computes which task.
        engine: where components compute.

    Attributes:
        site: the party whose server this is (see `parties`); None for that of all parties.
        scheduler: the queue and the running jobs.
        executor: runs the components of tasks.
        store: the jobs and their plans.
        providers: the registered providers of components.
        ids: makes ids.
        tracker: the outputs of components.
        queries: rows of jobs and tasks, by filters.
        place: what the rows show of the server.
        unknown: logs of jobs that do not exist.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        dialect: Dialect,
        store: JobStore,
        ids: JobIds,
        tracker: Tracker,
        tables: Tables,
        models: Models,
        providers: Providers,
        paths: PathPolicy,
        take_fault: TakeFault,
        take_stages: TakeStages,
        unwritable: MutableMapping[str, str],
        new_file: Callable[[], Path],
        claims: Claims,
        engine: Engine,
        permits: Permits | None = None,
    ) -> None:
        self.site: str | None = None
        self._permits = permits
        self._settings = settings
        self._clock = clock
        self._dialect = dialect
        self._tables = tables
        self._models = models
        self.store = store
        self.providers, self.ids, self.tracker = providers, ids, tracker
        self.place = Place.of(settings, dialect, providers)
        self.queries = Queries(store, self.now, self.place)
        self.unknown = UnknownJobLogs()
        self.executor = Executor(
            store.plan, tracker, tables, models, paths, take_fault, unwritable, new_file,
            settings, engine,
        )  # fmt: skip
        self.scheduler = Scheduler(
            lambda engine: engine_cores(engine, settings.cores),
            claims,
            self._save_models,
            store.touch,
            empty_jobs_hold_cores=settings.quirks,
            take_stages=take_stages,
        )
        self.set_pace(settings.pace)
        self.scheduler.restore(store.live())

    def set_pace(self, pace: Pace) -> None:
        """Let the tasks of jobs that are submitted from now on take so long."""
        self._span = int((_MANUAL_PACE if pace == "manual" else pace) * 1000)
        # While time goes by itself a rerun takes none: whoever asks has waited for the job once.
        self.scheduler.rerun_span = self._span if pace == "manual" else 0

    def now(self) -> int:
        """Return the present moment in milliseconds since the epoch."""
        return int(self._clock.now() * 1000)

    def _save_models(self, job: Job) -> None:
        """Save the models of a job whose tasks have ended."""
        plan = self.store.plan(job.job_id)
        if plan is None:
            raise LookupError(f"job {job.job_id} has no plan")
        models = self.tracker.models(job.job_id, plan.graph.declared)
        if plan.job_type == "train":
            checkpoints = self.tracker.checkpoints(job.job_id, plan.graph.declared)
            self._models.save_training(plan, models, checkpoints, job.site_of)
        else:
            for there in dict.fromkeys(map(self._models.at, job.sites)):
                there.save_prediction(plan, models)

    def flush(self) -> None:
        """Write down the jobs that changed, and forget the oldest that have ended when there are too many."""
        self.store.flush()
        if self._settings.keep_jobs is None:
            return
        for job_id in self.store.surplus(self._settings.keep_jobs):
            job, plan = self.store.get(job_id), self.store.plan(job_id)
            if job is not None and plan is not None:
                for models in dict.fromkeys(map(self._models.at, job.sites)):
                    models.forget_training(plan)
                for component in plan.graph.declared:
                    for table in self.tracker.forget(job_id, component):
                        for tables in dict.fromkeys(map(self._tables.at, job.sites)):
                            tables.delete(table["namespace"], table["name"])
            self.store.forget(job_id)

    def settle(self) -> int:
        """Bring all jobs up to the present moment, which is returned, as far as no component has to compute."""
        now = self.now()
        if not self.scheduler.idle(now):
            self.scheduler.settle(now, lambda job, attempt: False)
            self.flush()
        return now

    def find(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            Refusal: there is no such job.
        """
        job = self.store.get(job_id)
        if job is None:
            raise Refusal("can not found job", 102)
        return job

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
            Refusal: with the text of the first problem.
        """
        # What reads jobs is imported with the first; a server begins sooner without.
        from flowkit_mockserver.dsl.submission import plan_submission

        job_id = job_id or self.ids.next()
        if self._dialect.own_project:
            return self._submit_later(job_dsl, job_runtime_conf, job_id, content)
        plan = plan_submission(
            job_dsl, job_runtime_conf, job_id=job_id, find_model=self._find_model, dialect=self._dialect,
        )  # fmt: skip
        now = self.settle()
        job = create_job(plan, now=now, span=self._span, site=self.site)
        job.content = self._tables.keep_file(content)
        self._check_creation(job, plan)
        self._queue(job, plan, now)
        return job.job_id, submit_data(self._settings, plan)

    def _submit_later(
        self, job_dsl: Any, conf: Any, job_id: str, content: Path | None
    ) -> Submitted:
        """Plan a job and queue it as the later lines do: whatever is wrong shows as a traceback."""
        from flowkit_mockserver.dsl import later_submission, run_parameters, submission

        try:
            plan = later_submission.plan_submission(
                job_dsl, conf, job_id=job_id, find_model=self._find_model, dialect=self._dialect,
                engine=next(iter(self._settings.engines), run_parameters.STANDALONE),
            )  # fmt: skip
        except Refusal as refusal:
            text = traceback_of(refusal.retmsg, refusal.__cause__)
            raise Refusal(text, _OPERATING_ERROR, job_id=job_id) from refusal
        now = self.settle()
        job = create_job(plan, now=now, span=self._span, site=self.site)
        job.content = self._tables.keep_file(content)
        answers = later_submission.creation_answers(
            plan,
            cores=self._settings.cores,
            is_provider=self.providers.known,
            permits=self._permits,
        )
        if submission.creation_failed(answers):
            self._keep_refused(job, plan, answers)
            text = f"{_TRACEBACK}\nException: {('create job failed', answers)}\n"
            raise Refusal(text, _OPERATING_ERROR, job_id=job_id)
        self._queue(job, plan, now)
        warning = later_submission.removed_parameters(conf)
        return job_id, submit_data(self._settings, plan, warning)

    def _keep_refused(self, job: Job, plan: Plan, answers: Answers) -> None:
        """Keep the rows of a job of which the creation had begun: parties that lack cores never begin."""
        job.parties = [
            party
            for party in job.parties
            if answers[party.role].get(int(party.party_id), {}).get("retcode") != _OPERATING_ERROR
        ]
        job.attempts = []
        fail_creation(job, "submit_failed")
        if job.parties:
            self.store.add(job, plan)

    def _queue(self, job: Job, plan: Plan, now: int) -> None:
        self.store.add(job, plan)
        self.scheduler.join(job, now)
        self.flush()

    def _find_model(self, role: str, party_id: int, *model: str) -> Mapping[str, Any] | None:
        return self._models.find(Party.of(role, party_id), *model)

    def _check_creation(self, job: Job, plan: Plan) -> None:
        """Ask every party whether it creates the job; what the agreeing ones made of it stays."""
        from flowkit_mockserver.dsl import run_parameters, submission

        answers = submission.creation_answers(
            plan, standalone_cores=self._settings.cores, engines=self._settings.engines
        )
        # A job of nobody but the server itself has no partner to reach, whatever engine it names.
        alone = job.mode == run_parameters.MULTIPLE and set(plan.roles) == {"local"}
        if submission.creation_failed(answers) and not alone:
            keep_agreed(job, answers)
            if job.parties:
                self.store.add(job, plan)
            raise Refusal("create job failed", data=answers)

    def stop(self, job_id: str, status: str = CANCELED) -> None:
        """Stop a job; one that has ended only gets the mark of a cancel (job/stop).

        Raises:
            Refusal: there is no such job.
        """
        if job_id not in self.store:
            self.unknown.note(job_id, "INFO", f"can not found job {job_id} to stop", self.now())
        self._stop([self.find(job_id)], status)

    def clean_queue(self) -> dict[str, int]:
        """Cancel every waiting job; returns 0 for each (job/clean/queue)."""
        jobs = self.scheduler.waiting(self.settle())
        self._stop(jobs, CANCELED)
        return {job.job_id: 0 for job in jobs}

    def _stop(self, jobs: list[Job], status: str) -> None:
        now = self.settle()
        for job in jobs:
            self.scheduler.stop(job, status, now)
            if job.closed and job.content is not None:
                self._tables.at(job.site_of(job.initiator)).forget(Path(job.content))
                job.content = None
        self.scheduler.go_on(now)
        self.flush()

    def rerun_later(self, job_id: str, components: Iterable[str] | None, *, force: bool) -> None:
        """Run components again as the later lines do, with what follows them (job/rerun).

        Args:
            job_id: the job.
            components: the components; None for all.
            force: whether those that succeeded run again, too.

        Raises:
            Refusal: there is no such job.
        """
        job = self.find(job_id)
        for component in rerun_from(self.scheduler, job, components, force, self.settle()):
            self.tracker.delete_metrics(job.job_id, {"component_name": component})
        self.store.touch(job)
        self.flush()

    def rerun(self, job_id: str, component: str | None) -> None:
        """Run again what failed or was stopped (job/rerun).

        Args:
            job_id: the job.
            component: a component, or ``pipeline`` for all; None does nothing.

        Raises:
            Refusal: there is no such job, or its parties are in each other's way; see `reruns.rerun`.
        """
        job = self.find(job_id)
        before = {attempt.component for attempt in job.attempts if attempt.version}
        try:
            rerun(self.scheduler, job, component, self.settle())
        finally:
            for attempt in job.attempts:
                if attempt.version and attempt.component not in before:
                    columns = {"component_name": attempt.component}
                    self.tracker.delete_metrics(job.job_id, columns)
            self.store.touch(job)
            self.flush()

    def update_conf(self, job_id: str, plan: Plan) -> None:
        """Put a plan with another conf in place of a job's, for its next rerun (job/parameter/update)."""
        self.store.replace_plan(self.find(job_id), plan, self.now())
        self.flush()

    def describe(self, job_id: str, party: Party, text: str) -> None:
        """Set the description of a job row (job/update).

        Raises:
            Refusal: there is no such job.
        """
        job = self.find(job_id)
        job.notes[party] = text
        self.store.touch(job)
        self.flush()

    def clean(self, filters: Mapping[str, Any]) -> None:
        """Delete the output tables and metrics of the tasks that match (job/clean).

        Raises:
            Refusal: no task matches.
        """
        rows = self.queries.find_tasks(filters)
        if not rows:
            raise Refusal("no found task")
        for row in rows:
            output = self.tracker.get(row.job.job_id, row.attempt.component, row.party)
            tables = self._tables.at(row.job.site_of(row.party))
            for table in output["tables"] if output else ():
                tables.delete(table["namespace"], table["name"])
            columns = {"component_name": row.attempt.component, **row.party._asdict()}
            self.tracker.delete_metrics(row.job.job_id, columns)
