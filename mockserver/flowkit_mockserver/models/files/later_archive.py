"""The archive in which a model of the later lines travels: buffers also as JSON, run parameters, checkpoints.

It can be imported by a real FATE of those lines, and the other way round.
"""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.models.cache import ModelCache
from flowkit_mockserver.models.files.archive import unpack
from flowkit_mockserver.models.files.members import members_on
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party

__all__ = ["import_later", "later_pack"]

_TIME = (1980, 1, 1, 0, 0, 0)


def later_pack(cache: ModelCache, models: Models) -> bytes:
    """Return the archive of a model.

    Args:
        cache: one party's part of the model.
        models: the models of the server, which say what an archive holds, and where the server is.
    """
    dialect = models.dialect
    members = list(members_on(dialect)(cache))
    if dialect.reworked:
        conf = json.dumps(_import_conf(cache, models.root), indent=4)
        members.append(("import_model.json", conf.encode()))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        folders: set[str] = set()
        for name, content in members:
            for folder in (*_parents(name), *((name,) if name.endswith("/") else ())):
                if folder not in folders:
                    folders.add(folder)
                    _write(archive, folder, b"")
            if not name.endswith("/"):
                _write(archive, name, content)
    return target.getvalue()


def _parents(name: str) -> Iterator[str]:
    parts = name.rstrip("/").split("/")[:-1]
    for end in range(1, len(parts) + 1):
        yield "/".join(parts[:end]) + "/"


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    folder = name.endswith("/")
    info.external_attr = (stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644) << 16
    info.compress_type = zipfile.ZIP_STORED if folder else zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def _import_conf(cache: ModelCache, root: str) -> dict[str, Any]:
    name = f"{cache.party_model_id}_{cache.model_version}.zip"
    return {
        "role": cache.party.role,
        "party_id": int(cache.party.party_id)
        if cache.party.party_id.isdigit()
        else cache.party.party_id,
        "model_id": cache.model_id,
        "model_version": cache.model_version,
        "file": f"{root}/temp/{name}",
        "force_update": False,
    }


def import_later(
    models: Models, config: Mapping[str, Any], file: IO[bytes], temporary: str
) -> dict[str, Any]:
    """Take in the archive of a model (POST model/import), under the ids of the request.

    Args:
        models: the models of the server.
        config: `role`, `party_id`, `model_id`, `model_version`, and optionally `force_update` and `hash`.
        file: the archive.
        temporary: what the real server would call the file, for texts.

    Returns:
        The `data` of the answer.

    Raises:
        HttpRefusal: the model exists, or the party had no part in it.
        Refusal: the archive is no good, or not the one that the hash is of.
    """
    role, party_id = config["role"], str(config["party_id"])
    model_id, version = config["model_id"], str(config["model_version"])
    cache = ModelCache(Party.of(role, party_id), model_id, version)
    force = bool(int(config.get("force_update") or 0))
    rows = models.rows.find(role=role, party_id=party_id, model_id=model_id, model_version=version)
    if not force and any(rows):
        raise HttpRefusal(409, "Model already exists.")
    content = file.read()
    actual = hashlib.sha256(content).hexdigest()
    expected = config.get("hash")
    if expected and expected != actual:
        text = (
            f"Model archive hash mismatch. path: {temporary} expected: {expected} actual: {actual}"
        )
        raise Refusal(f"ValueError({text!r})")
    unpack(io.BytesIO(content), cache, path=temporary, root=models.root, later=True)
    pipeline = cache.read_pipeline(models.root)
    conf = pipeline["train_runtime_conf"]
    if party_id not in map(str, conf.get("role", {}).get(role, [])):
        text = (
            f'Party id "{party_id}" is not in role "{role}", '
            "please check if the party id and role is valid."
        )
        raise HttpRefusal(400, text)
    own = pipeline["runtime_conf_on_party"].setdefault("job_parameters", {})
    own |= {"model_id": model_id, "model_version": version}
    pipeline["model_id"], pipeline["model_version"] = model_id, version
    models.caches.put(cache)
    job_id = models.new_id()
    models.replace_row(cache, pipeline, imported=1, job_id=job_id, runtime_conf=conf)
    return {
        "job_id": job_id,
        "role": role,
        "party_id": party_id,
        "model_id": model_id,
        "model_version": version,
    }
