"""Importing: the archive of a model becomes a model of this server."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import IO, Any

from flowkit_mockserver.errors import FlowFault
from flowkit_mockserver.models.archive import unpack
from flowkit_mockserver.models.cache import ModelCache
from flowkit_mockserver.models.service import Models

__all__ = ["import_archive"]


def import_archive(
    models: Models, config: Mapping[str, Any], file: IO[bytes], filename: str
) -> None:
    """Take in the archive of a model (POST model/import).

    The model is filed under the ids of the request, whatever those in the archive are.

    Args:
        models: the models of the server.
        config: `role`, `party_id`, `model_id`, `model_version`.
        file: the archive.
        filename: what its sender calls it.

    Raises:
        FlowFault: the model exists, the archive is no good, or the party had no part in the model.
    """
    role, party_id, version = config["role"], config["party_id"], config["model_version"]
    cache = ModelCache(role, str(party_id), config["model_id"], str(version))
    if cache in models.caches:
        raise FlowFault(f"Model {cache.party_model_id} {version} local cache already existed")
    root = models.state.settings.root
    path = f"{root}/temp/fate_flow/{PurePath(filename).name}"
    try:
        unpack(file, cache, path=path, root=root)
    finally:
        # The real server makes the directory first, and leaves it behind when the archive is no good.
        models.caches.put(cache)
    pipeline = cache.read_pipeline(root)
    conf = pipeline["train_runtime_conf"]
    if not _is_member(party_id, conf):
        models.caches.drop(cache)
        # The real server forgets to put the party in.
        raise FlowFault("party id {} is not in model roles, please check if the party id is valid.")
    trained = _common_parameters(conf).get("model_version")
    if not any(models.rows.find(job_id=trained, role=role)):
        models.add_row(cache, pipeline, imported=1)


def _common_parameters(conf: Mapping[str, Any]) -> Mapping[str, Any]:
    parameters: Mapping[str, Any] = conf.get("job_parameters", {})
    if int(conf.get("dsl_version", 1)) == 1:
        return parameters
    common: Mapping[str, Any] = parameters.get("common", {})
    return common


def _is_member(party_id: object, conf: Mapping[str, Any]) -> bool:
    return any(
        str(party_id) == str(member)
        for members in conf.get("role", {}).values()
        for member in members
    )
