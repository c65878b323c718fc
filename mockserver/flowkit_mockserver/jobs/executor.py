"""Running the component of a task: its inputs are fetched, its outputs put away."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

from flowkit_mockserver.components.core.interface import (
    Cache,
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.data.paths import PathPolicy
from flowkit_mockserver.data.tables import Tables
from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.jobs.job import FAILED, KILLED, SUCCESS, Attempt, Job
from flowkit_mockserver.jobs.tracker import (
    CACHE_NAMESPACE,
    OUTPUT_NAMESPACE,
    CacheDocument,
    OutputTable,
    Tracker,
)
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party
from flowkit_mockserver.store import NotStored

__all__ = ["Executor", "TakeFault"]

log = logging.getLogger(__name__)

#: Engines that a standalone server only pretends to have, and whether a process is launched for them at all.
_ABSENT_ENGINES = {"EGGROLL": True, "SPARK": False, "LINKIS_SPARK": False}
_PIPELINE = "pipeline"

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
        unwritable: by job, component and version, why an output could not be written; such a task fails.
        new_file: makes an empty file of the server's own.
        seed: seeds whatever is made up.
    """

    def __init__(
        self,
        find_plan: Callable[[str], Plan | None],
        tracker: Tracker,
        tables: Tables,
        models: Models,
        paths: PathPolicy,
        take_fault: TakeFault,
        unwritable: MutableMapping[tuple[str, str, int], str],
        new_file: Callable[[], Path],
        seed: int,
    ) -> None:
        self._find_plan = find_plan
        self._tracker = tracker
        self._tables = tables
        self._models = models
        self._paths = paths
        self._take_fault = take_fault
        self._unwritable = unwritable
        self._new_file = new_file
        self._seed = seed

    def run(self, job: Job, attempt: Attempt) -> None:
        """Run the component of an attempt and note the outcome in it."""
        plan = self._find_plan(job.job_id)
        if plan is None:
            raise LookupError(f"job {job.job_id} has no plan")
        if job.engine in _ABSENT_ENGINES:
            attempt.unlaunched = not _ABSENT_ENGINES[job.engine]
            self._fail(
                attempt, attempt.parties[0], f"no {job.engine} engine is reachable", alone=False
            )
            return
        kind = find_kind(plan.graph.module(attempt.component))
        alone = kind is not None and kind.alone
        if kind is not None and kind.later.retired and plan.dialect.retires:
            attempt.outcome = {}
            for party in attempt.parties:
                self._fail(attempt, party, kind.later.retired, alone=True)
            return
        survivors = list(attempt.parties)
        attempt.outcome = {}
        while survivors:
            failure = self._try(job, plan, attempt, survivors)
            if failure is None:
                break
            party = Party(*failure.party)
            party = party if party in survivors else survivors[0]
            self._fail(attempt, party, failure.message, alone=alone)
            survivors = [party for party in survivors if party not in attempt.outcome]
        if job.content is not None:
            self._tables.forget(Path(job.content))
            job.content = None

    def _try(
        self, job: Job, plan: Plan, attempt: Attempt, parties: list[Party]
    ) -> ComponentFailed | None:
        """Run the component on these parties and keep what it put out, or return how it failed."""
        fault = self._take_fault(attempt.component, parties)
        if fault is not None:
            party, message = fault
            return ComponentFailed(message, party)
        key = (job.job_id, attempt.component, attempt.version)
        if key in self._unwritable:
            return ComponentFailed(self._unwritable[key], parties[0])
        try:
            results = run_component(self._component_run(job, plan, attempt, parties))
            for party in parties:
                self._keep(job, plan, attempt, party, results.get(party) or PartyResult())
        except ComponentFailed as failure:
            return failure
        except (sqlite3.Error, NotStored) as problem:
            self._unwritable[key] = f"the output cannot be stored: {problem}"
            return ComponentFailed(self._unwritable[key], parties[0])
        # Whatever goes wrong in a component fails its task; it must not fail every request that comes after.
        except Exception as problem:
            log.exception("component %s of job %s", attempt.component, job.job_id)
            return ComponentFailed(str(problem) or type(problem).__name__, parties[0])
        outcome = {} if attempt.outcome is None else attempt.outcome
        outcome |= dict.fromkeys(parties, SUCCESS)
        return None

    @staticmethod
    def _fail(attempt: Attempt, party: Party, message: str, *, alone: bool) -> None:
        """Note a failure; where the parties work together, the others are killed."""
        outcome = {} if attempt.outcome is None else attempt.outcome
        outcome[party] = FAILED
        attempt.messages[party] = message
        if not alone:
            outcome |= {other: KILLED for other in attempt.parties if other not in outcome}
        attempt.outcome = outcome

    def _component_run(
        self, job: Job, plan: Plan, attempt: Attempt, parties: list[Party]
    ) -> ComponentRun:
        name = attempt.component
        stored = plan.parameters.get(name, {})
        return ComponentRun(
            job_id=job.job_id,
            component=name,
            module=plan.graph.module(name),
            job_type=plan.job_type,
            seed=self._seed,
            parties=parties,
            parameters={
                party: _complete(plan, name, stored[party.role][party.party_id])
                for party in parties
            },
            inputs={party: self._inputs(job, plan, name, party) for party in parties},
            models={party: self._model(job, plan, name, party) for party in parties},
            isometric={party: self._isometric(job, plan, name, party) for party in parties},
            caches={party: self._caches(job, plan, name, party) for party in parties},
            aliases=list(plan.graph.outputs(name)),
            behaviour=plan.dialect.behaviour,
            read_table=self._tables.read,
            write_table=self._tables.upload,
            locate=self._locate(job),
            write_file=self._write_file(job),
            find_caches=self._find_caches,
            store_model=self._store_model,
            restore_model=self._restore_model,
        )

    # What goes in

    def _inputs(
        self, job: Job, plan: Plan, component: str, party: Party
    ) -> dict[str, list[tuple[str, TableData]]]:
        found: dict[str, list[tuple[str, TableData]]] = {}
        for key, references in plan.graph.inputs(component).items():
            for reference in references:
                source, _, alias = reference.partition(".")
                table = (
                    self._argument(plan, alias, party)
                    if source == "args"
                    else self._output_table(job.job_id, source, alias, party)
                )
                if table is not None:
                    found.setdefault(key, []).append((source, table))
        return found

    def _argument(self, plan: Plan, key: str, party: Party) -> TableData | None:
        role, party_id = party
        given = plan.sources.get(role)
        if given is None:
            return None
        address = given[[str(party) for party in plan.roles[role]].index(party_id)].get(key)
        if address is None:
            return None
        name, namespace = address["name"], address["namespace"]
        table = self._tables.read(namespace, name)
        if table is None:
            raise ComponentFailed(f"can not found table name: {name} namespace: {namespace}", party)
        return table

    def _output_table(
        self, job_id: str, component: str, alias: str, party: Party
    ) -> TableData | None:
        output = self._tracker.get(job_id, component, party)
        for table in output["tables"] if output else ():
            if table["data_name"] == alias:
                return self._tables.read(table["namespace"], table["name"])
        return None

    def _model(self, job: Job, plan: Plan, component: str, party: Party) -> Model | None:
        references = plan.graph.model_inputs(component)
        return self._find_model(job, plan, references[0], party) if references else None

    def _isometric(self, job: Job, plan: Plan, component: str, party: Party) -> list[Model]:
        models = [
            self._find_model(job, plan, reference, party)
            for reference in plan.graph.isometric_inputs(component)
        ]
        return [model for model in models if model is not None]

    def _find_model(self, job: Job, plan: Plan, reference: str, party: Party) -> Model | None:
        source, _, rest = reference.partition(".")
        document: Mapping[str, Any] | None = None
        if source == _PIPELINE:
            component, _, alias = rest.partition(".")
            record = self._models.find(party, plan.model_id, plan.model_version)
            if record is not None:
                document = record["components"].get(component, {}).get(alias)
        else:
            output = self._tracker.get(job.job_id, source, party)
            document = output["model"] if output else None
        return None if document is None else Model.from_document(document)

    def _caches(self, job: Job, plan: Plan, component: str, party: Party) -> list[Cache | None]:
        found: list[Cache | None] = []
        for reference in plan.graph.cache_inputs(component):
            output = self._tracker.get(job.job_id, reference.partition(".")[0], party)
            document = output.get("cache") if output else None
            found.append(self._read_cache(document) if document else None)
        return found

    def _find_caches(self, party: Party, asked: Mapping[str, Any]) -> list[Cache]:
        # A key says it all.
        names = ["cache_key"] if asked.get("cache_key") is not None else list(asked)
        return [
            self._read_cache(document)
            for document in self._tracker.caches(party)
            if all(
                asked[name] is None or str(asked[name]) == value
                for name, value in document["filed"].items()
                if name in names
            )
        ]

    def _read_cache(self, document: CacheDocument) -> Cache:
        tables = {}
        for party_id, at in document["tables"].items():
            table = self._tables.read(at["namespace"], at["name"])
            if table is not None:
                tables[party_id] = table
        return Cache(tables, document["meta"], document["record"])

    def _keep_cache(
        self, job: Job, plan: Plan, attempt: Attempt, party: Party, cache: Cache
    ) -> CacheDocument:
        """Store a cache; of one that a component only hands on it is told where it came from."""
        component, task_id = attempt.component, job.task_id(attempt.component)
        alias = next(iter(plan.graph.cache_outputs(component)), "0")
        key = _table_name(f"{job.job_id}/{component}/{attempt.version}", party, alias)
        own = {
            "name": alias,
            "key": key,
            "job_id": job.job_id,
            "component_name": component,
            "task_id": task_id,
            "task_version": attempt.version,
        }
        tables: dict[str, OutputTable] = {}
        namespace = f"{CACHE_NAMESPACE}{task_id}_{attempt.version}"
        for party_id, table in cache.tables.items():
            name = f"{_table_name(namespace, party, alias)}_{party_id}"
            self._tables.put(table, namespace, name, table.partitions)
            tables[party_id] = {"data_name": alias, "namespace": namespace, "name": name}
        return {
            "filed": {
                "cache_key": key,
                "job_id": job.job_id,
                "component_name": component,
                "cache_name": alias,
            },
            "record": {**own, **cache.record, "key": key},
            "meta": {party_id: dict(entry) for party_id, entry in cache.meta.items()},
            "tables": tables,
        }

    def _locate(self, job: Job) -> Callable[[str], Path]:
        """Return what finds the file of an upload: that of the request, or a copy of one on this machine."""

        def locate(text: str) -> Path:
            if job.content is None:
                path = self._new_file()
                # From here on it is like a file that came with the request: it goes when the job has it.
                job.content = str(path)
                try:
                    self._paths.copy(text, path)
                except FileNotFoundError:
                    return path.with_name("absent")
                except (Refusal, OSError) as refused:
                    raise ComponentFailed(str(refused), job.initiator) from refused
            return Path(job.content)

        return locate

    def _write_file(self, job: Job) -> Callable[[str, Iterable[str]], None]:
        def write(text: str, lines: Iterable[str]) -> None:
            try:
                self._paths.write(text, lines)
            except (Refusal, OSError) as refused:
                raise ComponentFailed(str(refused), job.initiator) from refused

        return write

    def _store_model(self, parameters: Mapping[str, Any]) -> None:
        try:
            self._models.store_model(
                parameters["model_id"],
                parameters["model_version"],
                bool(parameters.get("force_update")),
            )
        except Refusal as refused:
            raise RuntimeError(refused.retmsg) from refused

    def _restore_model(self, parameters: Mapping[str, Any]) -> None:
        try:
            self._models.restore_model(parameters["model_id"], parameters["model_version"])
        except Refusal as refused:
            raise RuntimeError(refused.retmsg) from refused

    # What comes out

    def _keep(
        self, job: Job, plan: Plan, attempt: Attempt, party: Party, result: PartyResult
    ) -> None:
        """Store what a component put out on a party."""
        aliases = result.data_names or plan.graph.outputs(attempt.component)
        namespace = f"{OUTPUT_NAMESPACE}{job.task_id(attempt.component)}_{attempt.version}"
        tables: list[OutputTable] = []
        for index, table in enumerate(result.tables):
            alias = aliases[index] if index < len(aliases) else str(index)
            name = _table_name(namespace, party, alias)
            self._tables.put(table, namespace, name, table.partitions)
            tables.append({"data_name": alias, "namespace": namespace, "name": name})
        for data_name, stored_namespace, stored_name in result.stored:
            tables.append(
                {"data_name": data_name, "namespace": stored_namespace, "name": stored_name}
            )
        self._tracker.add(
            job.job_id,
            attempt.component,
            attempt.version,
            party,
            result,
            tables,
            attempt.ends(attempt.parties.index(party)),
            None
            if result.cache is None
            else self._keep_cache(job, plan, attempt, party, result.cache),
        )


def _complete(plan: Plan, component: str, stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return parameters of a later line with those that its class has dropped: an algorithm may ask for them."""
    kind = find_kind(plan.graph.module(component)) if plan.dialect.own_project else None
    if kind is None:
        return stored
    return {**stored, "ComponentParam": {**kind.defaults, **stored["ComponentParam"]}}


def _table_name(namespace: str, party: Party, alias: str) -> str:
    # The real server draws 32 hexadecimal digits; here they follow from what the table is.
    return hashlib.sha256(f"{namespace}/{party.key}/{alias}".encode()).hexdigest()[:32]
