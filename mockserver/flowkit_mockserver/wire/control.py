"""The mock's own API below ``/_flowkit``: look at it, move time, order failures, start over.

It answers this machine only, and only what a script sends: a web page in a browser here cannot
reach it, because it wants a JSON content type and a `Host` that is this machine's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from flowkit_mockserver.errors import HttpRefusal, Refusal
from flowkit_mockserver.http.envelope import error_response, request_json, success
from flowkit_mockserver.state import ServerState
from flowkit_mockserver.wire.dispatch import current_state

__all__ = ["blueprint"]

blueprint = Blueprint("control", __name__, url_prefix="/_flowkit")

Action = Callable[[ServerState, dict[str, Any]], dict[str, Any] | None]


def _local(address: str | None) -> bool:
    """Return whether an address or host name is this machine's own."""
    if address in ("localhost", "flowkit.mock"):
        return True
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _host_name() -> str:
    host = request.host
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _control(action: Action) -> Callable[[], Response]:
    """Return a view around an action: who may ask, and how refusals look."""

    @wraps(action)
    def answer() -> Response:
        if not (_local(request.remote_addr) and _local(_host_name())):
            return error_response(403, "the control API answers this machine only")
        state = current_state()
        try:
            config = request_json() if request.method == "POST" else {}
            if not isinstance(config, dict):
                raise HttpRefusal(400, "send a JSON object with content type application/json")
            with state.lock:
                try:
                    state.jobs.settle()
                    return success(action(state, config))
                finally:
                    state.store.commit()
        except HttpRefusal as refusal:
            return error_response(refusal.code, refusal.retmsg)
        except Refusal as refusal:
            return error_response(400, refusal.retmsg)
        except HTTPException:
            return error_response(400, "the body is not JSON")
        except (TypeError, ValueError) as error:
            return error_response(400, str(error))

    return answer


@blueprint.get("")
@_control
def status(state: ServerState, config: dict[str, Any]) -> dict[str, Any]:
    """Say how things are (GET /_flowkit)."""
    return {
        "now": state.clock.now(),
        "pace": state.settings.pace,
        "seed": state.settings.seed,
        "data": str(state.settings.data) if state.settings.data else None,
        "allow_paths": [str(path) for path in state.settings.allow_paths],
        "jobs": len(state.store.collection("jobs")),
        "tables": len(state.tables),
        "models": len(state.store.collection("models")),
    }


@blueprint.post("/advance")
@_control
def advance(state: ServerState, config: dict[str, Any]) -> dict[str, Any]:
    """Move time on by `seconds` (POST /_flowkit/advance)."""
    state.clock.advance(float(_require(config, "seconds")))
    state.jobs.settle()
    return {"now": state.clock.now()}


@blueprint.post("/fail")
@_control
def fail(state: ServerState, config: dict[str, Any]) -> None:
    """Let a component fail, on one role or party or the first (POST /_flowkit/fail)."""
    state.faults.fail_component(
        str(_require(config, "component")),
        str(_require(config, "message")),
        role=config.get("role"),
        party_id=config.get("party_id"),
        times=config.get("times"),
    )


@blueprint.post("/refuse")
@_control
def refuse(state: ServerState, config: dict[str, Any]) -> None:
    """Let requests fail with an HTTP status (POST /_flowkit/refuse)."""
    times = config.get("times", 1)
    state.faults.fail_requests(
        str(config.get("path", "*")),
        int(config.get("status", 503)),
        times=None if times is None else int(times),
        retry_after=config.get("retry_after"),
    )


@blueprint.post("/reset")
@_control
def reset(state: ServerState, config: dict[str, Any]) -> None:
    """Forget everything (POST /_flowkit/reset)."""
    state.reset()


def _require(config: dict[str, Any], name: str) -> Any:
    if name not in config:
        raise HttpRefusal(400, f"{name} is missing")
    return config[name]
