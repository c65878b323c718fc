"""The models of a server: saved when training ends, then deployed, asked about, exported, imported, migrated.

A model has two faces, as on the real server: a cache for each party, which holds what was learned, and a row for each
party, which queries and tags look at. The two can part: an import under another name makes a cache without a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from flowkit_mockserver.dsl.predict_dsl import with_code_path
from flowkit_mockserver.errors import FlowFault
from flowkit_mockserver.models.archive import pack, unpack
from flowkit_mockserver.models.cache import ModelCache, Pipeline
from flowkit_mockserver.models.identity import model_key, party_model_id
from flowkit_mockserver.models.rows import ModelRows

if TYPE_CHECKING:
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.state import ServerState

__all__ = ["Models"]

ComponentOutputs = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Component → ``role/party`` → what it left behind there, its `model` among it."""

#: The alias of a model that the DSL gives none, such as those a prediction saves again.
DEFAULT_ALIAS = "default"

NOT_STORED = "no model storage is reachable"

#: Caches of a model are looked through host first, which decides whose predict DSL an answer shows.
_ROLE_ORDER = {"host": 0, "guest": 1, "arbiter": 2}


class Models:
    """All models of a server. Used under its lock.

    Args:
        state: the server.

    Attributes:
        rows: the rows of the models.
    """

    def __init__(self, state: ServerState) -> None:
        self.state = state
        self.rows = ModelRows(state)
        self._caches = state.store.collection("models")
        self._parts: dict[tuple[str, str], list[str]] = {}
        for key, document in self._caches.items():
            self._index(key, document["model_id"], document["model_version"])

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
        for role, party_ids in plan.roles.items():
            if role == "local":
                continue
            for party_id in map(str, party_ids):
                cache = ModelCache(role, party_id, plan.model_id, plan.model_version)
                cache.pipeline = self._trained_pipeline(plan, role, party_id)
                _collect(cache, plan.dsl, outputs)
                self.put(cache)
                self.rows.add(
                    {
                        "role": role,
                        "party_id": party_id,
                        "roles": plan.roles,
                        "job_id": job_id,
                        "model_id": plan.model_id,
                        "model_version": plan.model_version,
                        "size": cache.kilobytes(),
                        "initiator_role": plan.initiator[0],
                        "initiator_party_id": plan.initiator[1],
                        "runtime_conf": plan.runtime_conf,
                        "work_mode": plan.work_mode,
                        "train_dsl": plan.dsl,
                        "job_status": "running",
                        "runtime_conf_on_party": cache.pipeline["runtime_conf_on_party"],
                        "fate_version": cache.pipeline["fate_version"],
                        "parent": not cache.pipeline["inference_dsl"],
                        "inference_dsl": cache.pipeline["inference_dsl"],
                    }
                )

    def _trained_pipeline(self, plan: Plan, role: str, party_id: str) -> Pipeline:
        inference = with_code_path(plan.inference_dsl, role) if plan.inference_dsl else {}
        return {
            "inference_dsl": inference,
            "train_dsl": plan.dsl,
            "train_runtime_conf": plan.runtime_conf,
            "fate_version": self.state.settings.fate_version,
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

    def save_prediction(self, plan: Plan, outputs: ComponentOutputs, job_id: str) -> None:
        """Keep what the components of a predict job saved in the cache of the model that predicted.

        The predict DSL names no model outputs, so they go by the alias ``default``, next to the trained ones.
        """
        for cache in list(self.caches(plan.model_id, plan.model_version)):
            _collect(cache, plan.dsl, outputs)
            self.put(cache)

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
            **{name: pipeline[name] for name in ("train_dsl", "train_runtime_conf", "inference_dsl")},
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

    def store_model(
        self, party_model: str, model_version: str, force_update: bool = False
    ) -> None:
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

    # Caches.

    def put(self, cache: ModelCache) -> None:
        """Keep a cache, new or changed."""
        if cache.key not in self._caches:
            self._index(cache.key, cache.model_id, cache.model_version)
        self._caches[cache.key] = cache.to_document()

    def drop(self, cache: ModelCache) -> None:
        """Forget a cache."""
        del self._caches[cache.key]
        self._parts[cache.model_id, cache.model_version].remove(cache.key)

    def _index(self, key: str, model_id: str, model_version: str) -> None:
        self._parts.setdefault((model_id, model_version), []).append(key)

    def cache(
        self, role: str, party_id: object, model_id: object, model_version: object
    ) -> ModelCache | None:
        """Return one party's cache of a model, or None."""
        return self.cache_of(party_model_id(role, party_id, model_id), model_version)

    def cache_of(self, party_model: str, model_version: object) -> ModelCache | None:
        """Return the cache of a model whose id names the party, or None."""
        document = self._caches.get(model_key(party_model, model_version))
        return None if document is None else ModelCache.from_document(document)

    def caches(
        self,
        model_id: object = None,
        model_version: object = None,
        role: object = None,
        party_id: object = None,
    ) -> Iterator[ModelCache]:
        """Yield the caches that match; what is empty matches anything."""
        if model_id and model_version:
            keys = self._parts.get((str(model_id), str(model_version)), [])
        else:
            keys = list(self._caches)
        found = [ModelCache.from_document(self._caches[key]) for key in keys]
        found.sort(key=lambda cache: _ROLE_ORDER.get(cache.role, len(_ROLE_ORDER)))
        for cache in found:
            if all(
                not wanted or str(wanted) == own
                for wanted, own in (
                    (model_id, cache.model_id),
                    (model_version, cache.model_version),
                    (role, cache.role),
                    (party_id, cache.party_id),
                )
            ):
                yield cache

    def read_pipelines(self, **columns: object) -> list[tuple[ModelCache, Pipeline]]:
        """Return the caches that match, each with its pipeline.

        Raises:
            FlowFault: one of them is defective, or belongs to a job that has not come to its end.
        """
        root = self.state.settings.root
        found = [(cache, cache.read_pipeline(root)) for cache in self.caches(**columns)]
        if not found and self._is_unfinished(columns):
            raise FlowFault("'Pipeline'")
        return found

    def _is_unfinished(self, columns: Mapping[str, object]) -> bool:
        """Say whether a training job is at work on that model: the real server has an empty cache for it."""
        version, model_id = columns.get("model_version"), columns.get("model_id")
        if not version or not self.state.jobs.exists(str(version)):
            return False
        plan = self.state.jobs.plan(str(version))
        return plan is not None and plan.job_type == "train" and model_id in (None, "", plan.model_id)

    # Questions.

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
        cache = self.cache_of(party_model, model_version)
        if cache is None:
            return None
        cache.read_pipeline(self.state.settings.root)
        return {
            f"{component}.{alias}:{name}": content
            for component, alias, name, content in cache.buffers()
        }

    # Going out and coming in.

    def export(self, party_model: str, model_version: object) -> bytes | None:
        """Return the archive of a model, None when there is no such model."""
        cache = self.cache_of(party_model, model_version)
        return None if cache is None else pack(cache)

    def import_archive(self, config: Mapping[str, Any], file: IO[bytes], filename: str) -> None:
        """Take in the archive of a model.

        The model is filed under the ids of the request, whatever those in the archive are.

        Args:
            config: `role`, `party_id`, `model_id`, `model_version`.
            file: the archive.
            filename: what its sender calls it.

        Raises:
            FlowFault: the model exists, the archive is no good, or the party had no part in the model.
        """
        role, party_id, version = config["role"], config["party_id"], config["model_version"]
        cache = ModelCache(role, str(party_id), config["model_id"], str(version))
        if cache.key in self._caches:
            raise FlowFault(
                f"Model {cache.party_model_id} {version} local cache already existed"
            )
        root = self.state.settings.root
        path = f"{root}/temp/fate_flow/{Path(filename).name}"
        try:
            unpack(file, cache, path=path, root=root)
        finally:
            # The real server makes the directory first, and leaves it behind when the archive is no good.
            self.put(cache)
        pipeline = cache.read_pipeline(root)
        conf = pipeline["train_runtime_conf"]
        if not _is_member(party_id, conf):
            self.drop(cache)
            # The real server forgets to put the party in.
            raise FlowFault(
                "party id {} is not in model roles, please check if the party id is valid."
            )
        common = _common_parameters(conf)
        if not any(self.rows.find(job_id=common.get("model_version"), role=role)):
            self.add_row(cache, pipeline, imported=1)


def listed(pipeline: Pipeline) -> dict[str, Any]:
    """Return the fields of a pipeline that its bytes hold: numbers and flags only where they are not zero."""
    return {name: value for name, value in pipeline.items() if isinstance(value, dict) or value}


def _common_parameters(conf: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = conf.get("job_parameters", {})
    if int(conf.get("dsl_version", 1)) == 1:
        return parameters
    common: Mapping[str, Any] = parameters.get("common", {})
    return common


def _is_member(party_id: object, conf: Mapping[str, Any]) -> bool:
    return any(str(party_id) == str(member) for members in conf.get("role", {}).values() for member in members)


def _collect(cache: ModelCache, dsl: Mapping[str, Any], outputs: ComponentOutputs) -> None:
    """Put the models of components into a cache, in the order of the DSL."""
    party = f"{cache.role}/{cache.party_id}"
    for component, declared in dsl["components"].items():
        model = outputs.get(component, {}).get(party, {}).get("model")
        if model:
            aliases = declared.get("output", {}).get("model") or [DEFAULT_ALIAS]
            cache.put_model(component, declared["module"], aliases[0], model)
