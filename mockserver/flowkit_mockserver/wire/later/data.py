"""data/…: tables come in from clients and leave to the server's disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from flowkit_mockserver.columns.lines import UploadLines
from flowkit_mockserver.dialects import Dialect
from flowkit_mockserver.dialects.answers import refusal
from flowkit_mockserver.errors import Refusal, check_config
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.jobs.system_jobs import later_data_access, past_uploads, upload_path
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import SpooledFile, current_state, unlocked

__all__ = ["EXISTS", "blueprint"]

blueprint = Blueprint("later_data", __name__, url_prefix="/data")

EXISTS = (
    "The data table already exists.If you still want to continue uploading, please add the"
    " parameter --drop"
)
_NEEDED = ("namespace", "table_name")
_NEEDED_BESIDE = {
    "upload": ("file", "head", "partition"),
    "download": ("output_path",),
    "writer": (),
}
_NUMBERS = ("head", "partition", "drop")
#: What is made a number from 1.9 on.
_LATER_NUMBERS = ("extend_sid", "auto_increasing_sid")


@blueprint.post("/upload/history")
def upload_history() -> Response:
    """List the uploaded tables that still exist, newest first (POST data/upload/history)."""
    config = request_json()
    state = current_state()
    job_id = config.get("job_id") or None
    uploads = list(past_uploads(state.jobs.store, job_id, state.jobs.now()))
    if limit := config.get("limit"):
        uploads = uploads[: _slice_end(limit)]
    listed = []
    for upload_id, parameters, notes in uploads:
        table = state.tables.get(parameters["namespace"], parameters["name"])
        if table is not None:
            described = state.dialect.reworked
            info = state.tables.later_info(table.namespace, table.name, described=described)
            entry = {
                "upload_info": {
                    "table_name": table.name,
                    "namespace": table.namespace,
                    "partition": parameters["partition"],
                    "upload_count": table.count,
                },
                "notes": notes,
                "schema": info["schema"],
            }
            listed.append({upload_id: entry})
    return success(listed)


def _slice_end(limit: Any) -> int:
    # The real server negates the limit, and fails on one that is no number in those words.
    if isinstance(limit, float):
        raise TypeError("slice indices must be integers or None or have an __index__ method")
    if not isinstance(limit, int):
        raise TypeError(f"bad operand type for unary -: '{type(limit).__name__}'")
    return limit


@blueprint.post("/upload")
@unlocked
def upload() -> Response:
    """Take a file in, as a job (POST data/upload)."""
    return _access("upload")


@blueprint.post("/<access_module>")
@unlocked
def access(access_module: str) -> Response:
    """Write a table out, or copy it, as a job (POST data/download, data/writer)."""
    return _access(access_module)


def _access(access_module: str) -> Response:
    state = current_state()
    body = request_json()
    content: SpooledFile | None = None
    if access_module == "upload" and not (body and body.get("use_local_data") == 0):
        part = request.files["file"]
        content = part.stream  # type: ignore[assignment]
        config = _sent_along(state.dialect)
        config["file"] = Path(part.filename or "file").name
    else:
        config = body
    if access_module not in _NEEDED_BESIDE:
        raise refusal(state.dialect, "no such operation of data", name=access_module)
    check_config(config, (*_NEEDED, *_NEEDED_BESIDE[access_module]))
    config = _normalise(config, state.dialect)
    data: dict[str, Any] = {}
    if access_module == "upload":
        drop = config.get("drop", 0)
        config["destroy"] = drop > 0 if state.dialect.reworked else drop == 1
        data = {"table_name": config["table_name"], "namespace": config["namespace"]}
        if not config["destroy"] and (config["namespace"], config["name"]) in state.tables:
            raise Refusal(EXISTS)
    path = None if content is None else content.take()
    if path is not None:
        _prepare(state, config, path)
    state.settle()
    with state.lock:
        return _submit(state, access_module, config, data, path)


def _submit(
    state: ServerState,
    access_module: str,
    config: dict[str, Any],
    data: dict[str, Any],
    path: Path | None,
) -> Response:
    try:
        job_id = state.jobs.ids.next()
        if path is not None:
            root = state.settings.root + state.dialect.folder
            config["file"] = upload_path(
                root, job_id, str(config["file"]), renamed=state.dialect.reworked
            )
        dsl, conf = later_data_access(access_module, config, described=state.dialect.reworked)
        job_id, submitted = state.jobs.submit(dsl, conf, job_id=job_id, content=path)
    except Refusal as refusal:
        if path is not None:
            state.tables.forget(path)
        # A job that cannot be made is no failure of the request.
        data |= {"job_id": refusal.job_id, "code": refusal.retcode, "message": refusal.retmsg}
        return success(data, job_id=refusal.job_id)
    finally:
        state.store.commit()
    return success({**data, **submitted}, job_id=job_id)


def _sent_along(dialect: Dialect) -> dict[str, Any]:
    """Return the configuration in the query, from 1.9 on else the form: plain fields, or a JSON text of all of it."""
    config: dict[str, Any] = request.args.to_dict()
    if dialect.reworked:
        config = config or request.form.to_dict()
    if "namespace" in config and "table_name" in config:
        return config
    if not config:
        raise IndexError("list index out of range")
    decoded: dict[str, Any] = json.loads(next(iter(config)))
    return decoded


def _normalise(config: dict[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Return a copy with `name` and with numbers in place of texts."""
    config = {**config, "name": config["table_name"]}
    for name in (*_NUMBERS, *_LATER_NUMBERS) if dialect.reworked else _NUMBERS:
        if name in config:
            config[name] = int(config[name])
    return config


def _prepare(state: ServerState, config: dict[str, Any], path: Path) -> None:
    """Read the rows without the lock; a file that is no text fails the job later."""
    state.store.files.put(path)
    plain = not (config.get("extend_sid") or config.get("with_meta"))
    if config["head"] in (0, 1) and config.get("id_delimiter", ",") == "," and plain:
        try:
            state.tables.prepare(UploadLines(path, config["head"] == 1))
        except UnicodeDecodeError:
            return
