"""The last step of a submit: every party creates the job for itself, or says why it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.errors import STUMBLES
from flowkit_mockserver.dsl.plan import Plan, data_sets
from flowkit_mockserver.dsl.run_parameters import SINGLE, engine

__all__ = ["creation_answers", "creation_failed", "job_cores", "party_order"]

Answer = dict[str, Any]

_SUCCESS: Answer = {"retcode": 0, "retmsg": "success"}
_UNREACHABLE = (
    "Federated schedule error, Please check rollSite and fateflow network connectivity"
    "rpc request error: <_InactiveRpcError of RPC that terminated with:\n"
    "\tstatus = StatusCode.UNAVAILABLE\n"
    '\tdetails = "failed to connect to all addresses"\n>'
)
_CUSTOMIZE = {
    "STANDALONE": "eggroll_run",
    "EGGROLL": "eggroll_run",
    "SPARK": "spark_run",
}


def creation_answers(plan: Plan, *, standalone_cores: int = 20) -> dict[str, dict[str, Answer]]:
    """Return what every party answers to the creation: role -> party -> retcode and retmsg.

    Parties answer in the server's order, the initiator last. Its answer replaces those of the
    other parties of its role, which the server loses.

    Args:
        plan: the job to create.
        standalone_cores: how many cores this server grants one job.
    """
    answers: dict[str, dict[str, Answer]] = {}
    for role, party in party_order(plan):
        if (role, party) == plan.initiator:
            answers[role] = {}
        answers.setdefault(role, {})[str(party)] = _answer(plan, role, party, standalone_cores)
    return answers


def creation_failed(answers: Mapping[str, Mapping[str, Answer]]) -> bool:
    """Tell whether any party refused."""
    return any(answer["retcode"] for parties in answers.values() for answer in parties.values())


def party_order(plan: Plan) -> list[tuple[str, int]]:
    """Return the parties in the order in which they create the job: the initiator comes last."""
    parties = [(role, party) for role, found in plan.roles.items() for party in found]
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


def _answer(plan: Plan, role: str, party: int, standalone_cores: int) -> Answer:
    if plan.common_parameters.get("federated_mode") != SINGLE:
        return {"retcode": 104, "retmsg": _UNREACHABLE}
    own = plan.job_parameters[role][str(party)]
    try:
        cores = job_cores(plan, role, party)
        limit = standalone_cores
        if own["computing_engine"] != "STANDALONE":
            limit = engine("computing", own["computing_engine"]).cores
        if cores > limit:
            return {"retcode": 103, "retmsg": _too_many(cores, limit, own["computing_engine"])}
        data_sets(plan, role, party)
    except STUMBLES as error:
        # The party answers with its traceback; the last line is what a reader looks for.
        line = f"{type(error).__name__}: {error}"
        return {"retcode": 100, "retmsg": f"Traceback (most recent call last):\n{line}\n"}
    return dict(_SUCCESS)


def _too_many(cores: int, limit: int, computing_engine: str) -> str:
    advice = ""
    if computing_engine in _CUSTOMIZE:
        advice = (
            "please use task_cores job parameters to set request task cores"
            f" or you can customize it with {_CUSTOMIZE[computing_engine]} job parameters"
        )
    return (
        f"max cores per job is {limit} base on (fate_flow/settings#MAX_CORES_PERCENT_PER_JOB"
        " * conf/service_conf.yaml#nodes * conf/service_conf.yaml#cores_per_node),"
        f" expect {cores} cores, {advice},"
        " default value is fate_flow/settings.py#DEFAULT_TASK_CORES_PER_NODE,"
        " refer fate_flow/examples/simple_hetero_lr_job_conf.json"
    )
