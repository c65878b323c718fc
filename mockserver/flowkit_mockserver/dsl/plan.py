"""The plan of a job: all that is decided when it is submitted, and what a party may see of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from flowkit_mockserver.dsl.conf import dsl_version
from flowkit_mockserver.dsl.parsing import FIRST, Parsed, Sources, parse

if TYPE_CHECKING:
    from flowkit_mockserver.dialects import Dialect
    from flowkit_mockserver.dsl.graph import Graph

__all__ = ["Plan", "PlannedTask", "data_sets", "job_cores", "job_view", "party_order"]

Json = dict[str, Any]
ByParty = Mapping[str, Mapping[str, Json]]


class PlannedTask(NamedTuple):
    """A component on one party that runs it."""

    component: str
    role: str
    party_id: int


@dataclass(frozen=True)
class Plan:
    """A submitted job, before anything has run.

    A plan is its document (`to_document`); what else it offers follows from that and is worked out
    when it is first asked for, so keep a plan that is asked often.

    Attributes:
        job_id: id of the job.
        job_type: ``train`` or ``predict``.
        dsl: the DSL that runs; for a prediction the inference DSL of the model.
        runtime_conf: the completed runtime conf (f_runtime_conf).
        train_runtime_conf: the conf of the model's training for a prediction, otherwise ``{}``.
        job_parameters: role -> party -> flat RunParameters as that party keeps them.
        common_parameters: the flat RunParameters of the initiator, the baseline of all.
        dialect: how the server speaks that plans it; not a part of the document.
    """

    job_id: str
    job_type: str
    dsl: Json
    runtime_conf: Json
    train_runtime_conf: Json
    job_parameters: ByParty
    common_parameters: Json
    dialect: Dialect = FIRST

    # -- what the conf says ------------------------------------------------------------------------

    @property
    def dsl_version(self) -> int:
        """Grammar of the DSL, 1 or 2."""
        return dsl_version(self.runtime_conf)

    @property
    def roles(self) -> dict[str, list[int]]:
        """Role -> parties, in the order of the conf."""
        roles: dict[str, list[int]] = self.runtime_conf["role"]
        return roles

    @property
    def initiator(self) -> tuple[str, int]:
        """Role and party id of the initiator."""
        initiator = self.runtime_conf["initiator"]
        return initiator["role"], initiator["party_id"]

    @property
    def work_mode(self) -> int:
        """0 standalone, 1 cluster."""
        return int(self.common_parameters.get("work_mode", 0))

    @property
    def model_id(self) -> str:
        """Id of the model that is trained or used."""
        return str(self.common_parameters["model_id"])

    @property
    def model_version(self) -> str:
        """Version of the model: the job's own id for a training."""
        return str(self.common_parameters["model_version"])

    @cached_property
    def runtime_conf_on_party(self) -> ByParty:
        """Role -> party -> the conf with the flat job parameters of that party."""
        return {
            role: {
                party: self.runtime_conf | {"job_parameters": parameters}
                for party, parameters in parties.items()
            }
            for role, parties in self.job_parameters.items()
        }

    # -- what the DSL says -------------------------------------------------------------------------

    @cached_property
    def parsed(self) -> Parsed:
        """The DSL and the conf, read together."""
        return parse(self.dsl, self.runtime_conf, self.train_runtime_conf, dialect=self.dialect)

    @property
    def effective_conf(self) -> Mapping[str, Any]:
        """The conf that counts: for a prediction that of the training, overlaid with its own."""
        return self.parsed.conf

    @property
    def graph(self) -> Graph:
        """The graph of the components."""
        return self.parsed.graph

    @property
    def sources(self) -> Sources:
        """Role -> per party where the data comes from; see `parsing.Sources`."""
        return self.parsed.sources

    @property
    def inference_dsl(self) -> Json:
        """What a v1 training derives for predictions; ``{}`` for anything else."""
        return self.parsed.inference_dsl

    @cached_property
    def parameters(self) -> Mapping[str, ByParty]:
        """Component -> role -> party -> stored parameters (see `parameters.parameters_answer`).

        A role that does not run the component is absent.
        """
        return {
            component: {
                role: {str(stored["local"]["party_id"]): stored for stored in parties}
                for role, parties in by_role.items()
            }
            for component, by_role in self.parsed.parameters.items()
        }

    def tasks(self) -> Iterator[PlannedTask]:
        """Yield the tasks of the job: party by party, components in topological order."""
        for role, parties in self.roles.items():
            for party in parties:
                for component in self.graph.order:
                    if str(party) in self.parameters[component].get(role, {}):
                        yield PlannedTask(component, role, party)

    # -- storing -----------------------------------------------------------------------------------

    def to_document(self) -> Json:
        """Return the plan as plain JSON."""
        return {
            "job_id": self.job_id,
            "job_type": self.job_type,
            "dsl": self.dsl,
            "runtime_conf": self.runtime_conf,
            "train_runtime_conf": self.train_runtime_conf,
            "job_parameters": {role: dict(own) for role, own in self.job_parameters.items()},
            "common_parameters": self.common_parameters,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any], dialect: Dialect = FIRST) -> Self:
        """Return the plan whose `to_document` gave `document`."""
        return cls(**document, dialect=dialect)


def job_view(plan: Plan, role: str, party: int) -> dict[str, Any]:
    """Return ``partner``, ``dataset`` and ``roles`` as `role` and `party` see them (tracking/job/data_view).

    The initiator sees everybody's data and roles, the others their own.

    Raises:
        KeyError: a table has no name or no namespace.
    """
    sees_all = (role, party) == plan.initiator
    partner: dict[str, list[int]] = {}
    shown: dict[str, list[int]] = {}
    for other_role, parties in plan.roles.items():
        others = [other for other in parties if other_role != role or other != party]
        if others or other_role != role:
            partner[other_role] = others
        if sees_all or other_role == role:
            shown[other_role] = [other for other in parties if sees_all or other == party]
    return {"partner": partner, "dataset": data_sets(plan, role, party), "roles": shown}


def data_sets(plan: Plan, role: str, party: int) -> dict[str, dict[str, dict[str, str]]]:
    """Return the tables that a party sees: role -> party -> reader or args key -> table.

    A table reads ``namespace.name``.

    Raises:
        KeyError: a table has no name or no namespace.
    """
    sees_all = (role, party) == plan.initiator
    seen: dict[str, dict[str, dict[str, str]]] = {}
    for source_role, per_party in plan.sources.items():
        if not (sees_all or source_role == role):
            continue
        for index, sources in enumerate(per_party):
            owner = plan.roles[source_role][index]
            if not (sees_all or owner == party):
                continue
            tables = seen.setdefault(source_role, {}).setdefault(str(owner), {})
            for name, source in sources.items():
                if plan.dsl_version == 1:
                    tables[name] = f"{source['namespace']}.{source['name']}"
                    continue
                for table in source.values():
                    tables[name] = f"{table['namespace']}.{table['name']}"
    return seen


def party_order(plan: Plan) -> list[tuple[str, int]]:
    """Return the parties in the order of the job's creation: the conf's; before 1.7 the initiator comes last."""
    parties = [(role, party) for role, found in plan.roles.items() for party in found]
    if plan.dialect.own_project and plan.initiator in parties:
        return parties
    return [one for one in parties if one != plan.initiator] + [plan.initiator]


def job_cores(plan: Plan, role: str, party: int | str) -> int:
    """Return how many cores the job takes on a party; an arbiter's are not counted."""
    own = plan.job_parameters[role][str(party)]
    if own.get("backend") == 3:
        return 0
    if role == "arbiter" and own["computing_engine"] in ("STANDALONE", "EGGROLL"):
        return 0
    adapted = own["adaptation_parameters"]
    cores = adapted["task_cores_per_node"] * adapted["task_nodes"] * own["task_parallelism"]
    return int(cores)
