"""Jobs that the server submits to itself: upload, download, and the model's way to and from external storage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from flowkit_mockserver.jobs.job import SUCCESS, task_status
from flowkit_mockserver.jobs.store import JobStore

__all__ = [
    "data_access",
    "later_data_access",
    "later_model_access",
    "model_access",
    "past_uploads",
    "upload_path",
]

Conf = dict[str, Any]

_ROLE = "local"
_UPLOAD = "upload_0"
_JOB_PARAMETERS = ("work_mode", "backend", "task_cores", "eggroll_run", "spark_run")
_PARAMETERS = {
    "upload": (
        "head",
        "partition",
        "file",
        "namespace",
        "name",
        "delimiter",
        "storage_engine",
        "storage_address",
        "destroy",
    ),
    "download": ("delimiter", "output_path", "namespace", "name"),
}


#: Where the shipped configuration stores models.
_STORE_ADDRESS = {
    "storage": "mysql",
    "name": "model",
    "user": "fate",
    "passwd": "fate",
    "host": "127.0.0.1",
    "port": 3306,
    "max_connections": 10,
    "stale_timeout": 10,
}


def data_access(word: str, config: Mapping[str, Any]) -> tuple[Conf, Conf]:
    """Return DSL and runtime conf of an upload or a download.

    Args:
        word: ``upload`` or ``download``.
        config: the request's configuration, with `name` and `destroy` set.
    """
    party_id = config.get("party_id", 0)
    name = f"{word}_0"
    parameters = {key: config[key] for key in _PARAMETERS[word] if key in config}
    conf: Conf = {
        "initiator": {"role": _ROLE, "party_id": party_id},
        "job_parameters": {
            "common": {key: config[key] for key in _JOB_PARAMETERS if key in config}
        },
        "role": {_ROLE: [party_id]},
        "component_parameters": {"role": {_ROLE: {"0": {name: parameters}}}},
        "dsl_version": 2,
    }
    return {"components": {name: {"module": word.capitalize()}}}, conf


#: What the later lines hand on to the component, and to the job.
_LATER_PARAMETERS = {
    "upload": (
        "head",
        "partition",
        "file",
        "namespace",
        "name",
        "storage_engine",
        "storage_address",
        "destroy",
        "extend_sid",
        "auto_increasing_sid",
        "block_size",
    ),
    "download": ("delimiter", "output_path", "namespace", "name"),
    "writer": ("namespace", "name", "storage_engine", "address", "output_namespace", "output_name"),
}
#: What an upload hands on besides. Until 1.9 it knows the delimiter by a name that no component takes.
_OF_UPLOADS = ("delimiter",)
_OF_DESCRIBED_UPLOADS = ("id_delimiter", "schema", "with_meta", "meta")
_LATER_JOB_PARAMETERS = ("task_cores", "eggroll_run", "spark_run")
_LATER_STORE_ADDRESS = {
    "storage": "tencent_cos",
    "Region": None,
    "SecretId": None,
    "SecretKey": None,
    "Bucket": None,
}


def later_data_access(
    word: str, config: Mapping[str, Any], *, described: bool = True
) -> tuple[Conf, Conf]:
    """Return DSL and runtime conf of an upload, a download or a writer, as the later lines make them.

    Args:
        word: ``upload``, ``download`` or ``writer``.
        config: the request's configuration, with `name` and `destroy` set.
        described: whether an upload says what its columns are, as from 1.9 on.
    """
    name = f"{word}_0"
    known = _LATER_PARAMETERS[word]
    if word == "upload":
        known += _OF_DESCRIBED_UPLOADS if described else _OF_UPLOADS
    parameters = {key: config[key] for key in known if key in config}
    common = {key: config[key] for key in _LATER_JOB_PARAMETERS if key in config}
    dsl = {"components": {name: {"module": word.capitalize()}}}
    return dsl, _local_conf(config.get("party_id", 0), name, parameters, common)


def later_model_access(
    word: str, config: Mapping[str, Any], *, hashed: bool = True
) -> tuple[Conf, Conf]:
    """Return DSL and runtime conf of storing or restoring a model, as the later lines make them.

    Args:
        word: ``store`` or ``restore``.
        config: the request's configuration.
        hashed: whether a model is restored by its hash, too, as from 1.9 on.
    """
    name = f"modeloperation_{word}_0"
    parameters: Conf = {
        "model_id": f"{config['role']}#{config['party_id']}#{config['model_id']}",
        "model_version": config["model_version"],
        "store_address": dict(_LATER_STORE_ADDRESS),
    }
    if word == "store":
        parameters["force_update"] = config.get("force_update", False)
    elif hashed:
        parameters["hash_"] = config.get("sha256")
    dsl = {"components": {name: {"module": f"Model{word.capitalize()}"}}}
    return dsl, _local_conf(0, name, parameters, {})


def _local_conf(party_id: Any, name: str, parameters: Conf, common: Conf) -> Conf:
    return {
        "dsl_version": 2,
        "initiator": {"role": _ROLE, "party_id": party_id},
        "job_parameters": {"common": {**common, "federated_mode": "SINGLE"}},
        "role": {_ROLE: [party_id]},
        "component_parameters": {"role": {_ROLE: {"0": {name: parameters}}}},
    }


def model_access(word: str, config: Mapping[str, Any]) -> tuple[Conf, Conf]:
    """Return DSL and runtime conf (version 1) of storing or restoring a model.

    Args:
        word: ``store`` or ``restore``.
        config: the request's configuration: role, party_id, model_id, model_version, force_update.
    """
    name = f"{word}_0"
    model_id = f"{config['role']}#{config['party_id']}#{config['model_id']}"
    parameters: Conf = {
        "model_id": [model_id],
        "model_version": [config["model_version"]],
        "store_address": [dict(_STORE_ADDRESS)],
    }
    if word == "store":
        parameters["force_update"] = [config.get("force_update", False)]
    conf: Conf = {
        "initiator": {"role": _ROLE, "party_id": 0},
        "job_parameters": {"work_mode": 0},
        "role": {_ROLE: [0]},
        "role_parameters": {_ROLE: {name: parameters}},
    }
    return {"components": {name: {"module": f"Model{word.capitalize()}"}}}, conf


def upload_path(root: str, job_id: str, filename: str, *, renamed: bool = False) -> str:
    """Return where the real server would put a file that is sent to it for an upload.

    Args:
        root: the server's directory.
        job_id: the job that uploads it.
        filename: its name.
        renamed: whether the server gives it a name of its own, as from 1.9 on.
    """
    name = PurePosixPath(filename).name
    if renamed:
        name = hashlib.md5(f"{job_id}/{name}".encode(), usedforsecurity=False).hexdigest()
    return f"{root}/jobs/{job_id}/fate_upload_tmp/{name}"


def past_uploads(
    store: JobStore, job_id: str | None, now: int
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield job id, parameters and notes of the successful uploads, newest first.

    Args:
        store: the jobs.
        job_id: only this one; None: all.
        now: the moment.
    """
    for found in reversed(store) if job_id is None else (job_id,):
        job = store.get(str(found))
        attempt = None if job is None else job.latest().get(_UPLOAD)
        if job is None or attempt is None or task_status(attempt, job.moment(now)) != SUCCESS:
            continue
        plan = store.plan(job.job_id)
        conf = {} if plan is None else plan.runtime_conf
        roles = (conf.get("component_parameters") or {}).get("role") or {}
        parameters = roles.get(_ROLE, {}).get("0", {}).get(_UPLOAD)
        if parameters is not None:
            yield job.job_id, parameters, job.notes.get(job.initiator, "")
