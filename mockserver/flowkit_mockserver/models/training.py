"""What a training job turns into: caches with pipelines, rows, and the models of its components."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.models.cache import (
    ModelCache,
    ModelDocument,
    Pipeline,
    in_wider_messages,
)
from flowkit_mockserver.models.files.members import kilobytes
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan

__all__ = [
    "DEFAULT_ALIAS",
    "ComponentCheckpoints",
    "ComponentModels",
    "collect",
    "note_checkpoints",
    "parties_in",
    "trained_caches",
    "trained_row",
    "unfinished_cache",
]

ComponentModels = Mapping[str, Mapping[Party, ModelDocument]]
"""Component → party → the document of the model that it left behind there."""

ComponentCheckpoints = Mapping[str, Mapping[Party, Mapping[str, ModelDocument]]]
"""Component → party → iteration → the document of the model that it saved after it."""

#: The alias of a model that the DSL gives none, such as those a prediction saves again.
DEFAULT_ALIAS = "default"

#: Jobs of this role upload and download; they train nothing.
_LOCAL = "local"


def trained_caches(plan: Plan, models: ComponentModels, fate_version: str) -> list[ModelCache]:
    """Return the cache of each party of a training."""
    caches = []
    for role, party_ids in plan.roles.items():
        if role == _LOCAL:
            continue
        for party_id in party_ids:
            party = Party.of(role, party_id)
            cache = ModelCache(party, plan.model_id, plan.model_version)
            cache.pipeline = _pipeline(plan, party, fate_version)
            collect(cache, plan, models)
            if plan.dialect.own_project:
                _keep_parameters(cache, plan)
            caches.append(cache)
    return caches


def unfinished_cache(plan: Plan, party: Party, models: ComponentModels) -> ModelCache | None:
    """Return what a party has of a training that has not come to its end: components without a pipeline.

    None when no component has saved anything yet, and for a party that has no part in the job.
    """
    if party.party_id not in map(str, plan.roles.get(party.role, ())):
        return None
    cache = ModelCache(party, plan.model_id, plan.model_version)
    collect(cache, plan, models)
    _keep_parameters(cache, plan)
    return cache if cache.components else None


def _pipeline(plan: Plan, party: Party, fate_version: str) -> Pipeline:
    return {
        "inference_dsl": _inference_dsl(plan, party.role),
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
        "runtime_conf_on_party": plan.runtime_conf_on_party[party.role][party.party_id],
        "parent_info": {},
    }


def _inference_dsl(plan: Plan, role: str) -> dict[str, Any]:
    """Return the DSL that predicts; the later lines put the DSL that trained there, until the model is deployed."""
    from flowkit_mockserver.dsl.predict_dsl import later_code_path, with_code_path

    if plan.dialect.own_project:
        return later_code_path(plan.dsl, role, plan.dialect)
    return with_code_path(plan.inference_dsl, role) if plan.inference_dsl else {}


def _keep_parameters(cache: ModelCache, plan: Plan) -> None:
    """Note what components ran with."""
    party = cache.party
    for component in cache.components:
        stored = plan.parameters[component].get(party.role, {}).get(party.party_id)
        if stored is not None:
            cache.run_parameters[component] = stored


def note_checkpoints(
    plan: Plan, caches: list[ModelCache], saved: ComponentCheckpoints, made: str
) -> None:
    """Note the checkpoints of the components that asked for them.

    Those that tell nothing of the iterations in between have their last model in all of them.

    Args:
        plan: the job's.
        caches: the parties' parts of its model.
        saved: what components saved in between.
        made: when they were saved, as ISO 8601 in UTC.
    """
    for cache in caches:
        role, party_id = cache.party
        for component in cache.run_parameters:
            steps = saved.get(component, {}).get(cache.party, {})
            if not steps:
                last = next(iter(cache.components[component]["models"].values()))
                count = max(_iterations(other, component) for other in caches)
                stored = plan.parameters[component][role][party_id]
                asked = stored.get("ComponentParam", {})
                steps = {str(step): last for step in saved_steps(asked, count)}
            if steps:
                cache.checkpoints[component] = [
                    {"step_index": step, "create_time": made, "model": steps[str(step)]}
                    for step in sorted(map(int, steps))
                ]


def _iterations(cache: ModelCache, component: str) -> int:
    """Return how many iterations the model of a component took, as far as it tells."""
    saved = cache.components.get(component)
    models = saved["models"].values() if saved else ()
    return max((int(model["param"].get("iters") or 0) for model in models), default=0)


def parties_in(plan: Plan, columns: Mapping[str, object]) -> Iterator[Party]:
    """Yield the parties of a job that `columns` do not exclude by a role or a party id."""
    for role, party_ids in plan.roles.items():
        for party_id in map(str, party_ids):
            if (
                columns.get("role", role) == role
                and str(columns.get("party_id", party_id)) == party_id
            ):
                yield Party.of(role, party_id)


def trained_row(plan: Plan, cache: ModelCache, pipeline: Pipeline) -> dict[str, Any]:
    """Return the columns of the row that a training makes for one party."""
    return {
        "roles": pipeline["roles"],
        "model_id": pipeline["model_id"],
        "model_version": pipeline["model_version"],
        "initiator_role": pipeline["initiator_role"],
        "initiator_party_id": pipeline["initiator_party_id"],
        "work_mode": pipeline["work_mode"],
        "train_dsl": pipeline["train_dsl"],
        "runtime_conf_on_party": pipeline["runtime_conf_on_party"],
        "fate_version": pipeline["fate_version"],
        "inference_dsl": pipeline["inference_dsl"],
        **cache.party._asdict(),
        "job_id": plan.job_id,
        "size": kilobytes(cache, plan.dialect),
        "runtime_conf": plan.runtime_conf,
        "train_runtime_conf": plan.runtime_conf if plan.dialect.reworked else {},
        # The real server writes the row a moment before it takes note of the job's end.
        "job_status": "running",
        "parent": plan.dialect.keeps_parents or not pipeline["inference_dsl"],
    }


def collect(cache: ModelCache, plan: Plan, models: ComponentModels) -> None:
    """Put the models of components into a cache, in the order of the DSL."""
    for component, declared in plan.dsl["components"].items():
        model = models.get(component, {}).get(cache.party)
        if model:
            if plan.dialect.own_project:
                model = in_wider_messages(model)
            aliases = declared.get("output", {}).get("model") or [DEFAULT_ALIAS]
            cache.put_model(component, declared["module"], aliases[0], model)
