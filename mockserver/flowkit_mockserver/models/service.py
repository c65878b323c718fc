"""The models of a server: saved when training ends, then asked about and handed out.

A model has two faces, as on the real server: a cache for each party, which holds what was learned, and a row for each
party, which queries and tags look at. The two can part: an import under another name makes a cache without a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from flowkit_mockserver.components.core.checkpoints import saved_steps
from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import (
    ModelCache,
    ModelDocument,
    Pipeline,
    party_model_id,
)
from flowkit_mockserver.models.caches import ModelCaches
from flowkit_mockserver.models.files.members import kilobytes
from flowkit_mockserver.models.rows import ModelRows
from flowkit_mockserver.models.training import (
    ComponentCheckpoints,
    ComponentModels,
    collect,
    trained_caches,
    trained_row,
)

if TYPE_CHECKING:
    from flowkit.clock import Clock
    from flowkit_mockserver.dialects import Dialect
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.models.files.folders import ModelFolders
    from flowkit_mockserver.party import Party
    from flowkit_mockserver.settings import Settings
    from flowkit_mockserver.store import Store, StorePart

__all__ = ["Models", "Plans"]

_UNKNOWN = "Query model info failed, cannot find model from db and local model files."
NOT_STORED = "no model storage is reachable"
#: By what a model lies in a folder.
_NAMES = ("model_id", "model_version", "role", "party_id")


class Plans(Protocol):
    """The jobs of a server, as far as models ask for them."""

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of all jobs."""

    def plan(self, job_id: str, /) -> Plan | None:
        """Return the plan of a job, None when there is no such job."""


class Models:
    """All models of a server. Used under its lock.

    Args:
        settings: the choices made at the start.
        clock: the server's time.
        store: where they are kept.
        dialect: how the server speaks.
        new_id: returns a fresh id of a job, which a deployment or a migration also has.
        plans: the jobs: their ids, and the plan of each.
        folders: where models lie as folders, too; None for nowhere.
        at: returns the models of a party's server, by party id, where each party has one; None where one server is
            that of all.

    Attributes:
        dialect: how the server speaks.
        rows: the rows of the models.
        caches: the caches of the models.
        archives: files by name, among them the archives that migrations leave.
        clock: the server's time.
        new_id: returns a fresh id.
        root: the server's directory, for texts.
        serving: ``"up"`` when servings answer, ``"down"`` when nobody does.
        quirks: whether to do as the real server does where that harms.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        store: Store | StorePart,
        *,
        dialect: Dialect,
        new_id: Callable[[], str],
        plans: Plans,
        folders: ModelFolders | None = None,
        at: Callable[[str], Models] | None = None,
    ) -> None:
        self._at = at
        self._cluster = bool(settings.engines)
        self.dialect = dialect
        self._fate_version = dialect.fate_version
        self._plans = plans
        self.root = settings.root + dialect.folder
        self.serving = settings.serving
        self.quirks = settings.quirks
        self.clock = clock
        self.new_id = new_id
        self.archives = store.blobs
        self.rows = ModelRows(store.collection("model_rows"), clock, dialect.absent_model_columns)
        self.caches = ModelCaches(store.collection("models"), folders)

    def at(self, site: object) -> Models:
        """Return the models of the server of a party; these, where one server is that of all parties."""
        return self if self._at is None else self._at(str(site))

    def partner(self, party_id: object, mode: object) -> Models | None:
        """Return the models of the server of a party that this one asks; None when nobody answers there.

        Args:
            party_id: the party.
            mode: federated mode of what it is asked for; in ``SINGLE`` this server does it all.
        """
        if mode == "SINGLE":
            return self
        return self.at(party_id) if self._cluster else None

    # What jobs leave behind and take up again.

    def save_training(
        self,
        plan: Plan,
        models: ComponentModels,
        checkpoints: ComponentCheckpoints,
        site_of: Callable[[Party], str],
    ) -> None:
        """Keep the model of a training job that has come to its end, whatever end but a user's cancel.

        A job that is saved again after a rerun gets new component models and keeps its rows.

        Args:
            plan: the job's.
            models: what its components left behind.
            checkpoints: what they saved in between.
            site_of: at whose server a party's part is kept.
        """
        caches = trained_caches(plan, models, self._fate_version)
        self._note_checkpoints(plan, caches, checkpoints)
        for cache in caches:
            there = self.at(site_of(cache.party))
            there.caches.put(cache)
            there.rows.add(trained_row(plan, cache, cache.read_pipeline(self.root)))

    def _note_checkpoints(
        self, plan: Plan, caches: list[ModelCache], saved: ComponentCheckpoints
    ) -> None:
        """Note the checkpoints of the components that asked for them.

        Those that tell nothing of the iterations in between have their last model in all of them.
        """
        made = datetime.fromtimestamp(self.clock.now(), UTC).replace(tzinfo=None).isoformat()
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

    def save_prediction(self, plan: Plan, models: ComponentModels) -> None:
        """Keep what the components of a predict job saved in the cache of the model that predicted.

        The predict DSL names no model outputs, so they go by the alias ``default``, next to the trained ones.
        """
        for cache in list(self.caches.matching(plan.model_id, plan.model_version)):
            collect(cache, plan, models)
            self.caches.put(cache)

    def forget_training(self, plan: Plan) -> None:
        """Forget the model of a training job, unless it was loaded; what was deployed is a model of its own."""
        rows = self.rows.find(model_version=plan.model_version)
        if plan.model_version != plan.job_id or any(row["f_loaded_times"] for row in rows):
            return
        for cache in list(self.caches.matching(plan.model_id, plan.model_version)):
            self.caches.drop(cache)
        self.rows.remove(plan.model_version)

    def find(self, party: Party, model_id: object, model_version: object) -> dict[str, Any] | None:
        """Return what planning a prediction needs to know of a model, or None.

        Returns:
            `train_dsl`, `train_runtime_conf`, `inference_dsl`, `parent`, `dsl_version`, `roles`, and
            `components`: component → alias → Model document.
        """
        cache = self.cache(party, model_id, model_version)
        if cache is None or cache.pipeline is None:
            return None
        pipeline = cache.pipeline
        return {
            "train_dsl": pipeline["train_dsl"],
            "train_runtime_conf": pipeline["train_runtime_conf"],
            "inference_dsl": pipeline["inference_dsl"],
            "parent": pipeline["parent"],
            "dsl_version": int(pipeline["train_runtime_conf"].get("dsl_version", 1)),
            "roles": pipeline["roles"],
            "components": {name: entry["models"] for name, entry in cache.components.items()},
        }

    def component_model(
        self,
        party: Party,
        model_id: object,
        model_version: object,
        component: str,
        alias: str = "model",
    ) -> ModelDocument | None:
        """Return the Model document that a component saved, or None."""
        cache = self.cache(party, model_id, model_version)
        if cache is None:
            return None
        saved = cache.components.get(component)
        return None if saved is None else saved["models"].get(alias)

    def store_model(self, party_model: str, model_version: str, force_update: bool = False) -> None:
        """Put a model into the model storage, of which there is none (component ModelStore).

        Raises:
            Refusal: always.
        """
        raise Refusal(NOT_STORED)

    def restore_model(self, party_model: str, model_version: str) -> None:
        """Get a model from the model storage, of which there is none (component ModelRestore).

        Raises:
            Refusal: always.
        """
        raise Refusal(NOT_STORED)

    # Questions.

    def cache(self, party: Party, model_id: object, model_version: object) -> ModelCache | None:
        """Return one party's part of a model, or None."""
        return self.caches.get(party_model_id(party, model_id), model_version)

    def read_pipelines(self, **columns: object) -> list[tuple[ModelCache, Pipeline]]:
        """Return the caches that match, each with its pipeline.

        Raises:
            Refusal: one of them is defective, or belongs to a job that has not come to its end.
        """
        found = [
            (cache, cache.read_pipeline(self.root)) for cache in self.caches.matching(**columns)
        ]
        if not found and self._is_unfinished(columns):
            raise Refusal("'Pipeline'")
        return found

    def _is_unfinished(self, columns: Mapping[str, object]) -> bool:
        """Say whether a training job is at work on that model: the real server has an empty cache for it."""
        version, model_id = columns.get("model_version"), columns.get("model_id")
        plan = self._plans.plan(str(version)) if version else None
        return (
            plan is not None and plan.job_type == "train" and model_id in (None, "", plan.model_id)
        )

    def _lacks_pipeline(self, wanted: Mapping[str, str]) -> bool:
        """Say whether a training job made a cache that matches, and did not come to write a pipeline into it."""
        version = wanted.get("model_version")
        return any(
            self._is_without_pipeline(one, wanted)
            for one in (self._plans if version is None else (version,))
        )

    def _is_without_pipeline(self, version: str, wanted: Mapping[str, str]) -> bool:
        if next(self.rows.find(model_version=version), None):
            return False
        plan = self._plans.plan(version)
        if plan is None or plan.job_type != "train" or "local" in plan.roles:
            return False
        parties = [(role, str(one)) for role, ids in plan.roles.items() for one in ids]
        return wanted.get("model_id", plan.model_id) == plan.model_id and any(
            wanted.get("role", role) == role and wanted.get("party_id", party_id) == party_id
            for role, party_id in parties
        )

    def query(self, arguments: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """Answer `model/query`: from the rows, else from the caches, which then get rows.

        Returns:
            The text of the answer and its data.

        Raises:
            Refusal: there is no such model; or a cache is defective.
        """
        files_only = self.dialect.reworked and arguments.get("file_only")
        if not files_only and (rows := self.rows.query(arguments)):
            return "Query model info from db success.", rows
        if self.dialect.reworked:
            return self._query_folders(arguments)
        found = self.read_pipelines(**{name: arguments.get(name) for name in _NAMES})
        if not found:
            raise Refusal(
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
                for name, value in set_fields(pipeline).items()
                if not isinstance(wanted, list) or name in wanted
            }
            for _, pipeline in found
        ]

    def _query_folders(self, arguments: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """Answer from the folders of models, as the later lines do: what a request does not name may be anything."""
        named = {name: str(arguments[name]) for name in _NAMES if name in arguments}
        wanted = {name: value for name, value in named.items() if value != "*"}
        if self._lacks_pipeline(wanted):
            raise Refusal("'Pipeline'")
        found = [] if "" in wanted.values() else list(self.caches.matching(**wanted))
        if not found:
            raise Refusal(_UNKNOWN, data=[])
        answer = []
        for cache in found:
            pipeline = cache.read_pipeline(self.root)
            if not arguments.get("file_only"):
                self.add_row(cache, pipeline)
            shown = {
                **set_fields(pipeline),
                "job_id": pipeline["model_version"],
                **cache.party._asdict(),
                "runtime_conf": pipeline["train_runtime_conf"],
                "size": kilobytes(cache, self.dialect),
            }
            filters = arguments.get("query_filters") or [f"f_{name}" for name in shown]
            answer.append({f"f_{k}": v for k, v in shown.items() if f"f_{k}" in filters})
        return "Query model info from local model success.", answer

    def add_row(self, cache: ModelCache, pipeline: Pipeline, **values: Any) -> bool:
        """Make the row of a model from its cache; False when it has one."""
        if self.dialect.reworked:
            values = {"runtime_conf": pipeline["train_runtime_conf"], **values}
        return self.rows.add(
            {
                **set_fields(pipeline),
                "job_id": pipeline["model_version"],
                "size": kilobytes(cache, self.dialect),
                **cache.party._asdict(),
                **values,
            }
        )

    def replace_row(self, cache: ModelCache, pipeline: Pipeline, **values: Any) -> None:
        """Make the row of a model from its cache, in place of the one it has."""
        self.rows.replace(
            {
                **set_fields(pipeline),
                "job_id": pipeline["model_version"],
                "size": kilobytes(cache, self.dialect),
                **cache.party._asdict(),
                **values,
            }
        )

    def buffers(self, party_model: str, model_version: object) -> dict[str, bytes] | None:
        """Return the buffers of a model by ``component.alias:name`` (model/transfer), None when there is none."""
        cache = self.caches.get(party_model, model_version)
        if cache is None:
            return None
        cache.read_pipeline(self.root)
        return {
            f"{component}.{alias}:{name}": content
            for component, alias, name, content in cache.buffers()
        }


def set_fields(pipeline: Pipeline) -> dict[str, Any]:
    """Return the fields of a pipeline that its bytes hold: numbers and flags only where they are not zero."""
    return {name: value for name, value in pipeline.items() if isinstance(value, dict) or value}


def _iterations(cache: ModelCache, component: str) -> int:
    """Return how many iterations the model of a component took, as far as it tells."""
    saved = cache.components.get(component)
    models = saved["models"].values() if saved else ()
    return max((int(model["param"].get("iters") or 0) for model in models), default=0)
