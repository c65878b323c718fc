"""Running the component of a task in three steps: its inputs are gathered, it computes, its outputs are put away.

The first and the last step need the server's lock and are short. The one between takes its time without it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.components.core.interface import (
    Cache,
    ComponentFailed,
    ComponentRun,
    PartyResult,
)
from flowkit_mockserver.computing.access import Access
from flowkit_mockserver.computing.caches import find_documents, keep_cache, read_cache
from flowkit_mockserver.computing.computation import Computation, complete_parameters
from flowkit_mockserver.computing.inputs import Inputs
from flowkit_mockserver.computing.outputs import OutputTable, table_name
from flowkit_mockserver.dialects.model_fields import leave_out
from flowkit_mockserver.jobs.job import (
    FAILED,
    KILLED,
    LOST,
    SUCCESS,
    Attempt,
    Job,
)
from flowkit_mockserver.jobs.scheduling.stages import lost_party, ordered_failure
from flowkit_mockserver.jobs.tracker import OUTPUT_NAMESPACE, Tracker
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import Interrupted, NotStored

if TYPE_CHECKING:
    from flowkit_mockserver.computing.engine import Engine, Results
    from flowkit_mockserver.data.paths import PathPolicy
    from flowkit_mockserver.data.tables import Tables
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.models.service import Models
    from flowkit_mockserver.settings import Settings

__all__ = ["Executor", "TakeFault"]

log = logging.getLogger(__name__)

#: Engines that a standalone server only pretends to have, and whether a process is launched for them at all.
_ABSENT_ENGINES = {"EGGROLL": True, "SPARK": False, "LINKIS_SPARK": False}

#: What fails a task whose component puts out more tables than the DSL has names for.
_UNNAMED = "IndexError: list index out of range"

#: Returns the party on which a component is ordered to fail, and the message; see `Faults.take_component`.
TakeFault = Callable[[str, Sequence[Party]], tuple[Party, str] | None]


class Executor:
    """Runs attempts.

    Args:
        find_plan: the plan of a job.
        tracker: where results go, and where inputs come from.
        tables: the tables that are read and written.
        models: the models that predictions start from.
        paths: which files jobs may name.
        take_fault: the failures that were ordered.
        unwritable: by key of a task's version, why its output could not be written; such a task fails.
        new_file: makes an empty file of the server's own.
        settings: the choices made at the start, of which the seed and the engines count.
        engine: where components compute.
    """

    def __init__(
        self,
        find_plan: Callable[[str], Plan | None],
        tracker: Tracker,
        tables: Tables,
        models: Models,
        paths: PathPolicy,
        take_fault: TakeFault,
        unwritable: MutableMapping[str, str],
        new_file: Callable[[], Path],
        settings: Settings,
        engine: Engine,
    ) -> None:
        self._find_plan = find_plan
        self._tracker = tracker
        self._tables = tables
        self._models = models
        self._paths = paths
        self._take_fault = take_fault
        self._unwritable = unwritable
        self._new_file = new_file
        self._seed = settings.seed
        self._engines = settings.engines
        self._engine = engine

    # Under the server's lock

    def begin(self, job: Job, attempt: Attempt) -> Computation | None:
        """Gather what an attempt needs; None when there is nothing to compute, and the outcome is noted in it.

        Raises:
            LookupError: the job has no plan.
        """
        plan = self._find_plan(job.job_id)
        if plan is None:
            raise LookupError(f"job {job.job_id} has no plan")
        access = Access(
            self._tables, self._models, self._paths, self._new_file, job.content, job.initiator,
            job.site_of,
        )  # fmt: skip
        computation = Computation(
            job.job_id,
            attempt.component,
            attempt.version,
            plan,
            list(attempt.parties),
            access,
            attempt.due,
            attempt.settled,
        )
        if job.engine in _ABSENT_ENGINES and job.engine not in self._engines:
            attempt.unlaunched = not _ABSENT_ENGINES[job.engine]
            text = f"no {job.engine} engine is reachable"
            attempt.outcome = dict.fromkeys(attempt.parties, KILLED) | {attempt.parties[0]: FAILED}
            attempt.messages[attempt.parties[0]] = text
            return None
        kind = find_kind(plan.graph.module(attempt.component))
        if kind is not None and kind.later.retired and plan.dialect.retires:
            attempt.outcome = dict.fromkeys(attempt.parties, FAILED)
            attempt.messages |= dict.fromkeys(attempt.parties, kind.later.retired)
            return None
        if (lost := lost_party(attempt)) is not None:
            computation.outcome[lost] = LOST
            computation.parties.remove(lost)
        return self._gather(job, attempt, computation)

    def keep(
        self,
        job: Job,
        attempt: Attempt,
        computation: Computation,
        result: Results | ComponentFailed,
    ) -> Computation | None:
        """Keep the result of a computation.

        Args:
            job: the job.
            attempt: the attempt that it belongs to, which nothing has happened to meanwhile.
            computation: the computation.
            result: what `compute` returned.

        Returns:
            the computation for the parties that are left after others failed by themselves; None when the attempt
            has its outcome.
        """
        failure = (
            result
            if isinstance(result, ComponentFailed)
            else self._keep_results(job, attempt, computation, result)
        )
        self._release(computation)
        if failure is None:
            computation.outcome |= dict.fromkeys(computation.parties, SUCCESS)
            computation.parties = []
        else:
            self._fail(attempt, computation, failure)
        return self._gather(job, attempt, computation)

    def discard(self, computation: Computation) -> None:
        """Drop what a computation has, because nobody waits for it any more."""
        self._release(computation)
        computation.access.forget_copy()

    def disown(self, computation: Computation) -> None:
        """Drop a computation of a world that is no more, where another task may have its key."""
        self.discard(computation)
        self._unwritable.pop(computation.key, None)

    def _gather(self, job: Job, attempt: Attempt, computation: Computation) -> Computation | None:
        """Give the parties that are left what they compute from; None when there are none, and all is noted."""
        while computation.parties:
            failure = self._prepare(attempt, computation)
            if failure is None:
                return computation
            self._release(computation)
            self._fail(attempt, computation, failure)
        attempt.outcome = computation.outcome
        attempt.messages |= computation.messages
        computation.access.forget_copy()
        if job.content is not None:
            self._tables.at(job.site_of(job.initiator)).forget(Path(job.content))
            job.content = None
        return None

    def _prepare(self, attempt: Attempt, computation: Computation) -> ComponentFailed | None:
        """Put the run together, or return why there can be none."""
        fault = self._take_fault(computation.component, computation.parties)
        fault = fault or ordered_failure(attempt, computation.parties)
        if fault is not None:
            party, message = fault
            return ComponentFailed(message, party)
        if computation.key in self._unwritable:
            return ComponentFailed(self._unwritable[computation.key], computation.parties[0])
        try:
            computation.run = self._component_run(computation)
        except Interrupted:
            raise
        # Whatever goes wrong with a component fails its task; it must not fail every request that comes after.
        except Exception as problem:
            return _failure(problem, computation)
        return None

    @staticmethod
    def _fail(attempt: Attempt, computation: Computation, failure: ComponentFailed) -> None:
        """Note a failure; where the parties work together, the others are killed."""
        party = Party(*failure.party)
        party = party if party in computation.parties else computation.parties[0]
        computation.outcome[party] = FAILED
        computation.messages[party] = failure.message
        kind = find_kind(computation.plan.graph.module(computation.component))
        if kind is None or not kind.alone:
            outcome = computation.outcome
            outcome |= {other: KILLED for other in attempt.parties if other not in outcome}
        computation.parties = [one for one in computation.parties if one not in computation.outcome]

    # Without the lock

    def compute(self, computation: Computation) -> Results | ComponentFailed:
        """Return what the parties of a computation are left with, its tables stored; or how it failed."""
        if computation.run is None:
            raise ValueError(f"nothing was gathered for {computation.key}")
        try:
            results = self._engine.compute(computation.run)
            for party in computation.parties:
                result = results.get(party) or PartyResult()
                rows = computation.rows.setdefault(party, [])
                rows.extend(map(self._tables.store_rows, result.tables))
        except Interrupted:
            raise
        except NotStored as problem:
            return self._blame_storage(computation, problem)
        # Whatever goes wrong in a component fails its task; it must not fail every request that comes after.
        except Exception as problem:
            return _failure(problem, computation)
        return results

    def _blame_storage(self, computation: Computation, problem: Exception) -> ComponentFailed:
        text = f"the output cannot be stored: {problem}"
        self._unwritable[computation.key] = text
        return ComponentFailed(text, computation.parties[0])

    def _release(self, computation: Computation) -> None:
        """Let go of inputs, and drop rows that no table has."""
        for rows in computation.rows.values():
            while rows:
                self._tables.drop_rows(rows.pop())
        computation.rows = {}
        computation.run = None
        computation.access.release()

    def _component_run(self, computation: Computation) -> ComponentRun:
        plan, name, parties = computation.plan, computation.component, computation.parties
        access = computation.access
        inputs = Inputs(computation, self._tracker.get, self._models)
        return ComponentRun(
            job_id=computation.job_id,
            component=name,
            module=plan.graph.module(name),
            job_type=plan.job_type,
            seed=self._seed,
            parties=list(parties),
            parameters={party: complete_parameters(plan, name, party) for party in parties},
            inputs={party: inputs.tables(party) for party in parties},
            models={party: inputs.model(party) for party in parties},
            isometric={party: inputs.isometric(party) for party in parties},
            caches={party: inputs.caches(party) for party in parties},
            aliases=list(plan.graph.outputs(name)),
            behaviour=plan.dialect.behaviour,
            read_table=access.read_table,
            write_table=access.write_table,
            locate=access.locate,
            write_file=access.write_file,
            store_model=access.store_model,
            restore_model=access.restore_model,
            load_model=access.load_model,
            find_caches=lambda party, asked: self._find_caches(access, party, asked),
        )

    def _find_caches(self, access: Access, party: Party, asked: Mapping[str, Any]) -> list[Cache]:
        with self._tables.lock:
            documents = list(find_documents(self._tracker.caches(party), asked))
        return [read_cache(access, document, party) for document in documents]

    # What comes out

    def _keep_results(
        self, job: Job, attempt: Attempt, computation: Computation, results: Results
    ) -> ComponentFailed | None:
        """Store what a component put out on its parties, or return why that cannot be."""
        names = computation.plan.graph.outputs(attempt.component)
        put_out = [one for party in computation.parties if (one := results.get(party))]
        if any(0 < len(names) < len(one.tables) and not one.data_names for one in put_out):
            # Every party looks for a name of each table that one of them has.
            first, *others = computation.parties
            computation.outcome |= dict.fromkeys(others, FAILED)
            computation.messages |= dict.fromkeys(others, _UNNAMED)
            return ComponentFailed(_UNNAMED, first)
        try:
            computation.access.keep_uploads()
            for party in computation.parties:
                self._keep(job, attempt, computation, party, results.get(party) or PartyResult())
        except Interrupted:
            raise
        except NotStored as problem:
            return self._blame_storage(computation, problem)
        # What a component hands back may be of any form; it must not fail every request that comes after.
        except Exception as problem:
            return _failure(problem, computation)
        return None

    def _keep(
        self,
        job: Job,
        attempt: Attempt,
        computation: Computation,
        party: Party,
        result: PartyResult,
    ) -> None:
        """Store what a component put out on a party."""
        for model in (result.model, *result.checkpoints.values()):
            if model is not None:
                line = computation.plan.dialect.line
                leave_out(model.meta_message, model.meta, line)
                leave_out(model.param_message, model.param, line)
        aliases = result.data_names or computation.plan.graph.outputs(attempt.component)
        namespace = f"{OUTPUT_NAMESPACE}{job.task_id(attempt.component)}_{attempt.version}"
        there = self._tables.at(job.site_of(party))
        tables: list[OutputTable] = []
        rows = computation.rows.get(party, [])
        for index, table in enumerate(result.tables):
            alias = aliases[index] if index < len(aliases) else str(index)
            name = table_name(namespace, party, alias)
            stored = rows.pop(0) if rows else None
            there.put(table, namespace, name, table.partitions, stored=stored)
            tables.append({"data_name": alias, "namespace": namespace, "name": name})
        for data_name, stored_namespace, stored_name in result.stored:
            tables.append(
                {"data_name": data_name, "namespace": stored_namespace, "name": stored_name}
            )
        task_id, kept = job.task_id(attempt.component), result.cache
        cache = None
        if kept is not None:
            cache = keep_cache(there, computation, task_id, party, kept)
        self._tracker.add(
            job.job_id,
            attempt.component,
            attempt.version,
            party,
            result,
            tables,
            attempt.ends(attempt.parties.index(party)),
            cache,
        )


def _failure(problem: Exception, computation: Computation) -> ComponentFailed:
    """Return how a component failed with an exception, which is logged unless it is what components fail with."""
    if isinstance(problem, ComponentFailed):
        return problem
    log.error("component %s", computation.key, exc_info=problem)
    return ComponentFailed(str(problem) or type(problem).__name__, computation.parties[0])
