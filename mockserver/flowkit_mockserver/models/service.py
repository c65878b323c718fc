"""The models of a server: saved when training ends, then asked about and handed out.

A model has two faces, as on the real server: a cache for each party, which holds what was learned, and a row for each
party, which queries and tags look at. The two can part: an import under another name makes a cache without a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowkit_mockserver.errors import FlowFault
from flowkit_mockserver.models.archive import pack
from flowkit_mockserver.models.cache import ModelCache, Pipeline
from flowkit_mockserver.models.caches import ModelCaches
from flowkit_mockserver.models.identity import party_model_id
from flowkit_mockserver.models.rows import ModelRows
from flowkit_mockserver.models.training import (
    ComponentOutputs,
    collect,
    trained_caches,
    trained_row,
)

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.state import ServerState

__all__ = ["Models"]

NOT_STORED = "no model storage is reachable"


class Models:
    """All models of a server. Used under its lock.

    Args:
        state: the server.

    Attributes:
        rows: the rows of the models.
        caches: the caches of the models.
    """

    def __init__(self, state: ServerState) -> None:
        self.state = state
        self.rows = ModelRows(state)
        self.caches = ModelCaches(state.store)

    # What jobs leave behind and take up again.

    def save_training(
        self, plan: Plan, outputs: ComponentOutputs, job_id: str, status: str
    ) -> None:
        """Keep the model of a training job that has come to its end, whatever end but a user's cancel.

        A job that is saved again after a rerun gets new component models and keeps its rows.

        Args:
            plan: the job's.
            outputs: what its components left behind.
            job_id: the job.
            status: its end status; rows say ``running`` all the same, as those of the real server do.
        """
        version = self.state.settings.fate_version
        for cache in trained_caches(plan, outputs, version):
            self.caches.put(cache)
            pipeline = cache.read_pipeline(self.state.settings.root)
            self.rows.add(trained_row(plan, cache, pipeline, job_id))

    def save_prediction(self, plan: Plan, outputs: ComponentOutputs, job_id: str) -> None:
        """Keep what the components of a predict job saved in the cache of the model that predicted.

        The predict DSL names no model outputs, so they go by the alias ``default``, next to the trained ones.
        """
        for cache in list(self.caches.matching(plan.model_id, plan.model_version)):
            collect(cache, plan.dsl, outputs)
            self.caches.put(cache)

    def find(
        self, role: str, party_id: object, model_id: object, model_version: object
    ) -> dict[str, Any] | None:
        """Return what planning a prediction needs to know of a model, or None.

        Returns:
            `train_dsl`, `train_runtime_conf`, `inference_dsl`, `parent`, `dsl_version`, `roles`, and
            `components`: component → alias → Model document.
        """
        cache = self.cache(role, party_id, model_id, model_version)
        if cache is None or cache.pipeline is None:
            return None
        pipeline = cache.pipeline
        return {
            **{
                name: pipeline[name]
                for name in ("train_dsl", "train_runtime_conf", "inference_dsl")
            },
            "parent": pipeline["parent"],
            "dsl_version": int(pipeline["train_runtime_conf"].get("dsl_version", 1)),
            "roles": pipeline["roles"],
            "components": {name: entry["models"] for name, entry in cache.components.items()},
        }

    def component_model(
        self,
        role: str,
        party_id: object,
        model_id: object,
        model_version: object,
        component: str,
        alias: str = "model",
    ) -> dict[str, Any] | None:
        """Return the Model document that a component saved, or None."""
        cache = self.cache(role, party_id, model_id, model_version)
        if cache is None:
            return None
        model: dict[str, Any] | None = (
            cache.components.get(component, {}).get("models", {}).get(alias)
        )
        return model

    def store_model(self, party_model: str, model_version: str, force_update: bool = False) -> None:
        """Put a model into the model storage, of which there is none (component ModelStore).

        Raises:
            FlowFault: always.
        """
        raise FlowFault(NOT_STORED)

    def restore_model(self, party_model: str, model_version: str) -> None:
        """Get a model from the model storage, of which there is none (component ModelRestore).

        Raises:
            FlowFault: always.
        """
        raise FlowFault(NOT_STORED)

    # Questions.

    def cache(
        self, role: str, party_id: object, model_id: object, model_version: object
    ) -> ModelCache | None:
        """Return one party's part of a model, or None."""
        return self.caches.get(party_model_id(role, party_id, model_id), model_version)

    def read_pipelines(self, **columns: object) -> list[tuple[ModelCache, Pipeline]]:
        """Return the caches that match, each with its pipeline.

        Raises:
            FlowFault: one of them is defective, or belongs to a job that has not come to its end.
        """
        root = self.state.settings.root
        found = [(cache, cache.read_pipeline(root)) for cache in self.caches.matching(**columns)]
        if not found and self._is_unfinished(columns):
            raise FlowFault("'Pipeline'")
        return found

    def _is_unfinished(self, columns: Mapping[str, object]) -> bool:
        """Say whether a training job is at work on that model: the real server has an empty cache for it."""
        version, model_id = columns.get("model_version"), columns.get("model_id")
        if not version or not self.state.jobs.exists(str(version)):
            return False
        plan = self.state.jobs.plan(str(version))
        return (
            plan is not None and plan.job_type == "train" and model_id in (None, "", plan.model_id)
        )

    def query(self, arguments: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """Answer `model/query`: from the rows, else from the caches, which then get rows.

        Returns:
            The text of the answer and its data.

        Raises:
            FlowFault: there is no such model; or a cache is defective.
        """
        if rows := self.rows.query(arguments):
            return "Query model info from db success.", rows
        names = ("model_id", "model_version", "role", "party_id")
        found = self.read_pipelines(**{name: arguments.get(name) for name in names})
        if not found:
            raise FlowFault(
                "Query model info failed, cannot find model from db. "
                "Try use both model id and model version to query model info from local models",
                data=[],
            )
        for cache, pipeline in found:
            self.add_row(cache, pipeline)
        wanted = arguments.get("query_filters")
        return "Query model info from local model success.", [
            {
                f"f_{name}": value
                for name, value in listed(pipeline).items()
                if not isinstance(wanted, list) or name in wanted
            }
            for _, pipeline in found
        ]

    def add_row(self, cache: ModelCache, pipeline: Pipeline, **values: Any) -> bool:
        """Make the row of a model from its cache; False when it has one."""
        return self.rows.add(
            {
                **listed(pipeline),
                "job_id": pipeline["model_version"],
                "size": cache.kilobytes(),
                "role": cache.role,
                "party_id": cache.party_id,
                **values,
            }
        )

    def buffers(self, party_model: str, model_version: object) -> dict[str, bytes] | None:
        """Return the buffers of a model by ``component.alias:name`` (model/transfer), None when there is none."""
        cache = self.caches.get(party_model, model_version)
        if cache is None:
            return None
        cache.read_pipeline(self.state.settings.root)
        return {
            f"{component}.{alias}:{name}": content
            for component, alias, name, content in cache.buffers()
        }

    def export(self, party_model: str, model_version: object) -> bytes | None:
        """Return the archive of a model, None when there is no such model."""
        cache = self.caches.get(party_model, model_version)
        return None if cache is None else pack(cache)


def listed(pipeline: Pipeline) -> dict[str, Any]:
    """Return the fields of a pipeline that its bytes hold: numbers and flags only where they are not zero."""
    return {name: value for name, value in pipeline.items() if isinstance(value, dict) or value}
