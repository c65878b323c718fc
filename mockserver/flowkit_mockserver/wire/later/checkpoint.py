"""checkpoint/…: the models that components saved while they trained."""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.errors import HttpRefusal, check_config
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.cache import ModelCache, buffers_of
from flowkit_mockserver.models.files.checkpoints import checkpoint_entries
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("later_checkpoint", __name__, url_prefix="/checkpoint")

_NEEDED = ("role", "party_id", "model_id", "model_version", "component_name")


def _find() -> tuple[dict[str, Any], ModelCache | None]:
    config = request_json()
    try:
        check_config(config, _NEEDED)
    except (TypeError, KeyError) as error:
        raise HttpRefusal(400, str(error)) from error
    party = Party.of(config["role"], config["party_id"])
    cache = current_state().models.cache(party, config["model_id"], config["model_version"])
    return config, cache


@blueprint.post("/list")
def list_checkpoints() -> Response:
    """List the checkpoints of a component, oldest first (POST checkpoint/list)."""
    config, cache = _find()
    return success([] if cache is None else checkpoint_entries(cache, config["component_name"]))


@blueprint.post("/get")
def get_checkpoint() -> Response:
    """Return the buffers of a checkpoint, by its index or name (POST checkpoint/get)."""
    config, cache = _find()
    component = config["component_name"]
    entries = [] if cache is None else checkpoint_entries(cache, component)
    if "step_index" in config:
        try:
            wanted = int(config["step_index"])
        except (TypeError, ValueError) as error:
            raise HttpRefusal(400, "Invalid 'step_index'") from error
        entries = [entry for entry in entries if entry["step_index"] == wanted]
    elif "step_name" in config:
        entries = [entry for entry in entries if entry["step_name"] == config["step_name"]]
    else:
        raise HttpRefusal(400, "'step_index' or 'step_name' is required")
    if not entries or cache is None:
        raise HttpRefusal(404, "The checkpoint was not found.")
    model = next(iter(cache.components[component]["models"].values()))
    buffers = {name: base64.b64encode(data).decode() for name, data in buffers_of(model).items()}
    return success({**entries[-1], "models": buffers})
