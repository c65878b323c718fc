"""job/submit: from what was sent to a plan, or to the text of the first thing wrong with it.

At the end of a submit every party creates the job for itself, or says why it cannot: `creation_answers`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.exceptions import server_text
from flowkit_mockserver.dsl.conf import (
    check_initiator_party,
    check_key_holders,
    check_work_mode,
    copy_tree,
    dsl_version,
    model_id_of,
    normalize_parties,
    require,
)
from flowkit_mockserver.dsl.errors import DOCUMENT_ERRORS, DslError
from flowkit_mockserver.dsl.parsing import FIRST, parse
from flowkit_mockserver.dsl.plan import Plan, data_sets, job_cores, party_order
from flowkit_mockserver.dsl.run_parameters import (
    SINGLE,
    complete_baseline,
    engine,
    known_parameters,
    on_party,
    parameters_on,
)

__all__ = ["FindModel", "creation_answers", "creation_failed", "plan_submission"]

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

FindModel = Callable[[str, int, str, str], Mapping[str, Any] | None]
"""Finds the model of a role and party by id and version: a map with ``train_runtime_conf``,
``inference_dsl`` and ``parent`` (not deployed yet), or None."""


def plan_submission(
    job_dsl: Any,
    job_runtime_conf: Any,
    *,
    job_id: str,
    find_model: FindModel,
    dialect: Dialect = FIRST,
) -> Plan:
    """Return the plan of a submitted job (steps 1 to 12 of a submit).

    Args:
        job_dsl: the DSL as it was sent; a prediction takes that of its model instead.
        job_runtime_conf: the runtime conf as it was sent; it is not changed.
        job_id: id of the new job.
        find_model: looks up the model of a prediction.
        dialect: how the server speaks, one of the first lines.

    Raises:
        DslError: with the server's text of the first problem.
    """
    # Not with `server_texts`: a submit is what is done most.
    try:
        conf = copy_tree(job_runtime_conf)
        check_work_mode(conf)
        normalize_parties(conf)
        check_key_holders(job_dsl, conf)
        common = _submitted_parameters(conf)
        job_type, dsl = "train", copy_tree(job_dsl)
        train_conf: dict[str, Any] = {}
        if common.get("job_type") == "predict":
            job_type = "predict"
            dsl, train_conf = _model_of(conf, common, find_model)
        else:
            common |= {"model_id": model_id_of(conf["role"]), "model_version": job_id}
        check_initiator_party(conf)
        common = parameters_on(dialect, complete_baseline(common, job_id=job_id))
        _put_parameters(conf, common)
        parsed = parse(dsl, conf, train_conf, dialect=dialect)
        job_parameters = {
            role: {
                str(party): parameters_on(dialect, on_party(flat, role))
                for party, flat in parties.items()
            }
            for role, parties in parsed.job_parameters.items()
            if role in conf["role"]
        }
    except DOCUMENT_ERRORS as error:
        raise DslError(server_text(error)) from error
    plan = Plan(job_id, job_type, dsl, conf, train_conf, job_parameters, common, dialect)
    # Spares the plan reading once more what has just been read.
    plan.__dict__["parsed"] = parsed
    return plan


def _submitted_parameters(conf: dict[str, Any]) -> dict[str, Any]:
    parameters = conf["job_parameters"]
    if dsl_version(conf) == 2:
        if "common" not in parameters:
            raise DslError("the configuration format for v2 version must be job_parameters:common")
        return known_parameters(parameters["common"])
    if "processors_per_node" in parameters:
        parameters["eggroll_run"] = {
            "eggroll.session.processors.per.node": parameters["processors_per_node"]
        }
    return known_parameters(parameters)


def _put_parameters(conf: dict[str, Any], common: dict[str, Any]) -> None:
    if dsl_version(conf) == 2:
        conf["job_parameters"]["common"] = common
    else:
        conf["job_parameters"] = common


def _model_of(
    conf: Mapping[str, Any], common: Mapping[str, Any], find_model: FindModel
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the inference DSL and the training conf of the model that is to predict."""
    require(common, ("model_id", "model_version"))
    model_id, version = common["model_id"], common["model_version"]
    if not (model_id and version):
        raise DslError("'NoneType' object has no attribute 'read_component_model'")
    role, party = conf["initiator"]["role"], conf["initiator"]["party_id"]
    model = find_model(role, party, model_id, version)
    if model is None:
        raise DslError(f"Can not found {role}#{party}#{model_id} {version} model local cache")
    train_conf = model["train_runtime_conf"]
    if str(train_conf.get("dsl_version", "1")) != "1" and model["parent"]:
        raise DslError(f"Model {model_id} {version} has not been deployed yet.")
    return copy_tree(model["inference_dsl"]), copy_tree(train_conf)


def creation_answers(
    plan: Plan, *, standalone_cores: int = 20, engines: Collection[str] = ()
) -> dict[str, dict[str, Answer]]:
    """Return what every party answers to the creation: role -> party -> retcode and retmsg.

    Parties answer in the server's order, the initiator last. Its answer replaces those of the
    other parties of its role, which the server loses.

    Args:
        plan: the job to create.
        standalone_cores: how many cores this server grants one job.
        engines: the engines of a cluster on which other parties can be reached.
    """
    answers: dict[str, dict[str, Answer]] = {}
    for role, party in party_order(plan):
        if (role, party) == plan.initiator:
            answers[role] = {}
        answer = _answer(plan, role, party, standalone_cores, engines)
        answers.setdefault(role, {})[str(party)] = answer
    return answers


def creation_failed(answers: Mapping[str, Mapping[Any, Answer]]) -> bool:
    """Tell whether any party refused."""
    return any(answer["retcode"] for parties in answers.values() for answer in parties.values())


def _answer(
    plan: Plan, role: str, party: int, standalone_cores: int, engines: Collection[str]
) -> Answer:
    common = plan.common_parameters
    alone = common.get("federated_mode") == SINGLE
    if not alone and common.get("computing_engine") not in engines:
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
    except DOCUMENT_ERRORS as error:
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
