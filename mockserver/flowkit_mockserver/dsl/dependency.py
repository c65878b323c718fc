"""pipeline/dag/dependency: who needs what from whom, and who has to run, for one party."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dsl.errors import DslError, server_texts
from flowkit_mockserver.dsl.graph import Graph
from flowkit_mockserver.dsl.parameters import RoleParameters
from flowkit_mockserver.dsl.parsing import FIRST, Parsed, parse

__all__ = ["conf_dependency", "dag_dependency"]


def dag_dependency(
    parsed: Parsed, role: str, party_id: int | str, *, own_only: bool = False
) -> dict[str, Any]:
    """Return the dependencies of a job as one party sees them.

    Args:
        parsed: the DSL and conf of the job, ``plan.parsed``.
        role: role of the party.
        party_id: the party.
        own_only: whether only what the role runs is said to run or not, as the later lines do.

    Raises:
        DslError: role or party take no part in the job.
    """
    if role not in parsed.roles:
        raise DslError(f"role {role} is unknown, can not extract component dependency")
    parties = list(parsed.roles[role])
    if int(party_id) not in parties:
        raise DslError(f"party id {int(party_id)} is unknown, can not extract component dependency")
    # The last one wins when a party is listed twice.
    index = len(parties) - 1 - parties[::-1].index(int(party_id))
    graph = parsed.graph
    flags = _need_run(graph, parsed.parameters, role, index)
    if own_only:
        flags = {name: flag for name, flag in flags.items() if role in parsed.parameters[name]}
    return {
        "component_list": list(graph.order),
        "component_module": {name: graph.module(name) for name in graph.declared},
        "component_need_run": flags,
        "dependencies": dict(graph.dependencies),
    }


def conf_dependency(
    job_dsl: Any,
    runtime_conf: Any,
    train_runtime_conf: Any,
    *,
    role: str,
    party_id: int | str,
    dialect: Dialect = FIRST,
) -> dict[str, Any]:
    """Return the dependencies of a DSL and a conf that were sent instead of a job id.

    The later lines do not say there what has to run.

    Raises:
        DslError: with the text of the first problem.
    """
    with server_texts():
        parsed = parse(job_dsl, runtime_conf, train_runtime_conf, dialect=dialect)
        found = dag_dependency(parsed, role, party_id)
    return found | {"component_need_run": {}} if dialect.own_project else found


def _need_run(
    graph: Graph, parameters: Mapping[str, RoleParameters], role: str, index: int
) -> dict[str, bool]:
    flags: dict[str, bool] = {}
    for name in graph.order:
        source = graph.model_source(name)
        if role not in parameters[name]:
            flags[name] = False
        elif source is not None:
            flags[name] = flags[source]
        else:
            own = parameters[name][role][index]
            key = next((key for key in own if key.endswith("Param") and "need_run" in own[key]), "")
            flags[name] = own.get(key, {}).get("need_run") is not False
    return flags
