"""model/…: trained models, deployed, asked about, exported, imported, migrated, published."""

from __future__ import annotations

import hashlib
import os
from mimetypes import guess_type
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, request

from flowkit_mockserver.dialects.answers import refusal, text
from flowkit_mockserver.dialects.facts import server_facts
from flowkit_mockserver.dsl.predict_conf import predict_conf
from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import file_response, request_json, success
from flowkit_mockserver.jobs.system_jobs import later_model_access
from flowkit_mockserver.models import deployment, migration, online_serving
from flowkit_mockserver.models.cache import ModelCache, Pipeline
from flowkit_mockserver.models.files.archive import import_archive
from flowkit_mockserver.models.files.later_archive import import_later, later_pack
from flowkit_mockserver.models.files.naming import check_folder, check_party_model
from flowkit_mockserver.party import Party
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.model import show_buffers, show_document

__all__ = ["blueprint"]

blueprint = Blueprint("later_model", __name__, url_prefix="/model")

_NO_MODEL = "No model found, please check if arguments are specified correctly."
_OPERATIONS = ("store", "restore", "export", "import")
#: Roles with data, which can predict.
_OF_DATA = ("guest", "host")
_IDS = ("model_id", "model_version", "role", "party_id")
#: By what a file's name says that it is an archive.
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz")


@blueprint.post("/load")
def load() -> Response:
    """Load a deployed model into the servings (POST model/load)."""
    job_id, data, succeeded = online_serving.load(current_state().models, request_json())
    return _outcome(data, succeeded, job_id)


def _outcome(data: Any, succeeded: bool, job_id: str | None = None) -> Response:
    return success(
        data,
        retcode=0 if succeeded else 101,
        retmsg="success" if succeeded else "failed",
        job_id=job_id,
    )


@blueprint.post("/migrate")
def migrate() -> Response:
    """Give a model to other parties (POST model/migrate)."""
    config = request_json()
    try:
        job_id, data, reached = migration.migrate(current_state().models, config)
    except migration.RolesRefused as refused:
        return success(retcode=100, retmsg=str(refused))
    return _outcome(data, reached, job_id)


@blueprint.post("/query")
def query() -> Response:
    """Describe the models that match; without a filter all of them (POST model/query)."""
    arguments = request_json()
    if current_state().dialect.reworked:
        arguments = arguments or request.form.to_dict() or {}
    if not isinstance(arguments, dict):
        kind = type(arguments).__name__
        raise Refusal(f"query_model_info() argument after ** must be a mapping, not {kind}")
    state = current_state()
    if "model_version" not in arguments and not state.dialect.reworked:
        raise TypeError(
            "query_model_info() missing 1 required positional argument: 'model_version'"
        )
    retmsg, data = _query(state, arguments)
    return success(data, retcode=100 if not data else 0, retmsg=retmsg)


def _query(state: ServerState, arguments: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    try:
        return state.models.query(arguments)
    except Refusal as refusal:
        if refusal.data is None:
            raise
        return text(state.dialect, "no such model to query"), []


@blueprint.post("/query/detail")
def query_detail() -> Response:
    """Describe the components of a model (POST model/query/detail)."""
    arguments = request_json()
    function = "query_model_detail()"
    if not isinstance(arguments, dict):
        kind = type(arguments).__name__
        raise Refusal(f"{function} argument after ** must be a mapping, not {kind}")
    missing = [name for name in ("model_id", "model_version") if name not in arguments]
    if missing:
        words = " and ".join(map(repr, missing))
        plural = "s" if len(missing) > 1 else ""
        raise TypeError(
            f"{function} missing {len(missing)} required positional argument{plural}: {words}"
        )
    ids = {name: arguments[name] for name in ("model_id", "model_version")}
    retmsg, rows = _query(current_state(), ids)
    if not rows:
        return success({}, retcode=100, retmsg=retmsg)
    row = rows[0]
    dsl, inference = row["f_train_dsl"], row.get("f_inference_dsl") or {}
    detail = {
        "runtime_conf": row.get("f_runtime_conf") or row.get("f_train_runtime_conf"),
        "dsl": dsl,
        "inference_dsl": inference,
        "component_info": _components(dsl),
        "inference_component_info": _components(inference),
    }
    return success(detail, retmsg=retmsg)


def _components(dsl: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the components of a DSL, each with its distance from the first ones."""
    components = dsl.get("components", {})
    depth: dict[str, int] = {}

    def measure(name: str) -> int:
        if name not in depth:
            given = (components[name].get("input") or {}).get("data", {})
            sources = [ref.split(".")[0] for refs in given.values() for ref in refs]
            depth[name] = max((measure(one) + 1 for one in sources if one in components), default=0)
        return depth[name]

    return [
        {"component_name": name, "index": measure(name), "module": entry["module"]}
        for name, entry in components.items()
    ]


def _pipelines(config: Any, **fixed: Any) -> list[tuple[ModelCache, Pipeline]]:
    wanted = {name: config.get(name) for name in _IDS} | fixed
    return current_state().models.read_pipelines(**wanted)


@blueprint.post("/get/predict/dsl")
def get_predict_dsl() -> Response:
    """Return the DSL that a model predicts with, the training DSL until it is deployed (POST model/get/predict/dsl)."""
    if current_state().dialect.reworked:
        config, row = _row_of_data()
        return _show_file(row["f_inference_dsl"], config.get("filename"))
    config = request_json()
    found = _pipelines(config)
    if not found:
        raise HttpRefusal(210, _NO_MODEL)
    of_data = [pipeline for cache, pipeline in found if cache.party.role in _OF_DATA]
    if not of_data:
        raise HttpRefusal(210, text(current_state().dialect, "no model of data"))
    return show_document(of_data[0]["inference_dsl"], config.get("filename"))


@blueprint.post("/get/predict/conf")
def get_predict_conf() -> Response:
    """Return a template for a predict conf (POST model/get/predict/conf)."""
    if current_state().dialect.reworked:
        config, row = _row_of_data()
        names = ("train_runtime_conf", "inference_dsl", "model_id", "model_version")
        conf = predict_conf(*(row[f"f_{name}"] for name in names))
        return _show_file(conf, config.get("filename"))
    config = request_json()
    found = _pipelines(config, role="guest")
    if not found:
        raise HttpRefusal(210, _NO_MODEL)
    pipeline = found[0][1]
    conf = predict_conf(
        pipeline["train_runtime_conf"],
        pipeline["inference_dsl"],
        config.get("model_id") or pipeline["model_id"],
        config.get("model_version") or pipeline["model_version"],
    )
    return show_document(conf, config.get("filename"))


def _row_of_data() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the request and the first row that it finds of a party with data; any column is a filter."""
    config = request_json() or request.form.to_dict() or {}
    if not isinstance(config, dict):
        kind = type(config).__name__
        raise TypeError(f"'{kind}' object does not support item assignment")
    state = current_state()
    rows = _query(state, {**config, "query_filters": None})[1]
    if not rows:
        raise HttpRefusal(210, _NO_MODEL)
    for row in rows:
        if row["f_role"] in _OF_DATA:
            return config, row
    raise HttpRefusal(210, text(state.dialect, "no model of data"))


def _show_file(document: Any, filename: Any) -> Response:
    """Return a JSON document, as a file of the type that its name says if the request names one."""
    answer = show_document(document, filename)
    if filename:
        answer.mimetype = guess_type(str(filename))[0] or "application/octet-stream"
    return answer


@blueprint.post("/archive/packaging")
def package() -> Response:
    """Make the archive of a model on the server (POST model/archive/packaging)."""
    config = request_json()
    state = current_state()
    party_model, version = config["party_model_id"], config["model_version"]
    cache = _cache_of(state, party_model, version)
    content = later_pack(cache, state.models)
    path = f"{state.models.root}/temp/{party_model}_{version}.zip"
    return success(
        {
            "hash": hashlib.sha256(content).hexdigest(),
            "model_version": version,
            "party_model_id": party_model,
            "path": path,
        }
    )


def _cache_of(state: ServerState, party_model: Any, version: Any) -> ModelCache:
    check_party_model(party_model)
    cache = state.models.find_cache(party_model, os.fspath(version))
    if cache is None:
        raise HttpRefusal(404, "Model not found.")
    return cache


@blueprint.post("/service/register")
def register_service() -> Response:
    """Take note of a model (POST model/service/register)."""
    config = request_json()
    if not isinstance(config["party_model_id"], str):
        kind = type(config["party_model_id"]).__name__
        raise AttributeError(f"'{kind}' object has no attribute 'replace'")
    return success({name: config[name] for name in ("model_version", "party_model_id")})


@blueprint.post("/homo/convert")
def convert() -> Response:
    """Convert the homogeneous components of a model (POST model/homo/convert)."""
    config = request_json()
    state = current_state()
    party = Party.of(config["role"], config["party_id"])
    cache = state.models.cache(party, config["model_id"], config["model_version"])
    named = f"{party.role}#{party.party_id}#{config['model_id']}"
    if cache is None:
        raise Refusal(f"Model {named} {config['model_version']} does not exist")
    if not state.dialect.converts_models:
        lacking = "module 'fate_flow.pipelined_model.pipelined_model' has no attribute"
        raise AttributeError(f"{lacking} 'pipelined_component'")
    wanted = config.get("framework_name")
    converted = []
    for component, entry in cache.components.items():
        framework, file = server_facts(state.dialect.line, "frameworks").get(
            entry["module"], (None, "")
        )
        if framework is None or wanted not in (None, framework):
            continue
        alias = next(iter(entry["models"]))
        path = f"variables/data/{component}/{alias}/converted_model/{file}"
        cache.converted[component] = path
        where = f"{state.models.root}/model_local_cache/{cache.key}/{path}"
        entry_shown = {
            "component_name": component,
            "converted_model_path": where,
            "model_alias": alias,
        }
        converted.append(entry_shown)
    shown = f"{named}:{config['model_version']}"
    if not converted:
        raise Refusal(f"No component in model {shown} can be converted.")
    state.models.caches.put(cache)
    told = (
        f"Conversion of homogeneous federated learning component(s) in model {shown} completed."
        " Use export or homo/deploy to download or deploy the converted model."
    )
    return success(converted, retmsg=told)


@blueprint.post("/homo/deploy")
def deploy_converted() -> Response:
    """Say that nothing is there to deploy to, after what the model lacks (POST model/homo/deploy)."""
    config = request_json()
    party = Party.of(config["role"], config["party_id"])
    version, component = config["model_version"], config["component_name"]
    named = f"{party.role}#{party.party_id}#{config['model_id']} {version}"
    cache = current_state().models.cache(party, config["model_id"], version)
    if cache is None:
        raise Refusal(f"Model {named} does not exist")
    if current_state().dialect.reworked:
        cache.read_pipeline(current_state().models.root)
    if cache.pipeline is not None:
        known = cache.pipeline["train_dsl"].get("components", {})
        if component not in known:
            raise Refusal(f"Model {named} does not contain component {component}")
        if not known[component].get("output", {}).get("model"):
            raise Refusal(f"Component {component} in Model {named} does not have output model")
    if component not in cache.converted:
        raise Refusal(f"Component {component} in Model {named} isn't converted")
    kind = config["deployment_type"]
    if kind == "kfserving":
        raise ModuleNotFoundError("No module named 'kfserving'")
    raise ValueError(f"unknown deployment_type type: {kind}")


@blueprint.post("/transfer")
def transfer() -> Response:
    """Hand a model's buffers to a serving (POST model/transfer)."""
    config = request_json()
    party_model, version = config.get("namespace"), config.get("name")
    if not party_model or not version:
        raise HttpRefusal(400, "namespace and name are required")
    return _transfer(party_model, version)


@blueprint.post("/transfer/<party_model>/<version>")
def transfer_by_path(party_model: str, version: str) -> Response:
    """Hand a model's buffers to a serving that cannot put a ``#`` into a path."""
    return _transfer(party_model.replace("~", "#"), version)


def _transfer(party_model: str, version: Any) -> Response:
    if not current_state().dialect.reworked:
        return show_buffers(party_model, version)
    check_party_model(party_model)
    return show_buffers(party_model, os.fspath(version))


@blueprint.post("/deploy")
def deploy() -> Response:
    """Make a model ready to predict (POST model/deploy)."""
    data, succeeded = deployment.deploy(current_state().models, request_json())
    return _outcome(data, succeeded)


def _import_once(state: ServerState, config: dict[str, Any], upload: Any) -> Response:
    """Take in a model as servers before 1.9 do: it is never written over."""
    if upload is None:
        raise AttributeError("'NoneType' object has no attribute 'filename'")
    path = f"{state.models.root}/temp/{PurePath(upload.filename or '').name}"
    if PurePath(path).suffix not in _ARCHIVES:
        raise Refusal(f"Unknown archive format '{path}'")
    import_archive(state.models, config, upload.stream, path, later=True)
    return success()


@blueprint.route("/<operation>", methods=["GET", "POST"])
def operate(operation: str) -> Response:
    """Export, import, store or restore a model (GET, POST model/export, import, store, restore)."""
    config = request_json() or request.form.to_dict()
    if operation not in _OPERATIONS:
        raise refusal(current_state().dialect, "no such operation of models", name=operation)
    state = current_state()
    config = {
        **config,
        "party_id": str(config["party_id"]),
        "model_version": str(config["model_version"]),
    }
    party = Party.of(config["role"], config["party_id"])
    named = f"{party.role}#{party.party_id}#{config['model_id']}"
    if operation == "import":
        upload = request.files.get("file")
        if not state.dialect.reworked:
            return _import_once(state, config, upload)
        if upload is None:
            raise HttpRefusal(400, "`file` is required.")
        stamp = hashlib.sha256(f"{named}{state.clock.now()}".encode()).hexdigest()[:32]
        temporary = f"{state.models.root}/temp/{stamp}"
        return success(import_later(state.models, config, upload.stream, temporary))
    if operation == "export":
        if state.dialect.reworked:
            check_folder(
                *(config[name] for name in ("role", "party_id", "model_id", "model_version"))
            )
        cache = state.models.cache(party, config["model_id"], config["model_version"])
        if cache is None:
            version = config["model_version"]
            raise refusal(state.dialect, "no such model to export", model=named, version=version)
        name = f"{named}_{config['model_version']}.zip"
        return file_response(later_pack(cache, state.models), name, "application/zip")
    job_id, data = state.jobs.submit(
        *later_model_access(operation, config, hashed=state.dialect.reworked)
    )
    return success(data, job_id=job_id)
