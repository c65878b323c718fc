"""Deploying: each party copies a trained model to a new version that knows how to predict."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit_mockserver.dialects.answers import refusal
from flowkit_mockserver.dialects.exceptions import show_text
from flowkit_mockserver.dsl.conf import copy_tree
from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.dsl.graph import verify_dsl
from flowkit_mockserver.dsl.predict_dsl import derive_v2, later_code_path, with_code_path
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import (
    STEP_NAME,
    Checkpoint,
    ModelCache,
    Pipeline,
    party_model_id,
)
from flowkit_mockserver.models.federation import Answer, ask_parties
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party

__all__ = ["deploy", "deploy_at"]

_ROLES = ("arbiter", "host", "guest")
#: Models made before there were parents and children cannot be deployed.
_OLDEST = (1, 5, 0)


def deploy(models: Models, config: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """Deploy a model on all its parties (POST model/deploy).

    Args:
        models: the models of the server.
        config: `model_id`, `model_version`, and `predict_dsl` (or `dsl`), a DSL or its JSON text, or `cpn_list`,
            the components to deploy; neither of them deploys all components.

    Returns:
        The `data` of the answer, and whether all parties succeeded; those that did have a child version even
        if others failed.

    Raises:
        Refusal: there is no such model, or none that can be deployed.
    """
    model_id, version = config["model_id"], config["model_version"]
    conf = _initiators_conf(models, model_id, version)
    child = models.new_id()
    roles = {role: ids for role, ids in conf.get("role", {}).items() if role in _ROLES}

    # A job in standalone mode left the models of all its parties at one server.
    alone = _federated_mode(models, model_id, version) == "SINGLE"

    def there(party_id: object) -> Models:
        return models if alone else models.at(party_id)

    def ask(role: str, party_id: object) -> Answer:
        return deploy_at(there(party_id), config, role, party_id, child)

    data, codes = ask_parties(roles, ask)
    return data | {"model_id": model_id, "model_version": child}, not any(codes)


def deploy_at(
    models: Models, config: Mapping[str, Any], role: str, party_id: object, child: str
) -> Answer:
    """Deploy a party's part of a model as the version `child`, and return what that party answers."""
    version = config.get("model_version")
    try:
        if not isinstance(version, str):
            raise Refusal(f"join() argument must be str or bytes, not '{type(version).__name__}'")
        with server_texts():
            _deploy_on_party(models, config, Party.of(role, party_id), child)
    except Refusal as fault:
        text = fault.retmsg
        if models.dialect.details_as_repr:
            text = show_text(text, fault.__cause__)
        return 100, f"deploy model of role {role} {party_id} failed, details: {text}"
    return 0, f"deploy model of role {role} {party_id} success"


def _federated_mode(models: Models, model_id: object, version: object) -> str:
    found = models.read_pipelines(model_id=model_id, model_version=version)
    parameters = found[0][1]["runtime_conf_on_party"].get("job_parameters", {})
    return str(parameters.get("federated_mode"))


def _initiators_conf(models: Models, model_id: object, version: object) -> Mapping[str, Any]:
    """Return the training conf as the initiator of the training has it."""
    known = not models.dialect.reworked or models.is_known(model_id=model_id, model_version=version)
    found = models.read_pipelines(model_id=model_id, model_version=version) if known else []
    if not found:
        name = "no such model to deploy"
        raise refusal(models.dialect, name, model_id=model_id, version=version)
    for cache, pipeline in found:
        conf: Mapping[str, Any] = pipeline["train_runtime_conf"]
        initiator = conf.get("initiator", {})
        role = pipeline["initiator_role"] or initiator.get("role", "")
        if _release(pipeline) >= _OLDEST and cache.party == Party.of(
            role, initiator.get("party_id", "")
        ):
            return conf
    raise Refusal(
        "Deploy model failed, can not found model of initiator role or the fate version of model"
        " is older than 1.5.0"
    )


def _release(pipeline: Pipeline) -> tuple[int, ...]:
    parts = str(pipeline["fate_version"]).split(".")
    return tuple(int(part) for part in parts[:3] if part.isdecimal())


def _chosen_checkpoint(asked: Mapping[str, Any], saved: Sequence[Checkpoint]) -> Checkpoint | None:
    """Return the checkpoint that is asked for, by its index, or without one by its name; None when none is.

    Raises:
        Refusal: it is not there.
    """
    index, name = asked.get("step_index"), asked.get("step_name")
    if not saved or (index, name) == (None, None):
        return None
    if index is None:
        found = saved if name == STEP_NAME else []
    else:
        found = [checkpoint for checkpoint in saved if checkpoint["step_index"] == int(index)]
    if not found:
        raise Refusal("Checkpoint not found.")
    return found[-1]


def _deploy_on_party(
    models: Models, config: Mapping[str, Any], party: Party, child_version: str
) -> None:
    parent = models.cache(party, config["model_id"], config["model_version"])
    if parent is None:
        raise Refusal(
            f"Can not found {party_model_id(party, config['model_id'])} {config['model_version']}"
            " model local cache"
        )
    pipeline = copy_tree(parent.read_pipeline(models.root))
    if _release(pipeline) > _OLDEST and not pipeline["parent"]:
        raise Refusal("Child model could not be deployed.")
    asked = (config.get("components_checkpoint") or {}) if models.dialect.own_project else {}
    chosen = {
        component: _chosen_checkpoint(step, parent.checkpoints.get(component, []))
        for component, step in asked.items()
    }
    conf = pipeline["train_runtime_conf"]
    dsl_version = int(conf.get("dsl_version", 1))
    chosen_only = models.dialect.deploys_chosen
    predict_dsl = (_chosen_dsl if chosen_only else _predict_dsl)(config, pipeline, dsl_version)
    verify_dsl(predict_dsl, version=dsl_version)
    set_model(conf, model_version=child_version)
    pipeline["model_version"] = child_version
    pipeline["inference_dsl"] = (
        later_code_path(predict_dsl, party.role, models.dialect)
        if models.dialect.own_project
        else with_code_path(predict_dsl, party.role)
    )
    pipeline["parent"] = False
    pipeline["parent_info"] = {
        "parent_model_id": config["model_id"],
        "parent_model_version": config["model_version"],
    }
    pipeline["runtime_conf_on_party"]["job_parameters"]["model_version"] = child_version
    child = ModelCache(party, parent.model_id, child_version, pipeline)
    kept = predict_dsl.get("components", {}) if chosen_only else parent.components
    for component, entry in parent.components.items():
        if component not in kept:
            continue
        child.components[component] = {
            "module": entry["module"],
            "models": dict(entry["models"]),
        }
        if (checkpoint := chosen.get(component)) is not None:
            alias = next(iter(entry["models"]))
            child.components[component]["models"][alias] = checkpoint["model"]
    child.run_parameters = {
        name: stored for name, stored in parent.run_parameters.items() if name in child.components
    }
    models.caches.put(child)
    gone = None if models.dialect.reworked else not pipeline["inference_dsl"]
    models.add_row(child, pipeline, parent=gone)


def _predict_dsl(config: Mapping[str, Any], pipeline: Pipeline, dsl_version: int) -> Any:
    if dsl_version == 1:
        return pipeline["inference_dsl"]
    if given := config.get("dsl") or config.get("predict_dsl"):
        return given if isinstance(given, dict) else json.loads(given)
    everything = pipeline["train_dsl"].get("components", {})
    return derive_v2(pipeline["train_dsl"], list(config.get("cpn_list") or everything))


def _chosen_dsl(config: Mapping[str, Any], pipeline: Pipeline, dsl_version: int) -> Any:
    """Return the DSL to predict with as 1.10 does, where a list of components counts as it is, an empty one too."""
    if dsl_version == 1:
        return pipeline["inference_dsl"]
    given = config.get("predict_dsl", config.get("dsl"))
    if given is None:
        everything = pipeline["train_dsl"].get("components", {})
        return derive_v2(pipeline["train_dsl"], list(config.get("cpn_list", everything)))
    if "cpn_list" in config:
        raise Refusal("'cpn_list' should not be set when 'predict_dsl' is set")
    return given if isinstance(given, dict) else json.loads(given)


def set_model(conf: dict[str, Any], **ids: str) -> None:
    """Put `model_id` or `model_version` into the job parameters of a training conf."""
    parameters = conf["job_parameters"]
    if int(conf.get("dsl_version", 1)) == 2:
        parameters = parameters.get("common", {})
    parameters.update(ids)
