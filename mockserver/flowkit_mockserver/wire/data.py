"""data/…: tables come in from clients and leave to the server's disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from flowkit_mockserver.columns.lines import UploadLines
from flowkit_mockserver.errors import Refusal, require_fields
from flowkit_mockserver.http.envelope import (
    decode_json,
    request_json,
    success,
)
from flowkit_mockserver.jobs.system_jobs import data_access, past_uploads, upload_path
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import SpooledFile, current_state, unlocked

__all__ = ["blueprint"]

blueprint = Blueprint("data", __name__, url_prefix="/data")

NEEDED = ("work_mode", "namespace", "table_name")
NUMBERS = ("work_mode", "backend", "head", "partition", "drop")
EXISTS = (
    "The data table already exists.If you still want to continue uploading, please add the"
    " parameter -drop. 0 means not to delete and continue uploading, 1 means to upload again after"
    " deleting the table"
)


@blueprint.post("/upload")
@unlocked
def upload() -> Response:
    """Take a file in, as a job (POST data/upload)."""
    state = current_state()
    body = request_json()
    content: SpooledFile | None = None
    # A body that is neither absent nor an object fails here, as it does on the real server.
    if body and body.get("use_local_data") == 0:
        config = body
    else:
        part = request.files["file"]
        content = part.stream  # type: ignore[assignment]
        config = _query_config()
        config["file"] = Path(part.filename or "file").name
    require_fields(config, (*NEEDED, "file", "head", "partition"))
    config = _normalise(config)
    config["destroy"] = config.get("drop", 0) == 1
    namespace, name = config["namespace"], config["table_name"]
    if not config["destroy"] and (namespace, name) in state.tables:
        raise Refusal(EXISTS)
    path = None if content is None else content.take()
    if path is not None:
        _prepare(state, config, path)
    state.settle()
    with state.lock:
        try:
            job_id = state.jobs.ids.next()
            if path is not None:
                config["file"] = upload_path(state.settings.root, job_id, str(config["file"]))
            dsl, conf = data_access("upload", config)
            job_id, data = state.jobs.submit(dsl, conf, job_id=job_id, content=path)
        # Whatever went wrong, no job will ever ask for the file.
        except Exception:
            if path is not None:
                state.tables.forget(path)
            raise
        finally:
            state.commit()
    return success({"table_name": name, "namespace": namespace, **data}, job_id=job_id)


@blueprint.post("/upload/history")
def upload_history() -> Response:
    """List the uploaded tables that still exist, newest first (POST data/upload/history)."""
    state = current_state()
    config = request_json()
    job_id = config.get("job_id") or None
    limit = config.get("limit")
    listed: list[dict[str, Any]] = []
    uploads = list(past_uploads(state.jobs.store, job_id, state.jobs.now()))
    if limit:
        uploads = uploads[:limit]
    if not uploads:
        # The real server fails on its own empty answer.
        raise Refusal("'tuple' object has no attribute 'items'")
    for upload_id, parameters, notes in uploads:
        table = state.tables.get(parameters["namespace"], parameters["name"])
        if table is not None:
            info = {
                "upload_info": {
                    "table_name": table.name,
                    "namespace": table.namespace,
                    "partition": parameters["partition"],
                    "upload_count": table.count,
                },
                "notes": notes,
                "schema": table.schema,
            }
            listed.append({upload_id: info})
    return success(listed)


@blueprint.post("/<access_module>")
def download(access_module: str) -> Response:
    """Write a table to the server's disk, as a job (POST data/download); there is no other."""
    config = request_json()
    if access_module != "download":
        raise Refusal(f"can not support this operating: {access_module}")
    require_fields(config, (*NEEDED, "output_path"))
    job_id, data = current_state().jobs.submit(*data_access("download", _normalise(config)))
    return success(data, job_id=job_id)


def _query_config() -> dict[str, Any]:
    """Return the configuration in the query: plain parameters, or a JSON text that is all of it."""
    config: dict[str, Any] = request.args.to_dict()
    if "namespace" in config and "table_name" in config:
        return config
    if not config:
        raise Refusal("list index out of range")
    decoded: dict[str, Any] = decode_json(next(iter(config)).encode())
    return decoded


def _normalise(config: dict[str, Any]) -> dict[str, Any]:
    """Return a copy with `name`, `backend` and with numbers in place of texts."""
    config = {"backend": 0, **config, "name": config["table_name"]}
    for name in NUMBERS:
        if name in config:
            config[name] = int(config[name])
    return config


def _prepare(state: ServerState, config: dict[str, Any], path: Path) -> None:
    """Read the rows without the lock; a file that is no text fails the job later."""
    state.store.files.put(path)
    if config["head"] in (0, 1) and "delimiter" not in config:
        try:
            state.tables.prepare(UploadLines(path, config["head"] == 1))
        except UnicodeDecodeError:
            return
