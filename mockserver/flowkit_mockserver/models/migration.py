"""Migrating: a model is made out to have been trained by other parties, and left as an archive to import there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_mockserver.dsl.conf import copy_tree, model_id_of
from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.errors import Refusal, require_fields
from flowkit_mockserver.kinds.lookup import find_kind
from flowkit_mockserver.kinds.relabelling import Relabelling
from flowkit_mockserver.models.cache import ModelCache, Pipeline
from flowkit_mockserver.models.deployment import set_model
from flowkit_mockserver.models.federation import Answer, ask_parties
from flowkit_mockserver.models.files.archive import pack
from flowkit_mockserver.models.files.later_archive import later_pack
from flowkit_mockserver.models.files.naming import check_folder
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party

__all__ = ["RolesRefused", "migrate", "migrate_at", "relabel_model"]

_REQUIRED = (
    "migrate_initiator",
    "role",
    "migrate_role",
    "model_id",
    "model_version",
    "execute_party",
    "job_parameters",
)


class RolesRefused(Exception):
    """The old and the new roles do not make a migration; the text is that of the answer."""


_SAME = (
    "The config of previous roles is the same with that of migrate roles. "
    "There is no need to migrate model. Migration process aborting."
)
_DIFFERENT = (
    "The structure of roles data of local configuration is different from "
    "model runtime configuration's. Migration aborting."
)


def migrate(models: Models, config: Mapping[str, Any]) -> tuple[str, dict[str, Any], bool]:
    """Migrate a model on the parties that are to do it (POST model/migrate).

    Args:
        models: the models of the server.
        config: the request: `role` and `migrate_role` list the old and the new parties in the same order.

    Returns:
        The id that stands for the migration, the `data` of the answer, and whether all parties were reached;
        what they then answered does not count.

    Raises:
        Refusal: the request does not make sense.
        RolesRefused: since 1.9, its roles do not.
    """
    job_id = models.new_id()
    later = models.dialect.reworked
    with server_texts():
        _ = config["migrate_initiator"]["party_id"], config["migrate_initiator"]["role"]
        require_fields(config, _REQUIRED)
        version = config.get("unify_model_version") or job_id
        try:
            if _same_parties(config["migrate_role"], config["role"]):
                raise Refusal(_SAME)
        except (AttributeError, TypeError, KeyError) as error:
            if not later:
                raise
            raise RolesRefused(str(error)) from error
        moves: dict[tuple[str, Any], Any] = {
            (role, config["role"][role][index]): party_id
            for role, party_ids in config["migrate_role"].items()
            for index, party_id in enumerate(party_ids)
        }

    def ask(role: str, party_id: Any) -> Answer | None:
        parameters = config["job_parameters"]
        if later and not isinstance(parameters, dict):
            return None
        there = models.partner(party_id, parameters.get("federated_mode"))
        if there is None:
            return None
        if (role, party_id) not in moves:
            raise Refusal("'NoneType' object is not subscriptable")
        with server_texts():
            party, new_id = Party.of(role, party_id), moves[role, party_id]
            return 0, migrate_at(there, config, party, new_id, version)[0]

    with server_texts():
        data, _ = ask_parties(config["execute_party"], ask)
    details = data["detail"]
    reached = all(len(details[role]) == len(data[role]) for role in details)
    return job_id, data, reached


def _same_parties(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    if new.keys() != old.keys():
        raise Refusal(_DIFFERENT)
    if not all(isinstance(ids, list) and len(ids) == len(old[role]) for role, ids in new.items()):
        raise Refusal(_DIFFERENT)
    return all(set(map(str, ids)) == set(map(str, old[role])) for role, ids in new.items())


def migrate_at(
    models: Models, config: Mapping[str, Any], party: Party, new_id: Any, version: str
) -> tuple[str, dict[str, str]]:
    """Leave the archive of a migrated model.

    Returns:
        What the party says of it, and the ids of the migrated model with the path of its archive.

    Raises:
        Refusal: there is no such model, or one of the new version already.
    """
    model_id, later = config["model_id"], models.dialect.reworked
    if later:
        check_folder(party.role, party.party_id, model_id, config["model_version"])
    cache = models.cache(party, model_id, config["model_version"])
    if cache is None:
        end = "." if later else ""
        text = f"Can not found {model_id} {config['model_version']} model local cache{end}"
        raise Refusal(text)
    own = {"role": party.role, "party_id": str(new_id)} if later else {}
    if any(models.rows.find(model_version=version, **own)):
        raise Refusal(
            f"Unify model version {version} has been occupied in database. "
            "Please choose another unify model version and try again."
        )
    if cache.pipeline is None and not later:
        raise Refusal("Can not found pipeline file in model.")
    pipeline = _migrated_pipeline(cache.read_pipeline(models.root), config, version)
    if later:
        _name_parties(pipeline, config)
    for role in ("guest", "host") if later and cache.components else ():
        # What relabels a component asks for both, also where there are no hosts.
        _ = config["role"][role], config["migrate_role"][role]
    migrated = ModelCache(Party.of(party.role, new_id), pipeline["model_id"], version, pipeline)
    for component, entry in cache.components.items():
        for alias, model in entry["models"].items():
            moved = relabel_model(model, config["role"], config["migrate_role"])
            migrated.put_model(component, entry["module"], alias, moved)
    if later:
        migrated.run_parameters = dict(cache.run_parameters)
    name = f"{migrated.party_model_id}_{version}.zip"
    if later:
        models.add_row(migrated, pipeline)
    path = models.archives.write(
        name, later_pack(migrated, models) if models.dialect.own_project else pack(migrated)
    )
    said = (
        "Migrating model successfully. The configuration of model has been modified automatically. "
        f"New model id is: {migrated.model_id}, model version is: {version}. "
        f"Model files can be found at '{path}'."
    )
    return said, {"model_id": migrated.party_model_id, "model_version": version, "path": str(path)}


def relabel_model(
    model: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return a Model document with the parties `old` replaced by `new`.

    Raises:
        Refusal: the party ids are not fit for it.
    """
    kind = find_kind(model["module"])
    if kind is None or kind.relabel is None:
        return model
    param: dict[str, Any] = copy_tree(model["param"])
    kind.relabel(param, Relabelling(old, new))
    return {**model, "param": param}


def _name_parties(pipeline: Pipeline, config: Mapping[str, Any]) -> None:
    """Put the new parties where the first lines forget them."""
    pipeline["roles"] = config["migrate_role"]
    own = pipeline["runtime_conf_on_party"]
    own |= {"role": config["migrate_role"], "initiator": config["migrate_initiator"]}
    own["job_parameters"] |= {
        "model_id": pipeline["model_id"],
        "model_version": pipeline["model_version"],
    }


def _migrated_pipeline(trained: Pipeline, config: Mapping[str, Any], version: str) -> Pipeline:
    pipeline: Pipeline = copy_tree(trained)
    conf = pipeline["train_runtime_conf"]
    conf["role"] = config["migrate_role"]
    conf["initiator"] = config["migrate_initiator"]
    model_id = model_id_of(config["migrate_role"])
    set_model(conf, model_id=model_id, model_version=version)
    pipeline |= {
        "model_id": model_id,
        "model_version": version,
        "initiator_role": config["migrate_initiator"]["role"],
        "initiator_party_id": config["migrate_initiator"]["party_id"],
    }
    return pipeline
