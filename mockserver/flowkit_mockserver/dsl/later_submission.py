"""job/submit in the later lines: from what was sent to a plan, and what every party answers to its creation.

A plan is made in the order of FATE Flow 1.7 to 1.11: the conf first, then the model or the version of the conf, the
initiator, and the structure of the DSL. Parameters are looked at by the parties, when they create the job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.answers import text
from flowkit_mockserver.dsl.conf import (
    check_key_holders,
    copy_tree,
    dsl_version,
    model_id_of,
    set_party_numbers,
)
from flowkit_mockserver.dsl.errors import DslError, server_texts
from flowkit_mockserver.dsl.later_parameters import (
    PARAMETER_KEY,
    ParametersRefused,
    party_parameters,
)
from flowkit_mockserver.dsl.parsing import parse
from flowkit_mockserver.dsl.plan import Plan, job_cores, party_order
from flowkit_mockserver.dsl.providers import IsProvider, check_providers
from flowkit_mockserver.dsl.run_parameters import (
    STANDALONE,
    complete_baseline,
    known_parameters,
    on_party,
)
from flowkit_mockserver.dsl.submission import FindModel

__all__ = [
    "Answers",
    "Permits",
    "creation_answers",
    "plan_submission",
    "removed_parameters",
]

Answers = dict[str, dict[Any, dict[str, Any]]]
"""Role → party (a number) → what it answers."""

Permits = Callable[[int, Any, list[str], list[dict[str, Any]]], dict[str, Any] | None]
"""Says what a party answers that does not permit another one to use modules and tables; None when it does."""

#: Job parameters that do nothing any more, in the order of the warning.
_REMOVED = ("backend", "work_mode")
_OPERATING_ERROR = 103
_EXCEPTION = 100


def removed_parameters(conf: Any) -> str | None:
    """Return the warning about job parameters that do nothing any more; None if there is none."""
    common = (
        (conf.get("job_parameters") or {}).get("common") or {} if isinstance(conf, dict) else {}
    )
    given = [name for name in _REMOVED if isinstance(common, dict) and name in common]
    return f"[WARN]{','.join(given)} is removed,it does not take effect!" if given else None


def plan_submission(
    job_dsl: Any,
    conf: Any,
    *,
    job_id: str,
    find_model: FindModel,
    dialect: Dialect,
    engine: str = STANDALONE,
) -> Plan:
    """Return the plan of a submitted job.

    Args:
        job_dsl: the DSL as it was sent; a prediction takes that of its model instead.
        conf: the runtime conf as it was sent; it is not changed.
        job_id: id of the new job.
        find_model: looks up the model of a prediction.
        dialect: how the server speaks.
        engine: the computing engine of the server.

    Raises:
        DslError: with the server's text of the first problem.
    """
    with server_texts():
        conf = copy_tree(conf)
        _require(conf, ("initiator", "role"))
        _require(conf["initiator"], ("role", "party_id"))
        set_party_numbers(conf)
        check_key_holders(job_dsl, conf)
        version = dsl_version(conf)
        if dialect.reworked:
            _check_job_parameters(conf)
        submitted = (conf.get("job_parameters") or {}).get("common") or {}
        by_party = dialect.parameters_by_party
        common = known_parameters(submitted, later=True, by_party=by_party)
        job_type, dsl = "train", copy_tree(job_dsl)
        train_conf: dict[str, Any] = {}
        if common.get("job_type") == "predict":
            job_type = "predict"
            dsl, train_conf = _model_of(conf, common, find_model, dialect)
        elif version != 2:
            raise DslError("only the v2 version runtime conf is supported")
        else:
            common |= {"model_id": model_id_of(conf["role"]), "model_version": job_id}
        initiator = conf["initiator"]
        if initiator["party_id"] not in conf["role"][initiator["role"]]:
            text = f"initiator party id {initiator['party_id']} not in roles {conf['role']}"
            raise DslError(text)
        if by_party:
            common |= {
                "roles": copy_tree(conf["role"]),
                "role_parameters": copy_tree((conf.get("job_parameters") or {}).get("role", {})),
            }
        common = complete_baseline(common, job_id=job_id, later=engine, by_party=by_party)
        conf["job_parameters"] = {**(conf.get("job_parameters") or {}), "common": common}
        parsed = parse(dsl, conf, train_conf, dialect=dialect)
        job_parameters = {
            role: {
                str(party): on_party(flat, role, later=engine, by_party=by_party)
                for party, flat in parties.items()
            }
            for role, parties in parsed.job_parameters.items()
            if role in conf["role"]
        }
    plan = Plan(job_id, job_type, dsl, conf, train_conf, job_parameters, common, dialect)
    # Spares the plan reading once more what has just been read.
    plan.__dict__["parsed"] = parsed
    return plan


def _check_job_parameters(conf: Mapping[str, Any]) -> None:
    """Fail as the server does on parameters of a job that are none.

    Raises:
        TypeError, AttributeError: they are no maps.
    """
    given = conf.get("job_parameters", {})
    _ = "common" in given
    if isinstance(given, list):
        raise TypeError("list indices must be integers or slices, not str")
    common = given.get("common", {})
    if not isinstance(common, dict):
        kind = type(common).__name__
        raise TypeError(f"type object argument after ** must be a mapping, not {kind}")
    common.get("inheritance_info", {}).get("job_id")


def _require(config: Any, names: tuple[str, ...]) -> None:
    if not config or not isinstance(config, dict):
        raise TypeError("no parameters")
    missing = [name for name in names if name not in config]
    if missing:
        raise KeyError(f"required parameters are missing: {','.join(missing)}; ")


def _model_of(
    conf: Mapping[str, Any],
    common: Mapping[str, Any],
    find_model: FindModel,
    dialect: Dialect,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the inference DSL and the training conf of the model that is to predict."""
    _require(dict(common), ("model_id", "model_version"))
    model_id, version = common["model_id"], common["model_version"]
    role, party = conf["initiator"]["role"], conf["initiator"]["party_id"]
    model = find_model(role, party, model_id, version)
    if model is None:
        key = f"{role}#{party}#{model_id}"
        raise DslError(text(dialect, "no such model to predict", model=key, version=version))
    if model["parent"]:
        named = {"model": model_id, "version": version}
        raise DslError(text(dialect, "no deployed model to predict", **named))
    return copy_tree(model["inference_dsl"]), copy_tree(model["train_runtime_conf"])


def creation_answers(
    plan: Plan, *, cores: int, is_provider: IsProvider, permits: Permits | None = None
) -> Answers:
    """Return what every party answers to the creation of a job, in the server's order.

    Args:
        plan: the job to create.
        cores: how many cores this server grants one job.
        is_provider: the registered providers.
        permits: what a party that another one asks answers when that one lacks a permission, given both, the modules
            and the tables; None when nobody minds.
    """
    answers: Answers = {}
    asking = plan.initiator[1]
    modules = [plan.graph.module(name) for name in plan.graph.declared]
    for role, party in party_order(plan):
        refused = None
        if permits is not None and str(party) != str(asking):
            refused = permits(party, asking, modules, _tables(plan, role, party))
        answer = refused or _answer(plan, role, party, cores, is_provider)
        answers.setdefault(role, {})[party] = answer
    return answers


def _tables(plan: Plan, role: str, party: int) -> list[dict[str, Any]]:
    """Return the tables that a party reads for a job."""
    index = plan.roles[role].index(party)
    found = []
    for name in plan.graph.declared:
        try:
            own = party_parameters(plan.graph, plan.effective_conf, name, role, index, plan.dialect)
        except ParametersRefused:
            continue
        table = None if own is None else own[PARAMETER_KEY].get("table")
        if isinstance(table, dict):
            found.append(table)
    return found


def _answer(
    plan: Plan, role: str, party: int, limit: int, is_provider: IsProvider
) -> dict[str, Any]:
    cores = job_cores(plan, role, party)
    if cores > limit:
        return {
            "data": {"job_id": plan.job_id},
            "retcode": _OPERATING_ERROR,
            "retmsg": _too_many(cores, limit),
        }
    index = plan.roles[role].index(party)
    components: dict[str, dict[str, bool]] = {}
    try:
        check_providers(plan, role, index, is_provider)
        for name in plan.graph.declared:
            own = party_parameters(plan.graph, plan.effective_conf, name, role, index, plan.dialect)
            components[name] = {"need_run": own is not None}
    except ParametersRefused as refused:
        return {"retcode": _EXCEPTION, "retmsg": refused.args[0]}
    return {
        "data": {"components": dict(sorted(components.items()))},
        "retcode": 0,
        "retmsg": "success",
    }


def _too_many(cores: int, limit: int) -> str:
    return (
        f"max cores per job is {limit} base on (fate_flow/settings#MAX_CORES_PERCENT_PER_JOB"
        " * conf/service_conf.yaml#nodes * conf/service_conf.yaml#cores_per_node),"
        f" expect {cores} cores, please use task_cores job parameters to set request task cores"
        " or you can customize it with eggroll_run job parameters,"
        " default value is fate_flow/settings.py#DEFAULT_TASK_CORES_PER_NODE,"
        " refer fate_flow/examples/simple/simple_job_conf.json"
    )
