"""A task that computes: what it was given under the server's lock, and what it has so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_mockserver.components.core.interface import ComponentRun
    from flowkit_mockserver.computing.access import Access
    from flowkit_mockserver.data.stored import StoredRows
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.party import Party

__all__ = ["Computation", "claim_key", "complete_parameters"]


def claim_key(job_id: str, component: str, version: int) -> str:
    """Return the key by which one version of a task is claimed."""
    return f"{job_id}/{component}/{version}"


@dataclass(slots=True)
class Computation:
    """One version of a task on its way from its inputs to its outcome.

    It refers to the task by its key and not to the objects of the job: those may be replaced while it computes.

    Attributes:
        job_id: the job.
        component: the component, by its name in the DSL.
        version: the version of the task.
        plan: the plan of the job as it was at the start.
        parties: those that compute; those that failed by themselves are out.
        access: the way to the server's tables and files.
        due: when its outcome has to be there, in milliseconds since the epoch.
        settled: when the outcome shows to the scheduler, and so to other jobs.
        run: what the component is given.
        outcome: how parties ended that are through.
        messages: why parties failed.
        rows: by party, the rows of its tables, once they are stored and no table has them yet.
    """

    job_id: str
    component: str
    version: int
    plan: Plan
    parties: list[Party]
    access: Access
    due: int
    settled: int
    run: ComponentRun | None = None
    outcome: dict[Party, str] = field(default_factory=dict)
    messages: dict[Party, str] = field(default_factory=dict)
    rows: dict[Party, list[StoredRows]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key by which it is claimed."""
        return claim_key(self.job_id, self.component, self.version)


def complete_parameters(plan: Plan, component: str, party: Party) -> Mapping[str, Any]:
    """Return what a component runs with on a party: what is stored in the letters of its class, and more but on 1.6."""
    from flowkit_mockserver.kinds.spelling import in_own_letters

    found = _completed(plan, component, party)
    return in_own_letters(plan.graph.module(component), plan.dialect.behaviour, found)


def _completed(plan: Plan, component: str, party: Party) -> Mapping[str, Any]:
    if plan.dialect.own_project:
        from flowkit_mockserver.dsl.later_parameters import running_parameters

        return running_parameters(plan.graph, plan.parameters, component, *party)
    stored = plan.parameters[component][party.role][party.party_id]
    if not plan.dialect.older_kinds:
        return stored
    from flowkit_mockserver.kinds.older import with_later_parameters

    return with_later_parameters(plan.dialect, plan.graph.module(component), stored)
