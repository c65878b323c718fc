"""The models of a server: saved when training ends, then asked about and handed out.

A model has two faces, as on the real server: a cache for each party, which holds what was learned, and a row for each
party, which queries and tags look at. The two can part: an import under another name makes a cache without a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from flowkit_mockserver.errors import Refusal
from flowkit_mockserver.models.cache import (
    ModelCache,
    ModelDocument,
    Pipeline,
    party_model_id,
    set_fields,
)
from flowkit_mockserver.models.caches import ModelCaches
from flowkit_mockserver.models.files.members import kilobytes
from flowkit_mockserver.models.files.rows import ANYTHING, IDS, rows_of_files
from flowkit_mockserver.models.rows import ModelRows
from flowkit_mockserver.models.training import (
    ComponentCheckpoints,
    ComponentModels,
    collect,
    note_checkpoints,
    parties_in,
    trained_caches,
    trained_row,
    unfinished_cache,
)
from flowkit_mockserver.party import Party

if TYPE_CHECKING:
    from flowkit.clock import Clock
    from flowkit_mockserver.dialects import Dialect
    from flowkit_mockserver.dsl.plan import Plan
    from flowkit_mockserver.models.files.folders import ModelFolders
    from flowkit_mockserver.settings import Settings
    from flowkit_mockserver.store import Store, StorePart

__all__ = ["Models", "Plans"]

_FROM_FILES = "Query model info from local model success."
_UNKNOWN = "Query model info failed, cannot find model from db and local model files."
NOT_STORED = "no model storage is reachable"


class Plans(Protocol):
    """The jobs of a server, as far as models ask for them."""

    def unfinished(self) -> Iterator[str]:
        """Yield the ids of the jobs that have not come to their end, or were canceled before it."""

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
        plans: the jobs: the plan of each, and which have not come to their end.
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
        saved_so_far: returns what the components of a training have saved that runs, or was canceled.
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
        self.saved_so_far: Callable[[Plan], ComponentModels] = lambda plan: {}
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
        made = datetime.fromtimestamp(self.clock.now(), UTC).replace(tzinfo=None).isoformat()
        note_checkpoints(plan, caches, checkpoints, made)
        for cache in caches:
            there = self.at(site_of(cache.party))
            there.caches.put(cache)
            there.rows.add(trained_row(plan, cache, cache.read_pipeline(self.root)))

    def save_prediction(self, plan: Plan, models: ComponentModels) -> None:
        """Keep what the components of a predict job saved in the cache of the model that predicted.

        The predict DSL names no model outputs, so they go by the alias ``default``, next to the trained ones. From 1.9
        on a prediction leaves that model alone: it has a cache of its own, which never gets a pipeline.
        """
        for predicted in list(self.caches.matching(plan.model_id, plan.model_version)):
            own = ModelCache(predicted.party, plan.model_id, plan.job_id)
            cache = own if self.dialect.reworked else predicted
            collect(cache, plan, models)
            if cache.components:
                self.caches.put(cache)

    def forget_training(self, plan: Plan) -> None:
        """Forget what a job kept, but a model that was loaded; what was deployed is a model of its own."""
        if any(row["f_loaded_times"] for row in self.rows.find(model_version=plan.job_id)):
            return
        for cache in list(self.caches.matching(plan.model_id, plan.job_id)):
            self.caches.drop(cache)
        self.rows.remove(plan.job_id)

    def find(self, party: Party, model_id: object, model_version: object) -> dict[str, Any] | None:
        """Return what planning a prediction needs to know of a model, or None.

        Returns:
            `train_dsl`, `train_runtime_conf`, `inference_dsl`, `parent`, `dsl_version`, `roles`, and
            `components`: component → alias → Model document.

        Raises:
            Refusal: since 1.9, it is that of a training that has not come to its end.
        """
        cache = self.cache(party, model_id, model_version)
        if cache is None or (cache.pipeline is None and not self.dialect.reworked):
            return None
        pipeline = cache.read_pipeline(self.root)
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
        """Return one party's part of a model, or None; since 1.9 also what a training has saved so far."""
        found = self.caches.get(party_model_id(party, model_id), model_version)
        return found or self._unfinished(party, model_id, model_version)

    def find_cache(self, party_model: str, model_version: object) -> ModelCache | None:
        """Return the part of a model that a party model id names, or None; see `cache`."""
        found = self.caches.get(party_model, model_version)
        parts = party_model.split("#", 2)
        if found is not None or len(parts) < 3:
            return found
        return self._unfinished(Party.of(parts[0], parts[1]), parts[2], model_version)

    def _unfinished(self, party: Party, model_id: object, version: object) -> ModelCache | None:
        """Return what a training has saved so far that has not come to its end."""
        plan = self._training(version) if self.dialect.reworked else None
        if plan is None or plan.model_id != model_id:
            return None
        return unfinished_cache(plan, party, self.saved_so_far(plan))

    def _training(self, version: object) -> Plan | None:
        """Return the plan of the training job of that id, or None."""
        plan = self._plans.plan(version) if isinstance(version, str) else None
        return plan if plan is not None and plan.job_type == "train" else None

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
        model_id, plan = columns.get("model_id"), self._training(str(columns.get("model_version")))
        wanted = {name: columns.get(name) for name in ("role", "party_id")}
        asked = {name: str(value) for name, value in wanted.items() if value is not None}
        return (
            plan is not None
            and model_id in (None, "", plan.model_id)
            and any(parties_in(plan, asked))
        )

    def _refuse_unfinished(self, columns: Mapping[str, object]) -> None:
        """Fail as reading the pipeline does in a folder that has none.

        Raises:
            Refusal: there is such a folder, or one of all versions for an empty one.
        """
        wanted = {name: value for name, value in columns.items() if value != ANYTHING}
        version, model_id = wanted.get("model_version"), wanted.get("model_id")
        if version == "" and model_id:
            others = {name: wanted.get(name) for name in ("model_id", "role", "party_id")}
            if any(self.caches.matching(**others)):
                raise Refusal("'model_proto'")
        for job_id in self._plans.unfinished() if version is None else (version,):
            plan = self._training(job_id)
            if plan is None or wanted.get("model_id", plan.model_id) != plan.model_id:
                continue
            saved = self.saved_so_far(plan)
            for party in parties_in(plan, wanted):
                if (cache := unfinished_cache(plan, party, saved)) is not None:
                    cache.read_pipeline(self.root)

    def is_known(self, **columns: object) -> bool:
        """Say whether there is a row with these values.

        Raises:
            Refusal: there is none, but a folder without a pipeline.
        """
        if any(self.rows.find(**columns)):
            return True
        self._refuse_unfinished(columns)
        return False

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
            self._refuse_unfinished(arguments)
            found_rows = rows_of_files(self.caches, arguments, self.root, self.dialect)
            if not found_rows:
                raise Refusal(_UNKNOWN, data=[])
            for cache, _ in () if files_only else found_rows:
                self.add_row(cache, cache.read_pipeline(self.root))
            return _FROM_FILES, [row for _, row in found_rows]
        found = self.read_pipelines(**{name: arguments.get(name) for name in IDS})
        if not found:
            raise Refusal(
                "Query model info failed, cannot find model from db. "
                "Try use both model id and model version to query model info from local models",
                data=[],
            )
        for cache, pipeline in found:
            self.add_row(cache, pipeline)
        wanted = arguments.get("query_filters")
        # FATE Flow as a project of its own adds whose model it is, whatever is asked for.
        whose = self.dialect.own_project
        return _FROM_FILES, [
            {
                f"f_{name}": value
                for name, value in set_fields(pipeline).items()
                if not isinstance(wanted, list) or name in wanted
            }
            | ({"f_role": cache.party.role, "f_party_id": cache.party.party_id} if whose else {})
            for cache, pipeline in found
        ]

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
        cache = self.find_cache(party_model, model_version)
        if cache is None:
            return None
        if not self.dialect.reworked:
            cache.read_pipeline(self.root)
        return {
            f"{component}.{alias}:{name}": content
            for component, alias, name, content in cache.buffers()
        }
