"""Running the component of a task: its inputs are fetched, its outputs put away."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.components.core.interface import (
    ComponentFailed,
    ComponentRun,
    Model,
    PartyResult,
    TableData,
)
from flowkit_mockserver.components.core.run import run_component
from flowkit_mockserver.dsl.plan import Plan
from flowkit_mockserver.errors import FlowFault
from flowkit_mockserver.jobs.fates import Fates
from flowkit_mockserver.jobs.job import Attempt, Job, party_key
from flowkit_mockserver.jobs.status import FAILED, SUCCESS
from flowkit_mockserver.jobs.tracker import Outputs
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit_mockserver.state import ServerState

__all__ = ["Execution"]

log = logging.getLogger(__name__)

#: Engines that a standalone server only pretends to have, and whether a process is launched for them at all.
_ABSENT_ENGINES = {"EGGROLL": True, "SPARK": False, "LINKIS_SPARK": False}
_PIPELINE = "pipeline"


class Execution:
    """Runs attempts.

    Args:
        state: the server.
        plans: the plan of a job.
        outputs: where results go, and where inputs come from.
        fates: failures that were ordered.
    """

    def __init__(
        self,
        state: ServerState,
        plans: Callable[[str], Plan | None],
        outputs: Outputs,
        fates: Fates,
    ) -> None:
        self._state = state
        self._plans = plans
        self._outputs = outputs
        self._fates = fates

    def run(self, job: Job, attempt: Attempt) -> None:
        """Run the component of an attempt and note the outcome in it."""
        plan = self._plans(job.job_id)
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
        survivors = list(attempt.parties)
        attempt.outcome = {}
        while survivors:
            failure = self._try(job, plan, attempt, survivors)
            if failure is None:
                break
            party = party_key(*failure.party)
            party = party if party in survivors else survivors[0]
            self._fail(attempt, party, failure.message, alone=alone)
            survivors = [key for key in survivors if key not in attempt.outcome]
        if job.content is not None:
            self._state.tables.forget(Path(job.content))
            job.content = None

    def _try(
        self, job: Job, plan: Plan, attempt: Attempt, parties: list[str]
    ) -> ComponentFailed | None:
        """Run the component on these parties and keep what it put out, or return how it failed."""
        stroke = self._fates.strike(attempt.component, parties)
        if stroke is not None:
            return ComponentFailed(stroke[1], _pair(stroke[0]))
        try:
            results = run_component(self._component_run(job, plan, attempt, parties))
        except ComponentFailed as failure:
            return failure
        # Whatever goes wrong in a component fails its task; it must not fail every request that comes after.
        except Exception as problem:
            log.exception("component %s of job %s", attempt.component, job.job_id)
            return ComponentFailed(str(problem) or type(problem).__name__, _pair(parties[0]))
        outcome = {} if attempt.outcome is None else attempt.outcome
        for party in parties:
            self._keep(job, plan, attempt, party, results.get(_pair(party)) or PartyResult())
            outcome[party] = SUCCESS
        return None

    @staticmethod
    def _fail(attempt: Attempt, party: str, message: str, *, alone: bool) -> None:
        """Note a failure; where the parties work together, the others are killed."""
        outcome = {} if attempt.outcome is None else attempt.outcome
        outcome[party] = FAILED
        attempt.messages[party] = message
        if not alone:
            outcome |= {other: "killed" for other in attempt.parties if other not in outcome}
        attempt.outcome = outcome

    def _component_run(
        self, job: Job, plan: Plan, attempt: Attempt, parties: list[str]
    ) -> ComponentRun:
        name = attempt.component
        stored = plan.parameters.get(name, {})
        pairs = [_pair(party) for party in parties]
        return ComponentRun(
            job_id=job.job_id,
            component=name,
            module=plan.graph.module(name),
            job_type=plan.job_type,
            seed=self._state.settings.seed,
            parties=pairs,
            parameters={pair: stored[pair.role][pair.party_id] for pair in pairs},
            inputs={pair: self._inputs(job, plan, name, pair) for pair in pairs},
            models={pair: self._model(job, plan, name, pair) for pair in pairs},
            isometric={pair: self._isometric(job, plan, name, pair) for pair in pairs},
            aliases=list(plan.graph.outputs(name)),
            read_table=self._state.tables.read,
            write_table=self._state.tables.upload,
            locate=self._locate(job),
            store_model=self._store_model,
            restore_model=self._restore_model,
        )

    # What goes in

    def _inputs(
        self, job: Job, plan: Plan, component: str, pair: Party
    ) -> dict[str, list[tuple[str, TableData]]]:
        found: dict[str, list[tuple[str, TableData]]] = {}
        for key, references in plan.graph.inputs(component).items():
            for reference in references:
                source, _, alias = reference.partition(".")
                table = (
                    self._argument(plan, alias, pair)
                    if source == "args"
                    else self._output_table(job.job_id, source, alias, pair)
                )
                if table is not None:
                    found.setdefault(key, []).append((source, table))
        return found

    def _argument(self, plan: Plan, key: str, pair: Party) -> TableData | None:
        role, party_id = pair
        given = plan.sources.get(role)
        if given is None:
            return None
        address = given[[str(party) for party in plan.roles[role]].index(party_id)].get(key)
        if address is None:
            return None
        name, namespace = address["name"], address["namespace"]
        table = self._state.tables.read(namespace, name)
        if table is None:
            raise ComponentFailed(f"can not found table name: {name} namespace: {namespace}", pair)
        return table

    def _output_table(
        self, job_id: str, component: str, alias: str, pair: Party
    ) -> TableData | None:
        output = self._outputs.get(job_id, component, party_key(*pair))
        for table in output["tables"] if output else ():
            if table["data_name"] == alias:
                return self._state.tables.read(table["namespace"], table["name"])
        return None

    def _model(self, job: Job, plan: Plan, component: str, pair: Party) -> Model | None:
        references = plan.graph.model_inputs(component)
        return self._find_model(job, plan, references[0], pair) if references else None

    def _isometric(self, job: Job, plan: Plan, component: str, pair: Party) -> list[Model]:
        models = [
            self._find_model(job, plan, reference, pair)
            for reference in plan.graph.isometric_inputs(component)
        ]
        return [model for model in models if model is not None]

    def _find_model(self, job: Job, plan: Plan, reference: str, pair: Party) -> Model | None:
        source, _, rest = reference.partition(".")
        document: Mapping[str, Any] | None = None
        if source == _PIPELINE:
            component, _, alias = rest.partition(".")
            record = self._state.models.find(*pair, plan.model_id, plan.model_version)
            if record is not None:
                document = record["components"].get(component, {}).get(alias)
        else:
            output = self._outputs.get(job.job_id, source, party_key(*pair))
            document = output["model"] if output else None
        return None if document is None else Model.from_document(document)

    def _locate(self, job: Job) -> Callable[[str], Path]:
        def locate(text: str) -> Path:
            if job.content is not None:
                return Path(job.content)
            try:
                return self._state.paths.locate(text)
            except FlowFault as refused:
                raise ComponentFailed(refused.retmsg, _pair(job.initiator)) from refused

        return locate

    def _store_model(self, parameters: Mapping[str, Any]) -> None:
        try:
            self._state.models.store_model(
                parameters["model_id"],
                parameters["model_version"],
                bool(parameters.get("force_update")),
            )
        except FlowFault as refused:
            raise RuntimeError(refused.retmsg) from refused

    def _restore_model(self, parameters: Mapping[str, Any]) -> None:
        try:
            self._state.models.restore_model(parameters["model_id"], parameters["model_version"])
        except FlowFault as refused:
            raise RuntimeError(refused.retmsg) from refused

    # What comes out

    def _keep(
        self, job: Job, plan: Plan, attempt: Attempt, party: str, result: PartyResult
    ) -> None:
        """Store what a component put out on a party."""
        aliases = result.data_names or plan.graph.outputs(attempt.component)
        namespace = f"output_data_{job.task_id(attempt.component)}_{attempt.version}"
        tables = []
        for index, table in enumerate(result.tables):
            alias = aliases[index] if index < len(aliases) else str(index)
            name = _table_name(namespace, party, alias)
            self._state.tables.put(table, namespace, name, table.partitions)
            tables.append({"data_name": alias, "namespace": namespace, "name": name})
        for data_name, stored_namespace, stored_name in result.stored:
            tables.append(
                {"data_name": data_name, "namespace": stored_namespace, "name": stored_name}
            )
        self._outputs.add(
            job.job_id,
            attempt.component,
            attempt.version,
            party,
            result,
            tables,
            attempt.ends(attempt.parties.index(party)),
        )


def _pair(party: str) -> Party:
    return Party.parse(party)


def _table_name(namespace: str, party: str, alias: str) -> str:
    # The real server draws 32 hexadecimal digits; here they follow from what the table is.
    return hashlib.sha256(f"{namespace}/{party}/{alias}".encode()).hexdigest()[:32]
