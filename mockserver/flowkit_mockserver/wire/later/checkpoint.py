"""checkpoint/…: the models that components saved while they trained."""

from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, Response

from flowkit_mockserver.errors import HttpRefusal, check_config
from flowkit_mockserver.http.envelope import request_json, success
from flowkit_mockserver.models.cache import STEP_NAME, Checkpoint, buffers_of
from flowkit_mockserver.models.files.checkpoints import checkpoint_entry
from flowkit_mockserver.party import Party
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("later_checkpoint", __name__, url_prefix="/checkpoint")

_NEEDED = ("role", "party_id", "model_id", "model_version", "component_name")
#: Whose checkpoints are meant when the request names no component; it has none.
_PIPELINE = "pipeline"


def _find() -> tuple[dict[str, Any], list[Checkpoint]]:
    config = request_json()
    try:
        check_config(config, _NEEDED)
    except (TypeError, KeyError) as error:
        raise HttpRefusal(400, str(error)) from error
    _check_path(config)
    party = Party.of(config["role"], config["party_id"])
    cache = current_state().models.cache(party, config["model_id"], config["model_version"])
    return config, [] if cache is None else cache.checkpoints.get(
        config["component_name"] or _PIPELINE, []
    )


def _check_path(config: dict[str, Any]) -> None:
    """Refuse what makes no path of a folder of checkpoints.

    Raises:
        TypeError: a part of the path is no text; the text is that of the real server's own error.
    """
    model_id = config["model_id"]
    party_model = "#".join((config["role"], "", model_id)) if model_id else None
    for part in (party_model, config["model_version"], config["component_name"] or _PIPELINE):
        if not isinstance(part, str):
            kind = type(part).__name__
            raise TypeError(f"unsupported operand type(s) for /: 'PosixPath' and '{kind}'")


@blueprint.post("/list")
def list_checkpoints() -> Response:
    """List the checkpoints of a component, oldest first (POST checkpoint/list)."""
    _, saved = _find()
    return success([checkpoint_entry(checkpoint) for checkpoint in saved])


@blueprint.post("/get")
def get_checkpoint() -> Response:
    """Return the buffers of a checkpoint, by its index or name (POST checkpoint/get)."""
    config, saved = _find()
    if "step_index" in config:
        try:
            wanted = int(config["step_index"])
        except (TypeError, ValueError) as error:
            raise HttpRefusal(400, "Invalid 'step_index'") from error
        saved = [checkpoint for checkpoint in saved if checkpoint["step_index"] == wanted]
    elif "step_name" not in config:
        raise HttpRefusal(400, "'step_index' or 'step_name' is required")
    else:
        # The real server looks the name up, which fails on what cannot be a key.
        saved = {STEP_NAME: saved}.get(config["step_name"], [])
    if not saved:
        raise HttpRefusal(404, "The checkpoint was not found.")
    # Of those with one name the real server finds the last.
    content = buffers_of(saved[-1]["model"])
    buffers = {name: base64.b64encode(data).decode() for name, data in content.items()}
    return success({**checkpoint_entry(saved[-1]), "models": buffers})
