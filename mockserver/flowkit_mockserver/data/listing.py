"""Which tables the components of a job take in and put out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.state import ServerState

__all__ = ["component_tables"]

Address = dict[str, Any]
Addresses = dict[str, Address]


def component_tables(state: ServerState, filters: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return, by component, the tables it takes and puts out on one party.

    A Reader's input is what its parameters say; any other component's goes by reference, as far
    as the table exists.

    Args:
        state: the server.
        filters: columns of the job's row, above all job_id, role and party_id.

    Returns:
        None when no job matches.
    """
    rows = state.jobs.rows(filters)
    plan = state.jobs.plan(rows[0]["f_job_id"]) if rows else None
    if plan is None:
        return None
    role, party_id = rows[0]["f_role"], str(rows[0]["f_party_id"])
    outputs = {
        component: _output_tables(state, plan.job_id, component, role, party_id)
        for component in plan.graph.order
    }
    return {
        component: {
            "input": _input(state, plan, component, (role, party_id), outputs),
            "output": tables,
        }
        for component, tables in outputs.items()
    }


def _output_tables(
    state: ServerState, job_id: str, component: str, role: str, party_id: str
) -> Addresses:
    output = state.jobs.outputs(job_id, component, role, party_id)
    return {
        table["data_name"]: {"name": table["name"], "namespace": table["namespace"]}
        for table in (output or {}).get("tables", ())
    }


def _input(
    state: ServerState,
    plan: Plan,
    component: str,
    party: tuple[str, str],
    outputs: Mapping[str, Addresses],
) -> dict[str, Any]:
    if "reader" in plan.graph.module(component).lower():
        # The real server shows what the first party of the role reads, whichever is asked for.
        of_role = plan.parameters[component].get(party[0], {})
        stored = next(iter(of_role.values()), {})
        read: dict[str, Any] = stored.get("ReaderParam", {})
        return read
    found: dict[str, Any] = {}
    for references in plan.graph.inputs(component).values():
        for reference in references:
            source, _, name = reference.partition(".")
            address = outputs.get(source, {}).get(name)
            if source == "args":
                address = _argument(state, plan, name, *party)
            if address is not None:
                found[reference] = address
    return found


def _argument(
    state: ServerState, plan: Plan, name: str, role: str, party_id: str
) -> Address | None:
    """Return the table that a conf of version 1 gives a party under `name`, if it exists."""
    parties = [str(party) for party in plan.roles.get(role, ())]
    given = plan.sources.get(role, [])
    index = parties.index(party_id) if party_id in parties else len(given)
    address = given[index].get(name) if index < len(given) else None
    if not isinstance(address, Mapping):
        return None
    identity = (address.get("namespace"), address.get("name"))
    if identity not in state.tables:
        return None
    return {"name": identity[1], "namespace": identity[0]}
