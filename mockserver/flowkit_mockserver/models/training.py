"""What a training job turns into: caches with pipelines, rows, and the models of its components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.dsl.predict_dsl import with_code_path
from flowkit_mockserver.models.cache import ModelCache, Pipeline

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan

__all__ = ["DEFAULT_ALIAS", "ComponentOutputs", "collect", "trained_caches", "trained_row"]

ComponentOutputs = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Component → ``role/party`` → what it left behind there, its `model` among it."""

#: The alias of a model that the DSL gives none, such as those a prediction saves again.
DEFAULT_ALIAS = "default"

#: Jobs of this role upload and download; they train nothing.
_LOCAL = "local"


def trained_caches(plan: Plan, outputs: ComponentOutputs, fate_version: str) -> list[ModelCache]:
    """Return the cache of each party of a training."""
    caches = []
    for role, party_ids in plan.roles.items():
        if role == _LOCAL:
            continue
        for party_id in map(str, party_ids):
            cache = ModelCache(role, party_id, plan.model_id, plan.model_version)
            cache.pipeline = _pipeline(plan, role, party_id, fate_version)
            collect(cache, plan.dsl, outputs)
            caches.append(cache)
    return caches


def _pipeline(plan: Plan, role: str, party_id: str, fate_version: str) -> Pipeline:
    return {
        "inference_dsl": with_code_path(plan.inference_dsl, role) if plan.inference_dsl else {},
        "train_dsl": plan.dsl,
        "train_runtime_conf": plan.runtime_conf,
        "fate_version": fate_version,
        "model_id": plan.model_id,
        "model_version": plan.model_version,
        "parent": True,
        "loaded_times": 0,
        "roles": plan.roles,
        "work_mode": plan.work_mode,
        "initiator_role": plan.initiator[0],
        "initiator_party_id": plan.initiator[1],
        "runtime_conf_on_party": plan.runtime_conf_on_party[role][party_id],
        "parent_info": {},
    }


def trained_row(plan: Plan, cache: ModelCache, pipeline: Pipeline, job_id: str) -> dict[str, Any]:
    """Return the columns of the row that a training makes for one party."""
    same = (
        "roles",
        "model_id",
        "model_version",
        "initiator_role",
        "initiator_party_id",
        "work_mode",
        "train_dsl",
        "runtime_conf_on_party",
        "fate_version",
        "inference_dsl",
    )
    return {
        **{name: pipeline[name] for name in same},
        "role": cache.role,
        "party_id": cache.party_id,
        "job_id": job_id,
        "size": cache.kilobytes(),
        "runtime_conf": plan.runtime_conf,
        # The real server writes the row a moment before it takes note of the job's end.
        "job_status": "running",
        "parent": not pipeline["inference_dsl"],
    }


def collect(cache: ModelCache, dsl: Mapping[str, Any], outputs: ComponentOutputs) -> None:
    """Put the models of components into a cache, in the order of the DSL."""
    party = f"{cache.role}/{cache.party_id}"
    for component, declared in dsl["components"].items():
        model = outputs.get(component, {}).get(party, {}).get("model")
        if model:
            aliases = declared.get("output", {}).get("model") or [DEFAULT_ALIAS]
            cache.put_model(component, declared["module"], aliases[0], model)
