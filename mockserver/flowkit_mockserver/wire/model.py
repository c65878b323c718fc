"""model/…: trained models, deployed, asked about, exported, imported, migrated, published."""

from __future__ import annotations

import base64
import json
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, request

from flowkit_mockserver.dsl.errors import server_texts
from flowkit_mockserver.errors import HttpRefusal, Refusal, require_fields
from flowkit_mockserver.http.envelope import (
    JSON,
    file_response,
    request_json,
    success,
)
from flowkit_mockserver.jobs.system_jobs import model_access
from flowkit_mockserver.models import online_serving
from flowkit_mockserver.models.cache import party_model_id
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint", "show_buffers", "show_document"]

blueprint = Blueprint("model", __name__, url_prefix="/model")

_NO_MODEL = "No model found, please check if arguments are specified correctly."
_OPERATIONS = ("store", "restore", "export", "import")
_IDS = ("model_id", "model_version", "role", "party_id")


def _unpack(config: Any, function: str) -> dict[str, Any]:
    """Return a body that the real server takes as keyword arguments of a function."""
    if not isinstance(config, dict):
        kind = type(config).__name__
        raise Refusal(f"{function}() argument after ** must be a mapping, not {kind}")
    return config


@blueprint.post("/load")
def load() -> Response:
    """Load a deployed model into the servings (POST model/load)."""
    job_id, data, succeeded = online_serving.load(current_state().models, request_json())
    return success(
        data,
        retcode=0 if succeeded else 101,
        retmsg="success" if succeeded else "failed",
        job_id=job_id,
    )


@blueprint.post("/bind")
def bind() -> Response:
    """Bind a model to a service of the servings (POST model/bind)."""
    config = request_json()
    online_serving.bind(current_state().models, config)
    return success(retmsg=f"service id is {config['service_id']}")


@blueprint.post("/migrate")
def migrate() -> Response:
    """Give a model to other parties (POST model/migrate)."""
    from flowkit_mockserver.models import migration

    job_id, data, reached = migration.migrate(current_state().models, request_json())
    return success(
        data,
        retcode=0 if reached else 101,
        retmsg="success" if reached else "failed",
        job_id=job_id,
    )


@blueprint.post("/deploy")
def deploy() -> Response:
    """Make a model ready to predict (POST model/deploy)."""
    from flowkit_mockserver.models import deployment

    config = request_json()
    require_fields(config, ("model_id", "model_version"))
    data, succeeded = deployment.deploy(current_state().models, config)
    return success(
        data, retcode=0 if succeeded else 101, retmsg="success" if succeeded else "failed"
    )


@blueprint.post("/query")
def query() -> Response:
    """Describe a model; the keys keep an order of their own (POST model/query)."""
    arguments = _unpack(request_json(), "query_model_info")
    if "model_version" not in arguments:
        raise Refusal("query_model_info() missing 1 required positional argument: 'model_version'")
    retmsg, data = current_state().models.query(arguments)
    body = json.dumps({"retcode": 0, "retmsg": retmsg, "data": data})
    return Response(body, content_type=JSON)


@blueprint.post("/get/predict/dsl")
def get_predict_dsl() -> Response:
    """Return the DSL that a deployed model predicts with (POST model/get/predict/dsl)."""
    config = request_json()
    arguments = _unpack(config, "query_model_info_from_file")
    names = ("model_id", "model_version", "role", "party_id")
    found = current_state().models.read_pipelines(**{name: arguments.get(name) for name in names})
    if not found:
        raise HttpRefusal(210, _NO_MODEL)
    return show_document(found[0][1]["inference_dsl"], arguments.get("filename"))


@blueprint.post("/get/predict/conf")
def get_predict_conf() -> Response:
    """Return a template for a predict conf (POST model/get/predict/conf)."""
    from flowkit_mockserver.dsl.predict_conf import predict_conf

    config = request_json()
    require_fields(config, ("model_id", "model_version"))
    model_id, version = config["model_id"], config["model_version"]
    found = current_state().models.read_pipelines(
        model_id=model_id, model_version=version, role="guest"
    )
    if not found:
        raise HttpRefusal(210, _NO_MODEL)
    pipeline = found[0][1]
    conf = predict_conf(
        pipeline["train_runtime_conf"], pipeline["inference_dsl"], model_id, version
    )
    return show_document(conf, config.get("filename"))


def show_document(document: Any, filename: Any) -> Response:
    """Return a JSON document, as a file if the request names one."""
    if filename:
        text = json.dumps(document, indent=4)
        return file_response(text.encode(), str(filename), "application/octet-stream")
    return success(document)


@blueprint.post("/transfer")
def transfer() -> Response:
    """Hand a model's buffers to a serving (POST model/transfer)."""
    config = request_json()
    namespace, name = config.get("namespace"), config.get("name")
    if not namespace or not name:
        raise HttpRefusal(400, "namespace and name are required")
    return show_buffers(namespace, name)


@blueprint.post("/transfer/<party_model>/<version>")
def transfer_by_path(party_model: str, version: str) -> Response:
    """Hand a model's buffers to a serving that cannot put a ``#`` into a path."""
    return show_buffers(party_model.replace("~", "#"), version)


def show_buffers(party_model: str, version: object) -> Response:
    """Return the buffers of a model, encoded (model/transfer)."""
    buffers = current_state().models.buffers(party_model, version)
    if buffers is None:
        raise HttpRefusal(404, "model not found")
    return success({name: base64.b64encode(data).decode() for name, data in buffers.items()})


@blueprint.route("/<operation>", methods=["GET", "POST"])
def operate(operation: str) -> Response:
    """Export, import, store or restore a model (GET, POST model/export, import, store, restore)."""
    from flowkit_mockserver.models.files.archive import export_archive, import_archive

    config = request_json() or request.form.to_dict()
    if operation not in _OPERATIONS:
        raise Refusal(f"Can not support this operating now: {operation}")
    require_fields(config, _IDS)
    state = current_state()
    party_model = party_model_id(Party.of(config["role"], config["party_id"]), config["model_id"])
    if operation == "import":
        upload = request.files.get("file")
        if upload is None:
            raise Refusal("'NoneType' object has no attribute 'filename'")
        path = f"{state.models.root}/temp/fate_flow/{PurePath(upload.filename or '').name}"
        import_archive(state.models, config, upload.stream, path)
        return success()
    if operation == "export":
        archive = export_archive(state.models, party_model, config["model_version"])
        if archive is None:
            raise HttpRefusal(210, f"Model {party_model} {config['model_version']} is not exist.")
        name = f"{party_model}_{config['model_version']}.zip"
        return file_response(archive, name, "application/zip")
    with server_texts():
        job_id, data = state.jobs.submit(*model_access(operation, config))
    return success(data, job_id=job_id)
