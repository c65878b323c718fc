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
from flowkit_mockserver.models.archive import unpack
from flowkit_mockserver.models.cache import STEP_NAME, ModelCache, buffer_messages, buffers_of
from flowkit_mockserver.models.define_meta import dump_plain
from flowkit_mockserver.models.deployment import set_model
from flowkit_mockserver.models.service import Models
from flowkit_mockserver.party import Party

__all__ = ["checkpoint_entries", "import_later", "later_pack"]

_TIME = (1980, 1, 1, 0, 0, 0)
_FOLDERS = ("define/", "run_parameters/", "variables/", "variables/data/")


def later_pack(cache: ModelCache, root: str) -> bytes:
    """Return the archive of a model.

    Args:
        cache: one party's part of the model.
        root: the directory of FATE Flow, which the archive names.
    """
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        folders: set[str] = set()
        for name, content in _members(cache, root):
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


def _members(cache: ModelCache, root: str) -> Iterator[tuple[str, bytes]]:
    for folder in _FOLDERS:
        yield folder, b""
    yield ".lock", b""
    yield "import_model.json", json.dumps(_import_conf(cache, root), indent=4).encode()
    for component in (*cache.components, "pipeline"):
        text = json.dumps(cache.run_parameters.get(component, {}))
        yield f"run_parameters/{component}/run_parameters.json", text.encode()
    yield "define/define_meta.yaml", cache.definition(described=False).encode()
    for component, alias, name, content in cache.buffers():
        path = f"variables/data/{component}/{alias}/{name}"
        yield path, content
        yield f"{path}.json", json.dumps(_as_json(cache, component, alias, name)).encode()
    for component, path in cache.converted.items():
        yield path, json.dumps(cache.components[component]["models"]).encode()
    for component, made in cache.checkpoints.items():
        for index, moment in enumerate(made):
            folder = f"checkpoint/{component}/{index}#{STEP_NAME}"
            yield f"{folder}/.lock", b""
            model = next(iter(cache.components[component]["models"].values()))
            for name, content in buffers_of(model).items():
                yield f"{folder}/{name}.pb", content
                part = "meta" if name == model["meta_name"] else "param"
                yield f"{folder}/{name}.json", json.dumps(model[part]).encode()
            entry = checkpoint_entry(model, index, moment)
            yield f"{folder}/database.yaml", dump_plain(entry).encode()


def _as_json(cache: ModelCache, component: str, alias: str, name: str) -> Any:
    if component == "pipeline":
        return cache.pipeline
    model = cache.components[component]["models"][alias]
    return model["meta" if name == model["meta_name"] else "param"]


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


def checkpoint_entry(model: Mapping[str, Any], index: int, moment: str) -> dict[str, Any]:
    """Return what is listed of a checkpoint: its step, when it was made, and the fingerprints of its buffers."""
    messages = buffer_messages(model)
    return {
        "step_index": index,
        "step_name": STEP_NAME,
        "create_time": moment,
        "models": {
            name: {"sha1": hashlib.sha1(content).hexdigest(), "buffer_name": messages[name]}
            for name, content in buffers_of(model).items()
        },
    }


def checkpoint_entries(cache: ModelCache, component: str) -> list[dict[str, Any]]:
    """Return the checkpoints of a component, oldest first; each holds the model as it was in the end."""
    made = cache.checkpoints.get(component, [])
    if not made:
        return []
    model = next(iter(cache.components[component]["models"].values()))
    return [checkpoint_entry(model, index, moment) for index, moment in enumerate(made)]


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
    set_model(conf, model_id=model_id, model_version=version)
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
