"""component/…: which components there are, and what can be made of their models."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.dialects.answers import refusal
from flowkit_mockserver.dsl.conf import copy_tree
from flowkit_mockserver.errors import HttpRefusal, Refusal, check_config
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.cache import ModelCache, ModelDocument
from flowkit_mockserver.models.files.naming import check_folder
from flowkit_mockserver.models.hetero_merge import FORMATS, merge_models
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import current_state
from flowkit_mockserver.wire.later.column_values import compared

__all__ = ["blueprint"]

blueprint = Blueprint("later_component", __name__, url_prefix="/component")

#: The check of single components calls a function that wants more arguments than it is given.
_BROKEN = (
    "validate_component_param() missing 4 required positional arguments: "
    "'provider_version', 'provider_detail', 'local_role', and 'local_party_id'"
)
_CONF_KEYS = {
    1: ("role", "role_parameters", "algorithm_parameters"),
    2: ("role", "component_parameters"),
}


@blueprint.post("/get")
def components() -> Response:
    """Name all components (POST component/get)."""
    return success(current_state().jobs.providers.components())


@blueprint.post("/<name>/get")
def component(name: str) -> Response:
    """Show one component (POST component/NAME/get)."""
    return success(current_state().jobs.providers.components().get(name))


@blueprint.post("/validate")
def validate() -> Response:
    """Fail to check the parameters of a component, as the real server does (POST component/validate)."""
    config = request_json()
    if not config or not isinstance(config, dict):
        raise refusal(current_state().dialect, "bad component")
    version = int(config.get("dsl_version", 0))
    if version not in _CONF_KEYS:
        raise Refusal(f"{version} version of dsl parser is not currently supported.")
    try:
        check_config(config, ("component_name", "component_module_name", *_CONF_KEYS[version]))
    except KeyError as error:
        raise HttpRefusal(400, str(error)) from error
    raise HttpRefusal(400, _BROKEN)


def _model(role: str, party_id: Any, config: dict[str, Any]) -> tuple[ModelCache, ModelDocument]:
    """Return one party's part of a model and what the component saved in it.

    Raises:
        KeyError: there is none; in the words of the server.
        AttributeError, TypeError: what is given names no model.
    """
    check_folder(role, party_id, config["model_id"], config["model_version"])
    cache = current_state().models.cache(
        Party.of(role, party_id), config["model_id"], config["model_version"]
    )
    if cache is None:
        raise KeyError("model_proto")
    saved = cache.components.get(config["component_name"])
    if saved is None:
        raise KeyError('Failed to detect "model_alias", please specify it manually.')
    return cache, next(iter(saved["models"].values()))


@blueprint.post("/hetero/merge")
def merge() -> Response:
    """Make one model of those of guest and hosts (POST component/hetero/merge)."""
    config = request_json()
    _, guest = _model("guest", config["guest_party_id"], config)
    hosts = [_model("host", party, config)[1] for party in config["host_party_ids"]]
    if not hosts:
        raise HttpRefusal(400, "Invalid host models.")
    kind, form = config["model_type"], config["output_format"]
    if form not in FORMATS:
        raise ValueError(f"unknown output format: {form}")
    merged = merge_models(
        guest,
        hosts,
        model_type=kind,
        output_format=form,
        target=config.get("target_name", "y"),
        rename_hosts=bool(config.get("host_rename", False)),
        with_guest=bool(config.get("include_guest_coef", False)),
    )
    return success(merged)


@blueprint.post("/woe_array/extract")
def extract_woe() -> Response:
    """Return the weights of evidence that a guest learned for its hosts (POST component/woe_array/extract)."""
    config = request_json()
    if config["role"] != "guest":
        raise HttpRefusal(400, "Only support guest role.")
    _, model = _model("guest", config["party_id"], config)
    param = model["param"]
    # Those of the first host only, which a model that is none of binning has not.
    first = (param.get("hostResults") or param.get("host_results") or [])[0]
    bins = first.get("binningResult") or {}
    return success({name: {"woeArray": one.get("woeArray", [])} for name, one in bins.items()})


@blueprint.post("/woe_array/merge")
def merge_woe() -> Response:
    """Put weights of evidence into the model of a host, as a new version (POST component/woe_array/merge)."""
    config = request_json()
    if config["role"] != "host":
        raise HttpRefusal(400, "Only support host role.")
    name = config["component_name"]
    try:
        cache, model = _model(
            "host", config["party_id"], {**config, "component_name": compared(name)}
        )
    except KeyError as error:
        raise HttpRefusal(404, "Component not found.") from error
    models = current_state().models
    changed = copy_tree(dict(model))
    bins = (changed["param"].get("binningResult") or {}).get("binningResult") or {}
    header, anonymous = (changed["param"].get(part, []) for part in ("header", "headerAnonymous"))
    names = dict(zip(header, anonymous, strict=False))
    for column, own in bins.items():
        with suppress(KeyError):
            own["woeArray"] = config["woe_array"][names[column]]["woeArray"]
    version = models.new_id()
    entry = cache.components[name]
    alias = next(iter(entry["models"]))
    fresh = ModelCache(cache.party, cache.model_id, version, cache.pipeline)
    fresh.put_model(name, entry["module"], alias, changed)
    models.caches.put(fresh)
    return success(
        {
            "component_name": name,
            "model_id": cache.model_id,
            "model_version": version,
            "party_id": cache.party.party_id,
            "role": cache.party.role,
        }
    )
