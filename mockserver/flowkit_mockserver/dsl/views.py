"""What a party may see of a job: its partners, the data it reads, the roles (tracking/job/data_view)."""

from __future__ import annotations

from typing import Any

from flowkit_mockserver.dsl.plan import Plan

__all__ = ["data_sets", "job_view"]


def job_view(plan: Plan, role: str, party: int) -> dict[str, Any]:
    """Return ``partner``, ``dataset`` and ``roles`` as `role` and `party` see them.

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
